//! The picture of the state in a texture that egui shows.

use super::panel::Looks;
use super::session::Session;
use crate::gpu::GpuContext;
use crate::render::View;
use crate::render::gpu::{DrawBuffers, GpuPainter, HostDraw};

/// The painter, its texture, and what was painted last.
pub(super) struct Scene {
    painter: GpuPainter,
    texture: Option<(wgpu::Texture, egui::TextureId)>,
    painted: Option<(View, u64, String)>,
}

impl Scene {
    pub(super) fn new(context: &GpuContext) -> Self {
        Self {
            painter: GpuPainter::new(&context.device, wgpu::TextureFormat::Rgba8Unorm),
            texture: None,
            painted: None,
        }
    }

    /// Id of the texture, once there is one.
    pub(super) fn texture_id(&self) -> Option<egui::TextureId> {
        self.texture.as_ref().map(|(_, id)| *id)
    }

    /// Paints the session's state if it or the view has changed.
    pub(super) fn paint(
        &mut self,
        context: &GpuContext,
        renderer: &mut egui_wgpu::Renderer,
        session: &Session,
        looks: &Looks,
    ) {
        let view = looks.view.settled(session.state());
        let now = (
            view.clone(),
            session.state().step,
            session.model().seed().to_string(),
        );
        if self.painted.as_ref() == Some(&now) {
            return;
        }
        self.resize(context, renderer, view.size_px);
        let Some((texture, _)) = &self.texture else {
            return;
        };
        let target = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let grid = session.model().grid();
        let slot = view
            .field
            .and_then(|kind| session.model().fields().iter().position(|f| f.kind == kind));
        let mut encoder = context
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor {
                label: Some("invado.scene.encoder"),
            });
        match session.simulation().engine().gpu_state() {
            // Straight from the engine's buffers, without a copy.
            Some(state) => {
                let capacity = state.sizes().capacity as u32;
                let buffers = DrawBuffers {
                    fields: state.buffer("fields"),
                    positions: state.buffer("positions"),
                    polarities: state.buffer("polarities"),
                    identities: state.buffer("identities"),
                    signals: state.buffer("signals"),
                    counters: state.buffer("counters"),
                    capacity,
                    n_cells_at_most: capacity,
                };
                self.painter
                    .paint(&mut encoder, &buffers, grid, slot, &view, &target);
            }
            None => {
                let draw = HostDraw::upload(&context.device, session.state());
                self.painter
                    .paint(&mut encoder, &draw.buffers(), grid, slot, &view, &target);
            }
        }
        context.queue.submit([encoder.finish()]);
        self.painted = Some(now);
    }

    fn resize(
        &mut self,
        context: &GpuContext,
        renderer: &mut egui_wgpu::Renderer,
        size_px: [u32; 2],
    ) {
        let fits = |(texture, _): &(wgpu::Texture, egui::TextureId)| {
            [texture.width(), texture.height()] == size_px
        };
        if self.texture.as_ref().is_some_and(fits) {
            return;
        }
        if let Some((_, id)) = self.texture.take() {
            renderer.free_texture(&id);
        }
        let texture = self.painter.target(size_px);
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let id =
            renderer.register_native_texture(&context.device, &view, wgpu::FilterMode::Nearest);
        self.texture = Some((texture, id));
    }
}
