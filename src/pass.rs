//! The order of a step. [`Pass::STEP`] is the only list of passes: both engines walk it, the benches and the timing
//! table name their rows by it, and a pass without a twin on either engine does not compile.

use crate::coefficients::Coefficients;
use crate::model::FieldKind;

/// One stage of a step. A pass, its shader file, its CPU file, its label, its timing key and its bench share one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pass {
    /// Count the cells of each neighbour bin.
    Bin,
    /// Exclusive prefix sum of the bin counts: where each bin's run of cells starts.
    Scan,
    /// Put cell indices into their bins' runs, ascending within a run, and copy what forces read beside them.
    Sort,
    /// Add up per voxel, in fixed point, what cells give to the fields.
    Deposit,
    /// Half a step of binding between drug and FAK, before diffusion and again after the local terms.
    Bind,
    /// Diffusion of every field that diffuses.
    Diffuse,
    /// Local terms of every field: sources, sinks, exchange, and what cells and fields do to each other.
    React,
    /// The nine signalling states of every cell.
    Signal,
    /// Repulsion and adhesion between neighbours, and the local crowding.
    Forces,
    /// Turn the polarity and move the cell.
    Move,
    /// Division and death, every [`FATE_EVERY`]th step.
    Fate,
}

/// Division and death are drawn every 60th step (6 min at the default step of 6 s).
pub const FATE_EVERY: u64 = 60;

impl Pass {
    /// Every pass in the order in which one step runs them. Binding is fast beside a step, so that it stands around
    /// transport in two halves (Strang splitting, second order in the step).
    pub const STEP: [Pass; 12] = [
        Pass::Bin,
        Pass::Scan,
        Pass::Sort,
        Pass::Deposit,
        Pass::Bind,
        Pass::Diffuse,
        Pass::React,
        Pass::Bind,
        Pass::Signal,
        Pass::Forces,
        Pass::Move,
        Pass::Fate,
    ];

    /// Every pass once, in the order of its first turn.
    pub const ALL: [Pass; 11] = [
        Pass::Bin,
        Pass::Scan,
        Pass::Sort,
        Pass::Deposit,
        Pass::Bind,
        Pass::Diffuse,
        Pass::React,
        Pass::Signal,
        Pass::Forces,
        Pass::Move,
        Pass::Fate,
    ];

    /// The pass's name: file stem, entry point prefix, label and timing key.
    pub const fn name(self) -> &'static str {
        match self {
            Pass::Bin => "bin",
            Pass::Scan => "scan",
            Pass::Sort => "sort",
            Pass::Deposit => "deposit",
            Pass::Bind => "bind",
            Pass::Diffuse => "diffuse",
            Pass::React => "react",
            Pass::Signal => "signal",
            Pass::Forces => "forces",
            Pass::Move => "move",
            Pass::Fate => "fate",
        }
    }

    /// Whether a model has work for the pass at all; one that has not costs no launch.
    pub fn is_needed(self, coefficients: &Coefficients) -> bool {
        match self {
            Pass::Deposit => coefficients.globals.n_sums > 0,
            Pass::Bind => coefficients
                .fields
                .iter()
                .any(|field| field.kind == FieldKind::DrugBound as u32),
            _ => true,
        }
    }

    /// Whether the pass runs in the step with this index (the first step has index 0).
    pub const fn runs_in(self, step: u64) -> bool {
        match self {
            Pass::Fate => (step + 1).is_multiple_of(FATE_EVERY),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_and_step_hold_the_same_passes() {
        let mut first_turns: Vec<Pass> = Vec::new();
        for pass in Pass::STEP {
            if !first_turns.contains(&pass) {
                first_turns.push(pass);
            }
        }
        assert_eq!(first_turns, Pass::ALL);
    }
}
