// The linear system of one level of the implicit solver, a u + sum t (u - u_j) = b for every cell, in extensive form.
// Twin of src/cpu/diffuse/multigrid/operator.rs and rows.rs. Needs `globals`, `step`, `launch`, `levels`,
// `field_table`, `fields`, `field_work`, `mobility`, `mass` and `coarse`.

struct Level {
    n: vec3<u32>,
    // Width of a full cell, voxels.
    width: u32,
    // Where its cells and faces begin in the sections of `coarse`.
    at: u32,
    faces_at: u32,
    spare_0: u32,
    spare_1: u32,
}

// Sections of `coarse`: values, right sides, masses (n_coarse each), faces.
struct Levels {
    n_levels: u32,
    n_coarse: u32,
    // 0, which the compiler does not know.
    zero: u32,
    spare: u32,
    level: array<Level, 32>,
}

// Harmonic mean, 0 where either is 0.
fn harmonic(a: f32, b: f32) -> f32 {
    let sum = a + b;
    if (sum > 0.0) {
        return (2.0 * (a * b)) / sum;
    }
    return 0.0;
}

const NOWHERE: u32 = 0xffffffffu;

struct Six {
    t: array<f32, 6>,
    u: array<f32, 6>,
}

fn cell_of(level: u32, at: vec3<u32>) -> u32 {
    let n = levels.level[level].n;
    return (at.z * n.y + at.y) * n.x + at.x;
}

fn place_of(level: u32, cell: u32) -> vec3<u32> {
    let n = levels.level[level].n;
    return vec3<u32>(cell % n.x, (cell / n.x) % n.y, cell / (n.x * n.y));
}

fn n_cells_of(level: u32) -> u32 {
    let n = levels.level[level].n;
    return n.x * n.y * n.z;
}

fn width_of(level: u32, axis: u32, ix: u32) -> u32 {
    let width = levels.level[level].width;
    return min(width, globals.n[axis] - ix * width);
}

fn value_of(level: u32, cell: u32) -> f32 {
    if (level == 0u) {
        return field_work[cell];
    }
    return coarse[levels.level[level].at + cell];
}

fn set_value(level: u32, cell: u32, value: f32) {
    if (level == 0u) {
        field_work[cell] = value;
    } else {
        coarse[levels.level[level].at + cell] = value;
    }
}

fn rhs_of(level: u32, cell: u32) -> f32 {
    if (level == 0u) {
        return fields[launch.slot * globals.n_voxels + cell];
    }
    return coarse[levels.n_coarse + levels.level[level].at + cell];
}

fn mass_of(level: u32, at: vec3<u32>) -> f32 {
    if (field_table[launch.slot].mass_varies == 0u) {
        let volume = (width_of(level, 0u, at.x) * width_of(level, 1u, at.y)) * width_of(level, 2u, at.z);
        return field_table[launch.slot].mass * f32(volume);
    }
    let cell = cell_of(level, at);
    if (level == 0u) {
        return mass[cell];
    }
    return coarse[2u * levels.n_coarse + levels.level[level].at + cell];
}

// Mass of a coarse cell that stands for no part of the solution. Its correction is 0 for all that it is asked.
const REMOVED: f32 = 1e30;

// Whether a cell takes part in the coarser levels: closed voxels and removed cells do not.
fn takes_part(level: u32, at: vec3<u32>) -> bool {
    if (field_table[launch.slot].mobility_varies == 0u) {
        return true;
    }
    if (level == 0u) {
        return mobility[cell_of(0u, at)] > 0.0;
    }
    if (field_table[launch.slot].mass_varies == 0u) {
        return true;
    }
    return mass_of(level, at) < REMOVED;
}

// The neighbour's index along an axis, NOWHERE beyond a wall or a held face.
fn next_of(level: u32, axis: u32, upper: bool, ix: u32) -> u32 {
    let n = levels.level[level].n[axis];
    if (upper && ix + 1u < n) {
        return ix + 1u;
    }
    if (!upper && ix > 0u) {
        return ix - 1u;
    }
    let side = 2u * axis + select(0u, 1u, upper);
    if (field_table[launch.slot].face[side] == FACE_PERIODIC && n > 1u) {
        return select(n - 1u, 0u, upper);
    }
    return NOWHERE;
}

fn is_held(axis: u32, upper: bool) -> bool {
    let face = field_table[launch.slot].face[2u * axis + select(0u, 1u, upper)];
    return face == FACE_FIXED || face == FACE_BATH;
}

