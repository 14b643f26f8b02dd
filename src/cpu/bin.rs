//! Which neighbour bin each cell is in, and how many are in each. Twin of `shaders/passes/bin.wgsl`.

use rayon::prelude::*;

use super::{CHEAP, SPLIT, Scene, sort};
use crate::coefficients::Globals;

/// Bin coordinates of a position in µm.
pub(super) fn bin_of(g: &Globals, position: [f32; 3]) -> [u32; 3] {
    [0, 1, 2].map(|axis| {
        let i = (position[axis] * g.bins_per_um[axis]).max(0.0) as u32;
        i.min(g.bins[axis] - 1)
    })
}

/// The first bin of a row along x. Rows are numbered from [`Globals::first_row`] on, around.
#[inline(always)]
pub(super) fn row_of(g: &Globals, y: u32, z: u32) -> u32 {
    let (row, rows) = (z * g.bins[1] + y + g.first_row, g.bins[1] * g.bins[2]);
    (if row >= rows { row - rows } else { row }) * g.bins[0]
}

pub(super) fn bin(scene: &mut Scene) {
    let g = &scene.coefficients.globals;
    let cells = &scene.state.cells;
    let w = &mut *scene.workings;
    cells
        .position_radius
        .par_iter()
        .with_min_len(SPLIT)
        .map(|body| {
            let [x, y, z] = bin_of(g, [body.x, body.y, body.z]);
            row_of(g, y, z) + x
        })
        .collect_into_vec(&mut w.cell_bins);
    let histograms = &mut scene.search.histograms;
    let n_bins = w.bin_counts.len();
    sort::count(&w.cell_bins, sort::share(cells.len()), n_bins, histograms);
    w.bin_counts
        .par_iter_mut()
        .with_min_len(CHEAP)
        .enumerate()
        .for_each(|(bin, count)| *count = histograms.iter().map(|counts| counts[bin]).sum());
}
