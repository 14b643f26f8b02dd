//! The strip below the pictures: play, step, the clock, speed, and the time line of kept states to scrub and fork on.

use egui::{
    Button, Rect, RichText, Role, Sense, Shape, Slider, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use crate::render::annotation::number;
use crate::render::tick_step;

use super::controls::Controls;
use super::player::{Player, SPEEDS};
use super::plots::changes;
use super::style::{SMALL, Tones};

/// Height of the strip, points.
pub(super) const HEIGHT: f32 = 92.0;

pub(super) fn show(ui: &mut Ui, player: &mut Player, controls: &mut Controls) {
    ui.spacing_mut().item_spacing.y = 4.0;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        buttons(ui, player, controls);
        ui.add_space(10.0);
        time(ui, player);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            speed(ui, player, controls);
        });
    });
    line(ui, player, controls);
}

fn buttons(ui: &mut Ui, player: &mut Player, controls: &mut Controls) {
    let tones = Tones::of(ui.ctx());
    let seed = player.plan().seed();
    let runnable = player.error().is_none() && !player.is_finished();
    let word = if player.is_playing() { "Pause" } else { "Play" };
    let play = Button::new(RichText::new(word).strong().color(tones.on_accent))
        .fill(tones.accent)
        .min_size(vec2(76.0, 30.0));
    let play = ui.add_enabled(runnable, play).on_hover_text("Space");
    controls.note("play", &play);
    if play.clicked() {
        player.toggle();
    }
    let step = ui.add_enabled(runnable, Button::new("Step").min_size(vec2(52.0, 30.0)));
    let dt_s = player.model().dt_min() * 60.0;
    let step = step.on_hover_text(format!("One step of {} s (key S)", number(dt_s)));
    controls.note("step", &step);
    if step.clicked() {
        player.step(1);
    }
    let reset = ui.add(Button::new("Reset").min_size(vec2(56.0, 30.0)));
    let reset = reset.on_hover_text(format!(
        "Begin again with seed {seed} and the scenario's own dose (key R)"
    ));
    controls.note("reset", &reset);
    if reset.clicked() {
        player.restart(seed);
    }
    let other = ui.add(Button::new("New seed").min_size(vec2(80.0, 30.0)));
    let next = seed.wrapping_add(1);
    let other = other.on_hover_text(format!(
        "Begin again with seed {next}: another culture, the same rules (key N)"
    ));
    controls.note("new_seed", &other);
    if other.clicked() {
        player.restart(next);
    }
}

fn time(ui: &mut Ui, player: &Player) {
    let tones = Tones::of(ui.ctx());
    let model = player.model();
    let now = format!("{:.2} h", player.shown_h());
    ui.label(RichText::new(now).size(22.0).strong().color(tones.ink));
    let end = number(model.time_h(model.n_steps()));
    let words = match (player.shown(), player.is_finished()) {
        (Some(_), _) => format!(
            "kept state; the run is at {:.2} h",
            model.time_h(player.step_now())
        ),
        (None, true) => format!("of {end} h, complete"),
        (None, false) => format!("of {end} h simulated"),
    };
    ui.label(RichText::new(words).color(tones.grey));
}

fn speed(ui: &mut Ui, player: &mut Player, controls: &mut Controls) {
    let tones = Tones::of(ui.ctx());
    let mut asked = player.speed();
    let reached = player.reached().filter(|_| player.is_playing());
    let words = match reached {
        Some(reached) => format!("{} min/s, reached {}", short(asked), short(reached)),
        None => format!("{} min/s", short(asked)),
    };
    let value = ui.label(RichText::new(words).color(tones.ink).size(SMALL));
    value.on_hover_text("Simulated minutes per second of real time");
    ui.spacing_mut().slider_width = 110.0;
    let slider = Slider::new(&mut asked, SPEEDS[0]..=SPEEDS[1])
        .logarithmic(true)
        .show_value(false);
    let slider = ui.add(slider);
    let name = ui.label(RichText::new("Speed").color(tones.grey).size(SMALL));
    let slider = slider.labelled_by(name.id);
    controls.note("speed", &slider);
    if slider.changed() {
        player.set_speed(asked);
    }
}

