//! The built-in scenarios answer their questions.

mod common;

use common::write_npy;
use invado::cpu::CpuEngine;
use invado::lesson::Ending;
use invado::model::Model;
use invado::observe::{Baseline, Row, observe};
use invado::scenario::{BUILT_IN, Scenario};
use invado::simulation::Simulation;
use invado::spread::Replicates;

fn model(name: &str, sets: &[&str]) -> Model {
    let sets: Vec<String> = sets.iter().map(|s| (*s).to_string()).collect();
    Model::try_from(&Scenario::load(name, &sets).unwrap()).unwrap()
}

/// The last row of a run on the CPU engine.
fn outcome(model: &Model) -> Row {
    let mut simulation = Simulation::new(model.clone(), Box::new(CpuEngine::new(model))).unwrap();
    let baseline = Baseline::new(model, &simulation.snapshot().unwrap());
    simulation.run(model.n_steps()).unwrap();
    let state = simulation.snapshot().unwrap();
    observe(model, &state, &[], &[], &baseline)
}

#[test]
fn every_built_in_scenario_is_valid_and_asks_a_question() {
    for (name, _) in BUILT_IN {
        let model = model(name, &[]);
        assert!(
            !model.title().is_empty() && model.question().ends_with('?'),
            "{name}"
        );
        let any = model.n_cells() > 0 || !model.recruits().is_empty();
        assert!(any, "{name}");
    }
}

/// Closure after 24 h is higher without drug than at 100 nM, for five seeds out of five. Voxels of 19 µm: the drug is
/// uniform here, and the fields are then sixteen times cheaper.
#[test]
fn the_drug_keeps_the_wound_open() {
    let mut runs = Vec::new();
    for seed in 1..=5 {
        for bath in ["0 nM", "100 nM"] {
            runs.push((format!("seed={seed}"), format!("dose.bath={bath}")));
        }
    }
    let closures: Vec<f64> = {
        use rayon::prelude::*;
        runs.par_iter()
            .map(|(seed, bath)| {
                let model = model(
                    "scratch",
                    &[
                        seed,
                        bath,
                        "time.duration=24 h",
                        "time.step=12 s",
                        "domain.voxel=19 um",
                    ],
                );
                outcome(&model).get("wound_closure_percent").unwrap()
            })
            .collect()
    };
    for (seed, pair) in closures.chunks(2).enumerate() {
        let [vehicle, treated] = [pair[0], pair[1]];
        assert!(
            vehicle > treated + 5.0,
            "seed {}: {vehicle:.1} % without, {treated:.1} % with drug",
            seed + 1
        );
        assert!((0.0..100.0).contains(&treated) && vehicle < 100.0);
    }
}

/// `bypass`: within three days of the drug the receptor-high clone grows from three tenths to more than four tenths of the
/// cells; without it both grow alike.
#[test]
fn the_drug_selects_the_clone_that_bypasses_fak() {
    let share = |bath: &str| {
        let row = outcome(&model("bypass", &["time.until=72 h", bath]));
        row.get("count_receptor-high").unwrap() / row.get("cell_count").unwrap()
    };
    let (without, with) = (share("dose.bath=0 nM"), share("dose.bath=100 nM"));
    // Four standard errors of a share of some 1 000 cells from 400 founders.
    assert!((without - 0.3).abs() < 0.09, "{without}");
    assert!(with > 0.42 && with > without + 0.1, "{with} {without}");
}

/// `resensitise`: the FAK inhibitor alone kills nobody, docetaxel alone few of a resistant line, both together many.
#[test]
fn a_fak_inhibitor_makes_a_resistant_line_sensitive() {
    let arms = Scenario::load("resensitise", &[]).unwrap().arms().unwrap();
    let left = |wanted: &str| {
        let (_, arm) = arms.iter().find(|(name, _)| name == wanted).unwrap();
        outcome(&Model::try_from(arm).unwrap())
            .get("cell_count")
            .unwrap()
    };
    let [untreated, drug, docetaxel, both] =
        ["untreated", "defactinib", "docetaxel 100", "both 100"].map(left);
    assert!(drug >= 0.9 * untreated, "{drug} {untreated}");
    assert!(docetaxel >= 0.8 * untreated, "{docetaxel} {untreated}");
    assert!(both <= 0.6 * docetaxel, "{both} {docetaxel}");
}

/// Mean displacement along an axis in standard errors.
fn drift(row: &Row, axis: &str) -> f64 {
    let get = |name: String| row.get(&name).unwrap();
    get(format!("mean_displacement_{axis}_um")) / get(format!("mean_displacement_{axis}_se_um"))
}

