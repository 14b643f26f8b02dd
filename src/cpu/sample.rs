//! Where a position lies between voxel centres, and what fields are worth there. Twin of `shaders/lib/grid.wgsl`.
//!
//! Passes over all cells take a block of them at once ([`Stencils`]), so that the compiler can vectorise; the bits are
//! those of one cell at a time.

use glam::Vec4;
use multiversion::multiversion;

use crate::coefficients::Globals;

/// The eight voxel centres around a position and its share between them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stencil {
    pub lo: [u32; 3],
    pub hi: [u32; 3],
    pub share: [f32; 3],
}

/// Stencil of a position in µm. At a closed wall the two nearest centres are taken and the share is held at 0 or 1,
/// so that values are constant and gradients one-sided within half a voxel of it.
pub(super) fn stencil(g: &Globals, position: [f32; 3]) -> Stencil {
    let mut s = Stencil {
        lo: [0; 3],
        hi: [0; 3],
        share: [0.0; 3],
    };
    for axis in 0..3 {
        let n = g.n[axis];
        let t = position[axis] * g.voxels_per_um - 0.5;
        let below = t.floor();
        if g.periodic[axis] == 1 {
            let lo = if below < 0.0 {
                n - 1
            } else {
                (below as u32).min(n - 1)
            };
            s.lo[axis] = lo;
            s.hi[axis] = if lo + 1 == n { 0 } else { lo + 1 };
            s.share[axis] = t - below;
        } else {
            let lo = below.max(0.0).min((n.max(2) - 2) as f32);
            s.lo[axis] = lo as u32;
            s.hi[axis] = (lo as u32 + 1).min(n - 1);
            s.share[axis] = (t - lo).clamp(0.0, 1.0);
        }
    }
    s
}

pub(super) fn voxel(g: &Globals, x: u32, y: u32, z: u32) -> usize {
    ((z * g.n[1] + y) * g.n[0] + x) as usize
}

#[inline(always)]
fn blend(a: f32, b: f32, share: f32) -> f32 {
    a + (b - a) * share
}

/// Value of a field and its gradient per µm.
pub(super) fn sample(g: &Globals, field: &[f32], s: &Stencil) -> (f32, [f32; 3]) {
    let at = |x: u32, y: u32, z: u32| field[voxel(g, x, y, z)];
    let [fx, fy, fz] = s.share;
    let u000 = at(s.lo[0], s.lo[1], s.lo[2]);
    let u100 = at(s.hi[0], s.lo[1], s.lo[2]);
    let u010 = at(s.lo[0], s.hi[1], s.lo[2]);
    let u110 = at(s.hi[0], s.hi[1], s.lo[2]);
    let u001 = at(s.lo[0], s.lo[1], s.hi[2]);
    let u101 = at(s.hi[0], s.lo[1], s.hi[2]);
    let u011 = at(s.lo[0], s.hi[1], s.hi[2]);
    let u111 = at(s.hi[0], s.hi[1], s.hi[2]);
    let c00 = blend(u000, u100, fx);
    let c10 = blend(u010, u110, fx);
    let c01 = blend(u001, u101, fx);
    let c11 = blend(u011, u111, fx);
    let c0 = blend(c00, c10, fy);
    let c1 = blend(c01, c11, fy);
    let gx = blend(
        blend(u100 - u000, u110 - u010, fy),
        blend(u101 - u001, u111 - u011, fy),
        fz,
    );
    let gy = blend(c10 - c00, c11 - c01, fz);
    let gz = c1 - c0;
    (
        blend(c0, c1, fz),
        [
            gx * g.voxels_per_um,
            gy * g.voxels_per_um,
            gz * g.voxels_per_um,
        ],
    )
}

/// Cells that passes take together.
pub(super) const BLOCK: usize = 128;

/// A number for each cell of a block.
pub(super) type Row<T = f32> = [T; BLOCK];

/// The [`Stencil`]s of a block of cells, each number side by side.
pub(super) struct Stencils {
    len: usize,
    lo: [Row<u32>; 3],
    hi: [Row<u32>; 3],
    share: [Row; 3],
}

impl Default for Stencils {
    fn default() -> Self {
        Self {
            len: 0,
            lo: [[0; BLOCK]; 3],
            hi: [[0; BLOCK]; 3],
            share: [[0.0; BLOCK]; 3],
        }
    }
}

impl Stencils {
    /// Of cells where `bodies` are, [`BLOCK`] at most.
    pub fn find(&mut self, g: &Globals, bodies: &[Vec4]) {
        find(g, bodies, self);
    }

