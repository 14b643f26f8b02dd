//! Convergence of the cycle: residual factors, independent of size, in rough media, on odd and periodic grids.

use super::*;
use crate::rng;

fn random(seed: u32, n: usize) -> Vec<f32> {
    (0..n as u32)
        .map(|i| rng::unit_f32(rng::philox4x32([seed, 7], [i, 0, 0, 0])[0]))
        .collect()
}

/// Geometric mean of the residual's reduction over the cycles from a random start, down to rounding.
fn factor(n: [u32; 3], courant: f32, rough: bool, uptake: bool, sides: [Side; 6]) -> f64 {
    let len = n.iter().map(|&n| n as usize).product();
    let mobility: Vec<f32> = random(1, len).iter().map(|r| 10f32.powf(-r)).collect();
    let mass: Vec<f32> = random(2, len)
        .iter()
        .map(|r| 1.0 + if *r < 0.6 { 1.0 } else { 0.01 })
        .collect();
    let rhs = random(3, len);
    let faces = if rough {
        Faces::Mobility(&mobility)
    } else {
        Faces::Uniform
    };
    let mass = if uptake {
        Mass::PerCell(&mass)
    } else {
        Mass::Uniform(1.0)
    };
    let finest = Hierarchy::new(n).levels()[0];
    let operator = Operator::new(finest, n, courant, faces, mass, sides);
    let system = System {
        operator,
        rhs: &rhs,
    };
    let mut solver = Multigrid::new(n);
    solver.set(&random(4, len));
    solver.coarsen(&operator);
    let mut last = solver.judge(&system, 1.0).residual;
    let (mut product, mut cycles) = (1.0f64, 0);
    for cycle in 0..5 {
        solver.cycle(&system, false);
        let now = solver.judge(&system, 1.0).residual;
        // Below this the residual is rounding.
        if now < 2e-6 * courant.max(1.0) {
            break;
        }
        // The first cycle only removes what is rough at random: the others are what counts.
        if cycle > 0 {
            product *= f64::from(now / last);
            cycles += 1;
        }
        last = now;
    }
    if cycles == 0 {
        return 0.0;
    }
    f64::powf(product, 1.0 / f64::from(cycles))
}

const CLOSED: [Side; 6] = [Side::Wall; 6];
const BATHED: [Side; 6] = [Side::Held(1.0); 6];

#[test]
fn a_cycle_takes_a_digit_in_2d_at_any_size() {
    for n in [64, 128, 256, 512] {
        for (rough, uptake) in [(false, true), (true, false), (true, true)] {
            let factor = factor([n, n, 1], 25.0, rough, uptake, CLOSED);
            assert!(factor <= 0.15, "{n}², rough {rough}: {factor:.3}");
        }
    }
}

#[test]
fn a_cycle_takes_most_of_a_digit_in_3d_at_any_size() {
    // The larger ones take minutes and 4 GB: INVADO_LARGE_GRIDS=1 cargo test --lib any_size.
    let large = std::env::var_os("INVADO_LARGE_GRIDS").is_some();
    let sizes = [32, 64, 96, 128, 192, 256, 384, 512];
    for n in sizes.into_iter().take(if large { 8 } else { 4 }) {
        for (rough, uptake) in [(false, true), (true, false), (true, true)] {
            let factor = factor([n; 3], 25.0, rough, uptake, CLOSED);
            eprintln!("{n}³, rough {rough}, uptake {uptake}: {factor:.3}");
            assert!(factor <= 0.2, "{n}³, rough {rough}: {factor:.3}");
        }
    }
}

#[test]
fn odd_long_and_periodic_grids_converge_too() {
    let ring = [
        Side::Periodic,
        Side::Periodic,
        Side::Wall,
        Side::Wall,
        Side::Periodic,
        Side::Periodic,
    ];
    for (n, sides) in [
        ([65, 63, 1], CLOSED),
        ([200, 150, 1], BATHED),
        ([33, 47, 21], BATHED),
        ([256, 8, 4], CLOSED),
        ([51, 37, 1], ring),
        ([31, 20, 27], ring),
        ([1, 1, 1], BATHED),
        ([2, 3, 1], ring),
    ] {
        let factor = factor(n, 11.0, false, true, sides);
        assert!(factor <= 0.25, "{n:?}: {factor:.3}");
    }
}

/// Oxygen around uptake of which 2 % of the voxels toggle at every step: one warm cycle a step follows the exact
/// backward-Euler solution to a thousandth of the rim, from the first step on.
#[test]
fn one_warm_cycle_follows_toggling_uptake() {
    const N: u32 = 128;
    let len = (N * N) as usize;
    // h 20 µm, D 1e5 µm²/min, step 0.1 min, uptake 10 /min, decay 0.1 /min, rim 38 mmHg.
    let (courant, dt) = (25.0f32, 0.1f32);
    let mut on: Vec<bool> = (0..N * N)
        .map(|i| {
            let (x, y) = (f64::from(i % N) - 63.5, f64::from(i / N) - 63.5);
            x.hypot(y) < 40.0
        })
        .collect();
    let disc = on.clone();
    let draws = random(9, len);
    on.iter_mut()
        .zip(&draws)
        .for_each(|(on, r)| *on &= *r < 0.6);
    let loss =
        |on: &[bool]| -> Vec<f32> { on.iter().map(|on| if *on { 10.1 } else { 0.1 }).collect() };
    let exact = |loss: &[f32], from: Option<&[f64]>| -> Vec<f64> {
        let still = if from.is_some() { 1.0 } else { 0.0 };
        let mass: Vec<f64> = loss.iter().map(|l| still + f64::from(dt * l)).collect();
        let rhs = from.map_or_else(|| vec![0.0; len], <[f64]>::to_vec);
        crate::verify::direct::solve_2d(N as usize, f64::from(courant), &mass, &rhs, Some(38.0))
    };
    // Both begin in the same steady state.
    let mut truth = exact(&loss(&on), None);
    let mut state: Vec<f32> = truth.iter().map(|v| *v as f32).collect();
    let sides = [
        Side::Held(38.0),
        Side::Held(38.0),
        Side::Held(38.0),
        Side::Held(38.0),
        Side::Wall,
        Side::Wall,
    ];
    let mut solver = Multigrid::new([N, N, 1]);
    for step in 0..12 {
        let toggles = random(100 + step, len);
        for i in 0..len {
            if disc[i] && toggles[i] < 0.02 {
                on[i] = !on[i];
            }
        }
        let loss = loss(&on);
        truth = exact(&loss, Some(&truth));
        let mass: Vec<f32> = loss.iter().map(|l| 1.0 + dt * l).collect();
        let operator = Operator::new(
            solver.finest(),
            [N, N, 1],
            courant,
            Faces::Uniform,
            Mass::PerCell(&mass),
            sides,
        );
        solver.set(&state);
        solver.coarsen(&operator);
        let system = System {
            operator,
            rhs: &state,
        };
        solver.cycle(&system, true);
        solver.finish(&operator, &mut state);
        // In the L2 norm: what a cycle leaves is rough and sits where the uptake has changed.
        let apart: f64 = state
            .iter()
            .zip(&truth)
            .map(|(a, b)| (f64::from(*a) - b).powi(2))
            .sum();
        let size: f64 = truth.iter().map(|b| b * b).sum();
        let apart = (apart / size).sqrt();
        assert!(apart < 1e-3, "step {step}: {apart:.1e}");
    }
}
