// From the raster of a 3-D view to the picture: darker where something near stands before it, averaged to pixels.
// Twin: src/render/cpu/resolve.rs.

@group(0) @binding(0) var colours: texture_2d<f32>;
@group(0) @binding(1) var depths: texture_depth_2d;
// Depth at which something is wholly before something else, and what does not count, µm.
const SHADE_UM: f32 = 12.0;
const SHADE_FREE: f32 = 0.2;
const SHADE: f32 = 0.5;

@vertex
fn resolve_vertex(@builtin(vertex_index) corner: u32) -> @builtin(position) vec4f {
    return vec4f(f32(corner & 1u) * 4.0 - 1.0, f32(corner >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

fn before(at: vec2i, depth: f32, by: vec2i) -> f32 {
    let last = vec2i(eye.size_px) - 1;
    let other = textureLoad(depths, clamp(at + by, vec2i(0), last), 0);
    let span = eye.box_um.w - eye.forward.w;
    return clamp((depth - other) * span / SHADE_UM - SHADE_FREE, 0.0, 1.0);
}

fn shaded(at: vec2i) -> vec3f {
    let depth = textureLoad(depths, at, 0);
    if depth >= 1.0 {
        return textureLoad(colours, at, 0).rgb;
    }
    let near = (3 * i32(eye.clip.w) + 1) / 2;
    let far = 9 * i32(eye.clip.w) / 2;
    var hidden = before(at, depth, vec2i(-near, -near)) + before(at, depth, vec2i(near, -near));
    hidden += before(at, depth, vec2i(-near, near)) + before(at, depth, vec2i(near, near));
    hidden += before(at, depth, vec2i(-far, 0)) + before(at, depth, vec2i(far, 0));
    hidden += before(at, depth, vec2i(0, -far)) + before(at, depth, vec2i(0, far));
    return textureLoad(colours, at, 0).rgb * (1.0 - SHADE * hidden / 8.0);
}

@fragment
fn resolve_fragment(@builtin(position) at_px: vec4f) -> @location(0) vec4f {
    let fine = i32(eye.clip.w);
    let corner = vec2i(at_px.xy - eye.corner_px) * fine;
    var sum = vec3f(0.0);
    for (var i = 0; i < fine * fine; i++) {
        sum += shaded(corner + vec2i(i % fine, i / fine));
    }
    return vec4f(sum / f32(fine * fine), 1.0);
}
