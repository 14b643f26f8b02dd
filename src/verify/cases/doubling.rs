//! A tumour under the drug alone: B15.

use super::living;
use crate::pass::FATE_EVERY;
use crate::simulation::Simulation;
use crate::verify::{Axis, Bench, Case, Check, Kind, Outcome, Plot, Point, Series};

pub(super) const CASES: &[Case] = &[Case {
    id: "B15",
    title: "The drug alone does not hold a tumour up",
    text: "Tumour cells in 3-D matrix, sparse, until they have doubled: the time without drug and under tablets of 200 mg twice a day, for the line without bypass (mda-mb-231) and the one that acquires it (receptor-low).",
    source: "no effect as monotherapy (COMMAND), a guard",
    evidence: "V",
    kind: Kind::Shown,
    tolerance: "doubling time changed by less than 25 %",
    note: "In 3-D the model lets 70 % of division depend on ERK (w_dim, a design choice), and here every cell sees the free level of plasma, 11 to 22 nM by remembered pharmacokinetics, at once. The line without bypass then misses the guard narrowly; the one that acquires a bypass, as lines did in patients, stays within. A tumour whose core the drug reaches late would lie between.",
    perturbation: &["parameters.w_dim_3d=1", "parameters.K_app=0.7 nM"],
    full_only: false,
    slow_on_software: true,
    run: doubling,
}];

/// Time to twice the founders, h, between two turns of `fate`; not a number if it takes more than a week.
fn doubling_h(bench: &Bench, simulation: &mut Simulation) -> anyhow::Result<f64> {
    let goal = 2.0 * living(&simulation.snapshot()?);
    let mut last = 0.5 * goal;
    // In steps of a minute, a turn is an hour.
    for turn in 1..=168 {
        bench.run_to(simulation, FATE_EVERY * turn)?;
        let now = living(&simulation.snapshot()?);
        if now >= goal {
            return Ok(turn as f64 - (now - goal) / (now - last));
        }
        last = now;
    }
    Ok(f64::NAN)
}

fn doubling(bench: &Bench) -> anyhow::Result<Outcome> {
    let founders = bench.pick(700, 4000);
    let lines = ["mda-mb-231", "receptor-low"];
    let mut outcome = Outcome::default();
    let mut points = [Vec::new(), Vec::new()];
    for (ix, line) in lines.into_iter().enumerate() {
        let mut hours = [0.0; 2];
        for (arm, dose) in [
            "",
            "[dose]\noral = { amount = \"200 mg\", every = \"12 h\" }\n",
        ]
        .into_iter()
        .enumerate()
        {
            let text = format!(
                r#"
title = "doubling"
seed = 6
[domain]
size = ["600 um", "600 um", "600 um"]
voxel = "50 um"
periodic = ["x", "y", "z"]
[time]
step = "1 min"
duration = "168 h"
[[cells]]
type = "{line}"
place = {{ rectangle = {{ from = ["0 um", "0 um", "0 um"], to = ["600 um", "600 um", "600 um"], count = {founders} }} }}
[parameters]
c_r = "0 um/min"
c_a = "0 um/min"
{dose}"#
            );
            let mut simulation = bench.simulation(&text)?;
            hours[arm] = doubling_h(bench, &mut simulation)?;
            points[arm].push(Point {
                x: ix as f64,
                expected: f64::NAN,
                got: hours[arm],
                allowed: 0.0,
            });
        }
        let change = 100.0 * (hours[1] / hours[0] - 1.0).abs();
        outcome.check(Check::most(
            format!("change of the doubling time, {line}"),
            change,
            25.0,
            "%",
        ));
    }
    let most = points[0].iter().map(|p| (p.x, 1.25 * p.got));
    let bound = Series::bound("most, no drug + 25 %", most.collect::<Vec<_>>());
    let arms = ["no drug", "200 mg twice a day"].into_iter().zip(points);
    let series = arms
        .map(|(name, points)| Series::measured(name, points))
        .chain([bound])
        .collect();
    let plot = Plot {
        title: "Time to double".into(),
        x: Axis::named("line", lines),
        y: Axis::linear("time (h)"),
        series,
    };
    outcome.add(plot, "h");
    Ok(outcome)
}
