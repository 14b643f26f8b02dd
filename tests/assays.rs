//! The assays of the bench: what cells do in them, and what is read off.

mod common;

use std::collections::HashMap;

use invado::cpu::CpuEngine;
use invado::model::{Model, ProfilePlan};
use invado::observe::profile::Profile;
use invado::observe::{Baseline, Row, observe};
use invado::scenario::Scenario;
use invado::simulation::Simulation;

fn model(name: &str, sets: &[&str]) -> Model {
    let sets: Vec<String> = sets.iter().map(|s| (*s).to_string()).collect();
    Model::try_from(&Scenario::load(name, &sets).unwrap()).unwrap()
}

fn simulation(model: &Model) -> Simulation {
    Simulation::new(model.clone(), Box::new(CpuEngine::new(model))).unwrap()
}

/// The last row of a run on the CPU engine.
fn outcome(model: &Model) -> Row {
    let mut simulation = simulation(model);
    let baseline = Baseline::new(model, &simulation.snapshot().unwrap());
    simulation.run(model.n_steps()).unwrap();
    let state = simulation.snapshot().unwrap();
    observe(model, &state, &[], &[], &baseline)
}

/// Sets of a small and quick insert: a third of the membrane.
const SMALL: [&str; 4] = [
    r#"domain.size=["120 um", "120 um", "144 um"]"#,
    r#"fields.ecm.initial.rectangle.to=["120 um", "120 um", "80 um"]"#,
    r#"cells.0.place.rectangle.to=["120 um", "120 um", "112 um"]"#,
    "cells.0.place.rectangle.count=40",
];

/// Where a cell is: the part of the box, and the storage index of its voxel.
fn place(model: &Model, at: glam::Vec4) -> (i32, usize) {
    let [low, high] = model.assays().transwell.unwrap().wall_um;
    let z = f64::from(at.z);
    let part = i32::from(z >= low) + i32::from(z >= high);
    (part, model.grid().voxel_at([at.x, at.y, at.z]))
}

/// Cells are followed step by step: none is ever in the wall of the membrane, and whoever changes sides was in a pore on
/// the way, on both engines; and some do pass. The same history of cells that the wall does not stop is seen to be wrong.
#[test]
fn cells_cross_the_membrane_by_its_pores_alone() {
    let steps = 360;
    let history = |simulation: &mut Simulation, model: &Model| {
        let passage = model.passage().unwrap();
        let (mut before, mut crossed, mut faults) = (HashMap::new(), 0, 0);
        for _ in 0..steps {
            let state = simulation.snapshot().unwrap();
            let cells = state
                .cells
                .identity
                .iter()
                .zip(&state.cells.position_radius);
            for (identity, at) in cells {
                let (part, voxel) = place(model, *at);
                faults += usize::from(part == 1 && passage[voxel] == 0.0);
                let was = before.insert(identity[0], part).unwrap_or(part);
                faults += usize::from(was.abs_diff(part) > 1);
                crossed += usize::from(was == 1 && part == 0);
            }
            simulation.run(1).unwrap();
        }
        (crossed, faults)
    };
    // Fast cells close above the membrane, so that many pass within three hours.
    let near = [
        "cells.0.speed=72 um/h",
        r#"cells.0.place.rectangle.from=["0 um", "0 um", "56 um"]"#,
    ];
    let model = model("transwell", &[&SMALL[..], &near[..]].concat());
    common::on_both(
        "cells_cross_the_membrane_by_its_pores_alone",
        &model,
        |engine, simulation| {
            let (crossed, faults) = history(simulation, &model);
            assert_eq!(faults, 0, "{engine}");
            assert!(crossed >= 3, "{engine}: {crossed}");
        },
    );
    // Without the wall the same reading finds cells where there would be one.
    let open = Scenario::load("transwell", &[]).unwrap().text;
    let at = open.find("[[obstacle]]").unwrap();
    let (head, tail) = open.split_at(at);
    let tail = &tail[tail.find("[[cells]]").unwrap()..];
    let open = format!("{head}{tail}");
    let open = open.replace(
        "[assay.transwell]\nto = \"z_min\"\nfield = \"0.25 mm^2\"\ncontrol = \"no coat\"\n",
        "",
    );
    let sets: Vec<String> = [&SMALL[..], &near[..]]
        .concat()
        .iter()
        .map(|s| (*s).to_string())
        .collect();
    let open = Scenario::parse("open", "open", std::path::Path::new("."), &open, &sets).unwrap();
    let mut free = simulation(&Model::try_from(&open).unwrap());
    assert!(history(&mut free, &model).1 > 0);
}

