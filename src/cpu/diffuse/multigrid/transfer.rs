//! Between two levels: coefficients and residuals down, corrections up.

use rayon::prelude::*;

use super::operator::{Faces, Mass, Operator, Side};
use super::rows::correct_row;
use super::{Colours, Scratch, System, half, place};
use crate::hierarchy::Level;

/// The children of a coarse index along an axis of `n` fine cells.
fn children(n: u32, coarse: u32) -> std::ops::Range<u32> {
    2 * coarse..(2 * coarse + 2).min(n)
}

/// Sums children in pairs along x, then y, then z; what is missing counts as 0.
fn sum_of_children(fine: [u32; 3], at: [u32; 3], value: impl Fn([u32; 3]) -> f32) -> f32 {
    let mut planes = [0.0f32; 2];
    for (i, z) in children(fine[2], at[2]).enumerate() {
        let mut rows = [0.0f32; 2];
        for (j, y) in children(fine[1], at[1]).enumerate() {
            let mut cells = [0.0f32; 2];
            for (k, x) in children(fine[0], at[0]).enumerate() {
                cells[k] = value([x, y, z]);
            }
            rows[j] = cells[0] + cells[1];
        }
        planes[i] = rows[0] + rows[1];
    }
    planes[0] + planes[1]
}

fn every_cell(level: &Level, out: &mut Vec<f32>, value: impl Fn([u32; 3]) -> f32 + Sync) {
    let n = level.n[0] as usize;
    out.resize(level.len(), 0.0);
    out.par_chunks_mut(n)
        .with_min_len(512usize.div_ceil(n))
        .enumerate()
        .for_each(|(ix, row)| {
            let (y, z) = place(level, ix);
            for (x, out) in row.iter_mut().enumerate() {
                *out = value([x as u32, y, z]);
            }
        });
}

/// Mass of a coarse cell that stands for no part of the solution. Its correction is 0 for all that it is asked.
const REMOVED: f32 = 1e30;

/// Whether a cell takes part in the coarser levels: closed voxels and removed cells do not.
fn takes_part(fine: &Operator, at: [u32; 3]) -> bool {
    match (fine.faces, fine.mass) {
        (Faces::Mobility(mobility), _) => mobility[fine.cell(at)] > 0.0,
        (_, Mass::PerCell(mass)) => mass[fine.cell(at)] < REMOVED,
        _ => true,
    }
}

/// Masses of a coarse level: the sum of the children. A cell whose children are cut off from each other by closed
/// faces is removed: it would carry corrections through an obstacle.
pub(super) fn coarsen_mass(fine: &Operator, coarse: &Level, out: &mut Vec<f32>) {
    let Mass::PerCell(mass) = fine.mass else {
        return out.clear();
    };
    if matches!(fine.faces, Faces::Uniform) {
        return sum_masses(&fine.level, mass, coarse, out);
    }
    every_cell(coarse, out, |at| {
        if !is_whole(fine, at) {
            return REMOVED;
        }
        sum_of_children(fine.level.n, at, |at| {
            if takes_part(fine, at) {
                mass[fine.cell(at)]
            } else {
                0.0
            }
        })
    });
}

/// Masses of a coarse level where nothing is closed, a row at a time.
fn sum_masses(fine: &Level, mass: &[f32], coarse: &Level, out: &mut Vec<f32>) {
    let (n, fine_n) = (coarse.n[0] as usize, fine.n[0] as usize);
    out.resize(coarse.len(), 0.0);
    out.par_chunks_mut(n)
        .with_min_len(super::super::super::SPLIT.div_ceil(4 * n))
        .enumerate()
        .for_each_init(
            || [0; 4].map(|_| Vec::new()),
            |sums, (ix, row)| {
                let (y, z) = place(coarse, ix);
                for (i, sum) in sums.iter_mut().enumerate() {
                    let (fine_y, fine_z) = (2 * y + i as u32 % 2, 2 * z + i as u32 / 2);
                    sum.clear();
                    if fine_y < fine.n[1] && fine_z < fine.n[2] {
                        let start = (fine_z * fine.n[1] + fine_y) as usize * fine_n;
                        let (pairs, rest) = mass[start..start + fine_n].as_chunks::<2>();
                        sum.extend(pairs.iter().map(|pair| pair[0] + pair[1]));
                        sum.extend_from_slice(rest);
                    }
                    sum.resize(n, 0.0f32);
                }
                let [a, b, c, d] = sums;
                for (x, out) in row.iter_mut().enumerate() {
                    *out = (a[x] + b[x]) + (c[x] + d[x]);
                }
            },
        );
}

