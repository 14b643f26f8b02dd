//! The keyboard: every key, what it does, and the list of them.

use egui::{Context, Grid, Key, RichText, Theme, Window};

use super::Layout;
use super::app::{App, pressed};
use super::player::Player;
use super::stage::Stage;
use super::style::{SCALES, Tones};

/// Keys and what they do, in the order of the list.
const LIST: [(&str, &str); 19] = [
    ("Space", "play, pause"),
    ("S", "one step"),
    ("R", "reset: begin again with the same seed"),
    ("N", "begin again with the next seed"),
    ("[  ]", "half or twice the speed"),
    (
        ",  .",
        "dose of the next lower or higher half decade; 0 at the end",
    ),
    ("←  →", "look at the kept state before or after"),
    ("Home  End", "look at the start, at the present"),
    ("F", "fork: go on from the moment that is looked at"),
    ("1  2  3  4", "twin, single, difference, all arms"),
    ("A", "let the dose act on the next arm"),
    ("0", "fit the whole box"),
    ("+  −", "zoom the picture"),
    ("Ctrl +  Ctrl −", "larger or smaller interface"),
    ("D", "dark or light"),
    ("G", "gallery"),
    (
        "Tab",
        "next control; arrows move a slider, Enter presses a button",
    ),
    ("Esc", "close the cell or this list"),
    ("?", "this list"),
];

/// Does what keys ask. Before any widget sees them: a focused button would act on the space bar.
pub(super) fn act(ctx: &Context, app: &mut App) {
    let zoom = ctx.zoom_factor().clamp(SCALES[0], SCALES[1]);
    if zoom != ctx.zoom_factor() {
        ctx.set_zoom_factor(zoom);
    }
    if ctx.text_edit_focused() {
        return;
    }
    let asks = ctx.input(|input| {
        let is_question =
            |event: &egui::Event| matches!(event, egui::Event::Text(text) if text == "?");
        input.events.iter().any(is_question)
    });
    if asks {
        app.shows_keys = !app.shows_keys;
    }
    if pressed(ctx, Key::Escape) {
        let picked = app.stage.as_mut().map(|stage| &mut stage.picked);
        match picked {
            _ if app.shows_keys => app.shows_keys = false,
            Some(picked) => *picked = None,
            None => {}
        }
    }
    if pressed(ctx, Key::D) {
        turn_theme(ctx);
    }
    if app.stage.is_some() && pressed(ctx, Key::G) {
        return app.leave();
    }
    if let Some(stage) = &mut app.stage {
        on_stage(ctx, stage);
    }
}

fn on_stage(ctx: &Context, stage: &mut Stage) {
    let player = &mut stage.player;
    let seed = player.plan().seed();
    if pressed(ctx, Key::Space) {
        player.toggle();
    }
    if pressed(ctx, Key::S) && player.error().is_none() && !player.is_finished() {
        player.step(1);
    }
    if pressed(ctx, Key::R) {
        player.restart(seed);
    }
    if pressed(ctx, Key::N) {
        player.restart(seed.wrapping_add(1));
    }
    if pressed(ctx, Key::F) {
        player.fork();
    }
    if pressed(ctx, Key::A) {
        let n = player.n_arms();
        let next = (1..n).map(|i| (player.selected() + i) % n);
        let free = next.clone().find(|arm| !player.plan().arms[*arm].withheld);
        if let Some(arm) = free {
            player.select(arm);
        }
    }
    for (key, factor) in [(Key::OpenBracket, 0.5), (Key::CloseBracket, 2.0)] {
        if pressed(ctx, key) {
            player.set_speed(player.speed() * factor);
        }
    }
    for (key, up) in [(Key::Comma, false), (Key::Period, true)] {
        if pressed(ctx, key) && player.model().dose().is_given() {
            player.set_bath_nm(next_dose(player.bath_nm(player.selected()), up));
        }
    }
    // A focused slider wants the arrows for itself.
    if ctx.memory(|memory| memory.focused().is_none()) {
        if pressed(ctx, Key::ArrowLeft) {
            by_snapshot(player, false);
        }
        if pressed(ctx, Key::ArrowRight) {
            by_snapshot(player, true);
        }
    }
    if pressed(ctx, Key::Home) {
        player.scrub(0.0);
    }
    if pressed(ctx, Key::End) {
        player.unscrub();
    }
    let several = player.n_arms() > 1;
    for (key, layout) in [Key::Num1, Key::Num2, Key::Num3, Key::Num4]
        .into_iter()
        .zip(Layout::ALL)
    {
        if pressed(ctx, key) && several {
            stage.look.layout = layout;
        }
    }
    if pressed(ctx, Key::Num0) {
        stage.look.view.framing = crate::render::Framing::Fit;
    }
    for (keys, factor) in [
        ([Key::Plus, Key::Equals], 1.25),
        ([Key::Minus, Key::Minus], 0.8),
    ] {
        if pressed(ctx, keys[0]) || pressed(ctx, keys[1]) {
            let view = &mut stage.look.view;
            let middle = view.size_px.map(|px| 0.5 * f64::from(px));
            super::camera::zoom(view, stage.player.model().grid(), middle, factor);
        }
    }
}

