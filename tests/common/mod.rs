//! What several test files share: the adapter, engines, scenes and comparisons.
#![allow(dead_code, reason = "each test file uses its own part")]

use invado::cpu::CpuEngine;
use invado::gpu::{GpuContext, GpuEngine};
use invado::model::Model;
use invado::simulation::{Engine, Simulation};
use invado::verify::scene_toml;

/// A device to test on. Without one the test says loudly that it did not run, or fails where CI demands a GPU.
pub fn gpu(test: &str) -> Option<GpuContext> {
    match GpuContext::new(None) {
        Ok(context) => Some(context),
        Err(error) => {
            absent(test, &error.to_string());
            None
        }
    }
}

/// Says that a test did not run and why; panics where `INVADO_REQUIRE_GPU=1`.
pub fn absent(test: &str, why: &str) {
    assert!(
        std::env::var("INVADO_REQUIRE_GPU").as_deref() != Ok("1"),
        "INVADO_REQUIRE_GPU=1, but {test} cannot run: {why}"
    );
    eprintln!("*** NOT RUN: {test}: {why} ***");
}

/// See [`invado::verify::scene_toml`].
pub fn scene(three_d: bool, periodic: bool) -> Model {
    Model::from_toml(&scene_toml(three_d, periodic)).unwrap()
}

/// Parameters under which cells do nothing but walk.
pub const ONLY_WALKING: &str = r#"
k_an = "0 /h"
c_r = "0 um/min"
c_a = "0 um/min"
"#;

/// Whether the adapter that tests run on is hardware, which may fuse operations.
pub fn hardware() -> bool {
    GpuContext::new(None).is_ok_and(|context| !context.summary().software)
}

/// The CPU engine and, where there is an adapter, the GPU engine.
pub fn engines(test: &str, model: &Model) -> Vec<Box<dyn Engine>> {
    let mut engines: Vec<Box<dyn Engine>> = vec![Box::new(CpuEngine::new(model))];
    if let Some(context) = gpu(test) {
        engines.push(Box::new(GpuEngine::new(&context, model).unwrap()));
    }
    engines
}

/// Runs a check on both engines.
pub fn on_both(test: &str, model: &Model, check: impl Fn(&str, &mut Simulation)) {
    for engine in engines(test, model) {
        let name = engine.name();
        check(name, &mut Simulation::new(model.clone(), engine).unwrap());
    }
}

/// Panics if two numbers differ by more than a share of the expected one.
pub fn close(what: &str, got: f64, expected: f64, relative: f64) {
    let apart = (got - expected).abs() / expected.abs().max(1e-300);
    assert!(
        apart <= relative,
        "{what}: {got} against {expected}, {apart:.2e} apart, allowed {relative:.0e}"
    );
}

/// Writes a NumPy file.
pub fn write_npy<T: npyz::AutoSerialize + Copy>(
    path: &std::path::Path,
    shape: &[u64],
    values: &[T],
) {
    use npyz::WriterBuilder;
    let file = std::fs::File::create(path).unwrap();
    let mut npy = npyz::WriteOptions::new()
        .default_dtype()
        .shape(shape)
        .writer(file)
        .begin_nd()
        .unwrap();
    npy.extend(values.iter().copied()).unwrap();
    npy.finish().unwrap();
}
