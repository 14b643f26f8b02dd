//! Division and death. Twin of `shaders/passes/fate.wgsl`.
//!
//! Every cell first draws its verdict from its own counter; a prefix sum over the verdicts then gives survivors and
//! daughters their places, so that cells stay in ascending order of id whatever the schedule.

use glam::Vec4;
use rayon::prelude::*;

use super::Scene;
use super::r#move::bounce;
use super::sample::{sample, stencil};
use super::signal::adhesion_strength;
use crate::coefficients::Globals;
use crate::model::FieldKind;
use crate::rng::{self, Stream};
use crate::state::{Cells, signal as row};

pub(super) fn fate(scene: &mut Scene) {
    let g = &scene.coefficients.globals;
    let step = scene.input.step as u32;
    let present: &Scene = scene;
    let verdicts: Vec<Verdict> = (0..present.state.cells.len())
        .into_par_iter()
        .with_min_len(1024)
        .map(|ix| verdict(present, ix))
        .collect();
    let old = &scene.state.cells;
    let mut next = Cells::default();
    for (ix, verdict) in verdicts.iter().enumerate() {
        if *verdict != Verdict::Dies {
            push_copy(old, ix, &mut next);
        }
    }
    let survivors = next.len();
    let mut place = 0;
    let mut id = scene.state.next_id;
    for (ix, verdict) in verdicts.iter().enumerate() {
        if *verdict == Verdict::Divides {
            let axis = division_axis(g, old.identity[ix][0], step);
            next.position_radius[place] = displaced(g, old.position_radius[ix], axis, -1.0);
            push_copy(old, ix, &mut next);
            let daughter = next.len() - 1;
            next.position_radius[daughter] = displaced(g, old.position_radius[ix], axis, 1.0);
            next.polarity_speed[daughter] =
                Vec4::new(axis[0], axis[1], axis[2], old.polarity_speed[ix].w);
            let mother = old.identity[ix];
            next.identity[daughter] = [id, mother[1], mother[0], mother[3] + 1];
            id += 1;
        }
        if *verdict != Verdict::Dies {
            place += 1;
        }
    }
    scene.state.deaths += (old.len() - survivors) as u64;
    scene.state.births += (next.len() - survivors) as u64;
    scene.state.next_id = id;
    scene.state.cells = next;
}

#[derive(Clone, Copy, PartialEq)]
enum Verdict {
    Lives,
    Divides,
    Dies,
}

fn verdict(scene: &Scene, ix: usize) -> Verdict {
    let g = &scene.coefficients.globals;
    let cells = &scene.state.cells;
    let t = &scene.coefficients.cell_types[cells.identity[ix][1] as usize];
    let body = cells.position_radius[ix];
    let at = stencil(g, [body.x, body.y, body.z]);
    let rho = scene
        .state
        .field(FieldKind::Ecm)
        .map_or(g.rho_star, |f| sample(g, f, &at).0);
    let c = scene
        .state
        .field(FieldKind::Drug)
        .map_or(scene.input.bath_nm, |f| sample(g, f, &at).0);
    let state = |r: usize| cells.signals[r][ix];
    let sigma = adhesion_strength(
        g,
        rho,
        state(row::FA_NASCENT),
        state(row::FA_MATURE),
        t.integrin,
    );
    let unprotected = 1.0 - state(row::PAKT);
    let dying = t.death + (g.k_an * (1.0 - sigma.min(1.0))) * (unprotected * unprotected);
    let room = (1.0 - cells.push_crowding[ix].w * g.per_carrying_capacity).max(0.0);
    let drive = (1.0 - g.w_dim * (1.0 - state(row::PERK) * g.per_e0)).max(0.0);
    let toxic = c * g.per_c_div;
    let dividing = ((t.division * room) * drive) / (1.0 + toxic * toxic);
    let words = rng::draw(
        g.seed,
        Stream::Fate,
        cells.identity[ix][0],
        scene.input.step as u32,
        0,
    );
    if rng::unit_f32(words[0]) < probability(dying * g.fate_dt_min) {
        Verdict::Dies
    } else if rng::unit_f32(words[1]) < probability(dividing * g.fate_dt_min) {
        Verdict::Divides
    } else {
        Verdict::Lives
    }
}

/// 1 − e^{−x} by its (2, 2) Padé form: `exp` differs between GPUs, + × ÷ do not. Error below 2e-6 for x ≤ 0.25.
fn probability(x: f32) -> f32 {
    x / (1.0 + x * (0.5 + x * (1.0 / 12.0)))
}

fn division_axis(g: &Globals, id: u32, step: u32) -> [f32; 3] {
    let words = rng::draw(g.seed, Stream::Fate, id, step, 1);
    let v = [
        rng::bell(words[0]),
        rng::bell(words[1]),
        if g.dimensions == 3 {
            rng::bell(words[2])
        } else {
            0.0
        },
    ];
    let length = ((v[0] * v[0] + v[1] * v[1]) + v[2] * v[2]).sqrt();
    if length == 0.0 {
        return [1.0, 0.0, 0.0];
    }
    [v[0] / length, v[1] / length, v[2] / length]
}

/// Half a radius to either side.
fn displaced(g: &Globals, body: Vec4, axis: [f32; 3], sign: f32) -> Vec4 {
    let by = (sign * 0.5) * body.w;
    Vec4::new(
        bounce(g, 0, body.x + by * axis[0], 0.0).0,
        bounce(g, 1, body.y + by * axis[1], 0.0).0,
        bounce(g, 2, body.z + by * axis[2], 0.0).0,
        body.w,
    )
}

fn push_copy(from: &Cells, ix: usize, to: &mut Cells) {
    to.position_radius.push(from.position_radius[ix]);
    to.polarity_speed.push(from.polarity_speed[ix]);
    to.push_crowding.push(from.push_crowding[ix]);
    to.identity.push(from.identity[ix]);
    for (row, from) in to.signals.iter_mut().zip(&from.signals) {
        row.push(from[ix]);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn probability_is_close_to_the_exponential() {
        for i in 0..=100 {
            let x = i as f32 * 0.0025;
            let exact = 1.0 - (-f64::from(x)).exp();
            assert!((f64::from(super::probability(x)) - exact).abs() < 2e-6);
        }
    }
}
