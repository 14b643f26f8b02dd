// Division, death and growth. Every cell draws what befalls it, and every door whether a cell comes in; a prefix sum
// (scan.wgsl) over [survives | divides | comes in | 0] then gives survivors, daughters and recruits their places, so that
// cells stay in ascending order of id. Twin of src/cpu/fate.rs.
// The arrays move in four launches, because a stage may bind eight storage buffers only.

@group(0) @binding(0) var<uniform> globals: Globals;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> cell_types: array<CellType>;
@group(0) @binding(3) var<storage, read> fields: array<f32>;
@group(0) @binding(4) var<storage, read_write> positions: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> polarities: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> pushes: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> identities: array<vec4<u32>>;
@group(0) @binding(8) var<storage, read> signals: array<f32>;
@group(0) @binding(9) var<storage, read_write> verdicts: array<u32>;
@group(0) @binding(10) var<storage, read> places: array<u32>;
@group(0) @binding(11) var<storage, read_write> next_positions: array<vec4<f32>>;
@group(0) @binding(12) var<storage, read_write> next_polarities: array<vec4<f32>>;
@group(0) @binding(13) var<storage, read_write> next_pushes: array<vec4<f32>>;
@group(0) @binding(14) var<storage, read_write> next_identities: array<vec4<u32>>;
@group(0) @binding(15) var<storage, read_write> next_signals: array<f32>;
@group(0) @binding(16) var<storage, read> counters: Counters;
@group(0) @binding(17) var<storage, read_write> counters_out: Counters;

// The same buffer again, for sums in any order.
@group(0) @binding(18) var<storage, read_write> tallies: array<atomic<u32>>;
@group(0) @binding(19) var<storage, read> maps: array<f32>;

// What killers and doors need. `hits` is `verdicts` before cells decide.
@group(0) @binding(20) var<storage, read_write> hits: array<atomic<u32>>;
@group(0) @binding(21) var<storage, read> bin_starts: array<u32>;
@group(0) @binding(22) var<storage, read> sorted_ix: array<u32>;
@group(0) @binding(23) var<storage, read_write> kills: array<atomic<u32>>;
@group(0) @binding(24) var<storage, read> doors: array<Door>;

const N_CELLS: u32 = 0u;
const DEATHS: u32 = 19u;
const FAULT_KILLS: u32 = 25u;

// 1 - exp(-x) by its (2, 2) Padé form.
fn probability(x: f32) -> f32 {
    return x / (1.0 + x * (0.5 + x * (1.0 / 12.0)));
}

fn capacity() -> u32 {
    return arrayLength(&positions);
}

@compute @workgroup_size(THREADS)
fn fate_decide(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let ix = flat_index(id, groups);
    if (ix >= capacity()) {
        return;
    }
    var survives = 0u;
    var divides = 0u;
    if (ix < atomicLoad(&tallies[N_CELLS])) {
        survives = 1u;
        let t = cell_types[identities[ix].y];
        let phase = identities[ix].w >> PHASE_SHIFT;
        var radius = positions[ix].w;
        if (is_dying(phase)) {
            radius -= select(globals.shrink, globals.shrink_necrotic, phase == NECROSIS) * t.radius;
            survives = select(1u, 0u, radius < GONE * t.radius);
        } else {
            radius += globals.regrowth * (t.radius - radius);
            if (globals.hunted == 1u && verdicts[ix] != NONE) {
                identities[ix].w = (KILLED << PHASE_SHIFT) | (identities[ix].w & GENERATION);
                atomicAdd(&tallies[DEATHS + KILLED - APOPTOSIS], 1u);
            } else {
                divides = live(ix, t, phase);
            }
        }
        positions[ix].w = radius;
    }
    verdicts[ix] = survives;
    verdicts[capacity() + ix] = divides;
}

