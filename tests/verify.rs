//! The verification book: every quick case holds, fails under its perturbation, and is well told.

mod common;

use std::sync::atomic::AtomicBool;

use assert_cmd::Command;
use invado::cpu::CpuEngine;
use invado::gpu::{GpuContext, GpuEngine};
use invado::model::Model;
use invado::simulation::Engine;
use invado::verify::{self, Bench, Case, Size, Verdict};
use predicates::prelude::*;
use predicates::str::contains;
use rayon::prelude::*;

static GO_ON: AtomicBool = AtomicBool::new(false);

fn on_cpu(model: &Model) -> anyhow::Result<Box<dyn Engine>> {
    Ok(Box::new(CpuEngine::new(model)))
}

/// A case on the CPU engine, or as it must fail.
fn row(case: &Case, perturbed: bool, adapter: Option<&GpuContext>) -> verify::Row {
    let sets: Vec<String> = case.perturbation.iter().map(|s| (*s).to_string()).collect();
    let bench = Bench {
        make_engine: &on_cpu,
        adapter,
        side_by_side: true,
        size: Size::Quick,
        sets: if perturbed { sets } else { Vec::new() },
        stop: &GO_ON,
    };
    verify::judge(case, &bench).unwrap()
}

#[test]
fn every_case_holds_and_fails_when_perturbed() {
    let adapter = common::gpu("every_case_holds");
    let wrong: Vec<String> = verify::cases()
        .par_iter()
        .flat_map(|case| [(*case, false), (*case, true)])
        .filter_map(|(case, perturbed)| {
            let row = row(case, perturbed, adapter.as_ref());
            let held = match row.verdict {
                Verdict::Passed | Verdict::Held => true,
                Verdict::Failed | Verdict::Missed => false,
                // Without an adapter there is nothing to compare; `gpu` has said so.
                Verdict::NotRun => return None,
            };
            eprintln!("{} {perturbed} {:?} {:.2} s {:?}", case.id, row.verdict, row.seconds, row.worst());
            // Numbers that are off, and no error, must be what fails.
            let fair = held != perturbed && row.why.is_none();
            (!fair).then(|| format!("{} perturbed {perturbed}: {:?} {:?} {:?}", case.id, row.verdict, row.why, row.worst()))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
