//! A live run: time that passes, doses that change, and what was seen so far.

use std::time::{Duration, Instant};

use crate::model::Model;
use crate::observe::{Baseline, Row, observe};
use crate::simulation::{Engine, EngineError, Simulation};
use crate::state::HostState;

/// Makes an engine for a model; needed again when the seed changes.
pub type EngineFactory = Box<dyn Fn(&Model) -> Result<Box<dyn Engine>, EngineError>>;

/// Steps between two samples of the plots at most (6 min at the default step).
const SAMPLE_STEPS: u64 = 60;

/// A sample is also taken this often while time passes slowly.
const SAMPLE_WALL: Duration = Duration::from_millis(200);

/// A run that is looked at while it goes on.
pub struct Session {
    simulation: Simulation,
    make_engine: EngineFactory,
    baseline: Baseline,
    samples: Vec<Row>,
    snapshot: HostState,
    playing: bool,
    /// Simulated minutes that should pass in a second.
    pub pace_min_per_s: f64,
    pace_seen: f64,
    debt_min: f64,
    seconds_per_step: f64,
    last_tick: Option<Instant>,
    last_sample: Instant,
    failure: Option<String>,
}

impl Session {
    /// A session at time zero, paused.
    ///
    /// # Errors
    /// The engine cannot be made or loaded.
    pub fn new(model: Model, make_engine: EngineFactory) -> Result<Self, EngineError> {
        let engine = make_engine(&model)?;
        let mut simulation = Simulation::new(model, engine)?;
        let snapshot = simulation.snapshot()?;
        let mut session = Self {
            baseline: Baseline::new(simulation.model(), &snapshot),
            samples: Vec::new(),
            snapshot,
            playing: false,
            pace_min_per_s: 30.0,
            pace_seen: 0.0,
            debt_min: 0.0,
            // A guess that one tick corrects.
            seconds_per_step: 0.005,
            last_tick: None,
            last_sample: Instant::now(),
            failure: None,
            simulation,
            make_engine,
        };
        session.sample();
        Ok(session)
    }

    /// The run.
    pub fn simulation(&self) -> &Simulation {
        &self.simulation
    }
    /// The model.
    pub fn model(&self) -> &Model {
        self.simulation.model()
    }
    /// The state as last copied out.
    pub fn state(&self) -> &HostState {
        &self.snapshot
    }
    /// What was measured so far, oldest first.
    pub fn samples(&self) -> &[Row] {
        &self.samples
    }
    /// Whether time passes.
    pub fn playing(&self) -> bool {
        self.playing
    }
    /// Simulated minutes that passed in the last seconds, per second.
    pub fn pace_seen(&self) -> f64 {
        self.pace_seen
    }
    /// The error that stopped the run.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }
    /// Whether the scenario's end is reached.
    pub fn at_the_end(&self) -> bool {
        self.simulation.step() >= self.model().n_steps()
    }

    /// Lets time pass or stops it.
    pub fn set_playing(&mut self, playing: bool) {
        self.playing = playing && self.failure.is_none() && !self.at_the_end();
        self.last_tick = None;
        self.debt_min = 0.0;
    }

    /// Changes the bath from the next step on.
    pub fn set_bath_nm(&mut self, bath_nm: f64) {
        self.simulation.set_bath_nm(bath_nm);
    }

    /// One step, for the step button.
    pub fn step_once(&mut self) {
        self.set_playing(false);
        if !self.at_the_end() {
            self.advance(1);
            self.look();
            self.sample();
        }
    }

    /// Back to time zero with a seed, in the scenario's own dose.
    pub fn restart(&mut self, seed: u64) {
        let model = self.model().clone().with_seed(seed);
        let pace_min_per_s = self.pace_min_per_s;
        match (self.make_engine)(&model).and_then(|engine| Simulation::new(model, engine)) {
            Ok(simulation) => {
                self.simulation = simulation;
                self.failure = None;
                self.samples.clear();
                self.set_playing(false);
                self.look();
                self.baseline = Baseline::new(self.simulation.model(), &self.snapshot);
                self.sample();
            }
            Err(error) => self.failure = Some(error.to_string()),
        }
        self.pace_min_per_s = pace_min_per_s;
    }

    /// Lets the time since the last call pass at the pace that was asked for, but works no longer than `budget`, give
    /// or take a step: a slow machine shows less time, never a frozen window. Returns whether the state changed.
    pub fn tick(&mut self, budget: Duration) -> bool {
        if !self.playing {
            return false;
        }
        let start = Instant::now();
        let dt_min = self.model().dt_min();
        let since = self.last_tick.map_or(Duration::ZERO, |last| start - last);
        self.last_tick = Some(start);
        // What could not be worked off in a fifth of a second is forgotten, not caught up with.
        self.debt_min = (self.debt_min + self.pace_min_per_s * since.as_secs_f64())
            .min(0.2 * self.pace_min_per_s);
        let before = self.simulation.step();
        while self.debt_min >= dt_min
            && start.elapsed() < budget
            && self.failure.is_none()
            && !self.at_the_end()
        {
            let left = (budget.saturating_sub(start.elapsed())).as_secs_f64();
            let now = self.simulation.step();
            let n = ((left / self.seconds_per_step) as u64)
                .min((self.debt_min / dt_min) as u64)
                .min(SAMPLE_STEPS - now % SAMPLE_STEPS)
                .min(self.model().n_steps() - now)
                .max(1);
            let begun = Instant::now();
            self.advance(n);
            let each = begun.elapsed().as_secs_f64() / n as f64;
            self.seconds_per_step = 0.7 * self.seconds_per_step + 0.3 * each.max(1e-6);
            self.debt_min -= n as f64 * dt_min;
            if self.simulation.step() % SAMPLE_STEPS == 0 {
                self.look();
                self.sample();
            }
        }
        let done = (self.simulation.step() - before) as f64 * dt_min;
        if since > Duration::ZERO {
            self.pace_seen = 0.9 * self.pace_seen + 0.1 * done / since.as_secs_f64();
        }
        if self.at_the_end() {
            self.playing = false;
        }
        if done > 0.0 {
            self.look();
            if self.last_sample.elapsed() > SAMPLE_WALL {
                self.sample();
            }
        }
        done > 0.0
    }

    fn advance(&mut self, n: u64) {
        if let Err(error) = self.simulation.run(n) {
            self.fail(&error);
        }
    }

    /// Copies the state out for the plots and for painting.
    fn look(&mut self) {
        match self.simulation.snapshot() {
            Ok(state) => self.snapshot = state,
            Err(error) => self.fail(&error),
        }
    }

    fn fail(&mut self, error: &EngineError) {
        self.playing = false;
        self.failure = Some(error.to_string());
    }

    fn sample(&mut self) {
        let row = observe(
            self.simulation.model(),
            &self.snapshot,
            self.simulation.bath_nm(),
            &self.baseline,
        );
        if self.samples.last().and_then(|last| last.get("time_h")) == row.get("time_h") {
            self.samples.pop();
        }
        log::debug!(
            "sample {:.4} {:.4}",
            row.get("time_h").unwrap_or(f64::NAN),
            row.get("mean_pfak").unwrap_or(f64::NAN)
        );
        self.samples.push(row);
        self.last_sample = Instant::now();
    }
}
