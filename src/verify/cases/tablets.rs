//! Exposure in closed form: A13.

use crate::verify::{Axis, Bench, Case, Check, Kind, Outcome, Plot, Point, Series};

pub(super) const CASES: &[Case] = &[Case {
    id: "A13",
    title: "Tablets twice a day follow their closed form",
    text: "200 mg every 12 h for a week, the 14th missed: depot and one compartment, C = F·D·k_a/(V(k_a − k_e))·(e^(−k_e t) − e^(−k_a t)), summed over tablets; k_a 1 /h, CL/F 96.6 L/h, V/F 1254 L.",
    source: "one-compartment pharmacokinetics",
    evidence: "exact",
    kind: Kind::Gate,
    tolerance: "0.1 %",
    note: "The formula is exact; its constants are remembered (M), so that plasma levels and clinical times are illustrative.",
    perturbation: &["parameters.CL_F=101.43 L/h"],
    full_only: false,
    slow_on_software: false,
    run: tablets,
}];

fn tablets(bench: &Bench) -> anyhow::Result<Outcome> {
    let text = r#"
title = "tablets"
[domain]
size = ["60 um", "60 um"]
voxel = "10 um"
[time]
step = "30 s"
duration = "168 h"
[fields.drug]
[dose]
oral = { amount = "200 mg", every = "12 h", skip = [14] }
"#;
    let model = bench.model(text)?;
    let plasma = |hour: f64| {
        let columns = model
            .dose()
            .columns(60.0 * hour, (120.0 * hour) as u64, &[]);
        let found = columns.iter().find(|(name, _)| name == "plasma_ng_ml");
        found.map_or(f64::NAN, |(_, level)| *level)
    };
    let (k_a, volume, dose) = (1.0, 1254.0, 200e3);
    let k_e = 96.6 / volume;
    let closed = |hour: f64| -> f64 {
        (0..14)
            .filter(|tablet| *tablet != 13)
            .map(|tablet| hour - 12.0 * f64::from(tablet))
            .filter(|since| *since > 0.0)
            .map(|since| {
                dose * k_a / (volume * (k_a - k_e)) * ((-k_e * since).exp() - (-k_a * since).exp())
            })
            .sum()
    };
    let points = (1..=336)
        .map(|i| {
            let hour = 0.5 * f64::from(i);
            Point {
                x: hour,
                expected: closed(hour),
                got: plasma(hour),
                allowed: 1e-3 * closed(hour),
            }
        })
        .collect();
    let plot = Plot {
        title: "Plasma level (illustrative)".into(),
        x: Axis::linear("time (h)"),
        y: Axis::linear("plasma level (ng/mL)"),
        series: vec![Series::new("", points)],
    };
    let mut outcome = Outcome::of(plot, "ng/mL");
    // Minute by minute after the 13th tablet.
    let minutes = (0..720).map(|i| (f64::from(i) / 60.0, plasma(144.0 + f64::from(i) / 60.0)));
    let (at, most) = minutes.fold(
        (0.0, 0.0),
        |best, next| if next.1 > best.1 { next } else { best },
    );
    for (what, got, expected, unit) in [
        ("highest level at steady state", most, 222.7, "ng/mL"),
        ("trough at steady state", plasma(156.0), 113.7, "ng/mL"),
        ("accumulation", plasma(156.0) / plasma(12.0), 1.658, ""),
        (
            "trough after the missed tablet",
            plasma(168.0),
            45.1,
            "ng/mL",
        ),
    ] {
        outcome.check(Check::within(what, got, expected, 1e-3 * expected, unit));
    }
    // Found to the minute, and 2.23 to its last figure.
    let what = "time of the highest level";
    outcome.check(Check::within(what, at, 2.23, 0.5 / 60.0 + 0.005, "h"));
    Ok(outcome)
}
