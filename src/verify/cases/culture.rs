//! A flat culture under the drug: B10.

use super::living;
use crate::state::{HostState, signal};
use crate::verify::{Axis, Bench, Case, Check, Kind, Outcome, Plot, Point, Series};

pub(super) const CASES: &[Case] = &[Case {
    id: "B10",
    title: "A flat culture keeps its number under the drug",
    text: "72 h of MDA-MB-231 in a periodic flat box under 0, 100 and 1000 nM: living cells over the control's, while pFAK at the end is at most 0.2 of control.",
    source: "no loss of number in 2-D below 5 µM",
    evidence: "V",
    kind: Kind::Gate,
    tolerance: "number ≥ 90 % of the control's; pFAK ≤ 0.2",
    note: "Cells divide and die at random; in the full run the standard error of a ratio is about 3 %. The quick run leaves 100 nM out and has a quarter of the cells.",
    perturbation: &["parameters.w_dim_2d=0.7"],
    full_only: false,
    slow_on_software: true,
    run: flat_culture,
}];

fn flat_culture(bench: &Bench) -> anyhow::Result<Outcome> {
    let (edge, founders) = bench.pick((1000, 400), (2000, 1600));
    let (step, per_hour) = bench.pick(("1 min", 60), ("30 s", 120));
    let doses = bench.pick(vec![0.0, 1000.0], vec![0.0, 100.0, 1000.0]);
    let mut counts: Vec<Vec<f64>> = Vec::new();
    let mut pfak = Vec::new();
    let mut control = f64::NAN;
    for &dose in &doses {
        let text = format!(
            r#"
title = "viability"
seed = 5
[domain]
size = ["{edge} um", "{edge} um"]
voxel = "50 um"
periodic = ["x", "y"]
[time]
step = "{step}"
duration = "72 h"
[fields.ecm]
initial = 0.5
[[cells]]
type = "mda-mb-231"
place = {{ rectangle = {{ from = ["0 um", "0 um"], to = ["{edge} um", "{edge} um"], count = {founders} }} }}
[parameters]
G1 = "0 /s"
[dose]
bath = "{dose} nM"
"#
        );
        let mut simulation = bench.simulation(&text)?;
        if dose == 0.0 {
            control = mean_pfak(&simulation.snapshot()?);
        }
        let mut course = Vec::new();
        for hour in (12..=72).step_by(12) {
            bench.run_to(&mut simulation, hour * per_hour)?;
            course.push(living(&simulation.snapshot()?));
        }
        counts.push(course);
        pfak.push(mean_pfak(&simulation.snapshot()?) / control);
    }
    let mut outcome = Outcome::default();
    let mut series = Vec::new();
    for (i, dose) in doses.iter().enumerate().skip(1) {
        let ratio = |k: usize| counts[i][k] / counts[0][k];
        let points = (0..6)
            .map(|k| Point {
                x: 12.0 * (k + 1) as f64,
                expected: f64::NAN,
                got: ratio(k),
                allowed: 0.0,
            })
            .collect();
        series.push(Series::new(format!("{dose} nM"), points));
        let number = format!("number after 72 h of {dose} nM over control");
        outcome.check(Check::least(number, ratio(5), 0.9, ""));
        outcome.check(Check::most(
            format!("pFAK in {dose} nM over control"),
            pfak[i],
            0.2,
            "",
        ));
    }
    series.push(Series::bound(
        "least after 72 h",
        [(12.0, 0.9), (72.0, 0.9)],
    ));
    let plot = Plot {
        title: "Living cells over the control's".into(),
        x: Axis::linear("time (h)"),
        y: Axis::linear("number over control"),
        series,
    };
    outcome.add(plot, "");
    Ok(outcome)
}

fn mean_pfak(state: &HostState) -> f64 {
    let values = &state.cells.signals[signal::PFAK];
    values.iter().map(|v| f64::from(*v)).sum::<f64>() / values.len() as f64
}
