//! How a 3-D box is seen: projection, planes that show the field, the plane that hides cells.

use egui::{Checkbox, ComboBox, Slider, Ui};

use super::super::Controls;
use super::line;
use crate::model::Grid;
use crate::render::{Clip, Space, View};

const AXES: [&str; 3] = ["x", "y", "z"];
/// Controls of the planes, by axis.
const PLANES: [&str; 3] = ["plane_x", "plane_y", "plane_z"];

pub(super) fn show(ui: &mut Ui, grid: &Grid, view: &mut View, controls: &mut Controls) {
    projection(ui, grid, view, controls);
    let size_um = grid.size_um();
    let Some(space) = &mut view.space else {
        line(ui, "Plane", |ui, label| {
            let mut at_um = view.slice_um.unwrap_or(0.5 * size_um[2]);
            let slider = position(ui, &mut at_um, size_um[2]).labelled_by(label);
            if slider.changed() {
                view.slice_um = Some(at_um);
            }
        });
        return;
    };
    for axis in 0..3 {
        plane(
            ui,
            axis,
            &mut space.slices_um[axis],
            size_um[axis],
            controls,
        );
    }
    clip(ui, &mut space.clip, size_um, controls);
}

fn projection(ui: &mut Ui, grid: &Grid, view: &mut View, controls: &mut Controls) {
    const NAMES: [&str; 3] = ["in perspective", "in parallel", "one plane"];
    let now = match &view.space {
        Some(space) if space.camera.perspective => 0,
        Some(_) => 1,
        None => 2,
    };
    line(ui, "Seen", |ui, label| {
        let mut chosen = now;
        let combo = ComboBox::from_id_salt("projection")
            .width(ui.available_width())
            .selected_text(NAMES[now])
            .show_index(ui, &mut chosen, NAMES.len(), |i| NAMES[i]);
        controls.note("projection", &combo.labelled_by(label));
        if chosen != now {
            if chosen == 2 {
                view.space = None;
            } else {
                let space = view.space.get_or_insert_with(|| Space::home(grid));
                space.camera.perspective = chosen == 0;
            }
        }
    });
}

fn plane(ui: &mut Ui, axis: usize, at_um: &mut Option<f64>, size_um: f64, controls: &mut Controls) {
    line(ui, if axis == 0 { "Planes" } else { "" }, |ui, _| {
        let mut shown = at_um.is_some();
        let check = ui
            .add(Checkbox::new(&mut shown, AXES[axis]))
            .on_hover_text(format!("The field on a plane across {}", AXES[axis]));
        controls.note(PLANES[axis], &check);
        if check.changed() {
            *at_um = shown.then_some(0.5 * size_um);
        }
        if let Some(at_um) = at_um {
            position(ui, at_um, size_um).labelled_by(check.id);
        }
    });
}

fn clip(ui: &mut Ui, clip: &mut Option<Clip>, size_um: [f64; 3], controls: &mut Controls) {
    const NAMES: [&str; 4] = ["nothing", "x", "y", "z"];
    line(ui, "Cut", |ui, label| {
        let now = clip.map_or(0, |clip| clip.axis + 1);
        let mut chosen = now;
        let combo = ComboBox::from_id_salt("clip")
            .width(64.0)
            .selected_text(NAMES[now])
            .show_index(ui, &mut chosen, NAMES.len(), |i| NAMES[i])
            .on_hover_text("A plane that hides the cells on one side of it");
        let combo = combo.labelled_by(label);
        controls.note("cut", &combo);
        if chosen != now {
            *clip = chosen.checked_sub(1).map(|axis| Clip {
                axis,
                at_um: 0.5 * size_um[axis],
                keeps_above: true,
            });
        }
        let Some(clip) = clip else { return };
        let side = if clip.keeps_above {
            "keep above"
        } else {
            "keep below"
        };
        let button = ui
            .button(side)
            .on_hover_text("Which side of the plane is kept");
        controls.note("cut_side", &button);
        if button.clicked() {
            clip.keeps_above = !clip.keeps_above;
        }
    });
    if let Some(clip) = clip {
        line(ui, "", |ui, _| {
            let at = ui.label("at").id;
            position(ui, &mut clip.at_um, size_um[clip.axis]).labelled_by(at);
        });
    }
}

/// A position along an axis, µm.
fn position(ui: &mut Ui, at_um: &mut f64, size_um: f64) -> egui::Response {
    ui.spacing_mut().slider_width = (ui.available_width() - 78.0).max(60.0);
    ui.add(
        Slider::new(at_um, 0.0..=size_um)
            .suffix(" µm")
            .max_decimals(0),
    )
}