/// Looks at the kept state before or after the moment that is looked at.
fn by_snapshot(player: &mut Player, forward: bool) {
    let (shown, now) = (player.shown_step(), player.step_now());
    let mut steps = player.snapshots().iter().map(|s| s.step);
    let next = match forward {
        true => steps.find(|step| *step > shown),
        false => steps.rfind(|step| *step < shown),
    };
    match next {
        Some(step) if step < now => {
            let time_h = player.model().time_h(step);
            player.scrub(time_h);
        }
        Some(_) => player.unscrub(),
        None if forward => player.unscrub(),
        None => {}
    }
}

/// 0, 0.1, 0.3, 1, 3, … 10 000 nM.
fn next_dose(nm: f64, up: bool) -> f64 {
    let steps = (0..=10).map(|i| {
        let decade = 10.0_f64.powi(i / 2 - 1);
        if i % 2 == 0 { decade } else { 3.0 * decade }
    });
    // Through text, so that a recorded dose is the number that was shown.
    let mut steps = [0.0]
        .into_iter()
        .chain(steps)
        .map(|nm| (nm * 10.0).round() / 10.0);
    if up {
        steps.find(|step| *step > nm * 1.001).unwrap_or(nm)
    } else {
        steps.rfind(|step| *step < nm * 0.999).unwrap_or(0.0)
    }
}

/// From light to dark or back.
pub(super) fn turn_theme(ctx: &Context) {
    ctx.set_theme(match ctx.theme() {
        Theme::Light => Theme::Dark,
        Theme::Dark => Theme::Light,
    });
}

/// The list, in a window over the others.
pub(super) fn list(ctx: &Context, open: &mut bool) {
    let tones = Tones::of(ctx);
    Window::new("Keys")
        .open(open)
        .collapsible(false)
        .resizable(false)
        .anchor(egui::Align2::CENTER_CENTER, egui::Vec2::ZERO)
        .show(ctx, |ui| {
            Grid::new("keys").num_columns(2).spacing([22.0, 7.0]).show(ui, |ui| {
                for (key, does) in LIST {
                    ui.label(RichText::new(key).strong().color(tones.accent));
                    ui.label(RichText::new(does).color(tones.ink));
                    ui.end_row();
                }
            });
            ui.add_space(6.0);
            ui.label(
                RichText::new("Mouse: a drag pans, the wheel zooms, a double click fits, a click picks a cell.")
                    .color(tones.grey),
            );
        });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doses_go_by_half_decades() {
        let mut nm = 0.0;
        let mut seen = Vec::new();
        for _ in 0..12 {
            nm = next_dose(nm, true);
            seen.push(nm);
        }
        let up = [
            0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0,
        ];
        assert_eq!(seen[..11], up);
        assert_eq!(seen[11], 10_000.0);
        assert_eq!(
            [100.0, 42.0, 0.1, 0.0].map(|nm| next_dose(nm, false)),
            [30.0, 30.0, 0.0, 0.0]
        );
    }
}
