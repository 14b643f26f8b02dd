//! Turning and moving: persistent random walk on the circle or sphere with chemotaxis and haptotaxis, the neighbours'
//! push, and walls. Twin of `shaders/passes/move.wgsl`.

use rayon::prelude::*;

use super::Scene;
use super::sample::{sample, stencil};
use crate::coefficients::Globals;
use crate::model::FieldKind;
use crate::rng::{self, Stream};
use crate::simulation::EngineError;

pub(super) fn r#move(scene: &mut Scene) -> Result<(), EngineError> {
    let g = &scene.coefficients.globals;
    let types = &scene.coefficients.cell_types;
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
    let is_3d = if g.dimensions == 3 { 1.0 } else { 0.0 };
    let healthy = (
        &mut cells.position_radius,
        &mut cells.polarity_speed,
        &cells.push_crowding,
        &cells.identity,
    )
        .into_par_iter()
        .with_min_len(512)
        .map(|(body, polarity, push, identity)| {
            let t = &types[identity[1] as usize];
            let p = [polarity.x, polarity.y, polarity.z];
            let at = stencil(g, [body.x, body.y, body.z]);
            let mut cue = [0.0f32; 3];
            if let Some(field) = attractant {
                let (s, slope) = sample(g, field, &at);
                let full = 1.0 + s * g.per_s0;
                let strength = t.chemotaxis / (full * full);
                for axis in 0..3 {
                    cue[axis] += strength * slope[axis];
                }
            }
            if let Some(field) = ecm {
                let (_, slope) = sample(g, field, &at);
                for axis in 0..3 {
                    cue[axis] += t.haptotaxis * slope[axis];
                }
            }
            let words = rng::draw(g.seed, Stream::Move, identity[0], step, 0);
            let noise = [
                t.noise * rng::bell(words[0]),
                t.noise * rng::bell(words[1]),
                (t.noise * rng::bell(words[2])) * is_3d,
            ];
            let mut turn = [0.0f32; 3];
            for axis in 0..3 {
                turn[axis] = g.dt_min * cue[axis] + noise[axis];
            }
            // Only what is perpendicular to p turns it.
            let along = (p[0] * turn[0] + p[1] * turn[1]) + p[2] * turn[2];
            let mut q = [0.0f32; 3];
            for axis in 0..3 {
                q[axis] = p[axis] + (turn[axis] - p[axis] * along);
            }
            let length = ((q[0] * q[0] + q[1] * q[1]) + q[2] * q[2]).sqrt();
            let mut x = [body.x, body.y, body.z];
            let push = [push.x, push.y, push.z * is_3d];
            for axis in 0..3 {
                q[axis] /= length;
                x[axis] += g.dt_min * (polarity.w * q[axis] + push[axis]);
                (x[axis], q[axis]) = bounce(g, axis, x[axis], q[axis]);
            }
            (body.x, body.y, body.z) = (x[0], x[1], x[2]);
            (polarity.x, polarity.y, polarity.z) = (q[0], q[1], q[2]);
            x.iter().all(|c| c.is_finite()) && q.iter().all(|c| c.is_finite())
        })
        .reduce(|| true, |a, b| a && b);
    if healthy {
        return Ok(());
    }
    Err(crate::simulation::cell_fault(
        &scene.state.cells,
        scene.time_h(),
        scene.input.step,
    ))
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
