//! Cells as particles, on both engines: the neighbour search against brute force, forces that cancel, and walks that drift
//! as theory says.

mod common;

use common::{ONLY_WALKING, close, on_both};
use glam::Vec4;
use invado::cpu::CpuEngine;
use invado::model::{Model, initial_state};
use invado::pass::Pass;
use invado::rng;
use invado::simulation::{Simulation, StepInput};
use invado::state::HostState;

const INPUT: StepInput = StepInput::bathed(0, 0.0);

/// The same length along every axis, as a scenario writes it.
fn corner(dimensions: usize, um: u32) -> String {
    vec![format!("\"{um} um\""); dimensions].join(", ")
}

/// Two types with different radii and adhesion in a box of 300 µm a side.
fn crowd(dimensions: usize, periodic: bool, count: u32) -> Model {
    let axes = ["x", "y", "z"][..dimensions]
        .iter()
        .map(|axis| format!("\"{axis}\""))
        .collect::<Vec<_>>()
        .join(", ");
    let periodic = if periodic {
        format!("periodic = [{axes}]")
    } else {
        String::new()
    };
    let half = count / 2;
    Model::from_toml(&format!(
        r#"
title = "crowd"
seed = 11
[domain]
size = [{size}]
voxel = "10 um"
{periodic}
[time]
duration = "1 h"
[[cells]]
type = "pc-3"
place = {{ rectangle = {{ from = [{zero}], to = [{size}], count = {half} }} }}
[[cells]]
type = "cd8"
adhesion = 5
place = {{ rectangle = {{ from = [{zero}], to = [{size}], count = {half} }} }}
"#,
        size = corner(dimensions, 300),
        zero = corner(dimensions, 0),
    ))
    .unwrap()
}

/// Every engine's pushes after the neighbour search and the forces.
fn pushes(test: &str, model: &Model, state: &HostState) -> Vec<(&'static str, Vec<Vec4>)> {
    common::engines(test, model)
        .into_iter()
        .map(|mut engine| {
            engine.load(state).unwrap();
            for pass in [Pass::Bin, Pass::Scan, Pass::Sort, Pass::Forces] {
                engine.run_pass(pass, INPUT).unwrap();
            }
            let after = engine.download().unwrap();
            (engine.name(), after.cells.push_crowding)
        })
        .collect()
}

/// The force law of every pair, written down once more, in f64.
fn by_brute_force(model: &Model, state: &HostState) -> Vec<[f64; 3]> {
    let p = |name: &str| model.parameters().value(name);
    let size = model.grid().size_um();
    let cells = &state.cells;
    let adhesion = |ix: usize| model.cell_types()[cells.identity[ix][1] as usize].adhesion;
    (0..cells.len())
        .map(|i| {
            let a = cells.position_radius[i];
            let mut push = [0.0; 3];
            for j in 0..cells.len() {
                let b = cells.position_radius[j];
                let mut d: [f64; 3] = [0, 1, 2].map(|axis| f64::from(a[axis]) - f64::from(b[axis]));
                for axis in 0..3 {
                    if model.grid().periodic[axis] {
                        d[axis] -= size[axis] * (d[axis] / size[axis]).round();
                    }
                }
                let distance = d.iter().map(|d| d * d).sum::<f64>().sqrt();
                if distance == 0.0 {
                    continue;
                }
                let ratio = distance / f64::from(a.w + b.w);
                let repulsion = p("c_r") * (1.0 - ratio).max(0.0).powi(2);
                let bond = p("c_a") * (adhesion(i) * adhesion(j)).sqrt();
                let attraction = bond * (1.0 - ratio / 1.25).max(0.0).powi(2);
                for axis in 0..3 {
                    push[axis] += (repulsion - attraction) * d[axis] / distance;
                }
            }
            push
        })
        .collect()
}

/// Moves the cells where `place` says: share of the box by cell index and axis.
fn placed(model: &Model, place: impl Fn(usize, usize) -> f32) -> HostState {
    let mut state = initial_state(model);
    for (ix, body) in state.cells.position_radius.iter_mut().enumerate() {
        for axis in 0..model.grid().dimensions as usize {
            body[axis] = 300.0 * place(ix, axis);
        }
    }
    state
}

/// Panics unless every engine's forces on `state` are these, and cancel. Allowed is 2e-5 of the largest force: f32 sums of
/// 600 neighbours, most of which cancel, against f64.
fn agree(test: &str, model: &Model, state: &HostState, expected: &[[f64; 3]]) {
    for (engine, pushes) in pushes(test, model, state) {
        let scale = expected
            .iter()
            .flatten()
            .fold(1e-3, |m: f64, v| m.max(v.abs()));
        for (ix, (got, expected)) in pushes.iter().zip(expected).enumerate() {
            for axis in 0..model.grid().dimensions as usize {
                let apart = (f64::from(got[axis]) - expected[axis]).abs() / scale;
                assert!(
                    apart < 2e-5,
                    "{test}, {engine}: cell {ix}, axis {axis}: {} against {}",
                    got[axis],
                    expected[axis]
                );
            }
            assert!(got.w.is_finite() && got.w >= 0.0);
        }
        // What one cell does to another, that one does to it.
        for axis in 0..3 {
            let sum: f64 = pushes.iter().map(|p| f64::from(p[axis])).sum();
            let size: f64 = pushes.iter().map(|p| f64::from(p[axis]).abs()).sum();
            assert!(
                sum.abs() <= 1e-6 * size.max(1.0),
                "{test}, {engine}: momentum {sum:e} of {size}"
            );
        }
    }
}

