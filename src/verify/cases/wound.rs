//! A scratch assay against counted cells: B1.

use rayon::prelude::*;

use crate::rng;
use crate::state::HostState;
use crate::verify::{Axis, Bench, Case, Kind, Outcome, Plot, Point, Series};

pub(super) const CASES: &[Case] = &[Case {
    id: "B1",
    title: "A wound in a PC-3 monolayer closes as counted",
    text: "Strips of 1900 µm of a 96-well plate, seeded with 12 000 and 16 000 cells: cells in columns of 50 µm as counted at time zero (mean of three wells), crawling and dividing with the fitted D and λ (262 µm²/h, 0.0428 /h; 573, 0.0492), carrying capacity 1.7e-3 /µm². Relative wound density, cells per area in 650 to 1300 µm over that outside, both less what was in the wound at the start; mean of five seeds.",
    source: "Jin 2016",
    evidence: "V",
    kind: Kind::Shown,
    tolerance: "± 0.10 at 24, 36 and 48 h",
    note: "Cells do next to nothing for the first 12 h after the scratch. That lag is in the data, D and λ were fitted to all of them by a continuum model, and the model has none: ours begin with the scratch. So ours are ahead at 24 h, at the higher density by more than the bound, which is missed there and held at the other five points; 12 h late (shown, not judged) they would be right at first and behind at 48 h, since a continuum with the fitted D and λ, too, makes up for the lag later. Counts by column are those published with VandenHeuvel 2022.",
    perturbation: &["cells.0.persistence=2 h"],
    full_only: true,
    slow_on_software: true,
    run: closes,
}];

/// Cells counted in columns of 50 µm of strips 1430 µm high, mean of three wells, at time zero.
const COUNTED: [[u32; 38]; 2] = [
    [
        37, 43, 40, 34, 25, 22, 27, 25, 31, 26, 23, 21, 6, 2, 2, 0, 0, 0, 0, 0, 1, 1, 3, 2, 1, 0,
        0, 0, 15, 29, 36, 28, 30, 26, 28, 27, 32, 29,
    ],
    [
        59, 56, 52, 51, 48, 47, 46, 51, 40, 36, 29, 22, 6, 0, 0, 1, 0, 0, 1, 1, 0, 1, 1, 1, 2, 8,
        9, 6, 24, 29, 34, 39, 48, 49, 43, 40, 44, 40,
    ],
];

/// A strip whose cells lie in a file beside it.
fn strip(step: &str, speed: f64, division: f64, seed: u64) -> String {
    format!(
        r#"
title = "scratch"
seed = {seed}
[domain]
size = ["1900 um", "1430 um"]
voxel = "10 um"
[time]
step = "{step}"
duration = "48 h"
[[cells]]
type = "pc-3"
speed = "{speed:.4} um/h"
persistence = "0.5 h"
division = "{division} /h"
death = "0 /h"
place = {{ file = "cells.csv" }}
[parameters]
k_an = "0 /h"
K_2d = "1.7e-3 /um^2"
"#
    )
}

/// Counted cells, anywhere in their columns.
fn placed(counted: &[u32; 38], seed: u64) -> String {
    let mut text = "x_um,y_um\n".to_string();
    for (column, count) in counted.iter().enumerate() {
        for n in 0..*count {
            let random = rng::philox4x32([seed as u32, 1], [n, column as u32, 0, 0]);
            let [x, y] = [random[0], random[1]].map(|r| f64::from(rng::unit_f32(r)));
            let x = 50.0 * (column as f64 + x);
            text += &format!("{x:.2},{:.2}\n", 1430.0 * y);
        }
    }
    text
}

/// Cells per µm² in the wound and outside of it.
fn densities(state: &HostState) -> [f64; 2] {
    let all = state.cells.len() as f64;
    let inside = |x: f32| (650.0..1300.0).contains(&x);
    let inside = state.cells.position_radius.iter().filter(|p| inside(p.x));
    let inside = inside.count() as f64;
    [
        inside / (650.0 * 1430.0),
        (all - inside) / (1250.0 * 1430.0),
    ]
}

fn closes(bench: &Bench) -> anyhow::Result<Outcome> {
    let wells = [
        (
            "12 000 seeded",
            262.0f64,
            0.0428,
            [0.0, 0.014, 0.050, 0.112, 0.245],
        ),
        (
            "16 000 seeded",
            573.0,
            0.0492,
            [0.0, 0.002, 0.058, 0.241, 0.480],
        ),
    ];
    let seeds: Vec<u64> = (1..=bench.pick(1, 5)).collect();
    let (step, per_hour) = bench.pick(("30 s", 120), ("12 s", 300));
    let mut outcome = Outcome::default();
    let wells = wells.into_iter().enumerate().skip(bench.pick(1, 0));
    for (ix, (label, diffusivity, division, expected)) in wells {
        // D = S²P/2 in two dimensions.
        let speed = (2.0 * diffusivity / 0.5).sqrt();
        let course = |seed: &u64| -> anyhow::Result<Vec<f64>> {
            let folder = tempfile::tempdir()?;
            std::fs::write(folder.path().join("cells.csv"), placed(&COUNTED[ix], *seed))?;
            let text = strip(step, speed, division, *seed);
            let mut simulation = bench.start(bench.model_in(folder.path(), &text)?)?;
            let [start, _] = densities(&simulation.snapshot()?);
            let mut found = Vec::new();
            for hour in (0..=48).step_by(12) {
                bench.run_to(&mut simulation, hour * per_hour)?;
                let [inside, outside] = densities(&simulation.snapshot()?);
                found.push((inside - start) / (outside - start));
            }
            Ok(found)
        };
        let courses: anyhow::Result<Vec<Vec<f64>>> = if bench.side_by_side {
            seeds.par_iter().map(course).collect()
        } else {
            seeds.iter().map(course).collect()
        };
        let courses = courses?;
        let mean = |k: usize| courses.iter().map(|c| c[k]).sum::<f64>() / courses.len() as f64;
        let point = |k: usize, got: f64, allowed: f64| Point {
            x: 12.0 * k as f64,
            expected: expected[k],
            got,
            allowed,
        };
        let judged = (0..5).map(|k| point(k, mean(k), if k >= 2 { 0.1 } else { 0.0 }));
        // What is expected stands in the picture already.
        let late = (0..5).map(|k| Point {
            expected: f64::NAN,
            ..point(k, mean(k.saturating_sub(1)), 0.0)
        });
        let plot = Plot {
            title: format!("Relative wound density, {label}"),
            x: Axis::linear("time after the scratch (h)"),
            y: Axis::linear("relative wound density"),
            series: vec![
                Series::measured(label, judged.collect()),
                Series::measured("the same 12 h late", late.collect()),
            ],
        };
        outcome.add(plot, "");
    }
    Ok(outcome)
}
