//! What fields and cells do to each other, against closed forms, on both engines.

mod common;

use common::{close, on_both};
use invado::coefficients::Coefficients;
use invado::model::{Channel, FieldKind, Model};
use invado::pass::Pass;
use invado::state::HostState;

fn model(fields: &str) -> Model {
    try_model(fields).unwrap()
}

/// A box of 20 × 20 voxels of 10 µm with these tables; steps of 6 s unless they say otherwise.
fn try_model(tables: &str) -> Result<Model, String> {
    let step = if tables.contains("[time]") {
        ""
    } else {
        "[time]\nstep = \"6 s\"\nduration = \"1000 h\"\n"
    };
    Model::from_toml(&format!(
        r#"
title = "couplings"
[domain]
size = ["200 um", "200 um"]
voxel = "10 um"
{step}
{tables}
"#
    ))
    .map_err(|error| error.to_string())
}

/// `count` cells of a type that stay where and what they are.
fn still_cells(cell_type: &str, count: u32, more: &str) -> String {
    format!(
        r#"
[[cells]]
type = "{cell_type}"
place = {{ rectangle = {{ from = ["20 um", "20 um"], to = ["180 um", "180 um"], count = {count} }} }}
speed = "0 um/h"
division = "0 /h"
death = "0 /h"
{more}
[parameters]
k_an = "0 /h"
c_r = "0 um/min"
c_a = "0 um/min"
"#
    )
}

fn mean(state: &HostState, kind: FieldKind) -> f64 {
    let values = state.field(kind).unwrap();
    values.iter().map(|v| f64::from(*v)).sum::<f64>() / values.len() as f64
}

/// Mean density of `count` cells over the box, relative to the reference density K_2d.
fn density(count: u32) -> f64 {
    f64::from(count) / (200.0 * 200.0) / 1.7e-3
}

/// Both forms of binding end at B/B_T = C/(K_d + C), with drug in excess and with sites in excess. Where sixty times
/// more drug is bound than free, the last digit of the bound is the fifth of the free: 1e-4.
#[test]
fn binding_reaches_its_equilibrium() {
    for form in ["kinetic", "equilibrium"] {
        for (initial, retardation) in [(30.0, 10.0), (2.0, 0.0), (0.01, 10.0)] {
            let model = model(&format!(
                r#"
[fields.drug]
initial = "{initial} nM"
retardation = {retardation}
[fields.drug_bound]
capacity = "40 nM"
binding = "{form}"
"#
            ));
            let name = format!("{form} binding of {initial} nM");
            on_both(&name, &model, |engine, simulation| {
                simulation.run(1000).unwrap();
                let state = simulation.snapshot().unwrap();
                let free = mean(&state, FieldKind::Drug);
                let bound = mean(&state, FieldKind::DrugBound);
                close(
                    &format!("{engine}: {name}: occupancy"),
                    bound / 40.0,
                    free / (0.6 + free),
                    1e-4,
                );
                close(
                    &format!("{engine}: {name}: drug"),
                    (1.0 + retardation) * free + bound,
                    (1.0 + retardation) * initial,
                    1e-6,
                );
            });
        }
    }
}

/// Binding alone neither makes nor loses drug, where it spreads and where cells bring sites: 1e-6 over 1000 steps.
#[test]
fn binding_conserves_drug() {
    for form in ["kinetic", "equilibrium"] {
        let cells = still_cells("pc-3", 60, "");
        let model = model(&format!(
            r#"
[fields.drug]
diffusivity = "2 um^2/s"
initial = {{ gaussian = {{ center = ["60 um", "50 um"], sigma = "30 um", amplitude = "20 nM" }} }}
[fields.drug_bound]
binding = "{form}"
{cells}
"#
        ));
        on_both("conservation", &model, |engine, simulation| {
            let total = |state: &HostState| {
                mean(state, FieldKind::Drug) + mean(state, FieldKind::DrugBound)
            };
            let before = total(&simulation.snapshot().unwrap());
            simulation.run(1000).unwrap();
            let state = simulation.snapshot().unwrap();
            let drug = format!("{engine}: {form}: drug");
            close(&drug, total(&state), before, 1e-6);
            assert!(mean(&state, FieldKind::DrugBound) > 0.1 * before, "{drug}");
            for (_, values) in &state.fields {
                assert!(values.iter().all(|v| *v >= 0.0), "{drug}");
            }
        });
    }
}

/// The must-fail partner: a slow decay of free drug is seen by the same check.
#[test]
fn lost_drug_is_seen() {
    let model = model(
        "[fields.drug]\ninitial = \"30 nM\"\ndiffusivity = \"0 um^2/s\"\ndecay = \"1e-7 /s\"\n[fields.drug_bound]\ncapacity = \"40 nM\"",
    );
    on_both("lost drug", &model, |_, simulation| {
        simulation.run(1000).unwrap();
        let state = simulation.snapshot().unwrap();
        let total = mean(&state, FieldKind::Drug) + mean(&state, FieldKind::DrugBound);
        assert!((total / 30.0 - 1.0).abs() > 1e-6, "{total}");
    });
}

