//! The life of cells on both engines: division, the causes of death, growth, go-or-grow, and the books of it all.

mod common;

use std::cell::RefCell;

use common::{close, on_both};
use invado::model::Model;
use invado::simulation::EngineError;
use invado::state::{HostState, Phase, generation};

/// Cells of one type that neither crawl nor push, in a flat box.
fn culture(fields: &str, cells: &str, parameters: &str) -> Model {
    Model::from_toml(&format!(
        r#"
title = "culture"
seed = 8
[domain]
size = ["2000 um", "2000 um"]
voxel = "100 um"
[time]
duration = "24 h"
{fields}
[[cells]]
type = "pc-3"
place = {{ rectangle = {{ from = ["0 um", "0 um"], to = ["2000 um", "2000 um"], count = 4000 }} }}
speed = "0 um/h"
{cells}
[parameters]
c_r = "0 um/min"
c_a = "0 um/min"
K_2d = "1 /um^2"
{parameters}
"#
    ))
    .unwrap()
}

/// Steps of one turn of `fate`.
const TURN: u64 = 60;

fn count(state: &HostState, phase: Phase) -> u64 {
    let phases = state.cells.identity.iter().map(|i| Phase::of(i[3]));
    phases.filter(|p| *p == phase).count() as u64
}

/// Founders, births, deaths and removals add up to who is there.
fn books_close(state: &HostState, founders: u64) {
    let tally = &state.tally;
    let dying: u64 = Phase::CAUSES.iter().map(|cause| count(state, *cause)).sum();
    assert_eq!(
        founders + tally.births - tally.removals,
        state.cells.len() as u64
    );
    assert_eq!(tally.all_deaths() - tally.removals, dying);
}

/// Who dies of one cause alone dies of it at its rate, is seen dying, shrinks, and is gone when its time is over.
fn dies_of(cause: Phase, fields: &str, cells: &str, parameters: &str, per_hour: f64) {
    let lasting = "T_apoptosis = \"2 h\"\nT_necrosis = \"2 h\"";
    let model = culture(
        fields,
        &format!("{cells}\ndivision = \"0 /h\""),
        &format!("{parameters}\n{lasting}"),
    );
    on_both("dies_of", &model, |engine, simulation| {
        let what = format!("{engine}: {}", cause.name());
        simulation.run(10 * TURN).unwrap();
        let state = simulation.snapshot().unwrap();
        books_close(&state, 4000);
        let died = state.tally.deaths[cause as usize - Phase::Apoptosis as usize];
        assert_eq!(died, state.tally.all_deaths(), "{what} alone");
        assert_eq!(
            state.tally.removals, 0,
            "{what}: none is gone within an hour"
        );
        let expected = 4000.0 * (1.0 - (-per_hour).exp());
        let sd = (expected * (1.0 - expected / 4000.0)).sqrt();
        let apart = (died as f64 - expected) / sd;
        assert!(
            apart.abs() < 5.0,
            "{what}: {died} died, {expected} ± {sd} expected"
        );
        let full = model.cell_types()[0].radius as f32;
        for (body, identity) in state
            .cells
            .position_radius
            .iter()
            .zip(&state.cells.identity)
        {
            let dying = Phase::of(identity[3]) == cause;
            // Who died in this turn has not begun to shrink.
            assert!(
                if dying {
                    body.w <= full
                } else {
                    body.w == full
                },
                "{what}: {}",
                body.w
            );
        }
        let smallest = state
            .cells
            .position_radius
            .iter()
            .map(|b| b.w)
            .fold(full, f32::min);
        // Nine turns of the twenty in which the radius falls to three tenths.
        close(
            &what,
            f64::from(smallest / full),
            1.0 - 0.7 * 9.0 / 20.0,
            0.01,
        );
        simulation.run(12 * TURN).unwrap();
        let later = simulation.snapshot().unwrap();
        assert!(later.tally.removals > 0, "{what}: the first are gone");
        books_close(&later, 4000);
    });
}

#[test]
fn cells_die_of_apoptosis() {
    dies_of(
        Phase::Apoptosis,
        "",
        "death = \"0.3 /h\"",
        "k_an = \"0 /h\"",
        0.3,
    );
}

