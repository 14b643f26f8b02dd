// Which neighbour bin each cell is in, and how many are in each. `bin_counts` is zero at the start (`sort` left it so).

@group(0) @binding(0) var<uniform> globals: Globals;
@group(0) @binding(1) var<storage, read> counters: Counters;
@group(0) @binding(2) var<storage, read> positions: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> cell_bins: array<u32>;
@group(0) @binding(4) var<storage, read_write> bin_counts: array<atomic<u32>>;

@compute @workgroup_size(THREADS)
fn bin(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let ix = flat_index(id, groups);
    if (ix >= counters.n_cells) {
        return;
    }
    let at = bin_of(positions[ix].xyz);
    let bin_ix = row_of(at.y, at.z) + at.x;
    cell_bins[ix] = bin_ix;
    atomicAdd(&bin_counts[bin_ix], 1u);
}
