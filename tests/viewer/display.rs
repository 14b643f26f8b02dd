//! What the panel offers of the picture, without a window.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use invado::cpu::CpuEngine;
use invado::render::{CellShape, Colouring, View};
use invado::scenario::Scenario;
use invado::viewer::{Controls, Plan, Stage, apply_style};

struct Desk {
    stage: Stage,
    controls: Controls,
}

fn desk(depth: &str, low: &str) -> Harness<'static, Desk> {
    let text = format!(
        r#"
title = "seen"
[domain]
size = ["80 um", "60 um"{depth}]
voxel = "10 um"
[time]
duration = "1 h"
[fields.ecm]
initial = 0.5
[[cells]]
type = "pc-3"
place = {{ rectangle = {{ from = ["0 um", "0 um"{low}], to = ["80 um", "60 um"{depth}], count = 3 }} }}
"#
    );
    let scenario = Scenario::parse("seen", "seen", Path::new("."), &text, &[]).unwrap();
    let plan = Plan::new(&scenario).unwrap();
    let mut stage = Stage::new(
        plan,
        Arc::new(|model| Ok(Box::new(CpuEngine::new(model)))),
        Arc::new(|| ()),
        "no adapter".to_string(),
    );
    let is_ready = stage
        .player
        .wait_for(Duration::from_secs(240), |player| player.is_ready());
    assert!(is_ready);
    let desk = Desk {
        stage,
        controls: Controls::default(),
    };
    Harness::builder()
        .with_size([336.0, 1200.0])
        .with_context_setup(apply_style)
        .build_ui_state(
            |ui, desk: &mut Desk| {
                desk.stage.player.refresh();
                desk.stage.side_panel(ui, &mut desk.controls);
            },
            desk,
        )
}

fn click(harness: &mut Harness<'static, Desk>, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(3);
}

fn view<'a>(harness: &'a Harness<'static, Desk>) -> &'a View {
    &harness.state().stage.look.view
}

#[test]
fn overlays_are_switched_on_and_off() {
    let mut harness = desk("", "");
    click(&mut harness, "contours");
    click(&mut harness, "matrix");
    click(&mut harness, "length");
    let seen = view(&harness);
    assert!(seen.contours && seen.matrix.is_some());
    assert_eq!(seen.shape, CellShape::Elongated);
    click(&mut harness, "matrix");
    assert!(view(&harness).matrix.is_none());
    // What is of 3-D boxes only is not offered.
    assert!(harness.query_by_label("Seen").is_none());
}

#[test]
fn cells_are_coloured_by_what_is_chosen() {
    let mut harness = desk("", "");
    // A brush has the same name.
    let cells = harness.get_by_role_and_label(egui::accesskit::Role::ComboBox, "Cells");
    cells.click();
    harness.run_steps(3);
    click(&mut harness, "Cell phase");
    assert_eq!(view(&harness).colouring, Colouring::Phase);
}

#[test]
fn planes_and_the_cut_of_a_box_are_moved() {
    let mut harness = desk(", \"50 um\"", ", \"0 um\"");
    let space = |harness: &Harness<'static, Desk>| view(harness).space.clone().unwrap();
    assert_eq!(space(&harness).slices_um, [None, Some(42.0), None]);
    click(&mut harness, "x");
    assert_eq!(space(&harness).slices_um, [Some(40.0), Some(42.0), None]);
    assert!(space(&harness).clip.unwrap().keeps_above);
    click(&mut harness, "keep above");
    assert!(!space(&harness).clip.unwrap().keeps_above);
    let slider = harness.get_by_role_and_label(egui::accesskit::Role::Slider, "at");
    slider.set_value_accesskit(20.0);
    harness.run_steps(3);
    assert_eq!(space(&harness).clip.unwrap().at_um, 20.0);
    click(&mut harness, "Seen");
    click(&mut harness, "in parallel");
    assert!(!space(&harness).camera.perspective);
    click(&mut harness, "Seen");
    click(&mut harness, "one plane");
    assert_eq!(view(&harness).space, None);
}

#[test]
fn fit_keeps_the_side_and_home_forgets_it() {
    let mut harness = desk(", \"50 um\"", ", \"0 um\"");
    let camera = |harness: &Harness<'static, Desk>| view(harness).space.clone().unwrap().camera;
    let start = camera(&harness);
    let space = harness.state_mut().stage.look.view.space.as_mut().unwrap();
    (space.camera.zoom, space.camera.azimuth_deg) = (3.0, 100.0);
    click(&mut harness, "Fit");
    assert_eq!(
        (camera(&harness).zoom, camera(&harness).azimuth_deg),
        (1.0, 100.0)
    );
    click(&mut harness, "Home");
    assert_eq!(camera(&harness), start);
}