/// Two significant digits.
fn short(value: f64) -> String {
    if value < 9.95 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}

/// The whole run from left to right: what is done, kept states, live changes, forks, and where one looks.
fn line(ui: &mut Ui, player: &mut Player, controls: &mut Controls) {
    let tones = Tones::of(ui.ctx());
    let model = player.model().clone();
    let end_h = model.time_h(model.n_steps()).max(1e-9);
    ui.horizontal(|ui| {
        let buttons = 176.0;
        let size = vec2((ui.available_width() - buttons).max(80.0), 40.0);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
        let told = format!("Time line, {:.2} of {} h", player.shown_h(), number(end_h));
        response.widget_info(|| WidgetInfo::labeled(Role::Slider, true, &told));
        controls.note("time_line", &response);
        let rail = Rect::from_min_max(
            pos2(rect.min.x + 8.0, rect.min.y + 10.0),
            pos2(rect.max.x - 8.0, rect.min.y + 17.0),
        );
        let x = |time_h: f64| rail.min.x + (time_h / end_h) as f32 * rail.width();
        let painter = ui.painter();
        painter.rect_filled(rail, 3.0, tones.button);
        let done = rail.with_max_x(x(model.time_h(player.step_now())));
        painter.rect_filled(done, 3.0, tones.accent.gamma_multiply(0.55));
        for snapshot in player.snapshots() {
            let at = x(model.time_h(snapshot.step));
            painter.vline(at, rail.min.y..=rail.max.y, Stroke::new(1.0, tones.raised));
        }
        let step = tick_step(end_h, ((rail.width() / 90.0) as u32).max(2));
        let mut tick_h = 0.0;
        while tick_h <= end_h * (1.0 + 1e-9) {
            let at = x(tick_h);
            painter.vline(at, rail.max.y + 2.0..=rail.max.y + 5.0, Stroke::new(1.0, tones.grey));
            let text = painter.layout_no_wrap(
                format!("{} h", number(tick_h)),
                egui::FontId::proportional(SMALL - 1.0),
                tones.grey,
            );
            let left = (at - 0.5 * text.size().x).clamp(rect.min.x, rect.max.x - text.size().x);
            painter.galley(pos2(left, rail.max.y + 6.0), text, tones.grey);
            tick_h += step;
        }
        for change_h in changes(player.events(player.selected()), model.dt_min()) {
            flag(painter, x(change_h), rail, tones.event);
        }
        for future in player.futures() {
            let at = pos2(x(model.time_h(future.fork_step)), rail.min.y - 4.0);
            painter.circle_stroke(at, 3.5, Stroke::new(1.5, tones.ink));
        }
        let at = pos2(x(player.shown_h()), rail.center().y);
        painter.circle(at, 7.0, tones.raised, Stroke::new(2.0, tones.ink));
        if let Some(pointer) = response.interact_pointer_pos()
            && (response.dragged() || response.clicked())
        {
            let share = ((pointer.x - rail.min.x) / rail.width()).clamp(0.0, 1.0);
            player.scrub(f64::from(share) * end_h);
        }
        response.on_hover_text("Drag to look back at kept states (keys ← and →)");

        let is_past = player.shown().is_some();
        let latest = ui.add_enabled(is_past, Button::new("Latest").min_size(vec2(60.0, 28.0)));
        let latest = latest.on_hover_text("Look at the present again (key End)");
        controls.note("latest", &latest);
        if latest.clicked() {
            player.unscrub();
        }
        let fork = ui.add_enabled(is_past, Button::new("Fork here").min_size(vec2(86.0, 28.0)));
        let fork = fork.on_hover_text(
            "Go on from this moment, with another dose if you like; the old future stays in the plots (key F)",
        );
        controls.note("fork", &fork);
        if fork.clicked() {
            player.fork();
        }
    });
}

/// A small triangle above the rail: told from forks, which are rings, by its shape.
fn flag(painter: &egui::Painter, x: f32, rail: Rect, colour: egui::Color32) {
    let y = rail.min.y - 1.0;
    let points = vec![pos2(x, y), pos2(x - 4.0, y - 7.0), pos2(x + 4.0, y - 7.0)];
    painter.add(Shape::convex_polygon(points, colour, Stroke::NONE));
}