/// Tumour cells digest at G1 per reference density; macrophages beside them do not.
#[test]
fn tumour_cells_digest_matrix_by_contact() {
    for (cell_type, digests) in [("pc-3", 1.0), ("macrophage", 0.0)] {
        let model = model(&format!(
            "[fields.ecm]\ninitial = 1\n{}",
            still_cells(cell_type, 50, "")
        ));
        on_both("digestion", &model, |engine, simulation| {
            simulation.run(10).unwrap();
            let lost = 1.0 - mean(&simulation.snapshot().unwrap(), FieldKind::Ecm);
            // 1e-4 /s for a minute; the second order of the decay is below 1 %.
            let expected = digests * 1e-4 * 60.0 * density(50);
            assert!(
                (lost - expected).abs() <= 0.02 * expected,
                "{engine}: {cell_type}: {lost} against {expected}"
            );
        });
    }
}

/// Fibroblasts lay down collagen at s_c n F/F0 at first, up to rho_max at last; TGF-β that is there sets the pace.
#[test]
fn collagen_is_laid_down_up_to_its_maximum() {
    let fibroblasts = still_cells("fibroblast", 60, "deposition = \"1 /h\"");
    let time = "[time]\nstep = \"1 min\"\nduration = \"200 h\"\n";
    let tgfb = "[fields.tgfb]\ndiffusivity = \"0 um^2/s\"\ndecay = \"0 /s\"\ninitial = 0.5\n";
    for (fields, pace) in [("", 1.0), (tgfb, 0.5)] {
        let model = model(&format!(
            "{time}[fields.ecm]\ninitial = 0.5\n{fields}{fibroblasts}"
        ));
        on_both("collagen", &model, |engine, simulation| {
            simulation.run(1).unwrap();
            let state = simulation.snapshot().unwrap();
            let pfak = state.cells.signals[0]
                .iter()
                .map(|v| f64::from(*v))
                .sum::<f64>()
                / 60.0;
            let rate = pace / 60.0 * density(60) * pfak / 0.405 * (1.0 - 0.05);
            close(
                &format!("{engine}: first minute"),
                mean(&state, FieldKind::Ecm) - 0.5,
                rate,
                0.02,
            );
            simulation.run(6000).unwrap();
            let state = simulation.snapshot().unwrap();
            let values = state.field(FieldKind::Ecm).unwrap();
            let most = values.iter().fold(0.0f32, |m, v| m.max(*v));
            close(&format!("{engine}: densest"), f64::from(most), 10.0, 1e-4);
        });
    }
}

/// Cells take up oxygen at their rate times the value, or less by 1 + O/K; protease, TGF-β and attractant are given.
#[test]
fn cells_take_up_and_secrete_at_their_rates() {
    let still = "diffusivity = \"0 um^2/s\"\ndecay = \"0 /s\"";
    let cells = still_cells("pc-3", 50, "attractant_secretion = \"3 nM/min\"");
    let time = "[time]\nstep = \"0.006 s\"\nduration = \"1 h\"\n";
    for (k_oxygen, less) in [("1e9 mmHg", 1.0), ("38 mmHg", 0.5)] {
        let model = model(&format!(
            r#"
{time}
[fields.oxygen]
{still}
initial = "38 mmHg"
[fields.mmp]
{still}
[fields.tgfb]
{still}
[fields.attractant]
{still}
{cells}
K_oxygen = "{k_oxygen}"
"#
        ));
        on_both("uptake and secretion", &model, |engine, simulation| {
            simulation.run(3).unwrap();
            let state = simulation.snapshot().unwrap();
            let pcas = f64::from(state.cells.signals[2][0]) / 0.291;
            let minutes = 3e-4;
            let taken = 1.0 - mean(&state, FieldKind::Oxygen) / 38.0;
            let n = density(50);
            for (what, got, rate) in [
                ("uptake", taken, less * 10.0),
                ("protease", mean(&state, FieldKind::Mmp), pcas * 0.1 / 60.0),
                ("TGF-β", mean(&state, FieldKind::Tgfb), 2.0 / 60.0),
                ("attractant", mean(&state, FieldKind::Attractant), 3.0),
            ] {
                close(&format!("{engine}: {what}"), got, rate * minutes * n, 0.02);
            }
        });
    }
}

