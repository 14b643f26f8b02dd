//! The painter on wgpu: draws straight from the buffers in which a state lives, without a copy.
//!
//! The target's format must store bytes as they are written (`Rgba8Unorm`, not `…Srgb`), so that both painters blend
//! alike.

mod buffers;
mod pipelines;
mod read_back;

pub use buffers::{DrawBuffers, HostDraw};
pub use read_back::{ReadBackError, read_back};

use wgpu::util::DeviceExt;

use crate::model::Grid;

use super::{Frame, View, palette};
use pipelines::{CELL_BINDINGS, FIELD_BINDINGS};

/// Pipelines of the painter: made once, never changed.
#[derive(Debug)]
pub struct GpuPainter {
    device: wgpu::Device,
    format: wgpu::TextureFormat,
    field_layout: wgpu::BindGroupLayout,
    cell_layout: wgpu::BindGroupLayout,
    field_pipeline: wgpu::RenderPipeline,
    cell_pipeline: wgpu::RenderPipeline,
}

impl GpuPainter {
    /// Builds the pipelines for targets of a format.
    pub fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        let field_layout = pipelines::layout(device, "invado.render.field.layout", FIELD_BINDINGS);
        let cell_layout = pipelines::layout(device, "invado.render.cells.layout", CELL_BINDINGS);
        Self {
            field_pipeline: pipelines::field(device, &field_layout, format),
            cell_pipeline: pipelines::cells(device, &cell_layout, format),
            device: device.clone(),
            format,
            field_layout,
            cell_layout,
        }
    }

    /// A texture that [`GpuPainter::paint`] can draw into, the egui window can show and [`read_back()`] can copy.
    pub fn target(&self, size_px: [u32; 2]) -> wgpu::Texture {
        self.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("invado.render.target"),
            size: wgpu::Extent3d {
                width: size_px[0],
                height: size_px[1],
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: self.format,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT
                | wgpu::TextureUsages::TEXTURE_BINDING
                | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        })
    }

    /// Records the drawing of a view into a target of [`View::size_px`]. `field_slot` is the position of the view's
    /// field in [`DrawBuffers::fields`]; `None`: no field is shown. The view's range must be settled
    /// ([`View::settled`]); an automatic one is taken as 0…1.
    pub fn paint(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        buffers: &DrawBuffers<'_>,
        grid: &Grid,
        field_slot: Option<usize>,
        view: &View,
        target: &wgpu::TextureView,
    ) {
        let frame = Frame::new(view, grid, field_slot, buffers.capacity);
        let uniform = self.upload(
            "frame",
            wgpu::BufferUsages::UNIFORM,
            bytemuck::bytes_of(&frame),
        );
        let colours = self.upload(
            "palette",
            wgpu::BufferUsages::STORAGE,
            bytemuck::cast_slice(&packed_palette(view)),
        );
        let field_group = self.bind(
            "field",
            &self.field_layout,
            &[&uniform, &colours, buffers.fields],
        );
        let cell_group = self.bind(
            "cells",
            &self.cell_layout,
            &[
                &uniform,
                &colours,
                buffers.positions,
                buffers.polarities,
                buffers.identities,
                buffers.signals,
                buffers.counters,
            ],
        );

        let [r, g, b] = palette::PAPER.map(|c| f64::from(c) / 255.0);
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("invado.render.pass"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: target,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations {
                    load: wgpu::LoadOp::Clear(wgpu::Color { r, g, b, a: 1.0 }),
                    store: wgpu::StoreOp::Store,
                },
            })],
            ..Default::default()
        });
        let viewport = view.viewport(grid);
        let [x, y] = viewport.min_px;
        pass.set_scissor_rect(x, y, viewport.max_px[0] - x, viewport.max_px[1] - y);
        pass.set_pipeline(&self.field_pipeline);
        pass.set_bind_group(0, &field_group, &[]);
        pass.draw(0..3, 0..1);
        if view.cells && buffers.n_cells_at_most > 0 {
            pass.set_pipeline(&self.cell_pipeline);
            pass.set_bind_group(0, &cell_group, &[]);
            pass.draw(0..4, 0..buffers.n_cells_at_most);
        }
    }

    fn upload(&self, name: &str, usage: wgpu::BufferUsages, contents: &[u8]) -> wgpu::Buffer {
        self.device
            .create_buffer_init(&wgpu::util::BufferInitDescriptor {
                label: Some(&format!("invado.render.{name}")),
                contents,
                usage,
            })
    }

    fn bind(
        &self,
        name: &str,
        layout: &wgpu::BindGroupLayout,
        buffers: &[&wgpu::Buffer],
    ) -> wgpu::BindGroup {
        let entries: Vec<_> = (0..)
            .zip(buffers)
            .map(|(binding, buffer)| wgpu::BindGroupEntry {
                binding,
                resource: buffer.as_entire_binding(),
            })
            .collect();
        self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(&format!("invado.render.{name}.bindings")),
            layout,
            entries: &entries,
        })
    }
}

/// Field colours, cell colours, the empty ground and dying cells, as `palette` in `shaders/render/frame.wgsl`.
fn packed_palette(view: &View) -> Vec<u32> {
    let field = view
        .field
        .map_or([palette::EMPTY; palette::N_COLOURS], palette::field_table);
    let cells = palette::cell_table(view.colouring);
    field
        .iter()
        .chain(&cells)
        .chain([&palette::EMPTY, &palette::DYING])
        .map(|&[r, g, b]| u32::from_le_bytes([r, g, b, 255]))
        .collect()
}
