// Exclusive prefix sum of `counts` into `starts` in three launches: every block by itself, the blocks' totals, and
// their addition. Used for neighbour bins and for the verdicts of `fate`.

struct ScanSize {
    n: u32,
    n_blocks: u32,
}

@group(0) @binding(0) var<uniform> size: ScanSize;
@group(0) @binding(1) var<storage, read> counts: array<u32>;
@group(0) @binding(2) var<storage, read_write> starts: array<u32>;
@group(0) @binding(3) var<storage, read_write> totals: array<u32>;

var<workgroup> sums: array<u32, THREADS>;

// Exclusive sum over the workgroup of one value a thread; the total is left in the last entry of `sums`.
fn workgroup_exclusive(thread: u32, value: u32) -> u32 {
    sums[thread] = value;
    workgroupBarrier();
    for (var reach = 1u; reach < THREADS; reach <<= 1u) {
        var sum = sums[thread];
        if (thread >= reach) {
            sum += sums[thread - reach];
        }
        workgroupBarrier();
        sums[thread] = sum;
        workgroupBarrier();
    }
    return sums[thread] - value;
}

@compute @workgroup_size(THREADS)
fn scan_blocks(
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    let block = group.y * groups.x + group.x;
    let ix = block * THREADS + local.x;
    var value = 0u;
    if (ix < size.n) {
        value = counts[ix];
    }
    let before = workgroup_exclusive(local.x, value);
    if (ix < size.n) {
        starts[ix] = before;
    }
    if (local.x == THREADS - 1u && block < size.n_blocks) {
        totals[block] = before + value;
    }
}

// One workgroup walks over all totals, carrying the sum along.
@compute @workgroup_size(THREADS)
fn scan_totals(@builtin(local_invocation_id) local: vec3<u32>) {
    var carry = 0u;
    let chunks = (size.n_blocks + THREADS - 1u) / THREADS;
    for (var chunk = 0u; chunk < chunks; chunk++) {
        let ix = chunk * THREADS + local.x;
        var value = 0u;
        if (ix < size.n_blocks) {
            value = totals[ix];
        }
        let before = workgroup_exclusive(local.x, value);
        if (ix < size.n_blocks) {
            totals[ix] = carry + before;
        }
        carry += workgroupUniformLoad(&sums[THREADS - 1u]);
    }
}

@compute @workgroup_size(THREADS)
fn scan_add(
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    let block = group.y * groups.x + group.x;
    let ix = block * THREADS + local.x;
    if (ix < size.n) {
        starts[ix] += totals[block];
    }
}
