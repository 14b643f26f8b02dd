//! What is done by hand to a run: doses and strokes, on both engines, recorded and done again to the same bits.

mod common;

use common::{close, on_both};
use invado::event::{self, Act, Event, Intake, Level, Paint, Seed};
use invado::model::{FieldKind, Model, Stroke};
use invado::observe::{Baseline, checked};
use invado::simulation::{ActError, Simulation};
use invado::state::{HostState, Phase};

/// A box with a wall, a field with a ledger, two cell types, a compound in the bath and one by mouth.
const BENCH: &str = r#"
title = "bench"
question = "Can it be played with?"
seed = 5
[domain]
size = ["300 um", "200 um"]
voxel = "10 um"
[time]
duration = "24 h"
report = "1 h"
[fields.drug]
diffusivity = "20 um^2/s"
decay = "1e-4 /s"
ledger = true
[fields.ecm]
initial = "0.5"
[fields.attractant]
diffusivity = "10 um^2/s"
[[obstacle]]
rectangle = { from = ["140 um", "0 um"], to = ["160 um", "120 um"] }
[[cells]]
type = "mda-mb-231"
division = "0.1 /h"
place = { rectangle = { from = ["0 um", "0 um"], to = ["130 um", "200 um"], count = 40 } }
[[cells]]
type = "fibroblast"
place = { rectangle = { from = ["170 um", "0 um"], to = ["300 um", "200 um"], count = 12 } }
[dose]
bath = "20 nM"
[[dose.with]]
compound = "mek-inhibitor"
bath = "1 nM"
"#;

fn line(points: &[[f64; 2]], radius_um: f64) -> Stroke {
    Stroke {
        path_um: points.iter().map(|[x, y]| [*x, *y, 0.0]).collect(),
        radius_um,
    }
}

fn paint(field: &str, value: f32, stroke: Stroke) -> Act {
    Act::Paint(Paint {
        field: field.to_string(),
        value,
        stroke,
    })
}

/// A stroke of every kind, and a change of every level, at three moments.
fn acts() -> [(u64, Vec<Act>); 3] {
    let seed = Seed {
        type_ix: 1,
        count: 30,
        stroke: line(&[[220.0, 150.0]], 60.0),
    };
    [
        (
            0,
            vec![paint(
                "ecm",
                2.0,
                line(&[[20.0, 20.0], [250.0, 60.0]], 15.0),
            )],
        ),
        (
            70,
            vec![
                Act::BathNm(300.0),
                Act::Cut(line(&[[60.0, 0.0], [60.0, 200.0]], 25.0)),
                paint("attractant", 50.0, line(&[[200.0, 100.0]], 30.0)),
            ],
        ),
        (
            190,
            vec![
                Act::Level(Level {
                    compound: "mek-inhibitor".to_string(),
                    free_nm: 30.0,
                }),
                Act::Seed(seed),
                paint("drug", 500.0, line(&[[40.0, 100.0], [40.0, 100.0]], 35.0)),
            ],
        ),
    ]
}

fn balanced(model: &Model, state: &HostState) {
    let t = &state.tally;
    assert_eq!(
        u64::from(model.n_cells()) + t.births + t.arrivals,
        state.cells.len() as u64 + t.removals,
        "{t:?}"
    );
}

#[test]
fn a_session_with_strokes_is_done_again_to_the_same_bits() {
    let model = Model::from_toml(BENCH).unwrap();
    let hashes = std::cell::RefCell::new(Vec::new());
    on_both("strokes", &model, |name, simulation| {
        let baseline = Baseline::new(&model, &simulation.snapshot().unwrap());
        for (step, acts) in acts() {
            simulation.run(step - simulation.step()).unwrap();
            for act in acts {
                simulation.act(act).unwrap();
            }
            // Mass that a stroke brings is in the books.
            checked(simulation, &baseline).unwrap();
        }
        simulation.run(110).unwrap();
        let (state, balances) = checked(simulation, &baseline).unwrap();
        assert!(balances[0].amounts.sources > 0.0 && state.tally.arrivals > 10);
        balanced(&model, &state);
        hashes.borrow_mut().push((name.to_string(), state.hash()));

        // Written, read and done again without anyone at the window, in other batches.
        let text = serde_json::to_string(simulation.events()).unwrap();
        let events: Vec<Event> = serde_json::from_str(&text).unwrap();
        assert_eq!(events, simulation.events());
        event::check(&events, &model).unwrap();
        let engine = engine_named(name, &model);
        let mut again = Simulation::new(model.clone(), engine).unwrap();
        again.replay(events.clone()).unwrap();
        for n in [1, 150, 39, 110] {
            again.run(n).unwrap();
        }
        assert_eq!(again.snapshot().unwrap().hash(), state.hash(), "{name}");
        checked(&mut again, &baseline).unwrap();

        // Must fail: a stroke that is one pixel off is seen.
        let mut other = events;
        let Act::Cut(stroke) = &mut other[2].act else {
            panic!("{other:?}");
        };
        stroke.radius_um += 8.0;
        let engine = engine_named(name, &model);
        let mut apart = Simulation::new(model.clone(), engine).unwrap();
        apart.replay(other).unwrap();
        apart.run(300).unwrap();
        assert_ne!(apart.snapshot().unwrap().hash(), state.hash(), "{name}");
    });
    let hashes = hashes.into_inner();
    if let [(_, cpu), (_, gpu)] = &hashes[..] {
        assert!(common::hardware() || cpu == gpu, "{hashes:?}");
    }
}

