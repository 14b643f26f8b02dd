//! The course of one simulation: from report to report, to its end, to an interrupt, or to an error.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::ProgressBar;

use super::resume::Resumed;
use super::{Cadence, line};
use crate::command::measure::Measures;
use crate::export::{self, Export, Live, ObservablesCsv, PICTURE_PX};
use crate::model::Model;
use crate::observe::motility::MotilityFit;
use crate::observe::profile::Profile;
use crate::observe::{Baseline, Row, checked, observe};
use crate::record::checkpoint::{self, Present};
use crate::render::View;
use crate::scenario::Scenario;
use crate::simulation::{Engine, Simulation};
use crate::state::HostState;

/// Steps between two looks at the interrupt flag.
const PATIENCE: u64 = 60;

/// One simulation on its way to its end, and what it leaves in its folder.
pub(in crate::command) struct Run {
    pub(super) simulation: Simulation,
    table: ObservablesCsv,
    exports: Vec<(u64, Box<dyn Export>)>,
    /// What pictures show.
    view: View,
    last_good: Option<HostState>,
    folder: PathBuf,
    /// Steps with a report beside those of the model's cadence.
    times: Vec<u64>,
    /// From the first state on.
    measures: Option<Measures>,
    bar: ProgressBar,
    lines: bool,
    /// What a checkpoint needs; `None` for wells, which are not resumed.
    pub(super) saves: Option<Saves>,
    resumed: Option<Resumed>,
}

/// When checkpoints are written, and the scenario that they hold.
pub(super) struct Saves {
    pub scenario: Scenario,
    pub every: Option<u64>,
}

/// How a [`Run`] ended.
pub(in crate::command) struct Ended {
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
    pub(in crate::command) fn new(
        model: &Model,
        engine: Box<dyn Engine>,
        folder: &Path,
        cadence: &Cadence,
        bar: ProgressBar,
        lines: bool,
        resumed: Option<Resumed>,
    ) -> anyhow::Result<Self> {
        let mut exports = Vec::new();
        for (part, steps) in cadence {
            if let Some(steps) = steps {
                exports.push((*steps, export::open(*part, folder)?));
            }
        }
        let path = folder.join("observables.csv");
        let (simulation, table) = match &resumed {
            None => (
                Simulation::new(model.clone(), engine)?,
                ObservablesCsv::new(path),
            ),
            Some(Resumed {
                checkpoint, rows, ..
            }) => {
                let simulation = Simulation::resume(
                    model.clone(),
                    engine,
                    &checkpoint.state,
                    checkpoint.header.events.clone(),
                    checkpoint.ledgers.clone(),
                )?;
                bar.set_position(checkpoint.state.step);
                (simulation, ObservablesCsv::with_rows(path, rows.clone()))
            }
        };
        Ok(Self {
            table,
            exports,
            view: View::of(model, PICTURE_PX),
            last_good: None,
            folder: folder.to_path_buf(),
            times: Vec::new(),
            measures: None,
            simulation,
            lines,
            bar,
            saves: None,
            resumed,
        })
    }

    /// Reports after these steps, too.
    pub(in crate::command) fn report_at(&mut self, times: &[u64]) {
        self.times = times.to_vec();
    }

    /// Reports so far.
    pub(in crate::command) fn rows(&self) -> &[Row] {
        self.table.rows()
    }

    /// The profile of the last report, if the scenario asks for profiles.
    pub(in crate::command) fn profile(&self) -> Option<&Profile> {
        self.measures.as_ref().and_then(Measures::profile)
    }

    /// The state of the last report.
    pub(in crate::command) fn last_good(&self) -> Option<&HostState> {
        self.last_good.as_ref()
    }

