//! 3-D views on the GPU: a raster of colours and depths, finer than the picture, and its way into the picture.

use std::sync::Mutex;

use wgpu::PrimitiveTopology::{TriangleList, TriangleStrip};

use super::pipelines::{self, DEPTHS, Depth, Pipeline, Recipe};
use super::{DrawBuffers, VERTICES_A_CELL, bind};
use crate::gpu::shader;
use crate::render::Viewport;
use crate::render::eye::Eye;

/// Colours of the raster.
const COLOURS: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// Pipelines of 3-D views, and the raster of the last one.
#[derive(Debug)]
pub(super) struct SpacePainter {
    spheres: Pipeline,
    slices: Pipeline,
    edges: Pipeline,
    resolve: Pipeline,
    raster: Mutex<Option<Raster>>,
}

#[derive(Clone, Debug)]
struct Raster {
    size_px: [u32; 2],
    colours: wgpu::TextureView,
    depths: wgpu::TextureView,
}

/// What is drawn where.
pub(super) struct Drawing<'a> {
    pub frame: &'a wgpu::Buffer,
    pub palette: &'a wgpu::Buffer,
    pub eye: &'a Eye,
    pub eye_buffer: &'a wgpu::Buffer,
    pub buffers: &'a DrawBuffers<'a>,
    pub cells: bool,
    pub viewport: Viewport,
    pub target: &'a wgpu::TextureView,
}

impl SpacePainter {
    pub(super) fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        let recipe = |name, parts, bindings, topology| Recipe {
            name,
            parts,
            bindings,
            format: COLOURS,
            topology,
            blend: None,
            depth: Depth::Hides,
        };
        Self {
            spheres: recipe(
                "spheres",
                shader::PAINT_SPHERES,
                pipelines::SPHERES,
                TriangleStrip,
            )
            .build(device),
            slices: recipe(
                "slices",
                shader::PAINT_SLICES,
                pipelines::SLICES,
                TriangleList,
            )
            .build(device),
            edges: Recipe {
                depth: Depth::IsHidden,
                ..recipe(
                    "edges",
                    shader::PAINT_EDGES,
                    pipelines::EDGES,
                    TriangleStrip,
                )
            }
            .build(device),
            resolve: Recipe {
                name: "resolve",
                parts: shader::PAINT_RESOLVE,
                bindings: pipelines::RESOLVE,
                format,
                topology: TriangleList,
                blend: None,
                depth: Depth::None,
            }
            .build(device),
            raster: Mutex::new(None),
        }
    }

    /// Records the drawing; `clear` is the paper.
    pub(super) fn paint(
        &self,
        device: &wgpu::Device,
        encoder: &mut wgpu::CommandEncoder,
        drawing: &Drawing,
        clear: wgpu::Color,
    ) {
        let raster = self.raster(device, drawing.eye.raster_px());
        self.draw(device, encoder, drawing, &raster, clear);
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("invado.render.resolve.bindings"),
            layout: &self.resolve.layout,
            entries: &[
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: wgpu::BindingResource::TextureView(&raster.colours),
                },
                wgpu::BindGroupEntry {
                    binding: 1,
                    resource: wgpu::BindingResource::TextureView(&raster.depths),
                },
                wgpu::BindGroupEntry {
                    binding: 7,
                    resource: drawing.eye_buffer.as_entire_binding(),
                },
            ],
        });
        let mut pass = super::begin(encoder, "resolve", drawing.target, clear, None);
        super::cut(&mut pass, &drawing.viewport);
        pass.set_pipeline(&self.resolve.pipeline);
        pass.set_bind_group(0, &group, &[]);
        pass.draw(0..3, 0..1);
    }

    fn draw(
        &self,
        device: &wgpu::Device,
        encoder: &mut wgpu::CommandEncoder,
        drawing: &Drawing,
        raster: &Raster,
        clear: wgpu::Color,
    ) {
        let buffers = drawing.buffers;
        let (frame, palette, eye) = (drawing.frame, drawing.palette, drawing.eye_buffer);
        let spheres = bind(
            device,
            "spheres",
            &self.spheres.layout,
            &[
                (0, frame),
                (1, palette),
                (2, buffers.positions),
                (3, buffers.polarities),
                (4, buffers.identities),
                (5, buffers.signals),
                (6, buffers.counters),
                (7, eye),
            ],
        );
        let slices = bind(
            device,
            "slices",
            &self.slices.layout,
            &[(0, frame), (1, palette), (2, buffers.fields), (7, eye)],
        );
        let edges = bind(device, "edges", &self.edges.layout, &[(7, eye)]);
        let mut pass = super::begin(
            encoder,
            "space",
            &raster.colours,
            clear,
            Some(&raster.depths),
        );
        if drawing.cells && buffers.n_cells_at_most > 0 {
            pass.set_pipeline(&self.spheres.pipeline);
            pass.set_bind_group(0, &spheres, &[]);
            pass.draw(0..VERTICES_A_CELL as u32, 0..buffers.n_cells_at_most);
        }
        pass.set_pipeline(&self.slices.pipeline);
        pass.set_bind_group(0, &slices, &[]);
        pass.draw(0..3, 0..3);
        pass.set_pipeline(&self.edges.pipeline);
        pass.set_bind_group(0, &edges, &[]);
        pass.draw(0..4, 0..12);
    }

    /// The raster of a size: the last one, or a new one.
    fn raster(&self, device: &wgpu::Device, size_px: [u32; 2]) -> Raster {
        // A poisoned lock holds a whole raster or none, as it is replaced in one piece.
        let mut kept = match self.raster.lock() {
            Ok(kept) => kept,
            Err(poisoned) => poisoned.into_inner(),
        };
        if let Some(raster) = kept.as_ref().filter(|raster| raster.size_px == size_px) {
            return raster.clone();
        }
        let texture = |name: &str, format| {
            device
                .create_texture(&wgpu::TextureDescriptor {
                    label: Some(&format!("invado.render.raster.{name}")),
                    size: wgpu::Extent3d {
                        width: size_px[0],
                        height: size_px[1],
                        depth_or_array_layers: 1,
                    },
                    mip_level_count: 1,
                    sample_count: 1,
                    dimension: wgpu::TextureDimension::D2,
                    format,
                    usage: wgpu::TextureUsages::RENDER_ATTACHMENT
                        | wgpu::TextureUsages::TEXTURE_BINDING,
                    view_formats: &[],
                })
                .create_view(&wgpu::TextureViewDescriptor::default())
        };
        let raster = Raster {
            size_px,
            colours: texture("colours", COLOURS),
            depths: texture("depths", DEPTHS),
        };
        *kept = Some(raster.clone());
        raster
    }
}
