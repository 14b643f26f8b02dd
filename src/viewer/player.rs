//! [`Player`]: a simulation that is played, stepped, dosed, restarted and sampled. No window in it.

use std::time::{Duration, Instant};

use crate::ledger::Balance;
use crate::model::{Line, Model, Signalling};
use crate::observe::{Baseline, Row, checked, observe};
use crate::simulation::{Engine, EngineError, Simulation};
use crate::state::HostState;

use super::Session;
use super::pacing::{Meter, Pacer};

/// Makes an engine for a model.
pub type EngineMaker = Box<dyn Fn(&Model) -> Result<Box<dyn Engine>, EngineError>>;

/// Steps (6 min) after which a playing simulation is sampled.
const SAMPLE_STEPS: u64 = 60;
/// Wall time after which it is sampled though it plays slowly.
const SAMPLE_WALL: Duration = Duration::from_millis(200);
/// Sampling takes at most this share of the wall time.
const SAMPLE_SHARE: u32 = 4;
/// Steps (1 min) that kept samples are apart at least; the newest is always there.
const KEEP_STEPS: u64 = 10;

/// Lowest and highest speed offered, simulated min per s of wall time.
pub(super) const SPEEDS: [f64; 2] = [0.5, 600.0];

/// A simulation on its way.
pub struct Player {
    make_engine: EngineMaker,
    simulation: Simulation,
    baseline: Baseline,
    state: HostState,
    series: Vec<Row>,
    /// Step of the last but one sample in `series`.
    kept_step: u64,
    playing: bool,
    speed: f64,
    pacer: Pacer,
    meter: Meter,
    last_frame: Option<Instant>,
    sampled_at: Instant,
    sample_cost: Duration,
    started: Instant,
    error: Option<EngineError>,
}

impl Player {
    /// Seeds the model, loads it into an engine and samples it; paused.
    ///
    /// # Errors
    /// The engine cannot be made or cannot hold the model.
    pub fn new(model: Model, make_engine: EngineMaker) -> Result<Self, EngineError> {
        let engine = make_engine(&model)?;
        let mut simulation = Simulation::new(model, engine)?;
        let state = simulation.snapshot()?;
        let now = Instant::now();
        let mut player = Self {
            make_engine,
            baseline: Baseline::new(simulation.model(), &state),
            pacer: Pacer::new(simulation.engine().gpu_state().is_some()),
            simulation,
            state,
            series: Vec::new(),
            kept_step: 0,
            playing: false,
            speed: 30.0,
            meter: Meter::default(),
            last_frame: None,
            sampled_at: now,
            sample_cost: Duration::ZERO,
            started: now,
            error: None,
        };
        player.observe_start();
        Ok(player)
    }

    /// The simulation.
    pub fn simulation(&self) -> &Simulation {
        &self.simulation
    }
    /// The state at the last sample.
    pub fn state(&self) -> &HostState {
        &self.state
    }
    /// What was observed so far, in order of time.
    pub fn series(&self) -> &[Row] {
        &self.series
    }
    /// The newest value of a column.
    pub fn latest(&self, column: &str) -> Option<f64> {
        self.series.last().and_then(|row| row.get(column))
    }
    /// Whether time runs.
    pub fn is_playing(&self) -> bool {
        self.playing
    }
    /// Why the engine stopped.
    pub fn error(&self) -> Option<&EngineError> {
        self.error.as_ref()
    }
    /// Whether every step of the scenario is done.
    pub fn is_finished(&self) -> bool {
        self.simulation.step() >= self.simulation.model().n_steps()
    }
    /// Share of the scenario that is done, 0…1.
    pub fn progress(&self) -> f32 {
        (self.simulation.step() as f64 / self.simulation.model().n_steps().max(1) as f64) as f32
    }
    /// Speed asked for, simulated min per s.
    pub fn speed(&self) -> f64 {
        self.speed
    }
    /// Asks for a speed, simulated min per s.
    pub fn set_speed(&mut self, min_per_s: f64) {
        self.speed = min_per_s.clamp(SPEEDS[0], SPEEDS[1]);
    }
    /// Speed reached lately, simulated min per s.
    pub fn reached(&self) -> Option<f64> {
        self.meter
            .steps_per_s()
            .map(|rate| rate * self.simulation.model().dt_min())
    }

    /// Starts or stops time. Nothing starts after the end or after an error.
    pub fn toggle(&mut self) {
        if self.playing {
            self.pause();
        } else if self.error.is_none() && !self.is_finished() {
            self.playing = true;
            self.meter.clear();
        }
    }

    fn pause(&mut self) {
        self.playing = false;
        self.sample();
    }

    /// Runs one step, paused.
    pub fn step(&mut self) {
        self.playing = false;
        if self.error.is_none() && !self.is_finished() {
            self.run(1);
            self.sample();
        }
    }

    /// Sets the bath from the next step on, nM.
    pub fn set_bath_nm(&mut self, bath_nm: f64) {
        if bath_nm != self.simulation.bath_nm() {
            self.simulation.set_bath_nm(bath_nm);
        }
    }

