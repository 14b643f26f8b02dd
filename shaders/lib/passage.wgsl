// Obstacles and pores for cells. Twin of the functions in src/cpu/move.rs. Needs `globals`, `maps` and voxel.

// The voxel that holds a place.
fn voxel_at(position: vec3<f32>) -> u32 {
    var at: vec3<u32>;
    for (var axis = 0u; axis < 3u; axis++) {
        at[axis] = min(u32(max(position[axis] * globals.voxels_per_um, 0.0)), globals.n[axis] - 1u);
    }
    return voxel(at.x, at.y, at.z);
}

// Pore area that obstacles leave at a place, um^2. Needs a passage map.
fn pore_area(position: vec3<f32>) -> f32 {
    return maps[globals.passage_at + voxel_at(position)];
}

// Whether a cell of a type may be at a place: no obstacle, and no pore that is too narrow for it.
fn passes(t: CellType, position: vec3<f32>) -> bool {
    if (globals.passage_at == NONE) {
        return true;
    }
    return pore_area(position) > t.pore_limit;
}
