//! Which neighbour bin each cell is in, and how many are in each. Twin of `shaders/passes/bin.wgsl`.

use super::Scene;
use crate::coefficients::Globals;

/// Bin coordinates of a position in µm.
pub(super) fn bin_of(g: &Globals, position: [f32; 3]) -> [u32; 3] {
    [0, 1, 2].map(|axis| {
        let i = (position[axis] * g.bins_per_um[axis]).max(0.0) as u32;
        i.min(g.bins[axis] - 1)
    })
}

pub(super) fn bin(scene: &mut Scene) {
    let g = &scene.coefficients.globals;
    let cells = &scene.state.cells;
    let w = &mut *scene.workings;
    w.cell_bins.clear();
    w.bin_counts.fill(0);
    for body in &cells.position_radius {
        let [x, y, z] = bin_of(g, [body.x, body.y, body.z]);
        let bin = (z * g.bins[1] + y) * g.bins[0] + x;
        w.cell_bins.push(bin);
        w.bin_counts[bin as usize] += 1;
    }
}
