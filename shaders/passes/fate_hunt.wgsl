// Killer cells: they attach to the nearest prey in reach, and hit it while they hold it. A part of `fate`; twin of
// src/cpu/hunt.rs. Killers change their own identity only, and are no prey.

// Kills that the log holds, KILL_LOG in src/state.rs. Before them stands their number.
const KILL_LOG: u32 = 65536u;

@compute @workgroup_size(THREADS)
fn fate_unhit(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let ix = flat_index(id, groups);
    if (ix < atomicLoad(&tallies[N_CELLS])) {
        atomicStore(&hits[ix], NONE);
    }
}

struct Around {
    // Index of the nearest living prey in reach, or NONE.
    prey: u32,
    // Density of suppression in the bins around.
    suppressors: f32,
}

fn around(ix: u32) -> Around {
    let body = positions[ix];
    let here = bin_of(body.xyz);
    let xs = bin_window(0u, here.x);
    let ys = bin_window(1u, here.y);
    let zs = bin_window(2u, here.z);
    var nearest = NONE;
    var least = globals.attack_reach2;
    var suppression = 0.0;
    for (var z = zs.x; z <= zs.y; z++) {
        for (var y = ys.x; y <= ys.y; y++) {
            let row = row_of(wrapped(y, globals.bins.y), wrapped(z, globals.bins.z));
            for (var x = xs.x; x <= xs.y; x++) {
                let bin = row + wrapped(x, globals.bins.x);
                let last = bin_starts[bin + 1u];
                for (var k = bin_starts[bin]; k < last; k++) {
                    let other = sorted_ix[k];
                    let identity = identities[other];
                    if (is_dying(identity.w >> PHASE_SHIFT)) {
                        continue;
                    }
                    suppression += cell_types[identity.y].suppression;
                    if (cell_types[identity.y].antigen == 0.0) {
                        continue;
                    }
                    let there = positions[other];
                    var d2 = 0.0;
                    for (var axis = 0u; axis < 3u; axis++) {
                        let d = nearest_image(axis, body[axis] - there[axis]);
                        d2 += d * d;
                    }
                    if (d2 < least) {
                        nearest = other;
                        least = d2;
                    }
                }
            }
        }
    }
    let bins = f32(((xs.y - xs.x + 1) * (ys.y - ys.x + 1)) * (zs.y - zs.x + 1));
    return Around(nearest, suppression / (bins * globals.bin_measure));
}

@compute @workgroup_size(THREADS)
fn fate_hunt(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let ix = flat_index(id, groups);
    if (ix >= atomicLoad(&tallies[N_CELLS])) {
        return;
    }
    let identity = identities[ix];
    let t = cell_types[identity.y];
    let phase = identity.w >> PHASE_SHIFT;
    let hit_so_far = identity.w & GENERATION;
    if (t.attack == 0.0 || is_dying(phase) || hit_so_far >= t.most_kills) {
        return;
    }
    let found = around(ix);
    if (found.prey == NONE) {
        if (phase == ATTACHED) {
            identities[ix].w = (CYCLING << PHASE_SHIFT) | hit_so_far;
        }
        return;
    }
    let luck = unit_f32(draw(globals.seed, STREAM_HUNT, identity.x, step.step, 0u).x);
    let theirs = cell_types[identities[found.prey].y];
    if (phase != ATTACHED) {
        if (luck < 1.0 - exp_minus(t.attack * theirs.antigen)) {
            identities[ix].w = (ATTACHED << PHASE_SHIFT) | hit_so_far;
        }
        return;
    }
    let free = 1.0 - step.pd1_block;
    let sheltered = 1.0 - theirs.shelter * free;
    let kill = (t.kill * sheltered) / (1.0 + found.suppressors * globals.per_k_m);
    if (luck >= 1.0 - exp_minus(kill)) {
        return;
    }
    identities[ix].w = (CYCLING << PHASE_SHIFT) | (hit_so_far + 1u);
    atomicMin(&hits[found.prey], identity.x);
    let entry = atomicAdd(&kills[0], 1u);
    if (entry >= KILL_LOG) {
        atomicMin(&tallies[FAULT_KILLS], step.step);
        return;
    }
    atomicStore(&kills[3u * entry + 1u], step.step);
    atomicStore(&kills[3u * entry + 2u], identities[found.prey].x);
    atomicStore(&kills[3u * entry + 3u], identity.x);
}
