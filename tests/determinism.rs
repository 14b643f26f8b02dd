//! The same seed gives the same bits: run twice, on any number of threads, in any batches.

mod common;

use common::{gpu, scene};
use invado::cpu::CpuEngine;
use invado::gpu::GpuEngine;
use invado::model::Model;
use invado::pass::Pass;
use invado::simulation::{Engine, Simulation, StepInput};

fn hash_after(model: &Model, engine: Box<dyn Engine>, batches: &[u64]) -> String {
    let mut simulation = Simulation::new(model.clone(), engine).unwrap();
    for (i, steps) in batches.iter().enumerate() {
        if i == 1 {
            simulation.set_bath_nm(250.0);
        }
        simulation.run(*steps).unwrap();
    }
    simulation.snapshot().unwrap().hash()
}

#[test]
fn the_cpu_engine_repeats_itself_on_1_2_and_4_threads() {
    for model in [scene(false, false), scene(true, true)] {
        let on_threads = |n: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(n)
                .build()
                .unwrap();
            pool.install(|| hash_after(&model, Box::new(CpuEngine::new(&model)), &[50, 190]))
        };
        let one = on_threads(1);
        assert_eq!(one, on_threads(1), "run twice");
        assert_eq!(one, on_threads(2), "2 threads");
        assert_eq!(one, on_threads(4), "4 threads");
        let other = model.clone().with_seed(12);
        assert_ne!(
            one,
            hash_after(&other, Box::new(CpuEngine::new(&other)), &[50, 190]),
            "another seed"
        );
    }
}

#[test]
fn the_gpu_engine_repeats_itself_in_any_batches() {
    let Some(context) = gpu("the_gpu_engine_repeats_itself") else {
        return;
    };
    let model = scene(false, false);
    let run = |batches: &[u64]| {
        hash_after(
            &model,
            Box::new(GpuEngine::new(&context, &model).unwrap()),
            batches,
        )
    };
    let once = run(&[50, 75]);
    assert_eq!(once, run(&[50, 75]));
    assert_eq!(once, run(&[50, 1, 7, 60, 7]));
    if context.summary().software {
        assert_eq!(
            once,
            hash_after(&model, Box::new(CpuEngine::new(&model)), &[50, 75]),
            "and the CPU's bits"
        );
    }
}

/// From 500 cells to five times as many: the GPU's arrays must grow on the way.
#[test]
fn a_population_outgrows_its_first_arrays() {
    let Some(context) = gpu("a_population_outgrows_its_first_arrays") else {
        return;
    };
    let model = Model::from_toml(
        r#"
title = "growth"
seed = 2
[domain]
size = ["2000 um", "2000 um"]
voxel = "100 um"
[time]
duration = "108 min"
[[cells]]
type = "pc-3"
place = { rectangle = { from = ["0 um", "0 um"], to = ["2000 um", "2000 um"], count = 500 } }
division = "0.9 /h"
[parameters]
K_2d = "0.1 /um^2"
"#,
    )
    .unwrap();
    let mut gpu = Simulation::new(
        model.clone(),
        Box::new(GpuEngine::new(&context, &model).unwrap()),
    )
    .unwrap();
    let first = gpu.engine().gpu_state().unwrap().sizes().capacity;
    gpu.run(model.n_steps()).unwrap();
    let end = gpu.snapshot().unwrap();
    let capacity = gpu.engine().gpu_state().unwrap().sizes().capacity;
    assert!(
        end.cells.len() as u64 > first && capacity > first,
        "{} cells in {capacity}",
        end.cells.len()
    );
    assert_eq!(
        500 + end.tally.births - end.tally.removals,
        end.cells.len() as u64
    );
    if context.summary().software {
        let hash = hash_after_all(&model);
        assert_eq!(end.hash(), hash, "the CPU engine's bits");
    }
}

fn hash_after_all(model: &Model) -> String {
    let mut cpu = Simulation::new(model.clone(), Box::new(CpuEngine::new(model))).unwrap();
    cpu.run(model.n_steps()).unwrap();
    cpu.snapshot().unwrap().hash()
}

/// Bins numbered from another layer on are sorted, dispatched and stored in another order; each cell still meets its
/// neighbours in the order of places, so that nothing else changes.
#[test]
fn the_numbers_of_the_bins_do_not_matter() {
    for (three_d, periodic) in [(false, false), (false, true), (true, false), (true, true)] {
        let plain = scene(three_d, periodic);
        let turned = plain.clone().with_bins_numbered_from(1);
        // A software driver is slow: two scenes, which differ in both respects, are enough for it.
        let engines = |model: &Model| -> Vec<Box<dyn Engine>> {
            if three_d == periodic || common::hardware() {
                common::engines("the_numbers_of_the_bins", model)
            } else {
                vec![Box::new(CpuEngine::new(model))]
            }
        };
        for (engine, other) in engines(&plain).into_iter().zip(engines(&turned)) {
            let name = engine.name();
            let (order, hash) = order_and_hash(&plain, engine);
            let (other_order, other_hash) = order_and_hash(&turned, other);
            assert_ne!(order, other_order, "{name}: nothing was renumbered");
            assert_eq!(
                hash, other_hash,
                "{name}, 3-D {three_d}, periodic {periodic}"
            );
        }
    }
}

/// The order that cells are sorted in at time zero, and the hash after some births.
fn order_and_hash(model: &Model, mut engine: Box<dyn Engine>) -> (Vec<u32>, String) {
    engine.load(&invado::model::initial_state(model)).unwrap();
    for pass in [Pass::Bin, Pass::Scan, Pass::Sort] {
        engine.run_pass(pass, StepInput::bathed(0, 0.0)).unwrap();
    }
    let order = engine.download_workings().unwrap().sorted_ix;
    let steps = if engine.name() == "cpu" { 250 } else { 31 };
    (order, hash_after(model, engine, &[30, steps]))
}
