//! [`Frame`]: a view in the numbers that painting needs, the same for both painters.

use crate::model::{CellShape, Grid};

use super::{Colouring, View};

/// Uniform block of the render shaders (`shaders/render/frame.wgsl`); the CPU painter computes from the same numbers.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
pub struct Frame {
    /// The point in the middle of the viewport, µm.
    pub centre_um: [f32; 2],
    /// Where that point is, px.
    pub centre_px: [f32; 2],
    /// Width and height of the picture, px.
    pub size_px: [f32; 2],
    /// Scale, px/µm.
    pub px_per_um: f32,
    /// Edge of a voxel, µm.
    pub voxel_um: f32,
    /// Voxels along x, y and z, and where the field starts in the buffer of all fields.
    pub voxels: [u32; 4],
    /// Height of the plane that is shown, µm.
    pub slice_um: f32,
    /// Value of the field's first colour.
    pub field_lo: f32,
    /// Colours per unit of the field.
    pub field_scale: f32,
    /// Value of the cells' first colour.
    pub cell_lo: f32,
    /// Colours per unit of the cells' quantity.
    pub cell_scale: f32,
    /// 1 where a field is shown.
    pub has_field: u32,
    /// A row of the signalling states, or one of the `BY_…` constants.
    pub colouring: u32,
    /// Length of a row of the signalling states.
    pub capacity: u32,
    /// Layer of voxels that a flat view shows.
    pub layer: u32,
    /// Between two contours, in the field's unit; 0 without contours.
    pub contour_step: f32,
    /// By how much a cell is longer than wide, per µm/min; 0 for discs.
    pub stretch: f32,
    /// 0: no texture of matrix; 1: of even density; 2: of the density that starts at `matrix_start`.
    pub grain: u32,
    /// Texels of the texture along x and y.
    pub grain_n: [u32; 2],
    /// Where the matrix starts in the buffer of all fields.
    pub matrix_start: u32,
    /// Fills the block to a multiple of 16 bytes.
    pub unused: u32,
}

/// [`Frame::colouring`] of [`Colouring::Type`].
pub const BY_TYPE: u32 = 100;
/// [`Frame::colouring`] of [`Colouring::Speed`].
pub const BY_SPEED: u32 = 101;
/// [`Frame::colouring`] of [`Colouring::Phase`].
pub const BY_PHASE: u32 = 102;
/// [`Frame::colouring`] of [`Colouring::Lineage`].
pub const BY_LINEAGE: u32 = 103;
/// [`Frame::colouring`] of [`Colouring::Generation`].
pub const BY_GENERATION: u32 = 104;

/// A disc is never drawn smaller than this, px, so that single cells are seen in a large box.
pub const LEAST_RADIUS_PX: f32 = 1.0;
/// By how much a cell at 60 µm/h is longer than wide where length is a sign for speed.
const STRETCH_AT_FULL_SPEED: f32 = 0.9;

/// Places of what is drawn among the stored fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slots {
    /// Of the view's field.
    pub field: Option<usize>,
    /// Of the matrix.
    pub matrix: Option<usize>,
}

impl Frame {
    /// The frame of a view. `capacity`: length of a row of the signalling states.
    pub fn new(view: &View, grid: &Grid, slots: Slots, capacity: u32) -> Self {
        let viewport = view.viewport(grid);
        let slice_um = view.slice_um(grid);
        let layer = ((slice_um / grid.voxel_um) as u32).min(grid.n[2] - 1);
        let scale = |[lo, hi]: [f64; 2]| (255.0 / (hi - lo).max(f64::MIN_POSITIVE)) as f32;
        let start = |slot: Option<usize>| (slot.unwrap_or(0) * grid.n_voxels()) as u32;
        let [x, y, z] = grid.n;
        let grain = view.matrix.as_ref().filter(|_| grid.dimensions == 2);
        Self {
            centre_um: viewport.centre_um.map(|v| v as f32),
            centre_px: viewport.centre_px().map(|v| v as f32),
            size_px: view.size_px.map(|v| v as f32),
            px_per_um: (1.0 / viewport.um_per_px) as f32,
            voxel_um: grid.voxel_um as f32,
            voxels: [x, y, z, start(slots.field)],
            slice_um: slice_um as f32,
            field_lo: view.field_bounds()[0] as f32,
            field_scale: scale(view.field_bounds()),
            cell_lo: view.cell_bounds()[0] as f32,
            cell_scale: scale(view.cell_bounds()),
            has_field: u32::from(view.field.is_some() && slots.field.is_some()),
            colouring: match view.colouring {
                Colouring::Type => BY_TYPE,
                Colouring::Phase => BY_PHASE,
                Colouring::Speed => BY_SPEED,
                Colouring::Lineage => BY_LINEAGE,
                Colouring::Generation => BY_GENERATION,
                Colouring::Pfak | Colouring::Perk => view.colouring.signal().unwrap_or(0) as u32,
            },
            capacity,
            layer,
            contour_step: view.contour_step().unwrap_or(0.0) as f32,
            stretch: match view.shape {
                CellShape::Disc => 0.0,
                CellShape::Elongated => STRETCH_AT_FULL_SPEED,
            },
            grain: match (grain, slots.matrix) {
                (None, _) => 0,
                (Some(_), None) => 1,
                (Some(_), Some(_)) => 2,
            },
            grain_n: grain.map_or([1, 1], |grain| grain.n()),
            matrix_start: start(slots.matrix),
            unused: 0,
        }
    }
}