/// Retarded drug decays slower by 1 + R.
#[test]
fn retardation_slows_what_is_not_binding() {
    let model = model(
        "[fields.drug]\ndiffusivity = \"0 um^2/s\"\ninitial = \"10 nM\"\ndecay = \"1e-3 /s\"\nretardation = 9",
    );
    on_both("retardation", &model, |engine, simulation| {
        simulation.run(100).unwrap();
        let state = simulation.snapshot().unwrap();
        close(
            &format!("{engine}: drug"),
            mean(&state, FieldKind::Drug),
            10.0 * (-0.06f64).exp(),
            1e-3,
        );
    });
}

/// Vessels bring a field toward their level at rate · share, slower by e^(−rho/3) in matrix.
#[test]
fn vessels_exchange_and_matrix_compresses_them() {
    for (matrix, squeeze) in [("", 1.0), ("[fields.ecm]\ninitial = 6\n", (-2.0f64).exp())] {
        // All of the box is vessel.
        let model = model(&format!(
            "{matrix}[fields.drug]\ndiffusivity = \"0 um^2/s\"\nperfusion = \"0.1 /min\"\n\
             [fields.oxygen]\ndiffusivity = \"0 um^2/s\"\ndecay = \"0 /s\"\nperfusion = \"0.1 /min\"\n\
             plasma = \"40 mmHg\"\n[[vessel]]\ndisc = {{ center = [\"100 um\", \"100 um\"], radius = \"200 um\" }}\n\
             [dose]\nbath = \"80 nM\"\n"
        ));
        on_both("vessels", &model, |engine, simulation| {
            simulation.run(100).unwrap();
            let state = simulation.snapshot().unwrap();
            let filled = 1.0 - (-0.1 * squeeze * 10.0f64).exp();
            for (kind, level) in [(FieldKind::Drug, 80.0), (FieldKind::Oxygen, 40.0)] {
                close(
                    &format!("{engine}: {} behind {matrix}", kind.name()),
                    mean(&state, kind),
                    level * filled,
                    5e-3,
                );
            }
        });
    }
}

/// A model stores the sums that its fields read and runs the passes that it needs.
#[test]
fn fields_that_are_not_named_cost_nothing() {
    let places = |fields: &str, cells: &str| {
        let model = model(&format!("{fields}{cells}"));
        let deposits = model.deposits();
        let places: Vec<_> = deposits.iter().map(|d| (d.channel, d.place)).collect();
        (places, model.n_sums())
    };
    let tumour = still_cells("pc-3", 5, "");
    let macrophage = still_cells("macrophage", 5, "");
    let old = "[fields.drug]\n[fields.ecm]\ninitial = 1\n[fields.fak]\n[fields.attractant]\n";
    // A tumour alone digests with every cell: its sum is that of the cells.
    let expected = vec![
        (Channel::Cells, 0),
        (Channel::Pfak, 1),
        (Channel::Digestion, 0),
    ];
    assert_eq!(places(old, &tumour), (expected, 2));
    let expected = vec![(Channel::Cells, 0), (Channel::Pfak, 1)];
    assert_eq!(places(old, &macrophage), (expected, 2));
    assert_eq!(
        places("[fields.drug]\n", &tumour),
        (vec![(Channel::Cells, 0)], 1)
    );
    assert_eq!(places(old, ""), (vec![], 0));
    let needed = |fields: &str| {
        let coefficients = Coefficients::new(&model(fields));
        let needed = Pass::ALL.into_iter().filter(|p| p.is_needed(&coefficients));
        needed.collect::<Vec<_>>()
    };
    assert!(!needed(old).contains(&Pass::Bind) && !needed(old).contains(&Pass::Deposit));
    let bound = needed("[fields.drug]\n[fields.drug_bound]\n");
    assert!(bound.contains(&Pass::Bind));
}

#[test]
fn wrong_bindings_are_refused_with_their_place() {
    for (tables, said) in [
        (
            "[fields.drug_bound]\n",
            "fields.drug_bound: the field drug is missing",
        ),
        (
            "[fields.drug]\n[fields.drug_bound]\nbinding = \"kinetics\"\n",
            "text:12: fields.drug_bound.binding: no form of binding is called 'kinetics'. Did you mean 'kinetic'?",
        ),
        (
            "[fields.drug]\ncapacity = \"3 nM\"\n",
            "text:11: fields.drug.capacity: only fields.drug_bound takes this key",
        ),
        (
            "[fields.drug]\n[fields.drug_bound]\ncapacity = \"-3 nM\"\n",
            "text:12: fields.drug_bound.capacity: \"-3 nM\" is negative; allowed: 0 or more",
        ),
        (
            "[fields.oxygen]\nretardation = 3\n",
            "text:11: fields.oxygen.retardation: oxygen is not retarded; only fields.drug takes this key",
        ),
        (
            "[fields.drug]\nretardation = \"3 nM\"\n",
            "text:11: fields.drug.retardation",
        ),
    ] {
        let error = try_model(tables).unwrap_err();
        assert!(error.contains(said), "{error}");
    }
}
