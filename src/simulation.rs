//! [`Simulation`]: a model on an engine, stepped, dosed and looked at.

use crate::dosing::Levels;
use crate::event::{Act, Event, kind};
use crate::ledger::{Amounts, Ledger};
use crate::model::{FieldKind, Model};
use crate::pass::Pass;
use crate::state::{Bodies, Cells, HostState, Kill, Workings};

/// What changes from step to step and comes from outside the state.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StepInput {
    /// Index of the step, counted from 0.
    pub step: u64,
    /// Free FAK inhibitor in the bath during the step, nM.
    pub bath_nm: f32,
    /// Strength m_MEK of MEK inhibition: ERK is activated 1 + m_MEK times more slowly.
    pub mek: f32,
    /// Free docetaxel in the medium, ng/mL.
    pub docetaxel_ng_ml: f32,
    /// Share of PD-1 that an antibody blocks, 0…1.
    pub pd1_block: f32,
}

impl StepInput {
    /// A step in a bath of FAK inhibitor (nM) without other compounds.
    pub const fn bathed(step: u64, bath_nm: f32) -> Self {
        Self {
            step,
            bath_nm,
            mek: 0.0,
            docetaxel_ng_ml: 0.0,
            pd1_block: 0.0,
        }
    }

    /// Time at the end of the step, h.
    pub fn time_h(&self, dt_min: f32) -> f64 {
        (self.step + 1) as f64 * f64::from(dt_min) / 60.0
    }
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
    /// Copies out where the cells are, without fields and signalling. An engine that wraps another may leave this out.
    fn bodies(&mut self) -> Result<Bodies, EngineError> {
        self.download().map(|state| Bodies::from(&state))
    }
    /// Runs one pass alone on the present state: for comparison of engines and for benches.
    fn run_pass(&mut self, pass: Pass, input: StepInput) -> Result<(), EngineError>;
    /// Runs one pass alone and says how long it took on the device.
    fn timed(&mut self, pass: Pass, input: StepInput) -> Result<std::time::Duration, EngineError> {
        let start = std::time::Instant::now();
        self.run_pass(pass, input)?;
        Ok(start.elapsed())
    }
    /// What was booked for each field with a ledger since [`Engine::load`].
    fn ledgers(&mut self) -> Result<Vec<Ledger>, EngineError>;
    /// Who was hit by whom since the last look, by step and victim.
    ///
    /// # Errors
    /// The engine failed.
    fn kills(&mut self) -> Result<Vec<Kill>, EngineError> {
        Ok(Vec::new())
    }
    /// Copies out what the passes of the present step handed to each other.
    fn download_workings(&mut self) -> Result<Workings, EngineError>;
    /// Replaces it, after [`Engine::load`].
    fn load_workings(&mut self, workings: &Workings) -> Result<(), EngineError>;
    /// The state on the GPU, where the painter can draw it without a copy.
    fn gpu_state(&self) -> Option<&crate::gpu::GpuState> {
        None
    }
}

/// Why an engine stopped.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EngineError {
    /// A value that is not finite, or a negative concentration.
    #[error(
        "{what} is {found} at {place}, {time_h:.3} h (step {step}); the last report before it is kept. Try a smaller time.step or look at the parameters that feed it"
    )]
    Numerics {
        /// Which quantity.
        what: String,
        /// What it is instead of a finite, non-negative number.
        found: String,
        /// Voxel or cell.
        place: String,
        /// Time, h.
        time_h: f64,
        /// Step index.
        step: u64,
    },
    /// The implicit solver of a diffusing field did not get there.
    #[error(
        "diffusion of field {field} left a residual of {residual:.2e} after {cycles} multigrid cycles at {time_h:.3} h (step {step}); the last report before it is kept. Try a smaller time.step, a larger domain.voxel or fewer obstacles"
    )]
    Unsolved {
        /// The field.
        field: &'static str,
        /// Cycles spent.
        cycles: u32,
        /// Largest residual, in the field's unit.
        residual: f64,
        /// Time, h.
        time_h: f64,
        /// Step index.
        step: u64,
    },
    /// The books of a field with a ledger do not close.
    #[error(
        "mass of field {field} is not conserved: {rest:.3e} {unit} are there that the ledger does not explain, {share:.1e} of what was there and moved, at {time_h:.3} h (step {step}); the last report before it is kept. The engine or its device computes wrongly: try the other --engine, or a smaller time.step, and report it"
    )]
    MassLost {
        /// The field.
        field: &'static str,
        /// Mass beyond what the ledger explains; negative: missing.
        rest: f64,
        /// Its unit.
        unit: String,
        /// Its size as a share of the turnover.
        share: f64,
        /// Time, h.
        time_h: f64,
        /// Step index.
        step: u64,
    },
    /// More cells than the engine was allowed to hold.
    #[error(
        "the population outgrew its capacity of {capacity} cells at {time_h:.3} h (step {step}); the last report before it is kept. Use a smaller domain, a lower division rate, more memory or a higher most_cells"
    )]
    Capacity {
        /// Cells that fit.
        capacity: u64,
        /// Time, h.
        time_h: f64,
        /// Step index.
        step: u64,
    },
    /// More cells were hit since the last look than the engine keeps in mind.
    #[error(
        "killer cells hit more than {most} cells within the last 700 steps before {time_h:.3} h (step {step}), more than the log holds; the last report before it is kept. Use fewer killers or a lower attack"
    )]
    Kills {
        /// Hits that the log holds.
        most: u32,
        /// Time, h.
        time_h: f64,
        /// Step index.
        step: u64,
    },
    /// A fixed-point sum of the deposit pass overflowed.
    #[error(
        "more than {limit} cells crowd into one voxel at {time_h:.3} h (step {step}), more than the fixed-point sums hold; use a smaller voxel or fewer cells"
    )]
    Crowding {
        /// Cells that the sum holds.
        limit: u32,
        /// Time, h.
        time_h: f64,
        /// Step index.
        step: u64,
    },
    /// The device refused or was lost.
    #[error(
        "the GPU failed: {0}. Run with --engine cpu, or choose another --adapter (see: invado list adapters)"
    )]
    Device(String),
}

