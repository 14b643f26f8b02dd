//! One backward-Euler step, unsplit: every linear gain and loss of the voxel acts in the same system, so that the
//! steady state carries no splitting error whatever the step.

use rayon::prelude::*;

use super::super::terms::Terms;
use super::super::{SPLIT, Scene, book};
use super::fill;
use super::multigrid::{Faces, Mass, Operator, Side, System};
use crate::coefficients::{FieldCoefficients, MOST_CYCLES, NEGLIGIBLE, TRACE, face, scheme};
use crate::ledger::Amounts;
use crate::simulation::EngineError;

/// Voxels whose terms are computed at once.
const BLOCK: usize = 256;

/// Solves for the field in `slot` and puts the result in its place.
pub(super) fn solve(scene: &mut Scene, slot: usize) -> Result<(), EngineError> {
    let g = &scene.coefficients.globals;
    let field = &scene.coefficients.fields[slot];
    let steady = field.scheme == scheme::STEADY;
    let still = if steady { 0.0 } else { 1.0 };
    let bath = scene.input.bath_nm;
    let (before, rest) = scene.state.fields.split_at_mut(slot);
    let Some(((kind, values), after)) = rest.split_first_mut() else {
        return Ok(());
    };
    let scratch = &mut *scene.scratch;
    let Some(multigrid) = &mut scratch.multigrid else {
        return Ok(());
    };
    // The last solution is the first guess; its place then holds the right side.
    multigrid.set(values);
    let terms = Terms::new(
        scene.coefficients,
        slot,
        before.iter().chain(after.iter()),
        &scene.workings.deposits,
        bath,
    );
    let mut book = scene.books[slot].as_mut();
    let before = book.is_some().then(|| values.clone());
    let varies = field.mass_varies == 1;
    prepare(
        &terms,
        g.dt_min,
        still,
        values,
        varies.then_some(&mut scratch.mass),
    );
    if let (Some(book), Some(before)) = (&mut book, &before) {
        **book += gained(&terms, g.dt_min, before, values);
    }
    let faces = if field.mobility_varies == 1 {
        Faces::Mobility(&scratch.mobility)
    } else {
        Faces::Uniform
    };
    let mass = if varies {
        Mass::PerCell(&scratch.mass)
    } else {
        Mass::Uniform(field.mass)
    };
    let finest = multigrid.finest();
    let operator = Operator::new(finest, g.n, field.courant, faces, mass, sides(field, bath));
    multigrid.coarsen(&operator);
    let system = System {
        operator,
        rhs: values,
    };
    let mut residual = f32::NAN;
    let (mut converged, mut solved) = (false, false);
    let mut negative = false;
    for cycle in 0..=MOST_CYCLES {
        let correction = if cycle == 0 {
            // A field at rest needs no cycle. A steady state must see its correction first.
            if steady { f32::INFINITY } else { 0.0 }
        } else {
            multigrid.cycle(&system, true)
        };
        let verdict = multigrid.judge(&system, still);
        residual = verdict.residual;
        let share = if cycle == 0 {
            field.quiet
        } else {
            field.tolerance
        };
        let scale = verdict.largest.max(TRACE);
        let allowed = share * scale;
        negative = verdict.deficit > 0.0;
        converged =
            residual <= allowed * field.stiffness && (!steady || 0.25 * correction <= allowed);
        solved = converged && verdict.deficit <= NEGLIGIBLE * scale;
        if solved || residual.is_nan() {
            log::debug!("{}: {cycle} cycles, residual {residual:e}", kind.name());
            break;
        }
    }
    let time_h = scene.input.time_h(g.dt_min);
    // A solution that stays negative comes from values that were.
    if residual.is_nan() || (converged && !solved) {
        multigrid.get(values);
        return Err(crate::simulation::field_fault(
            &g.n,
            *kind,
            values,
            time_h,
            scene.input.step,
        ));
    }
    if !solved {
        return Err(EngineError::Unsolved {
            field: kind.name(),
            cycles: MOST_CYCLES,
            residual: f64::from(residual),
            time_h,
            step: scene.input.step,
        });
    }
    if steady {
        multigrid.get(values);
    } else {
        if let (Some(book), Some(mut solution)) = (book, before) {
            multigrid.get(&mut solution);
            *book += moved(&operator, values, &solution);
        }
        multigrid.finish(&operator, values);
        if negative {
            fill::fill(&operator, values);
        }
    }
    Ok(())
}

