//! Where cases run: an engine, a size, and the overrides of a perturbation.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::gpu::GpuContext;
use crate::model::Model;
use crate::scenario::Scenario;
use crate::simulation::{Engine, Simulation};

/// How much is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Size {
    /// Within a minute on two cores: fewer cells, shorter times, coarser scans.
    Quick,
    /// As the book says.
    Full,
}

/// The user has had enough.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

/// A case cannot run on this machine or engine, and why.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotHere(pub &'static str);

/// Makes an engine for a model.
pub type MakeEngine<'a> = dyn Fn(&Model) -> anyhow::Result<Box<dyn Engine>> + Sync + 'a;

/// Steps between two looks at the interrupt flag.
const PATIENCE: u64 = 60;

/// Where a case runs.
pub struct Bench<'a> {
    /// Makes an engine.
    pub make_engine: &'a MakeEngine<'a>,
    /// The adapter whose passes are compared with the CPU engine's, if there is one.
    pub adapter: Option<&'a GpuContext>,
    /// Whether simulations may run beside each other.
    pub side_by_side: bool,
    /// How much is run.
    pub size: Size,
    /// Overrides (`KEY=VALUE`) of every scenario.
    pub sets: Vec<String>,
    /// Becomes true when the user has had enough.
    pub stop: &'a AtomicBool,
}

impl Bench<'_> {
    /// One of two by size.
    pub fn pick<T>(&self, quick: T, full: T) -> T {
        match self.size {
            Size::Quick => quick,
            Size::Full => full,
        }
    }

    /// What a scenario means, under the overrides.
    ///
    /// # Errors
    /// The text is wrong: a bug of the case, or an override that does not fit it.
    pub fn model(&self, text: &str) -> anyhow::Result<Model> {
        self.model_in(Path::new("."), text)
    }

    /// The same for a scenario that names files in a folder.
    ///
    /// # Errors
    /// See [`Self::model`].
    pub fn model_in(&self, folder: &Path, text: &str) -> anyhow::Result<Model> {
        let scenario = Scenario::parse("verify", "verify", folder, text, &self.sets)?;
        Ok(Model::try_from(&scenario)?)
    }

    /// What a scenario means without the overrides: the side of a comparison that is right.
    ///
    /// # Errors
    /// The text is wrong: a bug of the case.
    pub fn plain_model(&self, text: &str) -> anyhow::Result<Model> {
        Ok(Model::from_toml(text)?)
    }

    /// A scenario on an engine, at time zero.
    ///
    /// # Errors
    /// See [`Self::model`]; or the engine refuses.
    pub fn simulation(&self, text: &str) -> anyhow::Result<Simulation> {
        self.start(self.model(text)?)
    }

    /// A model on an engine, at time zero.
    ///
    /// # Errors
    /// The engine refuses.
    pub fn start(&self, model: Model) -> anyhow::Result<Simulation> {
        let engine = (self.make_engine)(&model)?;
        Ok(Simulation::new(model, engine)?)
    }

    /// Runs a simulation to a step.
    ///
    /// # Errors
    /// The engine failed, or the user has had enough.
    pub fn run_to(&self, simulation: &mut Simulation, step: u64) -> anyhow::Result<()> {
        while simulation.step() < step {
            if self.stop.load(Ordering::Relaxed) {
                return Err(Interrupted.into());
            }
            simulation.run((step - simulation.step()).min(PATIENCE))?;
        }
        Ok(())
    }
}
