//! The diffusion pass at the sizes that decide: one explicit pass in 3-D, implicit solves of two and three cycles, and a
//! simulated minute of two fast fields.

use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use invado::cpu::CpuEngine;
use invado::model::{Model, initial_state};
use invado::pass::Pass;
use invado::simulation::{Engine, StepInput};
use invado::state::HostState;

const INPUT: StepInput = StepInput::bathed(0, 10.0);

fn model(size: [u32; 3], fields: &str) -> Model {
    let [x, y, z] = size.map(|n| 20 * n);
    let middle = [x, y, z].map(|l| l / 2);
    Model::from_toml(&format!(
        r#"
title = "bench"
[domain]
size = ["{x} um", "{y} um", "{z} um"]
voxel = "20 um"
[time]
step = "6 s"
duration = "1 h"
{fields}
[[vessel]]
ball = {{ center = ["{} um", "{} um", "{} um"], radius = "200 um" }}
"#,
        middle[0], middle[1], middle[2]
    ))
    .unwrap()
}

const OXYGEN: &str = r#"
[fields.oxygen]
initial = "38 mmHg"
decay = "1 /min"
perfusion = "10 /min"
plasma = "60 mmHg"
"#;

fn engine(model: &Model) -> CpuEngine {
    let mut engine = CpuEngine::new(model);
    engine.load(&initial_state(model)).unwrap();
    engine
}

fn benches(c: &mut Criterion) {
    env_logger::init();
    let mut group = c.benchmark_group("diffuse");
    group.sample_size(20);
    // Explicit: two substeps a pass, 8 B read and written a voxel and substep.
    let slow = model(
        [128, 128, 64],
        "[fields.attractant]\ndiffusivity = \"15 um^2/s\"\ninitial = { gaussian = { center = [\"1000 um\", \"900 um\", \"600 um\"], sigma = \"200 um\", amplitude = \"50 nM\" } }",
    );
    let mut cpu = engine(&slow);
    group.throughput(Throughput::Elements(2 * 128 * 128 * 64));
    group.bench_function("explicit 128x128x64", |b| {
        b.iter(|| cpu.run_pass(Pass::Diffuse, INPUT).unwrap());
    });
    // Implicit, always from the same moving state, to two tolerances: the difference is one cycle and its judgement, the
    // smaller figure also the preparation and the conservative update. RUST_LOG=debug tells the cycles.
    group.throughput(Throughput::Elements(128 * 128 * 128));
    for (name, tolerance) in [("two cycles", 1e-2), ("three cycles", 1e-3)] {
        let fast = model([128; 3], &format!("{OXYGEN}tolerance = {tolerance}\n"));
        let (mut cpu, state) = after(&fast, 5);
        group.bench_function(format!("implicit 128x128x128, {name}"), |b| {
            b.iter_custom(|n| timed(&mut cpu, &state, n, 1));
        });
    }
    // A thousandth of the largest value: what a user of such fields asks for.
    let both = model(
        [128; 3],
        &format!(
            "{OXYGEN}tolerance = 1e-3\n[fields.drug]\ntolerance = 1e-3\nperfusion = \"0.1 /min\"\nplasma = \"30 nM\"\n"
        ),
    );
    group.throughput(Throughput::Elements(10 * 2 * 128 * 128 * 128));
    // Soon after vessels have opened in an empty box (three and two to six cycles a solve), and when the fields move as they
    // do in a tissue (one).
    for (from, steps) in [("0.5", 5), ("9", 90)] {
        let (mut cpu, state) = after(&both, steps);
        group.bench_function(
            format!("a minute of oxygen and drug from {from} min on, 128x128x128"),
            |b| {
                b.iter_custom(|n| timed(&mut cpu, &state, n, 10));
            },
        );
    }
    group.finish();
}

/// An engine and its state after some steps.
fn after(model: &Model, steps: u64) -> (CpuEngine, HostState) {
    let mut cpu = engine(model);
    for step in 0..steps {
        cpu.run(&[StepInput { step, ..INPUT }]).unwrap();
    }
    let state = cpu.download().unwrap();
    (cpu, state)
}

/// The time that the diffusion of `steps` steps from this state takes, `n` times.
fn timed(cpu: &mut CpuEngine, state: &HostState, n: u64, steps: u32) -> Duration {
    let mut spent = Duration::ZERO;
    for _ in 0..n {
        cpu.load(state).unwrap();
        let start = Instant::now();
        for _ in 0..steps {
            cpu.run_pass(Pass::Diffuse, INPUT).unwrap();
        }
        spent += start.elapsed();
    }
    spent
}

criterion_group!(all, benches);
criterion_main!(all);