/// Turns a field's values into the right side `m y + dt·gain`, and writes the mass `m + dt·loss` where it varies.
fn prepare(terms: &Terms, dt: f32, still: f32, values: &mut [f32], mass: Option<&mut Vec<f32>>) {
    let one = |first: usize, values: &mut [f32], mut mass: Option<&mut [f32]>| {
        let (mut gain, mut loss) = ([0.0; BLOCK], [0.0; BLOCK]);
        for (block, values) in values.chunks_mut(BLOCK).enumerate() {
            let at = block * BLOCK;
            let (gain, loss) = (&mut gain[..values.len()], &mut loss[..values.len()]);
            terms.fill(first + at, values, gain, loss);
            for (value, gain) in values.iter_mut().zip(&*gain) {
                *value = still * *value + dt * *gain;
            }
            if let Some(mass) = &mut mass {
                for (mass, loss) in mass[at..].iter_mut().zip(&*loss) {
                    *mass = still + dt * *loss;
                }
            }
        }
    };
    match mass {
        None => values
            .par_chunks_mut(SPLIT)
            .enumerate()
            .for_each(|(chunk, values)| one(chunk * SPLIT, values, None)),
        Some(mass) => values
            .par_chunks_mut(SPLIT)
            .zip(mass.par_chunks_mut(SPLIT))
            .enumerate()
            .for_each(|(chunk, (values, mass))| one(chunk * SPLIT, values, Some(mass))),
    }
}

/// What the terms have added to `before` in the right sides `rhs`.
fn gained(terms: &Terms, dt: f32, before: &[f32], rhs: &[f32]) -> Amounts {
    let chunks = before.par_chunks(SPLIT).zip(rhs.par_chunks(SPLIT));
    book::in_order(chunks.enumerate().map(|(chunk, (before, rhs))| {
        let mut sum = Amounts::default();
        let (mut gain, mut loss) = ([0.0; BLOCK], [0.0; BLOCK]);
        for (block, (before, rhs)) in before.chunks(BLOCK).zip(rhs.chunks(BLOCK)).enumerate() {
            let (gain, loss) = (&mut gain[..rhs.len()], &mut loss[..rhs.len()]);
            terms.fill(chunk * SPLIT + block * BLOCK, before, gain, loss);
            for ((before, rhs), gain) in before.iter().zip(rhs).zip(gain) {
                let source = f64::from(dt * *gain);
                sum += Amounts {
                    sources: source,
                    rounding: (f64::from(*rhs) - f64::from(*before)) - source,
                    ..Amounts::default()
                };
            }
        }
        sum
    }))
}

/// What the conservative update is about to take from right sides by loss and let in through held faces.
fn moved(operator: &Operator, rhs: &[f32], solution: &[f32]) -> Amounts {
    let n = operator.level.n;
    book::tally(rhs.len(), |ix| {
        let i = ix as u32;
        let at = [i % n[0], i / n[0] % n[1], i / n[0] / n[1]];
        let own = solution[ix];
        let sink = (operator.mass_at(at) - 1.0) * own;
        let mut boundary = 0.0;
        let flux: [f32; 6] = std::array::from_fn(|side| {
            let (axis, upper) = (side / 2, side % 2 == 1);
            let t = operator.t(axis, upper, at);
            match (operator.next(axis, upper, at[axis]), operator.sides[side]) {
                (Some(next), _) => {
                    let mut there = at;
                    there[axis] = next;
                    t * (solution[operator.cell(there)] - own)
                }
                (None, Side::Held(value)) => {
                    let flux = t * (value - own);
                    boundary += f64::from(flux);
                    flux
                }
                (None, _) => 0.0,
            }
        });
        // As the update rounds it.
        let inflow = ((flux[0] + flux[1]) + (flux[2] + flux[3])) + (flux[4] + flux[5]);
        let next = (rhs[ix] - sink) + inflow;
        let exact: f64 = flux.iter().map(|&flux| f64::from(flux)).sum();
        Amounts {
            sources: 0.0,
            sinks: f64::from(sink),
            boundary,
            rounding: (f64::from(next) - f64::from(rhs[ix])) - (exact - f64::from(sink)),
        }
    })
}

fn sides(field: &FieldCoefficients, bath: f32) -> [Side; 6] {
    std::array::from_fn(|side| match field.face[side] {
        face::FIXED => Side::Held(field.face_value[side]),
        face::BATH => Side::Held(bath),
        face::PERIODIC => Side::Periodic,
        _ => Side::Wall,
    })
}
