//! The pictures in the middle: one or two arms under one camera, or their difference, with what belongs to a figure:
//! name, dose, scale bar and legends.

mod brush;
mod legend;

use std::sync::Arc;

use egui::{
    Align2, Color32, FontId, Pos2, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2,
    vec2,
};

use crate::model::Model;
use crate::render::annotation::{axes, number, scale_bar_um};
use crate::render::difference::{Compared, difference};
use crate::render::{Eye, Range, View, pick};
use crate::state::HostState;

use super::controls::Controls;
use super::inspect::Picked;
use super::panel::dose_words;
use super::player::Player;
use super::scene::{Scene, Subject};
use super::style::{SMALL, Tones};
use super::{Layout, Look, camera, marks, plots};

pub(super) use brush::{Brush, Tool};

/// Height of a picture's heading, points.
const HEAD: f32 = 26.0;
/// Height of the legends, points.
const LEGENDS: f32 = 52.0;
/// Between two pictures, points.
const GAP: f32 = 10.0;
/// A click further than this from a cell's rim picks nothing, points.
const NEAR: f32 = 4.0;

/// What is remembered from frame to frame.
#[derive(Default)]
pub(super) struct Pictures {
    settled: Option<(Vec<usize>, View, View)>,
    difference: Option<Changed>,
}

/// What a treatment changes, and what it was computed from.
struct Changed {
    keys: [usize; 2],
    compared: Compared,
    range: Range,
    state: Arc<HostState>,
    shown: View,
}

/// What belongs to the stage that pictures are of.
pub(super) struct Seen<'a> {
    pub(super) player: &'a mut Player,
    pub(super) look: &'a mut Look,
    pub(super) picked: &'a mut Option<Picked>,
    pub(super) brush: &'a mut Brush,
    pub(super) controls: &'a mut Controls,
}

