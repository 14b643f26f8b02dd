//! Speed against adhesion: B6.

use super::ONLY_WALKING;
use crate::model::Signalling;
use crate::state::signal;
use crate::verify::{Axis, Bench, Case, Check, Kind, Outcome, Plot, Point, Series};

pub(super) const CASES: &[Case] = &[Case {
    id: "B6",
    title: "Speed is biphasic in adhesion alone",
    text: "One cell for each of many integrin levels on matrix of several densities: its speed, without what signalling makes of it, depends only on the adhesion strength σ; the maximum stays, and its place moves as the reciprocal of the ligand's density.",
    source: "Palecek 1997",
    evidence: "V",
    kind: Kind::Gate,
    tolerance: "2 % of the speed; 10 % of the optimum's place",
    note: "That σ alone matters and that the optimum moves is Palecek's; the shape 4σ/(1 + σ)² is a design choice.",
    perturbation: &["parameters.rho_star=1"],
    full_only: false,
    slow_on_software: false,
    run: biphasic,
}];

fn biphasic(bench: &Bench) -> anyhow::Result<Outcome> {
    let densities: &[f64] = bench.pick(&[0.25, 1.0], &[0.125, 0.25, 0.5, 1.0, 2.0]);
    let (n, step): (i32, f64) = bench.pick((100, 1.08), (400, 1.02));
    let integrins: Vec<f64> = (0..n).map(|i| 0.02 * step.powi(i)).collect();
    let mut outcome = Outcome::default();
    let mut series = Vec::new();
    for rho in densities {
        // Matrix engages FAK at any density (K_rho), so that it acts as ligand alone.
        let mut text = format!(
            r#"
title = "ladder"
[domain]
size = ["2000 um", "2000 um"]
voxel = "100 um"
[time]
duration = "1 h"
[fields.ecm]
initial = {rho}
[parameters]
{ONLY_WALKING}
G1 = "0 /s"
K_rho = 0.01
"#
        );
        for integrin in &integrins {
            text.push_str(&format!(
                r#"
[[cells]]
type = "mda-mb-231"
integrin = {integrin}
place = {{ rectangle = {{ from = ["0 um", "0 um"], to = ["2000 um", "2000 um"], count = 1 }} }}
"#
            ));
        }
        let mut simulation = bench.simulation(&text)?;
        bench.run_to(&mut simulation, 10)?;
        let cells = simulation.snapshot()?.cells;
        let model = simulation.model();
        let control = Signalling::new(model.parameters()).control();
        let full = model.cell_types()[0].speed;
        let mut points = Vec::new();
        let (mut fastest, mut best) = (0.0, 0.0);
        for ix in 0..cells.len() {
            let row = |r: usize| f64::from(cells.signals[r][ix]);
            let integrin = model.cell_types()[cells.identity[ix][1] as usize].integrin;
            let bonds = 0.5 * row(signal::FA_NASCENT) + row(signal::FA_MATURE);
            let strength = rho / 0.5 * bonds / control.adhesion() * integrin;
            let signalled = 0.25 + 0.75 * row(signal::PCAS) / control.pcas;
            let speed = f64::from(cells.polarity_speed[ix].w) / (full * signalled);
            if speed > fastest {
                (fastest, best) = (speed, integrin);
            }
            let expected = 4.0 * strength / (1.0 + strength).powi(2);
            points.push(Point {
                x: strength,
                expected,
                got: speed,
                allowed: 0.02 * expected,
            });
        }
        points.sort_by(|a, b| a.x.total_cmp(&b.x));
        series.push(Series::new(format!("matrix {rho}"), points));
        outcome.check(Check::within(
            format!("matrix {rho}, maximum"),
            fastest,
            1.0,
            0.02,
            "",
        ));
        let optimum = format!("matrix {rho}, integrin at the maximum");
        // σ is 1 for the control cell on matrix of density 0.5.
        outcome.check(Check::within(optimum, best, 0.5 / rho, 0.1 * 0.5 / rho, ""));
    }
    let plot = Plot {
        title: "Speed against adhesion".into(),
        x: Axis::log("adhesion strength σ"),
        y: Axis::linear("speed over its maximum"),
        series,
    };
    outcome.add(plot, "");
    Ok(outcome)
}
