// The nine signalling states of every cell and the speed that follows from them. Twin of src/cpu/signal.rs.

@group(0) @binding(0) var<uniform> globals: Globals;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> counters: Counters;
@group(0) @binding(3) var<storage, read> cell_types: array<CellType>;
@group(0) @binding(4) var<storage, read> fields: array<f32>;
@group(0) @binding(5) var<storage, read> positions: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> identities: array<vec4<u32>>;
@group(0) @binding(7) var<storage, read_write> signals: array<f32>;
@group(0) @binding(8) var<storage, read_write> polarities: array<vec4<f32>>;
@group(0) @binding(9) var<storage, read> maps: array<f32>;

// The share of its speed that a pore of some area, um^2, leaves a cell (Wolf 2013).
fn openness(area: f32, limit: f32) -> f32 {
    // A limit above what does not slow a cell at all is a gate: all or nothing.
    let span = max(globals.a_full - limit, 1e-3);
    return clamp((area - limit) / span, 0.0, 1.0);
}

@compute @workgroup_size(THREADS)
fn signal(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let ix = flat_index(id, groups);
    if (ix >= counters.n_cells) {
        return;
    }
    let g = globals;
    let dt = g.dt_min;
    let stride = arrayLength(&positions);
    let t = cell_types[identities[ix].y];
    let at = stencil(positions[ix].xyz);
    let rho = value_or(ECM, at, g.rho_star);
    let c = value_or(DRUG, at, step.bath_nm);
    var f = signals[PFAK * stride + ix];
    var s = signals[SRC * stride + ix];
    var x = signals[PCAS * stride + ix];
    var a = signals[PAKT * stride + ix];
    var e = signals[PERK * stride + ix];
    var rf = signals[BYPASS_FAST * stride + ix];
    var rs = signals[BYPASS_SLOW * stride + ix];
    var n = signals[FA_NASCENT * stride + ix];
    var m = signals[FA_MATURE * stride + ix];

    let engaged = rho / (rho + g.k_rho);
    let occupied = c / (g.k_app + c);
    let occupied_pyk2 = c / (g.k_app_pyk2 + c);
    var trait_fak = 1.0;
    var receptors = 1.0;
    var trait_speed = 1.0;
    if (g.traits_vary == 1u) {
        trait_fak = signals[TRAIT_FAK * stride + ix];
        receptors = signals[TRAIT_RECEPTOR * stride + ix];
        trait_speed = signals[TRAIT_SPEED * stride + ix];
    }
    let kinases = (g.k_auto * trait_fak) * (1.0 - occupied) + g.k_pyk * (1.0 - occupied_pyk2);
    let receptor = (g.r0 + rf) + rs;
    f = relax(f, engaged * kinases + g.k_rtk * receptor, g.k_dp);
    s = relax(s, g.k_s * f, g.k_sm);
    x = relax(x, (g.k_x * f) * s + g.k_x0, g.k_xm);
    // The terms that are the same for many cells are added first: Mesa reassociates them in this order anyway.
    a = relax(a, t.k_af * f + (g.k_ar * receptor + g.k_a0), g.k_am);
    e = relax(e, (g.k_ex * x + (g.k_er * receptor + t.k_e0)) * (1.0 / (1.0 + step.mek)), g.k_em);
    let fast_target = (t.bypass_fast * receptors) * (0.25 + 0.75 * occupied);
    rf = (rf + dt * (g.per_tau_f * fast_target)) / (1.0 + dt * g.per_tau_f);
    let slow_target = (t.bypass_slow * receptors) * occupied;
    rs = (rs + dt * (g.per_tau_s * slow_target)) / (1.0 + dt * g.per_tau_s);
    let forming = (g.k_n * engaged) * ((1.0 - g.w) + g.w * (f * g.per_f0));
    n = (n + dt * (forming * (1.0 - m))) / (1.0 + dt * (forming + (g.k_noff + g.k_mat)));
    m = (m + dt * (g.k_mat * n)) / (1.0 + dt * (g.k_d0 + g.k_d1 * x));

    signals[PFAK * stride + ix] = f;
    signals[SRC * stride + ix] = s;
    signals[PCAS * stride + ix] = x;
    signals[PAKT * stride + ix] = a;
    signals[PERK * stride + ix] = e;
    signals[BYPASS_FAST * stride + ix] = rf;
    signals[BYPASS_SLOW * stride + ix] = rs;
    signals[FA_NASCENT * stride + ix] = n;
    signals[FA_MATURE * stride + ix] = m;
    let sigma = adhesion_strength(rho, n, m, t.integrin);
    let biphasic = (4.0 * sigma) / ((1.0 + sigma) * (1.0 + sigma));
    var area = OPEN;
    if (g.in_matrix == 1u) {
        let protease = value_or(MMP, at, 0.0);
        area = g.a_pore / max(rho, 1e-6) + g.a_mmp * (protease / (1.0 + protease));
    }
    if (g.passage_at != NONE) {
        area = min(area, pore_area(positions[ix].xyz));
    }
    // Cells that divide instead of crawling, or die, stand still.
    let crawls = (identities[ix].w >> PHASE_SHIFT) < GROWING;
    let most = select(0.0, t.speed, crawls) * openness(area, t.pore_limit);
    polarities[ix].w = ((most * trait_speed) * biphasic) * (t.f_min + (1.0 - t.f_min) * (x * g.per_x0));
}
