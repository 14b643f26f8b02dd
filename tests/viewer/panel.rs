//! What the window does, without a window: its panels by their accessible names, and the player behind them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use invado::cpu::CpuEngine;
use invado::event::Act;
use invado::ledger::Ledger;
use invado::model::{Model, Stroke};
use invado::pass::Pass;
use invado::scenario::Scenario;
use invado::simulation::{Engine, EngineError, StepInput};
use invado::state::{HostState, Workings};
use invado::viewer::{Controls, EngineMaker, Plan, Player, Stage, apply_style};

const LONG: Duration = Duration::from_secs(240);

struct Desk {
    stage: Stage,
    controls: Controls,
}

fn cpu() -> EngineMaker {
    Arc::new(|model: &Model| Ok(Box::new(CpuEngine::new(model))))
}

/// The scratch assay on a tenth of its strip.
fn plan(sets: &[&str]) -> Plan {
    let mut all = vec!["domain.size=[\"1900 um\", \"152 um\"]".to_string()];
    for (ix, x) in [(0, ["0 um", "650 um"]), (1, ["1300 um", "1900 um"])] {
        all.push(format!(
            "cells.{ix}.place={{ rectangle = {{ from = [\"{}\", \"0 um\"], to = [\"{}\", \"152 um\"], density = \"1.1e-3 /um^2\" }} }}",
            x[0], x[1]
        ));
    }
    all.push("assay.scratch.to=[\"1300 um\", \"152 um\"]".to_string());
    all.extend(sets.iter().map(|set| set.to_string()));
    Plan::new(&Scenario::load("scratch", &all).unwrap()).unwrap()
}

fn desk(plan: Plan, make_engine: EngineMaker) -> Desk {
    let mut stage = Stage::new(plan, make_engine, Arc::new(|| ()), "no adapter".to_string());
    assert!(
        stage
            .player
            .wait_for(LONG, |p| p.is_ready() || p.error().is_some())
    );
    Desk {
        stage,
        controls: Controls::default(),
    }
}

fn harness(desk: Desk) -> Harness<'static, Desk> {
    Harness::builder()
        .with_size([700.0, 1400.0])
        .with_context_setup(apply_style)
        .build_ui_state(
            |ui, desk: &mut Desk| {
                desk.stage.player.refresh();
                desk.stage.clock(ui, &mut desk.controls);
                desk.stage.side_panel(ui, &mut desk.controls);
            },
            desk,
        )
}

