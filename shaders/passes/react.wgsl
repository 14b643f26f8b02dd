// Local terms of every field, field after field: y <- (y + dt gain) / (1 + dt loss).

@group(0) @binding(0) var<uniform> globals: Globals;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> field_table: array<Field>;
@group(0) @binding(3) var<storage, read_write> fields: array<f32>;
@group(0) @binding(4) var<storage, read> deposits: array<u32>;
@group(0) @binding(5) var<storage, read> maps: array<f32>;
@group(0) @binding(6) var<storage, read_write> counters: array<atomic<u32>>;

const FAULT_FIELD: u32 = 4u;

@compute @workgroup_size(THREADS)
fn react(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let at = flat_index(id, groups);
    if (at >= globals.n_voxels) {
        return;
    }
    let dt = globals.dt_min;
    for (var slot = 0u; slot < globals.n_fields; slot++) {
        let place = slot * globals.n_voxels + at;
        var y = fields[place];
        // The terms of fields that `diffuse` solved for have acted there.
        if (field_table[slot].scheme < IMPLICIT) {
            let t = terms(slot, at, y);
            y = (y + dt * t.gain) / (1.0 + dt * t.loss);
            fields[place] = y;
        }
        if (!is_finite(y) || y < 0.0) {
            atomicMin(&counters[FAULT_FIELD + field_table[slot].kind], step.step);
        }
    }
}
