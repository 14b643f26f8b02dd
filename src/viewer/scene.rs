//! The picture in the middle: painted into a texture when the state or the view has changed, and shown pixel by pixel.

use egui::{Rect, Sense, TextureId, pos2, vec2};

use crate::gpu::GpuContext;
use crate::model::FieldKind;
use crate::render::annotation::{Labels, annotate, number};
use crate::render::gpu::{DrawBuffers, GpuPainter, HostDraw};
use crate::render::{Fineness, Slots, View, pick};

use super::player::Player;
use super::{camera, marks};

/// Bytes are stored as the painter writes them.
const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// The picture and what it was painted from.
pub(super) struct Scene {
    context: GpuContext,
    painter: GpuPainter,
    target: Option<Target>,
}

struct Target {
    texture: wgpu::TextureView,
    id: TextureId,
    size_px: [u32; 2],
    /// Seed, step and settled view of what it shows.
    shown: Option<(u64, u64, View)>,
}

impl Scene {
    pub(super) fn new(context: &GpuContext) -> Self {
        Self {
            context: context.clone(),
            painter: GpuPainter::new(&context.device, FORMAT),
            target: None,
        }
    }

    /// Fills the rest of `ui` with the picture and its annotation, and lets the mouse move it.
    pub(super) fn show(
        &mut self,
        ui: &mut egui::Ui,
        renderer: &mut egui_wgpu::Renderer,
        player: &mut Player,
        view: &mut View,
    ) {
        let scale = ui.ctx().pixels_per_point();
        let (room, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
        let most = self.context.device.limits().max_texture_dimension_2d as f32;
        // Whole pixels, so that every texel is one pixel.
        let min_px = (room.min.to_vec2() * scale).ceil();
        let size_px =
            ((room.max.to_vec2() * scale).floor() - min_px).clamp(vec2(1.0, 1.0), vec2(most, most));
        let rect = Rect::from_min_size((min_px / scale).to_pos2(), size_px / scale);
        view.size_px = [size_px.x as u32, size_px.y as u32];
        steer(&response, rect, player, view);

        let mut settled = view.settled(player.state());
        if let Some(space) = settled.space.as_mut()
            && self.context.summary().software
        {
            // A picture that follows the mouse is worth more than smooth edges.
            space.fineness = Fineness::Rough;
        }
        let id = self.paint(renderer, player, &settled);
        let painter = ui.painter_at(room);
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        painter.image(id, rect, whole, egui::Color32::WHITE);
        let model = player.simulation().model();
        marks::draw(
            &painter,
            rect.min,
            &annotate(&settled, model.grid(), &labels(player)),
        );
    }

    fn paint(
        &mut self,
        renderer: &mut egui_wgpu::Renderer,
        player: &mut Player,
        view: &View,
    ) -> TextureId {
        let mut target = match self.target.take() {
            Some(target) if target.size_px == view.size_px => target,
            old => self.resized(renderer, view.size_px, old),
        };
        let simulation = player.simulation();
        let now = (simulation.model().seed(), simulation.step(), view.clone());
        // After an error the state may be anything: the last good picture stays, as long as the view does.
        let view_moved = target.shown.as_ref().is_none_or(|shown| shown.2 != now.2);
        let due = target.shown.as_ref() != Some(&now) && (player.error().is_none() || view_moved);
        if due {
            self.draw(player, view, &target.texture);
            target.shown = Some(now);
        }
        let id = target.id;
        self.target = Some(target);
        id
    }

    fn resized(
        &self,
        renderer: &mut egui_wgpu::Renderer,
        size_px: [u32; 2],
        old: Option<Target>,
    ) -> Target {
        let texture = self
            .painter
            .target(size_px)
            .create_view(&wgpu::TextureViewDescriptor::default());
        let (device, filter) = (&self.context.device, wgpu::FilterMode::Nearest);
        let id = match old {
            Some(old) => {
                renderer.update_egui_texture_from_wgpu_texture(device, &texture, filter, old.id);
                old.id
            }
            None => renderer.register_native_texture(device, &texture, filter),
        };
        Target {
            texture,
            id,
            size_px,
            shown: None,
        }
    }

    fn draw(&self, player: &mut Player, view: &View, target: &wgpu::TextureView) {
        let grid = *player.simulation().model().grid();
        let fields = player.simulation().model().fields();
        let slot = |kind| fields.iter().position(|f| Some(f.kind) == kind);
        let slots = Slots {
            field: slot(view.field),
            matrix: slot(Some(FieldKind::Ecm)),
        };
        let mut encoder =
            self.context
                .device
                .create_command_encoder(&wgpu::CommandEncoderDescriptor {
                    label: Some("invado.viewer.scene.encoder"),
                });
        // After an error the last sample is what is known to be good.
        let failed = player.error().is_some();
        if let Some(gpu) = player.simulation().engine().gpu_state().filter(|_| !failed) {
            let capacity = gpu.sizes().capacity as u32;
            let buffers = DrawBuffers {
                fields: gpu.buffer("fields"),
                positions: gpu.buffer("positions"),
                polarities: gpu.buffer("polarities"),
                identities: gpu.buffer("identities"),
                signals: gpu.buffer("signals"),
                counters: gpu.buffer("counters"),
                capacity,
                n_cells_at_most: capacity,
            };
            self.painter
                .paint(&mut encoder, &buffers, &grid, slots, view, target);
        } else {
            let present = if failed {
                Ok(player.state().clone())
            } else {
                player.snapshot()
            };
            match present {
                Ok(state) => {
                    let host = HostDraw::upload(&self.context.device, &state);
                    self.painter
                        .paint(&mut encoder, &host.buffers(), &grid, slots, view, target);
                }
                Err(error) => player.fail(error),
            }
        }
        self.context.queue.submit([encoder.finish()]);
    }
}

/// A drag pans, or turns a 3-D box, which pans with Shift or the other button; the wheel zooms about the pointer, a double
/// click centres.
fn steer(response: &egui::Response, rect: Rect, player: &Player, view: &mut View) {
    let grid = player.simulation().model().grid();
    let scale = response.ctx.pixels_per_point();
    if response.double_clicked()
        && let Some(pointer) = response.interact_pointer_pos()
    {
        let px = (pointer - rect.min) * scale;
        let cells = &player.state().cells;
        if let Some(at_um) = pick(grid, cells, view, [px.x, px.y].map(f64::from)) {
            camera::centre_on(view, grid, at_um);
        }
    }
    let drag = response.drag_delta() * scale;
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
    if let Some(pointer) = response.hover_pos() {
        let (scroll, pinch) = response
            .ctx
            .input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
        let factor = f64::from(pinch) * (f64::from(scroll) / 200.0).exp();
        if factor != 1.0 {
            let at = (pointer - rect.min) * scale;
            camera::zoom(view, grid, [f64::from(at.x), f64::from(at.y)], factor);
        }
    }
}

fn labels(player: &Player) -> Labels {
    let simulation = player.simulation();
    let model = simulation.model();
    let given = model.dose().is_given();
    let told = |text: String| if given { text } else { String::new() };
    let clinical = if model.dose().is_clinical() {
        " free, illustrative"
    } else {
        ""
    };
    Labels {
        time_h: simulation.time_h(),
        dose: told(format!(
            "{}: {} nM{clinical}",
            super::panel::dose_title(model),
            number(simulation.bath_nm())
        )),
        cell_types: model.type_labels(),
        caption: told("Dose effect on migration: prediction. Not for clinical use.".to_string()),
    }
}
