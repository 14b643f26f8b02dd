//! Exclusive prefix sum of the bin counts. Twin of `shaders/passes/scan.wgsl`.

use super::Scene;

pub(super) fn scan(scene: &mut Scene) {
    let w = &mut *scene.workings;
    exclusive_sum(&w.bin_counts, &mut w.bin_starts);
}

/// `out[i]` = sum of `counts[..i]`.
pub(super) fn exclusive_sum(counts: &[u32], out: &mut Vec<u32>) {
    out.clear();
    let mut sum = 0;
    for &count in counts {
        out.push(sum);
        sum += count;
    }
}
