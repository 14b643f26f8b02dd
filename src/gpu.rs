//! The GPU engine: the passes as WGSL kernels on wgpu.
//!
//! [`context`] is the only creator of a device, [`Pipelines`] never change, [`GpuState`] holds every buffer, and
//! [`GpuEngine`] walks [`crate::pass::Pass::STEP`] over them.

pub mod context;
pub mod diffusion;
pub mod layout;
mod pipelines;
pub mod shader;
mod state;
mod step;
mod timing;

pub use context::{AdapterSummary, GpuContext, adapters};
pub use pipelines::{KERNELS, Kernel, Over, Pipelines};
pub use state::GpuState;
pub use step::GpuEngine;
