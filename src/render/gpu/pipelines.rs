//! Shaders, bindings and pipelines of the painter.

use crate::gpu::shader::{self, Part};
use wgpu::ShaderStages as Stages;

/// What a binding holds, and which stages see it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Binding {
    Uniform(Stages),
    /// Read-only storage.
    Storage(Stages),
    /// A texture of colours, in the fragment stage.
    Colours,
    /// A texture of depths, in the fragment stage.
    Depths,
}

use Binding::{Storage, Uniform};

const BOTH: Stages = Stages::VERTEX_FRAGMENT;

/// Bindings by number: frame, palette, fields, texture of the matrix.
pub(super) const FIELD: &[(u32, Binding)] = &[
    (0, Uniform(BOTH)),
    (1, Storage(Stages::FRAGMENT)),
    (2, Storage(Stages::FRAGMENT)),
    (3, Storage(Stages::FRAGMENT)),
];
/// Frame, palette, positions, polarities, identities, signals, counters.
pub(super) const CELLS: &[(u32, Binding)] = &[
    (0, Uniform(BOTH)),
    (1, Storage(Stages::VERTEX)),
    (2, Storage(Stages::VERTEX)),
    (3, Storage(Stages::VERTEX)),
    (4, Storage(Stages::VERTEX)),
    (5, Storage(Stages::VERTEX)),
    (6, Storage(Stages::VERTEX)),
];
/// As [`CELLS`], and the eye.
pub(super) const SPHERES: &[(u32, Binding)] = &[
    (0, Uniform(BOTH)),
    (1, Storage(Stages::VERTEX)),
    (2, Storage(Stages::VERTEX)),
    (3, Storage(Stages::VERTEX)),
    (4, Storage(Stages::VERTEX)),
    (5, Storage(Stages::VERTEX)),
    (6, Storage(Stages::VERTEX)),
    (7, Uniform(BOTH)),
];
/// Frame, palette, fields, eye.
pub(super) const SLICES: &[(u32, Binding)] = &[
    (0, Uniform(BOTH)),
    (1, Storage(Stages::FRAGMENT)),
    (2, Storage(Stages::FRAGMENT)),
    (7, Uniform(BOTH)),
];
/// The eye.
pub(super) const EDGES: &[(u32, Binding)] = &[(7, Uniform(BOTH))];
/// Colours and depths of the raster, and the eye.
pub(super) const RESOLVE: &[(u32, Binding)] = &[
    (0, Binding::Colours),
    (1, Binding::Depths),
    (7, Uniform(BOTH)),
];

pub(super) fn layout(
    device: &wgpu::Device,
    name: &str,
    bindings: &[(u32, Binding)],
) -> wgpu::BindGroupLayout {
    let entry = |&(binding, what): &(u32, Binding)| {
        let buffer = |ty| wgpu::BindingType::Buffer {
            ty,
            has_dynamic_offset: false,
            min_binding_size: None,
        };
        let texture = |sample_type| wgpu::BindingType::Texture {
            sample_type,
            view_dimension: wgpu::TextureViewDimension::D2,
            multisampled: false,
        };
        let (visibility, ty) = match what {
            Uniform(stages) => (stages, buffer(wgpu::BufferBindingType::Uniform)),
            Storage(stages) => (
                stages,
                buffer(wgpu::BufferBindingType::Storage { read_only: true }),
            ),
            Binding::Colours => (
                Stages::FRAGMENT,
                texture(wgpu::TextureSampleType::Float { filterable: false }),
            ),
            Binding::Depths => (Stages::FRAGMENT, texture(wgpu::TextureSampleType::Depth)),
        };
        wgpu::BindGroupLayoutEntry {
            binding,
            visibility,
            ty,
            count: None,
        }
    };
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some(&format!("invado.render.{name}.layout")),
        entries: &bindings.iter().map(entry).collect::<Vec<_>>(),
    })
}

/// What depths are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// There are none.
    None,
    /// What is drawn is hidden by what is nearer, and hides what is farther.
    Hides,
    /// What is drawn is hidden by what is nearer, and hides and shades nothing.
    IsHidden,
}

/// What tells the painter's pipelines apart.
pub(super) struct Recipe<'a> {
    pub name: &'a str,
    pub parts: &'a [Part],
    pub bindings: &'a [(u32, Binding)],
    pub format: wgpu::TextureFormat,
    pub topology: wgpu::PrimitiveTopology,
    pub blend: Option<wgpu::BlendState>,
    /// What depths are for, if there are any.
    pub depth: Depth,
}

/// A pipeline with the layout of its bindings.
#[derive(Debug)]
pub(super) struct Pipeline {
    pub pipeline: wgpu::RenderPipeline,
    pub layout: wgpu::BindGroupLayout,
}

/// Depths of 3-D views.
pub(super) const DEPTHS: wgpu::TextureFormat = wgpu::TextureFormat::Depth32Float;

impl Recipe<'_> {
    pub(super) fn build(&self, device: &wgpu::Device) -> Pipeline {
        let name = self.name;
        let layout = layout(device, name, self.bindings);
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(&format!("invado.render.{name}.shader")),
            source: wgpu::ShaderSource::Wgsl(shader::join(self.parts).into()),
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(&format!("invado.render.{name}.pipeline_layout")),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let pipeline = device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some(&format!("invado.render.{name}.pipeline")),
            layout: Some(&pipeline_layout),
            vertex: wgpu::VertexState {
                module: &module,
                entry_point: Some(&format!("{name}_vertex")),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                buffers: &[],
            },
            primitive: wgpu::PrimitiveState {
                topology: self.topology,
                ..Default::default()
            },
            depth_stencil: (self.depth != Depth::None).then(|| wgpu::DepthStencilState {
                format: DEPTHS,
                depth_write_enabled: Some(self.depth == Depth::Hides),
                depth_compare: Some(wgpu::CompareFunction::Less),
                stencil: wgpu::StencilState::default(),
                bias: wgpu::DepthBiasState::default(),
            }),
            multisample: wgpu::MultisampleState::default(),
            fragment: Some(wgpu::FragmentState {
                module: &module,
                entry_point: Some(&format!("{name}_fragment")),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                targets: &[Some(wgpu::ColorTargetState {
                    format: self.format,
                    blend: self.blend,
                    write_mask: wgpu::ColorWrites::ALL,
                })],
            }),
            multiview_mask: None,
            cache: None,
        });
        Pipeline { pipeline, layout }
    }
}
