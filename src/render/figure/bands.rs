//! Lines with the band that each may lie in, on paper with a head and a foot.

use svg::node::element::Circle;

use super::super::annotation::{Anchor, shortened};
use super::super::palette::INK;
use super::axes::{Axes, Frame, is_drawn};
use super::lines::{Colours, style};
use super::{Canvas, Figure, Notes, SIZE, hex, path, px};

/// Upper left corner of the plot, px.
const MIN: [f64; 2] = [124.0, 112.0];
/// Its lower end, and its right one without a legend and with one, px.
const BASE: f64 = 632.0;
const RIGHT: f64 = 1240.0;
const RIGHT_OF_MANY: f64 = 980.0;
const LETTER: f64 = 16.0;
/// A line of the legend, px.
const ROW: f64 = 26.0;
/// Lines that the legend has room for.
const MOST_ROWS: usize = 20;
/// A line with no more points shows each of them.
const MARKED: usize = 60;

/// A line and its band.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Band {
    /// What the legend calls it.
    pub label: String,
    /// Place, value, and lower and upper end of the band, by ascending place; what is not finite leaves a gap.
    pub points: Vec<[f64; 4]>,
}

/// What stands around a figure.
pub(super) struct Words<'a> {
    pub heading: &'a str,
    /// In the frame at the upper right.
    pub tag: &'a str,
    pub x: &'a str,
    pub y: &'a str,
    /// Above the line of the evidence.
    pub foot: &'a [&'a str],
}

/// Draws lines and bands.
pub(super) fn draw(bands: &[Band], words: &Words, colours: Colours, notes: &Notes) -> Figure {
    let mut canvas = Canvas::new();
    canvas.head(words.heading, notes, words.tag);
    let many = bands.len() > 1;
    let frame = Frame {
        min: MIN,
        max: [if many { RIGHT_OF_MANY } else { RIGHT }, BASE],
        letter: LETTER,
    };
    let points = bands.iter().flat_map(|band| &band.points);
    let axes = Axes::new(
        points.flat_map(|[x, value, low, high]| [[*x, *value], [*x, *low], [*x, *high]]),
        frame,
    );
    axes.draw(&mut canvas, words.x, words.y);
    for (i, band) in bands.iter().enumerate() {
        draw_band(&mut canvas, &axes, band, style(i, bands.len(), colours));
    }
    // The more lines, the more they cover of each other's bands: lines last.
    for (i, band) in bands.iter().enumerate() {
        draw_line(&mut canvas, &axes, band, style(i, bands.len(), colours));
    }
    if many {
        draw_legend(&mut canvas, bands, colours);
    }
    canvas.foot(words.foot, notes);
    canvas.finish()
}

/// Colour and dashes of a line.
type Style = (super::Colour, &'static str);

fn draw_band(canvas: &mut Canvas, axes: &Axes, band: &Band, (colour, _): Style) {
    let has_band = |[x, _, low, high]: &[f64; 4]| is_drawn(&[*x, *low]) && is_drawn(&[*x, *high]);
    for stretch in band.points.split(|point| !has_band(point)) {
        if stretch.len() < 2 {
            continue;
        }
        let mut outline: Vec<[f64; 2]> = stretch.iter().map(|p| axes.at([p[0], p[3]])).collect();
        outline.extend(stretch.iter().rev().map(|p| axes.at([p[0], p[2]])));
        let shape = path(&outline)
            .set("fill", hex(colour))
            .set("fill-opacity", 0.2);
        canvas.add(shape);
    }
}

fn draw_line(canvas: &mut Canvas, axes: &Axes, band: &Band, (colour, dashes): Style) {
    let points: Vec<[f64; 2]> = band.points.iter().map(|p| [p[0], p[1]]).collect();
    for stretch in points.split(|point| !is_drawn(point)) {
        let at: Vec<[f64; 2]> = stretch.iter().map(|point| axes.at(*point)).collect();
        if at.len() > 1 {
            let line = path(&at)
                .set("stroke", hex(colour))
                .set("stroke-width", 2.2)
                .set("stroke-linejoin", "round")
                .set("stroke-dasharray", dashes);
            canvas.add(line);
        }
        if points.len() <= MARKED || at.len() == 1 {
            for [x, y] in at {
                let disc = Circle::new()
                    .set("cx", px(x))
                    .set("cy", px(y))
                    .set("r", 3.2)
                    .set("fill", hex(colour));
                canvas.add(disc);
            }
        }
    }
}

fn draw_legend(canvas: &mut Canvas, bands: &[Band], colours: Colours) {
    let left = RIGHT_OF_MANY + 30.0;
    let room = f64::from(SIZE[0]) - left - 50.0;
    for (i, band) in bands.iter().enumerate().take(MOST_ROWS) {
        let (colour, dashes) = style(i, bands.len(), colours);
        let y = MIN[1] + 10.0 + ROW * i as f64;
        let swatch = path(&[[left, y], [left + 28.0, y]])
            .set("stroke", hex(colour))
            .set("stroke-width", 2.2)
            .set("stroke-dasharray", dashes);
        canvas.add(swatch);
        let label = shortened(&band.label, LETTER as f32, room as f32);
        canvas.text([left + 38.0, y + 5.5], Anchor::Left, LETTER, INK, &label);
    }
    if let Some(more) = bands.len().checked_sub(MOST_ROWS).filter(|n| *n > 0) {
        let y = MIN[1] + 15.5 + ROW * MOST_ROWS as f64;
        let text = format!("and {more} more");
        canvas.text([left + 38.0, y], Anchor::Left, LETTER, INK, &text);
    }
}
