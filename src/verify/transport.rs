//! Diffusion against closed forms: A1 to A4 and A7.

use super::{Axis, Bench, Case, Check, Kind, Outcome, Plot, Point, Series};
use crate::model::{FieldKind, Model};
use crate::simulation::Simulation;
use crate::state::HostState;

pub(super) const CASES: &[Case] = &[
    Case {
        id: "A1",
        title: "A Gaussian spreads by 2Dt and keeps its mass",
        text: "A Gaussian of drug (σ 40 µm, D 50 µm²/s) in a sealed flat box. Its variance along each axis grows by 2Dt, and the sum of all voxels stays.",
        source: "diffusion equation",
        evidence: "exact",
        kind: Kind::Gate,
        tolerance: "variance 1e-3 of its growth, mass 1e-6",
        note: "The tail at the wall, 10 σ away, carries less than the tolerance.",
        perturbation: &["fields.drug.diffusivity=52.5 um^2/s"],
        full_only: false,
        slow_on_software: false,
        run: spreads,
    },
    Case {
        id: "A2",
        title: "Its profile after ten minutes",
        text: "A Gaussian of drug three voxels wide, free in a flat box at the drug's D of 166 µm²/s, after 600 s: M/(4πDt)·exp(−r²/4Dt), convolved with its start.",
        source: "diffusion equation",
        evidence: "exact",
        kind: Kind::Gate,
        tolerance: "1 % in the L2 norm over all voxels",
        note: "The plot shows the row through the centre.",
        perturbation: &["fields.drug.diffusivity=174.3 um^2/s"],
        full_only: false,
        slow_on_software: false,
        run: profile,
    },
    Case {
        id: "A3",
        title: "Oxygen falls off into tissue that consumes it",
        text: "A half-space with oxygen held at its face, D 10⁵ µm²/min and consumption of 10 /min, voxels of 10 µm: exp(−x/100 µm).",
        source: "diffusion equation",
        evidence: "exact",
        kind: Kind::Gate,
        tolerance: "1 % at every depth to 400 µm",
        note: "",
        perturbation: &["fields.oxygen.diffusivity=1.05e5 um^2/min"],
        full_only: false,
        slow_on_software: false,
        run: half_space,
    },
    Case {
        id: "A4",
        title: "A slab that is sealed at its far side",
        text: "Oxygen in 300 µm of consuming tissue, held at the near face, no flux at the far one: cosh((W − x)/L)/cosh(W/L) with L 100 µm.",
        source: "diffusion equation",
        evidence: "exact",
        kind: Kind::Gate,
        tolerance: "1 % at every depth",
        note: "",
        perturbation: &["fields.oxygen.decay=10.5 /min"],
        full_only: false,
        slow_on_software: false,
        run: slab,
    },
    Case {
        id: "A7",
        title: "Diffusion converges with second order in the voxel",
        text: "The slab of A4 with voxels of 20, 10 and 5 µm, in the full run in three dimensions too: the error in the L2 norm falls with the square of the voxel.",
        source: "finite volumes, second order",
        evidence: "exact",
        kind: Kind::Gate,
        tolerance: "order ≥ 1.8 between any two",
        note: "The curve is the slope of second order through the coarsest voxel's error.",
        perturbation: &["fields.oxygen.decay=10.5 /min"],
        full_only: false,
        slow_on_software: false,
        run: order,
    },
];

/// A model of one box with these tables. Sizes in µm.
pub(super) fn in_box(size: &[f64], voxel: f64, step: &str, tables: &str) -> String {
    let lengths: Vec<String> = size.iter().map(|l| format!("\"{l} um\"")).collect();
    format!(
        r#"
title = "transport"
[domain]
size = [{}]
voxel = "{voxel} um"
[time]
step = "{step}"
duration = "100 h"
{tables}
"#,
        lengths.join(", ")
    )
}

/// A field's values, f64.
pub(super) fn values(simulation: &mut Simulation, kind: FieldKind) -> anyhow::Result<Vec<f64>> {
    let state = simulation.snapshot()?;
    Ok(of(&state, kind))
}

fn of(state: &HostState, kind: FieldKind) -> Vec<f64> {
    let field = state.field(kind).unwrap_or_default();
    field.iter().map(|v| f64::from(*v)).collect()
}

