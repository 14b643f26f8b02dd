//! Two cells that push each other: A9.

use crate::simulation::Simulation;
use crate::verify::{Axis, Bench, Case, Kind, Outcome, Plot, Point, Series};

pub(super) const CASES: &[Case] = &[Case {
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
}];

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