impl Pictures {
    /// Fills the rest of `ui`; `None` for `painter` where nothing can draw.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        painter: Option<(&mut Scene, &mut egui_wgpu::Renderer)>,
        seen: &mut Seen,
    ) {
        let tones = Tones::of(ui.ctx());
        let arms = seen.look.arms(seen.player);
        let room = ui.available_rect_before_wrap();
        ui.allocate_rect(room, Sense::hover());
        let states: Vec<Arc<HostState>> = arms
            .iter()
            .filter_map(|arm| seen.player.state(*arm).cloned())
            .collect();
        if states.len() != arms.len() {
            let text = match seen.player.error() {
                Some(_) => "No state to show.",
                None => "Placing the first cells …",
            };
            ui.painter().text(
                room.center(),
                Align2::CENTER_CENTER,
                text,
                FontId::proportional(16.0),
                tones.grey,
            );
            return;
        }
        let is_difference = seen.look.layout == Layout::Difference && arms.len() == 2;
        let n = if is_difference { 1 } else { arms.len() };
        let scale = ui.ctx().pixels_per_point();
        let width = (room.width() - GAP * (n - 1) as f32) / n as f32;
        let places: Vec<Rect> = (0..n)
            .map(|i| {
                let min = pos2(room.min.x + i as f32 * (width + GAP), room.min.y + HEAD);
                let max = pos2(min.x + width, (room.max.y - LEGENDS).max(min.y + 1.0));
                // Whole pixels, so that every texel is one pixel.
                let min = (min.to_vec2() * scale).ceil();
                let size = ((max.to_vec2() * scale).floor() - min).max(vec2(1.0, 1.0));
                Rect::from_min_size((min / scale).to_pos2(), size / scale)
            })
            .collect();
        let most = painter.as_ref().map_or(8192, |(scene, _)| scene.most_px());
        let size = places[0].size() * scale;
        seen.look.view.margins = false;
        seen.look.view.size_px = [size.x, size.y].map(|v| (v.round() as u32).clamp(1, most));
        let model = seen.player.model_of(arms[0]).clone();
        self.settle(&seen.look.view, &states);
        let view = match &self.settled {
            Some((_, _, settled)) => settled.clone(),
            None => seen.look.view.clone(),
        };
        let mut painter = painter;
        let pair = [&states[0], states.last().unwrap_or(&states[0])];
        let changed = match is_difference {
            true => self.compare(&model, pair, &view),
            false => None,
        };
        let view = changed.as_ref().map_or(view, |(_, view)| view.clone());
        for (slot, place) in places.iter().enumerate() {
            let arm = arms[slot];
            if is_difference {
                let names = [arms[1], arms[0]].map(|arm| seen.player.arm_name(arm));
                let title = format!("{} − {}", names[0], names[1]);
                head(ui, *place, &title, "", None, tones);
            } else {
                let dose = dose_words(seen.player, arm);
                let line = plots::arm_line(seen.player, arm, tones);
                let name = seen.player.arm_name(arm).to_string();
                head(ui, *place, &name, &dose, Some(line), tones);
            }
            if let Some((scene, renderer)) = &mut painter {
                let live = seen.player.arm(arm).and_then(|news| news.live.as_ref());
                let is_present = seen.player.shown().is_none() && changed.is_none();
                let subject = Subject {
                    model: &model,
                    state: changed.as_ref().map_or(&states[slot], |(state, _)| state),
                    live: live.filter(|_| is_present),
                    version: seen.player.version(),
                };
                let id = scene.paint(renderer, slot, &subject, &view);
                show(ui, id, *place, in_box(*place, &model, &view, scale));
            }
            let id = ui.scope_id().with(("picture", slot));
            let response = ui.interact(*place, id, Sense::click_and_drag());
            let time_h = seen.player.shown_h();
            let told = format!("Picture of {} at {time_h:.2} h", seen.player.arm_name(arm));
            response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &told));
            seen.controls.note(format!("picture{slot}"), &response);
            let place = Place {
                rect: *place,
                scale,
                model: &model,
                view: &view,
            };
            if seen.brush.is_on(&model, &view) {
                seen.brush.draw(ui, &response, &place, seen.player, tones);
                wheel(&response, &place, &mut seen.look.view);
            } else {
                steer(&response, &place, &states[slot], &mut seen.look.view);
                if response.clicked() && !is_difference {
                    let id = place.pick(&response, &states[slot]);
                    *seen.picked = id.map(|id| Picked::new(arm, id));
                    if id.is_none() {
                        seen.player.select(arm);
                    }
                }
            }
            let picked = seen.picked.as_ref().filter(|picked| picked.arm == arm);
            if let Some(picked) = picked.filter(|_| !is_difference) {
                mark(ui, &place, picked, &states[slot], seen.player);
            }
            frame(ui, &place, tones);
        }
        let legends = Rect::from_min_max(pos2(room.min.x, room.max.y - LEGENDS + 6.0), room.max);
        legend::show(ui, legends, &view, &model, tones);
    }

    /// The second state less the first, and how it is shown; `None` where they cannot be compared.
    fn compare(
        &mut self,
        model: &Model,
        [from, to]: [&Arc<HostState>; 2],
        view: &View,
    ) -> Option<(Arc<HostState>, View)> {
        let keys = [from, to].map(|state| Arc::as_ptr(state) as usize);
        let compared = view.field.map_or(Compared::Cells, Compared::Field);
        let is_same = |c: &Changed| c.keys == keys && c.compared == compared;
        if !self.difference.as_ref().is_some_and(is_same) {
            let auto = View {
                field_range: Range::Auto,
                ..view.clone()
            };
            let (state, shown) = difference(model.grid(), to, from, compared, &auto).ok()?;
            let shown = shown.settled(&state);
            self.difference = Some(Changed {
                keys,
                compared,
                range: shown.field_range,
                state: Arc::new(state),
                shown,
            });
        }
        let changed = self.difference.as_ref()?;
        // The camera is the one of the moment.
        let shown = View {
            size_px: view.size_px,
            framing: view.framing,
            space: view.space.clone(),
            slice_um: view.slice_um,
            field_range: changed.range,
            margins: false,
            ..changed.shown.clone()
        };
        Some((changed.state.clone(), shown))
    }

    /// Fixes automatic ranges so that all pictures share them; looks at the values only when they have changed.
    fn settle(&mut self, view: &View, states: &[Arc<HostState>]) {
        let keys: Vec<usize> = states.iter().map(|s| Arc::as_ptr(s) as usize).collect();
        if let Some((old, before, settled)) = &mut self.settled {
            let is_same = before.field == view.field && before.field_range == view.field_range;
            if *old == keys && is_same {
                // Where the camera is, and what else has no range of its own, changes nothing.
                let field = (settled.field, settled.field_range);
                *settled = view.clone();
                (settled.field, settled.field_range) = field;
                *before = view.clone();
                return;
            }
        }
        let mut all = states.iter().map(|state| view.settled(state));
        let Some(mut settled) = all.next() else {
            return;
        };
        for other in all {
            let ([lo, hi], [other_lo, other_hi]) = (settled.field_bounds(), other.field_bounds());
            settled.field_range = Range::Fixed([lo.min(other_lo), hi.max(other_hi)]);
        }
        self.settled = Some((keys, view.clone(), settled));
    }
}

