//! The books of a field's mass: what came, what went and what passed the outer faces, and whether that is what is there.
//!
//! An engine books each amount where its arithmetic moves it, and what f32 rounds off on the way: a field that creeps
//! toward its steady state is rounded the same way in every voxel and step, which adds up without being an error. What
//! the books do not explain is then mass that does not arrive at the neighbour: next to nothing, as long as engines are
//! right.

use std::ops::AddAssign;

use crate::model::{FieldKind, Model};
use crate::simulation::EngineError;
use crate::state::HostState;

/// Share of the turnover that may be missing before a run stops.
pub const ALLOWED_REST: f64 = 1e-4;

/// What moved, in the field's unit × voxels.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Amounts {
    /// Gained inside voxels: sources, secretion, what the bath, vessels and the bound pool give.
    pub sources: f64,
    /// Lost inside voxels: decay, uptake, what the bath, vessels and the bound pool take.
    pub sinks: f64,
    /// Come in through faces at which a value is held, less what left there.
    pub boundary: f64,
    /// What rounding to f32 made, less what it lost.
    pub rounding: f64,
}

impl AddAssign for Amounts {
    fn add_assign(&mut self, more: Self) {
        self.sources += more.sources;
        self.sinks += more.sinks;
        self.boundary += more.boundary;
        self.rounding += more.rounding;
    }
}

/// What an engine booked for one field since its state was loaded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ledger {
    /// The field.
    pub kind: FieldKind,
    /// What moved.
    pub amounts: Amounts,
}

/// Masses of the fields with a ledger at time zero, in the field's unit × voxels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Start(Vec<(FieldKind, f64)>);

impl Start {
    /// Measures a state.
    pub fn new(model: &Model, start: &HostState) -> Self {
        let kept = model.fields().iter().filter(|field| field.ledger);
        Self(kept.map(|f| (f.kind, mass(start, f.kind))).collect())
    }
}

fn mass(state: &HostState, kind: FieldKind) -> f64 {
    let values = state.field(kind).unwrap_or_default();
    values.iter().map(|&v| f64::from(v)).sum()
}

/// One field's books at one moment, in the field's unit × µm² or µm³.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Balance {
    /// The field.
    pub kind: FieldKind,
    /// What is there.
    pub mass: f64,
    /// What was there at time zero.
    pub at_start: f64,
    /// What moved since.
    pub amounts: Amounts,
}

impl Balance {
    /// What the books do not explain.
    pub fn rest(&self) -> f64 {
        let Amounts {
            sources,
            sinks,
            boundary,
            rounding,
        } = self.amounts;
        (self.mass - self.at_start) - (sources - sinks + boundary + rounding)
    }

    /// What was there and what moved since.
    pub fn turnover(&self) -> f64 {
        let Amounts {
            sources,
            sinks,
            boundary,
            ..
        } = self.amounts;
        self.at_start + sources + sinks + boundary.abs()
    }
}

/// The books of every field that keeps some, in order of storage.
pub fn balances(
    model: &Model,
    start: &Start,
    state: &HostState,
    ledgers: &[Ledger],
) -> Vec<Balance> {
    let measure = model.grid().voxel_measure();
    let of = |&(kind, at_start): &(FieldKind, f64)| {
        let booked = ledgers.iter().find(|ledger| ledger.kind == kind);
        let amounts = booked.map_or_else(Amounts::default, |ledger| ledger.amounts);
        Balance {
            kind,
            mass: measure * mass(state, kind),
            at_start: measure * at_start,
            amounts: Amounts {
                sources: measure * amounts.sources,
                sinks: measure * amounts.sinks,
                boundary: measure * amounts.boundary,
                rounding: measure * amounts.rounding,
            },
        }
    };
    start.0.iter().map(of).collect()
}

/// Stops a run whose books do not close.
///
/// # Errors
/// More than [`ALLOWED_REST`] of a field's turnover is missing or too much.
pub fn guard(model: &Model, balances: &[Balance], step: u64) -> Result<(), EngineError> {
    for balance in balances {
        let (rest, turnover) = (balance.rest(), balance.turnover());
        // A NaN must not pass.
        let closes = rest.abs() <= ALLOWED_REST * turnover;
        if !closes {
            return Err(EngineError::MassLost {
                field: balance.kind.name(),
                rest,
                unit: unit(model, balance.kind),
                share: rest.abs() / turnover,
                time_h: model.time_h(step),
                step,
            });
        }
    }
    Ok(())
}

/// The unit of a field's mass as it stands at the end of a column's name, e.g. `nm_um2`.
pub fn unit(model: &Model, kind: FieldKind) -> String {
    let measure = format!("um{}", model.grid().dimensions);
    match kind.unit() {
        "nM" => format!("nm_{measure}"),
        "mmHg" => format!("mmhg_{measure}"),
        _ => measure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::CpuEngine;
    use crate::simulation::Simulation;

    const BOX: &str = r#"
title = "sealed"
question = "Is a leak seen?"
[domain]
size = ["80 um", "60 um"]
voxel = "10 um"
[time]
duration = "10 min"
report = "1 min"
[fields.drug]
initial = "100 nM"
ledger = true
"#;

    /// The guard's must-fail partner: one voxel of 48 loses a hundredth of what it holds.
    #[test]
    fn a_leak_trips_the_guard_and_rounding_does_not() {
        let model = Model::from_toml(BOX).unwrap();
        let engine = Box::new(CpuEngine::new(&model));
        let mut simulation = Simulation::new(model.clone(), engine).unwrap();
        let start = Start::new(&model, &simulation.snapshot().unwrap());
        simulation.run(10).unwrap();
        let mut state = simulation.snapshot().unwrap();
        let ledgers = simulation.ledgers().unwrap();
        let whole = balances(&model, &start, &state, &ledgers);
        guard(&model, &whole, state.step).unwrap();
        state.fields[0].1[7] *= 0.99;
        let leaking = balances(&model, &start, &state, &ledgers);
        let error = guard(&model, &leaking, state.step).unwrap_err();
        let EngineError::MassLost { field, share, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(*field, "drug");
        assert!((share - 0.01 / 48.0).abs() < 1e-6, "{share}");
        let text = error.to_string();
        assert!(
            text.contains("field drug") && text.contains("nm_um2"),
            "{text}"
        );
        state.fields[0].1[7] = f32::NAN;
        let broken = balances(&model, &start, &state, &ledgers);
        assert!(guard(&model, &broken, state.step).is_err());
    }
}
