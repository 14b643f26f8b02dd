//! Diffusion by forward Euler in flux form, in as many equal substeps as keep every weight of the stencil
//! non-negative: mass is conserved to rounding, no value can become negative, and the second moment grows as exactly
//! 2Dt per axis. The field's uniform source, loss and bath exchange act in the same substep, implicit in the loss, so
//! that the steady state carries no splitting error. Twin of `shaders/passes/diffuse.wgsl`.

use multiversion::multiversion;
use rayon::prelude::*;

use super::Scene;
use crate::coefficients::{FieldCoefficients, Globals, face};

pub(super) fn diffuse(scene: &mut Scene) {
    let g = &scene.coefficients.globals;
    let bath = scene.input.bath_nm;
    for (slot, field) in scene.coefficients.fields.iter().enumerate() {
        let state = &mut scene.state.fields[slot].1;
        let work = &mut scene.workings.fields_work[slot];
        for substep in 0..field.substeps {
            if substep % 2 == 0 {
                substep_rows(g, field, bath, state, work);
            } else {
                substep_rows(g, field, bath, work, state);
            }
        }
    }
}

/// One substep from `from` into `to`, row by row.
fn substep_rows(g: &Globals, field: &FieldCoefficients, bath: f32, from: &[f32], to: &mut [f32]) {
    let row = g.n[0] as usize;
    let rows_per_task = (super::SPLIT * 4).div_ceil(row);
    let task = |(first, rows): (usize, &mut [f32])| {
        for (k, out) in rows.chunks_exact_mut(row).enumerate() {
            one_row(
                g,
                field,
                bath,
                from,
                out,
                (first * rows_per_task + k) as u32,
            );
        }
    };
    if to.len() <= rows_per_task * row * 2 {
        to.chunks_mut(rows_per_task * row)
            .enumerate()
            .for_each(task);
    } else {
        to.par_chunks_mut(rows_per_task * row)
            .enumerate()
            .for_each(task);
    }
}

/// One voxel's update from its differences to its neighbours.
#[derive(Clone, Copy)]
struct Update {
    courant: f32,
    added: f32,
    relief: f32,
}

impl Update {
    fn new(field: &FieldCoefficients, bath: f32) -> Self {
        Self {
            courant: field.courant,
            added: field.substep_min * (field.source + field.exchange * bath),
            relief: field.relief,
        }
    }

    #[inline(always)]
    fn value(self, p: f32, differences: f32) -> f32 {
        ((p + self.courant * differences) + self.added) * self.relief
    }
}

/// What lies beyond a face: a row of the grid, or nothing.
enum Beyond<'a> {
    Row(&'a [f32]),
    Held(f32),
    Nothing,
}

fn one_row(
    g: &Globals,
    field: &FieldCoefficients,
    bath: f32,
    from: &[f32],
    out: &mut [f32],
    row_ix: u32,
) {
    let row = g.n[0] as usize;
    let (y, z) = (row_ix % g.n[1], row_ix / g.n[1]);
    let update = Update::new(field, bath);
    let row_at = |y: u32, z: u32| {
        let at = (z * g.n[1] + y) as usize * row;
        &from[at..at + row]
    };
    let held = |side: usize| match field.face[side] {
        face::FIXED => Beyond::Held(field.face_value[side]),
        face::BATH => Beyond::Held(bath),
        _ => Beyond::Nothing,
    };
    let centre = row_at(y, z);
    let beyond = |axis: usize, i: u32, upper: bool| -> Beyond {
        let n = g.n[axis];
        let side = 2 * axis + usize::from(upper);
        let next = if upper { i + 1 } else { i.wrapping_sub(1) };
        let next = if next < n {
            next
        } else if field.face[side] == face::PERIODIC {
            if upper { 0 } else { n - 1 }
        } else {
            return held(side);
        };
        Beyond::Row(if axis == 1 {
            row_at(next, z)
        } else {
            row_at(y, next)
        })
    };
    // Differences to the neighbours above and below are the same expression for every voxel of the row; a wall is a
    // neighbour of equal value, a held face one of twice the difference (it is half a voxel away).
    let sides = [
        beyond(1, y, false),
        beyond(1, y, true),
        beyond(2, z, false),
        beyond(2, z, true),
    ];
    if let [
        Beyond::Row(a),
        Beyond::Row(b),
        Beyond::Row(c),
        Beyond::Row(d),
    ] = sides
    {
        inner_3d(update, centre, [a, b, c, d], out);
    } else if let [
        Beyond::Row(a),
        Beyond::Row(b),
        Beyond::Nothing,
        Beyond::Nothing,
    ] = sides
    {
        inner_2d(update, centre, [a, b], out);
    } else {
        for x in 1..row.saturating_sub(1) {
            let p = centre[x];
            let across = (centre[x - 1] - p) + (centre[x + 1] - p);
            out[x] = edge_value(update, p, across, &sides, x);
        }
    }
    // The row's own ends.
    let ends = if row == 1 { vec![0] } else { vec![0, row - 1] };
    for x in ends {
        let p = centre[x];
        let difference = |upper: bool| -> f32 {
            let next = if upper { x + 1 } else { x.wrapping_sub(1) };
            if next < row {
                return centre[next] - p;
            }
            let side = usize::from(upper);
            match (field.face[side], held(side)) {
                (face::PERIODIC, _) => centre[if upper { 0 } else { row - 1 }] - p,
                (_, Beyond::Held(value)) => 2.0 * (value - p),
                _ => 0.0,
            }
        };
        out[x] = edge_value(update, p, difference(false) + difference(true), &sides, x);
    }
}

fn edge_value(update: Update, p: f32, across: f32, sides: &[Beyond; 4], x: usize) -> f32 {
    let difference = |side: &Beyond| match side {
        Beyond::Row(row) => row[x] - p,
        Beyond::Held(value) => 2.0 * (value - p),
        Beyond::Nothing => 0.0,
    };
    let along_y = difference(&sides[0]) + difference(&sides[1]);
    let along_z = difference(&sides[2]) + difference(&sides[3]);
    update.value(p, (across + along_y) + along_z)
}

#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
fn inner_2d(update: Update, centre: &[f32], [below, above]: [&[f32]; 2], out: &mut [f32]) {
    let n = centre.len();
    if n < 3 {
        return;
    }
    let (left, middle, right) = (&centre[..n - 2], &centre[1..n - 1], &centre[2..]);
    let (below, above, out) = (&below[1..n - 1], &above[1..n - 1], &mut out[1..n - 1]);
    for x in 0..n - 2 {
        let p = middle[x];
        let across = (left[x] - p) + (right[x] - p);
        let along_y = (below[x] - p) + (above[x] - p);
        out[x] = update.value(p, across + along_y);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
fn inner_3d(
    update: Update,
    centre: &[f32],
    [below, above, near, far]: [&[f32]; 4],
    out: &mut [f32],
) {
    let n = centre.len();
    if n < 3 {
        return;
    }
    let (left, middle, right) = (&centre[..n - 2], &centre[1..n - 1], &centre[2..]);
    let (below, above) = (&below[1..n - 1], &above[1..n - 1]);
    let (near, far, out) = (&near[1..n - 1], &far[1..n - 1], &mut out[1..n - 1]);
    for x in 0..n - 2 {
        let p = middle[x];
        let across = (left[x] - p) + (right[x] - p);
        let along_y = (below[x] - p) + (above[x] - p);
        let along_z = (near[x] - p) + (far[x] - p);
        out[x] = update.value(p, (across + along_y) + along_z);
    }
}
