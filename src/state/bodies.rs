//! [`Bodies`]: where the cells are, without what they sense.

use glam::Vec4;

use super::{Cells, HostState};

/// The cells between two steps without their signalling, and without the fields: 48 bytes a cell, for what is measured
/// more often than a report. In ascending order of id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bodies {
    /// Steps done so far.
    pub step: u64,
    /// As [`Cells::position_radius`].
    pub position_radius: Vec<Vec4>,
    /// As [`Cells::polarity_speed`].
    pub polarity_speed: Vec<Vec4>,
    /// As [`Cells::identity`].
    pub identity: Vec<[u32; 4]>,
}

impl Bodies {
    /// The bodies of some cells after `step` steps.
    pub fn new(step: u64, cells: &Cells) -> Self {
        Self {
            step,
            position_radius: cells.position_radius.clone(),
            polarity_speed: cells.polarity_speed.clone(),
            identity: cells.identity.clone(),
        }
    }
}

impl From<&HostState> for Bodies {
    fn from(state: &HostState) -> Self {
        Self::new(state.step, &state.cells)
    }
}
