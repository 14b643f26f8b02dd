// Half a step of binding between drug and FAK in every voxel. Twin of src/cpu/bind.rs, which has the derivation.

@group(0) @binding(0) var<uniform> globals: Globals;
@group(0) @binding(1) var<storage, read_write> fields: array<f32>;
@group(0) @binding(2) var<storage, read> deposits: array<u32>;
@group(0) @binding(3) var<storage, read_write> ledger: array<vec2<f32>>;

// Free and bound drug of a voxel after half a step.
fn bound_after(at: u32, free: f32, bound: f32) -> vec2<f32> {
    var sites = globals.sites_uniform;
    if (globals.n_sums > 0u) {
        sites = sites + f32(deposits[at]) * globals.sites_per_deposit;
    }
    let all = globals.retention * free + bound;
    var next_bound: f32;
    var next_free: f32;
    if (globals.equilibrium == 1u) {
        let b = (globals.retention * globals.k_d + sites) - all;
        let root = sqrt(b * b + (4.0 * globals.retention * globals.k_d) * all);
        if (b >= 0.0) {
            next_free = (2.0 * (all * globals.k_d)) / (b + root);
        } else {
            next_free = (root - b) / (2.0 * globals.retention);
        }
        next_bound = (sites * next_free) / (globals.k_d + next_free);
    } else {
        let a = globals.associated;
        let beta = (1.0 + globals.bind_off) + a * (all + sites);
        let gamma = bound + a * (all * sites);
        let root = sqrt(max(beta * beta - (4.0 * a) * gamma, 0.0));
        next_bound = (2.0 * gamma) / (beta + root);
        next_free = (globals.retention * free + globals.bind_off * next_bound)
            / (globals.retention + globals.bind_on * (sites - next_bound));
    }
    let freed = (bound - next_bound) * globals.per_retention;
    if (freed >= -0.5 * free) {
        next_free = free + freed;
    }
    return vec2<f32>(next_free, next_bound);
}

@compute @workgroup_size(THREADS)
fn bind_drug(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let at = flat_index(id, groups);
    if (at >= globals.n_voxels) {
        return;
    }
    let free_at = globals.slots[0][DRUG] * globals.n_voxels + at;
    let bound_at = globals.slots[0][DRUG_BOUND] * globals.n_voxels + at;
    let next = bound_after(at, fields[free_at], fields[bound_at]);
    fields[free_at] = next.x;
    fields[bound_at] = next.y;
}

// Adds what a voxel gains or loses.
fn with_change(booked: Booked, before: f32, after: f32) -> Booked {
    var sum = booked;
    if (after > before) {
        sum.sources = plus(plus(sum.sources, after), -before);
    } else {
        sum.sinks = plus(plus(sum.sinks, before), -after);
    }
    return sum;
}

// The same where fields have ledgers.
@compute @workgroup_size(THREADS)
fn bind_booked(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {
    var free_booked: Booked;
    var bound_booked: Booked;
    for (var at = id.x; at < globals.n_voxels; at += groups.x * THREADS) {
        let free_at = globals.slots[0][DRUG] * globals.n_voxels + at;
        let bound_at = globals.slots[0][DRUG_BOUND] * globals.n_voxels + at;
        let free = fields[free_at];
        let bound = fields[bound_at];
        let next = bound_after(at, free, bound);
        fields[free_at] = next.x;
        fields[bound_at] = next.y;
        free_booked = with_change(free_booked, free, next.x);
        bound_booked = with_change(bound_booked, bound, next.y);
    }
    enter(globals.slots[0][DRUG], group.x, local.x, free_booked);
    enter(globals.slots[0][DRUG_BOUND], group.x, local.x, bound_booked);
}
