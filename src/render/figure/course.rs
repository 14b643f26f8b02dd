//! An observable over time: mean of replicates and the confidence of the mean, a line for each dose.

use super::super::annotation::number;
use super::bands::{Band, Words, draw as draw_bands};
use super::column::{Column, PREDICTION};
use super::lines::Colours;
use super::{Figure, Notes};
use crate::spread::Replicates;

/// The figure of a column, of cells under a drug where it is `given`; `None` where nothing changes and nothing scatters, and of what is never drawn.
pub fn draw(all: &[Replicates], column: usize, given: bool, notes: &Notes) -> Option<Figure> {
    let first = all.first()?;
    let what = Column::new(first.names.get(column)?)?;
    let bands: Vec<Band> = all.iter().map(|dose| band(dose, column)).collect();
    if bands.iter().all(is_flat) {
        return None;
    }
    let n = first
        .reports
        .iter()
        .flatten()
        .map(|s| s.n)
        .max()
        .unwrap_or(0);
    let wells = format!(
        "Lines: mean of {n} wells that differ in their seed alone. Shaded: 95 % confidence of the mean (Student's t)."
    );
    let scatter = "The band speaks of the scatter between simulated wells, not of what is unknown about the model and its parameters.";
    let words = Words {
        heading: &what.title(),
        tag: match what.tag == PREDICTION && given {
            true => "SIMULATED: A PREDICTION",
            false => "SIMULATED",
        },
        x: "Time (h)",
        y: what.axis,
        foot: &[&wells, scatter],
    };
    Some(draw_bands(&bands, &words, Colours::Doses, notes))
}

fn band(dose: &Replicates, column: usize) -> Band {
    let point = |(time_h, spread): (f64, crate::spread::Spread)| {
        let [low, high] = spread.ci95.unwrap_or([f64::NAN; 2]);
        [time_h, spread.mean, low, high]
    };
    Band {
        label: (dose.dose_nm).map_or(String::new(), |nm| format!("{} nM", number(nm))),
        points: dose.course(column).map(point).collect(),
    }
}

/// Whether there is one value throughout, or none.
fn is_flat(band: &Band) -> bool {
    let values = band.points.iter().flat_map(|point| &point[1..]);
    let [low, high] = values
        .filter(|v| v.is_finite())
        .fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], v| {
            [low.min(*v), high.max(*v)]
        });
    low >= high
}
