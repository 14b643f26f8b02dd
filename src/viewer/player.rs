//! [`Player`]: the window's view of a course that another thread plays. No window in it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::event::{Act, Event};
use crate::model::{Line, Model, Signalling};
use crate::observe::Row;
use crate::simulation::EngineError;
use crate::state::HostState;

use super::course::{Future, Plan, Snapshot};
use super::worker::{ArmNews, Ask, News, Wake, Worker};
use super::{EngineMaker, Session};

/// Lowest and highest speed offered, simulated min per s of wall time.
pub(super) const SPEEDS: [f64; 2] = [0.5, 600.0];

/// A course on its way, as the window knows it.
pub struct Player {
    worker: Worker,
    plan: Plan,
    news: News,
    speed: f64,
    /// What was asked and is not done yet: shown as if it were, so that no control jumps back.
    asked_play: Option<(u64, bool)>,
    asked_bath: Option<(u64, usize, f64)>,
    /// The arm that the dose acts on.
    selected: usize,
    /// The snapshot that is looked at instead of the present.
    shown: Option<Arc<Snapshot>>,
}

impl Player {
    /// Begins a course in a thread of its own; `wake` is called from there whenever there is news. Paused.
    pub fn new(plan: Plan, make_engine: EngineMaker, wake: Wake) -> Self {
        Self {
            worker: Worker::start(plan.clone(), make_engine, wake),
            selected: plan.arms.len() - 1,
            plan,
            news: News::default(),
            speed: 30.0,
            asked_play: None,
            asked_bath: None,
            shown: None,
        }
    }

    /// Takes in what the simulating thread has to tell. To be called once a frame; returns at once.
    pub fn refresh(&mut self) {
        if let Some(news) = self.worker.news_since(self.news.version) {
            if news.seed != self.plan.seed() {
                self.plan = self.plan.clone().with_seed(news.seed);
            }
            self.news = news;
        }
        let is_done = |id: u64| self.news.done >= id;
        self.asked_play = self.asked_play.filter(|(id, _)| !is_done(*id));
        self.asked_bath = self.asked_bath.filter(|(id, ..)| !is_done(*id));
        if self.worker.has_ended() && self.news.error.is_none() {
            let why = "the simulating thread ended unexpectedly, which is a bug".to_string();
            self.news.error = Some(EngineError::Device(why));
        }
    }

    /// Whether there is something that [`Player::refresh`] would take in.
    pub(super) fn has_news(&self) -> bool {
        self.worker.is_newer(self.news.version)
    }

