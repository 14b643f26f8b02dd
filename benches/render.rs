//! What a frame of a million cells costs offscreen, on the CPU painter and on each adapter that there is: cells in the plane and
//! as balls. `cargo bench --bench render`. Not measured on a hardware GPU so far.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use invado::bench::tissue;
use invado::gpu::GpuContext;
use invado::model::{Model, initial_state};
use invado::render::gpu::{BYTES_A_CELL, Drawables, GpuPainter, VERTICES_A_CELL};
use invado::render::{Slots, View, cpu};

const CELLS: u32 = 1_000_000;
const SIZE_PX: [u32; 2] = [1280, 800];

fn frames(criterion: &mut Criterion) {
    let gpu = GpuContext::new(None).ok();
    for dimensions in [2, 3] {
        let model = tissue(dimensions, CELLS).unwrap();
        let state = initial_state(&model);
        let view = View::of(&model, SIZE_PX).settled(&state);
        let count = u64::from(CELLS);
        eprintln!(
            "{dimensions}-D, {count} cells: {} MB read and {} M vertices a frame",
            count * BYTES_A_CELL / 1_000_000,
            count * VERTICES_A_CELL / 1_000_000
        );
        let mut group = criterion.benchmark_group(format!("frame, {dimensions}-D, {CELLS} cells"));
        group
            .throughput(Throughput::Elements(count))
            .sample_size(10);
        group.bench_function("CPU painter", |bencher| {
            bencher.iter(|| cpu::paint(model.grid(), &state, &view));
        });
        if let Some(gpu) = &gpu {
            let name = format!("GPU painter on {}", gpu.summary().name);
            let frame = on_gpu(gpu, &model, &state, &view);
            group.bench_function(name, |bencher| bencher.iter(&frame));
        }
        group.finish();
    }
}

/// Draws a frame into a texture and waits for it.
fn on_gpu(
    gpu: &GpuContext,
    model: &Model,
    state: &invado::state::HostState,
    view: &View,
) -> impl Fn() {
    let painter = GpuPainter::new(&gpu.device, wgpu::TextureFormat::Rgba8Unorm);
    let drawn = Drawables::upload(&gpu.device, state);
    let target = painter.target(SIZE_PX);
    let texture = target.create_view(&wgpu::TextureViewDescriptor::default());
    let slots = Slots {
        field: (model.fields().iter()).position(|field| Some(field.kind) == view.field),
        matrix: None,
    };
    let (gpu, grid, view) = (gpu.clone(), *model.grid(), view.clone());
    move || {
        let mut encoder = gpu
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        painter.paint(
            &mut encoder,
            &drawn.buffers(),
            &grid,
            slots,
            &view,
            &texture,
        );
        gpu.queue.submit([encoder.finish()]);
        gpu.device
            .poll(wgpu::PollType::wait_indefinitely())
            .unwrap();
    }
}

criterion_group!(benches, frames);
criterion_main!(benches);