/// Why something was not done to a run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ActError {
    /// It makes no sense in this run; nothing has changed.
    #[error("{0}")]
    Refused(String),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// The error for a field that holds a value which is negative or not finite; `n` voxels along x, y, z.
pub(crate) fn field_fault(
    n: &[u32; 3],
    kind: FieldKind,
    values: &[f32],
    time_h: f64,
    step: u64,
) -> EngineError {
    let (x, y) = (n[0] as usize, n[1] as usize);
    let first = values.iter().position(|v| !(v.is_finite() && *v >= 0.0));
    EngineError::Numerics {
        what: format!("field {}", kind.name()),
        found: first.map_or("negative or not finite".to_string(), |ix| {
            values[ix].to_string()
        }),
        // A GPU run is looked at some steps later, when a negative value may have diffused away.
        place: first.map_or("a voxel that has changed since".to_string(), |ix| {
            format!("voxel x {} y {} z {}", ix % x, ix / x % y, ix / x / y)
        }),
        time_h,
        step,
    }
}

/// The error for the first cell whose position or polarity is not finite.
pub(crate) fn cell_fault(cells: &Cells, time_h: f64, step: u64) -> EngineError {
    let ix = cells
        .position_radius
        .iter()
        .zip(&cells.polarity_speed)
        .position(|(x, p)| !(x.is_finite() && p.is_finite()));
    EngineError::Numerics {
        what: "a cell's position or polarity".to_string(),
        found: "not finite".to_string(),
        place: ix
            .and_then(|ix| cells.identity.get(ix))
            .map_or("a cell that is gone since".to_string(), |identity| {
                format!("cell id {}", identity[0])
            }),
        time_h,
        step,
    }
}

/// A model on an engine.
pub struct Simulation {
    model: Model,
    engine: Box<dyn Engine>,
    step: u64,
    /// What was done by hand, in order of step, and how much of it the state has seen.
    events: Vec<Event>,
    applied: usize,
    /// What engines booked before this one went on.
    booked: Vec<Ledger>,
    /// Kills that nobody has asked for yet, and the step up to which the engine was asked.
    kills: Vec<Kill>,
    asked: u64,
}

/// Steps that are handed to the engine at once at most.
const BATCH: u64 = 60;

/// Steps after which an engine is asked for its kills, lest its log overflow.
const KILLS_EVERY: u64 = 600;

impl Simulation {
    /// Seeds the model's initial state and loads it into the engine.
    pub fn new(model: Model, mut engine: Box<dyn Engine>) -> Result<Self, EngineError> {
        engine.load(&crate::model::initial_state(&model))?;
        Ok(Self {
            model,
            engine,
            step: 0,
            events: Vec::new(),
            applied: 0,
            booked: Vec::new(),
            kills: Vec::new(),
            asked: 0,
        })
    }

    /// Goes on from a state of the model, with what was done by hand and the books up to it.
    ///
    /// # Errors
    /// The engine failed.
    pub fn resume(
        model: Model,
        mut engine: Box<dyn Engine>,
        state: &HostState,
        events: Vec<Event>,
        booked: Vec<Ledger>,
    ) -> Result<Self, EngineError> {
        engine.load(state)?;
        Ok(Self {
            model,
            engine,
            step: state.step,
            applied: events.len(),
            events,
            booked,
            kills: Vec::new(),
            asked: state.step,
        })
    }

