//! The books of a field's mass close, on both engines.

mod common;

use common::{close, on_both};
use invado::cpu::CpuEngine;
use invado::ledger::{Balance, Start, balances};
use invado::model::{FieldKind, Model};
use invado::observe::{Baseline, observe};
use invado::simulation::Simulation;

const FLAT: &str = r#"["160 um", "130 um"]"#;
const DEEP: &str = r#"["80 um", "70 um", "60 um"]"#;
const HILL: &str = r#"{ linear = { axis = "x", from = "100 nM", to = "7 nM" } }"#;

/// A box of voxels of 10 µm and steps of 6 s, with more of a scenario.
fn model(size: &str, more: &str) -> Model {
    let text = format!(
        r#"
title = "books"
question = "Do the books close?"
[domain]
size = {size}
voxel = "10 um"
[time]
step = "6 s"
duration = "20 min"
report = "10 min"
{more}
"#
    );
    Model::from_toml(&text).unwrap()
}

/// Runs 200 steps on each engine and hands the books of each field on; their rest is rounding.
fn run(test: &str, model: &Model, check: impl Fn(&str, &[Balance])) {
    on_both(test, model, |engine, simulation| {
        let start = Start::new(model, &simulation.snapshot().unwrap());
        simulation.run(200).unwrap();
        let state = simulation.snapshot().unwrap();
        let ledgers = simulation.ledgers().unwrap();
        let books = balances(model, &start, &state, &ledgers);
        assert!(!books.is_empty(), "{engine}: no books");
        for book in &books {
            let (rest, turnover) = (book.rest(), book.turnover());
            assert!(
                rest.abs() <= 1e-6 * turnover,
                "{engine}: rest {rest:e} of {book:?}"
            );
            let Balance { amounts, .. } = book;
            assert!(
                amounts.rounding.abs() <= 1e-3 * turnover,
                "{engine}: {book:?}"
            );
            assert!(amounts.sources >= 0.0 && amounts.sinks >= 0.0, "{book:?}");
        }
        check(engine, &books);
    });
}

/// Every solver in 2-D and 3-D, as lines of a field.
fn everywhere(test: &str, more: &str, check: impl Fn(&str, f64, &[Balance])) {
    let solvers = [
        (FLAT, "solver = \"explicit\"", 160.0 * 130.0),
        (FLAT, "solver = \"implicit\"", 160.0 * 130.0),
        (DEEP, "solver = \"explicit\"", 80.0 * 70.0 * 60.0),
        (DEEP, "solver = \"implicit\"", 80.0 * 70.0 * 60.0),
    ];
    for (size, solver, measure) in solvers {
        let explicit = solver.contains("explicit");
        let binding = if explicit { "kinetic" } else { "equilibrium" };
        let text = more.replace("SOLVER", solver).replace("BINDING", binding);
        run(
            &format!("{test}, {solver}"),
            &model(size, &text),
            |engine, books| {
                check(&format!("{engine} {size} {solver}"), measure, books);
            },
        );
    }
}

#[test]
fn a_source_without_loss_is_rate_times_time_times_measure() {
    let text = format!(
        "[fields.attractant]\nledger = true\nSOLVER\ndiffusivity = \"30 um^2/s\"\ndecay = \"0 /s\"\n\
         source = \"0.5 nM/min\"\ninitial = {HILL}\n"
    );
    everywhere("a source", &text, |case, measure, books| {
        close(case, books[0].amounts.sources, 0.5 * 20.0 * measure, 1e-6);
        assert!(books[0].amounts.sinks <= 1e-6 * books[0].mass, "{case}");
        assert_eq!(books[0].amounts.boundary, 0.0, "{case}");
    });
}

/// Backward Euler: what is left after n steps is 1/(1 + λ dt)ⁿ, or of as many substeps, which is between that and e^(−λt).
#[test]
fn decay_takes_what_its_closed_form_says() {
    let text = format!(
        "[fields.attractant]\nledger = true\nSOLVER\ndiffusivity = \"30 um^2/s\"\ndecay = \"1e-3 /s\"\n\
         initial = {HILL}\n"
    );
    everywhere("decay", &text, |case, _, books| {
        let by_steps = 1.0 - (1.0 + 1e-3 * 6.0f64).powi(-200);
        let exact = 1.0 - (-1e-3f64 * 1200.0).exp();
        let taken = books[0].amounts.sinks / books[0].at_start;
        // Of f32 in 200 steps.
        let rounding = 1e-4;
        assert!(
            (by_steps - rounding..=exact + rounding).contains(&taken),
            "{case}: {taken} is not between {by_steps} and {exact}"
        );
        assert!(
            books[0].amounts.sources <= 1e-6 * books[0].at_start,
            "{case}"
        );
    });
}

