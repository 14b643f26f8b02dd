//! The side panel: what is asked, time, dose, display, and what the model is not.

mod about;
mod display;
mod dose;
mod transport;

use egui::{
    Color32, CornerRadius, Frame, Key, Margin, Modifiers, RichText, ScrollArea, Stroke, Ui,
};

use super::Look;
pub use super::controls::Controls;
use super::player::Player;
use super::style::{ALARM, GREY, HAIRLINE, INK, SMALL};
pub(super) use dose::dose_title;

/// Lays out the side panel in `ui` and does what its controls ask. Needs no window.
pub fn side_panel(ui: &mut Ui, player: &mut Player, look: &mut Look, controls: &mut Controls) {
    keys(ui.ctx(), player);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        // The scroll bar floats in the margin.
        Frame::new()
            .inner_margin(Margin {
                right: 14,
                ..Margin::ZERO
            })
            .show(ui, |ui| {
                groups(ui, player, look, controls);
            });
    });
}

/// Space plays and pauses, S steps. Taken before any widget sees them: a focused button would act on the space bar.
fn keys(ctx: &egui::Context, player: &mut Player) {
    if ctx.text_edit_focused() {
        return;
    }
    let pressed = |key| ctx.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if pressed(Key::Space) {
        player.toggle();
    }
    if pressed(Key::S) {
        player.step();
    }
}

fn groups(ui: &mut Ui, player: &mut Player, look: &mut Look, controls: &mut Controls) {
    let model = player.simulation().model();
    ui.label(RichText::new(model.title()).heading().strong().color(INK));
    if !model.question().is_empty() {
        ui.label(RichText::new(model.question()).color(GREY));
    }
    rule(ui);
    transport::show(ui, player, controls);
    error(ui, player);
    rule(ui);
    dose::show(ui, player, controls);
    rule(ui);
    display::show(ui, player, look, controls);
    rule(ui);
    about::show(ui, player, &look.adapter, controls);
}

/// A hairline between two groups.
fn rule(ui: &mut Ui) {
    ui.add_space(7.0);
    let (rect, _) =
        ui.allocate_exact_size(egui::vec2(ui.available_width(), 1.0), egui::Sense::hover());
    ui.painter()
        .hline(rect.x_range(), rect.center().y, Stroke::new(1.0, HAIRLINE));
    ui.add_space(7.0);
}

/// Name of a group.
fn title(ui: &mut Ui, text: &str) -> egui::Response {
    ui.label(RichText::new(text).size(15.0).strong().color(INK))
}

/// A name on the left and a value on the right.
fn row(ui: &mut Ui, name: &str, value: RichText) -> egui::Response {
    ui.horizontal(|ui| {
        let label = ui.label(name);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.label(value)
        });
        label
    })
    .inner
}

/// Secondary text.
fn note(ui: &mut Ui, text: impl Into<String>) {
    ui.label(RichText::new(text).color(GREY).size(SMALL));
}

/// The error that stopped the engine, with its remedy.
fn error(ui: &mut Ui, player: &Player) {
    let Some(error) = player.error() else { return };
    ui.add_space(6.0);
    Frame::new()
        .fill(Color32::from_rgb(253, 238, 236))
        .stroke(Stroke::new(1.0, ALARM))
        .corner_radius(CornerRadius::same(5))
        .inner_margin(Margin::same(10))
        .show(ui, |ui| {
            ui.label(
                RichText::new("The simulation stopped")
                    .strong()
                    .color(ALARM),
            );
            ui.label(RichText::new(format!("{error}.")).size(SMALL).color(INK));
            note(
                ui,
                "The picture shows the last good state. Reset begins again.",
            );
        });
}
