//! [`HostState`]: the whole state of a run as plain vectors, structure of arrays.
//!
//! It is the common currency of the program: the initial state, what an engine loads and hands back, what the
//! comparison of engines, the observables, the exports and the painter read.

mod bodies;

use glam::Vec4;
use sha2::{Digest, Sha256};

use crate::model::FieldKind;

pub use bodies::Bodies;

/// Number of signalling states of a cell, see [`signal`].
pub const N_SIGNALS: usize = 9;

/// Rows of [`Cells::signals`], each 0…1 (dimensionless).
pub mod signal {
    /// Phosphorylated FAK (pY397).
    pub const PFAK: usize = 0;
    /// Active Src.
    pub const SRC: usize = 1;
    /// Phosphorylated p130Cas/paxillin.
    pub const PCAS: usize = 2;
    /// Phosphorylated AKT.
    pub const PAKT: usize = 3;
    /// Phosphorylated ERK.
    pub const PERK: usize = 4;
    /// Fast receptor bypass.
    pub const BYPASS_FAST: usize = 5;
    /// Slow receptor bypass.
    pub const BYPASS_SLOW: usize = 6;
    /// Nascent focal adhesions.
    pub const FA_NASCENT: usize = 7;
    /// Mature focal adhesions.
    pub const FA_MATURE: usize = 8;

    /// Column names of the rows, in order.
    pub const NAMES: [&str; super::N_SIGNALS] = [
        "pfak",
        "src",
        "pcas",
        "pakt",
        "perk",
        "bypass_fast",
        "bypass_slow",
        "fa_nascent",
        "fa_mature",
    ];
}

/// Number of traits of a cell, see [`traits`].
pub const N_TRAITS: usize = 3;

/// Rows of [`Cells::traits`]: factors on a parameter of the type, drawn for every founder from a log-normal
/// distribution of mean 1 and inherited by its daughters.
pub mod traits {
    /// On k_auto: level of FAK.
    pub const FAK: usize = 0;
    /// On Rf_max and Rs_max: level of receptors.
    pub const RECEPTOR: usize = 1;
    /// On the speed S.
    pub const SPEED: usize = 2;
}

/// All cells, in ascending order of id. Every vector has one entry per cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cells {
    /// Centre x, y, z and radius, µm. In 2-D z is half a voxel.
    pub position_radius: Vec<Vec4>,
    /// Unit polarity x, y, z and crawling speed, µm/min.
    pub polarity_speed: Vec<Vec4>,
    /// Velocity from neighbours x, y, z, µm/min, and the number density of other cells nearby, /µm² (2-D) or /µm³.
    pub push_crowding: Vec<Vec4>,
    /// id, type index, parent id ([`NO_PARENT`] for the first generation and for whom came from outside), and [`Phase`] and
    /// generation as in [`life`].
    pub identity: Vec<[u32; 4]>,
    /// The signalling states, rows as in [`signal`].
    pub signals: [Vec<f32>; N_SIGNALS],
    /// What makes a cell differ from others of its type, rows as in [`traits`].
    pub traits: [Vec<f32>; N_TRAITS],
}

/// Parent id of a cell that was there at time zero.
pub const NO_PARENT: u32 = u32::MAX;

/// What a cell is about. The order matters: from [`Phase::Growing`] on cells do not crawl, from [`Phase::Apoptosis`] to
/// [`Phase::Killed`] they are dying. Twin of the constants in `shaders/types.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Phase {
    /// Crawls and divides.
    Cycling = 0,
    /// Go-or-grow: crawls and does not divide.
    Going = 1,
    /// Go-or-grow: divides and does not crawl.
    Growing = 2,
    /// Dying of the background hazard.
    Apoptosis = 3,
    /// Dying for want of adhesion and AKT.
    Anoikis = 4,
    /// Dying for want of oxygen.
    Necrosis = 5,
    /// Dying of a cytotoxic compound.
    Cytotoxic = 6,
    /// Dying because a killer cell hit it.
    Killed = 7,
    /// A killer cell that holds on to its prey.
    Attached = 8,
}

/// Causes of death, which are phases from [`Phase::Apoptosis`] on.
pub const N_CAUSES: usize = 5;

impl Phase {
    /// Every phase, in order.
    pub const ALL: [Phase; 9] = [
        Phase::Cycling,
        Phase::Going,
        Phase::Growing,
        Phase::Apoptosis,
        Phase::Anoikis,
        Phase::Necrosis,
        Phase::Cytotoxic,
        Phase::Killed,
        Phase::Attached,
    ];

    /// The causes of death, in order.
    pub const CAUSES: [Phase; N_CAUSES] = [
        Phase::Apoptosis,
        Phase::Anoikis,
        Phase::Necrosis,
        Phase::Cytotoxic,
        Phase::Killed,
    ];

    /// Name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Phase::Cycling => "cycling",
            Phase::Going => "going",
            Phase::Growing => "growing",
            Phase::Apoptosis => "apoptosis",
            Phase::Anoikis => "anoikis",
            Phase::Necrosis => "necrosis",
            Phase::Cytotoxic => "cytotoxic",
            Phase::Killed => "killed",
            Phase::Attached => "attached",
        }
    }

    /// Whether the cell crawls at all.
    pub const fn crawls(self) -> bool {
        (self as u32) < Phase::Growing as u32
    }

    /// Whether the cell is dying: it neither crawls, divides nor exchanges anything with the fields, and shrinks.
    pub const fn is_dying(self) -> bool {
        self as u32 >= Phase::Apoptosis as u32 && self as u32 <= Phase::Killed as u32
    }

    /// The phase of a cell from the last word of its identity.
    pub fn of(life: u32) -> Self {
        // What no engine writes counts as the first phase.
        *Self::ALL
            .get((life >> PHASE_SHIFT) as usize)
            .unwrap_or(&Phase::Cycling)
    }
}

