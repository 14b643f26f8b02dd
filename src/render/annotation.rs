//! The marks around a picture: scale bar, clock, dose, legends, caption. Plain data in pixels, drawn into images by
//! [`super::lettering`] and over a window by its own means.

mod gizmo;
mod legend;
mod number;

pub use number::number;
// What the window lays out by itself.
#[cfg(feature = "viewer")]
pub(crate) use {
    gizmo::axes,
    legend::{Legend, legends},
};

use crate::model::Grid;

use super::lettering::text_width;
use super::palette::{Colour, GREY, INK};
use super::viewport::letter_px;
use super::{View, Viewport};

/// Which point of a line of text its position names; the height is always the middle of the capitals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The left end.
    Left,
    /// The middle.
    Middle,
    /// The right end.
    Right,
}

/// One thing to draw, in pixels from the upper left corner of the picture.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// A filled rectangle.
    Rect {
        /// Upper left corner.
        min: [f32; 2],
        /// Lower right corner.
        max: [f32; 2],
        /// Colour.
        fill: Colour,
    },
    /// A line with square ends.
    Line {
        /// One end.
        from: [f32; 2],
        /// The other end.
        to: [f32; 2],
        /// Width.
        width: f32,
        /// Colour.
        colour: Colour,
    },
    /// A filled disc.
    Disc {
        /// Centre.
        centre: [f32; 2],
        /// Radius.
        radius: f32,
        /// Colour.
        fill: Colour,
    },
    /// A line of text.
    Text {
        /// Position of the anchor.
        at: [f32; 2],
        /// Which point of the text is there.
        anchor: Anchor,
        /// Size of the letters (em square).
        size: f32,
        /// Colour.
        colour: Colour,
        /// The text.
        text: String,
    },
    /// A bar of colours from bottom to top.
    Gradient {
        /// Upper left corner.
        min: [f32; 2],
        /// Lower right corner.
        max: [f32; 2],
        /// Colours, the lowest first.
        colours: Vec<Colour>,
    },
}

/// What the marks say besides what the view knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Labels {
    /// Time since the start, h.
    pub time_h: f64,
    /// What is given, e.g. `Defactinib in bath: 100 nM`; nothing if empty.
    pub dose: String,
    /// Names of the cell types, in the order in which cells name them.
    pub cell_types: Vec<String>,
    /// One line below the picture, e.g. `Prediction, not a measurement`; nothing if empty.
    pub caption: String,
}

/// The marks of a view with margins ([`View::margins`]). The view's range must be settled ([`View::settled`]).
pub fn annotate(view: &View, grid: &Grid, labels: &Labels) -> Vec<Mark> {
    let letter = letter_px(view.size_px);
    let viewport = view.viewport(grid);
    let mut marks = match view.space(grid) {
        None => frame_lines(&viewport, letter),
        Some(space) => gizmo::axes(space, &viewport, letter),
    };
    marks.extend(head(view, &viewport, letter, labels));
    let in_perspective = (view.space(grid)).is_some_and(|space| space.camera.perspective);
    marks.extend(scale_bar(&viewport, letter, in_perspective));
    marks.extend(caption(view, &viewport, letter, &labels.caption));
    marks.extend(legend::column(
        view,
        grid,
        &viewport,
        letter,
        &labels.cell_types,
    ));
    marks
}

/// The longest round length that takes at most a quarter of a width: 1, 2 or 5 times a power of ten, µm.
pub(crate) fn scale_bar_um(width_um: f64) -> f64 {
    let longest = 0.25 * width_um;
    let decade = 10.0_f64.powi(longest.log10().floor() as i32);
    // The last bit of a quotient must not lose a length that just fits.
    let mantissa = longest / decade * (1.0 + 1e-9);
    decade
        * [5.0, 2.0]
            .into_iter()
            .find(|&step| step <= mantissa)
            .unwrap_or(1.0)
}

