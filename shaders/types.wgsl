// What Rust writes and shaders read. Twin of src/coefficients.rs and src/gpu/layout.rs: a test compares every name and
// offset. Lengths um, times min, concentrations nM, rates per minute.

struct Globals {
    n: vec3<u32>,
    n_fields: u32,
    bins: vec3<u32>,
    n_bins: u32,
    size_um: vec3<f32>,
    voxel_um: f32,
    bins_per_um: vec3<f32>,
    voxels_per_um: f32,
    periodic: vec3<u32>,
    dimensions: u32,
    slots: array<vec4<u32>, 2>,
    channel_places: array<vec4<u32>, 2>,
    channel_states: array<vec4<u32>, 2>,
    channel_scales: array<vec4<f32>, 2>,
    seed: vec2<u32>,
    n_voxels: u32,
    field_only: u32,
    dt_min: f32,
    fate_dt_min: f32,
    bin_measure: f32,
    k_auto: f32,
    k_pyk: f32,
    k_rtk: f32,
    k_dp: f32,
    k_s: f32,
    k_sm: f32,
    k_x: f32,
    k_x0: f32,
    k_xm: f32,
    k_ar: f32,
    k_a0: f32,
    k_am: f32,
    k_ex: f32,
    k_er: f32,
    k_em: f32,
    k_n: f32,
    k_noff: f32,
    k_mat: f32,
    k_d0: f32,
    k_d1: f32,
    w: f32,
    k_rho: f32,
    r0: f32,
    k_app: f32,
    k_app_pyk2: f32,
    per_f0: f32,
    per_tau_f: f32,
    per_tau_s: f32,
    rho_star: f32,
    per_adhesion_control: f32,
    per_x0: f32,
    per_e0: f32,
    first_row: u32,
    per_s0: f32,
    c_r: f32,
    c_a: f32,
    w_dim: f32,
    per_carrying_capacity: f32,
    per_c_div: f32,
    k_an: f32,
    k_f: f32,
    g1: f32,
    interaction_range_um: f32,
    n_sums: u32,
    g2: f32,
    k_g: f32,
    per_rho_max: f32,
    per_k_oxygen: f32,
    per_vessel_squeeze: f32,
    equilibrium: u32,
    associated: f32,
    bind_on: f32,
    bind_off: f32,
    k_d: f32,
    retention: f32,
    per_retention: f32,
    sites_uniform: f32,
    sites_per_deposit: f32,
    passage_at: u32,
    a_full: f32,
    a_pore: f32,
    a_mmp: f32,
    o_div: f32,
    per_o_span: f32,
    o_full: f32,
    o_nec: f32,
    per_o_nec_span: f32,
    k_hyp: f32,
    regrowth: f32,
    shrink: f32,
    shrink_necrotic: f32,
    daughter_radius: f32,
    zero: f32,
    most_cells: u32,
    per_f_control: f32,
    docetaxel_ic50: f32,
    k_docetaxel: f32,
    k_shield: f32,
    fibres_at: u32,
    n_doors: u32,
    in_matrix: u32,
    attack_reach2: f32,
    per_k_m: f32,
    hunted: u32,
    traits_vary: u32,
}

struct CellType {
    speed: f32,
    noise: f32,
    radius: f32,
    adhesion_root: f32,
    integrin: f32,
    f_min: f32,
    chemotaxis: f32,
    haptotaxis: f32,
    guidance: f32,
    division: f32,
    death: f32,
    bypass_fast: f32,
    bypass_slow: f32,
    k_e0: f32,
    k_af: f32,
    pore_limit: f32,
    most_um: f32,
    to_go: f32,
    to_grow: f32,
    docetaxel_shield: f32,
    attack: f32,
    kill: f32,
    antigen: f32,
    shelter: f32,
    suppression: f32,
    most_kills: u32,
    fak_recruitment: f32,
    enters: u32,
    spread: array<f32, 3>,
    rest: array<f32, 9>,
    weights: array<u32, 8>,
}

// A voxel that cells of a type come in by.
struct Door {
    voxel: u32,
    type_ix: u32,
    rate: f32,
    by_vessel: u32,
}

struct Field {
    kind: u32,
    scheme: u32,
    substeps: u32,
    courant: f32,
    hindrance: f32,
    obstacles_at: u32,
    mobility_varies: u32,
    mass_varies: u32,
    mass: f32,
    tolerance: f32,
    quiet: f32,
    stiffness: f32,
    loss: f32,
    source: f32,
    exchange: f32,
    uptake_at: u32,
    source_at: u32,
    substep_min: f32,
    relief: f32,
    per_retention: f32,
    perfusion: f32,
    level: f32,
    plasma: f32,
    vessels_at: u32,
    face: array<u32, 6>,
    face_value: array<f32, 6>,
}

