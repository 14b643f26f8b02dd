//! Parts of A14 that go over time: bypasses, and adhesion after plating.

use super::dish::{changed, dish, first};
use crate::state::signal;
use crate::verify::{Axis, Bench, Plot, Point, Series};

pub(super) fn bypasses(bench: &Bench) -> anyhow::Result<Plot> {
    let slow = [
        (1.0, 0.15),
        (24.0, 0.28),
        (72.0, 0.46),
        (168.0, 0.65),
        (672.0, 0.85),
    ];
    let fast = [(0.25, 0.57), (0.5, 0.57), (4.0, 0.91), (24.0, 0.97)];
    let mut series = Vec::new();
    for (line, step, per_hour, course) in [
        ("receptor-low", "1 min", 60.0, &slow[..]),
        ("receptor-high", "6 s", 600.0, &fast[..]),
    ] {
        let mut simulation = bench.simulation(&dish(line, "", step, 100.0))?;
        let control = first(&simulation.snapshot()?.cells, signal::PFAK);
        let mut points = Vec::new();
        for (hours, expected) in course {
            bench.run_to(&mut simulation, (hours * per_hour) as u64)?;
            points.push(Point {
                x: *hours,
                expected: *expected,
                got: first(&simulation.snapshot()?.cells, signal::PFAK) / control,
                allowed: 0.01 * expected + 0.005,
            });
        }
        series.push(Series::new(line, points));
    }
    Ok(Plot {
        title: "Bypass in 100 nM".into(),
        x: Axis::log("time (h)"),
        y: Axis::linear("pFAK over control"),
        series,
    })
}

/// Share of cells attached 15 min after they are put on a new plate, in the drug that they are at rest in.
pub(super) fn attached(bench: &Bench) -> anyhow::Result<Plot> {
    let mut points = Vec::new();
    for (ix, (dose, expected)) in [(0.0, 0.714), (100.0, 0.678), (1000.0, 0.667)]
        .into_iter()
        .enumerate()
    {
        let mut simulation = bench.simulation(&dish("pc-3", "", "1 min", dose))?;
        bench.run_to(&mut simulation, 1440)?;
        let at_rest = simulation.snapshot()?.cells;
        // Put on a new plate, in the same drug.
        let model = bench.model(&dish("pc-3", "", "6 s", dose))?;
        let mut plated = changed(bench, model, |cells| {
            cells.signals = at_rest.signals;
            for row in [signal::FA_NASCENT, signal::FA_MATURE] {
                cells.signals[row].fill(0.0);
            }
        })?;
        bench.run_to(&mut plated, 150)?;
        let cells = plated.snapshot()?.cells;
        points.push(Point {
            x: ix as f64,
            expected,
            got: first(&cells, signal::FA_NASCENT) + first(&cells, signal::FA_MATURE),
            allowed: 0.01 * expected,
        });
    }
    Ok(Plot {
        title: "Adhesion assay, 15 min".into(),
        x: Axis::named("defactinib", ["0 nM", "100 nM", "1000 nM"]),
        y: Axis::linear("attached share"),
        series: vec![Series::measured("attached", points)],
    })
}
