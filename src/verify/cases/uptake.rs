//! Oxygen around uptake, and matrix under protease: A8 and A15.

use npyz::WriterBuilder;

use super::{in_box, l2, values};
use crate::model::FieldKind;
use crate::rng;
use crate::verify::{Axis, Bench, Case, Check, Kind, Outcome, Plot, Point, Series, direct};

pub(super) const CASES: &[Case] = &[
    Case {
        id: "A8",
        title: "Oxygen around uptake is that of a direct solver",
        text: "A disc in which 60 % of the voxels, drawn at random, take up oxygen at 10 /min: the steady field against a banded Cholesky solve in f64.",
        source: "direct solve of the same linear system",
        evidence: "exact",
        kind: Kind::Gate,
        tolerance: "1e-3 in the L2 norm and of the rim's level at the worst voxel",
        note: "The quick run has a grid of 64 × 64, the full run of 128 × 128.",
        perturbation: &["fields.oxygen.diffusivity=1.05e5 um^2/min"],
        full_only: false,
        slow_on_software: false,
        run: around_uptake,
    },
    Case {
        id: "A15",
        title: "Matrix under constant protease decays exponentially",
        text: "Matrix of density 2 under protease that neither spreads nor decays: ρ₀·exp(−G2·∫m dt).",
        source: "the model's equation",
        evidence: "exact",
        kind: Kind::Gate,
        tolerance: "1e-5",
        note: "G2·m·dt is 2⁻¹³, so that backward Euler's own error stays below the tolerance.",
        perturbation: &["parameters.G2=1.05e-4 /s"],
        full_only: false,
        slow_on_software: false,
        run: digested,
    },
];

fn around_uptake(bench: &Bench) -> anyhow::Result<Outcome> {
    let n: usize = bench.pick(64, 128);
    let (middle, radius) = (0.5 * (n - 1) as f64, 0.3125 * n as f64);
    let uptake: Vec<f32> = (0..n * n)
        .map(|i| {
            let (x, y) = ((i % n) as f64 - middle, (i / n) as f64 - middle);
            let random = rng::philox4x32([5, 5], [i as u32, 0, 0, 0])[0];
            let on = x.hypot(y) < radius && rng::unit_f32(random) < 0.6;
            if on { 10.0 } else { 0.0 }
        })
        .collect();
    let folder = tempfile::tempdir()?;
    let mut npy = npyz::WriteOptions::new()
        .default_dtype()
        .shape(&[n as u64; 2])
        .writer(std::fs::File::create(folder.path().join("uptake.npy"))?)
        .begin_nd()?;
    npy.extend(uptake.iter().copied())?;
    npy.finish()?;
    let edge = 20.0 * n as f64;
    let text = in_box(
        &[edge, edge],
        20.0,
        "6 s",
        r#"
[fields.oxygen]
diffusivity = "1e5 um^2/min"
initial = "38 mmHg"
decay = "0.1 /min"
uptake = { file = "uptake.npy", unit = "/min" }
boundary = { x_min = "38 mmHg", x_max = "38 mmHg", y_min = "38 mmHg", y_max = "38 mmHg" }
"#,
    );
    let mut simulation = bench.start(bench.model_in(folder.path(), &text)?)?;
    bench.run_to(&mut simulation, bench.pick(100, 200))?;
    let got = values(&mut simulation, FieldKind::Oxygen)?;
    // Per minute: D/h² = 250.
    let loss: Vec<f64> = uptake.iter().map(|k| f64::from(*k) + 0.1).collect();
    let expected = direct::solve_2d(n, 250.0, &loss, &vec![0.0; n * n], Some(38.0));
    let worst = got
        .iter()
        .zip(&expected)
        .map(|(a, b)| (a - b).abs() / 38.0)
        .fold(0.0, f64::max);
    let row = n / 2 * n;
    let points = (row..row + n)
        .map(|i| Point {
            x: 20.0 * ((i - row) as f64 + 0.5),
            expected: expected[i],
            got: got[i],
            allowed: 0.0,
        })
        .collect();
    let plot = Plot {
        title: "Oxygen across the middle of the disc".into(),
        x: Axis::linear("place (µm)"),
        y: Axis::linear("oxygen (mmHg)"),
        series: vec![Series::new("", points)],
    };
    let mut outcome = Outcome::of(plot, "mmHg");
    outcome.check(Check::most(
        "distance in the L2 norm",
        l2(&got, &expected),
        1e-3,
        "",
    ));
    outcome.check(Check::most(
        "worst voxel, of the rim's level",
        worst,
        1e-3,
        "",
    ));
    Ok(outcome)
}

fn digested(bench: &Bench) -> anyhow::Result<Outcome> {
    let text = in_box(
        &[200.0, 200.0],
        10.0,
        "6 s",
        r#"
[fields.ecm]
initial = 2
[fields.mmp]
diffusivity = "0 um^2/s"
decay = "0 /s"
initial = 0.2034505208333
"#,
    );
    let mut simulation = bench.simulation(&text)?;
    let mut points = Vec::new();
    for step in (100..=1000).step_by(100) {
        bench.run_to(&mut simulation, step)?;
        let got = values(&mut simulation, FieldKind::Ecm)?;
        let expected = 2.0 * (-(step as f64) / 8192.0).exp();
        // The voxel that is farthest off.
        let off = |v: &f64| (v - expected).abs();
        let worst = got.iter().copied().max_by(|a, b| off(a).total_cmp(&off(b)));
        points.push(Point {
            x: 0.1 * step as f64,
            expected,
            got: worst.unwrap_or(f64::NAN),
            allowed: 1e-5 * expected,
        });
    }
    let plot = Plot {
        title: "Density of the matrix".into(),
        x: Axis::linear("time (min)"),
        y: Axis::linear("density (2 mg/mL collagen I = 1)"),
        series: vec![Series::new("", points)],
    };
    Ok(Outcome::of(plot, ""))
}
