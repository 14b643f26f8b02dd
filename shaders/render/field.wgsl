// The box from above: a field sampled bilinearly at pixel centres, or an even ground. Twin: src/render/cpu/flat.rs.

@group(0) @binding(2) var<storage, read> fields: array<f32>;
@group(0) @binding(3) var<storage, read> grain: array<u32>;

fn voxel(x: i32, y: i32, start: u32) -> f32 {
    let last = vec2i(frame.voxels.xy) - 1;
    let ix = vec2u(clamp(vec2i(x, y), vec2i(0), last));
    return fields[start + (frame.layer * frame.voxels.y + ix.y) * frame.voxels.x + ix.x];
}

// The value, and its slope along x and y per voxel.
fn sample(at_voxel: vec2f, start: u32) -> vec3f {
    let corner = floor(at_voxel - 0.5);
    let part = at_voxel - 0.5 - corner;
    let x = i32(corner.x);
    let y = i32(corner.y);
    let low_slope = voxel(x + 1, y, start) - voxel(x, y, start);
    let high_slope = voxel(x + 1, y + 1, start) - voxel(x, y + 1, start);
    let low = voxel(x, y, start) + low_slope * part.x;
    let high = voxel(x, y + 1, start) + high_slope * part.x;
    let value = low + (high - low) * part.y;
    return vec3f(value, low_slope + (high_slope - low_slope) * part.y, high - low);
}

fn grain_at(x: i32, y: i32) -> f32 {
    let ix = vec2u(clamp(vec2i(x, y), vec2i(0), vec2i(frame.grain_n) - 1));
    let i = ix.y * frame.grain_n.x + ix.x;
    return f32((grain[i >> 2u] >> (8u * (i & 3u))) & 255u);
}

// By what the texture of the matrix darkens the ground, 0…1.
fn grain_ink(at_voxel: vec2f) -> f32 {
    let at = at_voxel / vec2f(frame.voxels.xy) * vec2f(frame.grain_n);
    let corner = floor(at - 0.5);
    let part = at - 0.5 - corner;
    let x = i32(corner.x);
    let y = i32(corner.y);
    let low = grain_at(x, y) + (grain_at(x + 1, y) - grain_at(x, y)) * part.x;
    let high = grain_at(x, y + 1) + (grain_at(x + 1, y + 1) - grain_at(x, y + 1)) * part.x;
    var density = 1.0;
    if frame.grain == 2u {
        density = clamp(sample(at_voxel, frame.matrix_start).x, 0.0, 2.0);
    }
    return density * (low + (high - low) * part.y) / 255.0 * GRAIN_INK;
}

const GRAIN_INK: f32 = 0.24;

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
    var colour = unpack4x8unorm(palette[EMPTY_COLOUR]);
    var ink = 0.0;
    if frame.has_field != 0u {
        let there = sample(at_voxel, frame.voxels.w);
        colour = unpack4x8unorm(palette[colour_index(there.x, frame.field_lo, frame.field_scale)]);
        ink = contour(there.x, sqrt(dot(there.yz, there.yz)) / (frame.voxel_um * frame.px_per_um));
    }
    if frame.grain != 0u {
        colour = vec4f(colour.rgb * (1.0 - grain_ink(at_voxel)), 1.0);
    }
    return vec4f(colour.rgb * (1.0 - ink), 1.0);
}
