//! The numbers that the passes multiply by, as f32 and in the layout of `shaders/types.wgsl`.
//!
//! Both engines read the same structs, so that they start from the same bits. Lengths µm, times min, concentrations
//! nM; every rate is per minute.

mod cell_type;
mod field;
mod globals;
mod noise;

use bytemuck::{Pod, Zeroable};

use crate::model::Model;
use crate::pass::FATE_EVERY;

pub use cell_type::CellTypeCoefficients;
pub use globals::Globals;

/// Stands for “absent” wherever an index is stored.
pub const NONE: u32 = u32::MAX;

/// Fixed-point one of a cell's weight in the deposit pass: 6 bits for each of three axes.
pub const DEPOSIT_ONE: u32 = 1 << 18;

/// Fixed-point one of a cell type's weight in a channel, and of a signalling state: 10 bits.
pub const WEIGHT_ONE: u32 = 1 << 10;

/// Cells whose weights a voxel's 32-bit sum holds.
pub const DEPOSIT_LIMIT: u32 = ((1u64 << 32) / DEPOSIT_ONE as u64) as u32 - 1;

/// Share of its type's radius at which a dying cell is gone; daughters are not smaller at birth than this either.
pub const GONE: f32 = 0.3;

/// Pore area of a voxel without obstacle, µm².
pub const OPEN: f32 = 1e30;

/// Reach of adhesion in units of the sum of two radii (PhysiCell, V).
pub const ADHESION_REACH: f64 = 1.25;

/// Kind of an outer face in [`FieldCoefficients::face`].
pub mod face {
    /// Nothing passes.
    pub const NO_FLUX: u32 = 0;
    /// A value is held at the face.
    pub const FIXED: u32 = 1;
    /// The opposite side is the neighbour.
    pub const PERIODIC: u32 = 2;
    /// The bath's concentration is held at the face.
    pub const BATH: u32 = 3;
}

/// How a field diffuses, in [`FieldCoefficients::scheme`].
pub mod scheme {
    /// Not at all.
    pub const STILL: u32 = 0;
    /// Forward Euler in substeps.
    pub const EXPLICIT: u32 = 1;
    /// Backward Euler.
    pub const IMPLICIT: u32 = 2;
    /// At rest after every step.
    pub const STEADY: u32 = 3;
}

/// Cycles of the implicit solver at most in one step; a good start needs one, a jump of the boundary five.
pub const MOST_CYCLES: u32 = 12;

/// Share of the largest value below which the conservative update may leave a value negative, for `fill` to raise to 0
/// at the cost of its neighbours. More than they have takes another cycle.
pub const NEGLIGIBLE: f32 = 1e-6;

/// A field whose largest value is below this (in its unit) is solved as if it had this one: what is washed out for hours
/// ends among numbers that f32 no longer holds to six digits.
pub const TRACE: f32 = 1e-30;

/// One field. Mirrors `struct Field`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct FieldCoefficients {
    /// [`crate::model::FieldKind`] as a number.
    pub kind: u32,
    /// How it diffuses, see [`scheme`].
    pub scheme: u32,
    /// Substeps of the explicit scheme, an even number.
    pub substeps: u32,
    /// D dt / h² of one substep, or of the step.
    pub courant: f32,
    /// Factor on √ρ in the exponent by which matrix hinders diffusion.
    pub hindrance: f32,
    /// Where in the maps the obstacles lie (1: closed), or [`NONE`].
    pub obstacles_at: u32,
    /// 1: diffusivity differs between voxels.
    pub mobility_varies: u32,
    /// 1: the implicit system's mass (m + dt·loss) differs between voxels.
    pub mass_varies: u32,
    /// The mass where it does not.
    pub mass: f32,
    /// Residual of the implicit solver that is accepted, as a share of the largest value times [`Self::stiffness`].
    pub tolerance: f32,
    /// The same for a step's first guess, which then needs no cycle: a field at rest, but for rounding.
    pub quiet: f32,
    /// 1 for a time step; for a steady state the scale of the diagonal.
    pub stiffness: f32,
    /// Decay and uniform uptake, /min.
    pub loss: f32,
    /// Uniform source, unit/min.
    pub source: f32,
    /// Exchange with the bath, /min.
    pub exchange: f32,
    /// Where in the maps this field's uptake lies, or [`NONE`].
    pub uptake_at: u32,
    /// Where in the maps this field's source lies, or [`NONE`].
    pub source_at: u32,
    /// Length of a substep, min.
    pub substep_min: f32,
    /// 1 / (1 + substep · (loss + exchange)): uniform losses act inside the substeps, implicitly.
    pub relief: f32,
    /// 1 / (1 + R_ns): everything but binding is slower by that.
    pub per_retention: f32,
    /// Exchange with vessels where a voxel is all vessel, /min.
    pub perfusion: f32,
    /// What the vessels carry besides the drug of the dose.
    pub level: f32,
    /// Share of the dose's free level that the vessels carry.
    pub plasma: f32,
    /// Where in the maps the vessels lie, or [`NONE`] if the field does not exchange with them.
    pub vessels_at: u32,
    /// Kinds of the faces x−, x+, y−, y+, z−, z+.
    pub face: [u32; 6],
    /// Values held at them.
    pub face_value: [f32; 6],
}

