// Counting sort of the cells by bin. The scatter's order within a bin depends on the schedule; the second launch ranks
// every cell among those of its bin by index, so that nothing after it does.

@group(0) @binding(0) var<storage, read> counters: Counters;
@group(0) @binding(1) var<storage, read> positions: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> cell_bins: array<u32>;
@group(0) @binding(3) var<storage, read_write> bin_counts: array<atomic<u32>>;
@group(0) @binding(4) var<storage, read> bin_starts: array<u32>;
@group(0) @binding(5) var<storage, read_write> scattered_ix: array<u32>;
@group(0) @binding(6) var<storage, read_write> sorted_ix: array<u32>;
@group(0) @binding(7) var<storage, read_write> sorted_bodies: array<vec4<f32>>;

@compute @workgroup_size(THREADS)
fn sort_scatter(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let ix = flat_index(id, groups);
    if (ix >= counters.n_cells) {
        return;
    }
    let bin = cell_bins[ix];
    let place = bin_starts[bin] + atomicSub(&bin_counts[bin], 1u) - 1u;
    scattered_ix[place] = ix;
}

// A thread counts once through its bin. Sorting a run in one thread takes the square of its length: slow where a bin is
// crowded, and on lavapipe (Mesa 22.3) a run of 600 cells was left unsorted.
@compute @workgroup_size(THREADS)
fn sort_rank(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = flat_index(id, groups);
    if (i >= counters.n_cells) {
        return;
    }
    let ix = scattered_ix[i];
    let bin = cell_bins[ix];
    let start = bin_starts[bin];
    let end = bin_starts[bin + 1u];
    var place = start;
    for (var k = start; k < end; k++) {
        place += u32(scattered_ix[k] < ix);
    }
    sorted_ix[place] = ix;
    sorted_bodies[place] = positions[ix];
}
