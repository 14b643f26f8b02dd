//! Counting sort of the cells by bin, ascending by index (so by id) within a bin. Twin of `shaders/passes/sort.wgsl`.

use std::sync::atomic::{AtomicU32, Ordering};

use rayon::prelude::*;

use super::{CHEAP, SPLIT, Scene};

/// What `bin` and `sort` keep between steps, so that they need not allocate it.
#[derive(Default)]
pub(super) struct Scratch {
    /// Cells of each bin in one share of the cells, one list a share; then the next free place of each bin for the share.
    pub histograms: Vec<Vec<u32>>,
    /// The next free place of each bin.
    free: Vec<u32>,
    /// Cell indices by bin. Shares write them at the same time, each to places of its own.
    scattered: Vec<AtomicU32>,
}

/// Shares that the cells are split in. Each has a list as long as there are bins, so that many would cost more than
/// they save.
const MOST_SHARES: usize = 4;

/// Cells of a share, by the number of cells.
pub(super) fn share(n_cells: usize) -> usize {
    let shares = rayon::current_num_threads().clamp(1, MOST_SHARES);
    n_cells.div_ceil(shares).max(CHEAP)
}

/// Counts the cells of every bin, in shares of `share` cells.
pub(super) fn count(cell_bins: &[u32], share: usize, n_bins: usize, into: &mut Vec<Vec<u32>>) {
    into.resize_with(cell_bins.len().div_ceil(share), Vec::new);
    cell_bins
        .par_chunks(share)
        .zip(into)
        .for_each(|(bins, counts)| {
            counts.clear();
            counts.resize(n_bins, 0);
            for bin in bins {
                counts[*bin as usize] += 1;
            }
        });
}

pub(super) fn sort(scene: &mut Scene) {
    let bodies = &scene.state.cells.position_radius;
    let w = &mut *scene.workings;
    let share = share(bodies.len());
    let scattered = scatter(&w.cell_bins, &w.bin_starts, share, scene.search);
    // The GPU's scatter counts down to zero.
    w.bin_counts.fill(0);
    scattered
        .par_iter()
        .with_min_len(SPLIT)
        .map(|ix| {
            let ix = ix.load(Ordering::Relaxed);
            (ix, bodies[ix as usize])
        })
        .unzip_into_vecs(&mut w.sorted_ix, &mut w.sorted_bodies);
}

/// The cells in the order of their bins, those of a bin ascending.
fn scatter<'a>(
    cell_bins: &[u32],
    bin_starts: &[u32],
    share: usize,
    scratch: &'a mut Scratch,
) -> &'a [AtomicU32] {
    count(cell_bins, share, bin_starts.len(), &mut scratch.histograms);
    // Within a bin, the cells of one share come before those of the next.
    let free = &mut scratch.free;
    bin_starts.clone_into(free);
    for counts in &mut scratch.histograms {
        counts
            .par_iter_mut()
            .with_min_len(CHEAP)
            .zip(&mut *free)
            .for_each(|(count, free)| (*count, *free) = (*free, *free + *count));
    }
    scratch
        .scattered
        .resize_with(cell_bins.len(), AtomicU32::default);
    let scattered = scratch.scattered.as_slice();
    cell_bins
        .par_chunks(share)
        .zip(&mut scratch.histograms)
        .enumerate()
        .for_each(|(nth, (bins, free))| {
            for (offset, bin) in bins.iter().enumerate() {
                let place = &mut free[*bin as usize];
                let ix = (nth * share + offset) as u32;
                scattered[*place as usize].store(ix, Ordering::Relaxed);
                *place += 1;
            }
        });
    scattered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng;

    /// Against a stable sort, with one share and with many, some of them empty of a bin.
    #[test]
    fn shares_do_not_change_the_order() {
        let bins: Vec<u32> = (0..1000)
            .map(|ix| rng::philox4x32([1, 1], [ix, 0, 0, 0])[0] % 17)
            .collect();
        let mut expected: Vec<u32> = (0..1000).collect();
        expected.sort_by_key(|ix| bins[*ix as usize]);
        let mut starts = vec![0u32; 19];
        for bin in &bins {
            for start in &mut starts[*bin as usize + 1..] {
                *start += 1;
            }
        }
        let mut scratch = Scratch::default();
        for share in [1000, 10, 333, 5000, 1] {
            let scattered = scatter(&bins, &starts, share, &mut scratch);
            let got: Vec<u32> = scattered
                .iter()
                .map(|ix| ix.load(Ordering::Relaxed))
                .collect();
            assert_eq!(got, expected, "{share}");
        }
    }
}