/// Whether the children of a coarse cell that take part are connected inside it, and there is one.
fn is_whole(fine: &Operator, at: [u32; 3]) -> bool {
    let n = fine.level.n;
    let child = |k: u32| [0, 1, 2].map(|axis| 2 * at[axis] + ((k >> axis) & 1));
    let mut members = 0u32;
    for k in 0..8 {
        let cell = child(k);
        if (0..3).all(|axis| cell[axis] < n[axis]) && takes_part(fine, cell) {
            members |= 1 << k;
        }
    }
    if members == 0 {
        return false;
    }
    let mut reached = 1u32 << members.trailing_zeros();
    // No path between two of eight children is longer than seven faces.
    for _ in 0..7 {
        for k in 0..8u32 {
            if reached & (1 << k) == 0 {
                continue;
            }
            for axis in 0..3 {
                let sibling = k ^ (1 << axis);
                let upper = sibling > k;
                if members & (1 << sibling) != 0 && fine.t(axis, upper, child(k)) > 0.0 {
                    reached |= 1 << sibling;
                }
            }
        }
    }
    reached == members
}

/// Transmissibilities of a coarse level. Each fine face that is part of a coarse one lies on a line between the two
/// coarse centres, in series with a part of the faces inside the two cells; the lines are side by side.
pub(super) fn coarsen_faces(fine: &Operator, coarse: &Level, mass: &[f32], out: &mut Vec<f32>) {
    let removed = |at: [u32; 3]| {
        let ix = ((at[2] * coarse.n[1] + at[1]) * coarse.n[0] + at[0]) as usize;
        mass.get(ix).is_some_and(|mass| *mass >= REMOVED)
    };
    out.clear();
    out.resize(coarse.faces_of(3), 0.0);
    for axis in 0..3 {
        let mut n = coarse.n;
        n[axis] += 1;
        let start = coarse.faces_of(axis);
        let faces = &mut out[start..start + coarse.n_faces(axis)];
        let rows_at_once = 512usize.div_ceil(n[0] as usize);
        faces
            .par_chunks_mut(n[0] as usize)
            .with_min_len(rows_at_once)
            .enumerate()
            .for_each(|(ix, row)| {
                let (y, z) = (ix as u32 % n[1], ix as u32 / n[1]);
                for (x, out) in row.iter_mut().enumerate() {
                    let mut at = [x as u32, y, z];
                    let face = (2 * at[axis]).min(fine.level.n[axis]);
                    let (mut below, mut above) = (at, at);
                    let cells = coarse.n[axis];
                    below[axis] = if at[axis] > 0 {
                        at[axis] - 1
                    } else {
                        cells - 1
                    };
                    above[axis] = if at[axis] < cells { at[axis] } else { 0 };
                    // Beyond an outer face that is not periodic there is no second cell, and its own will do.
                    let seam = fine.sides[2 * axis] == Side::Periodic;
                    if !seam && at[axis] == 0 {
                        below = above;
                    }
                    if !seam && at[axis] == cells {
                        above = below;
                    }
                    if removed(below) || removed(above) {
                        *out = 0.0;
                        continue;
                    }
                    // One layer of fine faces along the axis.
                    let mut layer = fine.level.n;
                    layer[axis] = 1;
                    at[axis] = 0;
                    *out = sum_of_children(layer, at, |at| line(fine, axis, face, at));
                }
            });
    }
}

/// Transmissibility of the line through the fine face below index `face` of an axis.
fn line(fine: &Operator, axis: usize, face: u32, at: [u32; 3]) -> f32 {
    let n = fine.level.n[axis];
    let seam = fine.sides[2 * axis] == Side::Periodic;
    let cell = |ix: u32| {
        let mut cell = at;
        cell[axis] = ix;
        cell
    };
    let t = if face < n {
        fine.t(axis, false, cell(face))
    } else {
        fine.t(axis, true, cell(n - 1))
    };
    // The child that touches the face and its sibling, on both sides.
    let above = if face < n {
        Some(face)
    } else {
        seam.then_some(0)
    };
    let below = if face > 0 {
        Some(face - 1)
    } else {
        seam.then_some(n - 1)
    };
    let mut resistance = 1.0;
    for (child, toward) in [(below, false), (above, true)] {
        let Some(child) = child else { continue };
        // The sibling lies away from the face; a cell of one child has none.
        let sibling = child ^ 1;
        if sibling >= n || (sibling > child) != toward {
            continue;
        }
        let inner = fine.t(axis, toward, cell(child));
        let width = |ix: u32| fine.level.width_of(fine.voxels[axis], ix) as f32;
        let share = width(sibling) / (width(sibling) + width(child));
        // Behind a closed face inside the cell lies nothing to go through.
        resistance += if inner > 0.0 {
            share * (t / inner)
        } else {
            share
        };
    }
    t / resistance
}

