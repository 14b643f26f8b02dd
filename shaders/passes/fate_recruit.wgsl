// Cells that come from outside, a part of `fate`. Twin of src/cpu/recruit.rs.

fn door_value(kind: u32, voxel_ix: u32, otherwise: f32) -> f32 {
    let slot = slot_in(globals.slots, kind);
    if (slot == NONE) {
        return otherwise;
    }
    return fields[slot * globals.n_voxels + voxel_ix];
}

// Exponent of the chance that a cell comes in.
fn pull_of(door: Door) -> f32 {
    let t = cell_types[door.type_ix];
    var pull = door.rate;
    if (door.by_vessel == 1u && slot_in(globals.slots, ECM) != NONE) {
        pull *= exp_minus(door_value(ECM, door.voxel, 0.0) * globals.per_vessel_squeeze);
    }
    if (slot_in(globals.slots, FAK) != NONE) {
        let is_active = min(door_value(FAK, door.voxel, 0.0) * globals.per_f0, 1.0);
        pull *= (1.0 - t.fak_recruitment) + t.fak_recruitment * is_active;
    }
    return pull;
}

@compute @workgroup_size(THREADS)
fn fate_open(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let number = flat_index(id, groups);
    if (number >= globals.n_doors) {
        return;
    }
    let words = draw(globals.seed, STREAM_RECRUIT, number, step.step, 0u);
    let comes = unit_f32(words.x) < probability(pull_of(doors[number]));
    verdicts[2u * capacity() + number] = select(0u, 1u, comes);
}

@compute @workgroup_size(THREADS)
fn fate_enter(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let number = flat_index(id, groups);
    let room = arrayLength(&next_positions);
    if (number >= globals.n_doors || verdicts[2u * room + number] == 0u) {
        return;
    }
    let to = places[2u * room + number];
    if (to >= room) {
        return;
    }
    let door = doors[number];
    let t = cell_types[door.type_ix];
    let words = draw(globals.seed, STREAM_RECRUIT, number, step.step, 0u);
    let corner = vec3<f32>(
        f32(door.voxel % globals.n.x),
        f32((door.voxel / globals.n.x) % globals.n.y),
        f32(door.voxel / (globals.n.x * globals.n.y)),
    );
    let share = vec3<f32>(
        unit_f32(words.y),
        unit_f32(words.z),
        select(0.5, unit_f32(words.w), globals.dimensions == 3u),
    );
    next_positions[to] = vec4<f32>((corner + share) * globals.voxel_um, t.radius);
    // It crawls from the next step's signalling on.
    next_polarities[to] = vec4<f32>(random_axis(STREAM_RECRUIT, number), 0.0);
    // Recruits stand behind the daughters in the order of their doors.
    let new_id = counters.next_id + (to - places[room]);
    next_identities[to] = vec4<u32>(new_id, door.type_ix, NONE, t.enters);
}

// A log-normal factor of mean 1.
fn trait_of(sigma: f32, word: u32) -> f32 {
    if (sigma == 0.0) {
        return 1.0;
    }
    let y = sigma * (bell(word) * 0.006765875) - (0.5 * sigma) * sigma;
    if (y < 0.0) {
        return exp_minus(-y);
    }
    return 1.0 / exp_minus(y);
}

@compute @workgroup_size(THREADS)
fn fate_enter_signals(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let number = flat_index(id, groups);
    let room = arrayLength(&next_pushes);
    if (number >= globals.n_doors || verdicts[2u * room + number] == 0u) {
        return;
    }
    let to = places[2u * room + number];
    if (to >= room) {
        return;
    }
    let type_ix = doors[number].type_ix;
    next_pushes[to] = vec4<f32>(0.0);
    for (var row = 0u; row <= FA_MATURE; row++) {
        next_signals[row * room + to] = cell_types[type_ix].rest[row];
    }
    let words = draw(globals.seed, STREAM_RECRUIT, number, step.step, 2u);
    for (var row = 0u; row < 3u; row++) {
        next_signals[(TRAIT_FAK + row) * room + to] = trait_of(cell_types[type_ix].spread[row], words[row]);
    }
}
