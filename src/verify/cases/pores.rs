//! Pores too narrow to pass: B8.

use super::ONLY_WALKING;
use crate::verify::{Axis, Bench, Case, Check, Kind, Outcome, Plot, Point, Series};

pub(super) const CASES: &[Case] = &[Case {
    id: "B8",
    title: "Narrow pores stop cells that do not digest",
    text: "Tumour cells (limit 7 µm²) and T cells (4 µm²) in matrix with pores of 40/ρ µm²: farthest way of any of 40 cells in ten minutes.",
    source: "Wolf 2013",
    evidence: "V",
    kind: Kind::Gate,
    tolerance: "sign: more or less than 0.1 µm",
    note: "The limits are read in the source; the pore area 40/ρ and what protease opens are design choices.",
    perturbation: &["parameters.A_pore=80 um^2"],
    full_only: false,
    slow_on_software: false,
    run: pores,
}];

fn pores(bench: &Bench) -> anyhow::Result<Outcome> {
    let cells = |name: &str| {
        format!(
            r#"
[[cells]]
type = "{name}"
place = {{ rectangle = {{ from = ["100 um", "100 um", "100 um"], to = ["300 um", "300 um", "300 um"], count = 40 }} }}
division = "0 /h"
death = "0 /h"
digestion = 0
"#
        )
    };
    let (tumour, immune) = (cells("mda-mb-231"), cells("cd8"));
    let protease = "[fields.mmp]\ninitial = 1\ndecay = \"0 /s\"";
    let gels = [
        ("ρ 1", 1.0, "", [true, true]),
        ("ρ 7.5", 7.5, "", [false, true]),
        ("ρ 12", 12.0, "", [false, false]),
        ("ρ 12, protease", 12.0, protease, [true, true]),
    ];
    let mut outcome = Outcome::default();
    let names = ["tumour cells", "T cells"];
    let mut points = [Vec::new(), Vec::new()];
    for (gel, (label, rho, protease, moves)) in gels.into_iter().enumerate() {
        let text = format!(
            r#"
title = "pores"
[domain]
size = ["400 um", "400 um", "400 um"]
voxel = "20 um"
[time]
duration = "1 h"
[fields.ecm]
initial = {rho}
{protease}
{tumour}
{immune}
[parameters]
{ONLY_WALKING}
G1 = "0 /s"
G2 = "0 /s"
"#
        );
        let mut simulation = bench.simulation(&text)?;
        let start = simulation.snapshot()?.cells;
        bench.run_to(&mut simulation, 100)?;
        let now = simulation.snapshot()?.cells;
        for ix in 0..2 {
            let far = (start.position_radius.iter().zip(&now.position_radius))
                .zip(&now.identity)
                .filter(|(_, identity)| identity[1] as usize == ix)
                .map(|((a, b), _)| f64::from((*b - *a).truncate().length()))
                .fold(0.0, f64::max);
            let what = format!("{}, {label}", names[ix]);
            outcome.check(if moves[ix] {
                Check::least(what, far, 0.1, "µm")
            } else {
                Check::most(what, far, 0.1, "µm")
            });
            points[ix].push(Point {
                x: gel as f64,
                expected: f64::NAN,
                got: far,
                allowed: 0.0,
            });
        }
    }
    let plot = Plot {
        title: "Farthest way in ten minutes".into(),
        x: Axis::named("matrix", gels.map(|g| g.0)),
        y: Axis::linear("way (µm)"),
        series: (names.into_iter().zip(points))
            .map(|(name, points)| Series::measured(name, points))
            .chain([Series::bound(
                "moves above 0.1 µm",
                [(0.0, 0.1), (3.0, 0.1)],
            )])
            .collect(),
    };
    outcome.add(plot, "µm");
    Ok(outcome)
}