fn frame_lines(viewport: &Viewport, letter: f32) -> Vec<Mark> {
    let [x0, y0] = viewport.min_px.map(|v| v as f32);
    let [x1, y1] = viewport.max_px.map(|v| v as f32);
    let width = (letter / 14.0).round().max(1.0);
    let out = 0.5 * width;
    let line = |from: [f32; 2], to: [f32; 2]| Mark::Line {
        from,
        to,
        width,
        colour: GREY,
    };
    vec![
        line([x0 - width, y0 - out], [x1 + width, y0 - out]),
        line([x0 - width, y1 + out], [x1 + width, y1 + out]),
        line([x0 - out, y0], [x0 - out, y1]),
        line([x1 + out, y0], [x1 + out, y1]),
    ]
}

fn head(view: &View, viewport: &Viewport, letter: f32, labels: &Labels) -> Vec<Mark> {
    let left = viewport.min_px[0] as f32;
    let middle = viewport.min_px[1] as f32 - 1.3 * letter;
    let size = 1.35 * letter;
    let clock = format!("{:.1} h", labels.time_h);
    let dose_left = left + text_width(&clock, size) + 1.5 * letter;
    let room = view.size_px[0] as f32 - dose_left - letter;
    let mut marks = vec![text([left, middle], size, INK, clock)];
    if !labels.dose.is_empty() {
        marks.push(text(
            [dose_left, middle],
            letter,
            INK,
            shortened(&labels.dose, letter, room),
        ));
    }
    marks
}

fn scale_bar(viewport: &Viewport, letter: f32, in_perspective: bool) -> Vec<Mark> {
    let [x0, x1] = [viewport.min_px[0] as f32, viewport.max_px[0] as f32];
    let length_um = scale_bar_um(f64::from(x1 - x0) * viewport.um_per_px);
    let length = (length_um / viewport.um_per_px) as f32;
    let middle = viewport.max_px[1] as f32 + 1.2 * letter;
    let mut label = if length_um >= 1000.0 {
        format!("{} mm", number(length_um / 1000.0))
    } else {
        format!("{} µm", number(length_um))
    };
    if in_perspective {
        label += " in the middle";
    }
    vec![
        Mark::Line {
            from: [x0, middle],
            to: [x0 + length, middle],
            width: (0.3 * letter).round(),
            colour: INK,
        },
        text([x0 + length + 0.6 * letter, middle], letter, INK, label),
    ]
}

fn caption(view: &View, viewport: &Viewport, letter: f32, caption: &str) -> Option<Mark> {
    if caption.is_empty() {
        return None;
    }
    let left = viewport.min_px[0] as f32;
    let size = 0.8 * letter;
    let room = view.size_px[0] as f32 - left - letter;
    Some(text(
        [left, viewport.max_px[1] as f32 + 3.0 * letter],
        size,
        GREY,
        shortened(caption, size, room),
    ))
}

fn text(at: [f32; 2], size: f32, colour: Colour, text: impl Into<String>) -> Mark {
    Mark::Text {
        at,
        anchor: Anchor::Left,
        size,
        colour,
        text: text.into(),
    }
}

/// A text, cut and ended with an ellipsis where it is wider than its room.
pub(super) fn shortened(text: &str, size: f32, room: f32) -> String {
    if text_width(text, size) <= room {
        return text.to_owned();
    }
    let mut kept = text.to_owned();
    while kept.pop().is_some() && text_width(&kept, size) + text_width("…", size) > room {}
    kept.truncate(kept.trim_end().len());
    kept + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scale_bars_have_round_lengths() {
        assert!((scale_bar_um(1900.0) - 200.0).abs() < 1e-9);
        assert!((scale_bar_um(800.0) - 200.0).abs() < 1e-9);
        assert!((scale_bar_um(790.0) - 100.0).abs() < 1e-9);
        assert!((scale_bar_um(2100.0) - 500.0).abs() < 1e-9);
        assert!((scale_bar_um(100.0) - 20.0).abs() < 1e-9);
    }

    #[test]
    fn a_long_text_is_cut_to_its_room() {
        let cut = shortened("a rather long caption", 12.0, 60.0);
        assert!(cut.ends_with('…') && text_width(&cut, 12.0) <= 60.0);
    }
}
