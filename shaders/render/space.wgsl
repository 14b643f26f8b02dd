// What the shaders of 3-D views share: the eye and its lines of sight. Twin: src/render/eye.rs.

struct Eye {
    // Where the eye is, and its distance from the point in the middle.
    at: vec4f,
    // Axes of the picture; then µm per raster pixel in the middle, 1 in perspective, least and largest depth.
    right: vec4f,
    up: vec4f,
    forward: vec4f,
    box_um: vec4f,
    // Where planes cross x, y and z, below 0 where there is none; width of edges, raster px.
    slices: vec4f,
    // Axis of the plane that hides cells, below 0 if there is none; where it is; which side it keeps; raster pixels along
    // each side of a pixel of the picture.
    clip: vec4f,
    size_px: vec2f,
    corner_px: vec2f,
}

@group(0) @binding(7) var<uniform> eye: Eye;

struct Ray {
    origin: vec3f,
    along: vec3f,
}

fn ray(px: vec2f) -> Ray {
    let x = (px.x - 0.5 * eye.size_px.x) * eye.right.w;
    let y = (0.5 * eye.size_px.y - px.y) * eye.right.w;
    let aside = eye.right.xyz * x + eye.up.xyz * y;
    if eye.up.w > 0.5 {
        return Ray(eye.at.xyz, normalize(aside + eye.forward.xyz * eye.at.w));
    }
    return Ray(eye.at.xyz + aside, eye.forward.xyz);
}

// Right, up and forward of the eye.
fn seen(at_um: vec3f) -> vec3f {
    let from_eye = at_um - eye.at.xyz;
    return vec3f(dot(from_eye, eye.right.xyz), dot(from_eye, eye.up.xyz), dot(from_eye, eye.forward.xyz));
}

fn depth_of(forward_um: f32) -> f32 {
    return (forward_um - eye.forward.w) / (eye.box_um.w - eye.forward.w);
}

fn to_px(at: vec3f) -> vec2f {
    var scale = 1.0;
    if eye.up.w > 0.5 {
        scale = eye.at.w / at.z;
    }
    return 0.5 * eye.size_px + at.xy * vec2f(1.0, -1.0) * (scale / eye.right.w);
}

fn um_per_px(forward_um: f32) -> f32 {
    if eye.up.w > 0.5 {
        return eye.right.w * forward_um / eye.at.w;
    }
    return eye.right.w;
}

fn clip_from_raster(px: vec2f) -> vec4f {
    let unit = px / eye.size_px;
    // The fragments say how deep they are.
    return vec4f(2.0 * unit.x - 1.0, 1.0 - 2.0 * unit.y, 0.5, 1.0);
}

struct Seen {
    @location(0) colour: vec4f,
    @builtin(frag_depth) depth: f32,
}
