//! The dose slider: free drug in the bath, from the next step on.

use egui::{Button, DragValue, FontId, Slider, Stroke, Ui, pos2, vec2};

use super::{Controls, note, title};
use crate::model::Model;
use crate::viewer::player::Player;
use crate::viewer::style::Tones;

/// Where the scale starts, nM: below, the slider says 0.
const LEAST_NM: f64 = 0.1;
/// Where it ends unless the scenario says otherwise, nM.
const MOST_NM: f64 = 10_000.0;
/// Doses at hand, nM.
const PRESETS: [(f64, &str); 4] = [
    (0.0, "Control"),
    (10.0, "10 nM"),
    (100.0, "100 nM"),
    (1000.0, "1 µM"),
];

pub(super) fn show(ui: &mut Ui, player: &mut Player, controls: &mut Controls) {
    let model = player.model().clone();
    if !model.dose().is_given() {
        title(ui, "Dose");
        note(ui, "This scenario gives no FAK inhibitor.");
        return;
    }
    let (most, heading) = (highest_nm(&model), dose_title(&model));
    let before = player.bath_nm(player.selected());
    let mut nm = before;
    let label = ui.horizontal(|ui| {
        let label = title(ui, &heading);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let exact = DragValue::new(&mut nm)
                .range(0.0..=most)
                .speed((0.01 * before).max(0.02))
                .max_decimals(2)
                .custom_formatter(|nm, _| written(nm))
                .suffix(" nM free");
            let exact = ui.add(exact).labelled_by(label.id);
            controls.note("dose_exact", &exact);
            exact.on_hover_text("Click to type a concentration");
        });
        label
    });
    arms(ui, player, controls);
    let slider = ui
        .scope(|ui| scale(ui, &mut nm, most))
        .inner
        .labelled_by(label.inner.id);
    controls.note("dose", &slider);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let width = (ui.available_width() - 18.0) / 4.0;
        for (preset, name) in PRESETS.into_iter().filter(|(preset, _)| *preset <= most) {
            let chosen = (nm - preset).abs() <= 1e-9 * preset;
            if ui
                .add(
                    Button::new(name)
                        .selected(chosen)
                        .min_size(vec2(width, 24.0)),
                )
                .clicked()
            {
                nm = preset;
            }
        }
    });
    if nm != before {
        player.unscrub();
        player.set_bath_nm(nm);
    }
    note(ui, words(player));
}

/// Which arm the dose acts on, where it can be another.
fn arms(ui: &mut Ui, player: &mut Player, controls: &mut Controls) {
    let free = |arm: &usize| !player.plan().arms[*arm].withheld;
    let choices: Vec<usize> = (0..player.n_arms()).filter(free).collect();
    if choices.len() < 2 {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(5.0, 5.0);
        let label = ui.label("of arm");
        for arm in choices {
            let name = player.arm_name(arm).to_string();
            let chosen = arm == player.selected();
            let button = ui
                .add(Button::new(&name).selected(chosen))
                .labelled_by(label.id);
            controls.note(format!("arm{arm}"), &button);
            if button.clicked() {
                player.select(arm);
            }
        }
    });
}

/// What is dosed, and where it is.
fn dose_title(model: &Model) -> String {
    let Some(treatment) = model.dose().inhibitor() else {
        return "Dose".to_string();
    };
    let mut name = treatment.compound.clone();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    match treatment.regimen() {
        Some(_) => format!("{name} in plasma"),
        None => format!("{name} in bath"),
    }
}

/// What an arm gets now, in a few words; nothing where nothing is given.
pub(in crate::viewer) fn dose_words(player: &Player, arm: usize) -> String {
    let model = player.model_of(arm);
    if !model.dose().is_given() {
        return String::new();
    }
    let nm = match player.shown() {
        None => player.bath_nm(arm),
        Some(shown) => {
            let time_min = model.dt_min() * shown.step as f64;
            model
                .dose()
                .bath_nm(time_min, shown.step, player.events(arm))
        }
    };
    let clinical = if model.dose().is_clinical() {
        " free, illustrative"
    } else {
        ""
    };
    format!("{}: {} nM{clinical}", dose_title(model), written(nm))
}

