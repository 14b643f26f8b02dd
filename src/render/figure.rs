//! Figures of results: an SVG document, and the same painted as PNG with the font that the program carries.

mod axes;
mod bands;
pub mod blot;
pub mod column;
pub mod course;
pub mod curve;
pub mod lines;
pub mod profile;

use std::sync::LazyLock;

use resvg::{tiny_skia, usvg};
use svg::Node;
use svg::node::element::{Element, Line, Path, Rectangle, Text};

use super::annotation::Anchor;
use super::lettering::FONT;
use super::palette::{Colour, GREY, INK, PAPER};
use crate::model::Model;
use crate::parameters::Evidence;

/// Width and height of a figure with a head and a foot, px.
pub const SIZE: [u32; 2] = [1280, 800];

/// What warns.
const WARNING: Colour = [176, 72, 0];

/// A finished figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    svg: String,
    size: [u32; 2],
}

static OPTIONS: LazyLock<usvg::Options<'static>> = LazyLock::new(|| {
    let mut options = usvg::Options {
        font_family: "DejaVu Sans".to_string(),
        ..usvg::Options::default()
    };
    options.fontdb_mut().load_font_data(FONT.to_vec());
    options
});

impl Figure {
    /// The document.
    pub fn svg(&self) -> &str {
        &self.svg
    }

    /// Painted, a pixel for each px.
    ///
    /// # Errors
    /// The document is not one: a bug.
    pub fn paint(&self) -> anyhow::Result<image::RgbaImage> {
        let tree = usvg::Tree::from_str(&self.svg, &OPTIONS)?;
        let [width, height] = self.size;
        let picture = tiny_skia::Pixmap::new(width, height).map(|mut pixels| {
            resvg::render(
                &tree,
                tiny_skia::Transform::identity(),
                &mut pixels.as_mut(),
            );
            pixels.take()
        });
        // On paper that is opaque, premultiplied colours are the colours.
        picture
            .and_then(|bytes| image::RgbaImage::from_raw(width, height, bytes))
            .ok_or_else(|| anyhow::anyhow!("a figure of {width} × {height} px has no memory"))
    }

    /// Writes it as PNG.
    ///
    /// # Errors
    /// See [`Self::paint`]; or the file cannot be written.
    pub fn write_png(&self, out: &mut dyn std::io::Write) -> anyhow::Result<()> {
        crate::export::image_png::encode(&self.paint()?, out)
    }
}

/// What every figure of a run says of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Notes {
    /// Title of the scenario.
    pub title: String,
    /// What is given.
    pub compound: String,
    /// Whether doses are nominal and not free levels.
    pub nominal_axis: bool,
    /// Parameters in use that are remembered (M) and that are design choices (D).
    pub unverified: [usize; 2],
}

impl Notes {
    /// The notes of a model.
    pub fn new(model: &Model) -> Self {
        let count = |tag: Evidence| {
            model
                .parameters_in_use()
                .filter(|e| e.evidence == tag)
                .count()
        };
        let series = model.series();
        Self {
            title: model.title().to_string(),
            compound: series.map_or(String::new(), |s| s.compound.clone()),
            nominal_axis: series.is_some_and(|s| s.nominal_axis),
            unverified: [count(Evidence::M), count(Evidence::D)],
        }
    }

    /// The line at the foot of a figure.
    fn evidence(&self) -> String {
        let [remembered, chosen] = self.unverified;
        format!(
            "Simulated by invado {}; not for clinical use. {} parameters in use are unverified ({remembered} remembered (M), {chosen} design choices (D)): see run.json.",
            env!("CARGO_PKG_VERSION"),
            remembered + chosen
        )
    }
}

/// A document that is being drawn. Positions in px from the upper left corner, y downward.
struct Canvas {
    document: svg::Document,
    size: [u32; 2],
}

impl Canvas {
    /// White paper of [`SIZE`].
    fn new() -> Self {
        let mut canvas = Self::bare(SIZE);
        canvas.rect([0.0, 0.0], SIZE.map(f64::from), PAPER);
        canvas
    }

    /// No paper.
    fn bare(size: [u32; 2]) -> Self {
        let [width, height] = size;
        let document = svg::Document::new()
            .set("width", width)
            .set("height", height)
            .set("viewBox", (0, 0, width, height))
            .set("font-family", "'DejaVu Sans', Verdana, sans-serif");
        Self { document, size }
    }

