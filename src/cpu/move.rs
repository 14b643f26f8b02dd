//! Turning and moving: persistent random walk on the circle or sphere with chemotaxis, haptotaxis and contact guidance,
//! the neighbours' push, the speed limit, obstacles and walls. Twin of `shaders/passes/move.wgsl`.

use multiversion::multiversion;
use rayon::prelude::*;

use super::Scene;
use super::sample::{BLOCK, Row, Stencils, voxel};
use crate::coefficients::{CellTypeCoefficients, Globals, NONE};
use crate::model::FieldKind;
use crate::rng::{self, Stream};
use crate::simulation::EngineError;

pub(super) fn r#move(scene: &mut Scene) -> Result<(), EngineError> {
    let g = &scene.coefficients.globals;
    let types = &scene.coefficients.cell_types;
    let maps = scene.coefficients.maps.as_slice();
    let field = |kind: FieldKind| {
        scene
            .state
            .fields
            .iter()
            .find(|f| f.0 == kind)
            .map(|f| f.1.as_slice())
    };
    let (ecm, attractant) = (field(FieldKind::Ecm), field(FieldKind::Attractant));
    let step = scene.input.step as u32;
    let cells = &mut scene.state.cells;
    let free = g.passage_at == NONE;
    let (healthy, limited) = (
        cells.position_radius.par_chunks_mut(BLOCK),
        cells.polarity_speed.par_chunks_mut(BLOCK),
        cells.push_crowding.par_chunks(BLOCK),
        cells.identity.par_chunks(BLOCK),
    )
        .into_par_iter()
        .with_min_len(512 / BLOCK)
        .map(|(bodies, polarities, pushes, identities)| {
            let mut walk = Walk::default();
            let len = bodies.len();
            let mut stencils = Stencils::default();
            if attractant.is_some() || ecm.is_some() {
                stencils.find(g, bodies);
            }
            if let Some(field) = attractant {
                let (mut s, mut slope) = ([0.0; BLOCK], [[0.0; BLOCK]; 3]);
                stencils.samples(g, field, &mut s, &mut slope);
                for j in 0..len {
                    let full = 1.0 + s[j] * g.per_s0;
                    let strength = types[identities[j][1] as usize].chemotaxis / (full * full);
                    for axis in 0..3 {
                        walk.turn[axis][j] += strength * slope[axis][j];
                    }
                }
            }
            if let Some(field) = ecm {
                let (mut rho, mut slope) = ([0.0; BLOCK], [[0.0; BLOCK]; 3]);
                stencils.samples(g, field, &mut rho, &mut slope);
                for j in 0..len {
                    let strength = types[identities[j][1] as usize].haptotaxis;
                    for axis in 0..3 {
                        walk.turn[axis][j] += strength * slope[axis][j];
                    }
                }
            }
            if g.fibres_at != NONE {
                for j in 0..len {
                    let (body, p) = (bodies[j], polarities[j]);
                    let strength = types[identities[j][1] as usize].guidance;
                    let pull = toward_fibres(g, maps, [body.x, body.y, body.z], [p.x, p.y, p.z]);
                    for axis in 0..3 {
                        walk.turn[axis][j] += strength * pull[axis];
                    }
                }
            }
            for j in 0..len {
                let (body, polarity, push) = (bodies[j], polarities[j], pushes[j]);
                let t = &types[identities[j][1] as usize];
                for axis in 0..3 {
                    walk.turn[axis][j] *= g.dt_min;
                    walk.x[axis][j] = body[axis];
                    walk.p[axis][j] = polarity[axis];
                    walk.push[axis][j] = push[axis];
                }
                walk.speed[j] = polarity.w;
                walk.noise[j] = t.noise;
                walk.most[j] = t.most_um;
                walk.id[j] = identities[j][0];
            }
            advance(g, step, len, &mut walk);
            let mut healthy = true;
            let mut limited = 0u32;
            for j in 0..len {
                let t = &types[identities[j][1] as usize];
                limited += u32::from(walk.share[j] < 1.0);
                for axis in 0..3 {
                    let (x, p) = bounce(g, axis, walk.x[axis][j], walk.p[axis][j]);
                    healthy &= x.is_finite() && p.is_finite();
                    let mut at = [bodies[j].x, bodies[j].y, bodies[j].z];
                    at[axis] = x;
                    // Axis by axis, so that a cell glides along an obstacle.
                    if free || passes(g, maps, t, at) {
                        bodies[j][axis] = x;
                        polarities[j][axis] = p;
                    } else {
                        polarities[j][axis] = -p;
                    }
                }
            }
            (healthy, limited)
        })
        .reduce(|| (true, 0), |a, b| (a.0 && b.0, a.1.wrapping_add(b.1)));
    let tally = &mut scene.state.tally;
    tally.limited = u64::from((tally.limited as u32).wrapping_add(limited));
    if healthy {
        return Ok(());
    }
    Err(crate::simulation::cell_fault(
        &scene.state.cells,
        scene.time_h(),
        scene.input.step,
    ))
}

/// A block of cells on the move, each number side by side, so that the compiler can vectorise what is done to them.
struct Walk {
    /// Position, µm.
    x: [Row; 3],
    /// Polarity.
    p: [Row; 3],
    /// Velocity from neighbours, µm/min.
    push: [Row; 3],
    /// What the cues turn the polarity by.
    turn: [Row; 3],
    /// µm/min.
    speed: Row,
    /// Longest way, µm.
    most: Row,
    /// The share of the step's way that the speed limit leaves.
    share: Row,
    noise: Row,
    id: Row<u32>,
}

