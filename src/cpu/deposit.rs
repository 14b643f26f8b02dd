//! Cells and pFAK per voxel, shared trilinearly, in fixed point. Twin of `shaders/passes/deposit.wgsl`.
//!
//! Integer sums do not depend on order, so that the GPU's atomics give these bits too.

use super::Scene;
use super::sample::{stencil, voxel};
use crate::coefficients::DEPOSIT_LIMIT;
use crate::simulation::EngineError;
use crate::state::signal;

pub(super) fn deposit(scene: &mut Scene) -> Result<(), EngineError> {
    let g = &scene.coefficients.globals;
    let cells = &scene.state.cells;
    let deposits = &mut scene.workings.deposits;
    let n_voxels = g.n_voxels as usize;
    let mut overflow = false;
    for (body, pfak) in cells
        .position_radius
        .iter()
        .zip(&cells.signals[signal::PFAK])
    {
        let s = stencil(g, [body.x, body.y, body.z]);
        let high = s.share.map(|share| (share * 64.0 + 0.5) as u32);
        let quantum = (pfak * 1024.0 + 0.5) as u32;
        for corner in 0..8u32 {
            let mut weight = 1;
            let mut at = [0; 3];
            for axis in 0..3 {
                let upper = (corner >> axis) & 1 == 1;
                weight *= if upper { high[axis] } else { 64 - high[axis] };
                at[axis] = if upper { s.hi[axis] } else { s.lo[axis] };
            }
            let v = voxel(g, at[0], at[1], at[2]);
            let (sum, wrapped) = deposits[v].overflowing_add(weight);
            deposits[v] = sum;
            overflow |= wrapped;
            deposits[n_voxels + v] = deposits[n_voxels + v].wrapping_add((weight * quantum) >> 10);
        }
    }
    if overflow {
        return Err(EngineError::Crowding {
            limit: DEPOSIT_LIMIT,
            time_h: scene.time_h(),
            step: scene.input.step,
        });
    }
    Ok(())
}
