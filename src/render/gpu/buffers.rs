//! The buffers that are drawn.

use wgpu::util::DeviceExt;

use crate::gpu::GpuState;
use crate::state::HostState;

/// Bytes that are read of each cell: position and radius, polarity and speed, identity, one signalling state.
pub const BYTES_A_CELL: u64 = 16 + 16 + 16 + 4;
/// Vertices of each cell: a square, in the plane and in 3-D.
pub const VERTICES_A_CELL: u64 = 4;

/// References to the buffers of a state on the GPU; all need `STORAGE` usage.
#[derive(Clone, Copy, Debug)]
pub struct DrawBuffers<'a> {
    /// `f32`: every field, one after the other, each `[z][y][x]`, in the field's unit.
    pub fields: &'a wgpu::Buffer,
    /// `vec4f` per cell: centre x, y, z and radius, µm.
    pub positions: &'a wgpu::Buffer,
    /// `vec4f` per cell: unit polarity and speed, µm/min.
    pub polarities: &'a wgpu::Buffer,
    /// `vec4u` per cell: id, type index, parent, generation.
    pub identities: &'a wgpu::Buffer,
    /// `f32`: row r of cell i at `r · capacity + i`, rows as in [`crate::state::signal`].
    pub signals: &'a wgpu::Buffer,
    /// `u32`: element 0 is the number of cells.
    pub counters: &'a wgpu::Buffer,
    /// Length of a row of `signals`.
    pub capacity: u32,
    /// At least the number of cells, at most `capacity`; how many are drawn is decided by `counters`.
    pub n_cells_at_most: u32,
}

/// Handles of such buffers: of a host state that was copied to the GPU, or of those that a GPU engine computes in. The
/// device keeps what they name for as long as a handle is there, and they may go to another thread.
#[derive(Clone, Debug)]
pub struct Drawables {
    fields: wgpu::Buffer,
    positions: wgpu::Buffer,
    polarities: wgpu::Buffer,
    identities: wgpu::Buffer,
    signals: wgpu::Buffer,
    counters: wgpu::Buffer,
    capacity: u32,
}

impl Drawables {
    /// Those of an engine, without a copy. Submissions to one queue run in their order, and an engine submits whole steps,
    /// so that a picture shows a state between two steps.
    pub fn of(state: &GpuState) -> Self {
        let buffer = |name: &'static str| state.buffer(name).clone();
        Self {
            fields: buffer("fields"),
            positions: buffer("positions"),
            polarities: buffer("polarities"),
            identities: buffer("identities"),
            signals: buffer("signals"),
            counters: buffer("counters"),
            capacity: state.sizes().capacity as u32,
        }
    }

    /// Copies what is drawn of a state into new buffers.
    pub fn upload(device: &wgpu::Device, state: &HostState) -> Self {
        let cells = &state.cells;
        let n_cells = cells.len() as u32;
        let buffer = |name: &str, bytes: &[u8]| {
            // A binding may not be empty; 16 bytes hold one element of any of these arrays.
            let contents = if bytes.is_empty() { &[0; 16] } else { bytes };
            device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
                label: Some(&format!("invado.render.host.{name}")),
                contents,
                usage: wgpu::BufferUsages::STORAGE,
            })
        };
        let fields: Vec<f32> = state
            .fields
            .iter()
            .flat_map(|(_, values)| values)
            .copied()
            .collect();
        let signals: Vec<f32> = cells.signals.iter().flatten().copied().collect();
        Self {
            fields: buffer("fields", bytemuck::cast_slice(&fields)),
            positions: buffer("positions", bytemuck::cast_slice(&cells.position_radius)),
            polarities: buffer("polarities", bytemuck::cast_slice(&cells.polarity_speed)),
            identities: buffer("identities", bytemuck::cast_slice(&cells.identity)),
            signals: buffer("signals", bytemuck::cast_slice(&signals)),
            counters: buffer("counters", bytemuck::cast_slice(&[n_cells])),
            capacity: n_cells,
        }
    }

    /// What the painter takes.
    pub fn buffers(&self) -> DrawBuffers<'_> {
        DrawBuffers {
            fields: &self.fields,
            positions: &self.positions,
            polarities: &self.polarities,
            identities: &self.identities,
            signals: &self.signals,
            counters: &self.counters,
            capacity: self.capacity,
            n_cells_at_most: self.capacity,
        }
    }
}
