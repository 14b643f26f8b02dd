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
    for n in [32, 64, 96] {
        for (rough, uptake) in [(false, true), (true, false), (true, true)] {
            let factor = factor([n; 3], 25.0, rough, uptake, CLOSED);
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
