//! The nine signalling states of every cell and the speed that follows from them. Twin of
//! `shaders/passes/signal.wgsl`.
//!
//! Every equation has the form y' = gain·(1 − y) − loss·y, updated by `(y + dt·gain)/(1 + dt·(gain + loss))`: stable at
//! any step, and only + × ÷, so that engines agree to the bit.

use multiversion::multiversion;
use rayon::prelude::*;

use super::Scene;
use super::r#move::pore_area;
use super::sample::{BLOCK, Row, Stencils};
use crate::coefficients::{Globals, NONE, OPEN};
use crate::model::FieldKind;
use crate::state::{N_SIGNALS, N_TRAITS, Phase, signal as row, traits};

pub(super) fn signal(scene: &mut Scene) {
    let g = &scene.coefficients.globals;
    let types = &scene.coefficients.cell_types;
    let maps = scene.coefficients.maps.as_slice();
    let ecm = scene
        .state
        .fields
        .iter()
        .find(|f| f.0 == FieldKind::Ecm)
        .map(|f| f.1.as_slice());
    let protease = scene
        .state
        .fields
        .iter()
        .find(|f| f.0 == FieldKind::Mmp)
        .map(|f| f.1.as_slice());
    let drug = scene
        .state
        .fields
        .iter()
        .find(|f| f.0 == FieldKind::Drug)
        .map(|f| f.1.as_slice());
    let bath = scene.input.bath_nm;
    let mek = scene.input.mek;
    // A flat culture without obstacles has no pores.
    let in_matrix = g.in_matrix == 1;
    let narrow = in_matrix || g.passage_at != NONE;
    let cells = &mut scene.state.cells;
    let [pfak, src, pcas, pakt, perk, fast, slow, nascent, mature] = &mut cells.signals;
    let traits = &cells.traits;
    (
        (
            cells.position_radius.par_chunks(BLOCK),
            cells.identity.par_chunks(BLOCK),
            cells.polarity_speed.par_chunks_mut(BLOCK),
        ),
        (
            pfak.par_chunks_mut(BLOCK),
            src.par_chunks_mut(BLOCK),
            pcas.par_chunks_mut(BLOCK),
            pakt.par_chunks_mut(BLOCK),
            perk.par_chunks_mut(BLOCK),
        ),
        (
            fast.par_chunks_mut(BLOCK),
            slow.par_chunks_mut(BLOCK),
            nascent.par_chunks_mut(BLOCK),
            mature.par_chunks_mut(BLOCK),
        ),
        (
            traits[traits::FAK].par_chunks(BLOCK),
            traits[traits::RECEPTOR].par_chunks(BLOCK),
            traits[traits::SPEED].par_chunks(BLOCK),
        ),
    )
        .into_par_iter()
        .with_min_len(512 / BLOCK)
        .for_each(
            |((bodies, identities, polarities), (f, s, x, a, e), (rf, rs, n, m), traits)| {
                let mut at = Surroundings::default();
                let mut stencils = Stencils::default();
                stencils.find(g, bodies);
                match ecm {
                    Some(field) => stencils.values(g, field, &mut at.rho),
                    None => at.rho.fill(g.rho_star),
                }
                match drug {
                    Some(field) => stencils.values(g, field, &mut at.c),
                    None => at.c.fill(bath),
                }
                let mut opened = [0.0; BLOCK];
                if let Some(field) = protease.filter(|_| in_matrix) {
                    stencils.values(g, field, &mut opened);
                }
                for (j, (body, identity)) in bodies.iter().zip(identities).enumerate() {
                    let t = &types[identity[1] as usize];
                    at.k_af[j] = t.k_af;
                    at.k_e0[j] = t.k_e0;
                    at.bypass_fast[j] = t.bypass_fast;
                    at.bypass_slow[j] = t.bypass_slow;
                    at.integrin[j] = t.integrin;
                    at.f_min[j] = t.f_min;
                    at.speed[j] = if Phase::of(identity[3]).crawls() {
                        t.speed
                    } else {
                        0.0
                    };
                    if !narrow {
                        continue;
                    }
                    let mut area = OPEN;
                    if in_matrix {
                        let m = opened[j];
                        area = g.a_pore / at.rho[j].max(1e-6) + g.a_mmp * (m / (1.0 + m));
                    }
                    if g.passage_at != NONE {
                        area = area.min(pore_area(g, maps, [body.x, body.y, body.z]));
                    }
                    at.speed[j] *= openness(g, area, t.pore_limit);
                }
                let traits = match g.traits_vary {
                    0 => [&[1.0; BLOCK][..]; N_TRAITS],
                    _ => [traits.0, traits.1, traits.2],
                };
                update(g, mek, &mut at, traits, [f, s, x, a, e, rf, rs, n, m]);
                for (polarity, speed) in polarities.iter_mut().zip(at.speed) {
                    polarity.w = speed;
                }
            },
        );
}

