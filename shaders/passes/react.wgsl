// Local terms of every field, field after field: y <- (y + dt gain) / (1 + dt loss). Clears the deposits behind itself.

@group(0) @binding(0) var<uniform> globals: Globals;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> field_table: array<Field>;
@group(0) @binding(3) var<storage, read_write> fields: array<f32>;
@group(0) @binding(4) var<storage, read> fields_work: array<f32>;
@group(0) @binding(5) var<storage, read_write> deposits: array<u32>;
@group(0) @binding(6) var<storage, read> maps: array<f32>;
@group(0) @binding(7) var<storage, read_write> counters: array<atomic<u32>>;

const FAULT_FIELD: u32 = 4u;

fn here_or(kind: u32, at: u32, otherwise: f32) -> f32 {
    let slot = slot_in(globals.slots, kind);
    if (slot == NONE) {
        return otherwise;
    }
    return fields[slot * globals.n_voxels + at];
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
        if ((field_table[slot].substeps & 1u) == 1u) {
            y = fields_work[place];
        }
        // Uniform terms of a field that diffuses act in `diffuse`.
        let still = field_table[slot].substeps == 0u;
        var loss = select(0.0, field_table[slot].loss, still);
        if (field_table[slot].uptake_at != NONE) {
            loss = loss + maps[field_table[slot].uptake_at + at];
        }
        var gain = select(0.0, field_table[slot].source, still);
        if (field_table[slot].source_at != NONE) {
            gain = gain + maps[field_table[slot].source_at + at];
        }
        switch field_table[slot].kind {
            case DRUG: {
                if (still) {
                    gain = gain + field_table[slot].exchange * step.bath_nm;
                    loss = loss + field_table[slot].exchange;
                }
            }
            case ECM: {
                loss = loss + globals.g1 * (f32(deposits[at]) * globals.density_per_deposit);
            }
            case FAK: {
                if (globals.field_only == 1u) {
                    let rho = here_or(ECM, at, globals.rho_star);
                    let c = here_or(DRUG, at, step.bath_nm);
                    let engaged = rho / (rho + globals.k_rho);
                    let occupied = c / (globals.k_app + c);
                    let on = (globals.k_auto * engaged) * (1.0 - occupied) + globals.k_rtk * globals.r0;
                    gain = gain + on;
                    loss = (loss + on) + globals.k_dp;
                } else {
                    gain = gain + globals.k_f * (f32(deposits[globals.n_voxels + at]) * globals.density_per_deposit);
                    loss = loss + globals.k_f;
                }
            }
            default: {}
        }
        y = (y + dt * gain) / (1.0 + dt * loss);
        fields[place] = y;
        if (!is_finite(y) || y < 0.0) {
            atomicMin(&counters[FAULT_FIELD + field_table[slot].kind], step.step);
        }
    }
    // The next step's deposit starts from nothing.
    deposits[at] = 0u;
    deposits[globals.n_voxels + at] = 0u;
}