// Draws what befalls a cell that is not dying; changes its phase. 1: it divides.
fn live(ix: u32, t: CellType, phase: u32) -> u32 {
    let g = globals;
    let stride = capacity();
    let at = stencil(positions[ix].xyz);
    let rho = value_or(ECM, at, g.rho_star);
    let c = value_or(DRUG, at, step.bath_nm);
    let oxygen = value_or(OXYGEN, at, g.o_full);
    let n = signals[FA_NASCENT * stride + ix];
    let m = signals[FA_MATURE * stride + ix];
    let sigma = adhesion_strength(rho, n, m, t.integrin);
    let unprotected = 1.0 - signals[PAKT * stride + ix];
    let anoikis = (g.k_an * (1.0 - min(sigma, 1.0))) * (unprotected * unprotected);
    let suffocated = clamp((g.o_nec - oxygen) * g.per_o_nec_span, 0.0, 1.0);
    let necrosis = g.k_hyp * suffocated;
    let poisoned = cytotoxic(t, signals[PFAK * stride + ix]);
    let dying = ((t.death + anoikis) + necrosis) + poisoned;
    let words = draw(g.seed, STREAM_FATE, identities[ix].x, step.step, 0u);
    let generation = identities[ix].w & GENERATION;
    if (unit_f32(words.x) < probability(dying * g.fate_dt_min)) {
        let which = unit_f32(words.z) * dying;
        var cause = APOPTOSIS;
        if (which < necrosis) {
            cause = NECROSIS;
        } else if (which < necrosis + anoikis) {
            cause = ANOIKIS;
        } else if (which < (necrosis + anoikis) + poisoned) {
            cause = CYTOTOXIC;
        }
        identities[ix].w = (cause << PHASE_SHIFT) | generation;
        atomicAdd(&tallies[DEATHS + cause - APOPTOSIS], 1u);
        return 0u;
    }
    let room = max(1.0 - pushes[ix].w * g.per_carrying_capacity, 0.0);
    let drive = max(1.0 - g.w_dim * (1.0 - signals[PERK * stride + ix] * g.per_e0), 0.0);
    let toxic = c * g.per_c_div;
    let breath = clamp((oxygen - g.o_div) * g.per_o_span, 0.0, 1.0);
    let dividing = (((t.division * room) * drive) * breath) / (1.0 + toxic * toxic);
    let turned = unit_f32(words.w);
    if (phase == GOING && turned < t.to_grow) {
        identities[ix].w = (GROWING << PHASE_SHIFT) | generation;
    } else if (phase == GROWING && turned < t.to_go) {
        identities[ix].w = (GOING << PHASE_SHIFT) | generation;
    }
    return select(0u, 1u, phase != GOING && unit_f32(words.y) < probability(dividing * g.fate_dt_min));
}

// Hazard of docetaxel: pFAK raises the level of half effect (see the parameters IC50_docetaxel and K_shield).
fn cytotoxic(t: CellType, pfak: f32) -> f32 {
    if (step.docetaxel_ng_ml == 0.0) {
        return 0.0;
    }
    let relative = pfak * globals.per_f_control;
    let cube = (relative * relative) * relative;
    let shield = ((1.0 + globals.k_shield) * cube) / (cube + globals.k_shield);
    let ic50 = globals.docetaxel_ic50 / exp_minus(t.docetaxel_shield * shield);
    return (globals.k_docetaxel * step.docetaxel_ng_ml) / (step.docetaxel_ng_ml + ic50);
}

// A direction from the draw numbered 1.
fn random_axis(stream: u32, id: u32) -> vec3<f32> {
    let words = draw(globals.seed, stream, id, step.step, 1u);
    let v = vec3<f32>(bell(words.x), bell(words.y), select(0.0, bell(words.z), globals.dimensions == 3u));
    let v_length = sqrt((v.x * v.x + v.y * v.y) + v.z * v.z);
    if (v_length == 0.0) {
        return vec3<f32>(1.0, 0.0, 0.0);
    }
    return vec3<f32>(v.x / v_length, v.y / v_length, v.z / v_length);
}

