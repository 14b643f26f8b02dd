//! The side panel's logic, without a window.

use std::time::{Duration, Instant};

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use invado::cpu::CpuEngine;
use invado::ledger::Ledger;
use invado::model::Model;
use invado::pass::Pass;
use invado::scenario::Scenario;
use invado::simulation::{Engine, EngineError, StepInput};
use invado::state::{HostState, Workings};
use invado::viewer::{Controls, Look, Player, apply_style, side_panel};

struct Desk {
    player: Player,
    look: Look,
    controls: Controls,
}

fn desk(sets: &[&str]) -> Desk {
    let sets: Vec<String> = sets.iter().map(|set| set.to_string()).collect();
    let model = Model::try_from(&Scenario::load("scratch", &sets).unwrap()).unwrap();
    let look = Look::of(&model, "no adapter".to_string());
    let player = Player::new(model, Box::new(|model| Ok(Box::new(CpuEngine::new(model))))).unwrap();
    Desk {
        player,
        look,
        controls: Controls::default(),
    }
}

fn harness(desk: Desk) -> Harness<'static, Desk> {
    Harness::builder()
        .with_size([336.0, 800.0])
        .with_context_setup(apply_style)
        .build_ui_state(
            |ui, desk: &mut Desk| {
                side_panel(ui, &mut desk.player, &mut desk.look, &mut desk.controls)
            },
            desk,
        )
}

#[test]
fn the_dose_slider_changes_the_bath_and_is_recorded() {
    let mut harness = harness(desk(&[]));
    assert_eq!(harness.state().player.simulation().bath_nm(), 100.0);
    let slider = harness.get_by_role_and_label(egui::accesskit::Role::Slider, "Defactinib in bath");
    slider.set_value_accesskit(1000.0);
    harness.run_steps(3);
    let simulation = harness.state().player.simulation();
    assert_eq!(simulation.bath_nm(), 1000.0);
    assert_eq!(simulation.events().len(), 1);
    harness.get_by_label("Control").click();
    harness.run_steps(3);
    assert_eq!(harness.state().player.simulation().bath_nm(), 0.0);
}

#[test]
fn a_regimen_is_said_to_be_illustrative_and_can_be_overridden() {
    let mut harness = harness(desk(&["dose={ oral = { amount = \"200 mg\" } }"]));
    harness
        .get_by_label_contains("illustrative, not clinical")
        .rect();
    let slider =
        harness.get_by_role_and_label(egui::accesskit::Role::Slider, "Defactinib in plasma");
    slider.set_value_accesskit(1000.0);
    harness.run_steps(3);
    let simulation = harness.state().player.simulation();
    assert_eq!(
        (simulation.bath_nm(), simulation.events().len()),
        (1000.0, 1)
    );
}

#[test]
fn step_runs_one_step_and_reset_begins_again() {
    let mut harness = harness(desk(&[]));
    harness.get_by_label("Step").click();
    harness.run_steps(3);
    assert_eq!(harness.state().player.simulation().step(), 1);
    let once = harness.state().player.state().hash();
    harness.key_press(egui::Key::S);
    harness.run_steps(3);
    assert_eq!(harness.state().player.simulation().step(), 2);

    harness.get_by_label("10 nM").click();
    harness.run_steps(3);
    harness.get_by_label("Reset").click();
    harness.run_steps(3);
    let player = &harness.state().player;
    assert_eq!(
        (player.simulation().step(), player.simulation().bath_nm()),
        (0, 100.0)
    );
    assert!(player.simulation().events().is_empty() && player.series().len() == 1);
    harness.get_by_label("Step").click();
    harness.run_steps(3);
    assert_eq!(
        harness.state().player.state().hash(),
        once,
        "the same seed gives the same bits"
    );

    harness.get_by_label("New seed").click();
    harness.run_steps(3);
    assert_eq!(harness.state().player.simulation().model().seed(), 8);
    harness.get_by_label("Step").click();
    harness.run_steps(3);
    assert_ne!(harness.state().player.state().hash(), once);
}

#[test]
fn space_and_the_button_play_and_pause() {
    let mut harness = harness(desk(&[]));
    harness.key_press(egui::Key::Space);
    harness.run_steps(3);
    assert!(harness.state().player.is_playing());
    harness.get_by_label("Pause").click();
    harness.run_steps(3);
    assert!(!harness.state().player.is_playing());
    harness.get_by_label("Play").click();
    harness.run_steps(3);
    assert!(harness.state().player.is_playing());
}

#[test]
fn playing_ends_with_the_scenario() {
    let mut player = desk(&["time.duration=6 min", "time.report=6 min"]).player;
    player.set_speed(600.0);
    player.toggle();
    let start = Instant::now();
    for frame in 0..2000 {
        player.advance(start + frame * Duration::from_millis(16));
    }
    assert!(player.is_finished() && !player.is_playing());
    assert_eq!(player.simulation().step(), 60);
    assert_eq!(player.latest("time_h"), Some(0.1));
    player.toggle();
    assert!(!player.is_playing(), "nothing starts after the end");
    let session = player.session();
    assert_eq!(session.state.step, 60);
    assert!(session.series.len() >= 2);
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
    let mut desk = desk(&[]);
    let model = desk.player.simulation().model().clone();
    desk.player = Player::new(
        model,
        Box::new(|model| Ok(Box::new(Brittle(CpuEngine::new(model))))),
    )
    .unwrap();
    let mut harness = harness(desk);
    for _ in 0..4 {
        harness.key_press(egui::Key::S);
        harness.run_steps(3);
    }
    let player = &harness.state().player;
    assert_eq!(
        (player.simulation().step(), player.state().step),
        (2, 2),
        "the last good state is kept"
    );
    harness
        .get_by_label_contains("use a smaller voxel or fewer cells")
        .rect();
    harness.key_press(egui::Key::Space);
    harness.run_steps(3);
    assert!(!harness.state().player.is_playing());
    harness.get_by_label("Reset").click();
    harness.run_steps(3);
    assert!(harness.state().player.error().is_none());
}
