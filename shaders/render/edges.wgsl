// The twelve edges of the box. Twin: src/render/cpu/edges.rs.

const EDGE_COLOUR: vec3f = vec3f(0.47, 0.48, 0.5);

struct Edge {
    @builtin(position) clip: vec4f,
    // In perspective one over the depth, which is linear on the picture; else the depth.
    @location(0) depth: f32,
}

fn depth_sign(forward_um: f32) -> f32 {
    if eye.up.w > 0.5 {
        return 1.0 / forward_um;
    }
    return forward_um;
}

// The corner that edge `edge` begins at, and its axis.
fn beginning(edge: u32, axis: u32) -> vec3f {
    let across = edge & 3u;
    var at = vec3f(0.0);
    at[(axis + 1u) % 3u] = f32(across & 1u);
    at[(axis + 2u) % 3u] = f32(across >> 1u);
    return at * eye.box_um.xyz;
}

@vertex
fn edges_vertex(@builtin(vertex_index) corner: u32, @builtin(instance_index) edge: u32) -> Edge {
    let axis = edge >> 2u;
    let start = beginning(edge, axis);
    var end = start;
    end[axis] = eye.box_um[axis];
    var a = seen(start);
    var b = seen(end);
    var out: Edge;
    out.clip = vec4f(2.0, 2.0, 2.0, 1.0);
    out.depth = 0.0;
    let near = eye.forward.w;
    if max(a.z, b.z) <= near {
        return out;
    }
    if a.z < near {
        a = b + (a - b) * ((b.z - near) / (b.z - a.z));
    }
    if b.z < near {
        b = a + (b - a) * ((a.z - near) / (a.z - b.z));
    }
    let from_px = to_px(a);
    let to = to_px(b);
    let length_px = sqrt(dot(to - from_px, to - from_px));
    if length_px < 1e-3 {
        return out;
    }
    let along = (to - from_px) / length_px;
    let across = vec2f(-along.y, along.x) * (0.5 * eye.slices.w);
    let at_end = (corner >> 1u) == 1u;
    let side = f32(corner & 1u) * 2.0 - 1.0;
    out.clip = clip_from_raster(select(from_px, to, at_end) + across * side);
    out.depth = depth_sign(select(a.z, b.z, at_end));
    return out;
}

@fragment
fn edges_fragment(edge: Edge) -> Seen {
    return Seen(vec4f(EDGE_COLOUR, 1.0), clamp(depth_of(depth_sign(edge.depth)), 0.0, 1.0));
}
