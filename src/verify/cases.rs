//! The cases, a file for those that share a scenario, and what several of them write or read.

mod binding;
mod biphasic;
mod culture;
mod dish;
mod dose_table;
mod doubling;
mod drift;
mod killers;
mod lines;
mod occupancy;
mod pair;
mod passes;
mod plating;
mod pores;
mod release;
mod repeats;
mod slab;
mod stroma;
mod tablets;
mod uptake;
mod walk;
mod wound;

use super::Case;
use crate::model::FieldKind;
use crate::simulation::Simulation;
use crate::state::{HostState, Phase};

/// Every case, in the order of the book: by letter, then by number.
pub fn cases() -> Vec<&'static Case> {
    let rooms = [
        release::CASES,
        slab::CASES,
        binding::CASES,
        uptake::CASES,
        pair::CASES,
        drift::CASES,
        walk::CASES,
        occupancy::CASES,
        dose_table::CASES,
        lines::CASES,
        tablets::CASES,
        culture::CASES,
        doubling::CASES,
        biphasic::CASES,
        pores::CASES,
        repeats::CASES,
        passes::CASES,
        killers::CASES,
        wound::CASES,
        stroma::CASES,
    ];
    let mut cases: Vec<_> = rooms.into_iter().flatten().collect();
    cases.sort_by_key(|case| {
        let (letter, number) = case.id.split_at(1);
        (letter, number.parse::<u32>().ok())
    });
    cases
}

/// A model of one box with these tables. Sizes in µm.
fn in_box(size: &[f64], voxel: f64, step: &str, tables: &str) -> String {
    let lengths: Vec<String> = size.iter().map(|l| format!("\"{l} um\"")).collect();
    format!(
        r#"
title = "transport"
[domain]
size = [{}]
voxel = "{voxel} um"
[time]
step = "{step}"
duration = "100 h"
{tables}
"#,
        lengths.join(", ")
    )
}

/// A field's values, f64.
fn values(simulation: &mut Simulation, kind: FieldKind) -> anyhow::Result<Vec<f64>> {
    let state = simulation.snapshot()?;
    let field = state.field(kind).unwrap_or_default();
    Ok(field.iter().map(|v| f64::from(*v)).collect())
}

/// Relative distance in the L2 norm.
fn l2(got: &[f64], expected: &[f64]) -> f64 {
    let apart: f64 = got.iter().zip(expected).map(|(a, b)| (a - b).powi(2)).sum();
    let size: f64 = expected.iter().map(|b| b * b).sum();
    (apart / size).sqrt()
}

/// Parameters under which cells do nothing but walk.
const ONLY_WALKING: &str = r#"
k_an = "0 /h"
c_r = "0 um/min"
c_a = "0 um/min"
"#;

/// Number of living cells.
fn living(state: &HostState) -> f64 {
    let phases = state.cells.identity.iter().map(|i| Phase::of(i[3]));
    phases.filter(|phase| !phase.is_dying()).count() as f64
}
