//! T cells among tumour cells: B12.

use crate::verify::{Axis, Bench, Case, Check, Kind, Outcome, Plot, Point, Series};

pub(super) const CASES: &[Case] = &[Case {
    id: "B12",
    title: "A T cell kills 2 to 16 tumour cells a day",
    text: "Crawling CD8 T cells among MDA-MB-231 on matrix 0.5, one for 25, none exhausted: hits for each T cell, counted over the time so far and told as a day's.",
    source: "published killing by cytotoxic T cells",
    evidence: "V",
    kind: Kind::Gate,
    tolerance: "2 to 16 a day at the end",
    note: "The killing rate while attached is published (V); search, PD-L1 and exhaustion are design choices.",
    perturbation: &["cells.1.kill=5e-4 /min"],
    full_only: false,
    slow_on_software: true,
    run: kills,
}];

fn kills(bench: &Bench) -> anyhow::Result<Outcome> {
    let (edge, prey, killers) = bench.pick((600, 500, 20), (1200, 2000, 80));
    let hours = bench.pick(12, 24);
    let place = |count: u32| {
        format!(
            r#"place = {{ rectangle = {{ from = ["0 um", "0 um"], to = ["{edge} um", "{edge} um"], count = {count} }} }}"#
        )
    };
    let text = format!(
        r#"
title = "kills"
seed = 6
[domain]
size = ["{edge} um", "{edge} um"]
voxel = "20 um"
[time]
duration = "24 h"
[fields.ecm]
initial = 0.5
[[cells]]
type = "mda-mb-231"
{}
[[cells]]
type = "cd8"
{}
most_kills = 1000
"#,
        place(prey),
        place(killers)
    );
    let mut simulation = bench.simulation(&text)?;
    let (mut points, mut hits) = (Vec::new(), 0);
    for hour in (2..=hours).step_by(2) {
        bench.run_to(&mut simulation, hour * 600)?;
        hits += simulation.kills()?.len();
        points.push(Point {
            x: hour as f64,
            expected: f64::NAN,
            got: hits as f64 / f64::from(killers) * 24.0 / hour as f64,
            allowed: 0.0,
        });
    }
    let last = points.last().map_or(f64::NAN, |point| point.got);
    let end = hours as f64;
    let plot = Plot {
        title: "Kills of a T cell".into(),
        x: Axis::linear("time (h)"),
        y: Axis::linear("kills a day"),
        series: vec![
            Series::new("", points),
            Series::bound("least", [(2.0, 2.0), (end, 2.0)]),
            Series::bound("most", [(2.0, 16.0), (end, 16.0)]),
        ],
    };
    let mut outcome = Outcome::of(plot, "");
    outcome.check(Check::least("kills of a T cell a day", last, 2.0, ""));
    outcome.check(Check::most("kills of a T cell a day", last, 16.0, ""));
    Ok(outcome)
}
