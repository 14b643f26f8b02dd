//! `invado run`: the loop from report to report, and the arms of a scenario one after another.

mod arms;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::measure::Measures;
use super::series::Plate;
use crate::cli::RunArgs;
use crate::error::UsageError;
use crate::export::{self, Export, Moment, ObservablesCsv};
use crate::model::Model;
use crate::observe::motility::MotilityFit;
use crate::observe::{Baseline, Row, checked, observe};
use crate::quantity;
use crate::record::{RunJson, Status, make_folder};
use crate::render::View;
use crate::scenario::Scenario;
use crate::simulation::{Engine, Simulation};
use crate::state::HostState;

/// Size of the pictures of a run, px.
const PICTURE_PX: [u32; 2] = [1280, 960];

/// Steps between two looks at the interrupt flag.
const PATIENCE: u64 = 60;

/// Runs a scenario, or each of its arms.
pub(super) fn run(args: &RunArgs) -> anyhow::Result<ExitCode> {
    let mut sets = args.overrides.sets.clone();
    sets.extend(args.overrides.seed.map(|n| format!("seed={n}")));
    sets.extend(args.until.as_ref().map(|t| format!("time.until={t}")));
    sets.extend(args.report.as_ref().map(|t| format!("time.report={t}")));
    let (scenario, model) = super::load(&args.scenario, &sets)?;
    let folder = args.out.clone().unwrap_or_else(|| {
        PathBuf::from("invado-runs").join(format!("{}-{}", scenario.name, model.seed()))
    });
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))
        .context("cannot watch for Ctrl-C")?;
    let finished = if scenario.file.arm.is_empty() {
        one(args, &scenario, &model, &folder, &stop)?.finished
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
    /// The last row of its table.
    last: Row,
}

/// Runs a scenario to its end, to an interrupt, or to an error, and leaves a readable folder in each case.
fn one(
    args: &RunArgs,
    scenario: &Scenario,
    model: &Model,
    folder: &Path,
    stop: &AtomicBool,
) -> anyhow::Result<Outcome> {
    let every = |option: &str, text: &Option<String>| interval(option, text.as_deref(), model);
    let cadence: Cadence = [
        ("cells", every("--cells", &args.cells)?),
        ("fields", every("--fields", &args.fields)?),
        ("images", every("--images", &args.images)?),
    ];
    let device = super::engine::device(&args.engine)?;
    let engine = device.engine(model)?;
    make_folder(folder, args.force)?;
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
    } = if model.series().is_some() {
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
        let mut run = Run::new(model, engine, folder, &cadence, bar.clone(), lines)?;
        let ended = run.end(stop);
        json.events = run.simulation.events().to_vec();
        json.motility_fit = ended.motility_fit;
        if let Some(state) = &run.last_good {
            json.steps = state.step;
            json.time_h = model.time_h(state.step);
            json.state_hash = Some(state.hash());
        }
        Ran {
            outcome: ended.outcome,
            told: last_line(run.rows()),
            last: run.rows().last().cloned().unwrap_or_default(),
        }
    };
    bar.finish_and_clear();
    json.wall_time_s = start.elapsed().as_secs_f64();
    (json.status, json.error) = match &outcome {
        Ok(true) => (Status::Finished, None),
        Ok(false) => (Status::Interrupted, None),
        Err(error) => (Status::Failed, Some(format!("{error:#}"))),
    };
    json.write(folder)?;
    let finished = outcome?;
    say(format!(
        "{} steps in {:.1} s ({:.3} ms a step)\n{told}",
        json.steps,
        json.wall_time_s,
        1e3 * json.wall_time_s / json.steps.max(1) as f64
    ))?;
    say(format!("results in {}", folder.display()))?;
    if !finished {
        let (reached, table) = match model.series() {
            Some(_) => (told, "wells.csv"),
            None => (format!("at {:.3} h", json.time_h), "observables.csv"),
        };
        eprintln!(
            "interrupted {reached}: run.json and {table} are complete up to there, in {}",
            folder.display()
        );
    }
    Ok(Outcome { finished, last })
}

/// What came of one simulation, or of the wells of a series.
pub(super) struct Ran {
    /// At its end (true), by an interrupt (false), or by an error.
    pub outcome: anyhow::Result<bool>,
    /// What to tell the user.
    pub told: String,
    /// The last row of its table.
    pub last: Row,
}

impl Ran {
    /// What came to nothing.
    pub(super) fn failed(error: anyhow::Error) -> Self {
        Self {
            outcome: Err(error),
            told: String::new(),
            last: Row::default(),
        }
    }
}