    /// Begins again with a seed; without live changes of the dose, paused. Where that fails all stays as it was.
    pub fn restart(&mut self, seed: u64) {
        let model = self.simulation.model().clone().with_seed(seed);
        let begun = (self.make_engine)(&model).and_then(|engine| {
            let mut simulation = Simulation::new(model, engine)?;
            let state = simulation.snapshot()?;
            Ok((simulation, state))
        });
        self.playing = false;
        match begun {
            Ok((simulation, state)) => {
                self.baseline = Baseline::new(simulation.model(), &state);
                self.simulation = simulation;
                self.state = state;
                self.series.clear();
                self.kept_step = 0;
                self.error = None;
                self.started = Instant::now();
                self.observe_start();
            }
            Err(error) => self.error = Some(error),
        }
    }

    /// The work of one frame: steps as far as speed and wall time allow, and a sample where one is due.
    pub fn advance(&mut self, now: Instant) {
        let since = self
            .last_frame
            .replace(now)
            .map_or(Duration::ZERO, |last| now - last);
        if !self.playing {
            return;
        }
        let model = self.simulation.model();
        let left = model.n_steps().saturating_sub(self.simulation.step());
        let n = self
            .pacer
            .steps(since, self.speed / model.dt_min())
            .min(left);
        if n > 0 {
            let start = Instant::now();
            self.run(n);
            self.pacer.took(start.elapsed());
        }
        self.meter.note(now, self.simulation.step());
        if self.is_finished() {
            self.pause();
        } else if self.playing && self.sample_is_due(now) {
            self.sample();
        }
    }

    fn run(&mut self, n: u64) {
        if let Err(error) = self.simulation.run(n) {
            log::error!("{error}");
            self.error = Some(error);
            self.playing = false;
        }
    }

    fn sample_is_due(&self, now: Instant) -> bool {
        let steps = self.simulation.step() - self.state.step;
        let wall = now.saturating_duration_since(self.sampled_at);
        steps > 0
            && (steps >= SAMPLE_STEPS || wall >= SAMPLE_WALL)
            && wall >= SAMPLE_SHARE * self.sample_cost
    }

    /// Observes the present state, unless it was observed already or the engine has failed.
    fn sample(&mut self) {
        if self.error.is_some() || self.simulation.step() == self.state.step {
            return;
        }
        let start = Instant::now();
        match checked(&mut self.simulation, &self.baseline) {
            Ok((state, balances)) => {
                self.state = state;
                self.observe(&balances);
            }
            Err(error) => {
                log::error!("{error}");
                self.error = Some(error);
                self.playing = false;
            }
        }
        self.sampled_at = Instant::now();
        self.sample_cost = start.elapsed();
    }

    /// Observes time zero, when nothing has moved yet.
    fn observe_start(&mut self) {
        let model = self.simulation.model();
        let balances = self.baseline.balances(model, &self.state, &[]);
        self.observe(&balances);
    }

    fn observe(&mut self, balances: &[Balance]) {
        let row = observe(
            self.simulation.model(),
            &self.state,
            balances,
            self.simulation.events(),
            &self.baseline,
        );
        log::debug!(
            "sample {:.4} {:.6}",
            row.get("time_h").unwrap_or(f64::NAN),
            row.get("mean_pfak").unwrap_or(f64::NAN)
        );
        // The newest sample takes the place of the one before, until that is far enough from the last one kept.
        let step_of = |row: &Row| {
            let hours = row.get("time_h").unwrap_or(0.0);
            (hours * 60.0 / self.simulation.model().dt_min()).round() as u64
        };
        if let Some(last) = self.series.last().map(step_of) {
            if self.series.len() > 1 && last < self.kept_step + KEEP_STEPS {
                self.series.pop();
            } else {
                self.kept_step = last;
            }
        }
        self.series.push(row);
    }

    /// A copy of the present state to draw.
    ///
    /// # Errors
    /// The engine failed.
    pub(super) fn snapshot(&mut self) -> Result<HostState, EngineError> {
        self.simulation.snapshot()
    }

    /// Stops time and shows an error that came from elsewhere.
    pub(super) fn fail(&mut self, error: EngineError) {
        self.playing = false;
        self.error.get_or_insert(error);
    }

    /// pFAK at rest in this bath over pFAK at rest without drug, for the first cell type; `None` without cells.
    pub fn settled_pfak(&self) -> Option<f64> {
        let model = self.simulation.model();
        let line = Line::from(model.cell_types().first()?);
        let network = Signalling::new(model.parameters());
        let rho = model.parameters().value("rho_star");
        let at = |nm: f64| network.steady(rho, nm, line).pfak;
        Some(at(self.simulation.bath_nm()) / at(0.0))
    }

    /// Stops time, observes the present state and hands over what was played.
    pub fn session(&mut self) -> Session {
        self.pause();
        let engine = self.simulation.engine();
        Session {
            model: self.simulation.model().clone(),
            engine: (engine.name(), engine.description()),
            events: self.simulation.events().to_vec(),
            series: self.series.clone(),
            state: self.state.clone(),
            error: self.error.clone(),
            wall_time: self.started.elapsed(),
        }
    }
}
