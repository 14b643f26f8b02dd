//! Cells without FAK, and lines that bypass it: B9 and B13.

use super::dish::{changed, dish, first};
use crate::state::{signal, traits};
use crate::verify::{Axis, Bench, Case, Check, Kind, Outcome, Plot, Point, Series};

pub(super) const CASES: &[Case] = &[
    Case {
        id: "B9",
        title: "Without FAK cells are slower and adhere more",
        text: "Two cells of one line, one of them without FAK, after 10 h on matrix 0.5: adhesions and speed, cell without FAK over cell with it.",
        source: "Ilić 1995",
        evidence: "V",
        kind: Kind::Gate,
        tolerance: "sign",
        note: "",
        perturbation: &["parameters.k_d1=0 /h"],
        full_only: false,
        slow_on_software: false,
        run: without_fak,
    },
    Case {
        id: "B13",
        title: "Receptor-high and -low lines bracket the published inhibition",
        text: "Loss of pY397 in 1 µM: receptor-high line after 24 h, receptor-low line after 1 h. Published inhibition of lines lies between 20 and 90 %.",
        source: "published inhibition of pY397, 20 to 90 %",
        evidence: "V",
        kind: Kind::Gate,
        tolerance: "below 20 % and above 90 %",
        note: "",
        perturbation: &["cells.0.bypass_fast=0"],
        full_only: false,
        slow_on_software: false,
        run: brackets,
    },
];

fn without_fak(bench: &Bench) -> anyhow::Result<Outcome> {
    // A cell's own FAK counts only where cells of a type differ.
    let differ = "death = \"0 /h\"\nspread_fak = 0.1";
    let text = dish("pc-3", "", "6 s", 0.0).replace("death = \"0 /h\"", differ);
    let mut simulation = changed(bench, bench.model(&text)?, |cells| {
        cells.traits[traits::FAK] = vec![0.0, 1.0];
    })?;
    bench.run_to(&mut simulation, 6000)?;
    let cells = simulation.snapshot()?.cells;
    let adhesions = |ix: usize| {
        f64::from(cells.signals[signal::FA_NASCENT][ix] + cells.signals[signal::FA_MATURE][ix])
    };
    let speed = |ix: usize| f64::from(cells.polarity_speed[ix].w);
    let ratios = [adhesions(0) / adhesions(1), speed(0) / speed(1)];
    let points = (0..2)
        .map(|ix| Point {
            x: ix as f64,
            expected: f64::NAN,
            got: ratios[ix],
            allowed: 0.0,
        })
        .collect();
    let plot = Plot {
        title: "Without FAK over with it".into(),
        x: Axis::named("", ["adhesions", "speed"]),
        y: Axis::linear("ratio"),
        series: vec![
            Series::measured("", points),
            Series::bound("equal", [(0.0, 1.0), (1.0, 1.0)]),
        ],
    };
    let mut outcome = Outcome::of(plot, "");
    outcome.check(Check::least(
        "adhesions without FAK over with",
        ratios[0],
        1.0,
        "",
    ));
    outcome.check(Check::most(
        "speed without FAK over with",
        ratios[1],
        1.0,
        "",
    ));
    Ok(outcome)
}

fn brackets(bench: &Bench) -> anyhow::Result<Outcome> {
    let mut inhibited = Vec::new();
    for (line, minutes) in [("receptor-high", 1440), ("receptor-low", 60)] {
        let mut simulation = bench.simulation(&dish(line, "", "1 min", 1000.0))?;
        let before = first(&simulation.snapshot()?.cells, signal::PFAK);
        bench.run_to(&mut simulation, minutes)?;
        let after = first(&simulation.snapshot()?.cells, signal::PFAK);
        inhibited.push(100.0 * (1.0 - after / before));
    }
    let points = inhibited
        .iter()
        .enumerate()
        .map(|(ix, got)| Point {
            x: ix as f64,
            expected: f64::NAN,
            got: *got,
            allowed: 0.0,
        })
        .collect();
    let plot = Plot {
        title: "Inhibition of pY397 in 1 µM".into(),
        x: Axis::named("line", ["receptor-high, 24 h", "receptor-low, 1 h"]),
        y: Axis::linear("inhibition (%)"),
        series: vec![
            Series::measured("", points),
            Series::bound("published, from 20 %", [(0.0, 20.0), (1.0, 20.0)]),
            Series::bound("to 90 %", [(0.0, 90.0), (1.0, 90.0)]),
        ],
    };
    let mut outcome = Outcome::of(plot, "%");
    outcome.check(Check::most("receptor-high", inhibited[0], 20.0, "%"));
    outcome.check(Check::least("receptor-low", inhibited[1], 90.0, "%"));
    Ok(outcome)
}
