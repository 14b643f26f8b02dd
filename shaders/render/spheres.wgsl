// Cells as balls: a square that the ball fills, a line of sight through each of its pixels. Twin: src/render/cpu/spheres.rs.

// A ball is never drawn smaller than this, px of the picture.
const LEAST_RADIUS_PX: f32 = 1.0;
const POLE: f32 = 0.93;
// The rim of a face lies this much farther than its middle, less than planes of fields do.
const CUT_BIAS_UM: f32 = 0.3;

struct Ball {
    @builtin(position) clip: vec4f,
    @location(0) @interpolate(flat) body: vec4f,
    @location(1) @interpolate(flat) polarity: vec3f,
    @location(2) @interpolate(flat) colour: u32,
    @location(3) @interpolate(flat) radius_px: f32,
}

// Tangents of the lines that touch the ball, in raster px from the middle.
fn touch(aside: f32, forward: f32, radius: f32) -> vec2f {
    let s = sqrt(aside * aside + forward * forward - radius * radius);
    let low = (aside * s - radius * forward) / (forward * s + radius * aside);
    let high = (aside * s + radius * forward) / (forward * s - radius * aside);
    return vec2f(low, high) * eye.at.w / eye.right.w;
}

@vertex
fn spheres_vertex(@builtin(vertex_index) corner: u32, @builtin(instance_index) cell: u32) -> Ball {
    var ball: Ball;
    ball.clip = vec4f(2.0, 2.0, 2.0, 1.0);
    if cell >= counters[0] {
        return ball;
    }
    let body = positions[cell];
    let at = seen(body.xyz);
    let um = um_per_px(at.z);
    let radius = max(body.w, LEAST_RADIUS_PX * eye.clip.w * um);
    if at.z - radius <= eye.forward.w || is_hidden(body.xyz, radius) {
        return ball;
    }
    var low: vec2f;
    var high: vec2f;
    if eye.up.w > 0.5 {
        let x = touch(at.x, at.z, radius);
        let y = touch(-at.y, at.z, radius);
        low = vec2f(x.x, y.x);
        high = vec2f(x.y, y.y);
    } else {
        let middle = vec2f(at.x, -at.y) / eye.right.w;
        low = middle - radius / eye.right.w;
        high = middle + radius / eye.right.w;
    }
    let share = vec2f(f32(corner & 1u), f32(corner >> 1u));
    ball.clip = clip_from_raster(0.5 * eye.size_px + low + (high - low) * share);
    ball.body = vec4f(body.xyz, radius);
    ball.polarity = polarities[cell].xyz;
    ball.colour = palette[cell_colour(cell)];
    ball.radius_px = radius / um;
    return ball;
}

// On the kept side of the plane that hides cells: not below 0.
fn kept(at_um: vec3f) -> f32 {
    return eye.clip.z * (at_um[u32(eye.clip.x)] - eye.clip.y);
}

fn is_hidden(at_um: vec3f, radius: f32) -> bool {
    return eye.clip.x >= 0.0 && kept(at_um) <= -radius;
}

@fragment
fn spheres_fragment(ball: Ball) -> Seen {
    let sight = ray(ball.clip.xy);
    let to_middle = ball.body.xyz - sight.origin;
    let nearest = dot(to_middle, sight.along);
    let aside = to_middle - sight.along * nearest;
    let half_2 = ball.body.w * ball.body.w - dot(aside, aside);
    if half_2 <= 0.0 {
        discard;
    }
    let half = sqrt(half_2);
    var hit = sight.origin + sight.along * (nearest - half);
    var is_cut = false;
    if eye.clip.x >= 0.0 {
        let short = -kept(hit);
        if short > 0.0 {
            let slope = eye.clip.z * sight.along[u32(eye.clip.x)];
            // The cut lies between where the line of sight enters the ball and where it leaves it.
            if slope <= 0.0 || short >= 2.0 * half * slope {
                discard;
            }
            hit += sight.along * (short / slope);
            is_cut = true;
        }
    }
    let from_middle = hit - ball.body.xyz;
    var forward = dot(hit - eye.at.xyz, eye.forward.xyz);
    if is_cut {
        // Where two faces lie over each other, each has its own side of the line between them.
        forward += CUT_BIAS_UM * face_share_2(from_middle, ball.body.w);
    }
    let depth = depth_of(forward);
    if depth <= 0.0 {
        discard;
    }
    let base = unpack4x8unorm(ball.colour).rgb;
    var colour: vec3f;
    if is_cut {
        colour = cut_colour(base, from_middle, ball.body.w);
    } else {
        colour = ball_colour(base, from_middle / ball.body.w, sight.along, ball.polarity, ball.radius_px);
    }
    return Seen(vec4f(colour, 1.0), depth);
}

// Square of the distance from the middle of the face on which a ball is cut, 1 at its rim.
fn face_share_2(from_middle: vec3f, radius: f32) -> f32 {
    let off = from_middle[u32(eye.clip.x)];
    return (dot(from_middle, from_middle) - off * off) / max(radius * radius - off * off, 1e-6);
}

// The face of a ball that is cut: flat, a little lighter, with a rim.
fn cut_colour(base: vec3f, from_middle: vec3f, radius: f32) -> vec3f {
    let share_2 = face_share_2(from_middle, radius);
    let rim = clamp((share_2 - 0.66) * 8.0, 0.0, 1.0);
    let face = base + (vec3f(1.0) - base) * 0.1;
    return face + (base * 0.5 - face) * rim;
}

fn ball_colour(base: vec3f, normal: vec3f, along: vec3f, polarity: vec3f, radius_px: f32) -> vec3f {
    // Light from the upper left, from behind the eye.
    let to_light = eye.right.xyz * -0.45 + eye.up.xyz * 0.6 - eye.forward.xyz * 0.66;
    let light = max(dot(normal, to_light), 0.0);
    let detail = clamp((radius_px - 4.0) * 0.25, 0.0, 1.0);
    let pole = clamp((dot(normal, polarity) - POLE) * 40.0, 0.0, 1.0) * detail;
    var colour = base + (ink_on(base) - base) * (0.7 * pole);
    colour *= 0.5 + 0.56 * light;
    let shine = light * light * light * light;
    let shine_2 = shine * shine;
    colour += (vec3f(1.0) - colour) * (0.22 * shine_2 * shine_2);
    let facing = -dot(normal, along);
    return min(colour * (0.6 + 0.4 * clamp(facing * 2.5, 0.0, 1.0)), vec3f(1.0));
}
