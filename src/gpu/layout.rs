//! Every GPU buffer: its name in the shaders and its size.

use bytemuck::{Pod, Zeroable};

use crate::coefficients::{CellTypeCoefficients, DoorCoefficients, FieldCoefficients, Globals};
use crate::gpu::diffusion::LevelTable;
use crate::model::N_FIELD_KINDS;
use crate::state::{N_CAUSES, N_SIGNALS, N_TRAITS};

/// Threads a workgroup, `THREADS` in `shaders/types.wgsl`.
pub const THREADS: u32 = 256;

/// Workgroups that keep a field's books at most, `BOOK_GROUPS` in `shaders/lib/ledger.wgsl`.
pub const BOOK_GROUPS: u64 = 256;

/// What one workgroup booked for one field: sources, sinks, boundary and rounding, each as a value and what it lacks.
pub type Book = [[f32; 2]; 4];

/// Distance of dynamic uniform entries, the largest alignment that WebGPU asks for.
pub const UNIFORM_STRIDE: u64 = 256;

/// Steps that one submission can hold.
pub const STEPS_PER_SUBMIT: u64 = 60;

/// Mirrors `struct Step`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Step {
    /// Index of the step.
    pub step: u32,
    /// Free FAK inhibitor in the bath, nM.
    pub bath_nm: f32,
    /// Strength of MEK inhibition.
    pub mek: f32,
    /// Free docetaxel in the medium, ng/mL.
    pub docetaxel_ng_ml: f32,
    /// Share of PD-1 that an antibody blocks.
    pub pd1_block: f32,
}

/// Mirrors `struct Launch`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct Launch {
    /// Field slot.
    pub slot: u32,
    /// 1: read the work buffer, write the state.
    pub from_work: u32,
    /// Level of the implicit solver.
    pub level: u32,
    /// Colour (bit 0) and seams (bits 1 to 3) of the cells that are relaxed.
    pub kin: u32,
}

/// Mirrors `struct ScanSize`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct ScanSize {
    /// Elements.
    pub n: u32,
    /// Workgroups.
    pub n_blocks: u32,
}

/// Mirrors `struct Counters`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[allow(missing_docs, reason = "explained at the struct in shaders/types.wgsl")]
pub struct Counters {
    pub n_cells: u32,
    pub next_id: u32,
    pub births: u32,
    pub removals: u32,
    pub fault_field: [u32; N_FIELD_KINDS],
    pub fault_cell: u32,
    pub fault_crowding: u32,
    pub fault_capacity: u32,
    pub fault_solve: u32,
    pub fault_solve_slot: u32,
    pub fault_solve_residual: u32,
    pub limited: u32,
    pub deaths: [u32; N_CAUSES],
    pub arrivals: u32,
    pub fault_kills: u32,
    pub spare_1: u32,
    pub spare_2: u32,
}

/// What buffer sizes depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Voxels of the grid.
    pub n_voxels: u64,
    /// Fields computed.
    pub n_fields: u64,
    /// Cell types.
    pub n_types: u64,
    /// Neighbour bins.
    pub n_bins: u64,
    /// Values of per-voxel rates.
    pub n_maps: u64,
    /// Sums per voxel of the deposit pass.
    pub n_sums: u64,
    /// Entries of the `launch` buffer.
    pub n_launches: u64,
    /// Values of the implicit solver's coarse levels.
    pub n_coarse_values: u64,
    /// Voxels, if any field's diffusivity varies.
    pub n_mobility: u64,
    /// Voxels, if any implicit system's mass varies.
    pub n_mass: u64,
    /// Fields, if any has a ledger.
    pub n_books: u64,
    /// Voxels that cells come in by.
    pub n_doors: u64,
    /// Kills that the log holds, if there are killers.
    pub n_kills: u64,
    /// Cells that fit.
    pub capacity: u64,
}

impl Sizes {
    /// Verdicts of `fate`: of each cell whether it stays and whether it divides, of each door whether a cell comes in, and
    /// a final 0.
    pub fn n_verdicts(&self) -> u64 {
        2 * self.capacity + self.n_doors + 1
    }

    /// Workgroups of a scan over `n` elements.
    pub fn blocks(n: u64) -> u64 {
        n.div_ceil(u64::from(THREADS))
    }
}

const fn size_of<T>() -> u64 {
    std::mem::size_of::<T>() as u64
}

/// Name and bytes of every buffer. The name is the variable's in the shaders, but for the scan's, which runs over two
/// different sets (see `pipelines.rs`).
pub fn buffers(s: &Sizes) -> Vec<(&'static str, u64)> {
    let (cells, voxels) = (s.capacity, s.n_voxels);
    let sizes = [
        ("globals", size_of::<Globals>()),
        ("step", UNIFORM_STRIDE * STEPS_PER_SUBMIT),
        ("launch", UNIFORM_STRIDE * s.n_launches),
        ("levels", size_of::<LevelTable>()),
        ("field_table", size_of::<FieldCoefficients>() * s.n_fields),
        ("cell_types", size_of::<CellTypeCoefficients>() * s.n_types),
        ("doors", size_of::<DoorCoefficients>() * s.n_doors),
        ("kills", 4 + 12 * s.n_kills),
        ("maps", 4 * s.n_maps),
        ("counters", size_of::<Counters>()),
        ("fields", 4 * voxels * s.n_fields),
        ("field_work", 4 * voxels),
        ("mobility", 4 * s.n_mobility),
        ("mass", 4 * s.n_mass),
        ("coarse", 4 * s.n_coarse_values),
        ("solve", 32),
        // Three numbers for the whole and half of each level, and for one workgroup.
        ("arguments", 12 * (2 * 32 + 1)),
        ("ledger", size_of::<Book>() * BOOK_GROUPS * s.n_books),
        ("deposits", 4 * voxels * s.n_sums),
        ("positions", 16 * cells),
        ("polarities", 16 * cells),
        ("pushes", 16 * cells),
        ("identities", 16 * cells),
        ("signals", 4 * (N_SIGNALS + N_TRAITS) as u64 * cells),
        ("next_positions", 16 * cells),
        ("next_polarities", 16 * cells),
        ("next_pushes", 16 * cells),
        ("next_identities", 16 * cells),
        ("next_signals", 4 * (N_SIGNALS + N_TRAITS) as u64 * cells),
        ("cell_bins", 4 * cells),
        ("bin_counts", 4 * (s.n_bins + 1)),
        ("bin_starts", 4 * (s.n_bins + 1)),
        ("bin_totals", 4 * Sizes::blocks(s.n_bins + 1)),
        ("bin_scan", size_of::<ScanSize>()),
        ("scattered_ix", 4 * cells),
        ("sorted_ix", 4 * cells),
        ("sorted_bodies", 16 * cells),
        ("verdicts", 4 * s.n_verdicts()),
        ("places", 4 * s.n_verdicts()),
        ("verdict_totals", 4 * Sizes::blocks(s.n_verdicts())),
        ("verdict_scan", size_of::<ScanSize>()),
    ];
    // A binding may not be empty, and an array not smaller than one element of the largest type.
    sizes
        .into_iter()
        .map(|(name, bytes)| (name, bytes.max(256)))
        .collect()
}

/// Bytes of all buffers together.
pub fn total_bytes(sizes: &Sizes) -> u64 {
    buffers(sizes).iter().map(|(_, bytes)| bytes).sum()
}
