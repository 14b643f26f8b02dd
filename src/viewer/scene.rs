//! Pictures in the window: painted into textures when the state or the view has changed, and shown pixel by pixel.

use std::sync::Arc;

use egui::TextureId;

use crate::gpu::GpuContext;
use crate::model::{FieldKind, Model};
use crate::render::gpu::{Drawables, GpuPainter};
use crate::render::{Fineness, Slots, View};
use crate::state::HostState;

/// Bytes are stored as the painter writes them.
const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// What a picture is painted from.
pub(super) struct Subject<'a> {
    /// The model.
    pub(super) model: &'a Model,
    /// The state; where `live` is there, only what its legend is settled by.
    pub(super) state: &'a Arc<HostState>,
    /// The present state on the device that draws.
    pub(super) live: Option<&'a Drawables>,
    /// Rises whenever a live state has changed.
    pub(super) version: u64,
}

/// One texture for each picture that is seen at once.
pub(super) struct Scene {
    context: GpuContext,
    painter: GpuPainter,
    targets: Vec<Option<Target>>,
}

struct Target {
    texture: wgpu::TextureView,
    id: TextureId,
    size_px: [u32; 2],
    /// What it shows.
    shown: Option<(Key, View)>,
    /// The state that was last copied to the device.
    uploaded: Option<(Arc<HostState>, Drawables)>,
}

/// Tells states apart.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Key {
    Host(usize),
    Live(u64),
}

impl Scene {
    pub(super) fn new(context: &GpuContext) -> Self {
        Self {
            context: context.clone(),
            painter: GpuPainter::new(&context.device, FORMAT),
            targets: Vec::new(),
        }
    }

    /// The largest side of a picture, px.
    pub(super) fn most_px(&self) -> u32 {
        self.context.device.limits().max_texture_dimension_2d
    }

    /// The picture of a slot, painted anew if what it shows has changed. The view must be settled.
    pub(super) fn paint(
        &mut self,
        renderer: &mut egui_wgpu::Renderer,
        slot: usize,
        subject: &Subject,
        view: &View,
    ) -> TextureId {
        while self.targets.len() <= slot {
            self.targets.push(None);
        }
        let mut target = match self.targets[slot].take() {
            Some(target) if target.size_px == view.size_px => target,
            old => self.resized(renderer, view.size_px, old),
        };
        let key = match subject.live {
            Some(_) => Key::Live(subject.version),
            None => Key::Host(Arc::as_ptr(subject.state) as usize),
        };
        let mut view = view.clone();
        if let Some(space) = view.space.as_mut()
            && self.context.summary().software
        {
            // A picture that follows the mouse is worth more than smooth edges.
            space.fineness = Fineness::Rough;
        }
        let now = (key, view);
        if target.shown.as_ref() != Some(&now) {
            self.draw(subject, &now.1, &mut target);
            target.shown = Some(now);
        }
        let id = target.id;
        self.targets[slot] = Some(target);
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
        let (id, uploaded) = match old {
            Some(old) => {
                renderer.update_egui_texture_from_wgpu_texture(device, &texture, filter, old.id);
                (old.id, old.uploaded)
            }
            None => (
                renderer.register_native_texture(device, &texture, filter),
                None,
            ),
        };
        Target {
            texture,
            id,
            size_px,
            shown: None,
            uploaded,
        }
    }

    fn draw(&self, subject: &Subject, view: &View, target: &mut Target) {
        let grid = subject.model.grid();
        // A difference has fewer fields than its model.
        let fields = &subject.state.fields;
        let slot = |wanted| fields.iter().position(|(kind, _)| Some(*kind) == wanted);
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
        if let Some(live) = subject.live {
            self.painter.paint(
                &mut encoder,
                &live.buffers(),
                grid,
                slots,
                view,
                &target.texture,
            );
        } else {
            // A camera that moves over the same state copies nothing.
            let is_there = target
                .uploaded
                .as_ref()
                .is_some_and(|(state, _)| Arc::ptr_eq(state, subject.state));
            if !is_there {
                let host = Drawables::upload(&self.context.device, subject.state);
                target.uploaded = Some((subject.state.clone(), host));
            }
            if let Some((_, host)) = &target.uploaded {
                self.painter.paint(
                    &mut encoder,
                    &host.buffers(),
                    grid,
                    slots,
                    view,
                    &target.texture,
                );
            }
        }
        self.context.submit([encoder.finish()]);
    }
}