impl Default for Walk {
    fn default() -> Self {
        Self {
            x: [[0.0; BLOCK]; 3],
            p: [[0.0; BLOCK]; 3],
            push: [[0.0; BLOCK]; 3],
            turn: [[0.0; BLOCK]; 3],
            speed: [0.0; BLOCK],
            most: [0.0; BLOCK],
            share: [1.0; BLOCK],
            noise: [0.0; BLOCK],
            id: [0; BLOCK],
        }
    }
}

/// Turns by cues and noise and finds the way of the step, before obstacles and walls.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
fn advance(g: &Globals, step: u32, len: usize, walk: &mut Walk) {
    let is_3d = if g.dimensions == 3 { 1.0 } else { 0.0 };
    let len = len.min(BLOCK);
    for j in 0..len {
        let words = rng::draw(g.seed, Stream::Move, walk.id[j], step, 0);
        walk.turn[0][j] += walk.noise[j] * rng::bell(words[0]);
        walk.turn[1][j] += walk.noise[j] * rng::bell(words[1]);
        walk.turn[2][j] += (walk.noise[j] * rng::bell(words[2])) * is_3d;
    }
    for j in 0..len {
        let p = [walk.p[0][j], walk.p[1][j], walk.p[2][j]];
        let turn = [walk.turn[0][j], walk.turn[1][j], walk.turn[2][j]];
        // Only what is perpendicular to p turns it.
        let along = (p[0] * turn[0] + p[1] * turn[1]) + p[2] * turn[2];
        let q = [
            p[0] + (turn[0] - p[0] * along),
            p[1] + (turn[1] - p[1] * along),
            p[2] + (turn[2] - p[2] * along),
        ];
        let length = ((q[0] * q[0] + q[1] * q[1]) + q[2] * q[2]).sqrt();
        let q = [q[0] / length, q[1] / length, q[2] / length];
        let push = [walk.push[0][j], walk.push[1][j], walk.push[2][j] * is_3d];
        let way = [
            g.dt_min * (walk.speed[j] * q[0] + push[0]),
            g.dt_min * (walk.speed[j] * q[1] + push[1]),
            g.dt_min * (walk.speed[j] * q[2] + push[2]),
        ];
        let far = (way[0] * way[0] + way[1] * way[1]) + way[2] * way[2];
        let most = walk.most[j];
        // The root is taken of every way, so that the compiler can do many at once.
        let limit = most / far.sqrt();
        let share = if far > most * most { limit } else { 1.0 };
        walk.share[j] = share;
        walk.x[0][j] += share * way[0];
        walk.x[1][j] += share * way[1];
        walk.x[2][j] += share * way[2];
        walk.p[0][j] = q[0];
        walk.p[1][j] = q[1];
        walk.p[2][j] = q[2];
    }
}

/// Whether a cell of a type may be at a place: no obstacle, and no pore that is too narrow for it.
#[inline(always)]
pub(super) fn passes(
    g: &Globals,
    maps: &[f32],
    t: &CellTypeCoefficients,
    position: [f32; 3],
) -> bool {
    g.passage_at == NONE || pore_area(g, maps, position) > t.pore_limit
}

/// Pore area that obstacles leave at a place, µm². Needs a passage map.
pub(super) fn pore_area(g: &Globals, maps: &[f32], position: [f32; 3]) -> f32 {
    maps[g.passage_at as usize + voxel_at(g, position)]
}

/// The voxel that holds a place.
fn voxel_at(g: &Globals, position: [f32; 3]) -> usize {
    let [x, y, z] = [0, 1, 2].map(|axis| {
        // A float becomes the nearest u32.
        ((position[axis] * g.voxels_per_um) as u32).min(g.n[axis] - 1)
    });
    voxel(g, x, y, z)
}

/// Where fibres turn a polarity to: their alignment at a place times it. Needs a map of fibres.
fn toward_fibres(g: &Globals, maps: &[f32], position: [f32; 3], p: [f32; 3]) -> [f32; 3] {
    let first = g.fibres_at as usize + voxel_at(g, position);
    let q = |component: usize| maps[first + component * g.n_voxels as usize];
    let (xx, xy) = (q(0), q(1));
    let (yy, xz, yz) = if g.dimensions == 3 {
        (q(2), q(3), q(4))
    } else {
        (-xx, 0.0, 0.0)
    };
    // Its trace is 0.
    let zz = -(xx + yy);
    [
        (xx * p[0] + xy * p[1]) + xz * p[2],
        (xy * p[0] + yy * p[1]) + yz * p[2],
        (xz * p[0] + yz * p[1]) + zz * p[2],
    ]
}

/// Keeps a coordinate in the box: a periodic axis wraps, a wall reflects position and polarity.
pub(super) fn bounce(g: &Globals, axis: usize, x: f32, p: f32) -> (f32, f32) {
    let size = g.size_um[axis];
    let (mut x, mut p) = (x, p);
    if g.periodic[axis] == 1 {
        if x < 0.0 {
            x += size;
        } else if x >= size {
            x -= size;
        }
    } else if x < 0.0 {
        x = -x;
        p = -p;
    } else if x > size {
        x = size - (x - size);
        p = -p;
    }
    // A step longer than the box ends at the wall; NaN is left for the check that follows.
    if x < 0.0 {
        x = 0.0;
    }
    if x > size {
        x = size;
    }
    (x, p)
}
