//! The cells of a moment in columns, as files give them.

use crate::state::{Cells, Phase, signal};

/// Columns that hold a number, by their names in files.
pub const NUMBERS: [&str; 12] = [
    "x_um",
    "y_um",
    "z_um",
    "radius_um",
    "pfak",
    "src",
    "pcas",
    "pakt",
    "perk",
    "fa_nascent",
    "fa_mature",
    "speed_um_per_h",
];

/// Rows of the signalling states among [`NUMBERS`], in their order there.
const SIGNALS: [usize; 7] = [
    signal::PFAK,
    signal::SRC,
    signal::PCAS,
    signal::PAKT,
    signal::PERK,
    signal::FA_NASCENT,
    signal::FA_MATURE,
];

/// Cells in ascending order of id, one entry a cell in every column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CellTable {
    /// Ids.
    pub ids: Vec<u32>,
    /// Types, as indices of [`Model::type_labels`](crate::model::Model::type_labels).
    pub types: Vec<u32>,
    /// The columns called [`NUMBERS`]: µm, states 0…1, µm/h.
    pub numbers: [Vec<f32>; NUMBERS.len()],
    /// Phases.
    pub phases: Vec<Phase>,
}

impl CellTable {
    /// Names of all columns, in the order of a CSV file.
    pub fn header() -> impl Iterator<Item = &'static str> {
        ["id", "type"].into_iter().chain(NUMBERS).chain(["phase"])
    }

    /// The table of a state's cells.
    pub fn of(cells: &Cells) -> Self {
        let bodies = &cells.position_radius;
        let body = |axis: usize| bodies.iter().map(|body| body[axis]).collect();
        let mut numbers: [Vec<f32>; NUMBERS.len()] = Default::default();
        for axis in 0..4 {
            numbers[axis] = body(axis);
        }
        for (column, row) in numbers[4..].iter_mut().zip(SIGNALS) {
            column.clone_from(&cells.signals[row]);
        }
        numbers[11] = (cells.polarity_speed.iter())
            .map(|polarity| 60.0 * polarity.w)
            .collect();
        Self {
            ids: cells.identity.iter().map(|identity| identity[0]).collect(),
            types: cells.identity.iter().map(|identity| identity[1]).collect(),
            numbers,
            phases: (cells.identity.iter())
                .map(|identity| Phase::of(identity[3]))
                .collect(),
        }
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Centre of a cell, µm.
    pub fn position_um(&self, ix: usize) -> [f32; 3] {
        [0, 1, 2].map(|axis| self.numbers[axis][ix])
    }

    /// Radius of a cell, µm.
    pub fn radius_um(&self, ix: usize) -> f32 {
        self.numbers[3][ix]
    }
}
