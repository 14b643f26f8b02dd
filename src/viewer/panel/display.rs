//! What the picture shows.

mod space;

use std::sync::Arc;

use egui::{Checkbox, ComboBox, DragValue, Ui};

use super::{Controls, title};
use crate::model::{FieldKind, Model};
use crate::render::annotation::number;
use crate::render::{CellShape, Colouring, Grain, Range, View};
use crate::state::HostState;
use crate::viewer::camera;

/// Where the choosers start, points from the panel's edge.
const INDENT: f32 = 52.0;

pub(super) fn show(
    ui: &mut Ui,
    model: &Model,
    state: &HostState,
    view: &mut View,
    controls: &mut Controls,
) {
    ui.horizontal(|ui| {
        title(ui, "Picture");
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let home = ui
                .button("Home")
                .on_hover_text("The whole box, seen as at the start");
            controls.note("home", &home);
            if home.clicked() {
                camera::home(view, model);
            }
            let fit = ui.button("Fit").on_hover_text("The whole box");
            controls.note("fit", &fit);
            if fit.clicked() {
                camera::fit(view, model.grid());
            }
        });
    });
    let settled = view.settled(state);
    field(ui, model, view, &settled, controls);
    if !model.cell_types().is_empty() {
        cells(ui, view, controls);
    }
    overlays(ui, model, view, controls);
    if model.grid().dimensions == 3 {
        space::show(ui, model.grid(), view, controls);
    }
}

/// Contours, the matrix as a texture, and length as a sign for speed.
fn overlays(ui: &mut Ui, model: &Model, view: &mut View, controls: &mut Controls) {
    let from_above = view.space(model.grid()).is_none();
    line(ui, "Show", |ui, _| {
        if view.field.is_some() {
            let contours = Checkbox::new(&mut view.contours, "contours");
            let contours = ui
                .add(contours)
                .on_hover_text("Lines of the field at the numbers of its legend");
            controls.note("contours", &contours);
        }
        let has_matrix = model.fibres().is_some() || model.field(FieldKind::Ecm).is_some();
        if model.grid().dimensions == 2 && has_matrix {
            let mut shown = view.matrix.is_some();
            let matrix = Checkbox::new(&mut shown, "matrix");
            let matrix = ui
                .add(matrix)
                .on_hover_text("Matrix as a texture: streaks along fibres, the darker the denser");
            controls.note("matrix", &matrix);
            if matrix.changed() {
                view.matrix = shown.then(|| Arc::new(Grain::of(model)));
            }
        }
        if from_above && view.cells && !model.cell_types().is_empty() {
            let mut long = view.shape == CellShape::Elongated;
            let shape = Checkbox::new(&mut long, "length");
            let shape = ui.add(shape).on_hover_text(
                "Cells drawn the longer the faster they crawl, along their polarity",
            );
            controls.note("length", &shape);
            if shape.changed() {
                view.shape = if long {
                    CellShape::Elongated
                } else {
                    CellShape::Disc
                };
            }
        }
    });
}

fn field(ui: &mut Ui, model: &Model, view: &mut View, settled: &View, controls: &mut Controls) {
    let before = view.field;
    line(ui, "Field", |ui, label| {
        let combo = ComboBox::from_id_salt("field")
            .width(ui.available_width())
            .selected_text(before.map_or("none", FieldKind::title))
            .show_ui(ui, |ui| {
                for field in model.fields() {
                    ui.selectable_value(&mut view.field, Some(field.kind), field.kind.title());
                }
                ui.selectable_value(&mut view.field, None, "none");
            });
        controls.note("field", &combo.response.labelled_by(label));
    });
    if view.field != before {
        // Each field's own usual range, if there is one.
        let usual = View::of(model, view.size_px);
        view.field_range = if usual.field == view.field {
            usual.field_range
        } else {
            Range::Auto
        };
    }
    if view.field.is_some() {
        range(ui, &mut view.field_range, settled.field_bounds());
    }
}

fn cells(ui: &mut Ui, view: &mut View, controls: &mut Controls) {
    let shown = if view.cells {
        view.colouring.title()
    } else {
        "hidden"
    };
    line(ui, "Cells", |ui, label| {
        let combo = ComboBox::from_id_salt("cells")
            .width(ui.available_width())
            .selected_text(shown)
            .show_ui(ui, |ui| {
                for colouring in Colouring::ALL {
                    if ui
                        .selectable_label(
                            view.cells && view.colouring == colouring,
                            colouring.title(),
                        )
                        .clicked()
                    {
                        (view.cells, view.colouring, view.cell_range) =
                            (true, colouring, Range::Auto);
                    }
                }
                if ui.selectable_label(!view.cells, "hidden").clicked() {
                    view.cells = false;
                }
            });
        controls.note("cells", &combo.response.labelled_by(label));
    });
    if view.cells && !view.colouring.is_categorical() {
        let bounds = view.cell_bounds();
        range(ui, &mut view.cell_range, bounds);
    }
}

/// What the colours span: chosen by the program, or fixed to two numbers in the legend's unit.
fn range(ui: &mut Ui, range: &mut Range, bounds: [f64; 2]) {
    line(ui, "", |ui, _| {
        let mut auto = *range == Range::Auto;
        if ui
            .add(Checkbox::new(&mut auto, "auto"))
            .on_hover_text("Let the program choose what the colours span")
            .changed()
        {
            *range = if auto {
                Range::Auto
            } else {
                Range::Fixed(bounds)
            };
        }
        let [mut lo, mut hi] = bounds;
        let speed = 0.005 * (hi - lo).abs().max(1e-3);
        let changed = ui
            .add_enabled_ui(!auto, |ui| {
                let end = |v| {
                    DragValue::new(v)
                        .speed(speed)
                        .custom_formatter(|v, _| number(v))
                };
                let from = ui.label("from").id;
                let low = ui.add(end(&mut lo)).labelled_by(from).changed();
                let to = ui.label("to").id;
                low | ui.add(end(&mut hi)).labelled_by(to).changed()
            })
            .inner;
        if changed && hi > lo {
            *range = Range::Fixed([lo, hi]);
        }
    });
}

/// A line of the group: its name, then its controls, aligned with the other lines'.
fn line(ui: &mut Ui, name: &str, add: impl FnOnce(&mut Ui, egui::Id)) {
    ui.horizontal(|ui| {
        let left = ui.min_rect().left();
        let label = ui.label(name);
        let used = ui.cursor().left() - left;
        ui.add_space((INDENT - used).max(0.0));
        add(ui, label.id);
    });
}