const FLAT_MATRIX: &str = "fields.ecm.initial=0.5";
const NO_ATTRACTANT: [&str; 3] = [
    "fields.attractant.initial=0 nM",
    "fields.attractant.boundary.x_min=0 nM",
    "fields.attractant.boundary.x_max=0 nM",
];

#[test]
fn cells_climb_the_attractant() {
    let row = outcome(&model("gradient", &[FLAT_MATRIX]));
    assert!(drift(&row, "x") > 5.0, "{row:?}");
    assert!(drift(&row, "y").abs() < 3.0, "{row:?}");
}

#[test]
fn without_cues_cells_go_nowhere() {
    let row = outcome(&model(
        "gradient",
        &[&NO_ATTRACTANT[..], &[FLAT_MATRIX]].concat(),
    ));
    assert!(
        drift(&row, "x").abs() < 2.0 && drift(&row, "y").abs() < 2.0,
        "{row:?}"
    );
}

#[test]
fn cells_climb_the_matrix_alone() {
    let row = outcome(&model("gradient", &NO_ATTRACTANT));
    assert!(drift(&row, "y") > 5.0, "{row:?}");
    assert!(drift(&row, "x").abs() < 3.0, "{row:?}");
}

#[test]
fn only_parameters_that_matter_are_reported() {
    let reported = |sets: &[&str]| -> Vec<String> {
        invado::record::unverified(&model("scratch", sets))
            .into_iter()
            .map(|p| p.name)
            .collect()
    };
    let bath = reported(&[]);
    assert!(
        bath.contains(&"K_app".to_string()) && bath.contains(&"P_bath".to_string()),
        "{bath:?}"
    );
    assert!(!bath.contains(&"CL_F".to_string()), "no dose by mouth");
    assert!(!bath.contains(&"K_3d".to_string()), "a flat culture");
    assert!(!bath.contains(&"D_attractant".to_string()), "no attractant");
    // A value of the user's own is a design choice, whatever the default's evidence.
    assert!(!bath.contains(&"pc-3.speed".to_string()));
    assert!(reported(&["cells.0.speed=20 um/h"]).contains(&"pc-3.speed".to_string()));
}

const MAPPED: &str = r#"
title = "mapped"
question = "Are files per voxel read?"
[domain]
size = ["40 um", "30 um"]
voxel = "10 um"
[time]
duration = "1 h"
report = "1 h"
[fields.drug]
diffusivity = "0 um^2/s"
initial = { file = "c0.npy" }
source = { file = "s.npy", unit = "nM/h" }
uptake = { file = "k.npy", unit = "/h" }
"#;

/// y' = s − k y per voxel by backward Euler, from files, the same on both engines.
#[test]
fn fields_are_read_from_npy_files() {
    let folder = tempfile::tempdir().unwrap();
    let ramp = |scale: f32| (0..12).map(|i| scale * i as f32).collect::<Vec<f32>>();
    write_npy(&folder.path().join("c0.npy"), &[3, 4], &ramp(1.0));
    write_npy(&folder.path().join("s.npy"), &[3, 4], &ramp(10.0));
    write_npy(&folder.path().join("k.npy"), &[3, 4], &ramp(0.5));
    let parse = |text: &str| {
        Scenario::parse("mapped", "mapped", folder.path(), text, &[])
            .and_then(|s| Model::try_from(&s))
    };
    let model = parse(MAPPED).unwrap();
    let mut ends = Vec::new();
    let mut engines: Vec<Box<dyn invado::simulation::Engine>> =
        vec![Box::new(CpuEngine::new(&model))];
    if let Some(context) = common::gpu("fields_are_read_from_npy_files") {
        engines.push(Box::new(
            invado::gpu::GpuEngine::new(&context, &model).unwrap(),
        ));
    }
    for engine in engines {
        let mut simulation = Simulation::new(model.clone(), engine).unwrap();
        simulation.run(model.n_steps()).unwrap();
        ends.push(simulation.snapshot().unwrap());
    }
    let values = &ends[0].fields[0].1;
    for (i, value) in values.iter().enumerate() {
        let (c0, s, k) = (i as f64, 10.0 * i as f64, 0.5 * i as f64);
        let exact = if i == 0 {
            0.0
        } else {
            s / k + (c0 - s / k) * (-k).exp()
        };
        assert!(
            (f64::from(*value) - exact).abs() < 2e-2 * exact.max(1.0),
            "voxel {i}: {value} against {exact}"
        );
    }
    for other in &ends[1..] {
        assert_eq!(
            invado::verify::compare::compare(
                &ends[0],
                other,
                invado::verify::compare::Tolerance::Share(1e-5)
            ),
            Ok(())
        );
    }
    // Bad files, each with its reason.
    let refused = |why: &str| {
        let error = parse(MAPPED).unwrap_err().to_string();
        assert!(
            error.contains("mapped:12: fields.drug.initial") && error.contains(why),
            "{error}"
        );
    };
    write_npy(&folder.path().join("c0.npy"), &[4, 3], &ramp(1.0));
    refused("shape [4, 3], the grid needs [3, 4]");
    write_npy(&folder.path().join("c0.npy"), &[3, 4], &[f32::NAN; 12]);
    refused("holds NaN at index 0");
    write_npy(&folder.path().join("c0.npy"), &[3, 4], &ramp(-1.0));
    refused("holds -1 at index 1");
    std::fs::write(folder.path().join("c0.npy"), "not a NumPy file").unwrap();
    refused("is not an NPY file");
    std::fs::remove_file(folder.path().join("c0.npy")).unwrap();
    refused("cannot read");
}

