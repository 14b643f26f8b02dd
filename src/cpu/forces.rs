//! Pair repulsion and adhesion, and the crowding around each cell. Twin of `shaders/passes/forces.wgsl`.
//!
//! Neighbours are met in sorted order (bin by bin, ascending id), so that the sums have one order on every engine.

use glam::Vec4;
use rayon::prelude::*;

use super::Scene;
use super::bin::bin_of;
use crate::coefficients::Globals;

/// Bins from `.0` on, `.1` of them, that are neighbours of bin `b` along an axis; with wrapping where it is periodic.
pub(super) fn bin_window(g: &Globals, axis: usize, b: u32) -> (i32, i32) {
    let (b, n) = (b as i32, g.bins[axis] as i32);
    if g.periodic[axis] == 1 && n >= 3 {
        (b - 1, b + 1)
    } else {
        ((b - 1).max(0), (b + 1).min(n - 1))
    }
}

fn wrapped(i: i32, n: u32) -> u32 {
    let n = n as i32;
    (if i < 0 {
        i + n
    } else if i >= n {
        i - n
    } else {
        i
    }) as u32
}

/// The shortest way between two positions along an axis.
fn nearest_image(g: &Globals, axis: usize, d: f32) -> f32 {
    if g.periodic[axis] == 1 {
        if d > 0.5 * g.size_um[axis] {
            return d - g.size_um[axis];
        }
        if d < -0.5 * g.size_um[axis] {
            return d + g.size_um[axis];
        }
    }
    d
}

pub(super) fn forces(scene: &mut Scene) {
    let g = &scene.coefficients.globals;
    let types = &scene.coefficients.cell_types;
    let w = &*scene.workings;
    let cells = &mut scene.state.cells;
    let identity = &cells.identity;
    (&cells.position_radius, &mut cells.push_crowding)
        .into_par_iter()
        .enumerate()
        .with_min_len(256)
        .for_each(|(ix, (body, push_crowding))| {
            let root = types[identity[ix][1] as usize].adhesion_root;
            let here = bin_of(g, [body.x, body.y, body.z]);
            let (x0, x1) = bin_window(g, 0, here[0]);
            let (y0, y1) = bin_window(g, 1, here[1]);
            let (z0, z1) = bin_window(g, 2, here[2]);
            let mut push = [0.0f32; 3];
            let mut others = 0u32;
            for z in z0..=z1 {
                for y in y0..=y1 {
                    for x in x0..=x1 {
                        let bin = ((wrapped(z, g.bins[2]) * g.bins[1] + wrapped(y, g.bins[1]))
                            * g.bins[0]
                            + wrapped(x, g.bins[0])) as usize;
                        let run = w.bin_starts[bin] as usize..w.bin_starts[bin + 1] as usize;
                        others += run.len() as u32;
                        for k in run {
                            let other = w.sorted_bodies[k];
                            let dx = nearest_image(g, 0, body.x - other.x);
                            let dy = nearest_image(g, 1, body.y - other.y);
                            let dz = nearest_image(g, 2, body.z - other.z);
                            let d2 = (dx * dx + dy * dy) + dz * dz;
                            let contact = body.w + other.w;
                            let reach = 1.25 * contact;
                            if d2 >= reach * reach || d2 == 0.0 {
                                continue;
                            }
                            let d = d2.sqrt();
                            let other_type = identity[w.sorted_ix[k] as usize][1] as usize;
                            let overlap = (1.0 - d / contact).max(0.0);
                            let bond = 1.0 - d / reach;
                            let pull =
                                (g.c_a * (root * types[other_type].adhesion_root)) * (bond * bond);
                            let scale = (g.c_r * (overlap * overlap) - pull) / d;
                            push[0] += scale * dx;
                            push[1] += scale * dy;
                            push[2] += scale * dz;
                        }
                    }
                }
            }
            let bins = (((x1 - x0 + 1) * (y1 - y0 + 1)) * (z1 - z0 + 1)) as f32;
            let crowding = (others - 1) as f32 / (bins * g.bin_measure);
            *push_crowding = Vec4::new(push[0], push[1], push[2], crowding);
        });
}