    fn add(&mut self, node: impl Into<Box<dyn Node>>) {
        self.document.append(node);
    }

    fn rect(&mut self, min: [f64; 2], size: [f64; 2], fill: Colour) {
        let rect = Rectangle::new()
            .set("x", px(min[0]))
            .set("y", px(min[1]))
            .set("width", px(size[0]))
            .set("height", px(size[1]))
            .set("fill", hex(fill));
        self.add(rect);
    }

    fn line(&mut self, from: [f64; 2], to: [f64; 2], width: f64, colour: Colour) {
        let line = Line::new()
            .set("x1", px(from[0]))
            .set("y1", px(from[1]))
            .set("x2", px(to[0]))
            .set("y2", px(to[1]))
            .set("stroke", hex(colour))
            .set("stroke-width", width);
        self.add(line);
    }

    /// A line of text on its baseline.
    fn text(&mut self, at: [f64; 2], anchor: Anchor, size: f64, colour: Colour, content: &str) {
        self.add(letters(at, anchor, size, colour, content));
    }

    /// Heading, the scenario's title, and what the figure is.
    fn head(&mut self, heading: &str, notes: &Notes, tag: &str) {
        let tag_width = width(tag, 15.0) + 28.0;
        let left = f64::from(SIZE[0]) - 40.0 - tag_width;
        let room = left - LEFT - 20.0;
        let heading = super::annotation::shortened(heading, 24.0, room as f32);
        let title = super::annotation::shortened(&notes.title, 15.0, room as f32);
        self.text([LEFT, 48.0], Anchor::Left, 24.0, INK, &heading);
        self.text([LEFT, 76.0], Anchor::Left, 15.0, GREY, &title);
        let frame = Rectangle::new()
            .set("x", px(left))
            .set("y", 26)
            .set("width", px(tag_width))
            .set("height", 32)
            .set("rx", 5)
            .set("fill", "none")
            .set("stroke", hex(WARNING))
            .set("stroke-width", 2);
        self.add(frame);
        let middle = left + 0.5 * tag_width;
        self.text([middle, 47.5], Anchor::Middle, 15.0, WARNING, tag);
    }

    /// Lines at the foot, the evidence last.
    fn foot(&mut self, lines: &[&str], notes: &Notes) {
        let evidence = notes.evidence();
        let all: Vec<&str> = lines.iter().copied().chain([evidence.as_str()]).collect();
        for (i, line) in all.iter().enumerate() {
            let up = (all.len() - 1 - i) as f64;
            let y = f64::from(SIZE[1]) - 20.0 - 20.0 * up;
            self.text([LEFT, y], Anchor::Left, 13.0, GREY, line);
        }
    }

    fn finish(self) -> Figure {
        Figure {
            svg: self.document.to_string(),
            size: self.size,
        }
    }
}

/// The lightest line of a grid.
pub const GRID: Colour = [228, 228, 228];

/// Left margin of headings and notes, px.
const LEFT: f64 = 40.0;

fn letters(at: [f64; 2], anchor: Anchor, size: f64, colour: Colour, content: &str) -> Text {
    Text::new(content)
        .set("x", px(at[0]))
        .set("y", px(at[1]))
        .set("font-size", size)
        .set("fill", hex(colour))
        .set(
            "text-anchor",
            match anchor {
                Anchor::Left => "start",
                Anchor::Middle => "middle",
                Anchor::Right => "end",
            },
        )
}

/// A path through points.
fn path(points: &[[f64; 2]]) -> Path {
    let steps: Vec<String> = (points.iter().enumerate())
        .map(|(i, [x, y])| format!("{}{:.2} {:.2}", if i == 0 { 'M' } else { 'L' }, x, y))
        .collect();
    Path::new().set("d", steps.join(" ")).set("fill", "none")
}

/// An element that the builder has no type for.
fn element(name: &str, attributes: &[(&str, &str)]) -> Element {
    let mut element = Element::new(name);
    for (key, value) in attributes {
        element.assign(*key, *value);
    }
    element
}

/// A position that is short in the file.
fn px(value: f64) -> f64 {
    (100.0 * value).round() / 100.0
}

/// A colour as figures name it, `#rrggbb`.
pub fn hex([r, g, b]: Colour) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn width(text: &str, size: f64) -> f64 {
    f64::from(super::lettering::text_width(text, size as f32))
}
