//! Division, death, growth, and who comes from outside. Twin of `shaders/passes/fate.wgsl`.
//!
//! Every cell first draws what befalls it from its own counter. Those that are gone leave and daughters join behind the
//! others in the order of their mothers, so that cells stay in ascending order of id whatever the schedule.

use glam::Vec4;
use rayon::prelude::*;

use super::Scene;
use super::exp::exp_minus;
use super::hunt::hunt;
use super::r#move::{bounce, passes};
use super::sample::{sample, stencil};
use super::signal::adhesion_strength;
use crate::coefficients::{CellTypeCoefficients, GONE, Globals};
use crate::model::FieldKind;
use crate::rng::{self, Stream};
use crate::simulation::EngineError;
use crate::state::{Cells, Phase, generation, life, signal as row};

pub(super) fn fate(scene: &mut Scene) -> Result<(), EngineError> {
    let hits = hunt(scene)?;
    let hit = |ix: usize| hits.binary_search_by_key(&ix, |hit| hit.0).is_ok();
    let step = scene.input.step as u32;
    let world = World {
        g: &scene.coefficients.globals,
        types: &scene.coefficients.cell_types,
        maps: &scene.coefficients.maps,
        field: FieldKind::ALL.map(|kind| {
            let field = scene.state.fields.iter().find(|f| f.0 == kind);
            field.map(|f| f.1.as_slice())
        }),
        bath_nm: scene.input.bath_nm,
        docetaxel_ng_ml: scene.input.docetaxel_ng_ml,
        step,
    };
    let cells = &mut scene.state.cells;
    let Cells {
        position_radius,
        identity,
        push_crowding,
        signals,
        ..
    } = &mut *cells;
    let (signals, push_crowding) = (&*signals, &*push_crowding);
    let events: Vec<(usize, Event)> = position_radius
        .par_chunks_mut(CELLS)
        .zip(identity.par_chunks_mut(CELLS))
        .enumerate()
        .flat_map_iter(|(chunk, (bodies, identities))| {
            let mut events = Vec::new();
            for (offset, (body, identity)) in bodies.iter_mut().zip(identities).enumerate() {
                let ix = chunk * CELLS + offset;
                let read = |r: usize| signals[r][ix];
                let event = world.decide(body, identity, push_crowding[ix].w, hit(ix), read);
                events.extend(event.map(|event| (ix, event)));
            }
            events
        })
        .collect();
    let daughters = world.daughters(cells, &events, scene.state.next_id);
    let born = daughters.len();
    let next_id = scene.state.next_id + born as u32;
    let recruits = world.recruits(&scene.coefficients.doors, next_id);
    let arrived = recruits.len();
    let tally = &mut scene.state.tally;
    tally.births += born as u64;
    tally.arrivals += arrived as u64;
    scene.state.next_id = next_id + arrived as u32;
    let mut gone = Vec::new();
    for (ix, event) in &events {
        match event {
            Event::Divides => {}
            Event::Dies(cause) => tally.deaths[*cause as usize - Phase::Apoptosis as usize] += 1,
            Event::IsGone => gone.push(*ix),
        }
    }
    tally.removals += gone.len() as u64;
    let (now, most) = (
        cells.len() - gone.len() + born + arrived,
        world.g.most_cells,
    );
    if now > most as usize {
        return Err(EngineError::Capacity {
            capacity: u64::from(most),
            time_h: scene.time_h(),
            step: scene.input.step,
        });
    }
    update(cells, &gone, [daughters, recruits]);
    Ok(())
}

/// Cells that a task takes at once.
const CELLS: usize = 512;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Event {
    Divides,
    Dies(Phase),
    IsGone,
}

/// What cells read.
pub(super) struct World<'a> {
    pub g: &'a Globals,
    pub types: &'a [CellTypeCoefficients],
    maps: &'a [f32],
    /// The values of each kind of field, in order of kind.
    pub field: [Option<&'a [f32]>; crate::model::N_FIELD_KINDS],
    bath_nm: f32,
    docetaxel_ng_ml: f32,
    pub step: u32,
}

