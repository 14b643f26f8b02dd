// Cells from above: shaded discs with a darker rim and a tick toward the polarity. Twin: src/render/cpu/flat.rs.

const LEAST_RADIUS_PX: f32 = 1.0;

struct Disc {
    @builtin(position) clip: vec4f,
    @location(0) @interpolate(flat) centre_px: vec2f,
    @location(1) @interpolate(flat) radius_px: f32,
    @location(2) @interpolate(flat) tick_px: vec2f,
    @location(3) @interpolate(flat) colour: u32,
    // Half the length over the radius, 1 for a disc.
    @location(4) @interpolate(flat) stretch: f32,
}

@vertex
fn cells_vertex(@builtin(vertex_index) corner: u32, @builtin(instance_index) cell: u32) -> Disc {
    var disc: Disc;
    // Outside the clip volume: what is not there is not drawn.
    disc.clip = vec4f(2.0, 2.0, 2.0, 1.0);
    if cell >= counters[0] {
        return disc;
    }
    let at = positions[cell];
    let off_plane = at.z - frame.slice_um;
    let cut = at.w * at.w - off_plane * off_plane;
    if cut <= 0.0 {
        return disc;
    }
    let offset = (at.xy - frame.centre_um) * frame.px_per_um;
    disc.centre_px = frame.centre_px + vec2f(offset.x, -offset.y);
    disc.radius_px = max(sqrt(cut) * frame.px_per_um, LEAST_RADIUS_PX);
    let polarity = polarities[cell].xy;
    disc.tick_px = vec2f(polarity.x, -polarity.y) * (0.72 * disc.radius_px);
    disc.colour = palette[cell_colour(cell)];
    disc.stretch = 1.0;
    if frame.stretch > 0.0 {
        disc.stretch = sqrt(1.0 + frame.stretch * min(polarities[cell].w, 1.0));
    }
    let side = vec2f(f32(corner & 1u), f32(corner >> 1u)) * 2.0 - 1.0;
    disc.clip = clip_from_px(disc.centre_px + side * (disc.radius_px * disc.stretch + 1.0));
    return disc;
}

// Where a point of the ellipse lies in the disc of the same area.
fn in_disc(offset: vec2f, disc: Disc) -> vec2f {
    let tick = sqrt(dot(disc.tick_px, disc.tick_px));
    if disc.stretch <= 1.0 || tick <= 0.0 {
        return offset;
    }
    let axis = disc.tick_px / tick;
    let along = axis * dot(offset, axis);
    return along / disc.stretch + (offset - along) * disc.stretch;
}

@fragment
fn cells_fragment(disc: Disc) -> @location(0) vec4f {
    let offset = in_disc(disc.clip.xy - disc.centre_px, disc);
    let distance = sqrt(dot(offset, offset));
    let cover = clamp(disc.radius_px + 0.5 - distance, 0.0, 1.0);
    if cover <= 0.0 {
        discard;
    }
    let base = unpack4x8unorm(disc.colour).rgb;
    let dark = base * 0.45;
    // Light from the upper left.
    let light = clamp((offset.x + offset.y) * -0.7 / disc.radius_px, -1.0, 1.0);
    var colour = base + (vec3f(1.0) - base) * (0.24 * max(light, 0.0)) - base * (0.16 * max(-light, 0.0));
    // Details fade where a disc has too few pixels for them.
    let detail = clamp((disc.radius_px - 2.0) * 0.5, 0.0, 1.0);
    let rim_width = clamp(0.14 * disc.radius_px, 0.9, 2.5);
    let rim = clamp(distance - (disc.radius_px - rim_width) + 0.5, 0.0, 1.0) * detail;
    let along = clamp(dot(offset, disc.tick_px) / (dot(disc.tick_px, disc.tick_px) + 1e-6), 0.0, 1.0);
    let aside = offset - disc.tick_px * along;
    let tick_width = clamp(0.08 * disc.radius_px, 0.45, 1.6);
    // The tick needs more room than the rim.
    let tick_detail = clamp((disc.radius_px - 4.0) * 0.5, 0.0, 1.0);
    let tick = clamp(tick_width + 0.5 - sqrt(dot(aside, aside)), 0.0, 1.0) * tick_detail;
    colour += (dark - colour) * rim;
    colour += (ink_on(base) - colour) * tick;
    return vec4f(colour, cover);
}
