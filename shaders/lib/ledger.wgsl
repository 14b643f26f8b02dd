// The books of a field's mass. Twin of src/cpu/book.rs. Few workgroups, each with a place of its own in the ledger, so
// that no order of threads can change a sum. Needs `globals` and `ledger`.

// Workgroups at most, BOOK_GROUPS in src/gpu/layout.rs.
const BOOK_GROUPS: u32 = 256u;

// Sums as pairs: a value and what it lacks.
struct Booked {
    sources: vec2<f32>,
    sinks: vec2<f32>,
    boundary: vec2<f32>,
    rounding: vec2<f32>,
}

// A sum as it stands: compilers would take the difference below for 0, but cannot look through an integer operation.
fn as_is(sum: f32) -> f32 {
    return bitcast<f32>(bitcast<u32>(sum) | bitcast<u32>(globals.zero));
}

fn plus(sum: vec2<f32>, more: f32) -> vec2<f32> {
    let value = as_is(sum.x + more);
    let added = as_is(value - sum.x);
    let lost = as_is(as_is(sum.x - as_is(value - added)) + as_is(more - added));
    return vec2<f32>(value, as_is(sum.y + lost));
}

fn merged(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> {
    let sum = plus(a, b.x);
    return vec2<f32>(sum.x, as_is(sum.y + b.y));
}

var<workgroup> book_tree: array<vec2<f32>, THREADS>;

// The sum over the workgroup.
fn of_group(thread: u32, own: vec2<f32>) -> vec2<f32> {
    workgroupBarrier();
    book_tree[thread] = own;
    workgroupBarrier();
    for (var half = THREADS / 2u; half > 0u; half = half / 2u) {
        if (thread < half) {
            book_tree[thread] = merged(book_tree[thread], book_tree[thread + half]);
        }
        workgroupBarrier();
    }
    return book_tree[0];
}

// Adds what the threads of a workgroup booked; every thread must come here.
fn enter(slot: u32, group: u32, thread: u32, booked: Booked) {
    let sources = of_group(thread, booked.sources);
    let sinks = of_group(thread, booked.sinks);
    let boundary = of_group(thread, booked.boundary);
    let rounding = of_group(thread, booked.rounding);
    if (thread == 0u) {
        let at = 4u * (slot * BOOK_GROUPS + group);
        ledger[at] = merged(ledger[at], sources);
        ledger[at + 1u] = merged(ledger[at + 1u], sinks);
        ledger[at + 2u] = merged(ledger[at + 2u], boundary);
        ledger[at + 3u] = merged(ledger[at + 3u], rounding);
    }
}
