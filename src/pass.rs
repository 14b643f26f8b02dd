//! The order of a step. [`Pass::STEP`] is the only list of passes: both engines walk it, the benches and the timing
//! table name their rows by it, and a pass without a twin on either engine does not compile.

/// One stage of a step. A pass, its shader file, its CPU file, its label, its timing key and its bench share one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pass {
    /// Count the cells of each neighbour bin.
    Bin,
    /// Exclusive prefix sum of the bin counts: where each bin's run of cells starts.
    Scan,
    /// Put cell indices into their bins' runs, ascending within a run, and copy what forces read beside them.
    Sort,
    /// Add up cells and pFAK per voxel in fixed point.
    Deposit,
    /// Diffusion of every field that diffuses.
    Diffuse,
    /// Local source, sink, exchange and digestion terms of every field.
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
    /// Every pass in the order in which one step runs them.
    pub const STEP: [Pass; 10] = [
        Pass::Bin,
        Pass::Scan,
        Pass::Sort,
        Pass::Deposit,
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
            Pass::Diffuse => "diffuse",
            Pass::React => "react",
            Pass::Signal => "signal",
            Pass::Forces => "forces",
            Pass::Move => "move",
            Pass::Fate => "fate",
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
