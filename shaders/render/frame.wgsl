// What all render shaders share: the view in numbers (src/render/frame.rs) and the colour tables.

struct Frame {
    centre_um: vec2f,
    centre_px: vec2f,
    size_px: vec2f,
    px_per_um: f32,
    voxel_um: f32,
    // Voxels along x, y and z, start of the field in the buffer of all fields.
    voxels: vec4u,
    slice_um: f32,
    field_lo: f32,
    field_scale: f32,
    cell_lo: f32,
    cell_scale: f32,
    has_field: u32,
    colouring: u32,
    capacity: u32,
    // Layer of voxels that a flat view shows.
    layer: u32,
    // Between two contours, in the field's unit; 0 without contours.
    contour_step: f32,
    // By how much a cell is longer than wide, per µm/min; 0 for discs.
    stretch: f32,
    // 0: no texture of matrix; 1: of even density; 2: of the density at matrix_start in the buffer of all fields.
    grain: u32,
    grain_n: vec2u,
    matrix_start: u32,
    unused: u32,
}

// 256 field colours, 256 cell colours, then the colours of the box where no field is shown and of dying cells; 4 × 8
// bits.
@group(0) @binding(0) var<uniform> frame: Frame;
@group(0) @binding(1) var<storage, read> palette: array<u32>;

const EMPTY_COLOUR: u32 = 512u;
const DYING_COLOUR: u32 = 513u;

fn clip_from_px(at_px: vec2f) -> vec4f {
    let unit = at_px / frame.size_px;
    return vec4f(2.0 * unit.x - 1.0, 1.0 - 2.0 * unit.y, 0.0, 1.0);
}

// Nearest of 256 colours; values beyond the ends take the end's colour.
fn colour_index(value: f32, lo: f32, scale: f32) -> u32 {
    return u32(clamp((value - lo) * scale + 0.5, 0.0, 255.0));
}
