//! Exclusive prefix sum of the bin counts. Twin of `shaders/passes/scan.wgsl`.

use rayon::prelude::*;

use super::{CHEAP, Scene};

pub(super) fn scan(scene: &mut Scene) {
    let w = &mut *scene.workings;
    let block = w.bin_counts.len().div_ceil(rayon::current_num_threads());
    exclusive_sum(&w.bin_counts, &mut w.bin_starts, block.max(CHEAP));
}

/// `out[i]` = sum of `counts[..i]`: the totals of blocks first, then every block from what lies before it.
fn exclusive_sum(counts: &[u32], out: &mut Vec<u32>, block: usize) {
    out.resize(counts.len(), 0);
    let mut before: Vec<u32> = counts
        .par_chunks(block)
        .map(|counts| counts.iter().sum())
        .collect();
    let mut sum = 0;
    for total in &mut before {
        (*total, sum) = (sum, sum + *total);
    }
    (counts.par_chunks(block), out.par_chunks_mut(block), before)
        .into_par_iter()
        .for_each(|(counts, out, before)| {
            let mut sum = before;
            for (start, count) in out.iter_mut().zip(counts) {
                *start = sum;
                sum += count;
            }
        });
}

#[cfg(test)]
mod tests {
    #[test]
    fn blocks_add_up() {
        for n in [0, 1, 5, 99, 100, 101, 5_000] {
            let counts: Vec<u32> = (0..n).map(|i| i % 7).collect();
            let mut out = vec![9; 3];
            super::exclusive_sum(&counts, &mut out, 100);
            let mut sum = 0;
            assert_eq!(out.len(), counts.len());
            for (start, count) in out.iter().zip(&counts) {
                assert_eq!(*start, sum);
                sum += count;
            }
        }
    }
}
