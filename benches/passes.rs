//! One bench a pass, named by it, on the CPU engine: `cargo bench`, or `cargo bench -- diffuse`.
//!
//! Sizes: 256² voxels and 10 000 cells stay in a core's cache, so that arithmetic and fork-join costs show; 1024² and
//! 100 000 cells (a well at confluence) do not, so that memory traffic shows. For a GPU, whose clock criterion cannot
//! read, `invado bench --engine gpu` times the same scenes by timestamps.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use invado::bench::{scene, traffic};
use invado::coefficients::Coefficients;
use invado::cpu::CpuEngine;
use invado::model::initial_state;
use invado::pass::Pass;
use invado::simulation::{Engine, StepInput};

const SIZES: [(u32, u32); 2] = [(256, 10_000), (1024, 100_000)];

fn passes(criterion: &mut Criterion) {
    for (voxels, cells) in SIZES {
        let model = scene(voxels, cells).expect("the scene is valid and small");
        let input = StepInput::bathed(59, 100.0);
        let state = initial_state(&model);
        let coefficients = Coefficients::new(&model);
        for pass in Pass::ALL {
            if !pass.is_needed(&coefficients) {
                continue;
            }
            let mut engine = CpuEngine::new(&model);
            engine.load(&state).expect("a fresh state loads");
            // A whole step first: what the pass reads has been written, and caches are warm.
            for before in Pass::STEP {
                engine
                    .run_pass(before, input)
                    .expect("the scene is healthy");
            }
            let work = traffic(pass, &model, u64::from(cells));
            let mut group = criterion.benchmark_group(pass.name());
            group.throughput(Throughput::Elements(work.count));
            group.bench_function(
                BenchmarkId::from_parameter(format!("{voxels}x{voxels}, {cells} cells")),
                |b| {
                    b.iter(|| {
                        if pass == Pass::Sort {
                            // `sort` uses the counts up; counting again is part of the figure and small beside it.
                            engine
                                .run_pass(Pass::Bin, input)
                                .expect("the scene is healthy");
                        }
                        engine.run_pass(pass, input).expect("the scene is healthy");
                    });
                },
            );
            group.finish();
        }
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).warm_up_time(std::time::Duration::from_millis(300)).measurement_time(std::time::Duration::from_secs(1));
    targets = passes
}
criterion_main!(benches);
