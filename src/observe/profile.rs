//! Number density and speed along an axis.

use crate::model::{Model, ProfilePlan};
use crate::state::{Cells, Phase};

/// What cells do along an axis, `[type][bin]`, in equal bins from wall to wall.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Cells per area (2-D, /µm²) or volume (3-D, /µm³).
    pub density: Vec<Vec<f64>>,
    /// Mean crawling speed of the living cells, µm/h; NaN where there are none.
    pub speed_um_per_h: Vec<Vec<f64>>,
}

impl Profile {
    /// The profile of some cells.
    pub fn new(model: &Model, cells: &Cells, plan: ProfilePlan) -> Self {
        let (grid, bins) = (model.grid(), plan.bins as usize);
        let size = grid.size_um()[plan.axis];
        let empty = vec![vec![0.0; bins]; model.cell_types().len()];
        let (mut counts, mut living, mut speeds) = (empty.clone(), empty.clone(), empty);
        for ix in 0..cells.len() {
            let share = f64::from(cells.position_radius[ix][plan.axis]) / size;
            // A cell that touches the upper wall belongs to the last bin.
            let bin = ((share * bins as f64) as usize).min(bins - 1);
            let [_, type_ix, _, life] = cells.identity[ix];
            let type_ix = type_ix as usize;
            counts[type_ix][bin] += 1.0;
            if !Phase::of(life).is_dying() {
                living[type_ix][bin] += 1.0;
                speeds[type_ix][bin] += 60.0 * f64::from(cells.polarity_speed[ix].w);
            }
        }
        let measure = grid.measure() / bins as f64;
        let each = |sums: Vec<Vec<f64>>, over: &dyn Fn(usize, usize) -> f64| {
            let types = sums.into_iter().enumerate();
            let of_type = |(t, sums): (usize, Vec<f64>)| {
                let bins = sums.into_iter().enumerate();
                bins.map(|(bin, sum)| sum / over(t, bin)).collect()
            };
            types.map(of_type).collect()
        };
        Self {
            speed_um_per_h: each(speeds, &|t, bin| living[t][bin]),
            density: each(counts, &|_, _| measure),
        }
    }
}

/// Centres of the bins, µm.
pub fn centres_um(model: &Model, plan: ProfilePlan) -> Vec<f64> {
    let width = model.grid().size_um()[plan.axis] / f64::from(plan.bins);
    (0..plan.bins)
        .map(|bin| (f64::from(bin) + 0.5) * width)
        .collect()
}

/// Column names of a table of profiles.
pub fn header(model: &Model, plan: ProfilePlan) -> Vec<String> {
    let place = ["x_um", "y_um", "z_um"][plan.axis];
    let density = match model.grid().dimensions {
        2 => "density_per_um2",
        _ => "density_per_um3",
    };
    ["time_h", place, "type", density, "mean_speed_um_per_h"]
        .map(str::to_string)
        .to_vec()
}

/// A row for each type and bin; `labels` are the names of the types. Where there is no cell, its speed is empty.
pub fn rows(
    model: &Model,
    labels: &[String],
    profile: &Profile,
    step: u64,
    plan: ProfilePlan,
) -> Vec<Vec<String>> {
    let time_h = model.time_h(step).to_string();
    let centres = centres_um(model, plan);
    let mut rows = Vec::new();
    for (type_ix, label) in labels.iter().enumerate() {
        for (bin, centre) in centres.iter().enumerate() {
            let speed = profile.speed_um_per_h[type_ix][bin];
            rows.push(vec![
                time_h.clone(),
                centre.to_string(),
                label.clone(),
                profile.density[type_ix][bin].to_string(),
                if speed.is_finite() {
                    speed.to_string()
                } else {
                    String::new()
                },
            ]);
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::initial_state;

    #[test]
    fn a_profile_sums_to_the_count_of_each_type() {
        let model = Model::from_toml(
            r#"
title = "profile"
question = "?"
[domain]
size = ["200 um", "150 um", "100 um"]
voxel = "10 um"
[time]
duration = "1 h"
[[cells]]
type = "pc-3"
place = { rectangle = { from = ["0 um", "0 um", "0 um"], to = ["200 um", "75 um", "100 um"], count = 70 } }
[[cells]]
type = "fibroblast"
place = { rectangle = { from = ["0 um", "0 um", "0 um"], to = ["200 um", "150 um", "100 um"], count = 30 } }
"#,
        )
        .unwrap();
        let mut cells = initial_state(&model).cells;
        // On both walls.
        cells.position_radius[0].y = 0.0;
        cells.position_radius[1].y = 150.0;
        let plan = ProfilePlan { axis: 1, bins: 10 };
        let profile = Profile::new(&model, &cells, plan);
        let densities = &profile.density;
        let measure = 200.0 * 15.0 * 100.0;
        let sum = |type_ix: usize| densities[type_ix].iter().sum::<f64>() * measure;
        assert!((sum(0) - 70.0).abs() < 1e-9 && (sum(1) - 30.0).abs() < 1e-9);
        let upper: f64 = densities[0][5..].iter().sum();
        assert!(
            upper * measure <= 1.0 + 1e-9,
            "the first type lies in the lower half"
        );
        assert_eq!(centres_um(&model, plan)[..2], [7.5, 22.5]);
        let labels = model.type_labels();
        let rows = rows(&model, &labels, &profile, 0, plan);
        assert_eq!(rows.len(), 20);
        assert!(
            rows.iter()
                .all(|row| row.len() == header(&model, plan).len())
        );
        assert_eq!(header(&model, plan)[3], "density_per_um3");
        // Speeds are means of the living; where there are none, there is no speed.
        assert!(profile.speed_um_per_h[0][9].is_finite() == (densities[0][9] > 0.0));
        let fast = cells.identity.iter().position(|cell| cell[1] == 1);
        cells.polarity_speed.iter_mut().for_each(|p| p.w = 0.5);
        cells.polarity_speed[fast.unwrap()].w = 2.0;
        let profile = Profile::new(&model, &cells, ProfilePlan { axis: 1, bins: 1 });
        assert!((profile.speed_um_per_h[0][0] - 30.0).abs() < 1e-9);
        assert!((profile.speed_um_per_h[1][0] - 33.0).abs() < 1e-9);
    }
}