/// Relative distance in the L2 norm.
pub(super) fn l2(got: &[f64], expected: &[f64]) -> f64 {
    let apart: f64 = got.iter().zip(expected).map(|(a, b)| (a - b).powi(2)).sum();
    let size: f64 = expected.iter().map(|b| b * b).sum();
    (apart / size).sqrt()
}

/// Variance of a field along an axis about its own centre, µm².
fn variance(model: &Model, values: &[f64], axis: usize) -> f64 {
    let grid = model.grid();
    let n = grid.n;
    let (mut mass, mut first, mut second) = (0.0, 0.0, 0.0);
    for (i, v) in values.iter().enumerate() {
        let ix = [
            i as u32 % n[0],
            i as u32 / n[0] % n[1],
            i as u32 / n[0] / n[1],
        ];
        let at = grid.centre_um(ix)[axis];
        mass += v;
        first += v * at;
        second += v * at * at;
    }
    second / mass - (first / mass).powi(2)
}

fn spreads(bench: &Bench) -> anyhow::Result<Outcome> {
    let text = in_box(
        &[1000.0, 900.0],
        10.0,
        "6 s",
        r#"[fields.drug]
diffusivity = "50 um^2/s"
tolerance = 1e-5
initial = { gaussian = { center = ["500 um", "450 um"], sigma = "40 um", amplitude = "100 nM" } }"#,
    );
    let mut simulation = bench.simulation(&text)?;
    let model = simulation.model().clone();
    let start = values(&mut simulation, FieldKind::Drug)?;
    let mass: f64 = start.iter().sum();
    let before = [0, 1].map(|axis| variance(&model, &start, axis));
    let mut points = [Vec::new(), Vec::new()];
    let mut lost = 0.0f64;
    // What must hold is the growth over the whole minute.
    let allowed = 1e-3 * 2.0 * 50.0 * 60.0;
    for step in [2, 4, 6, 8, 10] {
        bench.run_to(&mut simulation, step)?;
        let now = values(&mut simulation, FieldKind::Drug)?;
        lost = lost.max((now.iter().sum::<f64>() / mass - 1.0).abs());
        for (axis, points) in points.iter_mut().enumerate() {
            let seconds = 6.0 * step as f64;
            points.push(Point {
                x: seconds,
                expected: before[axis] + 2.0 * 50.0 * seconds,
                got: variance(&model, &now, axis),
                allowed,
            });
        }
    }
    let [x, y] = points;
    let plot = Plot {
        title: "Variance of the drug".into(),
        x: Axis::linear("time (s)"),
        y: Axis::linear("variance (µm²)"),
        series: vec![Series::new("along x", x), Series::new("along y", y)],
    };
    let mut outcome = Outcome::of(plot, "µm²");
    outcome.check(Check::most("change of mass", lost, 1e-6, ""));
    Ok(outcome)
}

fn profile(bench: &Bench) -> anyhow::Result<Outcome> {
    let edge = 3200.0;
    let text = in_box(
        &[edge, edge],
        20.0,
        "6 s",
        r#"[fields.drug]
diffusivity = "166 um^2/s"
tolerance = 1e-5
initial = { gaussian = { center = ["1600 um", "1600 um"], sigma = "60 um", amplitude = "100 nM" } }"#,
    );
    let mut simulation = bench.simulation(&text)?;
    bench.run_to(&mut simulation, 100)?;
    let got = values(&mut simulation, FieldKind::Drug)?;
    let start = 60.0f64.powi(2);
    let spread = start + 2.0 * 166.0 * 600.0;
    let peak = 100.0 * start / spread;
    let grid = *simulation.model().grid();
    let at = |i: usize| grid.centre_um([i as u32 % grid.n[0], i as u32 / grid.n[0], 0]);
    let expected: Vec<f64> = (0..got.len())
        .map(|i| {
            let [x, y, _] = at(i);
            let r2 = (x - 0.5 * edge).powi(2) + (y - 0.5 * edge).powi(2);
            peak * (-r2 / (2.0 * spread)).exp()
        })
        .collect();
    let row = grid.n[1] as usize / 2 * grid.n[0] as usize;
    let points = (row..row + grid.n[0] as usize)
        .step_by(2)
        .map(|i| Point {
            x: at(i)[0] - 0.5 * edge,
            expected: expected[i],
            got: got[i],
            allowed: 0.0,
        })
        .collect();
    let plot = Plot {
        title: "Drug across the middle after 600 s".into(),
        x: Axis::linear("place (µm)"),
        y: Axis::linear("drug (nM)"),
        series: vec![Series::new("", points)],
    };
    let mut outcome = Outcome::of(plot, "nM");
    outcome.check(Check::most(
        "distance in the L2 norm",
        l2(&got, &expected),
        0.01,
        "",
    ));
    Ok(outcome)
}

