// Diffusion. Slow fields: `diffuse`, one substep of forward Euler in flux form, with the field's uniform source, loss and
// bath exchange in the same substep (8 bytes a voxel: 4 read, 4 written; neighbours come from the cache). Fast fields:
// the kernels `solve_…`, backward Euler by multigrid; a cycle's launches are indirect, so that those after convergence
// launch nothing. Twin of src/cpu/diffuse.rs.

struct Solve {
    // Bit patterns of floats that are not negative, which order like integers.
    residual: atomic<u32>,
    largest: atomic<u32>,
    correction: atomic<u32>,
    deficit: atomic<u32>,
    cycles: u32,
    closed: u32,
    fill: u32,
    spare_0: u32,
}

@group(0) @binding(0) var<uniform> globals: Globals;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<uniform> launch: Launch;
@group(0) @binding(3) var<uniform> levels: Levels;
@group(0) @binding(4) var<storage, read> field_table: array<Field>;
@group(0) @binding(5) var<storage, read_write> fields: array<f32>;
@group(0) @binding(6) var<storage, read_write> field_work: array<f32>;
@group(0) @binding(7) var<storage, read_write> mobility: array<f32>;
@group(0) @binding(8) var<storage, read_write> mass: array<f32>;
@group(0) @binding(9) var<storage, read_write> coarse: array<f32>;
@group(0) @binding(10) var<storage, read> deposits: array<u32>;
@group(0) @binding(11) var<storage, read> maps: array<f32>;
@group(0) @binding(12) var<storage, read_write> solve: Solve;
@group(0) @binding(13) var<storage, read_write> arguments: array<u32>;
@group(0) @binding(14) var<storage, read_write> counters: Counters;

const MOST_CYCLES: u32 = 12u;
const NEGLIGIBLE: f32 = 1e-6;
const TRACE: f32 = 1e-30;
const PRE_SWEEPS: u32 = 2u;
const POST_SWEEPS: u32 = 1u;

// Diffusivity of each voxel relative to free solution.
@compute @workgroup_size(THREADS)
fn diffuse_mobility(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let at = flat_index(id, groups);
    if (at >= globals.n_voxels) {
        return;
    }
    var relative = 1.0;
    if (field_table[launch.slot].hindrance > 0.0) {
        relative = exp_minus(field_table[launch.slot].hindrance * sqrt(here(ECM, at)));
    }
    if (field_table[launch.slot].obstacles_at != NONE) {
        if (maps[field_table[launch.slot].obstacles_at + at] > 0.0) {
            relative = 0.0;
        }
    }
    mobility[at] = relative;
}

fn present(at: u32) -> f32 {
    if (launch.from_work == 1u) {
        return field_work[at];
    }
    return fields[launch.slot * globals.n_voxels + at];
}

// Difference to the neighbour beyond one side of a voxel; `stride` is the distance to it in the buffer.
fn difference(at: u32, p: f32, axis: u32, i: u32, upper: bool, stride: u32) -> f32 {
    let n = globals.n[axis];
    let side = 2u * axis + select(0u, 1u, upper);
    let face = field_table[launch.slot].face[side];
    var there = NOWHERE;
    if (upper && i + 1u < n) {
        there = at + stride;
    } else if (!upper && i > 0u) {
        there = at - stride;
    } else if (face == FACE_PERIODIC) {
        there = select(at + (n - 1u) * stride, at - (n - 1u) * stride, upper);
    }
    let varies = field_table[launch.slot].mobility_varies == 1u;
    if (there != NOWHERE) {
        if (varies) {
            return harmonic(mobility[at], mobility[there]) * (present(there) - p);
        }
        return present(there) - p;
    }
    var weight = 2.0;
    if (varies) {
        weight = 2.0 * mobility[at];
    }
    if (face == FACE_FIXED) {
        return weight * (field_table[launch.slot].face_value[side] - p);
    }
    if (face == FACE_BATH) {
        return weight * (step.bath_nm - p);
    }
    return 0.0;
}

fn added_in_substep() -> f32 {
    let gain = field_table[launch.slot].source + field_table[launch.slot].exchange * step.bath_nm;
    return field_table[launch.slot].substep_min * gain;
}

fn after_substep(p: f32, inflow: f32) -> f32 {
    let spread = p + field_table[launch.slot].courant * inflow;
    return (spread + added_in_substep()) * field_table[launch.slot].relief;
}

