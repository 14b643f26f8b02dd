//! Counting sort of the cells by bin, ascending by index (so by id) within a bin. Twin of `shaders/passes/sort.wgsl`.

use rayon::prelude::*;

use super::{SPLIT, Scene};

pub(super) fn sort(scene: &mut Scene) {
    let cells = &scene.state.cells;
    let w = &mut *scene.workings;
    w.sorted_ix.clear();
    w.sorted_ix.resize(cells.len(), 0);
    // From the last cell down, each taking the last free place of its bin, leaves every run ascending and every
    // count at zero, as the GPU's scatter does.
    for ix in (0..cells.len()).rev() {
        let bin = w.cell_bins[ix] as usize;
        w.bin_counts[bin] -= 1;
        let place = (w.bin_starts[bin] + w.bin_counts[bin]) as usize;
        w.sorted_ix[place] = ix as u32;
    }
    w.sorted_ix
        .par_iter()
        .with_min_len(SPLIT)
        .map(|ix| cells.position_radius[*ix as usize])
        .collect_into_vec(&mut w.sorted_bodies);
}
