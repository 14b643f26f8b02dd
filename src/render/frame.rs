//! [`Frame`]: a view in the numbers that painting needs, the same for both painters.

use crate::model::Grid;

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
    /// Voxels along x and y, the shown layer of voxels, and where the field starts in the buffer of all fields.
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
    /// A row of the signalling states, [`BY_TYPE`] or [`BY_SPEED`].
    pub colouring: u32,
    /// Length of a row of the signalling states.
    pub capacity: u32,
}

/// [`Frame::colouring`] of [`Colouring::Type`].
pub const BY_TYPE: u32 = 100;
/// [`Frame::colouring`] of [`Colouring::Speed`].
pub const BY_SPEED: u32 = 101;

/// A disc is never drawn smaller than this, px, so that single cells are seen in a large box.
pub const LEAST_RADIUS_PX: f32 = 1.0;

impl Frame {
    /// The frame of a view. `field_slot`: position of the view's field among the stored fields; `capacity`: length of a
    /// row of the signalling states.
    pub fn new(view: &View, grid: &Grid, field_slot: Option<usize>, capacity: u32) -> Self {
        let viewport = view.viewport(grid);
        let slice_um = view.slice_um(grid);
        let layer = ((slice_um / grid.voxel_um) as u32).min(grid.n[2] - 1);
        let scale = |[lo, hi]: [f64; 2]| (255.0 / (hi - lo).max(f64::MIN_POSITIVE)) as f32;
        Self {
            centre_um: viewport.centre_um.map(|v| v as f32),
            centre_px: viewport.centre_px().map(|v| v as f32),
            size_px: view.size_px.map(|v| v as f32),
            px_per_um: (1.0 / viewport.um_per_px) as f32,
            voxel_um: grid.voxel_um as f32,
            voxels: [
                grid.n[0],
                grid.n[1],
                layer,
                (field_slot.unwrap_or(0) * grid.n_voxels()) as u32,
            ],
            slice_um: slice_um as f32,
            field_lo: view.field_bounds()[0] as f32,
            field_scale: scale(view.field_bounds()),
            cell_lo: view.cell_bounds()[0] as f32,
            cell_scale: scale(view.cell_bounds()),
            has_field: u32::from(view.field.is_some() && field_slot.is_some()),
            colouring: match view.colouring {
                Colouring::Type => BY_TYPE,
                Colouring::Speed => BY_SPEED,
                Colouring::Pfak | Colouring::Perk => view.colouring.signal().unwrap_or(0) as u32,
            },
            capacity,
        }
    }
}
