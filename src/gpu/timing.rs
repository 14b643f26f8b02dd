//! How long a pass takes on the device: timestamps where the adapter has them, else the wall clock around a drained
//! queue.

use std::time::{Duration, Instant};

use crate::gpu::context::GpuContext;
use crate::simulation::EngineError;

/// Two timestamps around a command buffer.
#[derive(Debug)]
pub(super) struct Stopwatch {
    queries: Option<wgpu::QuerySet>,
    resolved: wgpu::Buffer,
    staging: wgpu::Buffer,
}

impl Stopwatch {
    pub(super) fn new(context: &GpuContext) -> Self {
        let has = context
            .device
            .features()
            .contains(wgpu::Features::TIMESTAMP_QUERY);
        let buffer = |label, usage| {
            context.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size: 16,
                usage,
                mapped_at_creation: false,
            })
        };
        Self {
            queries: has.then(|| {
                context.device.create_query_set(&wgpu::QuerySetDescriptor {
                    label: Some("invado.timing.queries"),
                    ty: wgpu::QueryType::Timestamp,
                    count: 2,
                })
            }),
            resolved: buffer(
                "invado.timing.resolved",
                wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC,
            ),
            staging: buffer(
                "invado.timing.staging",
                wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            ),
        }
    }

    /// Times what `encode` records into one compute pass.
    pub(super) fn time(
        &self,
        context: &GpuContext,
        encode: impl FnOnce(&mut wgpu::ComputePass),
        after: impl FnOnce(&mut wgpu::CommandEncoder),
    ) -> Result<Duration, EngineError> {
        let failed = |error: &dyn std::fmt::Display| EngineError::Device(error.to_string());
        let wait = || {
            context
                .device
                .poll(wgpu::PollType::wait_indefinitely())
                .map_err(|error| failed(&error))
        };
        wait()?;
        let mut encoder = context
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor {
                label: Some("invado.timing.encoder"),
            });
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
                label: Some("invado.timing.pass"),
                timestamp_writes: self.queries.as_ref().map(|query_set| {
                    wgpu::ComputePassTimestampWrites {
                        query_set,
                        beginning_of_pass_write_index: Some(0),
                        end_of_pass_write_index: Some(1),
                    }
                }),
            });
            encode(&mut pass);
        }
        if let Some(queries) = &self.queries {
            encoder.resolve_query_set(queries, 0..2, &self.resolved, 0);
            encoder.copy_buffer_to_buffer(&self.resolved, 0, &self.staging, 0, Some(16));
        }
        after(&mut encoder);
        let start = Instant::now();
        context.submit([encoder.finish()]);
        wait()?;
        let wall = start.elapsed();
        context.check()?;
        if self.queries.is_none() {
            return Ok(wall);
        }
        self.staging.map_async(wgpu::MapMode::Read, .., |_| {});
        wait()?;
        let ticks: [u64; 2] = {
            let view = self
                .staging
                .get_mapped_range(..)
                .map_err(|error| failed(&error))?;
            bytemuck::pod_read_unaligned(&view)
        };
        self.staging.unmap();
        let ns = ticks[1].saturating_sub(ticks[0]) as f64
            * f64::from(context.queue.get_timestamp_period());
        Ok(Duration::from_nanos(ns as u64))
    }
}
