// Neighbour bins and the walls of the box. Twins in src/cpu/bin.rs, forces.rs and move.rs. Needs `globals`.

fn bin_of(position: vec3<f32>) -> vec3<u32> {
    var bin: vec3<u32>;
    for (var axis = 0u; axis < 3u; axis++) {
        let i = u32(max(position[axis] * globals.bins_per_um[axis], 0.0));
        bin[axis] = min(i, globals.bins[axis] - 1u);
    }
    return bin;
}

// The first bin of a row along x. Rows are numbered from first_row on, around.
fn row_of(y: u32, z: u32) -> u32 {
    let row = z * globals.bins.y + y + globals.first_row;
    let rows = globals.bins.y * globals.bins.z;
    return select(row, row - rows, row >= rows) * globals.bins.x;
}

// First and last bin beside bin b along an axis, before wrapping.
fn bin_window(axis: u32, b: u32) -> vec2<i32> {
    let n = i32(globals.bins[axis]);
    if (globals.periodic[axis] == 1u && n >= 3) {
        return vec2<i32>(i32(b) - 1, i32(b) + 1);
    }
    return vec2<i32>(max(i32(b) - 1, 0), min(i32(b) + 1, n - 1));
}

fn wrapped(i: i32, n: u32) -> u32 {
    if (i < 0) {
        return u32(i + i32(n));
    }
    if (i >= i32(n)) {
        return u32(i - i32(n));
    }
    return u32(i);
}

fn nearest_image(axis: u32, d: f32) -> f32 {
    if (globals.periodic[axis] == 1u) {
        if (d > 0.5 * globals.size_um[axis]) {
            return d - globals.size_um[axis];
        }
        if (d < -0.5 * globals.size_um[axis]) {
            return d + globals.size_um[axis];
        }
    }
    return d;
}

struct Bounced {
    x: f32,
    p: f32,
}

fn bounce(axis: u32, position: f32, polarity: f32) -> Bounced {
    let size = globals.size_um[axis];
    var x = position;
    var p = polarity;
    if (globals.periodic[axis] == 1u) {
        if (x < 0.0) {
            x += size;
        } else if (x >= size) {
            x -= size;
        }
    } else if (x < 0.0) {
        x = -x;
        p = -p;
    } else if (x > size) {
        x = size - (x - size);
        p = -p;
    }
    if (x < 0.0) {
        x = 0.0;
    }
    if (x > size) {
        x = size;
    }
    return Bounced(x, p);
}
