//! [`Live`]: the buffers in which a GPU engine keeps its state, to be drawn without a copy from another thread.

use crate::gpu::GpuState;
use crate::render::gpu::DrawBuffers;
use crate::simulation::Engine;

/// Handles of the buffers; the device keeps what they name for as long as a handle is there. Submissions to one queue run
/// in their order, and an engine submits whole steps, so that a picture shows a state between two steps.
#[derive(Clone, Debug)]
pub(super) struct Live {
    fields: wgpu::Buffer,
    positions: wgpu::Buffer,
    polarities: wgpu::Buffer,
    identities: wgpu::Buffer,
    signals: wgpu::Buffer,
    counters: wgpu::Buffer,
    capacity: u32,
}

impl Live {
    /// Those of an engine, if it has a device.
    pub(super) fn of(engine: &dyn Engine) -> Option<Self> {
        engine.gpu_state().map(|state: &GpuState| Self {
            fields: state.buffer("fields").clone(),
            positions: state.buffer("positions").clone(),
            polarities: state.buffer("polarities").clone(),
            identities: state.buffer("identities").clone(),
            signals: state.buffer("signals").clone(),
            counters: state.buffer("counters").clone(),
            capacity: state.sizes().capacity as u32,
        })
    }

    /// What the painter takes.
    pub(super) fn buffers(&self) -> DrawBuffers<'_> {
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
