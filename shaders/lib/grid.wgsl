// Where a position lies between voxel centres. Twin of src/cpu/sample.rs. Needs `globals`.

struct Stencil {
    lo: vec3<u32>,
    hi: vec3<u32>,
    share: vec3<f32>,
}

struct Sample {
    value: f32,
    slope: vec3<f32>,
}

fn stencil(position: vec3<f32>) -> Stencil {
    var s: Stencil;
    for (var axis = 0u; axis < 3u; axis++) {
        let n = globals.n[axis];
        let t = position[axis] * globals.voxels_per_um - 0.5;
        let below = floor(t);
        if (globals.periodic[axis] == 1u) {
            var lo = n - 1u;
            if (below >= 0.0) {
                lo = min(u32(below), n - 1u);
            }
            s.lo[axis] = lo;
            s.hi[axis] = select(lo + 1u, 0u, lo + 1u == n);
            s.share[axis] = t - below;
        } else {
            let lo = min(max(below, 0.0), f32(max(n, 2u) - 2u));
            s.lo[axis] = u32(lo);
            s.hi[axis] = min(u32(lo) + 1u, n - 1u);
            s.share[axis] = min(max(t - lo, 0.0), 1.0);
        }
    }
    return s;
}

fn voxel(x: u32, y: u32, z: u32) -> u32 {
    return (z * globals.n.y + y) * globals.n.x + x;
}

fn blend(a: f32, b: f32, share: f32) -> f32 {
    return a + (b - a) * share;
}
