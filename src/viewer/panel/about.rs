//! What the model is and is not, and what it runs on.

use egui::{CollapsingHeader, RichText, Ui};

use super::{Controls, note};
use crate::record::unverified;
use crate::viewer::player::Player;
use crate::viewer::style::Tones;

pub(super) fn show(ui: &mut Ui, player: &Player, adapter: &str, controls: &mut Controls) {
    let tones = Tones::of(ui.ctx());
    let model = player.model();
    let about = CollapsingHeader::new(RichText::new("About this model").strong().color(tones.ink)).show(ui, |ui| {
        ui.label(RichText::new("Not for clinical use. Dose effect on migration: prediction.").strong());
        note(
            ui,
            "No published dose-response of migration under defactinib could be verified; what the drug does to \
             movement follows from measured pFAK and from the model's own rules.",
        );
        note(
            ui,
            format!(
                "{} parameters in use are remembered or chosen, not read in a source: invado list parameters.",
                unverified(model).len()
            ),
        );
        let size = model.grid().size_um();
        let shown = size.iter().take(model.grid().dimensions as usize).map(|um| format!("{um:.0}")).collect::<Vec<_>>();
        note(ui, format!("Box {} µm, voxel {} µm, seed {}.", shown.join(" × "), model.grid().voxel_um, model.seed()));
        let changes = player.events(player.selected()).len();
        note(ui, format!("Live changes of the dose so far: {changes}."));
    });
    controls.note("about", &about.header_response);
    ui.add_space(2.0);
    if let Some((name, description)) = player.engine() {
        note(ui, engine_line(name, description, adapter));
    }
}

fn engine_line(name: &str, description: &str, adapter: &str) -> String {
    match name {
        "gpu" => format!("GPU engine on {description}"),
        _ => format!("CPU engine, {description}. Picture drawn by {adapter}"),
    }
}