// What is held at a face; corrections of coarse levels are 0 there.
fn held_value(level: u32, axis: u32, upper: bool) -> f32 {
    let side = 2u * axis + select(0u, 1u, upper);
    if (level > 0u) {
        return 0.0;
    }
    if (field_table[launch.slot].face[side] == FACE_BATH) {
        return step.bath_nm;
    }
    return field_table[launch.slot].face_value[side];
}

fn n_faces_of(level: u32, axis: u32) -> u32 {
    var n = levels.level[level].n;
    n[axis] += 1u;
    return n.x * n.y * n.z;
}

// Where the faces normal to an axis begin in `coarse`.
fn faces_of(level: u32, axis: u32) -> u32 {
    var start = 3u * levels.n_coarse + levels.level[level].faces_at;
    for (var before = 0u; before < axis; before++) {
        start += n_faces_of(level, before);
    }
    return start;
}

// Transmissibility of one face of a cell.
fn t_of(level: u32, axis: u32, upper: bool, at: vec3<u32>) -> f32 {
    let next = next_of(level, axis, upper, at[axis]);
    if (next == NOWHERE && !is_held(axis, upper)) {
        return 0.0;
    }
    let courant = field_table[launch.slot].courant;
    if (field_table[launch.slot].mobility_varies == 0u) {
        let b = (axis + 1u) % 3u;
        let c = (axis + 2u) % 3u;
        let area = width_of(level, b, at[b]) * width_of(level, c, at[c]);
        var across = width_of(level, axis, at[axis]);
        if (next != NOWHERE) {
            across += width_of(level, axis, next);
        }
        return (courant * f32(area)) / (0.5 * f32(across));
    }
    if (level == 0u) {
        let own = mobility[cell_of(0u, at)];
        if (next == NOWHERE) {
            return 2.0 * (courant * own);
        }
        var there = at;
        there[axis] = next;
        return courant * harmonic(own, mobility[cell_of(0u, there)]);
    }
    var face = at;
    face[axis] += select(0u, 1u, upper);
    var n = levels.level[level].n;
    n[axis] += 1u;
    return coarse[faces_of(level, axis) + (face.z * n.y + face.y) * n.x + face.x];
}

// Transmissibilities of a cell and what lies beyond.
fn six_of(level: u32, at: vec3<u32>) -> Six {
    var six: Six;
    for (var side = 0u; side < 6u; side++) {
        let axis = side >> 1u;
        let upper = (side & 1u) == 1u;
        six.t[side] = t_of(level, axis, upper, at);
        let next = next_of(level, axis, upper, at[axis]);
        if (next != NOWHERE) {
            var there = at;
            there[axis] = next;
            six.u[side] = value_of(level, cell_of(level, there));
        } else if (is_held(axis, upper)) {
            six.u[side] = held_value(level, axis, upper);
        } else {
            six.u[side] = 0.0;
        }
    }
    return six;
}

// A sum as it stands. Mesa takes (a + b) + c for (a + c) + b where a and b are products, and engines must agree to the
// bit; it cannot look through an integer operation.
fn keep(sum: f32) -> f32 {
    return bitcast<f32>(bitcast<u32>(sum) | levels.zero);
}

fn sum_of_six(v: array<f32, 6>) -> f32 {
    return keep(keep(keep(v[0] + v[1]) + keep(v[2] + v[3])) + keep(v[4] + v[5]));
}

fn sum_of_eight(v: array<f32, 8>) -> f32 {
    let near = keep(keep(v[0] + v[1]) + keep(v[2] + v[3]));
    return keep(near + keep(keep(v[4] + v[5]) + keep(v[6] + v[7])));
}

// The value that satisfies the cell's own equation.
fn relaxed(level: u32, at: vec3<u32>) -> f32 {
    let six = six_of(level, at);
    var inflow: array<f32, 6>;
    for (var side = 0u; side < 6u; side++) {
        inflow[side] = six.t[side] * six.u[side];
    }
    let gain = keep(rhs_of(level, cell_of(level, at)) + sum_of_six(inflow));
    let loss = keep(mass_of(level, at) + sum_of_six(six.t));
    // A closed voxel of a steady field has no equation.
    return select(0.0, gain / loss, loss > 0.0);
}

// (b - (a - still) u) + sum t (u_j - u): the residual for still = 0, what an explicit step from u gives for 1.
fn image_of(level: u32, at: vec3<u32>, still: f32) -> f32 {
    let six = six_of(level, at);
    let cell = cell_of(level, at);
    let own = value_of(level, cell);
    var flux: array<f32, 6>;
    for (var side = 0u; side < 6u; side++) {
        flux[side] = six.t[side] * keep(six.u[side] - own);
    }
    let local = keep(rhs_of(level, cell) - keep(mass_of(level, at) - still) * own);
    return keep(local + sum_of_six(flux));
}