/// Name on the left, with the line that it has in the plots; what is given on the right.
fn head(
    ui: &Ui,
    place: Rect,
    name: &str,
    given: &str,
    line: Option<(Color32, bool)>,
    tones: Tones,
) {
    let y = place.min.y - 0.5 * HEAD;
    let mut x = place.min.x + 2.0;
    let painter = ui.painter();
    if let Some((colour, is_selected)) = line {
        plots::sample_line(painter, [x, x + 22.0], y, colour, is_selected);
        x += 29.0;
    }
    let text = painter.layout_no_wrap(name.to_string(), FontId::proportional(15.0), tones.ink);
    let width = text.size().x;
    painter.galley(pos2(x, y - 0.5 * text.size().y), text, tones.ink);
    let left = x + width + 12.0;
    let mut job = egui::text::LayoutJob::single_section(
        given.to_string(),
        egui::TextFormat::simple(FontId::proportional(SMALL), tones.grey),
    );
    job.wrap = egui::text::TextWrapping::truncate_at_width((place.max.x - left).max(0.0));
    let text = painter.layout_job(job);
    let at = pos2(place.max.x - text.size().x, y - 0.5 * text.size().y);
    painter.galley(at, text, tones.grey);
}

/// A picture in the window.
struct Place<'a> {
    rect: Rect,
    /// px per point.
    scale: f32,
    model: &'a Model,
    view: &'a View,
}

impl Place<'_> {
    /// Where a pointer is, px.
    fn px(&self, at: Pos2) -> [f64; 2] {
        let px = (at - self.rect.min) * self.scale;
        [f64::from(px.x), f64::from(px.y)]
    }

    /// Where a point of the box is seen, and how many µm a point of the screen spans there.
    fn seen(&self, at_um: [f64; 3]) -> (Pos2, f32) {
        let grid = self.model.grid();
        let viewport = self.view.viewport(grid);
        let (px, um_per_px) = match self.view.space(grid) {
            None => {
                let px = viewport.to_px([at_um[0], at_um[1]]);
                (px.map(|v| v as f32), viewport.um_per_px as f32)
            }
            Some(space) => {
                let eye = Eye::new(space, grid, &viewport);
                let seen = eye.seen(glam::Vec3::from(at_um.map(|v| v as f32)));
                let fine = eye.fineness() as f32;
                let px = eye.to_px(seen) / fine;
                let corner = viewport.min_px.map(|v| v as f32);
                let px = [corner[0] + px.x, corner[1] + px.y];
                (px, eye.um_per_px(seen.z) * fine)
            }
        };
        let at = self.rect.min + vec2(px[0], px[1]) / self.scale;
        (at, um_per_px * self.scale)
    }

    /// The id of the cell that was clicked.
    fn pick(&self, response: &egui::Response, state: &HostState) -> Option<u32> {
        let cells = &state.cells;
        let at_px = self.px(response.interact_pointer_pos()?);
        let at = pick(self.model.grid(), cells, self.view, at_px)?;
        let is_flat = self.view.space(self.model.grid()).is_none();
        let beyond = cells.position_radius.iter().map(|cell| {
            let d = [cell.x, cell.y, cell.z].map(f64::from);
            let d = [0, 1, 2].map(|axis| d[axis] - at[axis]);
            let dz = if is_flat { 0.0 } else { d[2] };
            (d[0] * d[0] + d[1] * d[1] + dz * dz).sqrt() - f64::from(cell.w)
        });
        let near_um = f64::from(NEAR * self.seen(at).1);
        let near = beyond.enumerate().filter(|(_, um)| *um <= near_um);
        let (ix, _) = near.min_by(|a, b| a.1.total_cmp(&b.1))?;
        Some(cells.identity[ix][0])
    }
}

/// The part of a picture in which there is something of the box; all of it where a box is seen from outside.
fn in_box(place: Rect, model: &Model, view: &View, scale: f32) -> Rect {
    if view.space(model.grid()).is_some() {
        return place;
    }
    let viewport = view.viewport(model.grid());
    let size = model.grid().size_um();
    let at = |um: [f64; 2]| {
        let px = viewport.to_px(um);
        place.min + vec2(px[0] as f32, px[1] as f32) / scale
    };
    Rect::from_min_max(at([0.0, size[1]]), at([size[0], 0.0])).intersect(place)
}

/// A part of a texture that fills a place.
fn show(ui: &Ui, id: egui::TextureId, place: Rect, part: Rect) {
    if part.is_positive() {
        let share = |at: Pos2| ((at - place.min) / place.size()).to_pos2();
        let uv = Rect::from_min_max(share(part.min), share(part.max));
        ui.painter().image(id, part, uv, Color32::WHITE);
    }
}

