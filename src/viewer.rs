//! The window: a running model, its picture, its dose and what is measured, live.
//!
//! The only place that names winit and egui. `player` plays a simulation and knows no window; `app` lays out one
//! frame from `panel`, `plots` and `scene`; `window` gives it events and a surface.

mod app;
mod camera;
mod controls;
mod marks;
mod pacing;
mod panel;
mod player;
mod plots;
mod scene;
mod style;
mod surface;
mod window;

pub use panel::{Controls, side_panel};
pub use player::{EngineMaker, Player};
pub use style::apply as apply_style;
pub use window::open;

use std::path::Path;
use std::time::Duration;

use crate::error::UsageError;
use crate::event::Event;
use crate::export::ObservablesCsv;
use crate::gpu::GpuContext;
use crate::model::Model;
use crate::observe::Row;
use crate::record::{RunJson, Status};
use crate::render::View;
use crate::scenario::Scenario;
use crate::simulation::EngineError;
use crate::state::HostState;

/// What the window opens on.
pub struct Start {
    /// The model; its title is the window's.
    pub model: Model,
    /// Makes an engine for the model, now and at each restart.
    pub make_engine: EngineMaker,
    /// Draws the window: the GPU engine's own device; for the CPU engine the first choice.
    pub context: GpuContext,
}

/// What was played when the window closed: enough to record the run and to run it again without a window.
#[derive(Clone, Debug)]
pub struct Session {
    /// The model with the seed of the last start.
    pub model: Model,
    /// Name and description of the engine.
    pub engine: (&'static str, String),
    /// What was done by hand.
    pub events: Vec<Event>,
    /// What was observed, at most once a simulated minute, the first and the last state included.
    pub series: Vec<Row>,
    /// The last state observed.
    pub state: HostState,
    /// The error that stopped the engine.
    pub error: Option<EngineError>,
    /// Wall time since the last start.
    pub wall_time: Duration,
}

impl Session {
    /// Leaves the record of the session in a folder: `run.json`, from which `invado replay` runs it again, and
    /// `observables.csv`. `scenario` is what the window was opened on, `reason` why its engine was taken.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn record(&self, folder: &Path, scenario: &Scenario, reason: &str) -> anyhow::Result<()> {
        // The window may have begun again with another seed since the scenario was read.
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
        ObservablesCsv::new(folder.join("observables.csv")).add_all(self.series.iter().cloned())
    }
}

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub enum ViewerError {
    /// No display, or it refused a window.
    #[error(
        "no window can be opened: {0}. Without a display use `invado run SCENARIO --images 1h`, which writes pictures"
    )]
    Window(String),
    /// The adapter cannot draw to this display.
    #[error(
        "{adapter} cannot draw into a window here: {why}. Choose another one with --adapter (see: invado list adapters), or compute with --engine cpu, which any adapter can draw"
    )]
    Surface {
        /// The adapter's name.
        adapter: String,
        /// What it said.
        why: String,
    },
    /// No adapter, or none of that name.
    #[error(transparent)]
    Adapter(#[from] UsageError),
    /// The model could not be started.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// What the window shows besides the simulation itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// The picture; its size follows the window.
    pub view: View,
    /// One line on what draws the window.
    pub adapter: String,
}

impl Look {
    /// What a model is best seen by.
    pub fn of(model: &Model, adapter: String) -> Self {
        Self {
            view: View::of(model, [1, 1]),
            adapter,
        }
    }
}
