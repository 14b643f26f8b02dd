//! The brushes: which one, how large, and what it leaves.

use egui::{Button, ComboBox, DragValue, Slider, Ui, vec2};

use super::{Controls, alarm, note, title};
use crate::model::Model;
use crate::render::View;
use crate::render::annotation::number;
use crate::viewer::pictures::{Brush, Tool};
use crate::viewer::player::Player;

pub(super) fn show(
    ui: &mut Ui,
    player: &Player,
    brush: &mut Brush,
    view: &View,
    controls: &mut Controls,
) {
    let model = player.model().clone();
    title(ui, "Hand");
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let width = (ui.available_width() - 18.0) / 4.0;
        for tool in Tool::ALL {
            let has_cells = !model.cell_types().is_empty();
            let can = match tool {
                Tool::Look => true,
                Tool::Paint => !model.fields().is_empty(),
                Tool::Seed | Tool::Cut => has_cells,
            };
            let button = Button::new(tool.title())
                .selected(brush.tool == tool)
                .min_size(vec2(width, 24.0));
            let button = ui.add_enabled(can, button);
            controls.note(format!("tool_{}", tool.title().to_lowercase()), &button);
            if button.clicked() {
                brush.tool = tool;
            }
        }
    });
    if brush.tool == Tool::Look {
        return note(ui, "A drag moves the picture, a click picks a cell.");
    }
    if view.space(model.grid()).is_some() {
        return note(
            ui,
            "Choose 'one plane' above: a brush needs a plane to paint on.",
        );
    }
    radius(ui, &model, brush, controls);
    match brush.tool {
        Tool::Paint => paint(ui, &model, brush, controls),
        Tool::Seed => cells(ui, &model, brush, controls),
        Tool::Look | Tool::Cut => {}
    }
    note(
        ui,
        "Drag over a picture. Every arm gets the same stroke, and the record keeps it.",
    );
    if let Some(why) = player.refused() {
        alarm(ui, "Not done", why);
    }
}

fn radius(ui: &mut Ui, model: &Model, brush: &mut Brush, controls: &mut Controls) {
    let size = model.grid().size_um();
    let most = 0.5 * size[0].max(size[1]);
    ui.horizontal(|ui| {
        let label = ui.label("Radius");
        ui.spacing_mut().slider_width = (ui.available_width() - 82.0).max(60.0);
        let slider = Slider::new(&mut brush.radius_um, 1.0..=most.max(1.0))
            .logarithmic(true)
            .suffix(" µm")
            .max_decimals(0);
        let slider = ui.add(slider).labelled_by(label.id);
        controls.note("brush_radius", &slider);
    });
}

fn paint(ui: &mut Ui, model: &Model, brush: &mut Brush, controls: &mut Controls) {
    ui.horizontal(|ui| {
        let label = ui.label("Set");
        let shown = brush.field.map_or("nothing", |kind| kind.title());
        let combo = ComboBox::from_id_salt("brush_field")
            .width(142.0)
            .selected_text(shown)
            .show_ui(ui, |ui| {
                for field in model.fields() {
                    let title = field.kind.title();
                    ui.selectable_value(&mut brush.field, Some(field.kind), title);
                }
            });
        controls.note("brush_field", &combo.response.labelled_by(label.id));
        let to = ui.label("to");
        let unit = brush.field.map_or("", |kind| kind.unit());
        let speed = 0.01 * brush.value.abs().max(0.1);
        let value = DragValue::new(&mut brush.value)
            .range(0.0..=1e6)
            .speed(speed)
            .custom_formatter(|value, _| number(value))
            .suffix(format!(" {unit}"));
        let value = ui.add(value).labelled_by(to.id);
        controls.note("brush_value", &value);
    });
}

fn cells(ui: &mut Ui, model: &Model, brush: &mut Brush, controls: &mut Controls) {
    let labels = model.type_labels();
    ui.horizontal(|ui| {
        let label = ui.label("Up to");
        let count = DragValue::new(&mut brush.count).range(1..=crate::event::MOST_SEEDS);
        let count = ui.add(count).labelled_by(label.id);
        controls.note("brush_count", &count);
        let of = ui.label("cells of");
        let combo = ComboBox::from_id_salt("brush_type")
            .width(ui.available_width())
            .show_index(ui, &mut brush.type_ix, labels.len(), |ix| {
                labels[ix].clone()
            });
        controls.note("brush_type", &combo.labelled_by(of.id));
    });
}