    /// Hands the engine back, to run something else on it.
    pub fn into_engine(self) -> Box<dyn Engine> {
        self.engine
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
    /// What was done by hand so far, in order of step; in a replay also what is to come.
    pub fn events(&self) -> &[Event] {
        &self.events
    }
    /// Free FAK inhibitor in the bath now, nM.
    pub fn bath_nm(&self) -> f64 {
        self.levels(self.step).inhibitor_nm
    }

    /// What a step is exposed to; the parameter m_MEK adds to what compounds do to MEK.
    pub fn levels(&self, step: u64) -> Levels {
        let time_min = self.model.dt_min() * step as f64;
        let mut levels = self.model.dose().levels(time_min, step, &self.events);
        levels.mek += self.model.parameters().value("m_MEK");
        levels
    }

    /// Does again what was recorded, each act at its step. `events` begin with those that the state has seen: none at time
    /// zero, those of the parent in a fork.
    ///
    /// # Errors
    /// The engine failed.
    pub fn replay(&mut self, events: Vec<Event>) -> Result<(), EngineError> {
        self.events = events;
        self.apply_due()
    }

    /// Sets the bath from the next step on, see [`Simulation::act`]. What is no concentration (negative, not finite) changes
    /// nothing.
    pub fn set_bath_nm(&mut self, bath_nm: f64) {
        // The error says no more than that; levels need no engine.
        let _ = self.act(Act::BathNm(bath_nm));
    }

    /// Does something by hand: levels hold from the next step on, strokes change the state at once. A second change of a
    /// level between the same two steps takes the place of the first.
    ///
    /// # Errors
    /// The act makes no sense in this run and nothing has changed, or the engine failed.
    pub fn act(&mut self, act: Act) -> Result<(), ActError> {
        (act.check(&self.model, self.step)).map_err(ActError::Refused)?;
        let step = self.step;
        let same = |event: &&mut Event| event.step == step && event.act.yields_to(&act);
        match self.events.iter_mut().find(same) {
            Some(event) => event.act = act,
            None => self.events.push(Event { step, act }),
        }
        Ok(self.apply_due()?)
    }

    /// Lets the state see the acts up to now.
    fn apply_due(&mut self) -> Result<(), EngineError> {
        let due = |event: &&Event| event.step <= self.step;
        let n = self.events[self.applied..].iter().take_while(due).count();
        let acts = &self.events[self.applied..self.applied + n];
        if acts.iter().any(|event| !event.act.is_dose()) {
            self.ask_for_kills()?;
            // Loading closes the engine's books.
            self.booked = self.ledgers()?;
            let mut state = self.engine.download()?;
            for event in &self.events[self.applied..self.applied + n] {
                apply(&self.model, &event.act, &mut state, &mut self.booked);
            }
            self.engine.load(&state)?;
        }
        self.applied += n;
        Ok(())
    }

    /// Runs `n` steps.
    pub fn run(&mut self, n: u64) -> Result<(), EngineError> {
        let end = self.step + n;
        self.apply_due()?;
        while self.step < end {
            // Up to the next recorded act.
            let next = self.events.get(self.applied);
            let until = next.map_or(end, |event| event.step.min(end));
            let inputs: Vec<StepInput> = (self.step..until.min(self.step + BATCH))
                .map(|step| {
                    let levels = self.levels(step);
                    StepInput {
                        step,
                        bath_nm: levels.inhibitor_nm as f32,
                        mek: levels.mek as f32,
                        docetaxel_ng_ml: levels.docetaxel_ng_ml as f32,
                        pd1_block: levels.anti_pd1 as f32,
                    }
                })
                .collect();
            self.engine.run(&inputs)?;
            self.step += inputs.len() as u64;
            if self.model.has_killers() && self.step >= self.asked + KILLS_EVERY {
                self.ask_for_kills()?;
            }
            self.apply_due()?;
        }
        Ok(())
    }

    fn ask_for_kills(&mut self) -> Result<(), EngineError> {
        self.kills.extend(self.engine.kills()?);
        self.asked = self.step;
        Ok(())
    }

    /// What was booked for each field with a ledger since the start.
    pub fn ledgers(&mut self) -> Result<Vec<Ledger>, EngineError> {
        let mut ledgers = self.engine.ledgers()?;
        for (ledger, before) in ledgers.iter_mut().zip(&self.booked) {
            ledger.amounts += before.amounts;
        }
        Ok(ledgers)
    }

    /// Who was hit by whom since the last call, by step and victim.
    ///
    /// # Errors
    /// The engine failed.
    pub fn kills(&mut self) -> Result<Vec<Kill>, EngineError> {
        self.ask_for_kills()?;
        Ok(std::mem::take(&mut self.kills))
    }

    /// Copies out where the cells are, which is much less than the state.
    pub fn bodies(&mut self) -> Result<Bodies, EngineError> {
        self.engine.bodies()
    }

    /// Copies the state out.
    pub fn snapshot(&mut self) -> Result<HostState, EngineError> {
        self.engine.download()
    }
}

/// Does what changes a state, and books it.
fn apply(model: &Model, act: &Act, state: &mut HostState, booked: &mut [Ledger]) {
    match act {
        Act::BathNm(_) | Act::Level(_) | Act::Intake(_) => {}
        Act::Paint(paint) => {
            let Some(kind) = kind(&paint.field) else {
                return;
            };
            let [sources, sinks] = paint.stroke.paint(model, state, kind, paint.value);
            if let Some(ledger) = booked.iter_mut().find(|ledger| ledger.kind == kind) {
                ledger.amounts += Amounts {
                    sources,
                    sinks,
                    ..Amounts::default()
                };
            }
        }
        Act::Seed(seed) => seed.stroke.seed(model, state, seed.type_ix, seed.count),
        Act::Cut(stroke) => stroke.cut(model.grid(), state),
    }
}
