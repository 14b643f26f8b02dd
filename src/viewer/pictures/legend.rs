//! The strip of legends below the pictures.

use egui::epaint::Mesh;
use egui::{Color32, FontId, Rect, Ui, pos2, vec2};

use crate::model::Model;
use crate::render::View;
use crate::render::annotation::{Legend, legends, number};
use crate::render::palette::Colour;
use crate::viewer::style::{SMALL, Tones, colour};

/// Length of a colour bar, points.
const BAR: f32 = 150.0;
/// Between two legends, points.
const GAP: f32 = 36.0;

/// The legends of a view, side by side.
pub(super) fn show(ui: &Ui, strip: Rect, view: &View, model: &Model, tones: Tones) {
    let mut left = strip.min.x + 2.0;
    for legend in legends(view, model.grid(), &model.type_labels()) {
        match legend {
            Legend::Bar {
                title,
                unit,
                bounds,
                colours,
                ..
            } => {
                let at = [left, strip.min.y];
                left = bar(ui, at, [&title, unit], bounds, &colours, tones) + GAP;
            }
            Legend::Names { names, .. } => left = swatches(ui, left, strip, &names, tones) + GAP,
            Legend::Note { title, lines } => {
                let text = |text: String, size: f32, ink: Color32| {
                    let font = FontId::proportional(size);
                    ui.painter().layout_no_wrap(text, font, ink)
                };
                let head = text(title.to_string(), SMALL, tones.ink);
                let body = text(lines.join("\n"), SMALL - 1.0, tones.grey);
                let width = head.size().x.max(body.size().x);
                ui.painter()
                    .galley(pos2(left, strip.min.y), head, tones.ink);
                ui.painter()
                    .galley(pos2(left, strip.min.y + 16.0), body, tones.grey);
                left += width + GAP;
            }
        }
    }
}

/// Title and unit over a bar from its least to its highest value; returns its right end.
fn bar(
    ui: &Ui,
    [left, top]: [f32; 2],
    [title, unit]: [&str; 2],
    [lo, hi]: [f64; 2],
    colours: &[Colour],
    tones: Tones,
) -> f32 {
    let painter = ui.painter();
    let text = |text: &str, size: f32, ink: Color32| {
        painter.layout_no_wrap(text.to_string(), FontId::proportional(size), ink)
    };
    let head = text(title, SMALL, tones.ink);
    let unit = text(unit, SMALL, tones.grey);
    let head_width = head.size().x;
    let right_of_head = left + head_width + 6.0 + unit.size().x;
    painter.galley(pos2(left, top), head, tones.ink);
    painter.galley(pos2(left + head_width + 6.0, top), unit, tones.grey);
    let low = text(&number(lo), SMALL, tones.ink);
    let high = text(&number(hi), SMALL, tones.ink);
    let rect = Rect::from_min_size(pos2(left + low.size().x + 6.0, top + 21.0), vec2(BAR, 11.0));
    let y = rect.center().y - 0.5 * low.size().y;
    painter.galley(pos2(left, y), low, tones.ink);
    painter.rect_filled(rect.expand(1.0), 0.0, tones.grey);
    painter.add(gradient(rect, colours));
    let right = rect.max.x + 6.0 + high.size().x;
    painter.galley(pos2(rect.max.x + 6.0, y), high, tones.ink);
    right.max(right_of_head)
}

/// A bar whose first colour is on the left.
fn gradient(bar: Rect, colours: &[Colour]) -> Mesh {
    let mut mesh = Mesh::default();
    let last = colours.len().saturating_sub(1).max(1) as f32;
    for (i, &c) in colours.iter().enumerate() {
        let x = bar.left() + bar.width() * i as f32 / last;
        mesh.colored_vertex(pos2(x, bar.bottom()), colour(c));
        mesh.colored_vertex(pos2(x, bar.top()), colour(c));
        if i > 0 {
            let k = 2 * i as u32;
            mesh.add_triangle(k - 2, k - 1, k);
            mesh.add_triangle(k - 1, k + 1, k);
        }
    }
    mesh
}

/// A disc and a name for each of some classes, in as many lines as it takes; returns the right end.
fn swatches(ui: &Ui, left: f32, strip: Rect, names: &[(Colour, String)], tones: Tones) -> f32 {
    let painter = ui.painter();
    let (mut x, mut y, mut right) = (left, strip.min.y + 8.0, left);
    for (fill, name) in names {
        let text = painter.layout_no_wrap(name.clone(), FontId::proportional(SMALL), tones.ink);
        let width = 14.0 + text.size().x;
        if x > left && x + width > strip.max.x {
            (x, y) = (left, y + 19.0);
        }
        let edge = egui::Stroke::new(1.0, tones.ink);
        painter.circle(pos2(x + 5.0, y), 5.0, colour(*fill), edge);
        painter.galley(pos2(x + 14.0, y - 0.5 * text.size().y), text, tones.ink);
        right = right.max(x + width);
        x += width + 16.0;
    }
    right
}