#[test]
fn what_a_held_face_lets_in_is_what_is_there() {
    let text = "[fields.attractant]\nledger = true\nSOLVER\ndiffusivity = \"30 um^2/s\"\ndecay = \"0 /s\"\n\
         boundary = { x_min = \"20 nM\", y_max = \"3 nM\" }\n";
    everywhere("held faces", text, |case, _, books| {
        let (book, amounts) = (books[0], books[0].amounts);
        close(case, amounts.boundary + amounts.rounding, book.mass, 1e-6);
        assert_eq!(books[0].at_start, 0.0, "{case}");
    });
    let text = "[fields.attractant]\nledger = true\nSOLVER\ndiffusivity = \"30 um^2/s\"\ndecay = \"0 /s\"\n\
         boundary = { x_max = \"0 nM\" }\ninitial = \"9 nM\"\n";
    everywhere("an open face", text, |case, _, books| {
        assert!(
            books[0].amounts.boundary < -0.5 * books[0].at_start,
            "{case}"
        );
    });
}

/// The bath above in 2-D, at the faces in 3-D; non-specific retardation and binding, by kinetics beside substeps and at
/// equilibrium beside the implicit solver.
#[test]
fn a_bath_and_binding_are_in_the_books() {
    let text = format!(
        "[fields.drug]\nledger = true\nSOLVER\ndiffusivity = \"20 um^2/s\"\nretardation = 4\n\
         decay = \"1e-4 /s\"\nuptake = \"1e-4 /s\"\ninitial = {HILL}\n[fields.drug_bound]\nledger = true\n\
         capacity = \"30 nM\"\nbinding = \"BINDING\"\n[dose]\nbath = \"60 nM\"\n"
    );
    everywhere("binding", &text, |case, measure, books| {
        let [free, bound] = books else {
            panic!("{case}: {books:?}");
        };
        assert_eq!(
            (free.kind, bound.kind),
            (FieldKind::Drug, FieldKind::DrugBound)
        );
        let flat = case.contains(FLAT);
        assert_eq!(free.amounts.boundary == 0.0, flat, "{case}");
        close(
            case,
            bound.mass,
            bound.amounts.sources - bound.amounts.sinks,
            1e-5,
        );
        assert!(bound.mass > 20.0 * measure, "{case}: {bound:?}");
        // What is bound comes from the free drug, a fifth of it in solution.
        assert!(free.amounts.sinks > bound.mass / 5.0, "{case}: {free:?}");
    });
}

/// Vessels, a map of obstacles, matrix that hinders, cells that secrete and digest, periodic axes of an odd number.
#[test]
fn vessels_matrix_and_cells_are_in_the_books() {
    let text = |size: &str, disc: &str, cells: &str| {
        model(
            size,
            &format!(
                r#"
[fields.drug]
ledger = true
solver = "implicit"
diffusivity = "20 um^2/s"
solute_radius = "0.54 nm"
perfusion = "1e-2 /s"
[fields.ecm]
ledger = true
initial = 0.6
[fields.mmp]
ledger = true
[fields.tgfb]
ledger = true
solver = "explicit"
diffusivity = "10 um^2/s"
solute_radius = "2.5 nm"
initial = 0.3
[fields.attractant]
ledger = true
diffusivity = "50 um^2/s"
initial = "10 nM"
[[vessel]]
{disc}
[[cells]]
type = "fibroblast"
place = {{ {cells} }}
deposition = "0.1 /h"
attractant_secretion = "2 nM/min"
division = "0.9 /h"
[dose]
bath = "30 nM"
"#
            ),
        )
    };
    let flat = text(
        &format!("{FLAT}\nperiodic = [\"y\"]"),
        r#"disc = { center = ["60 um", "60 um"], radius = "15 um" }"#,
        r#"rectangle = { from = ["0 um", "0 um"], to = ["100 um", "130 um"], density = "1e-3 /um^2" }"#,
    );
    let deep = text(
        DEEP,
        r#"ball = { center = ["40 um", "40 um", "30 um"], radius = "15 um" }"#,
        r#"rectangle = { from = ["0 um", "0 um", "0 um"], to = ["80 um", "70 um", "60 um"], density = "2e-5 /um^3" }"#,
    );
    for (name, model) in [("2-D", flat), ("3-D", deep)] {
        run(name, &model, |engine, books| {
            assert_eq!(books.len(), 5);
            let fed = [FieldKind::Drug, FieldKind::Ecm, FieldKind::Attractant];
            for book in books.iter().filter(|book| fed.contains(&book.kind)) {
                assert!(book.amounts.sources > 0.0, "{engine} {name}: {book:?}");
            }
            let drug = books[0].amounts;
            assert!(
                drug.sinks > 0.0 && drug.sources > drug.sinks,
                "{engine} {name}"
            );
        });
    }
}

