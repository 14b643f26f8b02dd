// Pair repulsion and adhesion, and the crowding around each cell. Neighbours are met in sorted order, so that the sums
// have one order. Twin of src/cpu/forces.rs.

@group(0) @binding(0) var<uniform> globals: Globals;
@group(0) @binding(1) var<storage, read> counters: Counters;
@group(0) @binding(2) var<storage, read> cell_types: array<CellType>;
@group(0) @binding(3) var<storage, read> positions: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> identities: array<vec4<u32>>;
@group(0) @binding(5) var<storage, read> bin_starts: array<u32>;
@group(0) @binding(6) var<storage, read> sorted_ix: array<u32>;
@group(0) @binding(7) var<storage, read> sorted_bodies: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> pushes: array<vec4<f32>>;

// The cells of bins `bin` to `end`, side by side in the sorted order.
fn run(body: vec4<f32>, root: f32, bin: u32, end: u32, before: vec3<f32>) -> vec3<f32> {
    var push = before;
    let last = bin_starts[end];
    for (var k = bin_starts[bin]; k < last; k++) {
        let other = sorted_bodies[k];
        let dx = nearest_image(0u, body.x - other.x);
        let dy = nearest_image(1u, body.y - other.y);
        let dz = nearest_image(2u, body.z - other.z);
        let d2 = (dx * dx + dy * dy) + dz * dz;
        let touching = body.w + other.w;
        let reach = 1.25 * touching;
        if (d2 >= reach * reach || d2 == 0.0) {
            continue;
        }
        let d = sqrt(d2);
        let other_type = identities[sorted_ix[k]].y;
        let closeness = d / touching;
        let overlap = max(1.0 - closeness, 0.0);
        // Adhesion reaches 1.25 times as far as contact.
        let bond = 1.0 - 0.8 * closeness;
        let pull = (globals.c_a * (root * cell_types[other_type].adhesion_root)) * (bond * bond);
        let scale = (globals.c_r * (overlap * overlap) - pull) / d;
        push.x += scale * dx;
        push.y += scale * dy;
        push.z += scale * dz;
    }
    return push;
}

@compute @workgroup_size(THREADS)
fn forces(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let ix = flat_index(id, groups);
    if (ix >= counters.n_cells) {
        return;
    }
    let body = positions[ix];
    let root = cell_types[identities[ix].y].adhesion_root;
    let here = bin_of(body.xyz);
    let xs = bin_window(0u, here.x);
    let ys = bin_window(1u, here.y);
    let zs = bin_window(2u, here.z);
    let around = xs.x < 0 || xs.y >= i32(globals.bins.x);
    var push = vec3<f32>(0.0);
    var others = 0u;
    for (var z = zs.x; z <= zs.y; z++) {
        for (var y = ys.x; y <= ys.y; y++) {
            let row = row_of(wrapped(y, globals.bins.y), wrapped(z, globals.bins.z));
            // Bins side by side are one run; around the box they are met one by one.
            var x = xs.x;
            while (x <= xs.y) {
                let bin = row + wrapped(x, globals.bins.x);
                let count = select(xs.y - xs.x + 1, 1, around);
                let end = bin + u32(count);
                others += bin_starts[end] - bin_starts[bin];
                push = run(body, root, bin, end, push);
                x += count;
            }
        }
    }
    let bins = f32(((xs.y - xs.x + 1) * (ys.y - ys.x + 1)) * (zs.y - zs.x + 1));
    let crowding = f32(others - 1u) / (bins * globals.bin_measure);
    pushes[ix] = vec4<f32>(push, crowding);
}
