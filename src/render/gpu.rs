//! The painter on wgpu: draws straight from the buffers in which a state lives, without a copy.
//!
//! The target's format must store bytes as they are written (`Rgba8Unorm`, not `…Srgb`), so that both painters blend
//! alike.

mod buffers;
mod pipelines;
mod read_back;
mod space;

pub use buffers::{BYTES_A_CELL, DrawBuffers, Drawables, VERTICES_A_CELL};
pub use read_back::{ReadBackError, read_back};

use std::sync::{Arc, Mutex, OnceLock};

use wgpu::util::DeviceExt;

use crate::gpu::shader;
use crate::model::Grid;

use super::{Eye, Frame, Grain, Slots, View, Viewport, palette};
use pipelines::{Depth, Pipeline, Recipe};
use space::{Drawing, SpacePainter};

/// Pipelines of the painter: made once, those of 3-D views when the first is drawn.
#[derive(Debug)]
pub struct GpuPainter {
    device: wgpu::Device,
    format: wgpu::TextureFormat,
    field: Pipeline,
    cells: Pipeline,
    space: OnceLock<SpacePainter>,
    /// The last texture of matrix, which changes with the scenario only.
    grain: Mutex<Option<(Arc<Grain>, wgpu::Buffer)>>,
}

impl GpuPainter {
    /// Builds the pipelines for targets of a format.
    pub fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        let recipe = Recipe {
            name: "field",
            parts: shader::PAINT_FIELD,
            bindings: pipelines::FIELD,
            format,
            topology: wgpu::PrimitiveTopology::TriangleList,
            blend: Some(wgpu::BlendState::ALPHA_BLENDING),
            depth: Depth::None,
        };
        let cells = Recipe {
            name: "cells",
            parts: shader::PAINT_CELLS,
            bindings: pipelines::CELLS,
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            ..recipe
        };
        Self {
            field: recipe.build(device),
            cells: cells.build(device),
            device: device.clone(),
            format,
            space: OnceLock::new(),
            grain: Mutex::new(None),
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

    /// Records the drawing of a view into a target of [`View::size_px`]. `slots`: places of what is drawn in
    /// [`DrawBuffers::fields`]; without that of the view's field, no field is shown. The view's range must be settled
    /// ([`View::settled`]); an automatic one is taken as 0…1.
    pub fn paint(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        buffers: &DrawBuffers<'_>,
        grid: &Grid,
        slots: Slots,
        view: &View,
        target: &wgpu::TextureView,
    ) {
        let frame = Frame::new(view, grid, slots, buffers.capacity);
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
        let [r, g, b] = palette::PAPER.map(|c| f64::from(c) / 255.0);
        let paper = wgpu::Color { r, g, b, a: 1.0 };
        let viewport = view.viewport(grid);
        if let Some(space) = view.space(grid) {
            let eye = Eye::new(space, grid, &viewport);
            let eye_buffer =
                self.upload("eye", wgpu::BufferUsages::UNIFORM, bytemuck::bytes_of(&eye));
            let painter = (self.space).get_or_init(|| SpacePainter::new(&self.device, self.format));
            let drawing = Drawing {
                frame: &uniform,
                palette: &colours,
                eye: &eye,
                eye_buffer: &eye_buffer,
                buffers,
                cells: view.cells,
                viewport,
                target,
            };
            return painter.paint(&self.device, encoder, &drawing, paper);
        }
        let grain = self.grain(view.matrix.as_ref());
        let field_group = bind(
            &self.device,
            "field",
            &self.field.layout,
            &[
                (0, &uniform),
                (1, &colours),
                (2, buffers.fields),
                (3, &grain),
            ],
        );
        let cell_group = bind(
            &self.device,
            "cells",
            &self.cells.layout,
            &[
                (0, &uniform),
                (1, &colours),
                (2, buffers.positions),
                (3, buffers.polarities),
                (4, buffers.identities),
                (5, buffers.signals),
                (6, buffers.counters),
            ],
        );
        let mut pass = begin(encoder, "pass", target, paper, None);
        cut(&mut pass, &viewport);
        pass.set_pipeline(&self.field.pipeline);
        pass.set_bind_group(0, &field_group, &[]);
        pass.draw(0..3, 0..1);
        if view.cells && buffers.n_cells_at_most > 0 {
            pass.set_pipeline(&self.cells.pipeline);
            pass.set_bind_group(0, &cell_group, &[]);
            pass.draw(0..VERTICES_A_CELL as u32, 0..buffers.n_cells_at_most);
        }
    }

    /// The texels of a texture, four to a word; one word where there is none.
    fn grain(&self, grain: Option<&Arc<Grain>>) -> wgpu::Buffer {
        // A poisoned lock holds a whole texture or none, as it is replaced in one piece.
        let mut kept = match self.grain.lock() {
            Ok(kept) => kept,
            Err(poisoned) => poisoned.into_inner(),
        };
        let Some(grain) = grain else {
            return self.upload("grain", wgpu::BufferUsages::STORAGE, &[0; 4]);
        };
        if let Some((same, buffer)) = kept.as_ref()
            && Arc::ptr_eq(same, grain)
        {
            return buffer.clone();
        }
        let mut texels = grain.texels().to_vec();
        texels.resize(texels.len().next_multiple_of(4), 0);
        let buffer = self.upload("grain", wgpu::BufferUsages::STORAGE, &texels);
        *kept = Some((grain.clone(), buffer.clone()));
        buffer
    }

    fn upload(&self, name: &str, usage: wgpu::BufferUsages, contents: &[u8]) -> wgpu::Buffer {
        self.device
            .create_buffer_init(&wgpu::util::BufferInitDescriptor {
                label: Some(&format!("invado.render.{name}")),
                contents,
                usage,
            })
    }
}

fn bind(
    device: &wgpu::Device,
    name: &str,
    layout: &wgpu::BindGroupLayout,
    buffers: &[(u32, &wgpu::Buffer)],
) -> wgpu::BindGroup {
    let entries: Vec<_> = buffers
        .iter()
        .map(|&(binding, buffer)| wgpu::BindGroupEntry {
            binding,
            resource: buffer.as_entire_binding(),
        })
        .collect();
    device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some(&format!("invado.render.{name}.bindings")),
        layout,
        entries: &entries,
    })
}