/// Lets frames pass until something holds of the player.
fn until(harness: &mut Harness<'_, Desk>, what: &str, holds: impl Fn(&Player) -> bool) {
    let start = std::time::Instant::now();
    loop {
        harness.run_steps(1);
        if holds(&harness.state().stage.player) {
            harness.run_steps(2);
            return;
        }
        assert!(start.elapsed() < LONG, "waited for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn hash(harness: &Harness<'_, Desk>, arm: usize) -> String {
    harness.state().stage.player.state(arm).unwrap().hash()
}

#[test]
fn the_dose_slider_changes_the_treated_arm_alone_and_is_recorded() {
    let mut harness = harness(desk(plan(&[]), cpu()));
    let baths = |harness: &Harness<'_, Desk>| {
        let player = &harness.state().stage.player;
        [0, 1].map(|arm| player.bath_nm(arm))
    };
    assert_eq!(baths(&harness), [0.0, 100.0]);
    let slider = harness.get_by_role_and_label(Role::Slider, "Defactinib in bath");
    slider.set_value_accesskit(1000.0);
    until(&mut harness, "1 µM", |p| {
        p.is_settled() && p.bath_nm(1) == 1000.0
    });
    let events = harness.state().stage.player.events(1);
    assert_eq!((events.len(), &events[0].act), (1, &Act::BathNm(1000.0)));
    harness.get_by_label("Control").click();
    until(&mut harness, "no drug", |p| {
        p.is_settled() && p.bath_nm(1) == 0.0
    });
    assert_eq!(baths(&harness), [0.0, 0.0]);
}

#[test]
fn a_regimen_is_said_to_be_illustrative_and_can_be_overridden() {
    let oral = plan(&["dose={ oral = { amount = \"200 mg\" } }"]);
    let mut harness = harness(desk(oral, cpu()));
    harness
        .get_by_label_contains("illustrative, not clinical")
        .rect();
    let slider = harness.get_by_role_and_label(Role::Slider, "Defactinib in plasma");
    slider.set_value_accesskit(1000.0);
    until(&mut harness, "1 µM", |p| {
        p.is_settled() && p.bath_nm(1) == 1000.0
    });
    assert_eq!(harness.state().stage.player.events(1).len(), 1);
}

/// Play that is pressed while the first state is still being made is not forgotten.
#[test]
fn play_can_be_pressed_before_there_is_a_state() {
    let go = Arc::new(AtomicBool::new(false));
    let gate = go.clone();
    let slow: EngineMaker = Arc::new(move |model: &Model| {
        while !gate.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(Box::new(CpuEngine::new(model)))
    });
    let mut harness = harness(Desk {
        stage: Stage::new(plan(&[]), slow, Arc::new(|| ()), "no adapter".to_string()),
        controls: Controls::default(),
    });
    harness.get_by_label("Play").click();
    harness.run_steps(2);
    assert!(!harness.state().stage.player.is_ready());
    harness.get_by_label("Pause").rect();
    go.store(true, Ordering::Relaxed);
    until(&mut harness, "time to pass", |p| p.step_now() > 0);
}

#[test]
fn step_runs_one_step_and_reset_begins_again() {
    let mut harness = harness(desk(plan(&[]), cpu()));
    harness.get_by_label("Step").click();
    until(&mut harness, "a step", |p| p.step_now() == 1);
    let once = hash(&harness, 1);
    assert_ne!(once, hash(&harness, 0), "the vehicle has no drug");

    harness.get_by_label("10 nM").click();
    until(&mut harness, "10 nM", |p| {
        p.is_settled() && p.bath_nm(1) == 10.0
    });
    harness.get_by_label("Reset").click();
    until(&mut harness, "the start", |p| {
        p.is_settled() && p.step_now() == 0
    });
    let player = &harness.state().stage.player;
    assert_eq!(player.bath_nm(1), 100.0);
    assert!(player.events(1).is_empty() && player.rows(1).len() == 1);
    harness.get_by_label("Step").click();
    until(&mut harness, "a step", |p| p.step_now() == 1);
    assert_eq!(hash(&harness, 1), once, "the same seed gives the same bits");

    harness.get_by_label("New seed").click();
    until(&mut harness, "the start", |p| {
        p.is_settled() && p.step_now() == 0
    });
    assert_eq!(harness.state().stage.player.model().seed(), 8);
    harness.get_by_label("Step").click();
    until(&mut harness, "a step", |p| p.step_now() == 1);
    assert_ne!(hash(&harness, 1), once);
}

#[test]
fn the_button_plays_and_pauses_and_time_runs_meanwhile() {
    let mut harness = harness(desk(plan(&[]), cpu()));
    harness.get_by_label("Play").click();
    until(&mut harness, "some steps", |p| {
        p.is_playing() && p.step_now() > 3
    });
    harness.get_by_label("Pause").click();
    until(&mut harness, "a pause", |p| {
        p.is_settled() && !p.is_playing()
    });
    let step = harness.state().stage.player.step_now();
    std::thread::sleep(Duration::from_millis(100));
    harness.run_steps(3);
    let player = &harness.state().stage.player;
    assert_eq!(player.step_now(), step);
    let states = [0, 1].map(|arm| player.state(arm).unwrap().step);
    assert_eq!(states, [step; 2], "one clock");
}

#[test]
fn playing_ends_with_the_scenario() {
    let mut player = desk(plan(&["time.duration=6 min", "time.report=6 min"]), cpu())
        .stage
        .player;
    player.set_speed(600.0);
    player.toggle();
    assert!(player.wait_for(LONG, |p| p.is_finished() && !p.is_playing()));
    assert_eq!(player.step_now(), 60);
    assert_eq!(player.latest(1, "time_h"), Some(0.1));
    player.toggle();
    assert!(!player.is_playing(), "nothing starts after the end");
    let sessions = player.finish();
    assert_eq!(sessions.len(), 2);
    assert!(
        sessions
            .iter()
            .all(|s| s.state.step == 60 && s.rows.len() >= 2)
    );
}

#[test]
fn scrubbing_shows_what_was_and_a_fork_goes_on_from_there() {
    let mut harness = harness(desk(plan(&["time.duration=2 h"]), cpu()));
    let player = &mut harness.state_mut().stage.player;
    player.step(60);
    until(&mut harness, "60 steps", |p| {
        p.is_settled() && p.step_now() == 60
    });
    let at_60 = hash(&harness, 1);
    let player = &mut harness.state_mut().stage.player;
    player.step(60);
    until(&mut harness, "120 steps", |p| {
        p.is_settled() && p.step_now() == 120
    });
    let player = &mut harness.state_mut().stage.player;
    player.scrub(0.1);
    assert_eq!((player.shown_step(), player.step_now()), (60, 120));
    assert_eq!(player.state(1).unwrap().hash(), at_60);
    harness.run_steps(2);
    harness.get_by_label("Latest").click();
    harness.run_steps(2);
    assert_eq!(harness.state().stage.player.shown_step(), 120);

    harness.state_mut().stage.player.scrub(0.1);
    harness.run_steps(2);
    harness.get_by_label("Fork here").click();
    until(&mut harness, "the fork", |p| {
        p.is_settled() && p.step_now() == 60
    });
    harness.get_by_label("1 µM").click();
    until(&mut harness, "1 µM", |p| {
        p.is_settled() && p.bath_nm(1) == 1000.0
    });
    let player = &mut harness.state_mut().stage.player;
    player.step(60);
    until(&mut harness, "120 steps", |p| {
        p.is_settled() && p.step_now() == 120
    });
    let player = &mut harness.state_mut().stage.player;
    let future = &player.futures()[0];
    assert_eq!((future.arm, future.fork_step), (1, 60));
    let pfak = |rows: &[Arc<invado::observe::Row>]| rows.last().unwrap().get("mean_pfak").unwrap();
    assert!(
        pfak(player.rows(1)) < pfak(&future.rows),
        "ten times the dose"
    );
    let sessions = player.finish();
    assert_eq!(sessions.len(), 3, "two arms and the future that was left");

    // Each of the three, from time zero without a window, to the same bits.
    for session in sessions {
        let model = (*session.model).clone();
        let engine = Box::new(CpuEngine::new(&model));
        let mut again = invado::simulation::Simulation::new(model, engine).unwrap();
        again.replay(session.events.clone()).unwrap();
        again.run(session.state.step).unwrap();
        let name = &session.name;
        assert_eq!(
            again.snapshot().unwrap().hash(),
            session.state.hash(),
            "{name}"
        );
    }
}

#[test]
fn a_stroke_while_paused_is_seen_at_once_in_both_arms_and_replays() {
    let mut player = desk(plan(&[]), cpu()).stage.player;
    player.step(5);
    assert!(player.wait_for(LONG, |p| p.is_settled() && p.step_now() == 5));
    let before = player.state(1).unwrap().cells.len();
    let stroke = Stroke {
        path_um: vec![[100.0, 76.0, 0.0], [500.0, 76.0, 0.0]],
        radius_um: 40.0,
    };
    player.act(None, Act::Cut(stroke));
    assert!(player.wait_for(LONG, |p| p.state(1).unwrap().cells.len() < before));
    assert!(player.state(0).unwrap().cells.len() < before);
    let cells = player.state(1).unwrap().cells.len();
    assert_eq!(player.latest(1, "cell_count"), Some(cells as f64));
    let outside = Stroke {
        path_um: vec![[-5.0, 0.0, 0.0]],
        radius_um: 40.0,
    };
    player.act(None, Act::Cut(outside));
    assert!(player.wait_for(LONG, |p| p.refused().is_some()));
    assert!(player.refused().unwrap().contains("allowed"));
    player.step(5);
    assert!(player.wait_for(LONG, |p| p.is_settled() && p.step_now() == 10));
    for session in player.finish() {
        let model = (*session.model).clone();
        let engine = Box::new(CpuEngine::new(&model));
        let mut again = invado::simulation::Simulation::new(model, engine).unwrap();
        again.replay(session.events.clone()).unwrap();
        again.run(10).unwrap();
        assert_eq!(again.snapshot().unwrap().hash(), session.state.hash());
    }
}

#[test]
fn a_tablet_is_missed_by_hand() {
    let oral = plan(&["dose={ oral = { amount = \"200 mg\", every = \"12 h\" } }"]);
    let mut harness = harness(desk(oral, cpu()));
    harness.get_by_label("12 h").click();
    until(&mut harness, "a missed dose", |p| p.events(1).len() == 1);
    harness.get_by_label("missed 12 h").click();
    until(&mut harness, "the dose again", |p| {
        p.events(1)[0].act.told().ends_with("taken")
    });
    assert!(
        harness.state().stage.player.events(0).len() == 1,
        "the vehicle has its own"
    );
}

#[test]
fn a_lesson_asks_first_and_reveals_later() {
    let scenario = Scenario::load("priming", &[]).unwrap();
    let mut harness = harness(desk(Plan::new(&scenario).unwrap(), cpu()));
    harness.get_by_label_contains("Predict first").rect();
    assert!(harness.query_by_label_contains("the expected").is_none());
    for i in 0..2 {
        let guesses: Vec<_> = harness.get_all_by_label("higher").collect();
        guesses[i].click();
        harness.run_steps(3);
    }
    harness.get_by_label_contains("Now play").rect();
    harness.get_by_label("Step").click();
    until(&mut harness, "a step", |p| p.step_now() == 1);
    harness.get_by_label("Reveal").click();
    harness.run_steps(3);
    assert!(harness.get_all_by_label_contains("the expected").count() >= 2);
    assert!(harness.get_all_by_label_contains("You said higher").count() >= 1);
}

/// An engine whose third step fails.
struct Brittle(CpuEngine);

impl Engine for Brittle {
    fn name(&self) -> &'static str {
        "cpu"
    }
    fn description(&self) -> String {
        "a test".to_string()
    }
    fn load(&mut self, state: &HostState) -> Result<(), EngineError> {
        self.0.load(state)
    }
    fn run(&mut self, inputs: &[StepInput]) -> Result<(), EngineError> {
        if inputs.iter().any(|input| input.step == 2) {
            return Err(EngineError::Crowding {
                limit: 9,
                time_h: 0.005,
                step: 2,
            });
        }
        self.0.run(inputs)
    }
    fn download(&mut self) -> Result<HostState, EngineError> {
        self.0.download()
    }
    fn run_pass(&mut self, pass: Pass, input: StepInput) -> Result<(), EngineError> {
        self.0.run_pass(pass, input)
    }
    fn ledgers(&mut self) -> Result<Vec<Ledger>, EngineError> {
        self.0.ledgers()
    }
    fn download_workings(&mut self) -> Result<Workings, EngineError> {
        self.0.download_workings()
    }
    fn load_workings(&mut self, workings: &Workings) -> Result<(), EngineError> {
        self.0.load_workings(workings)
    }
}

