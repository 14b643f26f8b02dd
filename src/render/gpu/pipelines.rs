//! Shaders, bindings and pipelines of the painter.

use crate::gpu::shader;
use wgpu::ShaderStages as Stages;

/// Which stages see each binding; binding 0 is the uniform frame, the others are read-only storage.
pub(super) const FIELD_BINDINGS: &[Stages] =
    &[Stages::VERTEX_FRAGMENT, Stages::FRAGMENT, Stages::FRAGMENT];
/// As [`FIELD_BINDINGS`], for the cells.
pub(super) const CELL_BINDINGS: &[Stages] = &[
    Stages::VERTEX_FRAGMENT,
    Stages::VERTEX,
    Stages::VERTEX,
    Stages::VERTEX,
    Stages::VERTEX,
    Stages::VERTEX,
    Stages::VERTEX,
];

pub(super) fn layout(
    device: &wgpu::Device,
    label: &str,
    bindings: &[Stages],
) -> wgpu::BindGroupLayout {
    let entries: Vec<_> = (0..)
        .zip(bindings)
        .map(|(binding, &visibility)| wgpu::BindGroupLayoutEntry {
            binding,
            visibility,
            ty: wgpu::BindingType::Buffer {
                ty: if binding == 0 {
                    wgpu::BufferBindingType::Uniform
                } else {
                    wgpu::BufferBindingType::Storage { read_only: true }
                },
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        })
        .collect();
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some(label),
        entries: &entries,
    })
}

pub(super) fn field(
    device: &wgpu::Device,
    layout: &wgpu::BindGroupLayout,
    format: wgpu::TextureFormat,
) -> wgpu::RenderPipeline {
    pipeline(
        device,
        "field",
        &shader::join(shader::PAINT_FIELD),
        layout,
        format,
        wgpu::PrimitiveTopology::TriangleList,
    )
}

pub(super) fn cells(
    device: &wgpu::Device,
    layout: &wgpu::BindGroupLayout,
    format: wgpu::TextureFormat,
) -> wgpu::RenderPipeline {
    pipeline(
        device,
        "cells",
        &shader::join(shader::PAINT_CELLS),
        layout,
        format,
        wgpu::PrimitiveTopology::TriangleStrip,
    )
}

fn pipeline(
    device: &wgpu::Device,
    name: &str,
    shader: &str,
    layout: &wgpu::BindGroupLayout,
    format: wgpu::TextureFormat,
    topology: wgpu::PrimitiveTopology,
) -> wgpu::RenderPipeline {
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(&format!("invado.render.{name}.shader")),
        source: wgpu::ShaderSource::Wgsl(shader.into()),
    });
    let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some(&format!("invado.render.{name}.pipeline_layout")),
        bind_group_layouts: &[Some(layout)],
        immediate_size: 0,
    });
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some(&format!("invado.render.{name}.pipeline")),
        layout: Some(&pipeline_layout),
        vertex: wgpu::VertexState {
            module: &module,
            entry_point: Some(&format!("{name}_vertex")),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            buffers: &[],
        },
        primitive: wgpu::PrimitiveState {
            topology,
            ..Default::default()
        },
        depth_stencil: None,
        multisample: wgpu::MultisampleState::default(),
        fragment: Some(wgpu::FragmentState {
            module: &module,
            entry_point: Some(&format!("{name}_fragment")),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            targets: &[Some(wgpu::ColorTargetState {
                format,
                blend: Some(wgpu::BlendState::ALPHA_BLENDING),
                write_mask: wgpu::ColorWrites::ALL,
            })],
        }),
        multiview_mask: None,
        cache: None,
    })
}
