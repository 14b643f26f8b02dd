//! Brushes: a stroke over a picture paints a field, sets cells down or cuts them away, in every arm alike.

use egui::{Color32, Stroke as Line, Ui};

use super::Place;
use crate::event::{Act, Paint, Seed};
use crate::model::{FieldKind, MOST_POINTS, Model, Stroke};
use crate::render::View;
use crate::viewer::player::Player;
use crate::viewer::style::Tones;

/// What a drag over a picture does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::viewer) enum Tool {
    /// Moves the picture.
    #[default]
    Look,
    /// Sets a field.
    Paint,
    /// Sets cells down.
    Seed,
    /// Takes cells away: a new scratch.
    Cut,
}

impl Tool {
    pub(in crate::viewer) const ALL: [Tool; 4] = [Tool::Look, Tool::Paint, Tool::Seed, Tool::Cut];

    pub(in crate::viewer) const fn title(self) -> &'static str {
        match self {
            Tool::Look => "Look",
            Tool::Paint => "Paint",
            Tool::Seed => "Cells",
            Tool::Cut => "Cut",
        }
    }
}

/// The brush in hand.
#[derive(Clone, Debug)]
pub(in crate::viewer) struct Brush {
    pub(in crate::viewer) tool: Tool,
    pub(in crate::viewer) radius_um: f64,
    /// What is painted; the first field of the model if `None`.
    pub(in crate::viewer) field: Option<FieldKind>,
    /// In the field's unit.
    pub(in crate::viewer) value: f64,
    /// Index into the cell types.
    pub(in crate::viewer) type_ix: usize,
    pub(in crate::viewer) count: u32,
    /// Where the stroke has been so far, µm.
    path_um: Vec<[f64; 3]>,
}

impl Brush {
    pub(in crate::viewer) fn of(model: &Model) -> Self {
        let size = model.grid().size_um();
        Self {
            tool: Tool::Look,
            radius_um: (size[0].min(size[1]) / 20.0).round().max(1.0),
            field: model.fields().first().map(|field| field.kind),
            value: 1.0,
            type_ix: 0,
            count: 20,
            path_um: Vec::new(),
        }
    }

    /// Whether a drag draws: not where a box is seen from outside, where a place has no depth.
    pub(super) fn is_on(&self, model: &Model, view: &View) -> bool {
        self.tool != Tool::Look && view.space(model.grid()).is_none()
    }

    /// Follows the pointer, shows the stroke, and acts when it ends.
    pub(super) fn draw(
        &mut self,
        ui: &Ui,
        response: &egui::Response,
        place: &Place,
        player: &mut Player,
        tones: Tones,
    ) {
        let painter = ui.painter_at(place.rect);
        let radius = |um_per_point: f32| self.radius_um as f32 / um_per_point;
        if let Some(at) = response.hover_pos() {
            let (_, um_per_point) = place.seen([0.0; 3]);
            let edge = Line::new(1.5, tones.event);
            painter.circle_stroke(at, radius(um_per_point), edge);
        }
        for point in &self.path_um {
            let (at, um_per_point) = place.seen(*point);
            let fill = tones.event.gamma_multiply(0.12);
            painter.circle(
                at,
                radius(um_per_point),
                fill,
                Line::new(0.0, Color32::TRANSPARENT),
            );
        }
        let is_held = response.dragged_by(egui::PointerButton::Primary) || response.clicked();
        if is_held && let Some(at) = response.interact_pointer_pos() {
            let grid = place.model.grid();
            let [x, y] = place.view.viewport(grid).to_um(place.px(at));
            let size = grid.size_um();
            let inside = (0.0..=size[0]).contains(&x) && (0.0..=size[1]).contains(&y);
            let point = [x, y, place.view.slice_um(grid)];
            // A hand that rests adds nothing.
            let moved = self
                .path_um
                .last()
                .is_none_or(|last| (last[0] - x).hypot(last[1] - y) > 0.2 * self.radius_um);
            if inside && moved && self.path_um.len() < MOST_POINTS {
                self.path_um.push(point);
            }
        }
        let has_ended = response.drag_stopped() || response.clicked();
        if has_ended && !self.path_um.is_empty() {
            let stroke = Stroke {
                path_um: std::mem::take(&mut self.path_um),
                radius_um: self.radius_um,
            };
            if let Some(act) = self.act(stroke) {
                player.act(None, act);
            }
        }
    }

    fn act(&self, stroke: Stroke) -> Option<Act> {
        Some(match self.tool {
            Tool::Look => return None,
            Tool::Paint => Act::Paint(Paint {
                field: self.field?.name().to_string(),
                value: self.value as f32,
                stroke,
            }),
            Tool::Seed => Act::Seed(Seed {
                type_ix: self.type_ix,
                count: self.count,
                stroke,
            }),
            Tool::Cut => Act::Cut(stroke),
        })
    }
}