    /// Runs to the end, to an interrupt, or to an error, and leaves a readable folder in each case.
    pub(in crate::command) fn end(&mut self, stop: &AtomicBool) -> Ended {
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
        for (_, export) in &mut self.exports {
            outcome = match (outcome, export.finish()) {
                (Ok(_), Err(error)) => Err(error),
                (outcome, _) => outcome,
            };
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
        let baseline = match self.resumed.take() {
            None => {
                let first = self.simulation.snapshot()?;
                self.measures = Some(Measures::new(&model, &first, &self.folder)?);
                Baseline::new(&model, &first)
            }
            Some(Resumed {
                checkpoint, from, ..
            }) => {
                let (folder, state) = (&self.folder, &checkpoint.state);
                let saved = &checkpoint.measures;
                self.measures = Some(Measures::resume(&model, state, folder, &from, saved)?);
                // What the run began with is what its scenario gives.
                let model = &checkpoint.model;
                let baseline = Baseline::new(model, &crate::model::initial_state(model));
                self.last_good = Some(checkpoint.state);
                baseline
            }
        };
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
        let saves = self.saves.iter().filter_map(|saves| saves.every);
        step == end
            || self.times.contains(&step)
            || (exports.chain(saves).chain([report])).any(|every| step.is_multiple_of(every))
    }

    /// The next step at which something is measured or written.
    fn next_due(&self, now: u64, report: u64, end: u64) -> u64 {
        let samples = self.measures.iter().flat_map(Measures::cadences);
        std::iter::once(report)
            .chain(self.exports.iter().map(|(every, _)| *every))
            .chain(samples)
            .chain(self.saves.iter().filter_map(|saves| saves.every))
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
        let moment = Live {
            model,
            state: &state,
            bath_nm: self.simulation.bath_nm(),
            view: &self.view,
        };
        for (every, export) in &mut self.exports {
            if due(*every) {
                export.write(&moment)?;
            }
        }
        let is_new = self
            .last_good
            .as_ref()
            .is_none_or(|last| last.step < state.step);
        let reports = is_new && (due(model.report_steps()) || self.times.contains(&state.step));
        if reports {
            let mut row = observe(model, &state, &balances, self.simulation.events(), baseline);
            if let Some(measures) = &mut self.measures {
                measures.report(model, &state, &mut row)?;
            }
            if self.lines {
                crate::command::print(&format!("{}\n", line(&row)))?;
            }
            self.table.add(row)?;
        }
        self.save(model, &state, end)?;
        if reports {
            self.last_good = Some(state);
        }
        Ok(())
    }

    /// Writes a checkpoint if one is due.
    fn save(&mut self, model: &Model, state: &HostState, end: u64) -> anyhow::Result<()> {
        let Some(saves) = &self.saves else {
            return Ok(());
        };
        let due = saves
            .every
            .is_some_and(|every| state.step.is_multiple_of(every));
        // With a cadence, the first moment is one, so that a run can be resumed whenever it was killed.
        if !(due || state.step == end) {
            return Ok(());
        }
        let measures = match &mut self.measures {
            Some(measures) => measures.save()?,
            None => Vec::new(),
        };
        let ledgers = self.simulation.ledgers()?;
        let present = Present {
            scenario: &saves.scenario,
            model,
            state,
            events: self.simulation.events(),
            ledgers: &ledgers,
            measures: &measures,
        };
        checkpoint::write(&self.folder, &present).map(drop)
    }

    /// After an error: the last report's state in every format asked for.
    fn export_last_good(&mut self) -> anyhow::Result<()> {
        let Some(state) = &self.last_good else {
            return Ok(());
        };
        let moment = Live {
            model: self.simulation.model(),
            state,
            bath_nm: self.simulation.bath_nm(),
            view: &self.view,
        };
        for (_, export) in &mut self.exports {
            export.write(&moment)?;
        }
        Ok(())
    }
}

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
        let no = export::Part::ALL.map(|part| (part, None));
        let bar = ProgressBar::hidden();
        let mut run = Run::new(&model, engine, folder.path(), &no, bar, false, None).unwrap();
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
