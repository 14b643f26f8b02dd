//! The column of legends right of the box.

use crate::model::FieldKind;

use super::super::palette::{self, Colour, GREY, INK};
use super::super::{Colouring, View, Viewport, tick_step};
use super::{Mark, number, shortened, text};

/// Width of the column's contents, in letter sizes.
const WIDTH: f32 = 10.6;
/// Height of a colour bar, in letter sizes.
const BAR_HEIGHT: f32 = 10.0;
/// Height of a cell type's line, in letter sizes.
const LINE_HEIGHT: f32 = 1.6;
/// From the top of a legend to its first line or bar, in letter sizes: title and unit.
const HEAD_HEIGHT: f32 = 3.0;
/// Between two legends, in letter sizes.
const GAP: f32 = 1.9;

/// What the legend's numbers are in.
const fn unit(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Ecm => "1 = 2 mg/mL collagen",
        FieldKind::Fak | FieldKind::Mmp | FieldKind::Tgfb => "relative",
        FieldKind::Drug | FieldKind::DrugBound | FieldKind::Oxygen | FieldKind::Attractant => {
            kind.unit()
        }
    }
}

/// One legend.
enum Legend<'a> {
    Bar {
        title: &'a str,
        unit: &'a str,
        bounds: [f64; 2],
        colours: Vec<Colour>,
    },
    Types(&'a [String]),
}

impl Legend<'_> {
    /// Height, in letter sizes.
    fn height(&self) -> f32 {
        match self {
            Legend::Bar { .. } => HEAD_HEIGHT + BAR_HEIGHT,
            Legend::Types(names) => HEAD_HEIGHT - 1.2 + LINE_HEIGHT * names.len() as f32,
        }
    }
}

pub(super) fn column(
    view: &View,
    viewport: &Viewport,
    letter: f32,
    cell_types: &[String],
) -> Vec<Mark> {
    let mut legends = Vec::new();
    if let Some(kind) = view.field {
        legends.push(Legend::Bar {
            title: kind.title(),
            unit: unit(kind),
            bounds: view.field_bounds(),
            colours: palette::field_table(kind).to_vec(),
        });
    }
    let shown = &cell_types[..cell_types.len().min(palette::CELL_TYPES.len())];
    if view.cells && view.colouring != Colouring::Type {
        legends.push(Legend::Bar {
            title: view.colouring.title(),
            unit: view.colouring.unit(),
            bounds: view.cell_bounds(),
            colours: palette::cell_table(view.colouring).to_vec(),
        });
    } else if view.cells && !shown.is_empty() {
        legends.push(Legend::Types(shown));
    }

    let total: f32 = legends
        .iter()
        .map(|legend| letter * (legend.height() + GAP))
        .sum();
    // Level with the box, unless the box is so low that the column would run out of the picture.
    let lowest_start = view.size_px[1] as f32 - total;
    let mut top = (viewport.min_px[1] as f32)
        .min(lowest_start)
        .max(0.5 * letter);
    let left = viewport.max_px[0] as f32 + 1.2 * letter;
    let mut marks = Vec::new();
    for legend in &legends {
        match legend {
            Legend::Bar {
                title,
                unit,
                bounds,
                colours,
            } => marks.extend(bar([left, top], letter, title, unit, *bounds, colours)),
            Legend::Types(names) => marks.extend(types([left, top], letter, names)),
        }
        top += letter * (legend.height() + GAP);
    }
    marks
}

fn head([left, top]: [f32; 2], letter: f32, title: &str, unit: &str) -> Vec<Mark> {
    let room = WIDTH * letter;
    let mut marks = vec![text(
        [left, top + 0.5 * letter],
        letter,
        INK,
        shortened(title, letter, room),
    )];
    if !unit.is_empty() {
        let size = 0.85 * letter;
        marks.push(text(
            [left, top + 1.8 * letter],
            size,
            GREY,
            shortened(unit, size, room),
        ));
    }
    marks
}

fn bar(
    [left, top]: [f32; 2],
    letter: f32,
    title: &str,
    unit: &str,
    [lo, hi]: [f64; 2],
    colours: &[Colour],
) -> Vec<Mark> {
    let mut marks = head([left, top], letter, title, unit);
    let min = [left.round(), (top + HEAD_HEIGHT * letter).round()];
    let max = [
        (left + 1.4 * letter).round(),
        (top + (HEAD_HEIGHT + BAR_HEIGHT) * letter).round(),
    ];
    let edge = (letter / 20.0).round().max(1.0);
    marks.push(Mark::Rect {
        min: [min[0] - edge, min[1] - edge],
        max: [max[0] + edge, max[1] + edge],
        fill: GREY,
    });
    marks.push(Mark::Gradient {
        min,
        max,
        colours: colours.to_vec(),
    });
    if hi <= lo {
        return marks;
    }
    let step = tick_step(hi - lo, 5);
    let first = (lo / step - 1e-6).ceil() as i64;
    let last = (hi / step + 1e-6).floor() as i64;
    for tick in first..=last {
        let value = tick as f64 * step;
        let share = ((value - lo) / (hi - lo)) as f32;
        let y = max[1] - share * (max[1] - min[1]);
        marks.push(Mark::Line {
            from: [max[0] + edge, y],
            to: [max[0] + edge + 0.4 * letter, y],
            width: edge,
            colour: GREY,
        });
        let size = 0.85 * letter;
        marks.push(text([max[0] + 0.75 * letter, y], size, INK, number(value)));
    }
    marks
}

fn types([left, top]: [f32; 2], letter: f32, names: &[String]) -> Vec<Mark> {
    let mut marks = head([left, top], letter, Colouring::Type.title(), "");
    for (i, name) in names.iter().enumerate() {
        let y = top + letter * (HEAD_HEIGHT - 0.9 + LINE_HEIGHT * i as f32);
        let colour = palette::CELL_TYPES[i % palette::CELL_TYPES.len()];
        let centre = [left + 0.5 * letter, y];
        for (radius, fill) in [
            (0.5 * letter, colour.map(|c| (f32::from(c) * 0.45) as u8)),
            (0.4 * letter, colour),
        ] {
            marks.push(Mark::Disc {
                centre,
                radius,
                fill,
            });
        }
        let room = (WIDTH - 1.6) * letter;
        marks.push(text(
            [left + 1.5 * letter, y],
            letter,
            INK,
            shortened(name, letter, room),
        ));
    }
    marks
}