@compute @workgroup_size(THREADS)
fn diffuse(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let at = flat_index(id, groups);
    if (at >= globals.n_voxels) {
        return;
    }
    let n = globals.n;
    let x = at % n.x;
    let y = (at / n.x) % n.y;
    let z = at / (n.x * n.y);
    let p = present(at);
    let across = difference(at, p, 0u, x, false, 1u) + difference(at, p, 0u, x, true, 1u);
    let along_y = difference(at, p, 1u, y, false, n.x) + difference(at, p, 1u, y, true, n.x);
    let along_z = difference(at, p, 2u, z, false, n.x * n.y) + difference(at, p, 2u, z, true, n.x * n.y);
    let value = after_substep(p, (across + along_y) + along_z);
    if (launch.from_work == 1u) {
        fields[launch.slot * globals.n_voxels + at] = value;
    } else {
        field_work[at] = value;
    }
}

// 1 for a time step, 0 for a steady state.
fn still() -> f32 {
    return select(0.0, 1.0, field_table[launch.slot].scheme == IMPLICIT);
}

fn groups_for(threads: u32) -> vec2<u32> {
    let groups = (threads + THREADS - 1u) / THREADS;
    let rows = (groups + 65534u) / 65535u;
    return vec2<u32>((groups + rows - 1u) / rows, rows);
}

fn open_for(entry: u32, threads: u32) {
    let groups = groups_for(threads);
    arguments[3u * entry] = groups.x;
    arguments[3u * entry + 1u] = groups.y;
    arguments[3u * entry + 2u] = 1u;
}

fn half_of(level: u32) -> u32 {
    let n = levels.level[level].n;
    return ((n.x + 1u) / 2u) * n.y * n.z;
}

// Entries of `arguments`: whole and half of each level, and one workgroup at the end.
@compute @workgroup_size(1)
fn solve_begin() {
    for (var level = 0u; level < levels.n_levels; level++) {
        open_for(2u * level, n_cells_of(level));
        open_for(2u * level + 1u, half_of(level));
    }
    open_for(2u * levels.n_levels, 1u);
    solve.cycles = 0u;
    solve.closed = 0u;
    solve.fill = 0u;
    atomicStore(&solve.residual, 0u);
    atomicStore(&solve.largest, 0u);
    atomicStore(&solve.correction, 0u);
    atomicStore(&solve.deficit, 0u);
}

// The last solution is the first guess; its place then holds the right side.
@compute @workgroup_size(THREADS)
fn solve_prepare(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let at = flat_index(id, groups);
    if (at >= globals.n_voxels) {
        return;
    }
    let place = launch.slot * globals.n_voxels + at;
    let y = fields[place];
    let local = terms(launch.slot, at, y);
    field_work[at] = y;
    fields[place] = still() * y + globals.dt_min * local.gain;
    if (field_table[launch.slot].mass_varies == 1u) {
        mass[at] = still() + globals.dt_min * local.loss;
    }
}

fn relax_cell(level: u32, kin: u32, half_cell: u32) {
    let n = levels.level[level].n;
    let m = (n.x + 1u) / 2u;
    let y = (half_cell / m) % n.y;
    let z = half_cell / (m * n.y);
    let x = 2u * (half_cell % m) + ((y + z + kin) & 1u);
    if (x >= n.x) {
        return;
    }
    // Where the two ends of a periodic axis have the same colour, its last cells are a group of their own.
    let at = vec3<u32>(x, y, z);
    var seams = 0u;
    for (var axis = 0u; axis < 3u; axis++) {
        let seam = field_table[launch.slot].face[2u * axis] == FACE_PERIODIC && n[axis] > 1u && (n[axis] & 1u) == 1u;
        if (seam && at[axis] + 1u == n[axis]) {
            seams |= 2u << axis;
        }
    }
    if (seams == (kin & 14u)) {
        set_value(level, cell_of(level, at), relaxed(level, at));
    }
}

@compute @workgroup_size(THREADS)
fn solve_relax(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let ix = flat_index(id, groups);
    if (ix < half_of(launch.level)) {
        relax_cell(launch.level, launch.kin, ix);
    }
}

// The residuals of the finer level, summed over a cell of this one.
fn restrict_cell(level: u32, cell: u32) {
    let at = place_of(level, cell);
    let fine = levels.level[level - 1u].n;
    var children: array<f32, 8>;
    for (var k = 0u; k < 8u; k++) {
        let child = 2u * at + vec3<u32>(k & 1u, (k >> 1u) & 1u, k >> 2u);
        if (all(child < fine)) {
            if (takes_part(level - 1u, child)) {
                children[k] = image_of(level - 1u, child, 0.0);
            }
        }
    }
    coarse[levels.n_coarse + levels.level[level].at + cell] = sum_of_eight(children);
    coarse[levels.level[level].at + cell] = 0.0;
}