proptest::proptest! {
    /// A slip of the pen anywhere in a scenario is an error or a model, never a panic.
    #[test]
    fn a_mistyped_scenario_never_panics(which in 0..BUILT_IN.len(), at in 0usize..2400, typed in "\\PC{0,6}", delete in 0usize..12) {
        let text = BUILT_IN[which].1;
        let start = text.char_indices().map(|(i, _)| i).nth(at).unwrap_or(0);
        let end = text[start..].char_indices().map(|(i, _)| start + i).nth(delete).unwrap_or(start);
        let mistyped = format!("{}{typed}{}", &text[..start], &text[end..]);
        if Model::from_toml(&mistyped).is_ok() {
            let scenario = Scenario::parse("text", "text", std::path::Path::new("."), &mistyped, &[]);
            let _ = scenario.and_then(|s| s.arms()).map(|arms| {
                arms.iter().map(|(_, arm)| Model::try_from(arm).is_ok()).collect::<Vec<_>>()
            });
        }
    }

    #[test]
    fn a_mistyped_override_never_panics(set in "(dose|cells|fields|time|seed|x)?[.0-9a-z]{0,12}=?\\PC{0,12}") {
        let _ = Scenario::load("scratch", &[set]).and_then(|s| Model::try_from(&s));
    }
}

/// What makes the runs of a lesson short without changing what it is about: coarser voxels where fields are uniform,
/// fewer wells where all say the same.
const SHORTER: &[(&str, &[&str])] = &[
    ("scratch", &["domain.voxel=19 um", "time.step=12 s"]),
    (
        "viability",
        &["replicates=1", r#"dose.series=["0 nM", "1 uM"]"#],
    ),
    ("adhesion", &["replicates=1"]),
];

/// How a scenario ends: its last report, or the means of its wells.
fn ending(scenario: &Scenario) -> Ending {
    use rayon::prelude::*;
    let model = Model::try_from(scenario).unwrap();
    let wells = model.wells();
    if wells.is_empty() {
        return outcome(&model).into();
    }
    let rows: Vec<_> = (wells.into_par_iter())
        .map(|well| {
            let row = outcome(&model.in_well(&well));
            (well, vec![row])
        })
        .collect();
    Ending::from(Replicates::by_dose(&rows).as_slice())
}

/// Every scenario that teaches says what it expects, and what comes is in that range. Arms run side by side.
#[test]
fn lessons_come_as_expected() {
    use invado::lesson::{expectations, judge};
    use rayon::prelude::*;
    let mut seen = 0;
    for (name, _) in BUILT_IN {
        let sets = SHORTER.iter().find(|(of, _)| of == &name);
        let sets: Vec<String> = (sets.iter().flat_map(|(_, sets)| *sets))
            .map(|set| (*set).to_string())
            .collect();
        let scenario = Scenario::load(name, &sets).unwrap();
        let expected = expectations(&scenario).unwrap();
        let Some(lesson) = &scenario.file.lesson else {
            continue;
        };
        assert!(
            lesson.explanation.len() > 200 && lesson.look_for.len() > 20,
            "{name}"
        );
        assert!(
            !lesson.settled.is_empty() && !lesson.argued.is_empty(),
            "{name}"
        );
        assert!(!expected.is_empty(), "{name}");
        let start = std::time::Instant::now();
        let mut arms = scenario.arms().unwrap();
        if arms.is_empty() {
            arms.push((String::new(), scenario.clone()));
        }
        let last: Vec<(String, Ending)> = arms
            .par_iter()
            .map(|(arm, scenario)| (arm.clone(), ending(scenario)))
            .collect();
        println!("{name}: {:.1} s", start.elapsed().as_secs_f64());
        for judged in judge(&expected, &last) {
            println!("  {judged}");
            assert!(judged.holds(), "{name}: {judged}");
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
}
