// The books of the diffusion pass, beside the kernels of passes/diffuse.wgsl and in their rounding.

@group(0) @binding(15) var<storage, read_write> ledger: array<vec2<f32>>;

// Before a substep. Twin of `moved` in src/cpu/diffuse/explicit.rs.
@compute @workgroup_size(THREADS)
fn ledger_substep(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {
    var booked: Booked;
    let n = globals.n;
    let courant = field_table[launch.slot].courant;
    let relief = field_table[launch.slot].relief;
    for (var at = id.x; at < globals.n_voxels; at += groups.x * THREADS) {
        let place = vec3<u32>(at % n.x, (at / n.x) % n.y, at / (n.x * n.y));
        let stride = vec3<u32>(1u, n.x, n.x * n.y);
        let p = present(at);
        var along: array<f32, 3>;
        for (var axis = 0u; axis < 3u; axis++) {
            let i = place[axis];
            let below = difference(at, p, axis, i, false, stride[axis]);
            let above = difference(at, p, axis, i, true, stride[axis]);
            along[axis] = below + above;
            booked.rounding = plus(plus(booked.rounding, -(courant * below)), -(courant * above));
            if (i == 0u && is_held(axis, false)) {
                booked.boundary = plus(booked.boundary, courant * below);
            }
            if (i + 1u == n[axis] && is_held(axis, true)) {
                booked.boundary = plus(booked.boundary, courant * above);
            }
        }
        let inflow = (along[0] + along[1]) + along[2];
        let added = added_in_substep();
        let sink = ((p + courant * inflow) + added) * (1.0 - relief);
        booked.sources = plus(booked.sources, added);
        booked.sinks = plus(booked.sinks, sink);
        booked.rounding = plus(plus(booked.rounding, after_substep(p, inflow)), -p);
        booked.rounding = plus(plus(booked.rounding, sink), -added);
    }
    enter(launch.slot, group.x, local.x, booked);
}

// After `solve_prepare`. Twin of `gained` in src/cpu/diffuse/implicit.rs.
@compute @workgroup_size(THREADS)
fn ledger_prepare(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {
    var booked: Booked;
    for (var at = id.x; at < globals.n_voxels; at += groups.x * THREADS) {
        let before = field_work[at];
        let source = globals.dt_min * terms(launch.slot, at, before).gain;
        let rhs = fields[launch.slot * globals.n_voxels + at];
        booked.sources = plus(booked.sources, source);
        booked.rounding = plus(plus(plus(booked.rounding, rhs), -before), -source);
    }
    enter(launch.slot, group.x, local.x, booked);
}

// Before `solve_finish`. Twin of `moved` in src/cpu/diffuse/implicit.rs.
@compute @workgroup_size(THREADS)
fn ledger_finish(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {
    var booked: Booked;
    for (var at = id.x; at < globals.n_voxels; at += groups.x * THREADS) {
        let place = place_of(0u, at);
        let own = field_work[at];
        let six = six_of(0u, place);
        let sink = keep(mass_of(0u, place) - 1.0) * own;
        for (var side = 0u; side < 6u; side++) {
            let flux = six.t[side] * keep(six.u[side] - own);
            booked.rounding = plus(booked.rounding, -flux);
            let axis = side >> 1u;
            let upper = (side & 1u) == 1u;
            if (is_held(axis, upper) && next_of(0u, axis, upper, place[axis]) == NOWHERE) {
                booked.boundary = plus(booked.boundary, flux);
            }
        }
        booked.sinks = plus(booked.sinks, sink);
        booked.rounding = plus(plus(booked.rounding, image_of(0u, place, 1.0)), sink);
        booked.rounding = plus(booked.rounding, -rhs_of(0u, at));
    }
    enter(launch.slot, group.x, local.x, booked);
}