/// One voxel that cells of a type come in by. Mirrors `struct Door`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct DoorCoefficients {
    /// Storage index.
    pub voxel: u32,
    /// Index of the cell type.
    pub type_ix: u32,
    /// Chance that a cell comes in one `fate`, as an exponent.
    pub rate: f32,
    /// 1: by a vessel, which dense matrix squeezes.
    pub by_vessel: u32,
}

/// Everything that is constant through a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Coefficients {
    /// Scalars.
    pub globals: Globals,
    /// One entry a field, in slot order.
    pub fields: Vec<FieldCoefficients>,
    /// One entry a cell type.
    pub cell_types: Vec<CellTypeCoefficients>,
    /// Where cells come in.
    pub doors: Vec<DoorCoefficients>,
    /// Per-voxel rates, /min or unit/min, one grid after another.
    pub maps: Vec<f32>,
    /// Whether a field has a ledger, in slot order.
    pub ledgers: Vec<bool>,
}

impl Coefficients {
    /// Rounds a model to what the engines compute with.
    pub fn new(model: &Model) -> Self {
        let mut maps = Vec::new();
        // One map of the vessels serves every field that exchanges with them.
        let perfused = model.fields().iter().any(|f| f.perfusion.is_some());
        let vessels_at = match model.vessels() {
            Some(vessels) if perfused => {
                maps.extend_from_slice(vessels);
                0
            }
            _ => NONE,
        };
        let obstacles_at = match model.obstacles() {
            Some(closed) => {
                let at = maps.len() as u32;
                maps.extend(closed.iter().map(|closed| f32::from(u8::from(*closed))));
                at
            }
            None => NONE,
        };
        let passage_at = match model.passage() {
            Some(areas) if !model.cell_types().is_empty() => {
                let at = maps.len() as u32;
                maps.extend_from_slice(areas);
                at
            }
            _ => NONE,
        };
        let fibres_at = match model.fibres() {
            Some(components) if !model.cell_types().is_empty() => {
                let at = maps.len() as u32;
                maps.extend_from_slice(components);
                at
            }
            _ => NONE,
        };
        let shared = (obstacles_at, vessels_at);
        let deposits = model.deposits();
        let fields = model
            .fields()
            .iter()
            .map(|field| field::coefficients(model, field, &mut maps, shared))
            .collect();
        let cell_types = model
            .cell_types()
            .iter()
            .map(|cell_type| cell_type::coefficients(model, cell_type))
            .zip(cell_type::weights(model, &deposits))
            .map(|(coefficients, weights)| CellTypeCoefficients {
                weights,
                ..coefficients
            })
            .collect();
        Self {
            globals: globals::globals(model, &deposits, (passage_at, fibres_at)),
            fields,
            cell_types,
            doors: doors(model),
            maps,
            ledgers: model.fields().iter().map(|field| field.ledger).collect(),
        }
    }
}

fn doors(model: &Model) -> Vec<DoorCoefficients> {
    let fate_min = model.dt_min() * FATE_EVERY as f64;
    let recruits = model.recruits().iter();
    recruits
        .flat_map(|recruit| {
            recruit.doors.iter().map(move |door| DoorCoefficients {
                voxel: door.voxel,
                type_ix: recruit.type_ix as u32,
                rate: (door.rate * fate_min) as f32,
                by_vessel: u32::from(recruit.by_vessels),
            })
        })
        .collect()
}

/// Farthest distance at which two cells of the model touch or attack each other, µm; not below a voxel.
pub fn interaction_range_um(model: &Model) -> f64 {
    let widest = model
        .cell_types()
        .iter()
        .map(|cell_type| cell_type.radius)
        .fold(0.0, f64::max);
    if model.cell_types().is_empty() {
        // One bin for no cell.
        return model.grid().size_um().into_iter().fold(0.0, f64::max);
    }
    let attack = if model.has_killers() {
        model.parameters().value("R_attack")
    } else {
        0.0
    };
    (2.0 * widest * ADHESION_REACH)
        .max(model.grid().voxel_um)
        .max(attack)
}

/// Probability that a hazard (/min) strikes between two turns of `fate`.
fn chance(model: &Model, hazard: f64) -> f64 {
    1.0 - (-hazard * model.dt_min() * FATE_EVERY as f64).exp()
}
