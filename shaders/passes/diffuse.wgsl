// One substep of one diffusing field: forward Euler in flux form, with the field's uniform source, loss and bath
// exchange in the same substep (implicit in the loss), so that the steady state carries no splitting error. Bytes per voxel: 4 read, 4 written (neighbours
// come from the cache).

@group(0) @binding(0) var<uniform> globals: Globals;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<uniform> launch: Launch;
@group(0) @binding(3) var<storage, read> field_table: array<Field>;
@group(0) @binding(4) var<storage, read_write> fields: array<f32>;
@group(0) @binding(5) var<storage, read_write> fields_work: array<f32>;

fn value_at(at: u32) -> f32 {
    if (launch.from_work == 1u) {
        return fields_work[at];
    }
    return fields[at];
}

// Difference to the neighbour beyond one side of a voxel; `stride` is the step to it in the buffer.
fn difference(base: u32, at: u32, p: f32, axis: u32, i: u32, upper: bool, stride: u32) -> f32 {
    let n = globals.n[axis];
    if (upper && i + 1u < n) {
        return value_at(base + at + stride) - p;
    }
    if (!upper && i > 0u) {
        return value_at(base + at - stride) - p;
    }
    let side = 2u * axis + select(0u, 1u, upper);
    switch field_table[launch.slot].face[side] {
        case FACE_PERIODIC: {
            if (upper) {
                return value_at(base + at - (n - 1u) * stride) - p;
            }
            return value_at(base + at + (n - 1u) * stride) - p;
        }
        case FACE_FIXED: {
            return 2.0 * (field_table[launch.slot].face_value[side] - p);
        }
        case FACE_BATH: {
            return 2.0 * (step.bath_nm - p);
        }
        default: {
            return 0.0;
        }
    }
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
    let base = launch.slot * globals.n_voxels;
    let p = value_at(base + at);
    let across = difference(base, at, p, 0u, x, false, 1u) + difference(base, at, p, 0u, x, true, 1u);
    let along_y = difference(base, at, p, 1u, y, false, n.x) + difference(base, at, p, 1u, y, true, n.x);
    let along_z = difference(base, at, p, 2u, z, false, n.x * n.y) + difference(base, at, p, 2u, z, true, n.x * n.y);
    let spread = p + field_table[launch.slot].courant * ((across + along_y) + along_z);
    let gain = field_table[launch.slot].source + field_table[launch.slot].exchange * step.bath_nm;
    let value = (spread + field_table[launch.slot].substep_min * gain) * field_table[launch.slot].relief;
    if (launch.from_work == 1u) {
        fields[base + at] = value;
    } else {
        fields_work[base + at] = value;
    }
}
