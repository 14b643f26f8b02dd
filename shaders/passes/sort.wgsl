// Counting sort of the cells by bin. The scatter's order within a bin depends on the schedule; the second launch sorts
// every run by index, so that nothing after it does.

@group(0) @binding(0) var<uniform> globals: Globals;
@group(0) @binding(1) var<storage, read> counters: Counters;
@group(0) @binding(2) var<storage, read> positions: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> cell_bins: array<u32>;
@group(0) @binding(4) var<storage, read_write> bin_counts: array<atomic<u32>>;
@group(0) @binding(5) var<storage, read> bin_starts: array<u32>;
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
    sorted_ix[place] = ix;
}

@compute @workgroup_size(THREADS)
fn sort_runs(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let bin = flat_index(id, groups);
    if (bin >= globals.n_bins) {
        return;
    }
    let start = bin_starts[bin];
    let end = bin_starts[bin + 1u];
    for (var i = start; i < end; i++) {
        let ix = sorted_ix[i];
        var k = i;
        while (k > start && sorted_ix[k - 1u] > ix) {
            sorted_ix[k] = sorted_ix[k - 1u];
            k -= 1u;
        }
        sorted_ix[k] = ix;
    }
    for (var i = start; i < end; i++) {
        sorted_bodies[i] = positions[sorted_ix[i]];
    }
}
