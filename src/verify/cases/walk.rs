//! Persistent walks, in theory and tracked: A11 and B2.

use super::ONLY_WALKING;
use crate::verify::{Axis, Bench, Case, Kind, Outcome, Plot, Point, Series};

pub(super) const CASES: &[Case] = &[
    Case {
        id: "A11",
        title: "A persistent random walk",
        text: "20 000 walkers of S 36 µm/h and P 0.52 h far from any wall: mean squared displacement 2S²P²(t/P − 1 + e^(−t/P)). The quick run has 8000 walkers and ends after 2 h.",
        source: "persistent random walk (Fürth)",
        evidence: "exact",
        kind: Kind::Gate,
        tolerance: "3 %",
        note: "",
        perturbation: &["cells.0.persistence=0.416 h"],
        full_only: false,
        slow_on_software: true,
        run: persistent_walk,
    },
    Case {
        id: "B2",
        title: "Single MDA-MB-231 spread as tracked ones",
        text: "Mean squared displacement of single cells on plastic by time lag, bars of two standard errors, against the preset mda-mb-231 (20 000 walkers). The quick run has 8000 and ends after 2 h.",
        source: "Lee & Lee 2021",
        evidence: "V",
        kind: Kind::Gate,
        tolerance: "two standard errors of the mean, 0.33 to 8 h",
        note: "Tracked positions have an error of localisation; 16.5 µm², 2 µm a coordinate, is added to ours, which makes the point at 0.17 h hold by construction: it is not judged, nor that at 12 h. S and P of the preset were fitted to the same tracks.",
        perturbation: &["cells.0.speed=28.8 um/h"],
        full_only: false,
        slow_on_software: true,
        run: tracked,
    },
];

/// MDA-MB-231 far from any wall.
fn walkers(count: u32) -> String {
    format!(
        r#"
title = "walk"
seed = 3
[domain]
size = ["20000 um", "20000 um"]
voxel = "200 um"
[time]
step = "30 s"
duration = "12 h"
[[cells]]
type = "mda-mb-231"
place = {{ rectangle = {{ from = ["1000 um", "1000 um"], to = ["19000 um", "19000 um"], count = {count} }} }}
division = "0 /h"
death = "0 /h"
[parameters]
{ONLY_WALKING}
"#
    )
}

/// Mean squared displacement at each of some times (h), µm².
fn displacements(bench: &Bench, hours: &[f64]) -> anyhow::Result<Vec<f64>> {
    let mut simulation = bench.simulation(&walkers(bench.pick(8000, 20_000)))?;
    let start = simulation.bodies()?.position_radius;
    let mut found = Vec::new();
    for hours in hours {
        bench.run_to(&mut simulation, (hours * 120.0).round() as u64)?;
        let now = simulation.bodies()?.position_radius;
        let squares = start
            .iter()
            .zip(&now)
            .map(|(a, b)| f64::from((*b - *a).truncate().length_squared()));
        found.push(squares.sum::<f64>() / start.len() as f64);
    }
    Ok(found)
}

fn curve(series: Series) -> Plot {
    Plot {
        title: "Mean squared displacement".into(),
        x: Axis::log("time (h)"),
        y: Axis::log("mean squared displacement (µm²)"),
        series: vec![series],
    }
}

fn persistent_walk(bench: &Bench) -> anyhow::Result<Outcome> {
    let hours = &[0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 12.0][..bench.pick(4, 7)];
    let got = displacements(bench, hours)?;
    let (s, p) = (36.0, 0.52);
    let points = hours
        .iter()
        .zip(got)
        .map(|(t, got)| {
            let expected = 2.0 * s * s * p * p * (t / p - 1.0 + (-t / p).exp());
            Point {
                x: *t,
                expected,
                got,
                allowed: 0.03 * expected,
            }
        })
        .collect();
    Ok(Outcome::of(curve(Series::new("", points)), "µm²"))
}

fn tracked(bench: &Bench) -> anyhow::Result<Outcome> {
    let tracks = [
        (1.0 / 6.0, 50.2, 3.3),
        (1.0 / 3.0, 144.0, 10.0),
        (0.5, 268.0, 19.0),
        (1.0, 763.0, 60.0),
        (2.0, 2084.0, 180.0),
        (4.0, 4882.0, 434.0),
        (8.0, 9852.0, 1051.0),
        (12.0, 14281.0, 1943.0),
    ];
    let tracks = &tracks[..bench.pick(5, 8)];
    let hours: Vec<f64> = tracks.iter().map(|t| t.0).collect();
    let localisation = 16.5;
    let points = displacements(bench, &hours)?
        .into_iter()
        .zip(tracks)
        .map(|(got, (t, expected, sem))| Point {
            x: *t,
            expected: *expected,
            got: got + localisation,
            allowed: if (0.3..=8.0).contains(t) {
                2.0 * sem
            } else {
                0.0
            },
        })
        .collect();
    Ok(Outcome::of(curve(Series::measured("", points)), "µm²"))
}