/// Residuals of the fine level, summed over each coarse cell.
pub(super) fn restrict(fine: &System, u: &Colours, coarse: &Level, out: &mut [f32]) {
    let level = fine.operator.level;
    let n = coarse.n[0] as usize;
    let open = matches!(fine.operator.faces, Faces::Uniform);
    out.par_chunks_mut(n)
        .with_min_len(super::super::super::SPLIT.div_ceil(4 * n))
        .enumerate()
        .for_each_init(
            || (Scratch::default(), [0; 4].map(|_| Vec::new())),
            |(scratch, sums), (ix, row)| {
                let (y, z) = place(coarse, ix);
                for (i, sum) in sums.iter_mut().enumerate() {
                    let (fine_y, fine_z) = (2 * y + i as u32 % 2, 2 * z + i as u32 / 2);
                    sum.clear();
                    sum.resize(n, 0.0f32);
                    if fine_y >= level.n[1] || fine_z >= level.n[2] {
                        continue;
                    }
                    for off in 0..2 {
                        let row_ix = (fine_z * level.n[1] + fine_y) as usize;
                        let (_, image) = scratch.image(fine, u, 0.0, off, row_ix);
                        if open {
                            for (sum, r) in sum.iter_mut().zip(image) {
                                *sum += r;
                            }
                            continue;
                        }
                        for (k, (sum, r)) in sum.iter_mut().zip(image).enumerate() {
                            let x = (2 * k + off) as u32;
                            if takes_part(&fine.operator, [x, fine_y, fine_z]) {
                                *sum += r;
                            }
                        }
                    }
                }
                let [a, b, c, d] = sums;
                for (x, out) in row.iter_mut().enumerate() {
                    *out = (a[x] + b[x]) + (c[x] + d[x]);
                }
            },
        );
}

/// Adds the coarse solution to the fine one, linearly interpolated: a quarter of the way to the neighbour that a child
/// lies toward, along each axis. Beyond a wall or a closed face lies the cell itself, beyond a held face its negative.
pub(super) fn prolong(
    coarse: &Operator,
    from: &Colours,
    fine: &Level,
    u: &mut Colours,
    non_negative: bool,
) -> f32 {
    let level = coarse.level;
    let (n, m) = (level.n[0] as usize, half(fine));
    let natural = |y: u32, z: u32, row: &mut Vec<f32>| {
        row.resize(n, 0.0);
        let [even, odd] = [0, 1].map(|off| from.cells(&level, off, y, z));
        super::interleave(even, odd, row);
    };
    let uniform = matches!(coarse.faces, super::Faces::Uniform);
    let bits = u
        .red
        .par_chunks_mut(m)
        .zip(u.black.par_chunks_mut(m))
        .with_min_len(super::super::super::SPLIT.div_ceil(2 * m))
        .enumerate()
        .map_init(
            || [0; 4].map(|_| Vec::new()),
            |[own, toward_x, toward_y, toward_z], (ix, (red, black))| {
                let (y, z) = place(fine, ix);
                let (i, j) = (y / 2, z / 2);
                natural(i, j, own);
                for (axis, far) in [(1, &mut *toward_y), (2, &mut *toward_z)] {
                    let (fine_ix, ix) = if axis == 1 { (y, i) } else { (z, j) };
                    let upper = fine_ix % 2 == 1;
                    match coarse.next(axis, upper, ix) {
                        Some(next) => {
                            let (y, z) = if axis == 1 { (next, j) } else { (i, next) };
                            natural(y, z, far);
                            if !uniform {
                                for x in 0..n {
                                    if coarse.t(axis, upper, [x as u32, i, j]) == 0.0 {
                                        far[x] = own[x];
                                    }
                                }
                            }
                        }
                        None => {
                            let sign = match coarse.sides[2 * axis + usize::from(upper)] {
                                Side::Held(_) => -1.0,
                                _ => 1.0,
                            };
                            far.clear();
                            far.extend(own.iter().map(|e| sign * e));
                        }
                    }
                }
                let (even, odd) = if (y + z) % 2 == 0 {
                    (red, black)
                } else {
                    (black, red)
                };
                let mut largest = 0;
                for (off, cells) in [(0, even), (1, odd)] {
                    let upper = off == 1;
                    let count = (fine.n[0] as usize + 1 - off) / 2;
                    toward_x.clear();
                    // The neighbour's value, then what differs at the end and at closed faces.
                    if upper {
                        toward_x.extend_from_slice(&own[1..]);
                        toward_x.push(0.0);
                    } else {
                        toward_x.push(0.0);
                        toward_x.extend_from_slice(&own[..n - 1]);
                    }
                    let end = if upper { n - 1 } else { 0 };
                    toward_x[end] = match coarse.next(0, upper, end as u32) {
                        Some(next) => own[next as usize],
                        None => match coarse.sides[usize::from(upper)] {
                            Side::Held(_) => -own[end],
                            _ => own[end],
                        },
                    };
                    if !uniform {
                        for x in 0..n {
                            let at = [x as u32, i, j];
                            if coarse.next(0, upper, at[0]).is_some()
                                && coarse.t(0, upper, at) == 0.0
                            {
                                toward_x[x] = own[x];
                            }
                        }
                    }
                    let toward = [toward_x.as_slice(), toward_y, toward_z];
                    let cells = &mut cells[..count];
                    largest = largest.max(correct_row(own, toward, cells, non_negative));
                }
                largest
            },
        )
        .reduce(|| 0, i32::max);
    f32::from_bits(bits as u32)
}
