// What happens to a field inside a voxel: dy/dt = gain - loss y. Twin of src/cpu/terms.rs. Needs `globals`, `step`,
// `field_table`, `fields`, `deposits`, `maps` and exp_minus.

struct Terms {
    gain: f32,
    loss: f32,
}

fn is_computed(kind: u32) -> bool {
    return globals.slots[kind >> 2u][kind & 3u] != NONE;
}

// Value of another field in the voxel; only where it is computed.
fn here(kind: u32, at: u32) -> f32 {
    return fields[globals.slots[kind >> 2u][kind & 3u] * globals.n_voxels + at];
}

fn has_channel(channel: u32) -> bool {
    return globals.channel_places[channel >> 2u][channel & 3u] != NONE;
}

// What the cells of the voxel give; only where the channel exists.
fn given(channel: u32, at: u32) -> f32 {
    let sum = deposits[globals.channel_places[channel >> 2u][channel & 3u] * globals.n_voxels + at];
    return f32(sum) * globals.channel_scales[channel >> 2u][channel & 3u];
}

// Uniform terms are added up before those of the voxel: compilers reassociate them in this order anyway. Those of a
// field that diffuses in substeps act in `diffuse`. `y` is the field's own value, about which uptake is linearised.
fn terms(slot: u32, at: u32, y: f32) -> Terms {
    let kind = field_table[slot].kind;
    var gain = 0.0;
    var loss = 0.0;
    if (field_table[slot].substeps == 0u) {
        gain = field_table[slot].source + field_table[slot].exchange * step.bath_nm;
        loss = field_table[slot].loss + field_table[slot].exchange;
    }
    if (kind == FAK) {
        loss = loss + select(globals.k_f, globals.k_dp, globals.field_only == 1u);
    }
    if (field_table[slot].source_at != NONE) {
        gain = gain + maps[field_table[slot].source_at + at];
    }
    if (field_table[slot].uptake_at != NONE) {
        loss = loss + maps[field_table[slot].uptake_at + at];
    }
    if (field_table[slot].vessels_at != NONE) {
        let share = maps[field_table[slot].vessels_at + at];
        if (share > 0.0) {
            var exchange = field_table[slot].perfusion * share;
            if (is_computed(ECM)) {
                exchange = exchange * exp_minus(here(ECM, at) * globals.per_vessel_squeeze);
            }
            gain = gain + exchange * (field_table[slot].level + field_table[slot].plasma * step.bath_nm);
            loss = loss + exchange;
        }
    }
    switch kind {
        case ECM: {
            if (has_channel(DIGESTION)) {
                loss = loss + globals.g1 * given(DIGESTION, at);
            }
            if (is_computed(MMP)) {
                loss = loss + globals.g2 * here(MMP, at);
            }
            if (has_channel(COLLAGEN)) {
                var laid = given(COLLAGEN, at);
                if (is_computed(TGFB)) {
                    let g = here(TGFB, at);
                    laid = laid * (g / (g + globals.k_g));
                }
                gain = gain + laid;
                loss = loss + laid * globals.per_rho_max;
            }
        }
        case FAK: {
            if (globals.field_only == 1u) {
                var rho = globals.rho_star;
                if (is_computed(ECM)) {
                    rho = here(ECM, at);
                }
                var c = step.bath_nm;
                if (is_computed(DRUG)) {
                    c = here(DRUG, at);
                }
                let engaged = rho / (rho + globals.k_rho);
                let occupied = c / (globals.k_app + c);
                let on = (globals.k_auto * engaged) * (1.0 - occupied) + globals.k_rtk * globals.r0;
                gain = gain + on;
                loss = loss + on;
            } else {
                gain = gain + globals.k_f * given(CHANNEL_PFAK, at);
            }
        }
        case MMP: {
            if (has_channel(PROTEASE)) {
                gain = gain + given(PROTEASE, at);
            }
        }
        case OXYGEN: {
            if (has_channel(OXYGEN_UPTAKE)) {
                loss = loss + given(OXYGEN_UPTAKE, at) / (1.0 + y * globals.per_k_oxygen);
            }
        }
        case ATTRACTANT: {
            if (has_channel(CHANNEL_ATTRACTANT)) {
                gain = gain + given(CHANNEL_ATTRACTANT, at);
            }
        }
        case TGFB: {
            if (has_channel(CHANNEL_TGFB)) {
                gain = gain + given(CHANNEL_TGFB, at);
            }
        }
        default: {}
    }
    return Terms(gain * field_table[slot].per_retention, loss * field_table[slot].per_retention);
}
