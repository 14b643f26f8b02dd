//! The side panel: what is asked, dose, picture, cell, lesson, and what the model is not.

mod about;
mod brush;
mod display;
mod dose;
mod regimen;

use egui::{CornerRadius, Frame, Margin, RichText, ScrollArea, Stroke, Ui};

pub use super::controls::Controls;
use super::inspect;
use super::player::Player;
use super::stage::Stage;
use super::style::{SMALL, Tones};
pub(super) use dose::dose_words;

/// Lays out the side panel of a stage and does what its controls ask. Needs no window.
pub(super) fn show(ui: &mut Ui, stage: &mut Stage, controls: &mut Controls) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        // The scroll bar floats in the margin.
        Frame::new()
            .inner_margin(Margin {
                right: 12,
                ..Margin::ZERO
            })
            .show(ui, |ui| groups(ui, stage, controls));
    });
}

fn groups(ui: &mut Ui, stage: &mut Stage, controls: &mut Controls) {
    let tones = Tones::of(ui.ctx());
    let question = stage.player.model().question().to_string();
    if !question.is_empty() {
        ui.label(RichText::new(question).color(tones.grey));
        rule(ui);
    }
    error(ui, &mut stage.player, controls);
    // A cell that was clicked is what one wants to read.
    let is_picked = stage.picked.is_some();
    if is_picked {
        inspect::show(ui, &mut stage.player, &mut stage.picked, controls);
        rule(ui);
    }
    if let Some(lesson) = &mut stage.lesson {
        lesson.show(ui, &stage.player, controls);
        rule(ui);
    }
    dose::show(ui, &mut stage.player, controls);
    regimen::doses(ui, &mut stage.player, controls);
    regimen::others(ui, &mut stage.player, controls);
    rule(ui);
    let model = stage.player.model().clone();
    if let Some(state) = stage.player.state(stage.player.selected()) {
        display::show(ui, &model, state, &mut stage.look.view, controls);
        rule(ui);
    }
    let view = &stage.look.view;
    brush::show(ui, &stage.player, &mut stage.brush, view, controls);
    rule(ui);
    if !is_picked {
        inspect::show(ui, &mut stage.player, &mut stage.picked, controls);
        rule(ui);
    }
    let (player, look) = (&stage.player, &stage.look);
    stage.keeper.show(ui, player, look, controls);
    rule(ui);
    about::show(ui, &stage.player, &stage.look.adapter, controls);
}

/// A hairline between two groups.
fn rule(ui: &mut Ui) {
    let tones = Tones::of(ui.ctx());
    ui.add_space(6.0);
    let (rect, _) =
        ui.allocate_exact_size(egui::vec2(ui.available_width(), 1.0), egui::Sense::hover());
    ui.painter().hline(
        rect.x_range(),
        rect.center().y,
        Stroke::new(1.0, tones.hairline),
    );
    ui.add_space(6.0);
}

/// Name of a group.
pub(super) fn title(ui: &mut Ui, text: &str) -> egui::Response {
    let tones = Tones::of(ui.ctx());
    ui.label(RichText::new(text).size(15.0).strong().color(tones.ink))
}

/// Secondary text.
pub(super) fn note(ui: &mut Ui, text: impl Into<String>) {
    let tones = Tones::of(ui.ctx());
    ui.label(RichText::new(text).color(tones.grey).size(SMALL));
}

/// What went wrong and what to do, framed.
pub(super) fn alarm(ui: &mut Ui, heading: &str, text: &str) {
    let tones = Tones::of(ui.ctx());
    Frame::new()
        .fill(tones.alarm_ground)
        .stroke(Stroke::new(1.0, tones.alarm))
        .corner_radius(CornerRadius::same(5))
        .inner_margin(Margin::same(10))
        .show(ui, |ui| {
            ui.label(RichText::new(heading).strong().color(tones.alarm));
            ui.label(RichText::new(text).size(SMALL).color(tones.ink));
        });
}

/// The error that stopped the engine, with its remedy.
fn error(ui: &mut Ui, player: &mut Player, controls: &mut Controls) {
    let Some(error) = player.error() else { return };
    alarm(ui, "The simulation stopped", &format!("{error}."));
    note(ui, "The picture shows the last good state.");
    let can = !player.snapshots().is_empty();
    let again = ui.add_enabled(can, egui::Button::new("Go on from the last kept state"));
    controls.note("recover", &again);
    if again.clicked() {
        player.recover();
    }
    rule(ui);
}
