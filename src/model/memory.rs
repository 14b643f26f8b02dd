//! The memory account: what a model needs, and whether the machine has it, before anything is allocated.

use super::Model;
use crate::coefficients::{Coefficients, FieldCoefficients, scheme};
use crate::error::UsageError;
use crate::hierarchy::Hierarchy;

/// Bytes per voxel and field: the state.
const FIELD_BYTES: u64 = 4;
/// Bytes per voxel and fixed-point sum.
const DEPOSIT_BYTES: u64 = 4;
/// Bytes per cell: state, its copy in `fate`, sorted bodies, indices and verdicts.
const CELL_BYTES: u64 = 264;

impl Model {
    /// Bytes that one engine needs for the model's state and working arrays, without the program, the driver and the
    /// host's snapshots. The work arrays of diffusion are shared by all fields.
    pub fn memory_bytes(&self) -> u64 {
        let c = Coefficients::new(self);
        let voxels = u64::from(c.globals.n_voxels);
        let any = |is: &dyn Fn(&FieldCoefficients) -> bool| c.fields.iter().any(is);
        let solved = |f: &FieldCoefficients| f.scheme >= scheme::IMPLICIT;
        let hierarchy = Hierarchy::new(self.grid.n);
        let coarse = hierarchy.n_coarse() as u64;
        let mass = any(&|f| solved(f) && f.mass_varies == 1);
        let mut work = 0;
        if any(&|f| f.scheme == scheme::EXPLICIT) {
            work += voxels;
        }
        if any(&solved) {
            // Values and right sides; masses and faces where they vary. (The GPU has one array for this and the above.)
            work += voxels + 2 * coarse;
            work += if mass { voxels + coarse } else { 0 };
            if any(&|f| solved(f) && f.mobility_varies == 1) {
                work += hierarchy.n_coarse_faces() as u64;
            }
        }
        if any(&|f| f.mobility_varies == 1) {
            work += voxels;
        }
        let maps = c.maps.len() as u64;
        // A count and a start for each neighbour bin.
        let bins = 2 * u64::from(c.globals.n_bins);
        bytes(
            voxels,
            self.fields.len() as u64,
            self.n_sums() as u64,
            u64::from(self.n_cells()),
        ) + 4 * (work + maps + bins)
    }
}

/// How many runs of `need` bytes the machine has memory for, the host's snapshot of each included; at least one.
pub fn room_for(need: u64) -> usize {
    let mut system = sysinfo::System::new();
    system.refresh_memory();
    match system.available_memory() {
        // A platform that does not say is not refused.
        0 => usize::MAX,
        have => usize::try_from(have / (2 * need).max(1)).map_or(usize::MAX, |n| n.max(1)),
    }
}

fn bytes(n_voxels: u64, n_fields: u64, n_sums: u64, n_cells: u64) -> u64 {
    n_voxels * (FIELD_BYTES * n_fields + DEPOSIT_BYTES * n_sums) + n_cells * CELL_BYTES
}

/// Work arrays of diffusion at most, bytes per voxel: values, mass and mobility of the solver, a third of six values for
/// its coarse levels.
const MOST_WORK_BYTES: u64 = 20;

/// Cells that ids and counts allow for.
pub(super) const MOST_IDS: u64 = u32::MAX as u64 / 4;

/// Refuses what the machine cannot hold, and says how many cells it can. The host keeps one snapshot beside the engine's
/// state.
///
/// # Errors
/// Too large, with the figures and what to change.
pub(super) fn most_cells(
    n: [u64; 3],
    n_fields: u64,
    n_sums: u64,
    n_cells: u64,
) -> Result<u64, UsageError> {
    let n_voxels = n
        .iter()
        .try_fold(1u64, |product, &n| product.checked_mul(n));
    let too_large = |need: String, have: String| {
        Err(UsageError::new(format!(
            "domain: a grid of {} × {} × {} voxels with {n_fields} fields and {n_cells} cells needs {need}, but {have}; \
             use a larger voxel, a smaller size, fewer fields or fewer cells",
            n[0], n[1], n[2]
        )))
    };
    let Some(n_voxels) = n_voxels.filter(|&n| n < 1 << 31) else {
        return too_large(
            "more than 2^31 voxels".to_string(),
            "voxels are numbered with 31 bits".to_string(),
        );
    };
    let most_work = if n_fields > 0 {
        MOST_WORK_BYTES * n_voxels
    } else {
        0
    };
    let need = 2 * bytes(n_voxels, n_fields, n_sums, n_cells) + most_work;
    let mut system = sysinfo::System::new();
    system.refresh_memory();
    let have = system.available_memory();
    // A platform that does not say is not refused.
    if have == 0 {
        return Ok(MOST_IDS);
    }
    if need > have {
        return too_large(
            format!("{} MiB of memory", need >> 20),
            format!("{} MiB are free", have >> 20),
        );
    }
    Ok((n_cells + (have - need) / (2 * CELL_BYTES)).min(MOST_IDS))
}
