//! What cells cost at confluence, in 2-D and 3-D, from 10 000 (in a core's cache) to 4 million: the neighbour search, each
//! pass over cells, and a step without what happens in voxels (deposit, diffusion, local terms). `cargo bench --bench
//! cells`; `fate`, which runs every 60th step, is reported apart.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use invado::bench::tissue;
use invado::cpu::CpuEngine;
use invado::model::initial_state;
use invado::pass::Pass;
use invado::simulation::{Engine, StepInput};

const SEARCH: &[Pass] = &[Pass::Bin, Pass::Scan, Pass::Sort];
const STEP: &[Pass] = &[
    Pass::Bin,
    Pass::Scan,
    Pass::Sort,
    Pass::Signal,
    Pass::Forces,
    Pass::Move,
];
const GROUPS: [(&str, &[Pass]); 6] = [
    ("bin, scan and sort", SEARCH),
    ("forces", &[Pass::Forces]),
    ("move", &[Pass::Move]),
    (
        "search, forces and move",
        &[Pass::Bin, Pass::Scan, Pass::Sort, Pass::Forces, Pass::Move],
    ),
    ("signal", &[Pass::Signal]),
    ("a step but voxels", STEP),
];

fn run(engine: &mut CpuEngine, passes: &[Pass], step: u64) {
    for pass in passes {
        let input = StepInput::bathed(step, 0.0);
        engine.run_pass(*pass, input).unwrap();
    }
}

fn cells(criterion: &mut Criterion) {
    let sizes = [
        (2, 10_000),
        (2, 100_000),
        (2, 1_000_000),
        (2, 4_000_000),
        (3, 10_000),
        (3, 100_000),
        (3, 1_000_000),
    ];
    for (dimensions, count) in sizes {
        let model = tissue(dimensions, count).unwrap();
        let mut engine = CpuEngine::new(&model);
        engine.load(&initial_state(&model)).unwrap();
        // Cells at random overlap; after two minutes the worst of it is gone.
        for step in 0..20 {
            run(&mut engine, STEP, step);
        }
        let mut group = criterion.benchmark_group(format!("{dimensions}-D, {count} cells"));
        group.throughput(Throughput::Elements(u64::from(count)));
        for (name, passes) in GROUPS {
            let mut step = 20;
            group.bench_function(name, |b| {
                b.iter(|| {
                    run(&mut engine, passes, step);
                    step += 1;
                });
            });
        }
        let state = engine.download().unwrap();
        group.bench_function("fate", |b| {
            b.iter_batched_ref(
                || {
                    let mut engine = CpuEngine::new(&model);
                    engine.load(&state).unwrap();
                    engine
                },
                |engine| run(engine, &[Pass::Fate], 59),
                BatchSize::PerIteration,
            );
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).warm_up_time(std::time::Duration::from_millis(300)).measurement_time(std::time::Duration::from_secs(1));
    targets = cells
}
criterion_main!(benches);
