//! Vessels, binding, uptake and matrix: A5, A6, A8 and A15.

use npyz::WriterBuilder;

use super::transport::{in_box, l2, values};
use super::{Axis, Bench, Case, Check, Kind, Outcome, Plot, Point, Series, direct};
use crate::model::FieldKind;
use crate::rng;

pub(super) const CASES: &[Case] = &[
    Case {
        id: "A5",
        title: "A vessel feeds its cylinder of tissue",
        text: "Oxygen around a vessel of 5 µm in a sealed cylinder of consuming tissue (length of consumption 100 µm), a quarter of it on voxels of 0.5 µm: the level at the rim over that of the vessel.",
        source: "Krogh's cylinder with first-order uptake",
        evidence: "exact",
        kind: Kind::Gate,
        tolerance: "2 %",
        note: "",
        perturbation: &["fields.oxygen.decay=10.5 /min"],
        full_only: false,
        slow_on_software: false,
        run: cylinder,
    },
    Case {
        id: "A6",
        title: "Binding holds the drug up",
        text: "Time for drug to reach half its outer level at the sealed side of 150 µm of tissue, outside 30 nM: free, with 40 nM of binding sites, also retarded by R 10, and with 400 nM of sites.",
        source: "the model's own equations, solved independently",
        evidence: "C",
        kind: Kind::Gate,
        tolerance: "5 %",
        note: "",
        perturbation: &["fields.drug.diffusivity=149.4 um^2/s"],
        full_only: false,
        slow_on_software: false,
        run: held_up,
    },
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

fn cylinder(bench: &Bench) -> anyhow::Result<Outcome> {
    let mut points = Vec::new();
    for (radius, expected) in [(50.0, 0.8128), (100.0, 0.4233), (150.0, 0.1999)] {
        let size = radius + 2.0;
        let tables = format!(
            r#"
[fields.oxygen]
diffusivity = "1e5 um^2/min"
decay = "10 /min"
solver = "steady"
initial = "30 mmHg"
perfusion = "1e6 /min"
plasma = "38 mmHg"
[[vessel]]
disc = {{ center = ["0 um", "0 um"], radius = "5 um" }}
[[obstacle]]
outside = {{ center = ["0 um", "0 um"], radius = "{radius} um" }}
"#
        );
        let mut simulation = bench.simulation(&in_box(&[size, size], 0.5, "6 s", &tables))?;
        bench.run_to(&mut simulation, 3)?;
        let got = values(&mut simulation, FieldKind::Oxygen)?;
        // The last open voxel along x.
        let rim = (radius / 0.5) as usize - 1;
        points.push(Point {
            x: radius,
            expected,
            got: got[rim] / 38.0,
            allowed: 0.02 * expected,
        });
    }
    let plot = Plot {
        title: "Oxygen at the rim".into(),
        x: Axis::linear("radius of the cylinder (µm)"),
        y: Axis::log("oxygen over the vessel's"),
        series: vec![Series::measured("", points)],
    };
    Ok(Outcome::of(plot, ""))
}

fn held_up(bench: &Bench) -> anyhow::Result<Outcome> {
    let tissues = [
        ("free", "", 0.0, 51.3),
        ("40 nM of sites", "", 40.0, 153.0),
        ("and R 10", "retardation = 10\n", 40.0, 661.0),
        ("400 nM, R 10", "retardation = 10\n", 400.0, 1474.0),
    ];
    let mut points = Vec::new();
    for (ix, (_, extra, sites, expected)) in tissues.into_iter().enumerate() {
        let bound = if sites > 0.0 {
            format!("[fields.drug_bound]\ncapacity = \"{sites} nM\"\n")
        } else {
            String::new()
        };
        let tables = format!(
            "[fields.drug]\ndiffusivity = \"166 um^2/s\"\n{extra}boundary = {{ x_min = \"30 nM\" }}\n{bound}"
        );
        let mut simulation = bench.simulation(&in_box(&[150.0, 10.0], 5.0, "2 s", &tables))?;
        let (mut last, mut now) = (0.0, 0.0);
        // Twice the time that is expected is far too late.
        while now < 15.0 && 2.0 * (simulation.step() as f64) < 2.0 * expected {
            let next = simulation.step() + 1;
            bench.run_to(&mut simulation, next)?;
            last = now;
            now = values(&mut simulation, FieldKind::Drug)?[29];
        }
        let steps = simulation.step() as f64 - (now - 15.0).max(0.0) / (now - last);
        points.push(Point {
            x: ix as f64,
            expected,
            got: 2.0 * steps,
            allowed: 0.05 * expected,
        });
    }
    let plot = Plot {
        title: "Time to half the outer level at 150 µm".into(),
        x: Axis::named("tissue", tissues.map(|t| t.0)),
        y: Axis::log("time (s)"),
        series: vec![Series::measured("", points)],
    };
    Ok(Outcome::of(plot, "s"))
}

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
