//! Oxygen in a half-space and a slab, and the order of convergence: A3, A4 and A7.

use super::{in_box, l2, values};
use crate::model::FieldKind;
use crate::verify::{Axis, Bench, Case, Check, Kind, Outcome, Plot, Point, Series};

pub(super) const CASES: &[Case] = &[
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
