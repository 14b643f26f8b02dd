// Coefficients of the coarse levels of the implicit solver. Part of diffuse.wgsl's module; twin of
// src/cpu/diffuse/multigrid/transfer.rs.

// Whether the children of a coarse cell that take part are connected inside it, and there is one.
fn is_whole(fine: u32, at: vec3<u32>) -> bool {
    let n = levels.level[fine].n;
    var members = 0u;
    for (var k = 0u; k < 8u; k++) {
        let child = 2u * at + vec3<u32>(k & 1u, (k >> 1u) & 1u, k >> 2u);
        if (all(child < n)) {
            if (takes_part(fine, child)) {
                members |= 1u << k;
            }
        }
    }
    if (members == 0u) {
        return false;
    }
    var reached = members & (~members + 1u);
    for (var path = 0u; path < 7u; path++) {
        for (var k = 0u; k < 8u; k++) {
            if ((reached & (1u << k)) == 0u) {
                continue;
            }
            let child = 2u * at + vec3<u32>(k & 1u, (k >> 1u) & 1u, k >> 2u);
            for (var axis = 0u; axis < 3u; axis++) {
                let sibling = k ^ (1u << axis);
                if ((members & (1u << sibling)) != 0u) {
                    if (t_of(fine, axis, sibling > k, child) > 0.0) {
                        reached |= 1u << sibling;
                    }
                }
            }
        }
    }
    return reached == members;
}

// Masses of a level: the sum of the children; cells that obstacles cut in parts are removed.
@compute @workgroup_size(THREADS)
fn coarsen_mass(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let level = launch.level;
    let ix = flat_index(id, groups);
    if (ix >= n_cells_of(level)) {
        return;
    }
    let at = place_of(level, ix);
    let fine = levels.level[level - 1u].n;
    var children: array<f32, 8>;
    for (var k = 0u; k < 8u; k++) {
        let child = 2u * at + vec3<u32>(k & 1u, (k >> 1u) & 1u, k >> 2u);
        if (all(child < fine)) {
            if (takes_part(level - 1u, child)) {
                children[k] = mass_of(level - 1u, child);
            }
        }
    }
    var sum = sum_of_eight(children);
    if (field_table[launch.slot].mobility_varies == 1u) {
        if (!is_whole(level - 1u, at)) {
            sum = REMOVED;
        }
    }
    coarse[2u * levels.n_coarse + levels.level[level].at + ix] = sum;
}

// Transmissibility of the line through the fine face below index `face` of an axis: in series with a part of the faces
// inside the two coarse cells.
fn line(fine: u32, axis: u32, face: u32, at: vec3<u32>) -> f32 {
    let n = levels.level[fine].n[axis];
    let seam = field_table[launch.slot].face[2u * axis] == FACE_PERIODIC;
    var t: f32;
    var cell = at;
    if (face < n) {
        cell[axis] = face;
        t = t_of(fine, axis, false, cell);
    } else {
        cell[axis] = n - 1u;
        t = t_of(fine, axis, true, cell);
    }
    var resistance = 1.0;
    for (var side = 0u; side < 2u; side++) {
        let upward = side == 1u;
        var child = NOWHERE;
        if (upward) {
            if (face < n) {
                child = face;
            } else if (seam) {
                child = 0u;
            }
        } else if (face > 0u) {
            child = face - 1u;
        } else if (seam) {
            child = n - 1u;
        }
        if (child == NOWHERE) {
            continue;
        }
        let sibling = child ^ 1u;
        if (sibling >= n || (sibling > child) != upward) {
            continue;
        }
        cell[axis] = child;
        let inner = t_of(fine, axis, upward, cell);
        let wide = f32(width_of(fine, axis, sibling));
        let share = wide / (wide + f32(width_of(fine, axis, child)));
        if (inner > 0.0) {
            resistance = keep(resistance + share * (t / inner));
        } else {
            resistance = keep(resistance + share);
        }
    }
    return t / resistance;
}

// Faces of a level, all three axes one after another.
@compute @workgroup_size(THREADS)
fn coarsen_faces(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let level = launch.level;
    var ix = flat_index(id, groups);
    var axis = 0u;
    while (axis < 3u && ix >= n_faces_of(level, axis)) {
        ix -= n_faces_of(level, axis);
        axis++;
    }
    if (axis == 3u) {
        return;
    }
    var n = levels.level[level].n;
    n[axis] += 1u;
    var at = vec3<u32>(ix % n.x, (ix / n.x) % n.y, ix / (n.x * n.y));
    let cells = levels.level[level].n[axis];
    let seam = field_table[launch.slot].face[2u * axis] == FACE_PERIODIC;
    var below = at;
    var above = at;
    below[axis] = select(cells - 1u, at[axis] - 1u, at[axis] > 0u);
    above[axis] = select(0u, at[axis], at[axis] < cells);
    if (!seam && at[axis] == 0u) {
        below = above;
    }
    if (!seam && at[axis] == cells) {
        above = below;
    }
    if (!takes_part(level, below) || !takes_part(level, above)) {
        coarse[faces_of(level, axis) + ix] = 0.0;
        return;
    }
    let fine = level - 1u;
    let face = min(2u * at[axis], levels.level[fine].n[axis]);
    var layer = levels.level[fine].n;
    layer[axis] = 1u;
    at[axis] = 0u;
    var children: array<f32, 8>;
    for (var k = 0u; k < 8u; k++) {
        let child = 2u * at + vec3<u32>(k & 1u, (k >> 1u) & 1u, k >> 2u);
        if (all(child < layer)) {
            children[k] = line(fine, axis, face, child);
        }
    }
    coarse[faces_of(level, axis) + ix] = sum_of_eight(children);
}
