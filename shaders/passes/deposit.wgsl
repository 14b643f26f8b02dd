// What cells give to the fields, shared trilinearly between voxels, in fixed point: integer sums do not depend on the
// order of the atomics. Twin of src/cpu/deposit.rs.

@group(0) @binding(0) var<uniform> globals: Globals;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> positions: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> signals: array<f32>;
@group(0) @binding(4) var<storage, read_write> deposits: array<atomic<u32>>;
@group(0) @binding(5) var<storage, read_write> counters: array<atomic<u32>>;
@group(0) @binding(6) var<storage, read> identities: array<vec4<u32>>;
@group(0) @binding(7) var<storage, read> cell_types: array<CellType>;

const N_CELLS: u32 = 0u;
const FAULT_CROWDING: u32 = 13u;

// The sums start from nothing. They are cleared here and not by their last reader, because which pass that is depends
// on the model.
@compute @workgroup_size(THREADS)
fn deposit_clear(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let at = flat_index(id, groups);
    if (at >= globals.n_voxels) {
        return;
    }
    for (var place = 0u; place < globals.n_sums; place++) {
        atomicStore(&deposits[place * globals.n_voxels + at], 0u);
    }
}

@compute @workgroup_size(THREADS)
fn deposit(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let ix = flat_index(id, groups);
    if (ix >= atomicLoad(&counters[N_CELLS])) {
        return;
    }
    // The dying neither give nor take.
    if (is_dying(identities[ix].w >> PHASE_SHIFT)) {
        return;
    }
    let stride = arrayLength(&positions);
    let cell_type = identities[ix].y;
    let s = stencil(positions[ix].xyz);
    let high = vec3<u32>(s.share * 64.0 + 0.5);
    // The first sum is the cells themselves.
    var quanta: array<u32, 8>;
    for (var place = 1u; place < globals.n_sums; place++) {
        var quantum = cell_types[cell_type].weights[place];
        let row = globals.channel_states[place >> 2u][place & 3u];
        if (row != NONE) {
            quantum = (quantum * u32(signals[row * stride + ix] * 1024.0 + 0.5)) >> 10u;
        }
        quanta[place] = quantum;
    }
    for (var corner = 0u; corner < 8u; corner++) {
        var weight = 1u;
        var at: vec3<u32>;
        for (var axis = 0u; axis < 3u; axis++) {
            let upper = ((corner >> axis) & 1u) == 1u;
            weight *= select(64u - high[axis], high[axis], upper);
            at[axis] = select(s.lo[axis], s.hi[axis], upper);
        }
        if (weight == 0u) {
            continue;
        }
        let v = voxel(at.x, at.y, at.z);
        let before = atomicAdd(&deposits[v], weight);
        if (before + weight < before) {
            atomicMin(&counters[FAULT_CROWDING], step.step);
        }
        for (var place = 1u; place < globals.n_sums; place++) {
            let added = (weight * quanta[place]) >> 10u;
            if (added > 0u) {
                atomicAdd(&deposits[place * globals.n_voxels + v], added);
            }
        }
    }
}
