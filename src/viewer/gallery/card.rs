//! [`Card`]: what the gallery tells of a scenario.

use egui::ColorImage;

use crate::cpu::CpuEngine;
use crate::model::{Model, initial_state};
use crate::record::unverified;
use crate::render::{self, Framing, View};
use crate::scenario::Scenario;
use crate::simulation::Simulation;
use crate::state::HostState;

/// Width and height of a thumbnail, px.
pub(super) const THUMB_PX: [u32; 2] = [480, 264];

/// A scenario in the gallery.
pub(super) struct Card {
    /// Name by which it is opened.
    pub(super) name: String,
    /// Its title.
    pub(super) title: String,
    /// The question that it asks; what is wrong, where it cannot be read.
    pub(super) question: String,
    /// Share 0…1 of the values in use that were read or computed from a source.
    pub(super) verified: f32,
    /// The same in a few words, with what else is worth knowing.
    pub(super) badge: String,
    /// The same in full.
    pub(super) evidence: String,
    /// The state at time zero.
    pub(super) image: Option<ColorImage>,
}

impl Card {
    /// Reads a built-in scenario and paints its start.
    pub(super) fn of(name: &str) -> Self {
        let read = Scenario::load(name, &[]).and_then(|scenario| {
            let model = Model::try_from(&scenario)?;
            Ok((scenario, model))
        });
        match read {
            Ok((scenario, model)) => Self::new(name, &scenario, &model),
            Err(why) => Self {
                name: name.to_string(),
                title: name.to_string(),
                question: why.to_string(),
                verified: 0.0,
                badge: "cannot be read".to_string(),
                evidence: String::new(),
                image: None,
            },
        }
    }

    fn new(name: &str, scenario: &Scenario, model: &Model) -> Self {
        let all = model.parameters_in_use().count();
        let open = unverified(model).len();
        let known = all.saturating_sub(open);
        let mut words = vec![format!("{known} of {all} values sourced")];
        if model.grid().dimensions == 3 {
            words.push("3-D".to_string());
        }
        if scenario.file.lesson.is_some() {
            words.push("lesson".to_string());
        }
        if model.dose().is_clinical() {
            words.push("illustrative".to_string());
        }
        Self {
            name: name.to_string(),
            title: model.title().to_string(),
            question: model.question().to_string(),
            verified: known as f32 / all.max(1) as f32,
            badge: words.join(" · "),
            evidence: format!(
                "{known} of the {all} values in use were read in a source or computed from one; {open} are remembered or chosen. What the drug does to migration is a prediction."
            ),
            image: Some(thumbnail(model)),
        }
    }
}

/// The state at time zero; of a scenario that begins without cells, where nothing would be seen, an hour later.
fn first_sight(model: &Model) -> HostState {
    if model.n_cells() > 0 {
        return initial_state(model);
    }
    let hour = (60.0 / model.dt_min()) as u64;
    let after = Simulation::new(model.clone(), Box::new(CpuEngine::new(model)))
        .and_then(|mut simulation| simulation.run(hour).and_then(|()| simulation.snapshot()));
    after.unwrap_or_else(|_| initial_state(model))
}

/// The middle of the box, as much of it as fills the picture.
fn thumbnail(model: &Model) -> ColorImage {
    let state = first_sight(model);
    let size_um = model.grid().size_um();
    let um_per_px = [0, 1].map(|axis| size_um[axis] / f64::from(THUMB_PX[axis]));
    let view = View {
        margins: false,
        framing: Framing::At {
            centre_um: [0.5 * size_um[0], 0.5 * size_um[1]],
            um_per_px: um_per_px[0].min(um_per_px[1]),
        },
        ..View::of(model, THUMB_PX)
    };
    let picture = render::cpu::paint(model.grid(), &state, &view.settled(&state));
    let size = [picture.width() as usize, picture.height() as usize];
    ColorImage::from_rgba_unmultiplied(size, picture.as_raw())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::BUILT_IN;

    #[test]
    fn every_built_in_scenario_has_a_card_with_a_picture() {
        for (name, _) in BUILT_IN {
            let card = Card::of(name);
            let image = card.image.expect(name);
            let first = image.pixels[0];
            assert!(image.pixels.iter().any(|p| *p != first), "{name} is blank");
            assert!(!card.title.is_empty() && card.verified > 0.0, "{name}");
        }
    }
}
