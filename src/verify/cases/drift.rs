//! Walkers along a cue: A10.

use super::ONLY_WALKING;
use crate::verify::{Axis, Bench, Case, Kind, Outcome, Plot, Point, Series, Size};

pub(super) const CASES: &[Case] = &[Case {
    id: "A10",
    title: "Walkers drift along a cue as the circle says",
    text: "Walkers of persistence P that a constant cue turns at a rate k: the mean cosine toward the cue is I₁(kP)/I₀(kP). The full run has 60 000 walkers at the weakest cue and 8000 at the others.",
    source: "von Mises distribution",
    evidence: "exact",
    kind: Kind::Gate,
    tolerance: "3 %",
    note: "Walkers are random: of 8000, the standard error of the index is about 1 % at kP 0.5.",
    perturbation: &["cells.0.persistence=0.4 h"],
    full_only: false,
    slow_on_software: true,
    run: drift,
}];

/// I_n(x), n = 0 or 1, by its series.
fn bessel(order: u32, x: f64) -> f64 {
    let mut term = (0.5 * x).powi(order as i32);
    let mut sum = term;
    for m in 1..30 {
        term *= (0.5 * x).powi(2) / f64::from(m * (m + order));
        sum += term;
    }
    sum
}

fn drift(bench: &Bench) -> anyhow::Result<Outcome> {
    let strengths: &[f64] = bench.pick(&[1.0, 2.0], &[0.1, 0.5, 1.0, 2.0]);
    let mut points = Vec::new();
    for &kp in strengths {
        // The statistical error of a small index is the larger share of it.
        let (count, moments) = match (kp < 0.3, bench.size) {
            (true, _) => (60_000, 40),
            (false, Size::Quick) => (4000, 10),
            (false, Size::Full) => (8000, 20),
        };
        // P 0.5 h; a difference of 1 over 4000 µm is 0.0005 across a cell of 2 µm.
        let rate = kp / 0.5 / (2.0 / 4000.0);
        let text = format!(
            r#"
title = "drift"
seed = 4
[domain]
size = ["4000 um", "4000 um"]
voxel = "40 um"
[time]
step = "30 s"
duration = "100 h"
[fields.ecm]
initial = {{ linear = {{ axis = "x", from = 0.2, to = 1.2 }} }}
[[cells]]
type = "pc-3"
place = {{ rectangle = {{ from = ["200 um", "200 um"], to = ["3800 um", "3800 um"], count = {count} }} }}
speed = "1 um/h"
radius = "1 um"
persistence = "0.5 h"
haptotaxis = "{rate} /h"
division = "0 /h"
death = "0 /h"
[parameters]
{ONLY_WALKING}
G1 = "0 /s"
"#
        );
        let mut simulation = bench.simulation(&text)?;
        // Five persistence times make it stationary.
        bench.run_to(&mut simulation, 300)?;
        let mut sum = 0.0;
        for moment in 1..=moments {
            bench.run_to(&mut simulation, 300 + 60 * moment)?;
            let polarities = simulation.snapshot()?.cells.polarity_speed;
            let n = polarities.len() as f64;
            sum += polarities.iter().map(|p| f64::from(p.x)).sum::<f64>() / n;
        }
        let expected = bessel(1, kp) / bessel(0, kp);
        points.push(Point {
            x: kp,
            expected,
            got: sum / moments as f64,
            allowed: 0.03 * expected,
        });
    }
    let plot = Plot {
        title: "Drift index".into(),
        x: Axis::log("turning rate times persistence kP"),
        y: Axis::log("mean cosine toward the cue"),
        series: vec![Series::new("", points)],
    };
    Ok(Outcome::of(plot, ""))
}