/// The denser the coat, the fewer get through; without protease, none through a dense one.
#[test]
fn the_invasion_index_falls_with_the_density_of_the_coat() {
    use rayon::prelude::*;
    let arms = Scenario::load("transwell", &SMALL.map(String::from))
        .unwrap()
        .arms()
        .unwrap();
    let below: Vec<(String, f64)> = (arms.par_iter())
        .map(|(name, arm)| {
            let row = outcome(&Model::try_from(arm).unwrap());
            (name.clone(), row.get("cells_below").unwrap())
        })
        .collect();
    let names: Vec<&str> = below.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "no coat",
            "coat 3",
            "coat 4.5",
            "coat 6",
            "coat 6 without protease"
        ]
    );
    let counts: Vec<f64> = below.iter().map(|(_, count)| *count).collect();
    assert!(counts[0] >= 10.0, "{below:?}");
    assert!(counts[..4].is_sorted_by(|a, b| a > b), "{below:?}");
    assert_eq!(counts[4], 0.0, "{below:?}");
}

/// Attached cells after a quarter of an hour, as the signalling table says, on both engines.
#[test]
fn plated_cells_attach_as_the_table_says() {
    for (dose, expected) in [("0 nM", 0.714), ("100 nM", 0.678), ("1 uM", 0.667)] {
        let text = Scenario::load("adhesion", &["cells.0.spread_fak=0".to_string()])
            .unwrap()
            .text;
        let from = text.find("series = ").unwrap();
        let to = from + text[from..].find("times").unwrap();
        let text = text.replace(&text[from..to], &format!("bath = \"{dose}\"\n"));
        let text = text
            .replace("replicates = 3", "")
            .replace("times = [\"5 min\", \"15 min\"]", "");
        let text = &text[..text.find("[lesson]").unwrap_or(text.len())];
        let model = Model::from_toml(text).unwrap();
        common::on_both(
            "plated_cells_attach_as_the_table_says",
            &model,
            |engine, simulation| {
                let baseline = Baseline::new(&model, &simulation.snapshot().unwrap());
                let at = |simulation: &mut Simulation| {
                    let state = simulation.snapshot().unwrap();
                    observe(&model, &state, &[], &[], &baseline)
                        .get("attached_fraction")
                        .unwrap()
                };
                assert_eq!(at(simulation), 0.0);
                simulation.run(model.n_steps()).unwrap();
                common::close(&format!("{engine}, {dose}"), at(simulation), expected, 0.01);
            },
        );
    }
}

/// Along the strip each kind of cell is fastest where its adhesion is that of control cells at rho*: at 0.5 over the
/// integrin level.
#[test]
fn the_fastest_place_moves_with_the_integrins() {
    let model = model("biphasic", &["cells.0.place.rectangle.count=2000"]);
    let mut simulation = simulation(&model);
    simulation.run(model.n_steps()).unwrap();
    let plan = ProfilePlan { axis: 0, bins: 40 };
    let profile = Profile::new(&model, &simulation.snapshot().unwrap().cells, plan);
    let fastest = |type_ix: usize| {
        let speeds = &profile.speed_um_per_h[type_ix];
        let best = (0..40)
            .max_by(|a, b| speeds[*a].total_cmp(&speeds[*b]))
            .unwrap();
        0.1 * (best as f64 + 0.5)
    };
    let [few, normal, many] = [0, 1, 2].map(fastest);
    assert!((1.4..3.0).contains(&few), "{few}");
    assert!((0.3..0.9).contains(&normal), "{normal}");
    assert!((0.05..0.3).contains(&many), "{many}");
}

/// Errors of the sections name place and remedy.
#[test]
fn wrong_assays_are_named() {
    for (sets, parts) in [
        (
            vec!["assay.transwell.to=x_min"],
            vec!["assay.transwell.to", "z_min"],
        ),
        (
            vec!["assay.transwell.field=3 um"],
            vec!["assay.transwell.field", "another dimension"],
        ),
        (
            vec!["assay.spheroid.cover_radius=1 um"],
            vec!["assay.spheroid.cover_radius", "8.4 um"],
        ),
    ] {
        let sets: Vec<String> = sets.into_iter().map(String::from).collect();
        let scenario = Scenario::load("transwell", &sets).unwrap();
        let error = Model::try_from(&scenario).unwrap_err().to_string();
        for part in parts {
            assert!(error.contains(part), "{sets:?}: {error}");
        }
    }
    let scenario = Scenario::load("tracks", &["assay.transwell.to=x_min".to_string()]).unwrap();
    let error = Model::try_from(&scenario).unwrap_err().to_string();
    assert!(
        error.contains("there are 0") && error.contains("[[obstacle]]"),
        "{error}"
    );
}