#[test]
fn cells_without_matrix_die_of_anoikis() {
    // No matrix: σ is 0. Without gains AKT is 0 from the start.
    let akt = "k_AF = \"0 /h\"\nk_AR = \"0 /h\"\nk_A0 = \"0 /h\"";
    let fields = "[fields.ecm]\ninitial = 0";
    let parameters = format!("k_an = \"0.5 /h\"\n{akt}");
    dies_of(Phase::Anoikis, fields, "death = \"0 /h\"", &parameters, 0.5);
}

#[test]
fn cells_without_oxygen_die_of_necrosis() {
    let fields =
        "[fields.oxygen]\ninitial = \"2 mmHg\"\ndiffusivity = \"0 um^2/s\"\ndecay = \"0 /s\"";
    let cells = "death = \"0 /h\"\noxygen_uptake = \"0 /min\"";
    let parameters = "k_an = \"0 /h\"\nk_hyp = \"0.4 /h\"";
    dies_of(Phase::Necrosis, fields, cells, parameters, 0.4);
}

/// Division falls in proportion between 38 and 5 mmHg and stops there; necrosis begins at 5 mmHg.
#[test]
fn oxygen_limits_division() {
    for (mmhg, share, necrotic) in [
        (40.0, 1.0f64, false),
        (21.5, 0.5, false),
        (5.0, 0.0, false),
        (3.0, 0.0, true),
    ] {
        let fields = format!(
            "[fields.oxygen]\ninitial = \"{mmhg} mmHg\"\ndiffusivity = \"0 um^2/s\"\ndecay = \"0 /s\""
        );
        let cells = "death = \"0 /h\"\noxygen_uptake = \"0 /min\"\ndivision = \"0.5 /h\"";
        let model = culture(&fields, cells, "k_an = \"0 /h\"\nw_dim_2d = 0");
        on_both("oxygen_limits_division", &model, |engine, simulation| {
            simulation.run(TURN).unwrap();
            let tally = simulation.snapshot().unwrap().tally;
            let expected = 4000.0 * (1.0 - (-0.05 * share).exp());
            let apart = tally.births as f64 - expected;
            assert!(
                apart.abs() <= 5.0 * expected.sqrt(),
                "{engine}, {mmhg} mmHg: {} births",
                tally.births
            );
            assert_eq!(tally.deaths[2] > 0, necrotic, "{engine}, {mmhg} mmHg");
        });
    }
}

/// Daughters share the area of a flat mother, lie a radius apart, know their mother, and grow up.
#[test]
fn daughters_share_and_grow() {
    let model = culture(
        "",
        "death = \"0 /h\"\ndivision = \"0.5 /h\"",
        "k_an = \"0 /h\"",
    );
    on_both("daughters_share", &model, |engine, simulation| {
        simulation.run(TURN).unwrap();
        let state = simulation.snapshot().unwrap();
        let cells = &state.cells;
        let full = model.cell_types()[0].radius as f32;
        assert!(state.tally.births > 50, "{engine}");
        for ix in 4000..cells.len() {
            let [_, _, mother, life] = cells.identity[ix];
            assert_eq!(generation(life), 1, "{engine}");
            // Nobody has died: places are ids.
            let (a, b) = (
                cells.position_radius[ix],
                cells.position_radius[mother as usize],
            );
            let area = (a.w * a.w + b.w * b.w) / (full * full);
            close(&format!("{engine}: area"), f64::from(area), 1.0, 1e-5);
            let apart = (a - b).truncate().length();
            // A wall may be in the way of one of them.
            assert!(apart < 1.001 * full, "{engine}: {apart}");
        }
        let first = 4000..cells.len();
        simulation.run(20 * TURN).unwrap();
        let later = simulation.snapshot().unwrap().cells;
        let mothers: Vec<u32> = later.identity.iter().map(|identity| identity[2]).collect();
        // Those of the first turn that have not divided since; nobody has died, so that places are ids.
        let undivided: Vec<usize> = first
            .filter(|ix| !mothers.contains(&(*ix as u32)))
            .collect();
        assert!(
            undivided.len() > 20,
            "{engine}: {} of the first",
            undivided.len()
        );
        let grown = 1.0 - (1.0 - 0.5f64.sqrt()) * (-0.27f64 * 2.0).exp();
        for ix in undivided {
            let radius = f64::from(later.position_radius[ix].w / full);
            close(&format!("{engine}: radius after 2 h"), radius, grown, 1e-4);
        }
    });
}

