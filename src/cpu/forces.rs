//! Pair repulsion and adhesion, and the crowding around each cell. Twin of `shaders/passes/forces.wgsl`.
//!
//! Neighbours are met in sorted order (bin by bin, ascending id), so that the sums have one order on every engine. Bins
//! side by side along x are one run of cells. What each neighbour does is worked out for many at once; only the sums go
//! one by one.

use glam::Vec4;
use multiversion::multiversion;
use rayon::prelude::*;

use super::Scene;
use super::bin::{bin_of, row_of};
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

/// A bin that may lie one round beyond the ends, within them.
pub(super) fn wrapped(i: i32, n: u32) -> u32 {
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
/// Neighbours that are collected before they are worked out.
const MOST: usize = 64;
/// Neighbours worked out together. More would be wasted: most cells have few.
const LANES: usize = 8;

/// Neighbours within reach that are to be worked out, and what they do.
struct Neighbours {
    /// From the neighbour to the cell, µm.
    away: [[f32; MOST]; 3],
    /// Square of the distance, µm².
    d2: [f32; MOST],
    /// Sum of the radii, µm.
    contact: [f32; MOST],
    adhesion_root: [f32; MOST],
    push: [[f32; MOST]; 3],
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

impl Crowd<'_> {
    fn root_of(&self, ix: usize) -> f32 {
        self.types[self.identity[ix][1] as usize].adhesion_root
    }
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

/// Closures are not compiled for the vector instructions of the function around them, so that there are none here.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
fn push_cells(crowd: Crowd, first: usize, bodies: &[Vec4], pushes: &mut [Vec4]) {
    let (g, sorted) = (crowd.g, crowd.sorted);
    // Beyond half the box the other image is nearer; on an axis that is not periodic nothing is beyond.
    let half: [f32; 3] = std::array::from_fn(|axis| {
        if g.periodic[axis] == 1 {
            0.5 * g.size_um[axis]
        } else {
            f32::INFINITY
        }
    });
    let wraps = g.periodic.contains(&1);
    let mut near = Neighbours {
        away: [[0.0; MOST]; 3],
        d2: [1.0; MOST],
        contact: [1.0; MOST],
        adhesion_root: [crowd.one_root.unwrap_or(0.0); MOST],
        push: [[0.0; MOST]; 3],
    };
    for (offset, (body, push_crowding)) in bodies.iter().zip(pushes).enumerate() {
        let root = crowd
            .one_root
            .unwrap_or_else(|| crowd.root_of(first + offset));
        let here = bin_of(g, [body.x, body.y, body.z]);
        let [(x0, x1), (y0, y1), (z0, z1)] = [0, 1, 2].map(|axis| bin_window(g, axis, here[axis]));
        let mut push = [0.0f32; 3];
        let (mut others, mut len) = (0u32, 0);
        // Bins side by side are one run; around the box they are met one by one.
        let around = x0 < 0 || x1 >= g.bins[0] as i32;
        let count = if around { 1 } else { x1 - x0 + 1 };
        for z in z0..=z1 {
            for y in y0..=y1 {
                let row = row_of(g, wrapped(y, g.bins[1]), wrapped(z, g.bins[2]));
                let mut x = x0;
                while x <= x1 {
                    let bin = (row + wrapped(x, g.bins[0])) as usize;
                    let start = sorted.bin_starts[bin] as usize;
                    let end = sorted.bin_starts[bin + count as usize] as usize;
                    others += (end - start) as u32;
                    x += count;
                    for (offset, other) in sorted.sorted_bodies[start..end].iter().enumerate() {
                        let (mut dx, mut dy, mut dz) =
                            (body.x - other.x, body.y - other.y, body.z - other.z);
                        if wraps {
                            dx = nearest_image(half[0], g.size_um[0], dx);
                            dy = nearest_image(half[1], g.size_um[1], dy);
                            dz = nearest_image(half[2], g.size_um[2], dz);
                        }
                        let d2 = (dx * dx + dy * dy) + dz * dz;
                        let contact = body.w + other.w;
                        let reach = 1.25 * contact;
                        // Every neighbour is written, and counted if it is in reach: a branch would be guessed wrong as
                        // often as not. A cell is no neighbour of itself.
                        near.away[0][len] = dx;
                        near.away[1][len] = dy;
                        near.away[2][len] = dz;
                        near.d2[len] = d2;
                        near.contact[len] = contact;
                        if crowd.one_root.is_none() {
                            let ix = sorted.sorted_ix[start + offset] as usize;
                            near.adhesion_root[len] = crowd.root_of(ix);
                        }
                        let apart = (d2 >= reach * reach) | (d2 == 0.0);
                        len += usize::from(!apart);
                        if len == MOST {
                            add_up(g, root, &mut near, len, &mut push);
                            len = 0;
                        }
                    }
                }
            }
        }
        add_up(g, root, &mut near, len, &mut push);
        let bins = (((x1 - x0 + 1) * (y1 - y0 + 1)) * (z1 - z0 + 1)) as f32;
        let crowding = (others - 1) as f32 / (bins * g.bin_measure);
        *push_crowding = Vec4::new(push[0], push[1], push[2], crowding);
    }
}

/// Adds what the `len` collected neighbours do, in their order.
#[inline(always)]
fn add_up(g: &Globals, root: f32, near: &mut Neighbours, len: usize, push: &mut [f32; 3]) {
    let [dx, dy, dz] = near.away.each_ref().map(|a| a.as_chunks::<LANES>().0);
    let (d2, contact) = (
        near.d2.as_chunks::<LANES>().0,
        near.contact.as_chunks::<LANES>().0,
    );
    let other_root = near.adhesion_root.as_chunks::<LANES>().0;
    let [px, py, pz] = near.push.each_mut().map(|p| p.as_chunks_mut::<LANES>().0);
    // Whole vectors: what lies behind `len` is worked out and not used.
    for i in 0..len.div_ceil(LANES).min(MOST / LANES) {
        for j in 0..LANES {
            let d = d2[i][j].sqrt();
            let closeness = d / contact[i][j];
            let overlap = (1.0 - closeness).max(0.0);
            // Adhesion reaches 1.25 times as far as contact.
            let bond = 1.0 - 0.8 * closeness;
            let pull = (g.c_a * (root * other_root[i][j])) * (bond * bond);
            let scale = (g.c_r * (overlap * overlap) - pull) / d;
            px[i][j] = scale * dx[i][j];
            py[i][j] = scale * dy[i][j];
            pz[i][j] = scale * dz[i][j];
        }
    }
    let [px, py, pz] = &near.push;
    for j in 0..len.min(MOST) {
        push[0] += px[j];
        push[1] += py[j];
        push[2] += pz[j];
    }
}

/// The shortest way between two positions along an axis.
#[inline(always)]
pub(super) fn nearest_image(half: f32, size: f32, d: f32) -> f32 {
    if d > half {
        d - size
    } else if d < -half {
        d + size
    } else {
        d
    }
}
