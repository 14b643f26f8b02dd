//! Local terms of every field: `y ← (y + dt·gain)/(1 + dt·loss)`, backward Euler, so that no value can become
//! negative. Twin of `shaders/passes/react.wgsl`.

use rayon::prelude::*;

use super::terms::Terms;
use super::{Scene, book};
use crate::coefficients::scheme;
use crate::ledger::Amounts;
use crate::simulation::EngineError;

/// Voxels whose terms are computed at once: gain and loss stay in the core's cache.
const BLOCK: usize = 256;

pub(super) fn react(scene: &mut Scene) -> Result<(), EngineError> {
    let g = &scene.coefficients.globals;
    for slot in 0..scene.state.fields.len() {
        let scheme = scene.coefficients.fields[slot].scheme;
        let (before, rest) = scene.state.fields.split_at_mut(slot);
        let Some(((_, values), after)) = rest.split_first_mut() else {
            break;
        };
        let terms = Terms::new(
            scene.coefficients,
            slot,
            before.iter().chain(after.iter()),
            &scene.workings.deposits,
            scene.input.bath_nm,
        );
        if let Some(book) = &mut scene.books[slot]
            && scheme < scheme::IMPLICIT
        {
            let chunks = values.par_chunks(super::SPLIT).enumerate();
            *book += book::in_order(
                chunks.map(|(chunk, values)| moved(&terms, g.dt_min, chunk * super::SPLIT, values)),
            );
        }
        let healthy = values
            .par_chunks_mut(super::SPLIT)
            .enumerate()
            .map(|(chunk, values)| match scheme {
                // Their terms have acted in the system that `diffuse` solved.
                scheme::IMPLICIT | scheme::STEADY => {
                    values.iter().all(|v| *v >= 0.0 && *v <= f32::MAX)
                }
                _ => update(&terms, g.dt_min, chunk * super::SPLIT, values),
            })
            .reduce(|| true, |a, b| a && b);
        if !healthy {
            return Err(fault(scene, slot));
        }
    }
    Ok(())
}

fn fault(scene: &Scene, slot: usize) -> EngineError {
    let (kind, values) = &scene.state.fields[slot];
    crate::simulation::field_fault(
        &scene.coefficients.globals.n,
        *kind,
        values,
        scene.time_h(),
        scene.input.step,
    )
}

/// What [`update`] is about to move in the voxels from `first` on.
fn moved(terms: &Terms, dt: f32, first: usize, values: &[f32]) -> Amounts {
    let mut sum = Amounts::default();
    let (mut gain, mut loss) = ([0.0; BLOCK], [0.0; BLOCK]);
    for (block, values) in values.chunks(BLOCK).enumerate() {
        let (gain, loss) = (&mut gain[..values.len()], &mut loss[..values.len()]);
        terms.fill(first + block * BLOCK, values, gain, loss);
        for ((value, gain), loss) in values.iter().zip(gain).zip(loss) {
            let next = (*value + dt * *gain) / (1.0 + dt * *loss);
            let (source, sink) = (f64::from(dt * *gain), f64::from(dt * *loss * next));
            sum += Amounts {
                sources: source,
                sinks: sink,
                boundary: 0.0,
                rounding: (f64::from(next) - f64::from(*value)) - (source - sink),
            };
        }
    }
    sum
}

/// Updates `values`, the voxels from `first` on; false if one is not finite or negative.
fn update(terms: &Terms, dt: f32, first: usize, values: &mut [f32]) -> bool {
    let mut healthy = true;
    let (mut gain, mut loss) = ([0.0; BLOCK], [0.0; BLOCK]);
    for (block, values) in values.chunks_mut(BLOCK).enumerate() {
        let (gain, loss) = (&mut gain[..values.len()], &mut loss[..values.len()]);
        terms.fill(first + block * BLOCK, values, gain, loss);
        for ((value, gain), loss) in values.iter_mut().zip(gain).zip(loss) {
            *value = (*value + dt * *gain) / (1.0 + dt * *loss);
            healthy &= *value >= 0.0 && *value <= f32::MAX;
        }
    }
    healthy
}
