//! The same seed gives the same bits: run twice, on any number of threads, in any batches.

mod common;

use common::{gpu, scene};
use invado::cpu::CpuEngine;
use invado::gpu::GpuEngine;
use invado::model::Model;
use invado::simulation::{Engine, Simulation};

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
            pool.install(|| hash_after(&model, Box::new(CpuEngine::new(&model)), &[100, 400]))
        };
        let one = on_threads(1);
        assert_eq!(one, on_threads(1), "run twice");
        assert_eq!(one, on_threads(2), "2 threads");
        assert_eq!(one, on_threads(4), "4 threads");
        let other = model.clone().with_seed(12);
        assert_ne!(
            one,
            hash_after(&other, Box::new(CpuEngine::new(&other)), &[100, 400]),
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
    let once = run(&[100, 200]);
    assert_eq!(once, run(&[100, 200]));
    assert_eq!(once, run(&[100, 1, 7, 60, 132]));
    if context.summary().software {
        assert_eq!(
            once,
            hash_after(&model, Box::new(CpuEngine::new(&model)), &[100, 200]),
            "and the CPU's bits"
        );
    }
}
