//! Each pass of the GPU engine against the CPU engine: A17.

use crate::cpu::CpuEngine;
use crate::gpu::GpuEngine;
use crate::model::Model;
use crate::pass::Pass;
use crate::simulation::{Engine, StepInput};
use crate::state::{HostState, Workings};
use crate::verify::bench::NotHere;
use crate::verify::compare::{Tolerance, compare, compare_workings, distance, tolerance};
use crate::verify::{
    Axis, Bench, Case, Check, Kind, Outcome, Plot, Point, Series, random_state, scene_toml,
};

pub(super) const CASES: &[Case] = &[Case {
    id: "A17",
    title: "Each pass on the adapter is that of the CPU engine",
    text: "Every pass of a step from the same random state on the GPU engine and on the CPU engine, flat and in the full run also deep and with periodic axes: largest distance as a share of the quantity's largest value.",
    source: "two engines, one list of passes",
    evidence: "exact",
    kind: Kind::Gate,
    tolerance: "equal bits on software adapters, a stated share on hardware",
    note: "Hardware may fuse a·b + c and so round once less: there each pass has a share of the quantity's largest value that it may be off by, from 2e-6 (local terms) to 1e-4 (forces); integers are equal in any case.",
    perturbation: &["parameters.k_auto=6.3 /h"],
    full_only: false,
    slow_on_software: false,
    run: passes,
}];

/// The step whose last pass is `fate`, so that every pass has its turn.
const INPUT: StepInput = StepInput {
    mek: 1.5,
    docetaxel_ng_ml: 60.0,
    ..StepInput::bathed(59, 40.0)
};

fn passes(bench: &Bench) -> anyhow::Result<Outcome> {
    let Some(context) = bench.adapter else {
        let why = "there is no adapter to compare with, or the CPU engine was asked for; run with --engine gpu";
        return Err(NotHere(why).into());
    };
    let software = context.summary().software;
    let mut series = Vec::new();
    let mut beyond = Vec::new();
    let scenes = bench.pick(
        vec![(false, false)],
        vec![(false, false), (true, false), (false, true), (true, true)],
    );
    for (deep, periodic) in scenes {
        let text = scene_toml(deep, periodic);
        let model = bench.plain_model(&text)?;
        let mut gpu = GpuEngine::new(context, &bench.model(&text)?)?;
        let axes = if periodic { ", periodic" } else { "" };
        let label = format!("{}{axes}", if deep { "3-D" } else { "2-D" });
        let mut far = vec![0.0f64; Pass::STEP.len()];
        for seed in 0..bench.pick(1, 2) {
            let found = each_pass(&model, &mut gpu, seed, software)?;
            for (slot, (off, mismatch)) in found.into_iter().enumerate() {
                far[slot] = far[slot].max(off);
                beyond
                    .extend(mismatch.map(|m| format!("{label}, {}: {m}", Pass::STEP[slot].name())));
            }
        }
        let points = far
            .into_iter()
            .enumerate()
            .map(|(slot, got)| Point {
                x: slot as f64,
                expected: 0.0,
                got,
                allowed: 0.0,
            })
            .collect();
        series.push(Series::measured(label, points));
    }
    let plot = Plot {
        title: format!("GPU against CPU on {}", context.summary().name),
        x: Axis::named("pass", Pass::STEP.map(Pass::name)),
        y: Axis::linear("distance over largest value"),
        series,
    };
    let mut outcome = Outcome::of(plot, "");
    let what = match beyond.first() {
        Some(first) => format!("passes beyond tolerance, first {first}"),
        None => "passes beyond tolerance".to_string(),
    };
    outcome.check(Check::most(what, beyond.len() as f64, 0.0, ""));
    Ok(outcome)
}

/// For each pass of a step how far the engines are apart, and where they are beyond tolerance.
fn each_pass(
    model: &Model,
    gpu: &mut GpuEngine,
    seed: u32,
    software: bool,
) -> anyhow::Result<Vec<(f64, Option<String>)>> {
    let mut cpu = CpuEngine::new(model);
    let mut reference = CpuEngine::new(model);
    let start = random_state(model, seed);
    reference.load(&start)?;
    let mut found = Vec::new();
    for pass in Pass::STEP {
        let mut state = reference.download()?;
        let workings = reference.download_workings()?;
        if pass == Pass::Move {
            // Random pushes, some of them beyond the speed limit.
            state.cells.push_crowding = start.cells.push_crowding.clone();
            reference.load(&state)?;
            reference.load_workings(&workings)?;
        }
        let run = |engine: &mut dyn Engine| -> anyhow::Result<(HostState, Workings)> {
            engine.load(&state)?;
            engine.load_workings(&workings)?;
            engine.run_pass(pass, INPUT)?;
            Ok((engine.download()?, engine.download_workings()?))
        };
        let (a, b) = (run(&mut cpu)?, run(gpu)?);
        let allowed: Tolerance = tolerance(pass, software);
        let mut compared = compare(&a.0, &b.0, allowed);
        // After `fate` the handed-over arrays belong to the old population.
        if pass != Pass::Fate {
            compared = compared.and(compare_workings(&a.1, &b.1, allowed));
        }
        let off = distance((&a.0, &a.1), (&b.0, &b.1));
        found.push((off, compared.err().map(|m| m.to_string())));
        reference.run_pass(pass, INPUT)?;
    }
    Ok(found)
}