impl World<'_> {
    /// Draws what befalls a cell; changes its radius and its phase.
    fn decide(
        &self,
        body: &mut Vec4,
        identity: &mut [u32; 4],
        crowding: f32,
        hit: bool,
        state: impl Fn(usize) -> f32,
    ) -> Option<Event> {
        let g = self.g;
        let t = &self.types[identity[1] as usize];
        let phase = Phase::of(identity[3]);
        if phase.is_dying() {
            let shrink = if phase == Phase::Necrosis {
                g.shrink_necrotic
            } else {
                g.shrink
            };
            body.w -= shrink * t.radius;
            return (body.w < GONE * t.radius).then_some(Event::IsGone);
        }
        body.w += g.regrowth * (t.radius - body.w);
        if hit {
            identity[3] = life(Phase::Killed, generation(identity[3]));
            return Some(Event::Dies(Phase::Killed));
        }
        let at = stencil(g, [body.x, body.y, body.z]);
        let value = |kind: FieldKind, without: f32| {
            self.field[kind as usize].map_or(without, |f| sample(g, f, &at).0)
        };
        let rho = value(FieldKind::Ecm, g.rho_star);
        let c = value(FieldKind::Drug, self.bath_nm);
        let oxygen = value(FieldKind::Oxygen, g.o_full);
        let (nascent, mature) = (state(row::FA_NASCENT), state(row::FA_MATURE));
        let sigma = adhesion_strength(g, rho, nascent, mature, t.integrin);
        let unprotected = 1.0 - state(row::PAKT);
        let anoikis = (g.k_an * (1.0 - sigma.min(1.0))) * (unprotected * unprotected);
        let suffocated = ((g.o_nec - oxygen) * g.per_o_nec_span).clamp(0.0, 1.0);
        let necrosis = g.k_hyp * suffocated;
        let poisoned = self.cytotoxic(t, state(row::PFAK));
        let dying = ((t.death + anoikis) + necrosis) + poisoned;
        let words = rng::draw(g.seed, Stream::Fate, identity[0], self.step, 0);
        if rng::unit_f32(words[0]) < probability(dying * g.fate_dt_min) {
            let which = rng::unit_f32(words[2]) * dying;
            let cause = if which < necrosis {
                Phase::Necrosis
            } else if which < necrosis + anoikis {
                Phase::Anoikis
            } else if which < (necrosis + anoikis) + poisoned {
                Phase::Cytotoxic
            } else {
                Phase::Apoptosis
            };
            identity[3] = life(cause, generation(identity[3]));
            return Some(Event::Dies(cause));
        }
        let room = (1.0 - crowding * g.per_carrying_capacity).max(0.0);
        let drive = (1.0 - g.w_dim * (1.0 - state(row::PERK) * g.per_e0)).max(0.0);
        let toxic = c * g.per_c_div;
        let breath = ((oxygen - g.o_div) * g.per_o_span).clamp(0.0, 1.0);
        let dividing = (((t.division * room) * drive) * breath) / (1.0 + toxic * toxic);
        let divides = phase != Phase::Going
            && rng::unit_f32(words[1]) < probability(dividing * g.fate_dt_min);
        let switch = rng::unit_f32(words[3]);
        if phase == Phase::Going && switch < t.to_grow {
            identity[3] = life(Phase::Growing, generation(identity[3]));
        } else if phase == Phase::Growing && switch < t.to_go {
            identity[3] = life(Phase::Going, generation(identity[3]));
        }
        divides.then_some(Event::Divides)
    }

    /// Hazard of docetaxel, /min: pFAK raises the level of half effect (see the parameters `IC50_docetaxel` and
    /// `K_shield`).
    fn cytotoxic(&self, t: &CellTypeCoefficients, pfak: f32) -> f32 {
        let (g, c) = (self.g, self.docetaxel_ng_ml);
        if c == 0.0 {
            return 0.0;
        }
        let relative = pfak * g.per_f_control;
        let cube = (relative * relative) * relative;
        let shield = ((1.0 + g.k_shield) * cube) / (cube + g.k_shield);
        let ic50 = g.docetaxel_ic50 / exp_minus(t.docetaxel_shield * shield);
        (g.k_docetaxel * c) / (c + ic50)
    }

    /// A daughter for every cell that divides, and its mother beside her.
    fn daughters(&self, cells: &mut Cells, events: &[(usize, Event)], first_id: u32) -> Cells {
        let g = self.g;
        let mut daughters = Cells::default();
        for (ix, _) in events.iter().filter(|e| e.1 == Event::Divides) {
            let ix = *ix;
            let mother = cells.identity[ix];
            let t = &self.types[mother[1] as usize];
            let axis = random_axis(g, Stream::Fate, mother[0], self.step);
            let body = cells.position_radius[ix];
            daughters
                .position_radius
                .push(self.displaced(t, body, axis, 1.0));
            cells.position_radius[ix] = self.displaced(t, body, axis, -1.0);
            let speed = cells.polarity_speed[ix].w;
            daughters
                .polarity_speed
                .push(Vec4::new(axis[0], axis[1], axis[2], speed));
            daughters.push_crowding.push(cells.push_crowding[ix]);
            let id = first_id + daughters.identity.len() as u32;
            daughters
                .identity
                // The generation is in the lower bits; 2²⁴ of them are never reached.
                .push([id, mother[1], mother[0], mother[3] + 1]);
            for (row, from) in daughters.signals.iter_mut().zip(&cells.signals) {
                row.push(from[ix]);
            }
            for (row, from) in daughters.traits.iter_mut().zip(&cells.traits) {
                row.push(from[ix]);
            }
        }
        daughters
    }

    /// Half a radius to either side, with half the volume; where an obstacle is in the way, the mother's own place.
    fn displaced(&self, t: &CellTypeCoefficients, body: Vec4, axis: [f32; 3], side: f32) -> Vec4 {
        let g = self.g;
        let by = (side * 0.5) * body.w;
        let at = [0, 1, 2].map(|a| bounce(g, a, body[a] + by * axis[a], 0.0).0);
        let radius = (body.w * g.daughter_radius).max(GONE * t.radius);
        if passes(g, self.maps, t, at) {
            Vec4::new(at[0], at[1], at[2], radius)
        } else {
            Vec4::new(body.x, body.y, body.z, radius)
        }
    }
}