@compute @workgroup_size(THREADS)
fn solve_restrict(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let ix = flat_index(id, groups);
    if (ix < n_cells_of(launch.level)) {
        restrict_cell(launch.level, ix);
    }
}

// A coarse value on the side of a cell toward which a child lies.
fn beyond(level: u32, axis: u32, upper: bool, at: vec3<u32>, own: f32) -> f32 {
    let next = next_of(level, axis, upper, at[axis]);
    if (next == NOWHERE) {
        return select(own, -own, is_held(axis, upper));
    }
    if (field_table[launch.slot].mobility_varies == 1u) {
        if (t_of(level, axis, upper, at) == 0.0) {
            return own;
        }
    }
    var there = at;
    there[axis] = next;
    return value_of(level, cell_of(level, there));
}

// Adds the coarser level's solution, linearly interpolated, to a cell of this one. Returns its size.
fn prolong_cell(level: u32, cell: u32) -> f32 {
    let at = place_of(level, cell);
    let parent = at / 2u;
    let e = value_of(level + 1u, cell_of(level + 1u, parent));
    let ex = beyond(level + 1u, 0u, (at.x & 1u) == 1u, parent, e);
    let ey = beyond(level + 1u, 1u, (at.y & 1u) == 1u, parent, e);
    let ez = beyond(level + 1u, 2u, (at.z & 1u) == 1u, parent, e);
    let toward = keep(keep(keep(ex - e) + keep(ey - e)) + keep(ez - e));
    let correction = keep(e + 0.25 * toward);
    let value = value_of(level, cell) + correction;
    // No solution is negative, so that what would make one so is left out.
    if (level > 0u || !(value < 0.0)) {
        set_value(level, cell, value);
    }
    return abs(correction);
}

@compute @workgroup_size(THREADS)
fn solve_prolong(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let ix = flat_index(id, groups);
    if (ix < n_cells_of(launch.level)) {
        let correction = prolong_cell(launch.level, ix);
        if (launch.level == 0u && field_table[launch.slot].scheme != IMPLICIT) {
            atomicMax(&solve.correction, bitcast<u32>(correction));
        }
    }
}

// The one cell of the coarsest level.
fn solve_last_cell(level: u32) {
    var loss = mass_of(level, vec3<u32>(0u));
    for (var side = 0u; side < 6u; side++) {
        loss += t_of(level, side >> 1u, (side & 1u) == 1u, vec3<u32>(0u));
    }
    var value = 0.0;
    if (loss > 0.0) {
        value = rhs_of(level, 0u) / loss;
    }
    coarse[levels.level[level].at] = value;
}

fn sweep(level: u32, thread: u32) {
    for (var kin = 0u; kin < 16u; kin++) {
        if ((kin & 14u & ~launch.kin) == 0u) {
            for (var ix = thread; ix < half_of(level); ix += THREADS) {
                relax_cell(level, kin, ix);
            }
            storageBarrier();
        }
    }
}

// The rest of a cycle from `launch.level` on, whose right side is there, by one workgroup. `launch.kin` holds the
// seams that any level may have.
@compute @workgroup_size(THREADS)
fn solve_coarse(@builtin(local_invocation_id) local: vec3<u32>) {
    let last = levels.n_levels - 1u;
    for (var level = launch.level; level < last; level++) {
        for (var k = 0u; k < PRE_SWEEPS; k++) {
            sweep(level, local.x);
        }
        for (var ix = local.x; ix < n_cells_of(level + 1u); ix += THREADS) {
            restrict_cell(level + 1u, ix);
        }
        storageBarrier();
    }
    if (local.x == 0u) {
        solve_last_cell(last);
    }
    storageBarrier();
    for (var up = launch.level; up < last; up++) {
        let level = last - 1u - (up - launch.level);
        for (var ix = local.x; ix < n_cells_of(level); ix += THREADS) {
            prolong_cell(level, ix);
        }
        storageBarrier();
        for (var k = 0u; k < POST_SWEEPS; k++) {
            sweep(level, local.x);
        }
    }
}

var<workgroup> group_residual: atomic<u32>;
var<workgroup> group_largest: atomic<u32>;
var<workgroup> group_deficit: atomic<u32>;