/// A pass that begins with one colour, and where there are depths with the farthest.
fn begin<'a>(
    encoder: &'a mut wgpu::CommandEncoder,
    name: &str,
    target: &wgpu::TextureView,
    clear: wgpu::Color,
    depths: Option<&wgpu::TextureView>,
) -> wgpu::RenderPass<'a> {
    encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
        label: Some(&format!("invado.render.{name}")),
        color_attachments: &[Some(wgpu::RenderPassColorAttachment {
            view: target,
            depth_slice: None,
            resolve_target: None,
            ops: wgpu::Operations {
                load: wgpu::LoadOp::Clear(clear),
                store: wgpu::StoreOp::Store,
            },
        })],
        depth_stencil_attachment: depths.map(|view| wgpu::RenderPassDepthStencilAttachment {
            view,
            depth_ops: Some(wgpu::Operations {
                load: wgpu::LoadOp::Clear(1.0),
                store: wgpu::StoreOp::Store,
            }),
            stencil_ops: None,
        }),
        ..Default::default()
    })
}

/// Keeps a pass inside the viewport.
fn cut(pass: &mut wgpu::RenderPass, viewport: &Viewport) {
    let [x, y] = viewport.min_px;
    pass.set_scissor_rect(x, y, viewport.max_px[0] - x, viewport.max_px[1] - y);
}

/// Field colours, cell colours, the empty ground and dying cells, as `palette` in `shaders/render/frame.wgsl`.
fn packed_palette(view: &View) -> Vec<u32> {
    let cells = palette::cell_table(view.colouring);
    (view.field_table().iter())
        .chain(&cells)
        .chain([&palette::EMPTY, &palette::DYING])
        .map(|&[r, g, b]| u32::from_le_bytes([r, g, b, 255]))
        .collect()
}
