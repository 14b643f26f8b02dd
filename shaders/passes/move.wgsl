// Turning and moving: persistent random walk with chemotaxis, haptotaxis and contact guidance, the
// neighbours' push, and walls. Twin of
// src/cpu/move.rs.

@group(0) @binding(0) var<uniform> globals: Globals;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> cell_types: array<CellType>;
@group(0) @binding(3) var<storage, read> fields: array<f32>;
@group(0) @binding(4) var<storage, read> identities: array<vec4<u32>>;
@group(0) @binding(5) var<storage, read> pushes: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> positions: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> polarities: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> counters: array<atomic<u32>>;
@group(0) @binding(9) var<storage, read> maps: array<f32>;

const N_CELLS: u32 = 0u;
const FAULT_CELL: u32 = 12u;
const LIMITED: u32 = 18u;

// The entry point is not `move`: that is a reserved word of WGSL.
@compute @workgroup_size(THREADS)
fn move_cells(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let ix = flat_index(id, groups);
    if (ix >= atomicLoad(&counters[N_CELLS])) {
        return;
    }
    let dt = globals.dt_min;
    let is_3d = select(0.0, 1.0, globals.dimensions == 3u);
    let t = cell_types[identities[ix].y];
    let body = positions[ix];
    let polarity = polarities[ix];
    let p = polarity.xyz;
    let at = stencil(body.xyz);
    var cue = vec3<f32>(0.0);
    if (slot_in(globals.slots, ATTRACTANT) != NONE) {
        let s = sample(slot_in(globals.slots, ATTRACTANT), at);
        let full = 1.0 + s.value * globals.per_s0;
        cue += (t.chemotaxis / (full * full)) * s.slope;
    }
    if (slot_in(globals.slots, ECM) != NONE) {
        cue += t.haptotaxis * sample(slot_in(globals.slots, ECM), at).slope;
    }
    if (globals.fibres_at != NONE) {
        cue += t.guidance * toward_fibres(body.xyz, p);
    }
    let words = draw(globals.seed, STREAM_MOVE, identities[ix].x, step.step, 0u);
    let noise = vec3<f32>(
        t.noise * bell(words.x),
        t.noise * bell(words.y),
        (t.noise * bell(words.z)) * is_3d,
    );
    let turn = dt * cue + noise;
    // Only what is perpendicular to p turns it.
    let along = (p.x * turn.x + p.y * turn.y) + p.z * turn.z;
    let q = p + (turn - p * along);
    let q_length = sqrt((q.x * q.x + q.y * q.y) + q.z * q.z);
    let push = pushes[ix].xyz * vec3<f32>(1.0, 1.0, is_3d);
    let direction = vec3<f32>(q.x / q_length, q.y / q_length, q.z / q_length);
    let way = vec3<f32>(
        dt * (polarity.w * direction.x + push.x),
        dt * (polarity.w * direction.y + push.y),
        dt * (polarity.w * direction.z + push.z),
    );
    let far = (way.x * way.x + way.y * way.y) + way.z * way.z;
    var share = 1.0;
    if (far > t.most_um * t.most_um) {
        share = t.most_um / sqrt(far);
        atomicAdd(&counters[LIMITED], 1u);
    }
    var healthy = true;
    var now = body.xyz;
    for (var axis = 0u; axis < 3u; axis++) {
        let moved = bounce(axis, body[axis] + share * way[axis], direction[axis]);
        var to = now;
        to[axis] = moved.x;
        // Axis by axis, so that a cell glides along an obstacle.
        if (passes(t, to)) {
            now[axis] = moved.x;
            polarities[ix][axis] = moved.p;
        } else {
            polarities[ix][axis] = -moved.p;
        }
        healthy = healthy && is_finite(moved.x) && is_finite(moved.p);
    }
    positions[ix] = vec4<f32>(now, body.w);
    if (!healthy) {
        atomicMin(&counters[FAULT_CELL], step.step);
    }
}

// Where fibres turn a polarity to: their alignment at a place times it. Needs a map of fibres.
fn toward_fibres(position: vec3<f32>, p: vec3<f32>) -> vec3<f32> {
    let first = globals.fibres_at + voxel_at(position);
    let n = globals.n_voxels;
    let xx = maps[first];
    let xy = maps[first + n];
    var yy = -xx;
    var xz = 0.0;
    var yz = 0.0;
    if (globals.dimensions == 3u) {
        yy = maps[first + 2u * n];
        xz = maps[first + 3u * n];
        yz = maps[first + 4u * n];
    }
    // Its trace is 0.
    let zz = -(xx + yy);
    return vec3<f32>(
        (xx * p.x + xy * p.y) + xz * p.z,
        (xy * p.x + yy * p.y) + yz * p.z,
        (xz * p.x + yz * p.y) + zz * p.z,
    );
}
