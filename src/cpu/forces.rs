//! Pair repulsion and adhesion, and the crowding around each cell. Twin of `shaders/passes/forces.wgsl`.
//!
//! Neighbours are met in sorted order (bin by bin, ascending id), so that the sums have one order on every engine. Bins
//! side by side along x are one run of cells. What each neighbour does is worked out for many at once; only the sums go
//! one by one.

use glam::Vec4;
use multiversion::multiversion;
use rayon::prelude::*;

use super::Scene;
use super::bin::bin_of;
use crate::coefficients::{CellTypeCoefficients, Globals};
use crate::state::Workings;

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

/// Cells that a task takes at once.
const CELLS: usize = 256;
/// Neighbours worked out together: a multiple of every vector's length.
const LANES: usize = 64;

/// Neighbours to be worked out, from places in the sorted order.
struct Neighbours {
    x: [f32; LANES],
    y: [f32; LANES],
    z: [f32; LANES],
    radius: [f32; LANES],
    adhesion_root: [f32; LANES],
    len: usize,
}

/// What the cells of a model read.
#[derive(Clone, Copy)]
struct Crowd<'a> {
    g: &'a Globals,
    types: &'a [CellTypeCoefficients],
    identity: &'a [[u32; 4]],
    sorted: &'a Workings,
    /// The adhesion of every type, where it is the same.
    one_root: Option<f32>,
}

pub(super) fn forces(scene: &mut Scene) {
    let types = &scene.coefficients.cell_types;
    let cells = &mut scene.state.cells;
    let first = types.first().map(|t| t.adhesion_root);
    let crowd = Crowd {
        g: &scene.coefficients.globals,
        types,
        identity: &cells.identity,
        sorted: scene.workings,
        one_root: first.filter(|root| types.iter().all(|t| t.adhesion_root == *root)),
    };
    cells
        .push_crowding
        .par_chunks_mut(CELLS)
        .zip(cells.position_radius.par_chunks(CELLS))
        .enumerate()
        .for_each(|(chunk, (pushes, bodies))| {
            push_cells(crowd, chunk * CELLS, bodies, pushes);
        });
}

#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
fn push_cells(crowd: Crowd, first: usize, bodies: &[Vec4], pushes: &mut [Vec4]) {
    let g = crowd.g;
    // Beyond half the box the other image is nearer; on an axis that is not periodic nothing is beyond.
    let half: [f32; 3] = std::array::from_fn(|axis| {
        if g.periodic[axis] == 1 {
            0.5 * g.size_um[axis]
        } else {
            f32::INFINITY
        }
    });
    let mut near = Neighbours {
        x: [0.0; LANES],
        y: [0.0; LANES],
        z: [0.0; LANES],
        radius: [0.0; LANES],
        adhesion_root: [crowd.one_root.unwrap_or(0.0); LANES],
        len: 0,
    };
    for (offset, (body, push_crowding)) in bodies.iter().zip(pushes).enumerate() {
        let root = crowd.types[crowd.identity[first + offset][1] as usize].adhesion_root;
        let here = bin_of(g, [body.x, body.y, body.z]);
        let [(x0, x1), (y0, y1), (z0, z1)] = [0, 1, 2].map(|axis| bin_window(g, axis, here[axis]));
        let mut push = [0.0f32; 3];
        let mut others = 0u32;
        let mut run = |from: u32, to: u32, push: &mut [f32; 3]| {
            let (from, to) = (from as usize, to as usize);
            let run = crowd.sorted.bin_starts[from] as usize..crowd.sorted.bin_starts[to] as usize;
            others += run.len() as u32;
            for k in run {
                let other = crowd.sorted.sorted_bodies[k];
                let j = near.len;
                near.x[j] = other.x;
                near.y[j] = other.y;
                near.z[j] = other.z;
                near.radius[j] = other.w;
                if crowd.one_root.is_none() {
                    let ix = crowd.sorted.sorted_ix[k] as usize;
                    near.adhesion_root[j] =
                        crowd.types[crowd.identity[ix][1] as usize].adhesion_root;
                }
                near.len += 1;
                if near.len == LANES {
                    add_up(g, half, *body, root, &mut near, push);
                }
            }
        };
        for z in z0..=z1 {
            for y in y0..=y1 {
                let row = (wrapped(z, g.bins[2]) * g.bins[1] + wrapped(y, g.bins[1])) * g.bins[0];
                if x0 >= 0 && x1 < g.bins[0] as i32 {
                    run(row + x0 as u32, row + x1 as u32 + 1, &mut push);
                } else {
                    for x in x0..=x1 {
                        let bin = row + wrapped(x, g.bins[0]);
                        run(bin, bin + 1, &mut push);
                    }
                }
            }
        }
        add_up(g, half, *body, root, &mut near, &mut push);
        let bins = (((x1 - x0 + 1) * (y1 - y0 + 1)) * (z1 - z0 + 1)) as f32;
        let crowding = (others - 1) as f32 / (bins * g.bin_measure);
        *push_crowding = Vec4::new(push[0], push[1], push[2], crowding);
    }
}

/// Adds what the collected neighbours do, in their order, and forgets them.
#[inline(always)]
fn add_up(
    g: &Globals,
    half: [f32; 3],
    body: Vec4,
    root: f32,
    near: &mut Neighbours,
    push: &mut [f32; 3],
) {
    let (mut px, mut py, mut pz) = ([0.0f32; LANES], [0.0f32; LANES], [0.0f32; LANES]);
    // Whole vectors: what lies behind `len` is worked out and not used.
    for j in 0..near.len.next_multiple_of(16).min(LANES) {
        let dx = nearest_image(half[0], g.size_um[0], body.x - near.x[j]);
        let dy = nearest_image(half[1], g.size_um[1], body.y - near.y[j]);
        let dz = nearest_image(half[2], g.size_um[2], body.z - near.z[j]);
        let d2 = (dx * dx + dy * dy) + dz * dz;
        let contact = body.w + near.radius[j];
        let reach = 1.25 * contact;
        let apart = d2 >= reach * reach || d2 == 0.0;
        let d = d2.sqrt();
        let overlap = (1.0 - d / contact).max(0.0);
        let bond = 1.0 - d / reach;
        let pull = (g.c_a * (root * near.adhesion_root[j])) * (bond * bond);
        let scale = (g.c_r * (overlap * overlap) - pull) / d;
        let scale = if apart { 0.0 } else { scale };
        px[j] = scale * dx;
        py[j] = scale * dy;
        pz[j] = scale * dz;
    }
    for j in 0..near.len {
        push[0] += px[j];
        push[1] += py[j];
        push[2] += pz[j];
    }
    near.len = 0;
}

/// The shortest way between two positions along an axis.
#[inline(always)]
fn nearest_image(half: f32, size: f32, d: f32) -> f32 {
    if d > half {
        d - size
    } else if d < -half {
        d + size
    } else {
        d
    }
}
