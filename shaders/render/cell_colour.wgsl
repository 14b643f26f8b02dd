// The cells' buffers, and what colour a cell has. Twin: src/render/cpu/colour.rs.

@group(0) @binding(2) var<storage, read> positions: array<vec4f>;
@group(0) @binding(3) var<storage, read> polarities: array<vec4f>;
@group(0) @binding(4) var<storage, read> identities: array<vec4u>;
@group(0) @binding(5) var<storage, read> signals: array<f32>;
@group(0) @binding(6) var<storage, read> counters: array<u32>;

const BY_TYPE: u32 = 100u;
const BY_SPEED: u32 = 101u;
const BY_PHASE: u32 = 102u;
const BY_LINEAGE: u32 = 103u;
const BY_GENERATION: u32 = 104u;

// The phases of dying, in the upper byte of the identity's last word. Twin of Phase in src/state.rs.
const APOPTOSIS: u32 = 3u;
const KILLED: u32 = 7u;

const NO_PARENT: u32 = 0xffffffffu;
// Mothers that are looked for at most.
const MOST_MOTHERS: u32 = 64u;

// Index of the cell with an id, which ascend; the number of cells if there is none.
fn cell_with(id: u32) -> u32 {
    let n = min(counters[0], frame.capacity);
    var low = 0u;
    var high = n;
    while low < high {
        let middle = (low + high) / 2u;
        if identities[middle].x < id {
            low = middle + 1u;
        } else {
            high = middle;
        }
    }
    if low < n && identities[low].x == id {
        return low;
    }
    return n;
}

// Id of the oldest known ancestor.
fn ancestor(cell: u32) -> u32 {
    var id = identities[cell].x;
    var mother = identities[cell].z;
    for (var i = 0u; i < MOST_MOTHERS && mother != NO_PARENT; i++) {
        id = mother;
        let there = cell_with(mother);
        if there >= min(counters[0], frame.capacity) {
            break;
        }
        mother = identities[there].z;
    }
    return id;
}

// One of 256, spread so that neighbouring ids differ.
fn scattered(id: u32) -> u32 {
    return (id * 2654435769u) >> 24u;
}

fn cell_colour(cell: u32) -> u32 {
    let phase = identities[cell].w >> 24u;
    if frame.colouring == BY_PHASE {
        return 256u + min(phase, 255u);
    }
    if phase >= APOPTOSIS && phase <= KILLED {
        return DYING_COLOUR;
    }
    if frame.colouring == BY_TYPE {
        return 256u + (identities[cell].y & 255u);
    }
    if frame.colouring == BY_LINEAGE {
        return 256u + scattered(ancestor(cell));
    }
    var value: f32;
    if frame.colouring == BY_SPEED {
        value = polarities[cell].w * 60.0;
    } else if frame.colouring == BY_GENERATION {
        value = f32(identities[cell].w & 0xffffffu);
    } else {
        value = signals[frame.colouring * frame.capacity + cell];
    }
    return 256u + colour_index(value, frame.cell_lo, frame.cell_scale);
}

// What is drawn on a cell: dark on light cells, light on dark ones.
fn ink_on(base: vec3f) -> vec3f {
    let luma = dot(base, vec3f(0.30, 0.59, 0.11));
    return select(base * 0.45, base + (vec3f(1.0) - base) * 0.75, luma < 0.45);
}