#[test]
fn the_grid_finds_the_neighbours_that_brute_force_finds() {
    let random = |ix: usize, axis: usize| {
        rng::unit_f32(rng::philox4x32([5, 0], [ix as u32, axis as u32, 0, 0])[0])
    };
    for dimensions in [2, 3] {
        for periodic in [false, true] {
            let test = format!("{dimensions}-D, periodic {periodic}");
            let model = crowd(dimensions, periodic, 600);
            // Hundreds of cells in a few bins around the corner where all axes meet.
            let clustered = |ix: usize, axis: usize| {
                let near = 0.12 * random(ix, axis) - 0.06;
                if periodic {
                    near.rem_euclid(1.0)
                } else {
                    near.abs()
                }
            };
            let states = [
                ("random", placed(&model, random)),
                ("clustered", placed(&model, clustered)),
                ("one point", placed(&model, |_, _| 0.5)),
            ];
            for (name, state) in states {
                let expected = by_brute_force(&model, &state);
                agree(&format!("{test}, {name}"), &model, &state, &expected);
            }
        }
    }
}

/// A test that must fail: radii that are 1 % off are seen.
#[test]
#[should_panic(expected = " against ")]
fn a_wrong_force_is_seen() {
    let model = crowd(2, false, 600);
    let state = initial_state(&model);
    let mut wider = state.clone();
    for body in &mut wider.cells.position_radius {
        body.w *= 1.01;
    }
    let expected = by_brute_force(&model, &wider);
    agree("a_wrong_force_is_seen", &model, &state, &expected);
}

/// Walkers in a matrix gradient that does not change, with a turning rate k toward it of `kp` per persistence time.
fn drifters(kp: f64, count: u32) -> Model {
    // P 0.5 h; a difference of 1 over 4000 µm is 0.0005 across a cell of 2 µm.
    let rate = kp / 0.5 / (2.0 / 4000.0);
    Model::from_toml(&format!(
        r#"
title = "drift"
seed = 4
[domain]
size = [{size}]
voxel = "100 um"
[time]
step = "30 s"
duration = "100 h"
[fields.ecm]
initial = {{ linear = {{ axis = "x", from = 0.2, to = 1.2 }} }}
[[cells]]
type = "pc-3"
place = {{ rectangle = {{ from = [{from}], to = [{to}], count = {count} }} }}
speed = "1 um/h"
radius = "1 um"
persistence = "0.5 h"
haptotaxis = "{rate} /h"
division = "0 /h"
death = "0 /h"
[parameters]
{ONLY_WALKING}
G1 = "0 /s"
"#,
        size = corner(3, 4000),
        from = corner(3, 200),
        to = corner(3, 3800),
    ))
    .unwrap()
}

/// Mean polarity toward the cue once it is stationary, over several moments.
fn drift_index(simulation: &mut Simulation, moments: u32) -> f64 {
    simulation.run(300).unwrap();
    let mut sum = 0.0;
    for _ in 0..moments {
        simulation.run(60).unwrap();
        let polarities = simulation.snapshot().unwrap().cells.polarity_speed;
        let n = polarities.len() as f64;
        sum += polarities.iter().map(|p| f64::from(p.x)).sum::<f64>() / n;
    }
    sum / f64::from(moments)
}

/// A variance of dt/P for each of two components is a rotational diffusivity of 1/(2P), the stationary density
/// e^(2kP cos θ), and its mean cosine the Langevin function coth(2kP) − 1/(2kP): within 3 % at three strengths of the cue,
/// the second of them on both engines. The circle is case A10 of the verification book.
#[test]
fn walkers_drift_as_the_sphere_says() {
    // The statistical error of a small index is the larger share of it: 0.8 % of the smallest, of
    // moments a persistence time apart.
    for (kp, count, moments) in [(0.3f64, 12_000, 24), (1.0, 4000, 10), (2.0, 4000, 10)] {
        let model = drifters(kp, count);
        let expected = 1.0 / (2.0 * kp).tanh() - 1.0 / (2.0 * kp);
        let check = |engine: &str, simulation: &mut Simulation| {
            let index = drift_index(simulation, moments);
            close(&format!("{engine}: kP {kp}"), index, expected, 0.03);
        };
        if kp == 1.0 {
            on_both("walkers_drift", &model, check);
        } else {
            let engine = Box::new(CpuEngine::new(&model));
            check("cpu", &mut Simulation::new(model, engine).unwrap());
        }
    }
}
