// The box: a field sampled bilinearly at pixel centres, or an even ground. Twin: src/render/cpu.rs.

@group(0) @binding(2) var<storage, read> fields: array<f32>;

fn voxel(x: i32, y: i32) -> f32 {
    let last = vec2i(frame.voxels.xy) - 1;
    let ix = vec2u(clamp(vec2i(x, y), vec2i(0), last));
    return fields[frame.voxels.w + (frame.voxels.z * frame.voxels.y + ix.y) * frame.voxels.x + ix.x];
}

fn sample(at_voxel: vec2f) -> f32 {
    let corner = floor(at_voxel - 0.5);
    let part = at_voxel - 0.5 - corner;
    let x = i32(corner.x);
    let y = i32(corner.y);
    let low = voxel(x, y) + (voxel(x + 1, y) - voxel(x, y)) * part.x;
    let high = voxel(x, y + 1) + (voxel(x + 1, y + 1) - voxel(x, y + 1)) * part.x;
    return low + (high - low) * part.y;
}

@vertex
fn field_vertex(@builtin(vertex_index) corner: u32) -> @builtin(position) vec4f {
    // One triangle that covers the picture; the scissor cuts it to the viewport.
    return vec4f(f32(corner & 1u) * 4.0 - 1.0, f32(corner >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

@fragment
fn field_fragment(@builtin(position) at_px: vec4f) -> @location(0) vec4f {
    let offset_um = (at_px.xy - frame.centre_px) / frame.px_per_um;
    let at_voxel = vec2f(frame.centre_um.x + offset_um.x, frame.centre_um.y - offset_um.y) / frame.voxel_um;
    if any(at_voxel < vec2f(0.0)) || any(at_voxel > vec2f(frame.voxels.xy)) {
        discard;
    }
    if frame.has_field == 0u {
        return unpack4x8unorm(palette[EMPTY_COLOUR]);
    }
    return unpack4x8unorm(palette[colour_index(sample(at_voxel), frame.field_lo, frame.field_scale)]);
}
