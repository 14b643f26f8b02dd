//! Tablets still to come, each taken or missed; and the levels of the other compounds.

use egui::{Button, DragValue, RichText, Ui, vec2};

use super::{Controls, note, title};
use crate::dosing::Treatment;
use crate::event::{Act, Intake, Level};
use crate::render::annotation::number;
use crate::viewer::player::Player;
use crate::viewer::style::{SMALL, Tones};

/// Doses that are shown at most, from the next one on.
const MOST_SHOWN: usize = 28;

/// The doses of every regimen.
pub(super) fn doses(ui: &mut Ui, player: &mut Player, controls: &mut Controls) {
    let model = player.model().clone();
    for treatment in model.dose().treatments() {
        let Some(regimen) = treatment.regimen() else {
            continue;
        };
        note(
            ui,
            format!(
                "Doses of {} to come; click one to miss it:",
                treatment.compound
            ),
        );
        let now_min = model.dt_min() * player.step_now() as f64;
        let to_come = regimen.intakes.iter().enumerate();
        let to_come = to_come.filter(|(_, intake)| intake.at_min >= now_min);
        let to_come: Vec<_> = to_come.take(MOST_SHOWN).collect();
        if to_come.is_empty() {
            note(ui, "none");
        }
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
            for (ix, intake) in to_come {
                let is_taken = intake.taken && !is_missed(player, treatment, ix + 1);
                let day_h = number(intake.at_min / 60.0);
                let mark = if is_taken { "" } else { "missed " };
                let text = RichText::new(format!("{mark}{day_h} h")).size(SMALL);
                let button = ui.add_enabled(intake.taken, Button::new(text).selected(is_taken));
                controls.note(format!("intake{}", ix + 1), &button);
                let word = if is_taken { "taken" } else { "missed" };
                let told = format!("dose {} of {} mg, {word}", ix + 1, number(intake.amount_mg));
                if button.on_hover_text(told).clicked() {
                    let act = Act::Intake(Intake {
                        compound: treatment.compound.clone(),
                        dose: ix + 1,
                        taken: !is_taken,
                    });
                    player.act(Some(player.selected()), act);
                }
            }
        });
    }
}

/// Whether a dose was missed by hand, as it was last said.
fn is_missed(player: &Player, treatment: &Treatment, dose: usize) -> bool {
    let events = player.events(player.selected()).iter().rev();
    let mut said = events.filter_map(|event| match &event.act {
        Act::Intake(said) if said.compound == treatment.compound && said.dose == dose => {
            Some(!said.taken)
        }
        _ => None,
    });
    said.next().unwrap_or(false)
}

/// A level for each compound that does not inhibit FAK.
pub(super) fn others(ui: &mut Ui, player: &mut Player, controls: &mut Controls) {
    let model = player.model().clone();
    let inhibitor = model.dose().inhibitor().map(|t| t.compound.clone());
    let arm = player.selected();
    let step = player.step_now();
    let time_min = model.dt_min() * step as f64;
    for treatment in model.dose().treatments() {
        let name = &treatment.compound;
        if Some(name) == inhibitor.as_ref() {
            continue;
        }
        let before = treatment.free_nm_after(time_min, step, player.events(arm));
        let mut nm = before;
        ui.horizontal(|ui| {
            let label = title(ui, name);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let value = DragValue::new(&mut nm)
                    .range(0.0..=1e6)
                    .speed((0.01 * before).max(0.1))
                    .max_decimals(2)
                    .suffix(" nM free");
                let value = ui.add(value).labelled_by(label.id);
                controls.note(format!("level_{name}"), &value);
                value.on_hover_text("Drag, or click to type a level");
            });
        });
        if nm != before {
            let act = Act::Level(Level {
                compound: name.clone(),
                free_nm: nm,
            });
            player.act(Some(arm), act);
        }
    }
    if model.dose().treatments().len() > 1 {
        let tones = Tones::of(ui.ctx());
        let words = "Levels hold from the next step on.";
        ui.label(RichText::new(words).size(SMALL).color(tones.grey));
    }
}