/// Go or grow: shares settle at the balance of the switches; who goes does not divide, who grows does not crawl.
#[test]
fn cells_go_or_grow() {
    let cells = "death = \"0 /h\"\ndivision = \"0.2 /h\"\nto_go = \"1 /h\"\nto_grow = \"3 /h\"";
    let model = culture("", cells, "k_an = \"0 /h\"\nw_dim_2d = 0");
    on_both("cells_go_or_grow", &model, |engine, simulation| {
        let start = simulation.snapshot().unwrap();
        assert_eq!(count(&start, Phase::Cycling), 0, "{engine}");
        let share =
            |state: &HostState| count(state, Phase::Going) as f64 / state.cells.len() as f64;
        // Standard error of a share of 1/4 among 4000: 0.7 %.
        assert!(
            (share(&start) - 0.25).abs() < 0.035,
            "{engine}: {}",
            share(&start)
        );
        simulation.run(20 * TURN).unwrap();
        let end = simulation.snapshot().unwrap();
        assert!(
            (share(&end) - 0.25).abs() < 0.035,
            "{engine}: {}",
            share(&end)
        );
        // Growth at the rate of the three quarters that divide.
        let growth = end.cells.len() as f64 / 4000.0;
        close(
            &format!("{engine}: growth"),
            growth,
            (0.2f64 * 0.75 * 2.0).exp(),
            0.05,
        );
        books_close(&end, 4000);
    });
}

/// Who goes crawls, who grows stands, who dies stands.
#[test]
fn only_some_phases_crawl() {
    let text = r#"
title = "phases"
[domain]
size = ["500 um", "500 um"]
voxel = "50 um"
[time]
duration = "1 h"
[[cells]]
type = "pc-3"
to_go = "1 /h"
to_grow = "1 /h"
place = { rectangle = { from = ["0 um", "0 um"], to = ["500 um", "500 um"], count = 50 } }
[parameters]
c_r = "0 um/min"
c_a = "0 um/min"
"#;
    let model = Model::from_toml(text).unwrap();
    on_both("only_some_phases_crawl", &model, |engine, simulation| {
        simulation.run(1).unwrap();
        let start = simulation.snapshot().unwrap();
        simulation.run(40).unwrap();
        let cells = simulation.snapshot().unwrap().cells;
        for ix in 0..cells.len() {
            let phase = Phase::of(cells.identity[ix][3]);
            let moved = cells.position_radius[ix] != start.cells.position_radius[ix];
            assert_eq!(moved, phase == Phase::Going, "{engine}: {phase:?}");
        }
    });
}

/// A population that outgrows the scenario's own limit stops the run, on both engines in the same turn of `fate`.
#[test]
fn a_population_beyond_its_limit_stops_the_run() {
    let text = r#"
title = "too many"
most_cells = 130
[domain]
size = ["500 um", "500 um"]
voxel = "50 um"
[time]
duration = "1 h"
[[cells]]
type = "pc-3"
division = "1 /h"
place = { rectangle = { from = ["0 um", "0 um"], to = ["500 um", "500 um"], count = 100 } }
"#;
    let model = Model::from_toml(text).unwrap();
    let ends = RefCell::new(Vec::new());
    on_both("a_population_beyond", &model, |engine, simulation| {
        let error = simulation
            .run(1200)
            .and_then(|()| simulation.snapshot().map(drop))
            .unwrap_err();
        let EngineError::Capacity { capacity, step, .. } = error else {
            panic!("{engine}: {error}");
        };
        assert_eq!(capacity, 130, "{engine}");
        assert!(step > TURN, "{engine}: {step}");
        ends.borrow_mut().push(step);
    });
    let ends = ends.into_inner();
    assert!(ends.iter().all(|step| *step == ends[0]), "{ends:?}");
    let error = Model::from_toml(&text.replace("130", "99"))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("most_cells") && error.contains("100 cells"),
        "{error}"
    );
}
