// Value and gradient (per um) of a field at a stencil. Twin of src/cpu/sample.rs. Needs `globals` and `fields`.

fn sample(slot: u32, s: Stencil) -> Sample {
    let base = slot * globals.n_voxels;
    let u000 = fields[base + voxel(s.lo.x, s.lo.y, s.lo.z)];
    let u100 = fields[base + voxel(s.hi.x, s.lo.y, s.lo.z)];
    let u010 = fields[base + voxel(s.lo.x, s.hi.y, s.lo.z)];
    let u110 = fields[base + voxel(s.hi.x, s.hi.y, s.lo.z)];
    let u001 = fields[base + voxel(s.lo.x, s.lo.y, s.hi.z)];
    let u101 = fields[base + voxel(s.hi.x, s.lo.y, s.hi.z)];
    let u011 = fields[base + voxel(s.lo.x, s.hi.y, s.hi.z)];
    let u111 = fields[base + voxel(s.hi.x, s.hi.y, s.hi.z)];
    let c00 = blend(u000, u100, s.share.x);
    let c10 = blend(u010, u110, s.share.x);
    let c01 = blend(u001, u101, s.share.x);
    let c11 = blend(u011, u111, s.share.x);
    let c0 = blend(c00, c10, s.share.y);
    let c1 = blend(c01, c11, s.share.y);
    let gx = blend(
        blend(u100 - u000, u110 - u010, s.share.y),
        blend(u101 - u001, u111 - u011, s.share.y),
        s.share.z,
    );
    let gy = blend(c10 - c00, c11 - c01, s.share.z);
    let gz = c1 - c0;
    return Sample(blend(c0, c1, s.share.z), vec3<f32>(gx, gy, gz) * globals.voxels_per_um);
}

// A field's value, or `otherwise` where the model does not compute it.
fn value_or(kind: u32, s: Stencil, otherwise: f32) -> f32 {
    let slot = slot_in(globals.slots, kind);
    if (slot == NONE) {
        return otherwise;
    }
    return sample(slot, s).value;
}
