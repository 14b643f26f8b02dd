//! The side panel: transport, dose, what is shown, and what was measured.

use egui::{ComboBox, Key, RichText, Slider, Ui};

use super::plots;
use super::session::Session;
use super::style::{QUIET, WARM};
use crate::model::FieldKind;
use crate::render::{Colouring, Range, View};

/// What the user chose to see, and what the panel says about the machine.
#[derive(Clone, Debug)]
pub struct Looks {
    /// View of the scene; its size follows the window.
    pub view: View,
    /// Engine and adapter in words.
    pub machine: String,
}

/// Lowest dose on the logarithmic scale above zero, nM.
const LEAST_NM: f64 = 0.1;

/// Draws the panel and does what is asked for there.
pub fn show(ui: &mut Ui, session: &mut Session, looks: &mut Looks) {
    ui.heading(session.model().title());
    ui.label(RichText::new(session.model().question()).color(QUIET));
    ui.separator();
    transport(ui, session);
    if let Some(failure) = session.failure() {
        ui.colored_label(WARM, format!("Stopped: {failure}"));
    }
    if session.model().dose().is_given() {
        ui.separator();
        dose(ui, session);
    }
    ui.separator();
    choosers(ui, session, looks);
    ui.separator();
    egui::Panel::bottom("footer")
        .show_separator_line(false)
        .show(ui, |ui| footer(ui, looks));
    plots::show(ui, session);
}

/// Says where a control lies, for tests that use a real mouse.
fn locate(ui: &Ui, name: &str, rect: egui::Rect) {
    let id = egui::Id::unique(("located", name));
    let scale = ui.ctx().pixels_per_point();
    let place =
        [rect.min.x, rect.min.y, rect.max.x, rect.max.y].map(|v| (v * scale).round() as i32);
    if ui.ctx().data(|d| d.get_temp::<[i32; 4]>(id)) != Some(place) {
        ui.ctx().data_mut(|d| d.insert_temp(id, place));
        log::debug!(
            "control {name} {} {} {} {}",
            place[0],
            place[1],
            place[2],
            place[3]
        );
    }
}

fn transport(ui: &mut Ui, session: &mut Session) {
    let free = !ui.ctx().egui_wants_keyboard_input();
    let pressed = |ui: &Ui, key: Key| free && ui.input(|input| input.key_pressed(key));
    ui.horizontal(|ui| {
        let label = if session.playing() { "Pause" } else { "Play" };
        let play = ui.button(label).on_hover_text("space");
        locate(ui, "play", play.rect);
        if play.clicked() || pressed(ui, Key::Space) {
            session.set_playing(!session.playing());
        }
        if ui.button("Step").on_hover_text("S").clicked() || pressed(ui, Key::S) {
            session.step_once();
        }
        if ui.button("Reset").on_hover_text("R: same seed").clicked() || pressed(ui, Key::R) {
            session.restart(session.model().seed());
        }
        if ui.button("New seed").on_hover_text("N").clicked() || pressed(ui, Key::N) {
            session.restart(session.model().seed().wrapping_add(1));
        }
    });
    ui.horizontal(|ui| {
        ui.strong(format!("{:.1} h", session.simulation().time_h()));
        let end = session.model().time_h(session.model().n_steps());
        ui.label(
            RichText::new(format!("of {end} h · seed {}", session.model().seed())).color(QUIET),
        );
    });
    ui.label("Speed (simulated min per s)");
    ui.add(
        Slider::new(&mut session.pace_min_per_s, 0.1..=600.0)
            .logarithmic(true)
            .max_decimals(1),
    );
    let seen = match (session.playing(), session.at_the_end()) {
        (true, _) => format!("achieved: {:.1} min per s", session.pace_seen()),
        (false, true) => "the scenario's end is reached".to_string(),
        (false, false) => "paused".to_string(),
    };
    ui.label(RichText::new(seen).color(QUIET).small());
}

fn dose(ui: &mut Ui, session: &mut Session) {
    let range = session
        .model()
        .sliders()
        .iter()
        .find(|slider| slider.key == "dose.bath")
        .map_or([0.0, 10_000.0], |slider| slider.range);
    let mut nm = session.simulation().bath_nm();
    let label = ui.strong("Defactinib in the bath (nM, free)");
    let slider = ui
        .add(
            Slider::new(&mut nm, range[0]..=range[1])
                .logarithmic(true)
                .smallest_positive(LEAST_NM)
                .custom_formatter(|value, _| crate::render::annotation::number(value)),
        )
        .labelled_by(label.id);
    locate(ui, "dose", slider.rect);
    if slider.changed() {
        session.set_bath_nm(nm);
    }
    ui.label(
        RichText::new("effect on migration: prediction")
            .color(QUIET)
            .small(),
    );
}

fn choosers(ui: &mut Ui, session: &Session, looks: &mut Looks) {
    let view = &mut looks.view;
    egui::Grid::new("choosers").num_columns(2).show(ui, |ui| {
        let name = |field: Option<FieldKind>| field.map_or("none", field_name);
        let label = ui.label("Field");
        ComboBox::from_id_salt("field")
            .selected_text(name(view.field))
            .show_ui(ui, |ui| {
                let there = session
                    .model()
                    .fields()
                    .iter()
                    .map(|field| Some(field.kind));
                for field in there.chain([None]) {
                    if ui
                        .selectable_label(view.field == field, name(field))
                        .clicked()
                        && view.field != field
                    {
                        view.field = field;
                        view.field_range = Range::Auto;
                    }
                }
            })
            .response
            .labelled_by(label.id);
        ui.end_row();
        let label = ui.label("Cells by");
        ComboBox::from_id_salt("colouring")
            .selected_text(if view.cells {
                view.colouring.title()
            } else {
                "hidden"
            })
            .show_ui(ui, |ui| {
                for colouring in Colouring::ALL {
                    let chosen = view.cells && view.colouring == colouring;
                    if ui.selectable_label(chosen, colouring.title()).clicked() {
                        (view.cells, view.colouring, view.cell_range) =
                            (true, colouring, Range::Auto);
                    }
                }
                if ui.selectable_label(!view.cells, "hidden").clicked() {
                    view.cells = false;
                }
            })
            .response
            .labelled_by(label.id);
        ui.end_row();
    });
}

fn field_name(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Drug => "drug (nM)",
        FieldKind::Ecm => "matrix density",
        FieldKind::Fak => "tissue FAK activity",
        FieldKind::Attractant => "attractant (nM)",
    }
}

fn footer(ui: &mut Ui, looks: &Looks) {
    ui.add_space(2.0);
    ui.label(RichText::new(&looks.machine).color(QUIET).small());
    ui.label(RichText::new("Not for clinical use.").color(QUIET).small());
}
