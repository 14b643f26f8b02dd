//! Cells that push and crawl: A9 to A11 and B2.

use super::{Axis, Bench, Case, Kind, Outcome, Plot, Point, Series};
use crate::simulation::Simulation;

pub(super) const CASES: &[Case] = &[
    Case {
        id: "A9",
        title: "Two cells relax to their rest distance",
        text: "Two PC-3 that neither crawl nor divide: repulsion and adhesion balance at d/R = 0.952, R the sum of the radii. The curve is the equation of motion, integrated in f64.",
        source: "mechanics of PhysiCell, Ghaffarizadeh 2018",
        evidence: "exact",
        kind: Kind::Gate,
        tolerance: "1 %",
        note: "",
        perturbation: &["parameters.c_a=0.8 um/min"],
        full_only: false,
        slow_on_software: false,
        run: rest,
    },
    Case {
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
    },
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

/// Parameters under which cells do nothing but walk.
pub(super) const ONLY_WALKING: &str = r#"
k_an = "0 /h"
c_r = "0 um/min"
c_a = "0 um/min"
"#;

fn rest(bench: &Bench) -> anyhow::Result<Outcome> {
    let text = r#"
title = "pair"
[domain]
size = ["200 um", "200 um"]
voxel = "10 um"
[time]
duration = "100 h"
[[cells]]
type = "pc-3"
place = { rectangle = { from = ["84 um", "84 um"], to = ["116 um", "116 um"], count = 2 } }
speed = "0 um/h"
division = "0 /h"
death = "0 /h"
[parameters]
k_an = "0 /h"
c_r = "10 um/min"
c_a = "0.4 um/min"
"#;
    let mut simulation = bench.simulation(text)?;
    let apart = |simulation: &mut Simulation| -> anyhow::Result<f64> {
        let cells = simulation.snapshot()?.cells.position_radius;
        let way = (cells[0] - cells[1]).truncate().length();
        Ok(f64::from(way) / f64::from(cells[0].w + cells[1].w))
    };
    let reach = 2.0 * simulation.model().cell_types()[0].radius;
    let mut expected = apart(&mut simulation)?;
    let mut points = Vec::new();
    let end = bench.pick(1800, 3000);
    for step in (0..=end).step_by(60) {
        bench.run_to(&mut simulation, step)?;
        points.push(Point {
            x: 0.1 * step as f64,
            expected,
            got: apart(&mut simulation)?,
            allowed: 0.01 * expected,
        });
        // On to the next point: both cells move.
        for _ in 0..6000 {
            let push = 10.0 * (1.0 - expected).max(0.0).powi(2);
            let pull = 0.4 * (1.0 - expected / 1.25).max(0.0).powi(2);
            expected += 1e-3 * 2.0 * (push - pull) / reach;
        }
    }
    let plot = Plot {
        title: "Distance of the two cells".into(),
        x: Axis::linear("time (min)"),
        y: Axis::linear("distance over sum of radii"),
        series: vec![Series::new("", points)],
    };
    Ok(Outcome::of(plot, ""))
}

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
            (false, super::Size::Quick) => (4000, 10),
            (false, super::Size::Full) => (8000, 20),
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
