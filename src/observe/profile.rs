//! Number density along an axis.

use crate::model::{Model, ProfilePlan};
use crate::state::Cells;

/// Cells per area (2-D, /µm²) or volume (3-D, /µm³) in equal bins from wall to wall, `[type][bin]`.
pub fn profile(model: &Model, cells: &Cells, plan: ProfilePlan) -> Vec<Vec<f64>> {
    let (grid, bins) = (model.grid(), plan.bins as usize);
    let size = grid.size_um()[plan.axis];
    let mut counts = vec![vec![0u64; bins]; model.cell_types().len()];
    for (position, identity) in cells.position_radius.iter().zip(&cells.identity) {
        let share = f64::from(position[plan.axis]) / size;
        // A cell that touches the upper wall belongs to the last bin.
        let bin = ((share * bins as f64) as usize).min(bins - 1);
        counts[identity[1] as usize][bin] += 1;
    }
    let measure = grid.measure() / bins as f64;
    let density = |counts: Vec<u64>| counts.iter().map(|n| *n as f64 / measure).collect();
    counts.into_iter().map(density).collect()
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
    ["time_h", place, "type", density]
        .map(str::to_string)
        .to_vec()
}

/// A row for each type and bin; `labels` are the names of the types.
pub fn rows(
    model: &Model,
    labels: &[String],
    cells: &Cells,
    step: u64,
    plan: ProfilePlan,
) -> Vec<Vec<String>> {
    let time_h = model.time_h(step).to_string();
    let centres = centres_um(model, plan);
    let mut rows = Vec::new();
    for (label, densities) in labels.iter().zip(profile(model, cells, plan)) {
        for (centre, density) in centres.iter().zip(densities) {
            rows.push(vec![
                time_h.clone(),
                centre.to_string(),
                label.clone(),
                density.to_string(),
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
        let densities = profile(&model, &cells, plan);
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
        let rows = rows(&model, &labels, &cells, 0, plan);
        assert_eq!(rows.len(), 20);
        assert!(
            rows.iter()
                .all(|row| row.len() == header(&model, plan).len())
        );
        assert_eq!(header(&model, plan)[3], "density_per_um3");
    }
}
