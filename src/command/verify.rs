//! `invado verify`: the verification book on this machine.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::Context;

use crate::cli::{EngineChoice, VerifyArgs};
use crate::error::UsageError;
use crate::export::write_atomically;
use crate::gpu::GpuContext;
use crate::scenario::unknown;
use crate::verify::{self, Bench, Case, NOT_BUILT, Report, Row, Size, Verdict};

/// What is left in the folder.
const FILES: [&str; 2] = ["verify.json", "verify.html"];

/// Lists or runs cases, prints a table, and leaves the report.
pub(super) fn verify(args: &VerifyArgs) -> anyhow::Result<ExitCode> {
    let chosen = chosen(&args.cases)?;
    if args.list {
        super::print(&list(&chosen))?;
        return Ok(ExitCode::SUCCESS);
    }
    let device = super::engine::device(&args.engine)?;
    // Passes are compared on the chosen adapter, else on any, unless the CPU alone was asked for.
    let any = match (&device.context, args.engine.engine) {
        (None, EngineChoice::Auto) => GpuContext::new(None).ok(),
        _ => None,
    };
    let adapter = device.context.as_ref().or(any.as_ref());
    make_folder(&args.out, args.force)?;
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))
        .context("cannot watch for Ctrl-C")?;
    let make_engine = |model: &crate::model::Model| device.engine(model);
    let bench = Bench {
        make_engine: &make_engine,
        adapter,
        side_by_side: device.context.is_none(),
        size: if args.quick { Size::Quick } else { Size::Full },
        sets: Vec::new(),
        stop: &stop,
    };
    let mut report = begin(&device, &bench)?;
    super::print(&format!(
        "invado {} · engine {} on {}: {}\n",
        report.version, report.engine, report.engine_description, report.engine_reason
    ))?;
    super::print(&head())?;
    let software = device
        .context
        .as_ref()
        .is_some_and(|c| c.summary().software);
    let start = Instant::now();
    let bar = super::run::spinner();
    for case in &chosen {
        let left_out = match args.cases.is_empty() {
            false => None,
            true if args.quick && case.full_only => Some("left out by --quick"),
            true if software && case.slow_on_software => Some(
                "takes too long on a software adapter, whose passes A17 compares; run with --engine cpu, or name the case",
            ),
            true => None,
        };
        let row = match left_out {
            Some(why) => Row::left_out(case, why),
            None => {
                bar.set_message(format!("{} {}", case.id, case.title));
                bar.enable_steady_tick(std::time::Duration::from_millis(200));
                match verify::judge(case, &bench) {
                    Ok(row) => row,
                    Err(verify::Interrupted) => {
                        report.interrupted = true;
                        break;
                    }
                }
            }
        };
        bar.suspend(|| super::print(&line(&row)))?;
        report.cases.push(row);
    }
    bar.finish_and_clear();
    report.seconds = start.elapsed().as_secs_f64();
    write(&args.out, &report)?;
    super::print(&end(&report, &args.out))?;
    if report.interrupted {
        eprintln!(
            "interrupted: the report holds the {} cases that were done",
            report.cases.len()
        );
    }
    let failed = report.interrupted || report.count(Verdict::Failed) > 0;
    Ok(if failed {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
}

/// The cases of these names, all of them if there are none, in the order of the book.
fn chosen(names: &[String]) -> Result<Vec<&'static Case>, UsageError> {
    for name in names {
        let same = |id: &str| id.eq_ignore_ascii_case(name);
        if let Some(claim) = NOT_BUILT.iter().find(|claim| same(claim.id)) {
            return Err(UsageError::new(format!(
                "case {} is not built: {}; invado verify --list shows those that are",
                claim.id, claim.why
            )));
        }
        if !verify::cases().iter().any(|case| same(case.id)) {
            let why = unknown("case", name, verify::cases().iter().map(|case| case.id));
            return Err(UsageError::new(format!("{why} (invado verify --list)")));
        }
    }
    let wanted = |id: &str| names.iter().any(|name| id.eq_ignore_ascii_case(name));
    Ok(verify::cases()
        .into_iter()
        .filter(|case| names.is_empty() || wanted(case.id))
        .collect())
}

fn list(cases: &[&Case]) -> String {
    let mut text = String::new();
    for case in cases {
        let size = if case.full_only {
            ", not in --quick"
        } else {
            ""
        };
        text += &format!(
            "{:<4} {:<10} {}\n{:15} {} [{}]; {}{size}\n",
            case.id,
            case.kind.name(),
            case.title,
            "",
            case.source,
            case.evidence,
            case.tolerance
        );
    }
    for claim in NOT_BUILT {
        text += &format!(
            "{:<4} {:<10} {}\n{:15} {}\n",
            claim.id, "not built", claim.title, "", claim.why
        );
    }
    text
}