/// Oxygen along x, held at 38 mmHg at the near face, once it is steady.
fn oxygen(bench: &Bench, size: &[f64], voxel: f64, side: &str) -> anyhow::Result<Vec<f64>> {
    let tables = format!(
        "[fields.oxygen]\ndiffusivity = \"1e5 um^2/min\"\ndecay = \"10 /min\"\ninitial = \"38 mmHg\"\nboundary = {{ {side} = \"38 mmHg\" }}"
    );
    let mut simulation = bench.simulation(&in_box(size, voxel, "6 s", &tables))?;
    // Thirty times the time constant of consumption.
    bench.run_to(&mut simulation, 30)?;
    values(&mut simulation, FieldKind::Oxygen)
}

fn along(got: &[f64], voxel: f64, expected: impl Fn(f64) -> f64) -> Outcome {
    let points = got
        .iter()
        .enumerate()
        .map(|(i, got)| {
            let depth = (i as f64 + 0.5) * voxel;
            Point {
                x: depth,
                expected: 38.0 * expected(depth),
                got: *got,
                allowed: 0.01 * 38.0 * expected(depth),
            }
        })
        .collect();
    let plot = Plot {
        title: "Oxygen in the tissue".into(),
        x: Axis::linear("depth (µm)"),
        y: Axis::log("oxygen (mmHg)"),
        series: vec![Series::new("", points)],
    };
    Outcome::of(plot, "mmHg")
}

fn half_space(bench: &Bench) -> anyhow::Result<Outcome> {
    let got = oxygen(bench, &[1000.0, 30.0], 10.0, "x_min")?;
    Ok(along(&got[..40], 10.0, |depth| (-depth / 100.0).exp()))
}

fn in_slab(depth: f64) -> f64 {
    ((300.0 - depth) / 100.0).cosh() / 3.0f64.cosh()
}

fn slab(bench: &Bench) -> anyhow::Result<Outcome> {
    let got = oxygen(bench, &[300.0, 30.0], 10.0, "x_min")?;
    Ok(along(&got[..30], 10.0, in_slab))
}

fn order(bench: &Bench) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    let mut series = Vec::new();
    for dimensions in bench.pick(vec![2], vec![2, 3]) {
        let mut errors = Vec::new();
        for voxel in [20.0, 10.0, 5.0] {
            let mut size = vec![2.0 * voxel; dimensions];
            size[dimensions - 1] = 300.0;
            let side = ["x_min", "y_min", "z_min"][dimensions - 1];
            let got = oxygen(bench, &size, voxel, side)?;
            let across = 2usize.pow(dimensions as u32 - 1);
            let got: Vec<f64> = got.into_iter().step_by(across).collect();
            let expected: Vec<f64> = (0..got.len())
                .map(|i| 38.0 * in_slab((i as f64 + 0.5) * voxel))
                .collect();
            errors.push((voxel, l2(&got, &expected)));
        }
        let first = errors[0];
        for pair in errors.windows(2) {
            let order = (pair[0].1 / pair[1].1).log2();
            let what = format!("order in {dimensions}-D, {} to {} µm", pair[0].0, pair[1].0);
            outcome.check(Check::least(what, order, 1.8, ""));
        }
        let points = errors
            .iter()
            .rev()
            .map(|(voxel, error)| Point {
                x: *voxel,
                expected: first.1 * (voxel / first.0).powi(2),
                got: *error,
                allowed: 0.0,
            })
            .collect();
        series.push(Series::new(format!("{dimensions}-D"), points));
    }
    let plot = Plot {
        title: "Error of the slab".into(),
        x: Axis::log("voxel (µm)"),
        y: Axis::log("relative error, L2 norm"),
        series,
    };
    outcome.add(plot, "");
    Ok(outcome)
}