// Half a radius to either side, with half the volume; where an obstacle is in the way, the mother's own place.
fn displaced(t: CellType, body: vec4<f32>, axis: vec3<f32>, side: f32) -> vec4<f32> {
    let by = (side * 0.5) * body.w;
    let to = vec3<f32>(
        bounce(0u, body.x + by * axis.x, 0.0).x,
        bounce(1u, body.y + by * axis.y, 0.0).x,
        bounce(2u, body.z + by * axis.z, 0.0).x,
    );
    let radius = max(body.w * globals.daughter_radius, GONE * t.radius);
    if (passes(t, to)) {
        return vec4<f32>(to, radius);
    }
    return vec4<f32>(body.xyz, radius);
}

struct Places {
    // Where the cell itself goes and where its daughter goes, NONE: nowhere.
    own: u32,
    daughter: u32,
}

fn places_of(ix: u32) -> Places {
    var at = Places(NONE, NONE);
    if (verdicts[ix] == 1u && places[ix] < capacity()) {
        at.own = places[ix];
    }
    if (verdicts[capacity() + ix] == 1u && places[capacity() + ix] < capacity()) {
        at.daughter = places[capacity() + ix];
    }
    return at;
}

@compute @workgroup_size(THREADS)
fn fate_bodies(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let ix = flat_index(id, groups);
    if (ix >= counters.n_cells) {
        return;
    }
    let at = places_of(ix);
    var body = positions[ix];
    if (at.daughter != NONE) {
        let t = cell_types[identities[ix].y];
        let axis = random_axis(STREAM_FATE, identities[ix].x);
        next_positions[at.daughter] = displaced(t, body, axis, 1.0);
        body = displaced(t, body, axis, -1.0);
    }
    if (at.own != NONE) {
        next_positions[at.own] = body;
    }
}

@compute @workgroup_size(THREADS)
fn fate_polarities(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let ix = flat_index(id, groups);
    if (ix >= counters.n_cells) {
        return;
    }
    let at = places_of(ix);
    if (at.daughter != NONE) {
        let axis = random_axis(STREAM_FATE, identities[ix].x);
        next_polarities[at.daughter] = vec4<f32>(axis, polarities[ix].w);
    }
    if (at.own != NONE) {
        next_polarities[at.own] = polarities[ix];
    }
}

// Pushes and identities.
@compute @workgroup_size(THREADS)
fn fate_names(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let ix = flat_index(id, groups);
    if (ix >= counters.n_cells) {
        return;
    }
    let at = places_of(ix);
    let mother = identities[ix];
    if (at.own != NONE) {
        next_pushes[at.own] = pushes[ix];
        next_identities[at.own] = mother;
    }
    if (at.daughter != NONE) {
        // Daughters stand behind the survivors in the order of their mothers.
        let rank = at.daughter - places[capacity()];
        next_pushes[at.daughter] = pushes[ix];
        next_identities[at.daughter] = vec4<u32>(counters.next_id + rank, mother.y, mother.x, mother.w + 1u);
    }
}

@compute @workgroup_size(THREADS)
fn fate_signals(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let ix = flat_index(id, groups);
    if (ix >= counters.n_cells) {
        return;
    }
    let at = places_of(ix);
    let stride = capacity();
    for (var row = 0u; row <= TRAIT_SPEED; row++) {
        let value = signals[row * stride + ix];
        if (at.own != NONE) {
            next_signals[row * stride + at.own] = value;
        }
        if (at.daughter != NONE) {
            next_signals[row * stride + at.daughter] = value;
        }
    }
}

// One thread keeps the books.
@compute @workgroup_size(1)
fn fate_count() {
    let survivors = places[capacity()];
    let with_born = places[2u * capacity()];
    let n_next = places[2u * capacity() + globals.n_doors];
    counters_out.removals += counters_out.n_cells - survivors;
    counters_out.births += with_born - survivors;
    counters_out.arrivals += n_next - with_born;
    counters_out.next_id += n_next - survivors;
    if (n_next > min(capacity(), globals.most_cells)) {
        counters_out.fault_capacity = min(counters_out.fault_capacity, step.step);
    }
    counters_out.n_cells = min(n_next, capacity());
}