/// The report before its first case.
fn begin(device: &super::engine::Device, bench: &Bench) -> anyhow::Result<Report> {
    // Any model says what its engine runs on.
    let engine = device.engine(&crate::bench::scene(16, 4)?)?;
    let now = jiff::Timestamp::now();
    Ok(Report {
        version: env!("CARGO_PKG_VERSION"),
        date: now.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        engine: engine.name().to_string(),
        engine_description: engine.description(),
        engine_reason: device.reason.clone(),
        adapter: bench.adapter.map(|context| context.summary().to_string()),
        platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        size: bench.size,
        interrupted: false,
        seconds: 0.0,
        cases: Vec::new(),
        not_built: NOT_BUILT.to_vec(),
    })
}

/// A text cut or filled to a width.
fn cell(text: &str, width: usize) -> String {
    let n = text.chars().count();
    if n <= width {
        return format!("{text}{}", " ".repeat(width - n));
    }
    let cut: String = text.chars().take(width - 1).collect();
    format!("{cut}…")
}

/// Widths of what is compared, expected, got, tolerance, evidence and source; with spaces and margin 99 columns.
const WIDTHS: [usize; 6] = [26, 13, 13, 13, 5, 19];

/// What a case says in its first line, then its comparison.
fn rows(id: &str, title: &str, claim: &str, verdict: &str, texts: [&str; 6]) -> String {
    let cells: Vec<String> = (texts.iter().zip(WIDTHS))
        .map(|(text, width)| cell(text, width))
        .collect();
    let first = format!(
        "{} {} {} {verdict}",
        cell(id, 4),
        cell(title, 72),
        cell(claim, 10)
    );
    format!(
        "{}\n     {}\n",
        first.trim_end(),
        cells.join(" ").trim_end()
    )
}

fn head() -> String {
    let compared = "worst comparison";
    let texts = [compared, "expected", "got", "tolerance", "ev.", "source"];
    rows("case", "", "claim", "verdict", texts)
}

/// A case as lines of the table: its worst comparison, and below it what else must be said.
fn line(row: &Row) -> String {
    let [expected, got, allowed] = row.worst().map(verify::cells).unwrap_or_default();
    let what = row.worst().map_or("", |check| check.what.as_str());
    let texts = [what, &expected, &got, &allowed, row.evidence, row.source];
    let mut text = rows(
        row.id,
        row.title,
        row.kind.name(),
        row.verdict.name(),
        texts,
    );
    if let Some(why) = &row.why {
        text += &format!("     {why}\n");
    }
    text
}

/// The last lines: counts and where the report is.
fn end(report: &Report, folder: &Path) -> String {
    let count = |verdict| report.count(verdict);
    format!(
        "\n{} gates passed, {} failed; only shown: {} held, {} missed; {} not run; {} claims not built; {:.0} s\nreport in {}\n",
        count(Verdict::Passed),
        count(Verdict::Failed),
        count(Verdict::Held),
        count(Verdict::Missed),
        count(Verdict::NotRun),
        report.not_built.len(),
        report.seconds,
        folder.join(FILES[1]).display()
    )
}

/// Makes the folder before minutes of work, or takes over an earlier report with `force`.
fn make_folder(folder: &Path, force: bool) -> Result<(), UsageError> {
    let shown = folder.display();
    let cannot = |why: std::io::Error| {
        UsageError::new(format!(
            "cannot write to '{shown}': {why}. Choose another --out"
        ))
    };
    std::fs::create_dir_all(folder).map_err(cannot)?;
    let there: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(cannot)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    let ours = |path: &PathBuf| {
        FILES
            .iter()
            .any(|name| path.file_name().is_some_and(|n| n == *name))
    };
    if !there.is_empty() && !force {
        return Err(UsageError::new(format!(
            "'{shown}' exists and is not empty; choose another --out, or replace the report in it with --force"
        )));
    }
    if !there.is_empty() && !there.iter().all(ours) {
        return Err(UsageError::new(format!(
            "'{shown}' holds more than a report of invado verify, so --force does not touch it; choose another --out"
        )));
    }
    // Proof that files can be made there, before minutes of work.
    tempfile::tempfile_in(folder).map_err(cannot)?;
    Ok(())
}

fn write(folder: &Path, report: &Report) -> anyhow::Result<()> {
    write_atomically(&folder.join(FILES[0]), |out| {
        serde_json::to_writer_pretty(&mut *out, report)?;
        writeln!(out)?;
        Ok(())
    })?;
    write_atomically(&folder.join(FILES[1]), |out| {
        out.write_all(verify::page(report).as_bytes())?;
        Ok(())
    })
}
