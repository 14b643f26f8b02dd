//! The nine signalling states of every cell and the speed that follows from them. Twin of
//! `shaders/passes/signal.wgsl`.
//!
//! Every equation has the form y' = gain·(1 − y) − loss·y, updated by `(y + dt·gain)/(1 + dt·(gain + loss))`: stable at
//! any step, and only + × ÷, so that engines agree to the bit.

use rayon::prelude::*;

use super::Scene;
use super::sample::{sample, stencil};
use crate::model::FieldKind;
use crate::state::signal as row;

pub(super) fn signal(scene: &mut Scene) {
    let g = &scene.coefficients.globals;
    let types = &scene.coefficients.cell_types;
    let ecm = scene
        .state
        .fields
        .iter()
        .find(|f| f.0 == FieldKind::Ecm)
        .map(|f| f.1.as_slice());
    let drug = scene
        .state
        .fields
        .iter()
        .find(|f| f.0 == FieldKind::Drug)
        .map(|f| f.1.as_slice());
    let bath = scene.input.bath_nm;
    let cells = &mut scene.state.cells;
    let [pfak, src, pcas, pakt, perk, fast, slow, nascent, mature] = &mut cells.signals;
    let dt = g.dt_min;
    (
        (
            &cells.position_radius,
            &cells.identity,
            &mut cells.polarity_speed,
        ),
        (pfak, src, pcas, pakt, perk),
        (fast, slow, nascent, mature),
    )
        .into_par_iter()
        .with_min_len(512)
        .for_each(
            |((body, identity, polarity), (f, s, x, a, e), (rf, rs, n, m))| {
                let t = &types[identity[1] as usize];
                let at = stencil(g, [body.x, body.y, body.z]);
                let rho = ecm.map_or(g.rho_star, |field| sample(g, field, &at).0);
                let c = drug.map_or(bath, |field| sample(g, field, &at).0);
                let engaged = rho / (rho + g.k_rho);
                let occupied = c / (g.k_app + c);
                let receptor = (g.r0 + *rf) + *rs;
                *f = relax(
                    *f,
                    ((g.k_auto + g.k_pyk) * engaged) * (1.0 - occupied) + g.k_rtk * receptor,
                    g.k_dp,
                    dt,
                );
                *s = relax(*s, g.k_s * *f, g.k_sm, dt);
                *x = relax(*x, (g.k_x * *f) * *s + g.k_x0, g.k_xm, dt);
                // The terms that are the same for many cells are added first: Mesa's compiler reassociates them in this
                // order anyway, and engines must agree to the bit.
                *a = relax(*a, t.k_af * *f + (g.k_ar * receptor + g.k_a0), g.k_am, dt);
                *e = relax(
                    *e,
                    (g.k_ex * *x + (g.k_er * receptor + t.k_e0)) * g.mek_relief,
                    g.k_em,
                    dt,
                );
                let fast_target = t.bypass_fast * (0.25 + 0.75 * occupied);
                *rf = (*rf + dt * (g.per_tau_f * fast_target)) / (1.0 + dt * g.per_tau_f);
                let slow_target = t.bypass_slow * occupied;
                *rs = (*rs + dt * (g.per_tau_s * slow_target)) / (1.0 + dt * g.per_tau_s);
                let forming = (g.k_n * engaged) * ((1.0 - g.w) + g.w * (*f * g.per_f0));
                *n = (*n + dt * (forming * (1.0 - *m)))
                    / (1.0 + dt * (forming + (g.k_noff + g.k_mat)));
                *m = (*m + dt * (g.k_mat * *n)) / (1.0 + dt * (g.k_d0 + g.k_d1 * *x));
                let sigma = adhesion_strength(g, rho, *n, *m, t.integrin);
                let biphasic = (4.0 * sigma) / ((1.0 + sigma) * (1.0 + sigma));
                polarity.w = (t.speed * biphasic) * (g.f_min + (1.0 - g.f_min) * (*x * g.per_x0));
            },
        );
}

fn relax(y: f32, gain: f32, loss: f32, dt: f32) -> f32 {
    (y + dt * gain) / (1.0 + dt * (gain + loss))
}

/// σ: adhesion strength relative to the control cell at rho*.
pub(super) fn adhesion_strength(
    g: &crate::coefficients::Globals,
    rho: f32,
    nascent: f32,
    mature: f32,
    integrin: f32,
) -> f32 {
    ((rho / g.rho_star) * ((0.5 * nascent + mature) * g.per_adhesion_control)) * integrin
}

const _: () = assert!(row::FA_MATURE + 1 == crate::state::N_SIGNALS);