    /// Takes in news until something holds, at most so long; whether it holds. For tests and programs without a window.
    pub fn wait_for(&mut self, at_most: Duration, holds: impl Fn(&Self) -> bool) -> bool {
        let start = Instant::now();
        loop {
            self.refresh();
            if holds(self) {
                return true;
            }
            if start.elapsed() > at_most {
                return false;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Whether everything that was asked is done and there is a state to show.
    pub fn is_settled(&self) -> bool {
        self.asked_play.is_none() && self.asked_bath.is_none() && !self.news.arms.is_empty()
    }

    /// Whether there are states yet.
    pub fn is_ready(&self) -> bool {
        !self.news.arms.is_empty()
    }

    /// What is played.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }
    /// Number of arms.
    pub fn n_arms(&self) -> usize {
        self.plan.arms.len()
    }
    /// Name of an arm.
    pub fn arm_name(&self, arm: usize) -> &str {
        &self.plan.arms[arm].name
    }
    /// The model of an arm.
    pub fn model_of(&self, arm: usize) -> &Arc<Model> {
        &self.plan.arms[arm].model
    }
    /// The model of the arm that the dose acts on.
    pub fn model(&self) -> &Arc<Model> {
        self.model_of(self.selected)
    }
    /// The arm that the dose acts on.
    pub fn selected(&self) -> usize {
        self.selected
    }
    /// Makes the dose act on another arm; one whose dose is withheld stays without.
    pub fn select(&mut self, arm: usize) {
        if self.plan.arms.get(arm).is_some_and(|arm| !arm.withheld) {
            self.selected = arm;
        }
    }
    /// Rises with every news.
    pub(super) fn version(&self) -> u64 {
        self.news.version
    }
    pub(super) fn arm(&self, arm: usize) -> Option<&ArmNews> {
        self.news.arms.get(arm)
    }
    /// The state of an arm that is looked at: of the snapshot, or the newest.
    pub fn state(&self, arm: usize) -> Option<&Arc<HostState>> {
        match &self.shown {
            Some(snapshot) => snapshot.arms.get(arm).map(|kept| &kept.state),
            None => self.news.arms.get(arm).map(|arm| &arm.state),
        }
    }
    /// What was observed of an arm so far, in order of time.
    pub fn rows(&self, arm: usize) -> &[Arc<Row>] {
        self.news.arms.get(arm).map_or(&[], |arm| &arm.rows)
    }
    /// The newest value of a column.
    pub fn latest(&self, arm: usize, column: &str) -> Option<f64> {
        self.rows(arm).last().and_then(|row| row.get(column))
    }
    /// What forks left behind.
    pub fn futures(&self) -> &[Future] {
        &self.news.futures
    }
    /// Live changes of an arm.
    pub fn events(&self, arm: usize) -> &[Event] {
        self.news.arms.get(arm).map_or(&[], |arm| &arm.events)
    }
    /// Name and description of the engine, once there is one.
    pub fn engine(&self) -> Option<&(&'static str, String)> {
        self.news.engine.as_ref()
    }
    /// Whether the state is on a GPU, where it is drawn without a copy.
    pub fn is_live(&self) -> bool {
        self.news.arms.iter().any(|arm| arm.live.is_some())
    }
    /// Why time stopped.
    pub fn error(&self) -> Option<&EngineError> {
        self.news.error.as_ref()
    }
    /// Steps done.
    pub fn step_now(&self) -> u64 {
        self.news.step
    }
    /// Steps of the moment that is looked at.
    pub fn shown_step(&self) -> u64 {
        self.shown
            .as_ref()
            .map_or(self.news.step, |shown| shown.step)
    }
    /// Time of the moment that is looked at, h.
    pub fn shown_h(&self) -> f64 {
        self.model().time_h(self.shown_step())
    }
    /// Whether time runs.
    pub fn is_playing(&self) -> bool {
        self.asked_play
            .map_or(self.news.is_playing, |(_, play)| play)
    }
    /// Whether every step of the scenario is done.
    pub fn is_finished(&self) -> bool {
        self.is_ready() && self.news.step >= self.model().n_steps()
    }
    /// Speed asked for, simulated min per s.
    pub fn speed(&self) -> f64 {
        self.speed
    }
    /// Speed reached lately, simulated min per s.
    pub fn reached(&self) -> Option<f64> {
        self.news.reached.map(|rate| rate * self.model().dt_min())
    }
    /// Free FAK inhibitor in the bath of an arm, as it will be in the next step, nM.
    pub fn bath_nm(&self, arm: usize) -> f64 {
        match self.asked_bath {
            Some((_, asked, nm)) if asked == arm => nm,
            _ => self.news.arms.get(arm).map_or(0.0, |arm| arm.bath_nm),
        }
    }

    /// Asks for a speed, simulated min per s.
    pub fn set_speed(&mut self, min_per_s: f64) {
        self.speed = min_per_s.clamp(SPEEDS[0], SPEEDS[1]);
        self.worker.ask(Ask::Speed(self.speed));
    }

    /// Starts or stops time, from the first state on where that is still being made. Nothing starts after the end or after
    /// an error.
    pub fn toggle(&mut self) {
        let play = !self.is_playing();
        if play && (self.error().is_some() || self.is_finished()) {
            return;
        }
        self.shown = None;
        self.asked_play = Some((self.worker.ask(Ask::Play(play)), play));
    }

    /// Runs so many steps, paused.
    pub fn step(&mut self, n: u64) {
        self.shown = None;
        self.asked_play = Some((self.worker.ask(Ask::Step(n)), false));
    }

    /// Plays and pauses at a time, h.
    pub fn play_until(&mut self, time_h: f64) {
        let step = (60.0 * time_h / self.model().dt_min()).round() as u64;
        if step > self.news.step {
            self.worker.ask(Ask::Until(Some(step)));
            self.shown = None;
            self.asked_play = Some((self.worker.ask(Ask::Play(true)), true));
        }
    }

    /// Sets the bath of the selected arm from the next step on, nM.
    pub fn set_bath_nm(&mut self, bath_nm: f64) {
        let arm = self.selected;
        let id = self.worker.ask(Ask::Bath(arm, bath_nm));
        self.asked_bath = Some((id, arm, bath_nm));
    }

    /// Does something by hand to an arm from now on, or to all of them.
    pub fn act(&mut self, arm: Option<usize>, act: Act) {
        self.shown = None;
        self.worker.ask(Ask::Act(arm, act));
    }

    /// Why the last act was refused.
    pub fn refused(&self) -> Option<&str> {
        self.news.refused.as_deref()
    }

    /// Begins again with a seed; without live changes, paused.
    pub fn restart(&mut self, seed: u64) {
        self.shown = None;
        self.asked_play = Some((self.worker.ask(Ask::Restart(seed)), false));
    }

    /// Goes on from the last snapshot after an error.
    pub fn recover(&mut self) {
        self.shown = None;
        self.asked_play = Some((self.worker.ask(Ask::Recover), false));
    }

    /// Kept states, in order of step.
    pub fn snapshots(&self) -> &[Arc<Snapshot>] {
        &self.news.snapshots
    }

    /// The snapshot that is looked at, if it is not the present.
    pub fn shown(&self) -> Option<&Arc<Snapshot>> {
        self.shown.as_ref()
    }

    /// Looks at the kept state nearest to a time, h, and stops time; at or behind the present, looks at the present.
    pub fn scrub(&mut self, time_h: f64) {
        let step = (60.0 * time_h / self.model().dt_min()).max(0.0) as u64;
        if self.is_playing() {
            self.toggle();
        }
        let near = (self.news.snapshots.iter()).min_by_key(|s| s.step.abs_diff(step));
        self.shown = near
            .filter(|near| near.step.abs_diff(step) < self.news.step.abs_diff(step))
            .cloned();
    }

    /// Looks at the present again.
    pub fn unscrub(&mut self) {
        self.shown = None;
    }

    /// Goes on from the moment that is looked at; what the selected arm came to since stays in the plots.
    pub fn fork(&mut self) {
        if let Some(shown) = self.shown.take() {
            let ask = Ask::Fork(shown.step, self.selected);
            self.asked_play = Some((self.worker.ask(ask), false));
        }
    }

    /// pFAK at rest in this bath over pFAK at rest without drug, for the first cell type; `None` without cells.
    pub fn settled_pfak(&self) -> Option<f64> {
        let model = self.model();
        let line = Line::from(model.cell_types().first()?);
        let network = Signalling::new(model.parameters());
        let rho = model.parameters().value("rho_star");
        let at = |nm: f64| network.steady(rho, nm, line).pfak;
        Some(at(self.bath_nm(self.selected)) / at(0.0))
    }

    /// Stops time and hands over what was played: every arm, then what forks left behind.
    pub fn finish(&mut self) -> Vec<Session> {
        self.worker.finish()
    }
}