#[test]
fn an_error_stops_play_and_is_shown_with_its_remedy() {
    let brittle: EngineMaker =
        Arc::new(|model: &Model| Ok(Box::new(Brittle(CpuEngine::new(model)))));
    let mut harness = harness(desk(plan(&[]), brittle));
    for step in 1..=2 {
        harness.get_by_label("Step").click();
        until(&mut harness, "a step", |p| {
            p.is_settled() && p.step_now() == step
        });
    }
    harness.get_by_label("Step").click();
    until(&mut harness, "the error", |p| {
        p.is_settled() && p.error().is_some()
    });
    let player = &harness.state().stage.player;
    assert_eq!(
        (player.step_now(), player.state(1).unwrap().step),
        (2, 2),
        "the last good state is kept"
    );
    harness
        .get_by_label_contains("use a smaller voxel or fewer cells")
        .rect();
    harness.state_mut().stage.player.toggle();
    harness.run_steps(3);
    assert!(!harness.state().stage.player.is_playing());
    harness
        .get_by_label("Go on from the last kept state")
        .click();
    until(&mut harness, "the start", |p| {
        p.is_settled() && p.step_now() == 0
    });
    assert!(harness.state().stage.player.error().is_none());
    harness.get_by_label("Step").click();
    until(&mut harness, "a step", |p| {
        p.is_settled() && p.step_now() == 1
    });
}