/// Loading a state begins new books, and so does no ledger at all.
#[test]
fn books_begin_with_the_state() {
    let text = "[fields.drug]\nledger = true\nsource = \"1 nM/min\"\n[fields.ecm]\ninitial = 0.5\n";
    let model = model(FLAT, text);
    on_both("new books", &model, |engine, simulation| {
        simulation.run(10).unwrap();
        let booked = simulation.ledgers().unwrap();
        assert_eq!(booked.len(), 1, "{engine}");
        assert!(booked[0].amounts.sources > 0.0, "{engine}");
    });
    let mut again = Simulation::new(model.clone(), Box::new(CpuEngine::new(&model))).unwrap();
    assert_eq!(again.ledgers().unwrap()[0].amounts.sources, 0.0);
    let baseline = Baseline::new(&model, &again.snapshot().unwrap());
    again.run(10).unwrap();
    let state = again.snapshot().unwrap();
    let books = baseline.balances(&model, &state, &again.ledgers().unwrap());
    let row = observe(&model, &state, &books, &[], &baseline);
    for what in ["mass", "sources", "sinks", "boundary", "rounding", "rest"] {
        assert!(row.get(&format!("drug_{what}_nm_um2")).is_some(), "{what}");
        assert!(row.get(&format!("ecm_{what}_um2")).is_none(), "{what}");
    }
    close(
        "mass",
        row.get("drug_mass_nm_um2").unwrap(),
        160.0 * 130.0,
        1e-5,
    );
}

/// Books cost nothing of the result.
#[test]
fn a_ledger_changes_no_bit() {
    let text = "[fields.drug]\nledger = LEDGER\nsolver = \"implicit\"\nsource = \"1 nM/min\"\n\
         [fields.tgfb]\nledger = LEDGER\nsolver = \"explicit\"\ndiffusivity = \"10 um^2/s\"\ninitial = 0.3\n";
    let with = model(FLAT, &text.replace("LEDGER", "true"));
    let without = model(FLAT, &text.replace("LEDGER", "false"));
    let mut plain = Simulation::new(without.clone(), Box::new(CpuEngine::new(&without))).unwrap();
    plain.run(20).unwrap();
    let hash = plain.snapshot().unwrap().hash();
    on_both("a ledger", &with, |engine, simulation| {
        simulation.run(20).unwrap();
        let software_or_cpu =
            engine == "cpu" || simulation.engine().description().contains("llvmpipe");
        if software_or_cpu {
            assert_eq!(simulation.snapshot().unwrap().hash(), hash, "{engine}");
        }
    });
}

#[test]
fn a_steady_field_keeps_no_books() {
    let text = r#"
title = "steady"
question = "Is it refused?"
[domain]
size = ["100 um", "100 um"]
voxel = "10 um"
[time]
duration = "10 min"
report = "10 min"
[fields.oxygen]
decay = "1 /s"
solver = "steady"
ledger = true
"#;
    let error = Model::from_toml(text).unwrap_err().to_string();
    assert!(error.contains(":13: fields.oxygen.ledger: "), "{error}");
    assert!(error.contains("remove the key"), "{error}");
}
