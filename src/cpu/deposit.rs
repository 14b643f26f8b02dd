//! What cells give to the fields, shared trilinearly between voxels, in fixed point. Twin of
//! `shaders/passes/deposit.wgsl`.
//!
//! Integer sums do not depend on order, so that the GPU's atomics give these bits too. Here each thread walks the sorted
//! cells that reach into its part of the grid: `sort` must have run.

use std::ops::Range;

use rayon::prelude::*;

use super::Scene;
use super::bin::row_of;
use super::sample::{stencil, voxel};
use crate::coefficients::{DEPOSIT_LIMIT, Globals, NONE};
use crate::model::N_CHANNELS;
use crate::simulation::EngineError;
use crate::state::Phase;

pub(super) fn deposit(scene: &mut Scene) -> Result<(), EngineError> {
    let g = &scene.coefficients.globals;
    let (n_voxels, n_sums) = (g.n_voxels as usize, g.n_sums as usize);
    // Each thread has a slab of the grid of its own, and meets every cell that reaches into it.
    let outer = if g.n[2] > 1 { 2 } else { 1 };
    let plane = n_voxels / g.n[outer] as usize;
    let thickness = (g.n[outer] as usize).div_ceil(rayon::current_num_threads());
    let mut deposits = std::mem::take(&mut scene.workings.deposits);
    let mut slabs: Vec<Vec<&mut [u32]>> = Vec::new();
    for sum in deposits.chunks_mut(n_voxels) {
        for (slab, part) in sum.chunks_mut(thickness * plane).enumerate() {
            if slabs.len() == slab {
                slabs.push(Vec::with_capacity(n_sums));
            }
            slabs[slab].push(part);
        }
    }
    let (present, cells): (&Scene, _) = (scene, scene.state.cells.len());
    let overflow = slabs
        .into_par_iter()
        .enumerate()
        .map(|(slab, mut sums)| {
            // The sums start from nothing. They are cleared here and not by their last reader, because which pass that
            // is depends on the model.
            sums.iter_mut().for_each(|sum| sum.fill(0));
            let planes = (slab * thickness) as u32..((slab + 1) * thickness) as u32;
            let mut overflow = false;
            for layer in layers_that_reach(g, outer, &planes) {
                let (y, z) = if outer == 2 { (0, layer) } else { (layer, 0) };
                let first = row_of(g, y, z);
                let start = |bin: u32| present.workings.bin_starts[bin as usize] as usize;
                let places = start(first)..start(first + g.n_bins / g.bins[outer]).min(cells);
                overflow |= add(present, outer, &planes, places, &mut sums);
            }
            overflow
        })
        .reduce(|| false, |a, b| a || b);
    scene.workings.deposits = deposits;
    if overflow {
        return Err(EngineError::Crowding {
            limit: DEPOSIT_LIMIT,
            time_h: scene.time_h(),
            step: scene.input.step,
        });
    }
    Ok(())
}

/// Layers of neighbour bins along an axis whose cells may give to these planes of voxels.
fn layers_that_reach(g: &Globals, axis: usize, planes: &Range<u32>) -> impl Iterator<Item = u32> {
    let (n, bins) = (g.n[axis] as f32, g.bins[axis]);
    // A cell gives to the plane that it is in and the nearer of the next; one more for rounding.
    let (low, high) = (planes.start as f32 - 2.0, planes.end as f32 + 2.0);
    let images: &[f32] = if g.periodic[axis] == 1 {
        &[-1.0, 0.0, 1.0]
    } else {
        &[0.0]
    };
    (0..bins).filter(move |layer| {
        let from = *layer as f32 / bins as f32 * n;
        let to = (layer + 1) as f32 / bins as f32 * n;
        images
            .iter()
            .any(|image| from + image * n < high && to + image * n > low)
    })
}

/// Adds what the cells in these places of the sorted order give to the voxels of these planes. True if a sum of the
/// cells has overflowed.
fn add(
    scene: &Scene,
    outer: usize,
    planes: &Range<u32>,
    places: Range<usize>,
    sums: &mut [&mut [u32]],
) -> bool {
    let g = &scene.coefficients.globals;
    let types = &scene.coefficients.cell_types;
    let cells = &scene.state.cells;
    let origin = planes.start as usize * (g.n_voxels / g.n[outer]) as usize;
    let corners = if g.dimensions == 3 { 8 } else { 4 };
    let sorted = places.map(|k| (scene.workings.sorted_ix[k], scene.workings.sorted_bodies[k]));
    let mut overflow = false;
    for (ix, body) in sorted {
        let ix = ix as usize;
        // The dying neither give nor take.
        if Phase::of(cells.identity[ix][3]).is_dying() {
            continue;
        }
        let s = stencil(g, [body.x, body.y, body.z]);
        if !planes.contains(&s.lo[outer]) && !planes.contains(&s.hi[outer]) {
            continue;
        }
        let weights = &types[cells.identity[ix][1] as usize].weights;
        let high = s.share.map(|share| (share * 64.0 + 0.5) as u32);
        // The first sum is the cells themselves.
        let mut quanta = [0u32; N_CHANNELS];
        for place in 1..sums.len() {
            quanta[place] = weights[place];
            let row = g.channel_states[place / 4][place % 4];
            if row != NONE {
                let state = cells.signals[row as usize][ix];
                quanta[place] = (weights[place] * ((state * 1024.0 + 0.5) as u32)) >> 10;
            }
        }
        // In 2-D a cell is in the middle of the only layer, so that all of it lies at the lower corners of z.
        for corner in 0..corners {
            let mut weight = 1;
            let mut at = [0; 3];
            for axis in 0..3 {
                let upper = (corner >> axis) & 1 == 1;
                weight *= if upper { high[axis] } else { 64 - high[axis] };
                at[axis] = if upper { s.hi[axis] } else { s.lo[axis] };
            }
            if weight == 0 || !planes.contains(&at[outer]) {
                continue;
            }
            let v = voxel(g, at[0], at[1], at[2]) - origin;
            let (sum, wrapped) = sums[0][v].overflowing_add(weight);
            sums[0][v] = sum;
            overflow |= wrapped;
            for (place, sum) in sums.iter_mut().enumerate().skip(1) {
                sum[v] = sum[v].wrapping_add((weight * quanta[place]) >> 10);
            }
        }
    }
    overflow
}
