//! Play, step, speed, clock, restart.

use egui::{Button, Color32, RichText, Sense, Slider, Ui, vec2};

use super::{Controls, note, row};
use crate::render::annotation::number;
use crate::viewer::player::{Player, SPEEDS};
use crate::viewer::style::{ACCENT, GREY, INK};

pub(super) fn show(ui: &mut Ui, player: &mut Player, controls: &mut Controls) {
    clock(ui, player);
    ui.add_space(4.0);
    buttons(ui, player, controls);
    ui.add_space(4.0);
    speed(ui, player, controls);
}

fn clock(ui: &mut Ui, player: &Player) {
    let simulation = player.simulation();
    let model = simulation.model();
    ui.horizontal(|ui| {
        ui.label(
            RichText::new(format!("{:.2} h", simulation.time_h()))
                .size(24.0)
                .strong()
                .color(INK),
        );
        let end = model.time_h(model.n_steps());
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Max), |ui| {
            let state = if player.is_finished() {
                "complete"
            } else {
                "simulated"
            };
            ui.label(RichText::new(format!("of {} h {state}", number(end))).color(GREY));
        });
    });
    let (bar, _) = ui.allocate_exact_size(vec2(ui.available_width(), 5.0), Sense::hover());
    ui.painter()
        .rect_filled(bar, 2.5, ui.visuals().widgets.inactive.bg_fill);
    let done = bar.with_max_x(bar.left() + bar.width() * player.progress());
    ui.painter().rect_filled(done, 2.5, ACCENT);
}

fn buttons(ui: &mut Ui, player: &mut Player, controls: &mut Controls) {
    let seed = player.simulation().model().seed();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let runnable = player.error().is_none() && !player.is_finished();
        let quarter = (ui.available_width() - 3.0 * 6.0) / 4.0;
        let wide = vec2(quarter * 1.2, 32.0);
        let narrow = vec2(quarter * 0.8, 32.0);
        let word = if player.is_playing() { "Pause" } else { "Play" };
        let play = Button::new(RichText::new(word).strong().color(Color32::WHITE))
            .fill(ACCENT)
            .min_size(wide);
        let play = ui.add_enabled(runnable, play).on_hover_text("Space");
        controls.note("play", &play);
        if play.clicked() {
            player.toggle();
        }
        let step = ui.add_enabled(runnable, Button::new("Step").min_size(narrow));
        let dt_s = player.simulation().model().dt_min() * 60.0;
        let step = step.on_hover_text(format!("One step of {} s (key S)", number(dt_s)));
        controls.note("step", &step);
        if step.clicked() {
            player.step();
        }
        let reset = ui.add(Button::new("Reset").min_size(narrow));
        let reset = reset.on_hover_text(format!(
            "Begin again with seed {seed} and the scenario's own dose"
        ));
        controls.note("reset", &reset);
        if reset.clicked() {
            player.restart(seed);
        }
        let other = ui.add(Button::new("New seed").min_size(wide));
        let next = seed.wrapping_add(1);
        let other = other.on_hover_text(format!(
            "Begin again with seed {next}: another culture, the same rules"
        ));
        controls.note("new_seed", &other);
        if other.clicked() {
            player.restart(next);
        }
    });
}

fn speed(ui: &mut Ui, player: &mut Player, controls: &mut Controls) {
    let mut asked = player.speed();
    let label = row(
        ui,
        "Speed",
        RichText::new(format!("{} min/s", short(asked))).strong(),
    );
    ui.spacing_mut().slider_width = ui.available_width();
    let slider = Slider::new(&mut asked, SPEEDS[0]..=SPEEDS[1])
        .logarithmic(true)
        .show_value(false);
    let slider = ui.add(slider).labelled_by(label.id);
    controls.note("speed", &slider);
    if slider.changed() {
        player.set_speed(asked);
    }
    note(
        ui,
        match player.reached() {
            Some(reached) if player.is_playing() => {
                format!(
                    "simulated per real second; reached: {} min/s",
                    short(reached)
                )
            }
            _ => "simulated per real second".to_string(),
        },
    );
}

/// Two significant digits.
fn short(value: f64) -> String {
    if value < 9.95 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}
