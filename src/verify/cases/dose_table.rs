//! States at rest by dose, and the migration that they predict: A14 and P1.

use super::dish::{dish, first};
use super::plating::{attached, bypasses};
use crate::state::signal;
use crate::verify::{Axis, Bench, Case, Check, Kind, Outcome, Plot, Point, Series};

pub(super) const CASES: &[Case] = &[
    Case {
        id: "A14",
        title: "Dose table, bypass time courses and adhesion assay",
        text: "A line without bypass on matrix 0.5 at rest in 0 to 1000 nM; pFAK of receptor-high and receptor-low lines in 100 nM over time; share attached 15 min after plating in drug.",
        source: "regression table of the model",
        evidence: "D",
        kind: Kind::Gate,
        tolerance: "1 %, and half of the table's last figure",
        note: "The rates are design choices, made so that published anchors hold; the table guards them against change.",
        perturbation: &["parameters.K_app=14 nM"],
        full_only: false,
        slow_on_software: false,
        run: dose_table,
    },
    Case {
        id: "P1",
        title: "Migration under defactinib",
        text: "Crawling speed at rest in 0 to 1000 nM over that of the control, on matrix 0.5, without bypass.",
        source: "none: the model's own regression table",
        evidence: "D",
        kind: Kind::Prediction,
        tolerance: "1 % of the table, and half of its last figure",
        note: "No published dose–response of migration under defactinib could be verified. This curve is a prediction; that it meets the model's own table says that the program computes the model, not that the model is right.",
        perturbation: &["parameters.f_min=0.5"],
        full_only: false,
        slow_on_software: false,
        run: migration,
    },
];

const DOSES: [f64; 6] = [0.0, 3.0, 10.0, 30.0, 100.0, 1000.0];

/// Read-outs relative to control at rest, but for the turnover, /h.
const TABLE: [(&str, [f64; 6]); 8] = [
    ("pFAK", [1.0, 0.803, 0.558, 0.312, 0.147, 0.059]),
    ("p-p130Cas", [1.0, 0.803, 0.548, 0.315, 0.202, 0.171]),
    ("pAKT", [1.0, 0.895, 0.746, 0.575, 0.442, 0.366]),
    ("pERK", [1.0, 0.897, 0.750, 0.599, 0.521, 0.498]),
    ("adhesions", [1.0, 1.017, 1.051, 1.100, 1.130, 1.137]),
    ("turnover (/h)", [3.01, 2.47, 1.78, 1.15, 0.85, 0.76]),
    ("σ", [1.0, 1.04, 1.10, 1.18, 1.23, 1.24]),
    ("speed", [1.0, 0.852, 0.659, 0.483, 0.398, 0.374]),
];

const TURNOVER: usize = 5;

const SIGMA: usize = 6;

const SPEED: usize = 7;

/// The read-outs of [`TABLE`] after a day in a bath, absolute.
fn settled(bench: &Bench, dose: f64) -> anyhow::Result<[f64; 8]> {
    // What is at rest does not depend on the step.
    let mut simulation = bench.simulation(&dish("pc-3", "", "1 min", dose))?;
    bench.run_to(&mut simulation, 1440)?;
    let cells = simulation.snapshot()?.cells;
    let row = |row: usize| first(&cells, row);
    let (n, m) = (row(signal::FA_NASCENT), row(signal::FA_MATURE));
    let speed = cells.polarity_speed.first().map_or(f32::NAN, |p| p.w);
    Ok([
        row(signal::PFAK),
        row(signal::PCAS),
        row(signal::PAKT),
        row(signal::PERK),
        n + m,
        0.3 + 9.3 * row(signal::PCAS),
        0.5 * n + m,
        f64::from(speed),
    ])
}

/// One read-out against its row of the table; the control, at dose 0, stands a decade below the lowest dose.
fn against_table(read_out: usize, steady: &[[f64; 8]]) -> Series {
    let (name, expected) = TABLE[read_out];
    let control = steady[0][read_out];
    let digit = if read_out == TURNOVER || read_out == SIGMA {
        0.005
    } else {
        0.0005
    };
    let points = (0..DOSES.len())
        .map(|i| {
            let got = steady[i][read_out];
            Point {
                x: DOSES[i].max(0.3),
                expected: expected[i],
                got: if read_out == TURNOVER {
                    got
                } else {
                    got / control
                },
                // A control relative to itself is no finding.
                allowed: if i == 0 && read_out != TURNOVER {
                    0.0
                } else {
                    0.01 * expected[i] + digit
                },
            }
        })
        .collect();
    Series::new(name, points)
}

const DOSE_AXIS: &str = "defactinib (nM), control at 0.3";

fn dose_table(bench: &Bench) -> anyhow::Result<Outcome> {
    let steady = DOSES
        .iter()
        .map(|dose| settled(bench, *dose))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut outcome = Outcome::default();
    for (what, read_out, expected) in [
        ("control pFAK", 0, 0.403),
        ("control p-p130Cas", 1, 0.291),
        ("control pAKT", 2, 0.344),
        ("control pERK", 3, 0.291),
    ] {
        outcome.check(Check::within(
            what,
            steady[0][read_out],
            expected,
            0.005 * expected,
            "",
        ));
    }
    outcome.add(
        Plot {
            title: "At rest, over control".into(),
            x: Axis::log(DOSE_AXIS),
            y: Axis::linear("over control"),
            series: [0, 1, 2, 3, 4, SIGMA, SPEED]
                .into_iter()
                .map(|r| against_table(r, &steady))
                .collect(),
        },
        "",
    );
    outcome.add(
        Plot {
            title: "Turnover of mature adhesions".into(),
            x: Axis::log(DOSE_AXIS),
            y: Axis::linear("turnover (/h)"),
            series: vec![against_table(TURNOVER, &steady)],
        },
        "/h",
    );
    outcome.add(bypasses(bench)?, "");
    outcome.add(attached(bench)?, "");
    Ok(outcome)
}

fn migration(bench: &Bench) -> anyhow::Result<Outcome> {
    let steady = DOSES
        .iter()
        .map(|dose| settled(bench, *dose))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let plot = Plot {
        title: "Crawling speed: a prediction".into(),
        x: Axis::log(DOSE_AXIS),
        y: Axis::linear("speed over control"),
        series: vec![against_table(SPEED, &steady)],
    };
    Ok(Outcome::of(plot, ""))
}
