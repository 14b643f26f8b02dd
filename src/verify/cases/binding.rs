//! A vessel in its tissue, and drug that binds on its way: A5 and A6.

use super::{in_box, values};
use crate::model::FieldKind;
use crate::verify::{Axis, Bench, Case, Kind, Outcome, Plot, Point, Series};

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