fn engine_named(name: &str, model: &Model) -> Box<dyn invado::simulation::Engine> {
    let mut engines = common::engines("strokes", model).into_iter();
    engines.find(|engine| engine.name() == name).unwrap()
}

#[test]
fn a_stroke_does_what_is_under_it_and_no_more() {
    let model = Model::from_toml(BENCH).unwrap();
    on_both("strokes", &model, |name, simulation| {
        let before = simulation.snapshot().unwrap();
        let path = line(&[[100.0, 50.0], [200.0, 50.0]], 20.0);
        simulation.act(paint("drug", 80.0, path)).unwrap();
        let state = simulation.snapshot().unwrap();
        let grid = model.grid();
        let closed = model.obstacles().unwrap();
        let mut painted = 0;
        for (ix, drug) in state.field(FieldKind::Drug).unwrap().iter().enumerate() {
            let [x, y] = [ix % 30, ix / 30].map(|i| (i as f64 + 0.5) * grid.voxel_um);
            let off = (100.0 - x).max(x - 200.0).max(0.0);
            let under = off.hypot(y - 50.0) <= 20.0 && !closed[ix];
            painted += usize::from(under);
            assert_eq!(*drug, if under { 80.0 } else { 0.0 }, "{name}: voxel {ix}");
        }
        assert!(painted > 20);
        assert_eq!(state.cells, before.cells);

        let cut = line(&[[50.0, 100.0]], 45.0);
        simulation.act(Act::Cut(cut)).unwrap();
        let state = simulation.snapshot().unwrap();
        let off = |body: &glam::Vec4| (body.x - 50.0).hypot(body.y - 100.0);
        let gone = (before.cells.position_radius.iter())
            .filter(|body| off(body) <= 45.0)
            .count();
        assert!(gone > 2 && before.cells.len() - state.cells.len() == gone);
        assert!(state.cells.position_radius.iter().all(|b| off(b) > 45.0));
        balanced(&model, &state);

        let seed = Seed {
            type_ix: 0,
            count: 500,
            stroke: line(&[[150.0, 100.0]], 60.0),
        };
        let before = state;
        simulation.act(Act::Seed(seed)).unwrap();
        let state = simulation.snapshot().unwrap();
        balanced(&model, &state);
        let bodies = &state.cells.position_radius;
        let new = before.cells.len()..state.cells.len();
        // As many as fit, not as many as were asked for.
        assert!(new.len() > 5 && new.len() < 80, "{}", new.len());
        assert_eq!(bodies[..new.start], before.cells.position_radius[..]);
        for ix in new {
            let body = bodies[ix];
            assert!((body.x - 150.0).hypot(body.y - 100.0) <= 60.0);
            assert!(!closed[grid.voxel_at([body.x, body.y, body.z])]);
            for other in &bodies[..ix] {
                let apart = (body - *other).truncate().length();
                assert!(apart >= 0.799 * (body.w + other.w), "{apart}");
            }
            assert_eq!(state.cells.identity[ix][1], 0);
            assert_eq!(Phase::of(state.cells.identity[ix][3]), Phase::Cycling);
        }
        let ids: Vec<u32> = state.cells.identity.iter().map(|i| i[0]).collect();
        assert!(ids.is_sorted_by(|a, b| a < b) && ids.last() < Some(&state.next_id));
        // And life goes on.
        simulation.run(61).unwrap();
        balanced(&model, &simulation.snapshot().unwrap());
    });
}

#[test]
fn a_level_that_is_set_holds_until_the_next() {
    let model = Model::from_toml(BENCH).unwrap();
    let engine = Box::new(invado::cpu::CpuEngine::new(&model));
    let mut simulation = Simulation::new(model, engine).unwrap();
    let planned = simulation.levels(0);
    let set = |simulation: &mut Simulation, free_nm: f64| {
        let compound = "mek-inhibitor".to_string();
        simulation.act(Act::Level(Level { compound, free_nm }))
    };
    simulation.run(10).unwrap();
    set(&mut simulation, 4.0).unwrap();
    set(&mut simulation, 8.0).unwrap();
    simulation.act(Act::BathNm(7.0)).unwrap();
    assert_eq!(
        simulation.events().len(),
        2,
        "the second took the first's place"
    );
    assert_eq!(simulation.levels(9), planned);
    let mek = simulation.levels(10).mek;
    close("m_MEK", mek, 8.0 * planned.mek, 1e-12);
    assert_eq!(simulation.levels(10).inhibitor_nm, 7.0);
    simulation.run(5).unwrap();
    set(&mut simulation, 0.0).unwrap();
    assert_eq!(simulation.levels(15).mek, 0.0);
    assert_eq!(simulation.levels(14).mek, mek);
}

