//! Bad values in, a clear error out; noise where nothing may be relied on, the same bits out.

mod common;

use common::{gpu, scene};
use glam::Vec4;
use invado::cpu::CpuEngine;
use invado::gpu::GpuEngine;
use invado::pass::Pass;
use invado::simulation::{Engine, EngineError, StepInput};
use invado::state::HostState;
use invado::verify::random_state;

fn inputs(n: u64) -> Vec<StepInput> {
    (0..n).map(|step| StepInput::bathed(step, 30.0)).collect()
}

fn engines(test: &str) -> Vec<Box<dyn Engine>> {
    let model = scene(false, false);
    let mut engines: Vec<Box<dyn Engine>> = vec![Box::new(CpuEngine::new(&model))];
    if let Some(context) = gpu(test) {
        engines.push(Box::new(GpuEngine::new(&context, &model).unwrap()));
    }
    engines
}

/// Loads, runs, and asks for the state, which settles everything that is under way.
fn outcome(
    engine: &mut dyn Engine,
    state: &HostState,
    steps: u64,
) -> Result<HostState, EngineError> {
    engine.load(state)?;
    engine.run(&inputs(steps))?;
    engine.download()
}

#[test]
fn poison_in_a_field_is_named() {
    let model = scene(false, false);
    for mut engine in engines("poison_in_a_field_is_named") {
        for (poison, slot, name) in [
            (f32::NAN, 0, "drug"),
            (f32::INFINITY, 6, "attractant"),
            (f32::NEG_INFINITY, 2, "ecm"),
            (-1e3, 0, "drug"),
        ] {
            let mut state = random_state(&model, 1);
            state.fields[slot].1[321] = poison;
            let error = outcome(engine.as_mut(), &state, 3).unwrap_err();
            let EngineError::Numerics { what, step, .. } = &error else {
                panic!("{}: {error:?}", engine.name());
            };
            assert!(
                what.contains(name),
                "{}: {poison} in {name}: {error}",
                engine.name()
            );
            assert_eq!(*step, 0, "{}: {error}", engine.name());
            assert!(error.to_string().contains("last report"), "{error}");
        }
    }
}

#[test]
fn poison_in_a_cell_is_found() {
    let model = scene(false, false);
    for mut engine in engines("poison_in_a_cell_is_found") {
        for axis in 0..2 {
            let mut state = random_state(&model, 1);
            state.cells.polarity_speed[7][axis] = f32::NAN;
            let error = outcome(engine.as_mut(), &state, 3).unwrap_err();
            assert!(
                error.to_string().contains("cell"),
                "{}: {error}",
                engine.name()
            );
        }
    }
}

#[test]
fn extremes_that_are_legal_do_not_harm() {
    let model = scene(false, false);
    let mut ends = Vec::new();
    for mut engine in engines("extremes") {
        let mut state = random_state(&model, 2);
        // Denormals, zeros, huge concentrations, cells on every corner and on each other.
        state.fields[0].1[0] = f32::MIN_POSITIVE / 4.0;
        state.fields[0].1[1] = 1e30;
        state.fields[2].1.fill(0.0);
        state.fields[1].1[2] = 1e30;
        let (w, h) = (400.0, 330.0);
        for (i, (x, y)) in [(0.0, 0.0), (w, 0.0), (0.0, h), (w, h), (w, h)]
            .into_iter()
            .enumerate()
        {
            let z = state.cells.position_radius[i].z;
            state.cells.position_radius[i] = Vec4::new(x, y, z, 8.4);
        }
        for row in &mut state.cells.signals {
            row[0] = 0.0;
            row[1] = 1.0;
        }
        let end = outcome(engine.as_mut(), &state, 120).unwrap();
        assert!(end.cells.position_radius.iter().all(|p| p.is_finite()));
        assert!(
            end.fields
                .iter()
                .all(|(_, v)| v.iter().all(|v| v.is_finite() && *v >= 0.0))
        );
        ends.push(end);
    }
}

/// What passes hand to each other is written before it is read, but for the bin counts, which are zero between steps.
#[test]
fn noise_in_the_workings_does_not_matter() {
    let model = scene(false, false);
    for mut engine in engines("noise_in_the_workings") {
        let state = random_state(&model, 3);
        let clean = outcome(engine.as_mut(), &state, 61).unwrap();
        engine.load(&state).unwrap();
        let mut noise = engine.download_workings().unwrap();
        let n = state.cells.len();
        noise.cell_bins = vec![u32::MAX; n];
        noise.sorted_ix = vec![123_456_789; n];
        noise.sorted_bodies = vec![Vec4::NAN; n];
        noise.bin_starts.fill(0xdead_beef);
        noise.deposits.fill(0xdead_beef);
        engine.load_workings(&noise).unwrap();
        engine.run(&inputs(61)).unwrap();
        assert_eq!(
            engine.download().unwrap().hash(),
            clean.hash(),
            "{}",
            engine.name()
        );
    }
}

#[test]
fn too_many_cells_in_a_voxel_are_refused() {
    let model = scene(false, false);
    for mut engine in engines("too_many_cells_in_a_voxel") {
        let mut state = random_state(&model, 4);
        let cells = &mut state.cells;
        let template = Vec4::new(205.0, 205.0, 5.0, 8.4);
        let n = 17_000;
        cells.position_radius = vec![template; n];
        cells.polarity_speed = vec![Vec4::X; n];
        cells.push_crowding = vec![Vec4::ZERO; n];
        cells.identity = (0..n as u32).map(|id| [id, 0, u32::MAX, 0]).collect();
        cells.signals = std::array::from_fn(|_| vec![0.5; n]);
        state.next_id = n as u32;
        let error = engine.load(&state).and_then(|()| {
            for pass in [Pass::Bin, Pass::Scan, Pass::Sort, Pass::Deposit] {
                engine.run_pass(pass, inputs(1)[0])?;
            }
            Ok(())
        });
        let error = error.unwrap_err();
        assert!(
            matches!(error, EngineError::Crowding { .. }),
            "{}: {error:?}",
            engine.name()
        );
    }
}