/// The slider with its scale.
fn scale(ui: &mut Ui, nm: &mut f64, most: f64) -> egui::Response {
    ui.spacing_mut().slider_width = ui.available_width();
    // 0 and the least concentration would share the left end; half a decade keeps them apart.
    let start = LEAST_NM / 3.0;
    let slider = ui.add(
        Slider::new(nm, 0.0..=most)
            .logarithmic(true)
            .smallest_positive(start)
            .show_value(false),
    );
    if slider.changed() {
        *nm = if *nm < LEAST_NM { 0.0 } else { rounded(*nm) };
    }
    let tones = Tones::of(ui.ctx());
    ui.spacing_mut().item_spacing.y = 2.0;
    let (ticks, _) = ui.allocate_exact_size(vec2(ui.available_width(), 17.0), egui::Sense::hover());
    // The handle's centre keeps its radius away from both ends (egui: 2/5 of the height).
    let rail = slider.rect.x_range().shrink(slider.rect.height() / 2.5);
    let tick = |x: f32, text: &str| {
        let top = ticks.top() - 3.0;
        ui.painter()
            .vline(x, top..=top + 4.0, Stroke::new(1.0, tones.grey));
        let text =
            ui.painter()
                .layout_no_wrap(text.to_string(), FontId::proportional(11.0), tones.grey);
        let left = (x - 0.5 * text.size().x).min(ticks.right() - text.size().x);
        ui.painter().galley(pos2(left, top + 6.0), text, tones.grey);
    };
    tick(rail.min, "0");
    let decades = (-1..=6)
        .map(|power| 10.0_f64.powi(power))
        .take_while(|nm| *nm <= most * 1.001);
    for nm in decades {
        let share = ((nm / start).ln() / (most / start).ln()) as f32;
        tick(rail.min + share * rail.span(), &tick_text(nm));
    }
    slider
}

fn tick_text(nm: f64) -> String {
    if nm >= 1000.0 {
        format!("{} µM", nm / 1000.0)
    } else {
        format!("{nm}")
    }
}

/// The end of the scenario's own slider for the bath.
fn highest_nm(model: &Model) -> f64 {
    let own = model
        .sliders()
        .iter()
        .find(|slider| slider.key == "dose.bath");
    own.map_or(MOST_NM, |slider| slider.range[1])
        .max(10.0 * LEAST_NM)
}

/// Three significant digits: finer than the slider's pixels.
fn rounded(nm: f64) -> f64 {
    let unit = 10.0_f64.powi(nm.log10().floor() as i32 - 2);
    // Through text, so that a recorded dose is the number that was shown.
    format!("{:.6}", (nm / unit).round() * unit)
        .parse()
        .unwrap_or(nm)
}

/// Without needless decimals.
fn written(nm: f64) -> String {
    match nm {
        v if v >= 99.95 => format!("{v:.0}"),
        v if v >= 9.995 => format!("{v:.1}").trim_end_matches(".0").to_string(),
        0.0 => "0".to_string(),
        v => format!("{v:.2}")
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_string(),
    }
}

/// The bath in words.
fn words(player: &Player) -> String {
    let clinical = if player.model().dose().is_clinical() {
        " Levels and times of the regimen are illustrative, not clinical."
    } else {
        ""
    };
    let nm = player.bath_nm(player.selected());
    if nm == 0.0 {
        return format!("No drug: cells signal at their control level.{clinical}");
    }
    let bath = format!("{} nM", written(nm));
    match player.settled_pfak() {
        Some(share) => format!(
            "{bath} — prediction: pFAK settles at {} of its level without drug.{clinical}",
            percent(share)
        ),
        None => format!("{bath} in the bath.{clinical}"),
    }
}

fn percent(share: f64) -> String {
    match 100.0 * share {
        p if p < 0.095 => "below 0.1 %".to_string(),
        p if p < 9.95 => format!("{p:.1} %"),
        p => format!("{p:.0} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concentrations_are_written_short() {
        let shown = [0.0, 0.1, 0.25, 3.0, 12.5, 100.0, 1234.0, 10_000.0].map(written);
        assert_eq!(
            shown,
            ["0", "0.1", "0.25", "3", "12.5", "100", "1234", "10000"]
        );
        assert_eq!(
            [0.123_456, 99.96, 1234.5].map(rounded),
            [0.123, 100.0, 1230.0]
        );
    }
}
