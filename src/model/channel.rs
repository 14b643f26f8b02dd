//! What cells leave in the voxels around them: the channels of the deposit pass.

use super::{CellType, FieldKind, Model};
use crate::state::signal;

/// Number of [`Channel`]s.
pub const N_CHANNELS: usize = 8;

/// A sum over the cells of a voxel that a field needs, each cell weighing by its type and perhaps a signalling state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// Cells, relative to the reference density. Its sum guards all others against overflow.
    Cells,
    /// pFAK of the cells, for the tissue FAK field.
    Pfak,
    /// Cells that digest matrix by contact.
    Digestion,
    /// Secretion of matrix protease, driven by p-p130Cas, /min.
    Protease,
    /// Uptake of oxygen, /min.
    OxygenUptake,
    /// Deposition of collagen, driven by pFAK, /min.
    Collagen,
    /// Secretion of TGF-β, /min.
    Tgfb,
    /// Secretion of attractant, nM/min.
    Attractant,
}

impl Channel {
    /// Every channel, in storage order.
    pub const ALL: [Channel; N_CHANNELS] = [
        Channel::Cells,
        Channel::Pfak,
        Channel::Digestion,
        Channel::Protease,
        Channel::OxygenUptake,
        Channel::Collagen,
        Channel::Tgfb,
        Channel::Attractant,
    ];

    /// The signalling state (row of [`signal`]) that multiplies a cell's weight.
    pub const fn state(self) -> Option<usize> {
        match self {
            Channel::Pfak | Channel::Collagen => Some(signal::PFAK),
            Channel::Protease => Some(signal::PCAS),
            _ => None,
        }
    }

    /// The field that reads the channel; the cells themselves are always counted.
    const fn field(self) -> Option<FieldKind> {
        match self {
            Channel::Cells => None,
            Channel::Pfak => Some(FieldKind::Fak),
            Channel::Digestion | Channel::Collagen => Some(FieldKind::Ecm),
            Channel::Protease => Some(FieldKind::Mmp),
            Channel::OxygenUptake => Some(FieldKind::Oxygen),
            Channel::Tgfb => Some(FieldKind::Tgfb),
            Channel::Attractant => Some(FieldKind::Attractant),
        }
    }

    /// Sums that a model with these fields stores at most, for the memory account before it exists.
    pub(super) fn most(kinds: &[FieldKind], has_cells: bool) -> u64 {
        let read = |channel: &Channel| channel.field().is_none_or(|kind| kinds.contains(&kind));
        if has_cells {
            Channel::ALL.iter().filter(|c| read(c)).count() as u64
        } else {
            0
        }
    }
}

/// A channel of one model.
#[derive(Clone, Debug, PartialEq)]
pub struct Deposit {
    /// Which.
    pub channel: Channel,
    /// What a cell of each type gives at reference density and full signalling state: 1, /min or nM/min.
    pub rates: Vec<f64>,
    /// The stored sum that holds it.
    pub place: usize,
}

impl Deposit {
    /// The largest rate of all types: what the fixed-point weight 1 stands for.
    pub fn scale(&self) -> f64 {
        self.rates.iter().copied().fold(0.0, f64::max)
    }
}

impl Model {
    /// The channels that this model's fields read. A channel in which every type weighs the same, whatever its state,
    /// is the count of cells once more and shares its sum.
    pub fn deposits(&self) -> Vec<Deposit> {
        let mut deposits: Vec<Deposit> = Vec::new();
        let mut stored = 0;
        for channel in Channel::ALL {
            if self.cell_types.is_empty()
                || channel
                    .field()
                    .is_some_and(|kind| self.field(kind).is_none())
            {
                continue;
            }
            let rates: Vec<f64> = self
                .cell_types
                .iter()
                .map(|cell_type| self.rate(channel, cell_type))
                .collect();
            let mut deposit = Deposit {
                channel,
                rates,
                place: stored,
            };
            let scale = deposit.scale();
            if scale == 0.0 {
                continue;
            }
            let even = deposit.rates.iter().all(|rate| *rate == scale);
            if channel != Channel::Cells && channel.state().is_none() && even {
                deposit.place = 0;
            } else {
                stored += 1;
            }
            deposits.push(deposit);
        }
        deposits
    }

    /// Number of sums that the deposit pass stores per voxel.
    pub fn n_sums(&self) -> usize {
        self.deposits()
            .iter()
            .map(|d| d.place + 1)
            .max()
            .unwrap_or(0)
    }

    fn rate(&self, channel: Channel, cell_type: &CellType) -> f64 {
        let p = |name: &str| self.parameters.value(name);
        match channel {
            Channel::Cells | Channel::Pfak => 1.0,
            // G1 itself is multiplied in where the matrix is digested.
            Channel::Digestion if p("G1") > 0.0 => cell_type.digestion,
            Channel::Digestion => 0.0,
            Channel::Protease => {
                let control = super::Signalling::new(&self.parameters).control();
                p("alpha_m") * cell_type.mmp_secretion / control.pcas
            }
            Channel::OxygenUptake => cell_type.oxygen_uptake,
            Channel::Collagen => cell_type.deposition / p("F0"),
            Channel::Tgfb => cell_type.tgfb_secretion,
            Channel::Attractant => cell_type.attractant_secretion,
        }
    }
}
