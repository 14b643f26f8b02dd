//! [`Session`]: what was played, to be recorded and run again without a window.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::event::Event;
use crate::export::ObservablesCsv;
use crate::model::Model;
use crate::record::{RunJson, Status};
use crate::scenario::Scenario;
use crate::simulation::EngineError;
use crate::state::HostState;

use super::course::{Arm, Rows};

/// What was played of one arm: enough to record it and to run it again.
#[derive(Clone, Debug)]
pub struct Session {
    /// Name of the arm.
    pub name: String,
    /// The scenario that it ran.
    pub scenario: Scenario,
    /// Its meaning, with the seed of the last start.
    pub model: Arc<Model>,
    /// Name and description of the engine.
    pub engine: (&'static str, String),
    /// Live changes; a dose that was withheld is one.
    pub events: Vec<Event>,
    /// What was observed, in order of time.
    pub rows: Rows,
    /// The last state observed.
    pub state: Arc<HostState>,
    /// The error that stopped the engine.
    pub error: Option<EngineError>,
    /// Wall time since the last start.
    pub wall_time: Duration,
}

impl Session {
    /// An arm as it stands.
    pub(super) fn of(arm: &Arm) -> Self {
        let simulation = arm.simulation();
        let engine = simulation.engine();
        Self {
            name: arm.plan().name.clone(),
            scenario: arm.plan().scenario.clone(),
            model: arm.plan().model.clone(),
            engine: (engine.name(), engine.description()),
            events: simulation.events().to_vec(),
            rows: arm.rows().clone(),
            state: arm.state().clone(),
            error: None,
            wall_time: Duration::ZERO,
        }
    }

    /// Leaves the record of the session in a folder: `run.json`, from which `invado replay` runs it again, and
    /// `observables.csv`. `reason`: why its engine was taken.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn record(&self, folder: &Path, reason: &str) -> anyhow::Result<()> {
        std::fs::create_dir_all(folder)?;
        // The window may have begun again with another seed since the scenario was read.
        let scenario = &self.scenario;
        let resolved = Scenario::parse(
            &scenario.name,
            &scenario.place,
            &scenario.folder,
            &scenario.text,
            &[format!("seed={}", self.model.seed())],
        )?;
        let mut json = RunJson::begin(&resolved, &self.model, self.engine.clone(), reason);
        json.status = match &self.error {
            Some(_) => Status::Failed,
            None if self.state.step == self.model.n_steps() => Status::Finished,
            None => Status::Interrupted,
        };
        json.error = self.error.as_ref().map(ToString::to_string);
        json.wall_time_s = self.wall_time.as_secs_f64();
        json.steps = self.state.step;
        json.time_h = self.model.time_h(self.state.step);
        json.events = self.events.clone();
        json.state_hash = Some(self.state.hash());
        json.write(folder)?;
        ObservablesCsv::new(folder.join("observables.csv"))
            .add_all(self.rows.iter().map(|row| (**row).clone()))
    }
}
