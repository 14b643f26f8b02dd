//! What cells give to the fields, shared trilinearly between voxels, in fixed point. Twin of
//! `shaders/passes/deposit.wgsl`.
//!
//! Integer sums do not depend on order, so that the GPU's atomics give these bits too.

use super::Scene;
use super::sample::{stencil, voxel};
use crate::coefficients::{DEPOSIT_LIMIT, NONE};
use crate::model::N_CHANNELS;
use crate::simulation::EngineError;

pub(super) fn deposit(scene: &mut Scene) -> Result<(), EngineError> {
    let g = &scene.coefficients.globals;
    let types = &scene.coefficients.cell_types;
    let cells = &scene.state.cells;
    let deposits = &mut scene.workings.deposits;
    let n_voxels = g.n_voxels as usize;
    let n_sums = g.n_sums as usize;
    // The sums start from nothing. They are cleared here and not by their last reader, because which pass that is
    // depends on the model.
    deposits.fill(0);
    let mut overflow = false;
    for (ix, (body, identity)) in cells
        .position_radius
        .iter()
        .zip(&cells.identity)
        .enumerate()
    {
        let weights = &types[identity[1] as usize].weights;
        let s = stencil(g, [body.x, body.y, body.z]);
        let high = s.share.map(|share| (share * 64.0 + 0.5) as u32);
        // The first sum is the cells themselves.
        let mut quanta = [0u32; N_CHANNELS];
        for place in 1..n_sums {
            quanta[place] = weights[place];
            let row = g.channel_states[place / 4][place % 4];
            if row != NONE {
                let state = cells.signals[row as usize][ix];
                quanta[place] = (weights[place] * ((state * 1024.0 + 0.5) as u32)) >> 10;
            }
        }
        for corner in 0..8u32 {
            let mut weight = 1;
            let mut at = [0; 3];
            for axis in 0..3 {
                let upper = (corner >> axis) & 1 == 1;
                weight *= if upper { high[axis] } else { 64 - high[axis] };
                at[axis] = if upper { s.hi[axis] } else { s.lo[axis] };
            }
            if weight == 0 {
                continue;
            }
            let v = voxel(g, at[0], at[1], at[2]);
            let (sum, wrapped) = deposits[v].overflowing_add(weight);
            deposits[v] = sum;
            overflow |= wrapped;
            for place in 1..n_sums {
                let sum = &mut deposits[place * n_voxels + v];
                *sum = sum.wrapping_add((weight * quanta[place]) >> 10);
            }
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
