//! `invado bench`

use std::process::ExitCode;

use crate::bench::{measure, scene};
use crate::cli::{BenchArgs, BenchSize};
use crate::export::write_atomically;

/// Times every pass, prints a table, and writes JSON where asked.
pub(super) fn bench(args: &BenchArgs) -> anyhow::Result<ExitCode> {
    let (voxels, cells, repetitions) = match args.size {
        BenchSize::Small => (256, 10_000, 30),
        BenchSize::Medium => (1024, 100_000, 20),
        BenchSize::Large => (2048, 1_000_000, 10),
    };
    let model = scene(voxels, cells)?;
    let mut chosen = super::engine::choose(&args.engine, &model)?;
    super::print(&format!("{}\n", chosen.reason))?;
    let report = measure(chosen.engine.as_mut(), &model, 3, repetitions)?;
    super::print(&format!("{report}\n"))?;
    if let Some(path) = &args.json {
        write_atomically(path, |out| {
            serde_json::to_writer_pretty(&mut *out, &report)?;
            writeln!(out)?;
            Ok(())
        })?;
    }
    Ok(ExitCode::SUCCESS)
}
