// Local terms of every field, field after field: y <- (y + dt gain) / (1 + dt loss).

@group(0) @binding(0) var<uniform> globals: Globals;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> field_table: array<Field>;
@group(0) @binding(3) var<storage, read_write> fields: array<f32>;
@group(0) @binding(4) var<storage, read> deposits: array<u32>;
@group(0) @binding(5) var<storage, read> maps: array<f32>;
@group(0) @binding(6) var<storage, read_write> counters: array<atomic<u32>>;
@group(0) @binding(7) var<storage, read_write> ledger: array<vec2<f32>>;

const FAULT_FIELD: u32 = 4u;

fn watch(slot: u32, y: f32) {
    if (!is_finite(y) || y < 0.0) {
        atomicMin(&counters[FAULT_FIELD + field_table[slot].kind], step.step);
    }
}

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
        watch(slot, y);
    }
}

// The same where fields have ledgers. A thread looks at its own voxels only, so that the order of voxels and fields
// does not matter.
@compute @workgroup_size(THREADS)
fn react_booked(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {
    let dt = globals.dt_min;
    for (var slot = 0u; slot < globals.n_fields; slot++) {
        var booked: Booked;
        for (var at = id.x; at < globals.n_voxels; at += groups.x * THREADS) {
            let place = slot * globals.n_voxels + at;
            let y = fields[place];
            var next = y;
            if (field_table[slot].scheme < IMPLICIT) {
                let t = terms(slot, at, y);
                next = (y + dt * t.gain) / (1.0 + dt * t.loss);
                fields[place] = next;
                let source = dt * t.gain;
                let sink = dt * t.loss * next;
                booked.sources = plus(booked.sources, source);
                booked.sinks = plus(booked.sinks, sink);
                booked.rounding = plus(plus(booked.rounding, next), -y);
                booked.rounding = plus(plus(booked.rounding, sink), -source);
            }
            watch(slot, next);
        }
        enter(slot, group.x, local.x, booked);
    }
}