/// 1 − e^{−x} by its (2, 2) Padé form: `exp` differs between GPUs, + × ÷ do not. Error below 2e-6 for x ≤ 0.25.
pub(super) fn probability(x: f32) -> f32 {
    x / (1.0 + x * (0.5 + x * (1.0 / 12.0)))
}

/// A direction from the draw numbered 1.
pub(super) fn random_axis(g: &Globals, stream: Stream, id: u32, step: u32) -> [f32; 3] {
    let words = rng::draw(g.seed, stream, id, step, 1);
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

/// Takes out the cells at `gone` (ascending) and appends daughters and recruits, one array a task.
fn update(cells: &mut Cells, gone: &[usize], [mut born, came]: [Cells; 2]) {
    if gone.is_empty() && born.is_empty() && came.is_empty() {
        return;
    }
    born.position_radius.extend(came.position_radius);
    born.polarity_speed.extend(came.polarity_speed);
    born.push_crowding.extend(came.push_crowding);
    born.identity.extend(came.identity);
    for (row, more) in born.signals.iter_mut().zip(came.signals) {
        row.extend(more);
    }
    for (row, more) in born.traits.iter_mut().zip(came.traits) {
        row.extend(more);
    }
    rayon::scope(|scope| {
        scope.spawn(|_| replace(&mut cells.position_radius, gone, born.position_radius));
        scope.spawn(|_| replace(&mut cells.polarity_speed, gone, born.polarity_speed));
        scope.spawn(|_| replace(&mut cells.push_crowding, gone, born.push_crowding));
        scope.spawn(|_| replace(&mut cells.identity, gone, born.identity));
        for (row, born) in cells.signals.iter_mut().zip(born.signals) {
            scope.spawn(|_| replace(row, gone, born));
        }
        for (row, born) in cells.traits.iter_mut().zip(born.traits) {
            scope.spawn(|_| replace(row, gone, born));
        }
    });
}

fn replace<T: Copy>(values: &mut Vec<T>, gone: &[usize], born: Vec<T>) {
    // Runs between those that are gone move together.
    let mut end = gone.first().copied().unwrap_or(values.len());
    for (nth, ix) in gone.iter().enumerate() {
        let next = gone.get(nth + 1).copied().unwrap_or(values.len());
        values.copy_within(ix + 1..next, end);
        end += next - ix - 1;
    }
    values.truncate(end);
    values.extend(born);
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

    #[test]
    fn cells_leave_and_join_in_order() {
        for gone in [vec![], vec![0], vec![9], vec![0, 1, 4, 9], vec![3, 5, 6]] {
            let mut values: Vec<usize> = (0..10).collect();
            super::replace(&mut values, &gone, vec![10, 11]);
            let left: Vec<usize> = (0..12).filter(|v| !gone.contains(v)).collect();
            assert_eq!(values, left, "{gone:?}");
        }
    }
}
