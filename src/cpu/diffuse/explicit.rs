//! Forward Euler in flux form, in as many equal substeps as keep every weight of the stencil non-negative: mass is
//! conserved to rounding, no value can become negative, and the second moment grows as exactly 2Dt per axis. The
//! field's uniform source, loss and bath exchange act in the same substep, implicit in the loss, so that the steady
//! state carries no splitting error.

use multiversion::multiversion;
use rayon::prelude::*;

use super::super::{SPLIT, Scene, book};
use super::multigrid::harmonic;
use crate::coefficients::{FieldCoefficients, Globals, face};
use crate::ledger::Amounts;

/// Runs the substeps of the field in `slot`. Their number is even, so that the result ends where the field is.
pub(super) fn substeps(scene: &mut Scene, slot: usize) {
    let g = &scene.coefficients.globals;
    let field = &scene.coefficients.fields[slot];
    let bath = scene.input.bath_nm;
    let state = &mut scene.state.fields[slot].1;
    let scratch = &mut *scene.scratch;
    let mobility = (field.mobility_varies == 1).then_some(scratch.mobility.as_slice());
    for substep in 0..field.substeps {
        let (from, to) = if substep % 2 == 0 {
            (&*state, &mut scratch.work)
        } else {
            (&scratch.work, &mut *state)
        };
        if let Some(book) = &mut scene.books[slot] {
            *book += moved(&Stencil::new(g, field, bath, mobility, from));
        }
        substep_rows(g, field, bath, mobility, from, to);
    }
}

/// One substep from `from` into `to`, row by row.
fn substep_rows(
    g: &Globals,
    field: &FieldCoefficients,
    bath: f32,
    mobility: Option<&[f32]>,
    from: &[f32],
    to: &mut [f32],
) {
    let row = g.n[0] as usize;
    let rows_per_task = (SPLIT * 4).div_ceil(row);
    let task = |(first, rows): (usize, &mut [f32])| {
        for (k, out) in rows.chunks_exact_mut(row).enumerate() {
            let row_ix = (first * rows_per_task + k) as u32;
            match mobility {
                None => one_row(g, field, bath, from, out, row_ix),
                Some(mobility) => rough_row(g, field, bath, mobility, from, out, row_ix),
            }
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

/// One row where diffusivity varies: the same sum with each difference weighted by its face's harmonic mean.
fn rough_row(
    g: &Globals,
    field: &FieldCoefficients,
    bath: f32,
    mobility: &[f32],
    from: &[f32],
    out: &mut [f32],
    row_ix: u32,
) {
    let update = Update::new(field, bath);
    let (y, z) = (row_ix % g.n[1], row_ix / g.n[1]);
    let stencil = Stencil::new(g, field, bath, Some(mobility), from);
    for (x, out) in out.iter_mut().enumerate() {
        let at = [x as u32, y, z];
        let ix = row_ix as usize * g.n[0] as usize + x;
        let difference = |axis, upper| stencil.difference(ix, at, axis, upper).0;
        let along = [0, 1, 2].map(|axis| difference(axis, false) + difference(axis, true));
        *out = update.value(from[ix], (along[0] + along[1]) + along[2]);
    }
}

/// What a voxel's differences are made of.
struct Stencil<'a> {
    g: &'a Globals,
    field: &'a FieldCoefficients,
    bath: f32,
    mobility: Option<&'a [f32]>,
    from: &'a [f32],
    stride: [usize; 3],
}

impl<'a> Stencil<'a> {
    fn new(
        g: &'a Globals,
        field: &'a FieldCoefficients,
        bath: f32,
        mobility: Option<&'a [f32]>,
        from: &'a [f32],
    ) -> Self {
        Self {
            g,
            field,
            bath,
            mobility,
            from,
            stride: [1, g.n[0] as usize, (g.n[0] * g.n[1]) as usize],
        }
    }

    /// Weighted difference to the neighbour on one side of the voxel `ix` at `at`, and whether it is a held face.
    #[inline(always)]
    fn difference(&self, ix: usize, at: [u32; 3], axis: usize, upper: bool) -> (f32, bool) {
        let n = self.g.n[axis];
        let (p, stride) = (self.from[ix], self.stride[axis]);
        let own = self.mobility.map_or(1.0, |mobility| mobility[ix]);
        let around = (n as usize - 1) * stride;
        let side = 2 * axis + usize::from(upper);
        let there = match (upper, at[axis]) {
            (true, i) if i + 1 < n => ix + stride,
            (false, i) if i > 0 => ix - stride,
            (_, _) => match self.field.face[side] {
                face::PERIODIC if upper => ix - around,
                face::PERIODIC => ix + around,
                face::FIXED => return ((2.0 * own) * (self.field.face_value[side] - p), true),
                face::BATH => return ((2.0 * own) * (self.bath - p), true),
                _ => return (0.0, false),
            },
        };
        let weight = (self.mobility).map_or(1.0, |mobility| harmonic(own, mobility[there]));
        (weight * (self.from[there] - p), false)
    }
}

/// What a substep is about to move.
fn moved(stencil: &Stencil) -> Amounts {
    let update = Update::new(stencil.field, stencil.bath);
    let n = stencil.g.n;
    book::tally(stencil.from.len(), |ix| {
        let i = ix as u32;
        let at = [i % n[0], i / n[0] % n[1], i / n[0] / n[1]];
        let (mut exact, mut boundary) = (0.0, 0.0);
        let mut difference = |axis, upper| {
            let (difference, held) = stencil.difference(ix, at, axis, upper);
            let flux = f64::from(update.courant * difference);
            exact += flux;
            boundary += if held { flux } else { 0.0 };
            difference
        };
        let along = [0, 1, 2].map(|axis| difference(axis, false) + difference(axis, true));
        let (p, inflow) = (stencil.from[ix], (along[0] + along[1]) + along[2]);
        let next = update.value(p, inflow);
        let fed = (p + update.courant * inflow) + update.added;
        let sink = f64::from(fed * (1.0 - update.relief));
        let source = f64::from(update.added);
        Amounts {
            sources: source,
            sinks: sink,
            boundary,
            rounding: (f64::from(next) - f64::from(p)) - (exact + source - sink),
        }
    })
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
