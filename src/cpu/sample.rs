//! Where a position lies between voxel centres, and what fields are worth there. Twin of `shaders/lib/grid.wgsl`.

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
