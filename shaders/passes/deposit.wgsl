// Cells and pFAK per voxel, shared trilinearly, in fixed point: integer sums do not depend on the order of the atomics.

@group(0) @binding(0) var<uniform> globals: Globals;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> positions: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> signals: array<f32>;
@group(0) @binding(4) var<storage, read_write> deposits: array<atomic<u32>>;
@group(0) @binding(5) var<storage, read_write> counters: array<atomic<u32>>;

const N_CELLS: u32 = 0u;
const FAULT_CROWDING: u32 = 13u;

@compute @workgroup_size(THREADS)
fn deposit(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let ix = flat_index(id, groups);
    if (ix >= atomicLoad(&counters[N_CELLS])) {
        return;
    }
    let s = stencil(positions[ix].xyz);
    let high = vec3<u32>(s.share * 64.0 + 0.5);
    let quantum = u32(signals[ix] * 1024.0 + 0.5);
    for (var corner = 0u; corner < 8u; corner++) {
        var weight = 1u;
        var at: vec3<u32>;
        for (var axis = 0u; axis < 3u; axis++) {
            let upper = ((corner >> axis) & 1u) == 1u;
            weight *= select(64u - high[axis], high[axis], upper);
            at[axis] = select(s.lo[axis], s.hi[axis], upper);
        }
        let v = voxel(at.x, at.y, at.z);
        let before = atomicAdd(&deposits[v], weight);
        if (before + weight < before) {
            atomicMin(&counters[FAULT_CROWDING], step.step);
        }
        atomicAdd(&deposits[globals.n_voxels + v], (weight * quantum) >> 10u);
    }
}
