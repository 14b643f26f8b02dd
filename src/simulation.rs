//! [`Simulation`]: a model on an engine, stepped, dosed and looked at.

use crate::dosing::DoseEvent;
use crate::model::Model;
use crate::pass::Pass;
use crate::state::HostState;

/// What changes from step to step and comes from outside the state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepInput {
    /// Index of the step, counted from 0.
    pub step: u64,
    /// Free drug in the bath during the step, nM.
    pub bath_nm: f32,
}

/// Something that can carry a state forward by [`Pass::STEP`].
pub trait Engine {
    /// `cpu` or `gpu`.
    fn name(&self) -> &'static str;
    /// One line on what it runs on, e.g. the adapter's name and driver.
    fn description(&self) -> String;
    /// Replaces the engine's state.
    fn load(&mut self, state: &HostState) -> Result<(), EngineError>;
    /// Runs one step for each input, in order.
    fn run(&mut self, inputs: &[StepInput]) -> Result<(), EngineError>;
    /// Copies the state out.
    fn download(&mut self) -> Result<HostState, EngineError>;
    /// Runs one pass alone on the present state: for comparison of engines and for benches.
    fn run_pass(&mut self, pass: Pass, input: StepInput) -> Result<(), EngineError>;
    /// The state on the GPU, where the painter can draw it without a copy.
    fn gpu_state(&self) -> Option<&crate::gpu::GpuState> {
        None
    }
}

/// Why an engine stopped.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EngineError {
    /// A value that is not finite, or a negative concentration.
    #[error("{what} is {value} at {place}, {time_h:.3} h (step {step}); the last report before it is kept. Try a smaller time.step or look at the parameters that feed it")]
    Numerics {
        /// Which quantity.
        what: String,
        /// The value found.
        value: f32,
        /// Voxel or cell.
        place: String,
        /// Time, h.
        time_h: f64,
        /// Step index.
        step: u64,
    },
    /// More cells than the engine was allowed to hold.
    #[error("the population outgrew its capacity of {capacity} cells at {time_h:.3} h (step {step}); the last report before it is kept. Use a smaller domain or a lower division rate")]
    Capacity {
        /// Cells that fit.
        capacity: u64,
        /// Time, h.
        time_h: f64,
        /// Step index.
        step: u64,
    },
    /// A fixed-point sum of the deposit pass would overflow.
    #[error("{cells} cells crowd into one voxel at {time_h:.3} h (step {step}), more than the {limit} that the fixed-point sums hold; use a smaller voxel or fewer cells")]
    Crowding {
        /// Cells found.
        cells: u32,
        /// Cells that the sum holds.
        limit: u32,
        /// Time, h.
        time_h: f64,
        /// Step index.
        step: u64,
    },
    /// The device refused or was lost.
    #[error("the GPU failed: {0}. Run with --engine cpu, or choose another --adapter (see: invado list adapters)")]
    Device(String),
}

/// A model on an engine.
pub struct Simulation {
    model: Model,
    engine: Box<dyn Engine>,
    step: u64,
    events: Vec<DoseEvent>,
}

/// Steps that are handed to the engine at once at most.
const BATCH: u64 = 60;

impl Simulation {
    /// Seeds the model's initial state and loads it into the engine.
    pub fn new(model: Model, mut engine: Box<dyn Engine>) -> Result<Self, EngineError> {
        engine.load(&crate::model::initial_state(&model))?;
        Ok(Self {
            model,
            engine,
            step: 0,
            events: Vec::new(),
        })
    }

    /// What is simulated.
    pub fn model(&self) -> &Model {
        &self.model
    }
    /// What it runs on.
    pub fn engine(&self) -> &dyn Engine {
        self.engine.as_ref()
    }
    /// Steps done.
    pub fn step(&self) -> u64 {
        self.step
    }
    /// Time since the start, h.
    pub fn time_h(&self) -> f64 {
        self.model.time_h(self.step)
    }
    /// Live changes of the dose so far, in order of step.
    pub fn events(&self) -> &[DoseEvent] {
        &self.events
    }
    /// Free drug in the bath now, nM.
    pub fn bath_nm(&self) -> f64 {
        self.model
            .dose()
            .bath_nm(self.model.dt_min() * self.step as f64, self.step, &self.events)
    }

    /// Sets the bath from the next step on; a second change between the same two steps replaces the first.
    pub fn set_bath_nm(&mut self, bath_nm: f64) {
        self.events.retain(|event| event.step != self.step);
        self.events.push(DoseEvent {
            step: self.step,
            bath_nm,
        });
    }

    /// Runs `n` steps.
    pub fn run(&mut self, n: u64) -> Result<(), EngineError> {
        let end = self.step + n;
        while self.step < end {
            let inputs: Vec<StepInput> = (self.step..end.min(self.step + BATCH))
                .map(|step| StepInput {
                    step,
                    bath_nm: self.model.dose().bath_nm(
                        self.model.dt_min() * step as f64,
                        step,
                        &self.events,
                    ) as f32,
                })
                .collect();
            self.engine.run(&inputs)?;
            self.step += inputs.len() as u64;
        }
        Ok(())
    }

    /// Copies the state out.
    pub fn snapshot(&mut self) -> Result<HostState, EngineError> {
        self.engine.download()
    }
}