    /// Values of a field.
    pub fn values(&self, g: &Globals, field: &[f32], values: &mut Row) {
        match g.dimensions {
            2 => values_2d(g, field, self, values),
            _ => values_3d(g, field, self, values),
        }
    }

    /// Values of a field and their gradients per µm.
    pub fn samples(&self, g: &Globals, field: &[f32], values: &mut Row, slopes: &mut [Row; 3]) {
        match g.dimensions {
            2 => samples_2d(g, field, self, values, slopes),
            _ => samples_3d(g, field, self, values, slopes),
        }
    }
}

/// A field's value at a voxel. The voxel is within the field; that the compiler sees a bound for it spares a branch for
/// every value.
#[inline(always)]
fn at(field: &[f32], last: usize, voxel: u32) -> f32 {
    field[(voxel as usize).min(last)]
}

#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
fn find(g: &Globals, bodies: &[Vec4], s: &mut Stencils) {
    let bodies = &bodies[..bodies.len().min(BLOCK)];
    s.len = bodies.len();
    for axis in 0..3 {
        let n = g.n[axis];
        let (lo, hi, share) = (&mut s.lo[axis], &mut s.hi[axis], &mut s.share[axis]);
        if g.periodic[axis] == 1 {
            for (j, body) in bodies.iter().enumerate() {
                let t = body.to_array()[axis] * g.voxels_per_um - 0.5;
                let below = t.floor();
                let first = if below < 0.0 {
                    n - 1
                } else {
                    (below as u32).min(n - 1)
                };
                lo[j] = first;
                hi[j] = if first + 1 == n { 0 } else { first + 1 };
                share[j] = t - below;
            }
        } else {
            let most = (n.max(2) - 2) as f32;
            for (j, body) in bodies.iter().enumerate() {
                let t = body.to_array()[axis] * g.voxels_per_um - 0.5;
                let first = t.floor().max(0.0).min(most);
                lo[j] = first as u32;
                hi[j] = (first as u32 + 1).min(n - 1);
                share[j] = (t - first).clamp(0.0, 1.0);
            }
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
fn values_2d(g: &Globals, field: &[f32], s: &Stencils, values: &mut Row) {
    let last = field.len() - 1;
    let [(x0, y0), (x1, y1)] = [&s.lo, &s.hi].map(|end| (&end[0], &end[1]));
    for j in 0..s.len.min(BLOCK) {
        let (row0, row1) = (y0[j] * g.n[0], y1[j] * g.n[0]);
        let (u00, u10) = (at(field, last, row0 + x0[j]), at(field, last, row0 + x1[j]));
        let (u01, u11) = (at(field, last, row1 + x0[j]), at(field, last, row1 + x1[j]));
        let c0 = blend(u00, u10, s.share[0][j]);
        let c1 = blend(u01, u11, s.share[0][j]);
        values[j] = blend(c0, c1, s.share[1][j]);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
fn values_3d(g: &Globals, field: &[f32], s: &Stencils, values: &mut Row) {
    let last = field.len() - 1;
    for j in 0..s.len.min(BLOCK) {
        let u = corners(g, field, last, s, j);
        let [fx, fy, fz] = [s.share[0][j], s.share[1][j], s.share[2][j]];
        let c0 = blend(blend(u[0], u[1], fx), blend(u[2], u[3], fx), fy);
        let c1 = blend(blend(u[4], u[5], fx), blend(u[6], u[7], fx), fy);
        values[j] = blend(c0, c1, fz);
    }
}

/// Values at the corners of a cell's stencil, x fastest.
#[inline(always)]
fn corners(g: &Globals, field: &[f32], last: usize, s: &Stencils, j: usize) -> [f32; 8] {
    let (x0, x1) = (s.lo[0][j], s.hi[0][j]);
    let (plane0, plane1) = (s.lo[2][j] * g.n[1], s.hi[2][j] * g.n[1]);
    let (row00, row10) = (
        (plane0 + s.lo[1][j]) * g.n[0],
        (plane0 + s.hi[1][j]) * g.n[0],
    );
    let (row01, row11) = (
        (plane1 + s.lo[1][j]) * g.n[0],
        (plane1 + s.hi[1][j]) * g.n[0],
    );
    [
        at(field, last, row00 + x0),
        at(field, last, row00 + x1),
        at(field, last, row10 + x0),
        at(field, last, row10 + x1),
        at(field, last, row01 + x0),
        at(field, last, row01 + x1),
        at(field, last, row11 + x0),
        at(field, last, row11 + x1),
    ]
}

#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
fn samples_2d(g: &Globals, field: &[f32], s: &Stencils, values: &mut Row, slopes: &mut [Row; 3]) {
    let last = field.len() - 1;
    let [(x0, y0), (x1, y1)] = [&s.lo, &s.hi].map(|end| (&end[0], &end[1]));
    let [sx, sy, sz] = slopes;
    for j in 0..s.len.min(BLOCK) {
        let (row0, row1) = (y0[j] * g.n[0], y1[j] * g.n[0]);
        let (u00, u10) = (at(field, last, row0 + x0[j]), at(field, last, row0 + x1[j]));
        let (u01, u11) = (at(field, last, row1 + x0[j]), at(field, last, row1 + x1[j]));
        let c0 = blend(u00, u10, s.share[0][j]);
        let c1 = blend(u01, u11, s.share[0][j]);
        values[j] = blend(c0, c1, s.share[1][j]);
        sx[j] = blend(u10 - u00, u11 - u01, s.share[1][j]) * g.voxels_per_um;
        sy[j] = (c1 - c0) * g.voxels_per_um;
        sz[j] = 0.0;
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
fn samples_3d(g: &Globals, field: &[f32], s: &Stencils, values: &mut Row, slopes: &mut [Row; 3]) {
    let last = field.len() - 1;
    let [sx, sy, sz] = slopes;
    for j in 0..s.len.min(BLOCK) {
        let u = corners(g, field, last, s, j);
        let [fx, fy, fz] = [s.share[0][j], s.share[1][j], s.share[2][j]];
        let (c00, c10) = (blend(u[0], u[1], fx), blend(u[2], u[3], fx));
        let (c01, c11) = (blend(u[4], u[5], fx), blend(u[6], u[7], fx));
        let (c0, c1) = (blend(c00, c10, fy), blend(c01, c11, fy));
        values[j] = blend(c0, c1, fz);
        let low = blend(u[1] - u[0], u[3] - u[2], fy);
        let high = blend(u[5] - u[4], u[7] - u[6], fy);
        sx[j] = blend(low, high, fz) * g.voxels_per_um;
        sy[j] = blend(c10 - c00, c11 - c01, fz) * g.voxels_per_um;
        sz[j] = (c1 - c0) * g.voxels_per_um;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coefficients::Coefficients;
    use crate::model::Model;
    use crate::rng;

    /// Everywhere, at walls, corners and seams, and a little outside.
    #[test]
    fn a_block_has_the_bits_of_single_cells() {
        for (size, periodic) in [
            (vec![9u32, 7], ""),
            (vec![9, 7], "periodic = [\"x\", \"y\"]"),
            (vec![1, 6], ""),
            (vec![5, 4, 6], ""),
            (vec![5, 4, 6], "periodic = [\"y\", \"z\"]"),
        ] {
            let lengths: Vec<_> = size.iter().map(|n| format!("\"{} um\"", 10 * n)).collect();
            let model = Model::from_toml(&format!(
                "title = \"t\"\nseed = 1\n[domain]\nsize = [{}]\nvoxel = \"10 um\"\n{periodic}\n[time]\nduration = \"1 h\"\n[fields.ecm]\ninitial = 0.5\n",
                lengths.join(", ")
            ))
            .unwrap();
            let g = Coefficients::new(&model).globals;
            let random = |ix: usize| rng::philox4x32([3, 5], [ix as u32, 0, 0, 0]);
            let field: Vec<f32> = (0..g.n_voxels as usize)
                .map(|ix| rng::unit_f32(random(ix)[3]))
                .collect();
            let bodies: Vec<Vec4> = (0..BLOCK - 3)
                .map(|ix| {
                    let words = random(ix);
                    let along = |axis: usize| match ix {
                        0 => 0.0,
                        1 => g.size_um[axis],
                        _ => (rng::unit_f32(words[axis]) * 1.1 - 0.05) * g.size_um[axis],
                    };
                    Vec4::new(along(0), along(1), along(2), 8.0)
                })
                .collect();
            let mut block = Stencils::default();
            block.find(&g, &bodies);
            let (mut alone, mut values) = ([0.0; BLOCK], [0.0; BLOCK]);
            let mut slopes = [[0.0; BLOCK]; 3];
            block.values(&g, &field, &mut alone);
            block.samples(&g, &field, &mut values, &mut slopes);
            for (j, body) in bodies.iter().enumerate() {
                let (value, slope) = sample(&g, &field, &stencil(&g, [body.x, body.y, body.z]));
                assert_eq!([alone[j], values[j]], [value; 2], "{size:?} {body}");
                assert_eq!(
                    [0, 1, 2].map(|axis| slopes[axis][j]),
                    slope,
                    "{size:?} {body}"
                );
            }
        }
    }
}