/// 200 mg every 12 h; the tenth dose is missed by hand: model's own figures of a missed dose in the scenario.
#[test]
fn a_tablet_can_be_missed_and_taken_after_all() {
    let text = |skip: &str| {
        let dose = format!("[dose]\noral = {{ amount = \"200 mg\", every = \"12 h\"{skip} }}\n");
        let end = BENCH.find("[dose]").unwrap();
        BENCH[..end].replace("24 h", "240 h") + &dose
    };
    let planned = Model::from_toml(&text("")).unwrap();
    let skipped = Model::from_toml(&text(", skip = [10]")).unwrap();
    let engine = Box::new(invado::cpu::CpuEngine::new(&planned));
    let mut simulation = Simulation::new(planned.clone(), engine).unwrap();
    simulation.run(3).unwrap();
    let intake = |dose: usize, taken: bool| {
        let compound = "defactinib".to_string();
        Act::Intake(Intake {
            compound,
            dose,
            taken,
        })
    };
    simulation.act(intake(10, false)).unwrap();
    let level = |model: &Model, hours: f64, events: &[Event]| {
        model
            .dose()
            .bath_nm(hours * 60.0, (hours * 600.0) as u64, events)
    };
    for hours in [0.0, 50.0, 107.9, 108.1, 110.0, 119.9, 200.0] {
        let [by_hand, by_file] = [
            level(&planned, hours, simulation.events()),
            level(&skipped, hours, &[]),
        ];
        assert_eq!(by_hand, by_file, "{hours} h");
    }
    assert!(level(&planned, 110.0, &[]) > 2.0 * level(&skipped, 110.0, &[]));
    simulation.run(1).unwrap();
    simulation.act(intake(10, true)).unwrap();
    let again = level(&planned, 110.0, simulation.events());
    assert_eq!(again, level(&planned, 110.0, &[]));
    let refused = |simulation: &mut Simulation, act: Act, why: &str| {
        let before = simulation.events().to_vec();
        let Err(ActError::Refused(told)) = simulation.act(act) else {
            panic!("not refused");
        };
        assert!(told.contains(why), "{told}");
        assert_eq!(simulation.events(), before);
    };
    refused(&mut simulation, intake(1, false), "is over");
    refused(&mut simulation, intake(21, false), "allowed: 1 to 20");
    refused(&mut simulation, intake(0, false), "allowed: 1 to 20");
    let engine = Box::new(invado::cpu::CpuEngine::new(&skipped));
    let mut skipped = Simulation::new(skipped, engine).unwrap();
    refused(&mut skipped, intake(10, true), "leaves dose 10");
}

#[test]
fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let model = Model::from_toml(BENCH).unwrap();
    let engine = Box::new(invado::cpu::CpuEngine::new(&model));
    let mut simulation = Simulation::new(model, engine).unwrap();
    let hash = simulation.snapshot().unwrap().hash();
    let dab = line(&[[50.0, 50.0]], 10.0);
    let seed = |type_ix: usize, count: u32| {
        let stroke = dab.clone();
        Act::Seed(Seed {
            type_ix,
            count,
            stroke,
        })
    };
    let level = |compound: &str, free_nm: f64| {
        let compound = compound.to_string();
        Act::Level(Level { compound, free_nm })
    };
    let wrong = [
        (Act::BathNm(-1.0), "allowed: 0 nM or more"),
        (Act::BathNm(f64::NAN), "allowed: 0 nM or more"),
        (level("mek-inhibitor", -2.0), "allowed: 0 nM or more"),
        (level("mek-inhibitr", 2.0), "Did you mean 'mek-inhibitor'?"),
        (level("defactinib", 2.0), "give its level as bath_nm"),
        (
            paint("oxygen", 2.0, dab.clone()),
            "there are drug, ecm, attractant",
        ),
        (paint("ecm", -2.0, dab.clone()), "allowed: 0 or more"),
        (
            paint("ecm", f32::INFINITY, dab.clone()),
            "allowed: 0 or more",
        ),
        (paint("ecm", 1.0, line(&[], 10.0)), "allowed: 1 to 4096"),
        (Act::Cut(line(&[[50.0, 50.0]], 0.0)), "allowed: above 0 um"),
        (
            Act::Cut(line(&[[50.0, 50.0]], f64::NAN)),
            "allowed: above 0 um",
        ),
        (
            Act::Cut(line(&[[50.0, 201.0]], 9.0)),
            "y = 201 um; allowed: 0 um to 200 um",
        ),
        (Act::Cut(line(&[[f64::NAN, 0.0]], 9.0)), "x = NaN um"),
        (seed(2, 5), "the run has 2"),
        (seed(0, 0), "allowed: 1 to 10000"),
        (seed(0, 1 << 30), "allowed: 1 to 10000"),
    ];
    for (act, why) in wrong {
        let Err(ActError::Refused(told)) = simulation.act(act.clone()) else {
            panic!("{act:?} was not refused");
        };
        assert!(told.contains(why), "{told}");
    }
    assert!(simulation.events().is_empty());
    assert_eq!(simulation.snapshot().unwrap().hash(), hash);
}