/// The formats of a run folder and the steps between two files of each that is asked for.
pub(super) type Cadence = [(&'static str, Option<u64>); 3];

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

/// One simulation on its way to its end, and what it leaves in its folder.
pub(super) struct Run {
    simulation: Simulation,
    table: ObservablesCsv,
    exports: Vec<(u64, Box<dyn Export>)>,
    last_good: Option<HostState>,
    folder: PathBuf,
    /// Steps with a report beside those of the model's cadence.
    times: Vec<u64>,
    /// From the first state on.
    measures: Option<Measures>,
    bar: ProgressBar,
    lines: bool,
}

/// How a [`Run`] ended.
pub(super) struct Ended {
    /// At its end (true), by an interrupt (false), or by an error.
    pub outcome: anyhow::Result<bool>,
    /// Walks fitted to `motility.csv`.
    pub motility_fit: Option<Vec<MotilityFit>>,
}

impl Run {
    /// A simulation of a model that writes into a folder, which exists.
    ///
    /// # Errors
    /// A subfolder cannot be made, or the engine refuses.
    pub(super) fn new(
        model: &Model,
        engine: Box<dyn Engine>,
        folder: &Path,
        cadence: &Cadence,
        bar: ProgressBar,
        lines: bool,
    ) -> anyhow::Result<Self> {
        let mut exports = Vec::new();
        for (name, steps) in cadence {
            if let Some(steps) = steps {
                let view = View::of(model, PICTURE_PX);
                exports.push((*steps, export::open(name, folder, view)?));
            }
        }
        Ok(Self {
            table: ObservablesCsv::new(folder.join("observables.csv")),
            exports,
            last_good: None,
            folder: folder.to_path_buf(),
            times: Vec::new(),
            measures: None,
            simulation: Simulation::new(model.clone(), engine)?,
            lines,
            bar,
        })
    }

    /// Reports after these steps, too.
    pub(super) fn report_at(&mut self, times: &[u64]) {
        self.times = times.to_vec();
    }

    /// Reports so far.
    pub(super) fn rows(&self) -> &[Row] {
        self.table.rows()
    }

    /// The state of the last report.
    pub(super) fn last_good(&self) -> Option<&HostState> {
        self.last_good.as_ref()
    }

    /// Runs to the end, to an interrupt, or to an error, and leaves a readable folder in each case.
    pub(super) fn end(&mut self, stop: &AtomicBool) -> Ended {
        let mut outcome = self.finish(stop);
        let mut motility_fit = None;
        match self.measures.as_mut().map(Measures::finish) {
            Some(Ok(fits)) => motility_fit = fits,
            // The first error is the one that matters.
            Some(Err(error)) => outcome = outcome.and(Err(error)),
            None => {}
        }
        if outcome.is_err()
            && let Err(error) = self.export_last_good()
        {
            outcome = outcome.and(Err(error));
        }
        Ended {
            outcome,
            motility_fit,
        }
    }

    /// Steps, measures and writes until the end (true) or an interrupt (false).
    fn finish(&mut self, stop: &AtomicBool) -> anyhow::Result<bool> {
        let model = self.simulation.model().clone();
        let end = model.n_steps();
        let first = self.simulation.snapshot()?;
        let baseline = Baseline::new(&model, &first);
        self.measures = Some(Measures::new(&model, &first, &self.folder)?);
        self.look(&model, &baseline, end)?;
        loop {
            let now = self.simulation.step();
            if now == end {
                return Ok(true);
            }
            if stop.load(Ordering::Relaxed) {
                // The table and the folder end with the moment of the interrupt.
                self.look(&model, &baseline, now)?;
                return Ok(false);
            }
            let due = self.next_due(now, model.report_steps(), end);
            let steps = (due - now).min(PATIENCE);
            self.simulation.run(steps)?;
            self.bar.inc(steps);
            if self.simulation.step() == due {
                if self.is_looked_at(due, model.report_steps(), end) {
                    self.look(&model, &baseline, end)?;
                } else if let Some(measures) = &mut self.measures {
                    measures.sample(&mut self.simulation, None)?;
                }
            }
        }
    }

    /// Whether a step needs the whole state.
    fn is_looked_at(&self, step: u64, report: u64, end: u64) -> bool {
        let exports = self.exports.iter().map(|(every, _)| *every);
        step == end
            || self.times.contains(&step)
            || (exports.chain([report])).any(|every| step.is_multiple_of(every))
    }

    /// The next step at which something is measured or written.
    fn next_due(&self, now: u64, report: u64, end: u64) -> u64 {
        let samples = self.measures.iter().flat_map(Measures::cadences);
        std::iter::once(report)
            .chain(self.exports.iter().map(|(every, _)| *every))
            .chain(samples)
            .map(|every| (now / every + 1) * every)
            .chain(self.times.iter().copied().filter(|time| *time > now))
            .min()
            .unwrap_or(end)
            .min(end)
    }

    /// Measures and writes what is due at the present step; everything at the first and at `end`.
    fn look(&mut self, model: &Model, baseline: &Baseline, end: u64) -> anyhow::Result<()> {
        let (state, balances) = checked(&mut self.simulation, baseline)?;
        if let Some(measures) = &mut self.measures {
            measures.sample(&mut self.simulation, Some(&state))?;
        }
        let due = |every: u64| state.step % every == 0 || state.step == end;
        let moment = Moment {
            model,
            state: &state,
            bath_nm: self.simulation.bath_nm(),
        };
        for (every, export) in &self.exports {
            if due(*every) {
                export.write(&moment)?;
            }
        }
        if (due(model.report_steps()) || self.times.contains(&state.step))
            && self
                .last_good
                .as_ref()
                .is_none_or(|last| last.step < state.step)
        {
            let mut row = observe(model, &state, &balances, self.simulation.events(), baseline);
            if let Some(measures) = &mut self.measures {
                measures.report(model, &state, &mut row)?;
            }
            if self.lines {
                super::print(&format!("{}\n", line(&row)))?;
            }
            self.table.add(row)?;
            self.last_good = Some(state);
        }
        Ok(())
    }

    /// After an error: the last report's state in every format asked for.
    fn export_last_good(&self) -> anyhow::Result<()> {
        let Some(state) = &self.last_good else {
            return Ok(());
        };
        let moment = Moment {
            model: self.simulation.model(),
            state,
            bath_nm: self.simulation.bath_nm(),
        };
        for (_, export) in &self.exports {
            export.write(&moment)?;
        }
        Ok(())
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::CpuEngine;
    use crate::ledger::Ledger;
    use crate::pass::Pass;
    use crate::simulation::{EngineError, StepInput};
    use crate::state::Workings;

    /// An engine that loses a hundredth of one voxel's drug in the 25th step, if told to.
    struct Leaky(CpuEngine, bool);

    impl Engine for Leaky {
        fn name(&self) -> &'static str {
            self.0.name()
        }
        fn description(&self) -> String {
            self.0.description()
        }
        fn load(&mut self, state: &HostState) -> Result<(), EngineError> {
            self.0.load(state)
        }
        fn run(&mut self, inputs: &[StepInput]) -> Result<(), EngineError> {
            self.0.run(inputs)
        }
        fn download(&mut self) -> Result<HostState, EngineError> {
            let mut state = self.0.download()?;
            if self.1 && state.step >= 25 {
                state.fields[0].1[7] *= 0.99;
            }
            Ok(state)
        }
        fn run_pass(&mut self, pass: Pass, input: StepInput) -> Result<(), EngineError> {
            self.0.run_pass(pass, input)
        }
        fn ledgers(&mut self) -> Result<Vec<Ledger>, EngineError> {
            self.0.ledgers()
        }
        fn download_workings(&mut self) -> Result<Workings, EngineError> {
            self.0.download_workings()
        }
        fn load_workings(&mut self, workings: &Workings) -> Result<(), EngineError> {
            self.0.load_workings(workings)
        }
    }

    /// The outcome of a run of 40 steps with a report every 10, its last good step and its table.
    fn outcome(leaks: bool) -> (anyhow::Result<bool>, Option<u64>, String) {
        let text = r#"
title = "leak"
question = "Does the run stop?"
[domain]
size = ["80 um", "60 um"]
voxel = "10 um"
[time]
step = "6 s"
duration = "4 min"
report = "1 min"
[fields.drug]
initial = "100 nM"
source = "1 nM/min"
ledger = true
"#;
        let model = Model::from_toml(text).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("observables.csv");
        let engine = Box::new(Leaky(CpuEngine::new(&model), leaks));
        let no = [("cells", None), ("fields", None), ("images", None)];
        let bar = ProgressBar::hidden();
        let mut run = Run::new(&model, engine, folder.path(), &no, bar, false).unwrap();
        let outcome = run.finish(&AtomicBool::new(false));
        let last = run.last_good.as_ref().map(|state| state.step);
        (outcome, last, std::fs::read_to_string(path).unwrap())
    }

    #[test]
    fn a_run_that_loses_mass_stops_and_keeps_the_last_report() {
        let (stopped, last, table) = outcome(true);
        let error = stopped.unwrap_err();
        assert!(matches!(
            error.downcast_ref::<EngineError>(),
            Some(EngineError::MassLost {
                field: "drug",
                step: 30,
                ..
            })
        ));
        assert_eq!((last, table.lines().count()), (Some(20), 4));
    }

    #[test]
    fn a_run_that_loses_none_writes_its_books() {
        let (finished, last, table) = outcome(false);
        assert!(finished.unwrap());
        assert_eq!((last, table.lines().count()), (Some(40), 6));
        let head = table.lines().next().unwrap();
        let books = "drug_mass_nm_um2,drug_sources_nm_um2,drug_sinks_nm_um2,drug_boundary_nm_um2,\
                     drug_rounding_nm_um2,drug_rest_nm_um2";
        assert!(head.ends_with(books), "{head}");
    }
}
