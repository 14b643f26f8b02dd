// Planes through a 3-D box that show the field. Twin: src/render/cpu/slices.rs.

@group(0) @binding(2) var<storage, read> fields: array<f32>;

const SLICE_BIAS_UM: f32 = 0.5;

struct Slice {
    @builtin(position) clip: vec4f,
    @location(0) @interpolate(flat) axis: u32,
}

@vertex
fn slices_vertex(@builtin(vertex_index) corner: u32, @builtin(instance_index) axis: u32) -> Slice {
    var slice: Slice;
    slice.clip = vec4f(2.0, 2.0, 2.0, 1.0);
    if eye.slices[axis] >= 0.0 {
        slice.clip = vec4f(f32(corner & 1u) * 4.0 - 1.0, f32(corner >> 1u) * 4.0 - 1.0, 0.5, 1.0);
    }
    slice.axis = axis;
    return slice;
}

fn voxel(at: vec3i) -> f32 {
    let ix = vec3u(clamp(at, vec3i(0), vec3i(frame.voxels.xyz) - 1));
    return fields[frame.voxels.w + (ix.z * frame.voxels.y + ix.y) * frame.voxels.x + ix.x];
}

// The value, and its slope along x, y and z per voxel.
fn sample(at_voxel: vec3f) -> vec4f {
    let corner = floor(at_voxel - 0.5);
    let part = at_voxel - 0.5 - corner;
    let at = vec3i(corner);
    var value: array<f32, 4>;
    var slope: array<f32, 4>;
    for (var i = 0; i < 4; i++) {
        let row = at + vec3i(0, i & 1, i >> 1u);
        let low = voxel(row);
        slope[i] = voxel(row + vec3i(1, 0, 0)) - low;
        value[i] = low + slope[i] * part.x;
    }
    let low = value[0] + (value[1] - value[0]) * part.y;
    let high = value[2] + (value[3] - value[2]) * part.y;
    let low_x = slope[0] + (slope[1] - slope[0]) * part.y;
    let high_x = slope[2] + (slope[3] - slope[2]) * part.y;
    let low_y = value[1] - value[0];
    let high_y = value[3] - value[2];
    return vec4f(
        low + (high - low) * part.z,
        low_x + (high_x - low_x) * part.z,
        low_y + (high_y - low_y) * part.z,
        high - low,
    );
}

@fragment
fn slices_fragment(slice: Slice) -> Seen {
    let sight = ray(slice.clip.xy);
    let axis = slice.axis;
    let slope = sight.along[axis];
    if abs(slope) < 1e-4 {
        discard;
    }
    let t = (eye.slices[axis] - sight.origin[axis]) / slope;
    let hit = sight.origin + sight.along * t;
    var from_wall = min(hit, eye.box_um.xyz - hit);
    from_wall[axis] = 0.0;
    let forward = dot(hit - eye.at.xyz, eye.forward.xyz);
    let depth = depth_of(forward + SLICE_BIAS_UM);
    if t <= 0.0 || depth <= 0.0 || min(min(from_wall.x, from_wall.y), from_wall.z) < 0.0 {
        discard;
    }
    if frame.has_field == 0u {
        return Seen(unpack4x8unorm(palette[EMPTY_COLOUR]), depth);
    }
    let there = sample(hit / frame.voxel_um);
    let colour = unpack4x8unorm(palette[colour_index(there.x, frame.field_lo, frame.field_scale)]);
    var across = there.yzw;
    across[axis] = 0.0;
    let px = eye.clip.w * um_per_px(forward) / frame.voxel_um;
    let ink = contour(there.x, sqrt(dot(across, across)) * px);
    return Seen(vec4f(colour.rgb * (1.0 - ink), 1.0), depth);
}
