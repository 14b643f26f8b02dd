//! Each pass on the GPU against the same pass on the CPU, from the same random state.

mod common;

use common::{gpu, scene};
use invado::cpu::CpuEngine;
use invado::gpu::GpuEngine;
use invado::model::{Model, N_CHANNELS};
use invado::pass::Pass;
use invado::simulation::{Engine, StepInput};
use invado::verify::compare::{Tolerance, compare, compare_workings, tolerance};
use invado::verify::random_state;

/// The step whose last pass is `fate`, so that every pass has its turn.
const INPUT: StepInput = StepInput {
    mek: 1.5,
    docetaxel_ng_ml: 60.0,
    pd1_block: 0.4,
    ..StepInput::bathed(59, 40.0)
};

fn every_pass_agrees(name: &str, model: &Model) {
    let Some(context) = gpu(name) else { return };
    let software = context.summary().software;
    let mut cpu = CpuEngine::new(model);
    let mut reference = CpuEngine::new(model);
    let mut gpu = GpuEngine::new(&context, model).unwrap();
    let mut seen = [0; 9];
    for seed in 0..3 {
        let start = random_state(model, seed);
        reference.load(&start).unwrap();
        for pass in Pass::STEP {
            let mut state = reference.download().unwrap();
            let workings = reference.download_workings().unwrap();
            if pass == Pass::Move {
                // Random pushes, some of them beyond the speed limit.
                state.cells.push_crowding = start.cells.push_crowding.clone();
                reference.load(&state).unwrap();
                reference.load_workings(&workings).unwrap();
            }
            for engine in [&mut cpu as &mut dyn Engine, &mut gpu] {
                engine.load(&state).unwrap();
                engine.load_workings(&workings).unwrap();
                engine.run_pass(pass, INPUT).unwrap();
            }
            let allowed = tolerance(pass, software);
            let (a, b) = (cpu.download().unwrap(), gpu.download().unwrap());
            if let Err(mismatch) = compare(&a, &b, allowed) {
                panic!("{name}, seed {seed}, {}: state: {mismatch:?}", pass.name());
            }
            let kills = [&mut cpu as &mut dyn Engine, &mut gpu].map(|e| e.kills().unwrap());
            assert_eq!(kills[0], kills[1], "{name}, seed {seed}: kills");
            // After `fate` the handed-over arrays belong to the old population.
            if pass != Pass::Fate {
                let (a, b) = (
                    cpu.download_workings().unwrap(),
                    gpu.download_workings().unwrap(),
                );
                if let Err(mismatch) = compare_workings(&a, &b, allowed) {
                    panic!(
                        "{name}, seed {seed}, {}: workings: {mismatch:?}",
                        pass.name()
                    );
                }
            }
            reference.run_pass(pass, INPUT).unwrap();
        }
        let end = reference.download().unwrap();
        assert_eq!(model.n_sums(), N_CHANNELS, "every channel has its own sum");
        let voxels = model.grid().n_voxels();
        let mut deposited = CpuEngine::new(model);
        deposited.load(&random_state(model, seed)).unwrap();
        for pass in [Pass::Bin, Pass::Scan, Pass::Sort, Pass::Deposit] {
            deposited.run_pass(pass, INPUT).unwrap();
        }
        for sum in deposited.workings().deposits.chunks(voxels) {
            assert!(sum.iter().any(|v| *v > 0), "a channel is empty");
        }
        let tally = &end.tally;
        for (sum, count) in seen.iter_mut().zip(tally.deaths.into_iter().chain([
            tally.births,
            tally.arrivals,
            tally.removals,
            tally.limited,
        ])) {
            *sum += count;
        }
    }
    assert!(
        seen.iter().all(|count| *count > 0),
        "the scene must exercise every cause of death, births, arrivals, removals and the speed limit: {seen:?}"
    );
}

#[test]
fn passes_agree_in_2d() {
    every_pass_agrees("passes_agree_in_2d", &scene(false, false));
}

#[test]
fn passes_agree_in_3d() {
    every_pass_agrees("passes_agree_in_3d", &scene(true, false));
}

#[test]
fn passes_agree_on_periodic_axes() {
    every_pass_agrees("passes_agree_on_periodic_axes", &scene(false, true));
    every_pass_agrees("passes_agree_on_periodic_axes (3-D)", &scene(true, true));
}

/// A change of one unit in the last place of one value of any quantity must be seen.
#[test]
fn the_comparator_can_fail() {
    let model = scene(false, false);
    let state = random_state(&model, 5);
    assert_eq!(compare(&state, &state.clone(), Tolerance::Bits), Ok(()));
    let nudge = |x: &mut f32| *x = f32::from_bits(x.to_bits() + 1);
    type Change<'a> = (&'a str, &'a dyn Fn(&mut invado::state::HostState));
    let changes: [Change; 10] = [
        ("trait", &|s| nudge(&mut s.cells.traits[1][2])),
        ("drug", &|s| nudge(&mut s.fields[0].1[17])),
        ("position.y", &|s| nudge(&mut s.cells.position_radius[3].y)),
        ("polarity.w", &|s| nudge(&mut s.cells.polarity_speed[3].w)),
        ("push.x", &|s| nudge(&mut s.cells.push_crowding[4].x)),
        ("perk", &|s| nudge(&mut s.cells.signals[4][9])),
        ("identity", &|s| s.cells.identity[2][3] += 1),
        ("cells, next id", &|s| s.tally.births += 1),
        ("drug_bound", &|s| nudge(&mut s.fields[1].1[5])),
        ("attractant", &|s| s.fields[6].1[0] = f32::NAN),
    ];
    for (what, change) in changes {
        let mut other = state.clone();
        change(&mut other);
        let mismatch = compare(&state, &other, Tolerance::Bits).unwrap_err();
        assert!(mismatch.what.starts_with(what), "{mismatch:?} for {what}");
    }
    let mut other = state.clone();
    other.fields[0].1[17] *= 1.01;
    assert!(compare(&state, &other, Tolerance::Share(4e-6)).is_err());
    assert!(compare(&state, &other, Tolerance::Share(0.1)).is_ok());
}

#[test]
fn the_comparator_of_workings_can_fail() {
    let model = scene(false, false);
    let mut engine = CpuEngine::new(&model);
    engine.load(&random_state(&model, 5)).unwrap();
    for pass in [Pass::Bin, Pass::Scan, Pass::Sort, Pass::Deposit] {
        engine.run_pass(pass, INPUT).unwrap();
    }
    let workings = engine.download_workings().unwrap();
    assert_eq!(
        compare_workings(&workings, &workings.clone(), Tolerance::Bits),
        Ok(())
    );
    let mut other = workings.clone();
    other.sorted_ix.swap(0, 1);
    assert_eq!(
        compare_workings(&workings, &other, Tolerance::Bits)
            .unwrap_err()
            .what,
        "sorted_ix"
    );
    let mut other = workings.clone();
    // Of the last channel.
    *other.deposits.last_mut().unwrap() += 1;
    assert_eq!(
        compare_workings(&workings, &other, Tolerance::Bits)
            .unwrap_err()
            .what,
        "deposits"
    );
}
