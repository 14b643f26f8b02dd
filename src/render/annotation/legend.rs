//! The column of legends right of the box.

use crate::model::{FieldKind, Grid};
use crate::state::Phase;

use super::super::difference::Compared;
use super::super::palette::{self, Colour, GREY, INK};
use super::super::{CellShape, Colouring, View, Viewport, tick_step};
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

/// Title and unit of the field's legend.
fn field_head(view: &View, grid: &Grid, kind: FieldKind) -> (String, &'static str) {
    match view.difference {
        None => (kind.title().to_string(), unit(kind)),
        Some(Compared::Field(kind)) => (format!("Δ {}", kind.title()), unit(kind)),
        Some(Compared::Cells) if grid.dimensions == 3 => ("Δ Cells".into(), "per 10⁵ µm³"),
        Some(Compared::Cells) => ("Δ Cells".into(), "per 1000 µm²"),
    }
}

/// One legend.
pub(crate) enum Legend {
    Bar {
        title: String,
        unit: &'static str,
        bounds: [f64; 2],
        colours: Vec<Colour>,
        /// Levels that have a contour.
        contours: Option<f64>,
    },
    Names {
        title: &'static str,
        names: Vec<(Colour, String)>,
    },
    Note {
        title: &'static str,
        lines: &'static [&'static str],
    },
}

impl Legend {
    /// Height, in letter sizes.
    fn height(&self) -> f32 {
        match self {
            Legend::Bar { .. } => HEAD_HEIGHT + BAR_HEIGHT,
            Legend::Names { names, .. } => HEAD_HEIGHT - 1.2 + LINE_HEIGHT * names.len() as f32,
            Legend::Note { lines, .. } => 0.5 + 1.2 * lines.len() as f32,
        }
    }
}

/// The legends of a view, from top to bottom.
pub(crate) fn legends(view: &View, grid: &Grid, cell_types: &[String]) -> Vec<Legend> {
    let mut legends = Vec::new();
    if let Some(kind) = view.field.filter(|_| view.shows_field(grid)) {
        let (title, unit) = field_head(view, grid, kind);
        legends.push(Legend::Bar {
            title,
            unit,
            bounds: view.field_bounds(),
            colours: view.field_table().to_vec(),
            contours: view.contour_step(),
        });
    }
    if view.difference.is_some() {
        legends.push(Legend::Note {
            title: "Difference",
            lines: &["treated − vehicle"],
        });
    }
    if !view.cells {
        return legends;
    }
    let title = view.colouring.title();
    match view.colouring {
        Colouring::Type => {
            let names = palette::CELL_TYPES
                .into_iter()
                .zip(cell_types.iter().cloned());
            legends.push(Legend::Names {
                title,
                names: names.collect(),
            });
        }
        Colouring::Phase => {
            let all = Phase::ALL.into_iter().zip(palette::PHASES);
            let named = all.filter(|(p, _)| view.phases.is_empty() || view.phases.contains(p));
            legends.push(Legend::Names {
                title,
                names: named.map(|(p, c)| (c, p.name().to_string())).collect(),
            });
        }
        Colouring::Lineage => legends.push(Legend::Note {
            title,
            lines: &["one colour a family", "(seven in turn);", "grey: dying"],
        }),
        _ => legends.push(Legend::Bar {
            title: title.to_string(),
            unit: view.colouring.unit(),
            bounds: view.cell_bounds(),
            colours: palette::cell_table(view.colouring).to_vec(),
            contours: None,
        }),
    }
    if view.shape == CellShape::Elongated && view.space(grid).is_none() {
        legends.push(Legend::Note {
            title: "Cell length",
            lines: &["longer = faster"],
        });
    }
    legends.retain(|legend| !matches!(legend, Legend::Names { names, .. } if names.is_empty()));
    legends
}

pub(super) fn column(
    view: &View,
    grid: &Grid,
    viewport: &Viewport,
    letter: f32,
    cell_types: &[String],
) -> Vec<Mark> {
    let legends = legends(view, grid, cell_types);
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
        let at = [left, top];
        match legend {
            Legend::Bar {
                title,
                unit,
                bounds,
                colours,
                contours,
            } => marks.extend(bar(at, letter, (title, unit), *bounds, colours, *contours)),
            Legend::Names { title, names } => marks.extend(swatches(at, letter, title, names)),
            Legend::Note { title, lines } => marks.extend(note(at, letter, title, lines)),
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
    (title, unit): (&str, &str),
    [lo, hi]: [f64; 2],
    colours: &[Colour],
    contours: Option<f64>,
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
        if contours.is_some() && value > lo + 0.5 * step && tick != 0 {
            marks.push(Mark::Rect {
                min: [min[0], y - 0.5 * edge],
                max: [max[0], y + 0.5 * edge],
                fill: INK,
            });
        }
        let size = 0.85 * letter;
        marks.push(text([max[0] + 0.75 * letter, y], size, INK, number(value)));
    }
    marks
}

fn note([left, top]: [f32; 2], letter: f32, title: &str, lines: &[&str]) -> Vec<Mark> {
    let mut marks = head([left, top], letter, title, "");
    let size = 0.85 * letter;
    for (i, line) in lines.iter().enumerate() {
        let y = top + letter * (1.8 + 1.2 * i as f32);
        marks.push(text(
            [left, y],
            size,
            GREY,
            shortened(line, size, WIDTH * letter),
        ));
    }
    marks
}

fn swatches(
    [left, top]: [f32; 2],
    letter: f32,
    title: &str,
    names: &[(Colour, String)],
) -> Vec<Mark> {
    let mut marks = head([left, top], letter, title, "");
    for (i, (colour, name)) in names.iter().enumerate() {
        let y = top + letter * (HEAD_HEIGHT - 0.9 + LINE_HEIGHT * i as f32);
        let centre = [left + 0.5 * letter, y];
        for (radius, fill) in [
            (0.5 * letter, colour.map(|c| (f32::from(c) * 0.45) as u8)),
            (0.4 * letter, *colour),
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
