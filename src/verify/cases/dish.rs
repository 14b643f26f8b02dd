//! A dish of a few cells whose signalling is read.

use crate::model::{Model, initial_state};
use crate::simulation::Simulation;
use crate::state::Cells;
use crate::verify::Bench;

/// A few cells far apart that neither push, divide nor die, in uniform matrix and bath.
pub(super) fn dish(cells: &str, parameters: &str, step: &str, bath_nm: f64) -> String {
    format!(
        r#"
title = "dish"
[domain]
size = ["100 um", "100 um"]
voxel = "50 um"
[time]
step = "{step}"
duration = "672 h"
[fields.ecm]
initial = 0.5
[[cells]]
type = "{cells}"
place = {{ rectangle = {{ from = ["0 um", "0 um"], to = ["100 um", "100 um"], count = 2 }} }}
division = "0 /h"
death = "0 /h"
[parameters]
k_an = "0 /h"
c_r = "0 um/min"
c_a = "0 um/min"
G1 = "0 /s"
{parameters}
[dose]
bath = "{bath_nm} nM"
"#
    )
}

/// A signalling state of the first cell; rows as in [`crate::state::signal`].
pub(super) fn first(cells: &Cells, row: usize) -> f64 {
    cells.signals[row]
        .first()
        .map_or(f64::NAN, |v| f64::from(*v))
}

/// A simulation that begins with its first state changed.
pub(super) fn changed(
    bench: &Bench,
    model: Model,
    change: impl FnOnce(&mut Cells),
) -> anyhow::Result<Simulation> {
    let mut start = initial_state(&model);
    change(&mut start.cells);
    let engine = (bench.make_engine)(&model)?;
    let resumed = Simulation::resume(model, engine, &start, Vec::new(), Vec::new())?;
    Ok(resumed)
}