// What changes from step to step.
struct Step {
    step: u32,
    bath_nm: f32,
    mek: f32,
    docetaxel_ng_ml: f32,
    pd1_block: f32,
}

// One launch of the diffusion pass: which field, and which half of its ping-pong is read.
struct Launch {
    slot: u32,
    from_work: u32,
    level: u32,
    kin: u32,
}

// The population and the first step of each kind of fault (NONE: none so far).
struct Counters {
    n_cells: u32,
    next_id: u32,
    births: u32,
    removals: u32,
    fault_field: array<u32, 8>,
    fault_cell: u32,
    fault_crowding: u32,
    fault_capacity: u32,
    // Step, field slot and residual (bits) of the first implicit solve that did not get there.
    fault_solve: u32,
    fault_solve_slot: u32,
    fault_solve_residual: u32,
    // Moves cut to the speed limit.
    limited: u32,
    // By cause, in the order of the phases.
    deaths: array<u32, 5>,
    // Cells that came from outside.
    arrivals: u32,
    // First step with more kills than the log holds.
    fault_kills: u32,
    spare_1: u32,
    spare_2: u32,
}

const NONE: u32 = 0xffffffffu;

const DRUG: u32 = 0u;
const DRUG_BOUND: u32 = 1u;
const ECM: u32 = 2u;
const FAK: u32 = 3u;
const MMP: u32 = 4u;
const OXYGEN: u32 = 5u;
const ATTRACTANT: u32 = 6u;
const TGFB: u32 = 7u;

// Channels of the deposit pass beside the cells themselves, which are always the first sum.
const CHANNEL_PFAK: u32 = 1u;
const DIGESTION: u32 = 2u;
const PROTEASE: u32 = 3u;
const OXYGEN_UPTAKE: u32 = 4u;
const COLLAGEN: u32 = 5u;
const CHANNEL_TGFB: u32 = 6u;
const CHANNEL_ATTRACTANT: u32 = 7u;

// Schemes of diffusion: below IMPLICIT, none and explicit; above, steady.
const IMPLICIT: u32 = 2u;

const FACE_FIXED: u32 = 1u;
const FACE_PERIODIC: u32 = 2u;
const FACE_BATH: u32 = 3u;

const PFAK: u32 = 0u;
const SRC: u32 = 1u;
const PCAS: u32 = 2u;
const PAKT: u32 = 3u;
const PERK: u32 = 4u;
const BYPASS_FAST: u32 = 5u;
const BYPASS_SLOW: u32 = 6u;
const FA_NASCENT: u32 = 7u;
const FA_MATURE: u32 = 8u;
// Traits lie behind the states in the same buffer.
const TRAIT_FAK: u32 = 9u;
const TRAIT_RECEPTOR: u32 = 10u;
const TRAIT_SPEED: u32 = 11u;

// Pore area of a voxel without obstacle, um^2.
const OPEN: f32 = 1e30;
// Share of its type's radius at which a dying cell is gone.
const GONE: f32 = 0.3;

// Phases, in the upper byte of the last word of a cell's identity; the generation lies below. From GROWING on cells do
// not crawl, from APOPTOSIS to KILLED they are dying. Twin of Phase in src/state.rs.
const CYCLING: u32 = 0u;
const GOING: u32 = 1u;
const GROWING: u32 = 2u;
const APOPTOSIS: u32 = 3u;
const ANOIKIS: u32 = 4u;
const NECROSIS: u32 = 5u;
const CYTOTOXIC: u32 = 6u;
const KILLED: u32 = 7u;
const ATTACHED: u32 = 8u;
const PHASE_SHIFT: u32 = 24u;
const GENERATION: u32 = 0x00ffffffu;

const STREAM_MOVE: u32 = 2u;
const STREAM_FATE: u32 = 3u;
const STREAM_RECRUIT: u32 = 6u;
const STREAM_HUNT: u32 = 7u;

// Threads a workgroup of every kernel over cells, voxels or bins.
const THREADS: u32 = 256u;

// Storage slot of a kind of field, NONE if the model does not compute it. A uniform array has elements of 16 bytes.
fn slot_in(slots: array<vec4<u32>, 2>, kind: u32) -> u32 {
    var table = slots;
    return table[kind >> 2u][kind & 3u];
}

fn is_dying(phase: u32) -> bool {
    return phase >= APOPTOSIS && phase <= KILLED;
}

// Bit test, because a compiler may assume that no float is NaN.
fn is_finite(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}

// Dispatches are two-dimensional where one axis would exceed 65 535 workgroups.
fn flat_index(id: vec3<u32>, groups: vec3<u32>) -> u32 {
    return id.y * groups.x * THREADS + id.x;
}