/// Where the cells of a block are, and what they are.
struct Surroundings {
    /// Matrix density.
    rho: Row,
    /// Free drug, nM.
    c: Row,
    k_af: Row,
    k_e0: Row,
    bypass_fast: Row,
    bypass_slow: Row,
    integrin: Row,
    f_min: Row,
    /// S of the type, then the speed that follows.
    speed: Row,
}

impl Default for Surroundings {
    fn default() -> Self {
        Self {
            rho: [0.0; BLOCK],
            c: [0.0; BLOCK],
            k_af: [0.0; BLOCK],
            k_e0: [0.0; BLOCK],
            bypass_fast: [0.0; BLOCK],
            bypass_slow: [0.0; BLOCK],
            integrin: [0.0; BLOCK],
            f_min: [0.0; BLOCK],
            speed: [0.0; BLOCK],
        }
    }
}

/// Advances the states of a block of cells, rows as in [`row`].
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
fn update(
    g: &Globals,
    mek: f32,
    at: &mut Surroundings,
    traits: [&[f32]; N_TRAITS],
    rows: [&mut [f32]; N_SIGNALS],
) {
    let len = rows[0].len().min(BLOCK);
    let [f, s, x, a, e, rf, rs, n, m] = rows.map(|row| &mut row[..len]);
    let [fak, receptors, speeds] = traits.map(|row| &row[..len]);
    let dt = g.dt_min;
    let relief = 1.0 / (1.0 + mek);
    for j in 0..len {
        let engaged = at.rho[j] / (at.rho[j] + g.k_rho);
        let occupied = at.c[j] / (g.k_app + at.c[j]);
        let occupied_pyk2 = at.c[j] / (g.k_app_pyk2 + at.c[j]);
        let kinases = (g.k_auto * fak[j]) * (1.0 - occupied) + g.k_pyk * (1.0 - occupied_pyk2);
        let receptor = (g.r0 + rf[j]) + rs[j];
        f[j] = relax(f[j], engaged * kinases + g.k_rtk * receptor, g.k_dp, dt);
        s[j] = relax(s[j], g.k_s * f[j], g.k_sm, dt);
        x[j] = relax(x[j], (g.k_x * f[j]) * s[j] + g.k_x0, g.k_xm, dt);
        // The terms that are the same for many cells are added first: Mesa's compiler reassociates them in this order
        // anyway, and engines must agree to the bit.
        a[j] = relax(
            a[j],
            at.k_af[j] * f[j] + (g.k_ar * receptor + g.k_a0),
            g.k_am,
            dt,
        );
        e[j] = relax(
            e[j],
            (g.k_ex * x[j] + (g.k_er * receptor + at.k_e0[j])) * relief,
            g.k_em,
            dt,
        );
        let fast_target = (at.bypass_fast[j] * receptors[j]) * (0.25 + 0.75 * occupied);
        rf[j] = (rf[j] + dt * (g.per_tau_f * fast_target)) / (1.0 + dt * g.per_tau_f);
        let slow_target = (at.bypass_slow[j] * receptors[j]) * occupied;
        rs[j] = (rs[j] + dt * (g.per_tau_s * slow_target)) / (1.0 + dt * g.per_tau_s);
        let forming = (g.k_n * engaged) * ((1.0 - g.w) + g.w * (f[j] * g.per_f0));
        n[j] =
            (n[j] + dt * (forming * (1.0 - m[j]))) / (1.0 + dt * (forming + (g.k_noff + g.k_mat)));
        m[j] = (m[j] + dt * (g.k_mat * n[j])) / (1.0 + dt * (g.k_d0 + g.k_d1 * x[j]));
        let sigma = adhesion_strength(g, at.rho[j], n[j], m[j], at.integrin[j]);
        let biphasic = (4.0 * sigma) / ((1.0 + sigma) * (1.0 + sigma));
        at.speed[j] = ((at.speed[j] * speeds[j]) * biphasic)
            * (at.f_min[j] + (1.0 - at.f_min[j]) * (x[j] * g.per_x0));
    }
}

#[inline(always)]
fn relax(y: f32, gain: f32, loss: f32, dt: f32) -> f32 {
    (y + dt * gain) / (1.0 + dt * (gain + loss))
}

/// The share of its speed that a pore of some area, µm², leaves a cell (Wolf 2013, V: none below its limit).
fn openness(g: &Globals, area: f32, limit: f32) -> f32 {
    // A limit above what does not slow a cell at all is a gate: all or nothing.
    let span = (g.a_full - limit).max(1e-3);
    ((area - limit) / span).clamp(0.0, 1.0)
}

/// σ: adhesion strength relative to the control cell at rho*.
#[inline(always)]
pub(super) fn adhesion_strength(
    g: &Globals,
    rho: f32,
    nascent: f32,
    mature: f32,
    integrin: f32,
) -> f32 {
    ((rho / g.rho_star) * ((0.5 * nascent + mature) * g.per_adhesion_control)) * integrin
}

const _: () = assert!(row::FA_MATURE + 1 == N_SIGNALS);