/// The edge of the box, the scale bar, and in 3-D the axes.
fn frame(ui: &Ui, place: &Place, tones: Tones) {
    let (view, grid) = (place.view, place.model.grid());
    let viewport = view.viewport(grid);
    let painter = ui.painter_at(place.rect.expand(1.0));
    let part = in_box(place.rect, place.model, view, place.scale);
    let edge = Stroke::new(1.0, tones.grey);
    painter.rect_stroke(part, 0.0, edge, StrokeKind::Outside);
    let mut corner = part.left_bottom() + vec2(8.0, -8.0);
    let mut wording = "";
    if let Some(space) = view.space(grid) {
        let letter = 13.0 * place.scale;
        let axes = axes(space, &viewport, letter);
        marks::draw(&painter, place.rect.min, &axes);
        corner.x += 7.5 * 13.0;
        if space.camera.perspective {
            wording = " in the middle";
        }
    }
    let width_px = f64::from(place.rect.width() * place.scale);
    let length_um = scale_bar_um(width_px * viewport.um_per_px);
    let length = (length_um / viewport.um_per_px) as f32 / place.scale;
    let words = match length_um {
        um if um >= 1000.0 => format!("{} mm{wording}", number(um / 1000.0)),
        um => format!("{} µm{wording}", number(um)),
    };
    let ink = Color32::from_gray(24);
    let text = painter.layout_no_wrap(words, FontId::proportional(SMALL), ink);
    let plate = Rect::from_min_max(
        corner - vec2(0.0, text.size().y + 6.0),
        corner + vec2(length + text.size().x + 22.0, 0.0),
    );
    painter.rect_filled(plate, 3.0, Color32::from_white_alpha(215));
    let (x, y) = (plate.min.x + 7.0, plate.center().y);
    let bar = [pos2(x, y), pos2(x + length, y)];
    painter.line_segment(bar, Stroke::new(3.0, ink));
    let text_at = pos2(x + length + 7.0, y - 0.5 * text.size().y);
    painter.galley(text_at, text, ink);
}

/// A drag pans, or turns a 3-D box, which pans with Shift or the other button; the wheel zooms about the pointer, a double
/// click centres.
fn steer(response: &egui::Response, place: &Place, state: &HostState, view: &mut View) {
    let grid = place.model.grid();
    if response.double_clicked()
        && let Some(pointer) = response.interact_pointer_pos()
        && let Some(at_um) = pick(grid, &state.cells, place.view, place.px(pointer))
    {
        camera::centre_on(view, grid, at_um);
    }
    let drag = response.drag_delta() * place.scale;
    if drag != egui::Vec2::ZERO {
        let by_px = [drag.x, drag.y].map(f64::from);
        let pans = !response.dragged_by(egui::PointerButton::Primary)
            || response.ctx.input(|input| input.modifiers.shift);
        if pans {
            camera::pan(view, grid, by_px);
        } else {
            camera::drag(view, grid, by_px);
        }
    }
    wheel(response, place, view);
}

/// The wheel zooms about the pointer.
fn wheel(response: &egui::Response, place: &Place, view: &mut View) {
    let Some(pointer) = response.hover_pos() else {
        return;
    };
    let (scroll, pinch) = response
        .ctx
        .input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
    let factor = f64::from(pinch) * (f64::from(scroll) / 200.0).exp();
    if factor != 1.0 {
        camera::zoom(view, place.model.grid(), place.px(pointer), factor);
    }
}

/// A ring around the picked cell, its track, and a ring around its parent.
fn mark(ui: &Ui, place: &Place, picked: &Picked, state: &HostState, player: &Player) {
    let painter = ui.painter_at(place.rect);
    let (dark, light) = (Color32::from_gray(10), Color32::WHITE);
    let track = picked.track_um(player, place.model);
    let track: Vec<Pos2> = track.into_iter().map(|um| place.seen(um).0).collect();
    for (width, ink) in [(3.5, light), (1.5, dark)] {
        for pair in track.windows(2) {
            painter.line_segment([pair[0], pair[1]], Stroke::new(width, ink));
        }
    }
    let ring = |id: u32, grown: f32, width: f32| {
        if let Some(ix) = super::inspect::find(state, id) {
            let cell = state.cells.position_radius[ix];
            let (centre, um_per_point) = place.seen([cell.x, cell.y, cell.z].map(f64::from));
            let radius = cell.w / um_per_point + grown;
            painter.circle_stroke(centre, radius, Stroke::new(width + 2.0, light));
            painter.circle_stroke(centre, radius, Stroke::new(width, dark));
        }
    };
    if let Some(parent) = picked.parent(state) {
        ring(parent, 2.0, 1.0);
    }
    ring(picked.id, 3.0, 2.0);
}