@compute @workgroup_size(THREADS)
fn solve_judge(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {
    let ix = flat_index(id, groups);
    if (ix < globals.n_voxels) {
        let own = field_work[ix];
        let w = image_of(0u, place_of(0u, ix), still());
        let r = abs(w - still() * own);
        atomicMax(&group_residual, bitcast<u32>(r));
        if (own > 0.0) {
            atomicMax(&group_largest, bitcast<u32>(own));
        }
        if (still() * w < 0.0) {
            atomicMax(&group_deficit, bitcast<u32>(-w));
        }
    }
    workgroupBarrier();
    if (local.x == 0u) {
        atomicMax(&solve.residual, atomicLoad(&group_residual));
        atomicMax(&solve.largest, atomicLoad(&group_largest));
        atomicMax(&solve.deficit, atomicLoad(&group_deficit));
    }
}

@compute @workgroup_size(1)
fn solve_decide() {
    if (solve.closed == 1u) {
        return;
    }
    let residual_bits = atomicLoad(&solve.residual);
    let residual = bitcast<f32>(residual_bits);
    let largest = max(bitcast<f32>(atomicLoad(&solve.largest)), TRACE);
    let correction = bitcast<f32>(atomicLoad(&solve.correction));
    // A field at rest needs no cycle. A steady state must see its correction first.
    let first = solve.cycles == 0u;
    let allowed = select(field_table[launch.slot].tolerance, field_table[launch.slot].quiet, first) * largest;
    let finite = (residual_bits & 0x7f800000u) != 0x7f800000u;
    let settled = field_table[launch.slot].scheme == IMPLICIT 
        || (!first && 0.25 * correction <= allowed);
    let deficit = bitcast<f32>(atomicLoad(&solve.deficit));
    let converged = finite && residual <= allowed * field_table[launch.slot].stiffness && settled;
    let solved = converged && deficit <= NEGLIGIBLE * largest;
    if (solved || !finite || solve.cycles == MOST_CYCLES) {
        solve.closed = 1u;
        solve.fill = select(0u, 1u, deficit > 0.0);
        for (var entry = 0u; entry < 2u * levels.n_levels + 1u; entry++) {
            arguments[3u * entry] = 0u;
        }
        // A solution that stays negative comes from values that were.
        if (!finite || (converged && !solved)) {
            let kind = field_table[launch.slot].kind;
            counters.fault_field[kind] = min(counters.fault_field[kind], step.step);
        } else if (!solved && step.step < counters.fault_solve) {
            counters.fault_solve = step.step;
            counters.fault_solve_slot = launch.slot;
            counters.fault_solve_residual = residual_bits;
        }
    }
    solve.cycles += 1u;
    atomicStore(&solve.residual, 0u);
    atomicStore(&solve.largest, 0u);
    atomicStore(&solve.correction, 0u);
    atomicStore(&solve.deficit, 0u);
}

// The conservative update: fluxes of the solution applied to the right side.
@compute @workgroup_size(THREADS)
fn solve_finish(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let at = flat_index(id, groups);
    if (at >= globals.n_voxels) {
        return;
    }
    let place = launch.slot * globals.n_voxels + at;
    if (field_table[launch.slot].scheme == IMPLICIT) {
        fields[place] = image_of(0u, place_of(0u, at), 1.0);
    } else {
        fields[place] = field_work[at];
    }
}

// A neighbour's cell, if something can pass to it.
fn neighbour(at: vec3<u32>, side: u32) -> u32 {
    let axis = side >> 1u;
    let upper = (side & 1u) == 1u;
    let next = next_of(0u, axis, upper, at[axis]);
    if (next == NOWHERE) {
        return NOWHERE;
    }
    if (!(t_of(0u, axis, upper, at) > 0.0)) {
        return NOWHERE;
    }
    var there = at;
    there[axis] = next;
    return cell_of(0u, there);
}

// Raises to 0 what the conservative update left negative, at the cost of the neighbours: see `fill` in
// src/cpu/diffuse/implicit.rs.
@compute @workgroup_size(THREADS)
fn solve_fill(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let at = flat_index(id, groups);
    if (at >= globals.n_voxels || solve.fill == 0u) {
        return;
    }
    let base = launch.slot * globals.n_voxels;
    let own = max(fields[base + at], 0.0);
    var share = 0.0;
    for (var side = 0u; side < 6u; side++) {
        let there = neighbour(place_of(0u, at), side);
        if (there == NOWHERE) {
            continue;
        }
        let missing = -fields[base + there];
        if (missing > 0.0 && own > 0.0) {
            var has: array<f32, 6>;
            for (var other = 0u; other < 6u; other++) {
                let donor = neighbour(place_of(0u, there), other);
                if (donor != NOWHERE) {
                    has[other] = max(fields[base + donor], 0.0);
                }
            }
            share = keep(share + min(missing / sum_of_six(has), 0.16));
        }
    }
    field_work[at] = own - own * share;
}

@compute @workgroup_size(THREADS)
fn solve_copy(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let at = flat_index(id, groups);
    if (at < globals.n_voxels && solve.fill == 1u) {
        fields[launch.slot * globals.n_voxels + at] = field_work[at];
    }
}