/// The phase lies above the generation.
const PHASE_SHIFT: u32 = 24;

/// The last word of [`Cells::identity`]: phase, and below it the generation, 0 for founders, up to 2²⁴ − 1. Killer cells,
/// which do not divide, count there whom they have hit.
pub const fn life(phase: Phase, generation: u32) -> u32 {
    ((phase as u32) << PHASE_SHIFT) | (generation & ((1 << PHASE_SHIFT) - 1))
}

/// Generation of a cell from the last word of its identity.
pub const fn generation(life: u32) -> u32 {
    life & ((1 << PHASE_SHIFT) - 1)
}

/// The population's books since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tally {
    /// Divisions.
    pub births: u64,
    /// Cells that began to die, by cause, in the order of [`Phase`].
    pub deaths: [u64; N_CAUSES],
    /// Cells that came from outside.
    #[serde(default)]
    pub arrivals: u64,
    /// Dying cells that have shrunk away.
    pub removals: u64,
    /// Moves cut to the speed limit, modulo 2³².
    pub limited: u64,
}

impl Tally {
    /// Cells that began to die of any cause.
    pub fn all_deaths(&self) -> u64 {
        self.deaths.iter().sum()
    }
}

/// Kills that an engine keeps in mind between two looks, `KILL_LOG` in `shaders/passes/fate_hunt.wgsl`.
pub const KILL_LOG: u32 = 1 << 16;

/// A cell that was hit by a killer cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kill {
    /// Steps done before the one in which it was hit.
    pub step: u64,
    /// Id of the cell that was hit.
    pub victim: u32,
    /// Id of the cell that hit it.
    pub killer: u32,
}

impl Cells {
    /// Number of cells.
    pub fn len(&self) -> usize {
        self.position_radius.len()
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.position_radius.is_empty()
    }
}

/// The whole state between two steps.
#[derive(Clone, Debug, PartialEq)]
pub struct HostState {
    /// Steps done so far.
    pub step: u64,
    /// The id that the next daughter gets.
    pub next_id: u32,
    /// Births, deaths and what else is counted.
    pub tally: Tally,
    /// The fields of the model in [`FieldKind`] order, each `[z][y][x]`, x fastest, in the field's unit.
    pub fields: Vec<(FieldKind, Vec<f32>)>,
    /// The cells.
    pub cells: Cells,
}

impl HostState {
    /// The values of a field, `[z][y][x]`, or `None` if the model does not compute it.
    pub fn field(&self, kind: FieldKind) -> Option<&[f32]> {
        self.fields
            .iter()
            .find(|(k, _)| *k == kind)
            .map(|(_, values)| values.as_slice())
    }

    /// SHA-256 over every bit of the state, as lower-case hex: equal hashes mean equal bits.
    pub fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(self.step.to_le_bytes());
        hasher.update(self.next_id.to_le_bytes());
        let tally = &self.tally;
        for count in [tally.births, tally.removals, tally.limited] {
            hasher.update(count.to_le_bytes());
        }
        // What a model without recruitment and killers cannot have is left out: its hash is that of a program without.
        hasher.update(bytemuck::cast_slice(&tally.deaths[..4]));
        for count in tally.deaths[4..].iter().chain([&tally.arrivals]) {
            if *count > 0 {
                hasher.update(count.to_le_bytes());
            }
        }
        for (kind, values) in &self.fields {
            hasher.update(kind.name().as_bytes());
            hasher.update((values.len() as u64).to_le_bytes());
            hasher.update(bytemuck::cast_slice(values));
        }
        let cells = &self.cells;
        hasher.update((cells.len() as u64).to_le_bytes());
        hasher.update(bytemuck::cast_slice(&cells.position_radius));
        hasher.update(bytemuck::cast_slice(&cells.polarity_speed));
        hasher.update(bytemuck::cast_slice(&cells.push_crowding));
        hasher.update(bytemuck::cast_slice(&cells.identity));
        for row in cells.signals.iter().chain(&cells.traits) {
            hasher.update(bytemuck::cast_slice(row));
        }
        hasher
            .finalize()
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect()
    }
}

/// What passes hand to each other within a step; meaningless between steps. Both engines keep it in this shape, so
/// that a pass can be compared from the same inputs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Workings {
    /// Cells per neighbour bin and a final 0; `sort` leaves zeros.
    pub bin_counts: Vec<u32>,
    /// Bin of each cell.
    pub cell_bins: Vec<u32>,
    /// First place of each bin in the sorted order, and the number of cells at the end.
    pub bin_starts: Vec<u32>,
    /// Cell indices by bin, ascending within a bin.
    pub sorted_ix: Vec<u32>,
    /// [`Cells::position_radius`] in that order.
    pub sorted_bodies: Vec<Vec4>,
    /// Fixed-point sums per voxel, one grid after another: cells first, then those of the model's other
    /// [channels](crate::model::Channel).
    pub deposits: Vec<u32>,
}
