// Neighbour bins and the walls of the box. Twins in src/cpu/bin.rs and src/cpu/move.rs. Needs `globals`.

fn bin_of(position: vec3<f32>) -> vec3<u32> {
    var bin: vec3<u32>;
    for (var axis = 0u; axis < 3u; axis++) {
        let i = u32(max(position[axis] * globals.bins_per_um[axis], 0.0));
        bin[axis] = min(i, globals.bins[axis] - 1u);
    }
    return bin;
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
