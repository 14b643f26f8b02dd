//! Density and speed along an axis: a line for each type of cell and dose, with the confidence of the mean of replicates.

use super::super::annotation::number;
use super::bands::{Band, Words, draw as draw_bands};
use super::lines::Colours;
use super::{Figure, Notes};
use crate::model::{Model, ProfilePlan};
use crate::observe::profile::{Profile, centres_um};
use crate::spread::Spread;

/// What is drawn of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Cells per area or volume.
    Density,
    /// Crawling speed.
    Speed,
}

impl What {
    /// Both, with the names of their files.
    pub const ALL: [(Self, &'static str); 2] = [(What::Density, "density"), (What::Speed, "speed")];

    fn of(self, profile: &Profile) -> &[Vec<f64>] {
        match self {
            What::Density => &profile.density,
            What::Speed => &profile.speed_um_per_h,
        }
    }
}

/// The figure of profiles at a time (h). `wells` are by dose (nM), where there is a series; cells under a drug are `given`
/// it. The model has a plan of profiles.
pub fn draw(
    model: &Model,
    plan: ProfilePlan,
    wells: &[(Option<f64>, Profile)],
    what: What,
    time_h: f64,
    given: bool,
) -> Figure {
    let notes = Notes::new(model);
    let labels = model.type_labels();
    let centres = centres_um(model, plan);
    let mut bands = Vec::new();
    for dose in wells.chunk_by(|a, b| a.0 == b.0) {
        for (type_ix, label) in labels.iter().enumerate() {
            let point = |(bin, centre): (usize, &f64)| {
                let spread = Spread::of(dose.iter().map(|(_, p)| what.of(p)[type_ix][bin]));
                let [low, high] = spread.ci95.unwrap_or([f64::NAN; 2]);
                [*centre, spread.mean, low, high]
            };
            let dose = dose[0].0.map(|nm| format!("{} nM", number(nm)));
            let label = (labels.len() > 1).then(|| label.clone());
            let parts: Vec<String> = label.into_iter().chain(dose).collect();
            bands.push(Band {
                label: parts.join(", "),
                points: centres.iter().enumerate().map(point).collect(),
            });
        }
    }
    let axis = ["x", "y", "z"][plan.axis];
    let (name, y) = match (what, model.grid().dimensions) {
        (What::Speed, _) => ("Cell speed", "Mean speed of living cells (µm/h)"),
        (What::Density, 2) => ("Cell density", "Cells per area (/µm²)"),
        (What::Density, _) => ("Cell density", "Cells per volume (/µm³)"),
    };
    let n = wells.chunk_by(|a, b| a.0 == b.0).map(<[_]>::len).max();
    let width = model.grid().size_um()[plan.axis] / f64::from(plan.bins);
    let bins = format!("Bins of {} µm, from wall to wall.", number(width));
    let wells_line = match n {
        Some(n) if n > 1 => format!(
            "{bins} Lines: mean of {n} wells that differ in their seed alone. Shaded: 95 % confidence of the mean (Student's t)."
        ),
        _ => format!("{bins} One run."),
    };
    let words = Words {
        heading: &format!("{name} along {axis} at {} h", number(time_h)),
        tag: match given {
            true => "SIMULATED: A PREDICTION",
            false => "SIMULATED",
        },
        x: &format!("{axis} (µm)"),
        y,
        foot: &[&wells_line],
    };
    draw_bands(&bands, &words, Colours::Groups, &notes)
}
