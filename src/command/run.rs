//! `invado run`: the loop from report to report, and the arms of a scenario one after another.

mod arms;
mod course;
mod resume;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::plate::Plate;
use crate::cli::RunArgs;
use crate::error::UsageError;
use crate::export::{self, Part};
use crate::lesson::{self, Ending};
use crate::model::Model;
use crate::observe::Row;
use crate::quantity;
use crate::record::{RunJson, Status, checkpoint, make_folder};
use crate::scenario::Scenario;

pub(super) use course::Run;
use course::Saves;
use resume::Resumed;

/// Runs a scenario, or each of its arms.
pub(super) fn run(args: &RunArgs) -> anyhow::Result<ExitCode> {
    let mut sets = args.overrides.sets.clone();
    sets.extend(args.overrides.seed.map(|n| format!("seed={n}")));
    sets.extend(args.replicates.map(|n| format!("replicates={n}")));
    sets.extend(args.until.as_ref().map(|t| format!("time.until={t}")));
    sets.extend(args.report.as_ref().map(|t| format!("time.report={t}")));
    let (scenario, model, folder, resumed) = match (&args.resume, &args.scenario) {
        (Some(from), _) => resume::resume(args, from)?,
        (None, name) => {
            // clap has seen to it that one of the two is there.
            let name = name.as_deref().unwrap_or_default();
            let (scenario, model) = super::load(name, &sets)?;
            let folder = args.out.clone().unwrap_or_else(|| {
                PathBuf::from("invado-runs").join(format!("{}-{}", scenario.name, model.seed()))
            });
            (scenario, model, folder, None)
        }
    };
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))
        .context("cannot watch for Ctrl-C")?;
    let finished = if scenario.file.arm.is_empty() || resumed.is_some() {
        one(args, &scenario, &model, &folder, &stop, resumed)?.finished
    } else {
        arms::run(args, &scenario, &folder, &stop)?
    };
    Ok(if finished {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

/// What came of a run.
struct Outcome {
    /// Whether it came to its end and was not interrupted.
    finished: bool,
    /// How it ended.
    last: Ending,
}

/// Runs a scenario to its end, to an interrupt, or to an error, and leaves a readable folder in each case.
fn one(
    args: &RunArgs,
    scenario: &Scenario,
    model: &Model,
    folder: &Path,
    stop: &AtomicBool,
    resumed: Option<Resumed>,
) -> anyhow::Result<Outcome> {
    let every = |option: &str, text: &Option<String>| interval(option, text.as_deref(), model);
    let cadence: Cadence = [
        (Part::Cells, every("--cells", &args.cells)?),
        (Part::Fields, every("--fields", &args.fields)?),
        (Part::Images, every("--images", &args.images)?),
    ];
    let expectations = lesson::expectations(scenario)?;
    let device = super::engine::device(&args.engine)?;
    let engine = device.engine(model)?;
    let goes_on = resumed.as_ref().is_some_and(|r| r.parent.is_none());
    if !goes_on {
        make_folder(folder, args.force)?;
    }
    let saves = Saves {
        scenario: scenario.clone(),
        every: every("--checkpoint", &args.checkpoint)?,
    };
    let say = |text: String| {
        if args.quiet {
            Ok(())
        } else {
            super::print(&format!("{text}\n"))
        }
    };
    let ran_on = (engine.name(), engine.description());
    say(format!("{} (seed {})", model.title(), model.seed()))?;
    say(format!(
        "engine {} on {}: {}",
        ran_on.0, ran_on.1, device.reason
    ))?;
    let mut json = RunJson::begin(scenario, model, ran_on, &device.reason);
    if let Some(resumed) = &resumed {
        say(format!(
            "goes on at {:.3} h from {}",
            resumed.checkpoint.header.time_h,
            resumed.checkpoint.path.display()
        ))?;
        if goes_on {
            let before = RunJson::read(folder)?;
            (json.wall_time_s, json.parent) = (before.wall_time_s, before.parent);
        } else {
            json.parent = resumed.parent.clone();
            std::fs::copy(&resumed.checkpoint.path, folder.join(checkpoint::PARENT))
                .context("cannot keep the checkpoint that the fork begins at")?;
        }
    }
    let wall_before_s = json.wall_time_s;
    json.write(folder)?;
    export::write_doses(folder, model)?;

    let n_runs = model.wells().len().max(1) as u64;
    let bar = progress(args.quiet, n_runs * model.n_steps());
    let start = Instant::now();
    let lines = !args.quiet && bar.is_hidden();
    let Ran {
        outcome,
        told,
        last,
    } = if !model.wells().is_empty() {
        // The wells make their own.
        drop(engine);
        let plate = Plate {
            model,
            device: &device,
            cadence: &cadence,
            folder,
            stop,
            bar: &bar,
            lines,
        };
        plate.run(&mut json)
    } else {
        let mut run = Run::new(model, engine, folder, &cadence, bar.clone(), lines, resumed)?;
        run.saves = Some(saves);
        let ended = run.end(stop);
        json.events = run.simulation.events().to_vec();
        json.motility_fit = ended.motility_fit;
        if let Some(state) = run.last_good() {
            json.steps = state.step;
            json.time_h = model.time_h(state.step);
            json.state_hash = Some(state.hash());
        }
        let mut outcome = ended.outcome;
        if let (Ok(true), Some(profile)) = (&outcome, run.profile()) {
            let given = run.rows().iter().any(Row::is_drugged);
            let profiles = [(None, profile.clone())];
            outcome = super::figures::profiles(model, &profiles, given, folder).map(|()| true);
        }
        Ran {
            outcome,
            told: last_line(run.rows()),
            last: run.rows().last().cloned().unwrap_or_default().into(),
        }
    };
    bar.finish_and_clear();
    json.wall_time_s = wall_before_s + start.elapsed().as_secs_f64();
    (json.status, json.error) = match &outcome {
        Ok(true) => (Status::Finished, None),
        Ok(false) => (Status::Interrupted, None),
        Err(error) => (Status::Failed, Some(format!("{error:#}"))),
    };
    let whole = matches!(outcome, Ok(true)) && scenario.file.time.until.is_none();
    if whole {
        let rows = [(String::new(), last.clone())];
        json.lesson = lesson::judge(&expectations, &rows);
    }
    json.write(folder)?;
    let finished = outcome?;
    say(format!(
        "{} steps in {:.1} s ({:.3} ms a step)\n{told}",
        json.steps,
        json.wall_time_s,
        1e3 * json.wall_time_s / json.steps.max(1) as f64
    ))?;
    for judged in &json.lesson {
        say(format!("lesson: {judged}"))?;
    }
    say(format!("results in {}", folder.display()))?;
    if !finished {
        let (reached, table) = match model.wells().is_empty() {
            false => (told, "wells.csv"),
            true => (format!("at {:.3} h", json.time_h), "observables.csv"),
        };
        eprintln!(
            "interrupted {reached}: run.json and {table} are complete up to there, in {}",
            folder.display()
        );
    }
    Ok(Outcome { finished, last })
}

/// What came of one simulation, or of wells.
pub(super) struct Ran {
    /// At its end (true), by an interrupt (false), or by an error.
    pub outcome: anyhow::Result<bool>,
    /// What to tell the user.
    pub told: String,
    /// How it ended.
    pub last: Ending,
}

impl Ran {
    /// What came to nothing.
    pub(super) fn failed(error: anyhow::Error) -> Self {
        Self {
            outcome: Err(error),
            told: String::new(),
            last: Ending::default(),
        }
    }
}

/// What a run leaves of its moments, and the steps between two of those that are asked for.
pub(super) type Cadence = [(Part, Option<u64>); 3];

/// An option's time as a whole number of steps.
fn interval(option: &str, text: Option<&str>, model: &Model) -> Result<Option<u64>, UsageError> {
    let Some(text) = text else { return Ok(None) };
    let minutes =
        quantity::parse(text, "min").map_err(|why| UsageError::new(format!("{option}: {why}")))?;
    let steps = minutes / model.dt_min();
    if steps < 0.5 || (steps - steps.round()).abs() > 1e-6 * steps {
        return Err(UsageError::new(format!(
            "{option}: {text} is {steps:.3} steps of {} min; it must be a whole number of steps, at least one",
            model.dt_min()
        )));
    }
    Ok(Some(steps.round() as u64))
}

pub(super) fn progress(quiet: bool, n_steps: u64) -> ProgressBar {
    let target = if quiet {
        ProgressDrawTarget::hidden()
    } else {
        ProgressDrawTarget::stderr()
    };
    let bar = ProgressBar::with_draw_target(Some(n_steps), target);
    let style = "{wide_bar} {pos}/{len} steps  {per_sec}  {eta} left";
    bar.set_style(
        ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    bar
}

/// Turns beside a message while something runs that has no steps to count.
pub(super) fn spinner() -> ProgressBar {
    let style = "{spinner} {elapsed} {wide_msg}";
    ProgressBar::new_spinner().with_style(
        ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_spinner()),
    )
}

/// A report as a line, for output that is not a terminal.
pub(super) fn line(row: &Row) -> String {
    let mut text = format!("{:8.3} h", row.get("time_h").unwrap_or(f64::NAN));
    for (name, label, unit, digits) in [
        ("cell_count", "cells", "", 0),
        ("wound_closure_percent", "closure", " %", 1),
        ("mean_pfak_relative", "pFAK/control", "", 3),
        ("mean_speed_um_per_h", "speed", " um/h", 1),
        ("bath_nm", "bath", " nM", 1),
        ("plasma_ng_ml", "plasma", " ng/mL (illustrative)", 1),
    ] {
        if let Some(value) = row.get(name) {
            text.push_str(&format!("  {label} {value:.digits$}{unit}"));
        }
    }
    text
}

/// The last report, with what its drug's effect is.
fn last_line(rows: &[Row]) -> String {
    let last = rows.last().map(line).unwrap_or_default();
    let dosed = rows
        .iter()
        .any(|row| row.get("bath_nm").is_some_and(|nm| nm > 0.0));
    let label = if dosed { PREDICTION } else { "" };
    format!("{last}{label}")
}

/// What is said wherever drug was given.
pub(super) const PREDICTION: &str =
    "\neffect of the drug on migration: prediction, not for clinical use";
