//! What egui laid out, drawn into a texture: the window's or a still's.

use egui_wgpu::{Renderer, ScreenDescriptor};

use crate::gpu::GpuContext;

/// A frame whose textures and vertices are on the device.
pub(super) struct Drawing {
    jobs: Vec<egui::ClippedPrimitive>,
    screen: ScreenDescriptor,
    encoder: wgpu::CommandEncoder,
    commands: Vec<wgpu::CommandBuffer>,
    unused: Vec<egui::TextureId>,
}

impl Drawing {
    /// Uploads what a frame of `size_px` needs.
    pub(super) fn new(
        context: &GpuContext,
        renderer: &mut Renderer,
        ctx: &egui::Context,
        mut output: egui::FullOutput,
        size_px: [u32; 2],
    ) -> Self {
        let (device, queue) = (&context.device, &context.queue);
        let mut textures = std::mem::take(&mut output.textures_delta);
        let jobs = ctx.tessellate(output.shapes, output.pixels_per_point);
        for (id, deltas) in textures.set.drain() {
            for delta in deltas {
                renderer.update_texture(device, queue, id, &delta);
            }
        }
        let screen = ScreenDescriptor {
            size_in_pixels: size_px,
            pixels_per_point: output.pixels_per_point,
        };
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor {
            label: Some("invado.viewer.frame.encoder"),
        });
        let commands = renderer.update_buffers(device, queue, &mut encoder, &jobs, &screen);
        Self {
            jobs,
            screen,
            encoder,
            commands,
            unused: textures.free.drain().collect(),
        }
    }

    /// Records the drawing.
    pub(super) fn paint(&mut self, renderer: &Renderer, target: &wgpu::TextureView) {
        let pass = self.encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("invado.viewer.pass"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: target,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations {
                    load: wgpu::LoadOp::Clear(wgpu::Color::WHITE),
                    store: wgpu::StoreOp::Store,
                },
            })],
            ..Default::default()
        });
        renderer.render(&mut pass.forget_lifetime(), &self.jobs, &self.screen);
    }

    /// Hands everything to the device. Textures and buffers that were written go with it, even without a picture.
    pub(super) fn submit(self, context: &GpuContext, renderer: &mut Renderer) {
        let mut commands = self.commands;
        commands.push(self.encoder.finish());
        context.submit(commands);
        for id in self.unused {
            renderer.free_texture(&id);
        }
    }
}
