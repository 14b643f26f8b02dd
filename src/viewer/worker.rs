//! The thread that simulates. The window's thread asks and reads the newest [`News`]; neither ever waits for the other.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::course::{Course, Future, Plan, Rows, Snapshot};
use super::pacing::{Meter, Pacer};
use super::{EngineMaker, Session};
use crate::event::{Act, Event};
use crate::render::gpu::Drawables;
use crate::simulation::{ActError, EngineError};
use crate::state::HostState;

/// Wall time between two pictures of a course that plays.
const PICTURE: Duration = Duration::from_millis(33);
/// Steps (6 min in most scenarios) after which a playing course is observed.
const SAMPLE_STEPS: u64 = 60;
/// Wall time after which it is observed though it plays slowly.
const SAMPLE_WALL: Duration = Duration::from_millis(200);
/// Looking takes at most this share of the wall time.
const LOOK_SHARE: u32 = 4;
/// How long a thread with nothing to do waits before it looks at the clock again.
const NAP: Duration = Duration::from_millis(5);

/// What the window's thread can ask for.
#[derive(Clone, Debug)]
pub(super) enum Ask {
    /// Let time run, or stop it.
    Play(bool),
    /// Run so many steps, and stop.
    Step(u64),
    /// Simulated min per s of wall time.
    Speed(f64),
    /// Stop at this step, once.
    Until(Option<u64>),
    /// Set the bath of an arm, nM.
    Bath(usize, f64),
    /// Do something by hand to an arm, or to all.
    Act(Option<usize>, Act),
    /// Begin again with a seed.
    Restart(u64),
    /// Go back to a snapshot at a step and go on from there; what the arm came to is kept.
    Fork(u64, usize),
    /// Go on from the last snapshot with new engines, after an error.
    Recover,
    /// Hand over what was played and end.
    Finish,
}

/// An arm as it is shown.
#[derive(Clone)]
pub(super) struct ArmNews {
    /// The state that was last copied out.
    pub(super) state: Arc<HostState>,
    /// Where the present state can be drawn from without a copy, on a GPU.
    pub(super) live: Option<Drawables>,
    /// What was observed.
    pub(super) rows: Rows,
    /// Free FAK inhibitor now, nM.
    pub(super) bath_nm: f64,
    /// Live changes so far.
    pub(super) events: Arc<Vec<Event>>,
}

/// How the course stands. Cheap to copy.
#[derive(Clone, Default)]
pub(super) struct News {
    /// Counts what was asked and is done.
    pub(super) done: u64,
    /// Rises with every change.
    pub(super) version: u64,
    /// Steps done.
    pub(super) step: u64,
    /// The arms; none while the first states are made.
    pub(super) arms: Vec<ArmNews>,
    /// Whether time runs.
    pub(super) is_playing: bool,
    /// Seed of the present course.
    pub(super) seed: u64,
    /// Name and description of the engine.
    pub(super) engine: Option<(&'static str, String)>,
    /// Steps per s of wall time lately.
    pub(super) reached: Option<f64>,
    /// Kept states.
    pub(super) snapshots: Arc<Vec<Arc<Snapshot>>>,
    /// What forks left behind.
    pub(super) futures: Arc<Vec<Future>>,
    /// Why the last act by hand was refused.
    pub(super) refused: Option<String>,
    /// Why time stopped.
    pub(super) error: Option<EngineError>,
}

/// Called whenever there is news, from the simulating thread.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// The window's end of the thread.
pub(super) struct Worker {
    asks: Sender<Ask>,
    asked: u64,
    board: Arc<Mutex<News>>,
    sessions: Receiver<Vec<Session>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts the thread, which begins a course and waits.
    pub(super) fn start(plan: Plan, make_engine: EngineMaker, wake: Wake) -> Self {
        let (asks, inbox) = channel();
        let (outbox, sessions) = channel();
        let board = Arc::new(Mutex::new(News {
            seed: plan.seed(),
            ..News::default()
        }));
        let shown = board.clone();
        // The desk holds engines, which stay in the thread that made them.
        let work = move || Desk::new(plan, make_engine, shown, wake, inbox).serve(&outbox);
        let thread = std::thread::Builder::new()
            .name("invado simulation".to_string())
            .spawn(move || in_pool(work));
        Self {
            asks,
            asked: 0,
            board,
            sessions,
            thread: thread.ok(),
        }
    }

    /// Asks for something; the number is that of [`News::done`] once it is done.
    pub(super) fn ask(&mut self, ask: Ask) -> u64 {
        // A thread that has ended is told of by `has_ended`.
        let _ = self.asks.send(ask);
        self.asked += 1;
        self.asked
    }

    /// Whether there are news newer than some.
    pub(super) fn is_newer(&self, version: u64) -> bool {
        self.board
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .version
            != version
    }

    /// The news, if they are newer than some.
    pub(super) fn news_since(&self, version: u64) -> Option<News> {
        let board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        (board.version != version).then(|| board.clone())
    }

    /// Whether the thread is gone though nobody asked it to end.
    pub(super) fn has_ended(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Ends the thread and returns what was played, arm by arm; nothing if it was ended before or died.
    pub(super) fn finish(&mut self) -> Vec<Session> {
        let Some(thread) = self.thread.take() else {
            return Vec::new();
        };
        self.ask(Ask::Finish);
        let played = self.sessions.recv().unwrap_or_default();
        if thread.join().is_err() {
            log::error!("the simulating thread ended unexpectedly");
        }
        played
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Runs something with a pool that leaves a core to the window. Results never depend on the number of threads.
fn in_pool(work: impl FnOnce() + Send) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let builder = rayon::ThreadPoolBuilder::new().num_threads(cores.saturating_sub(1).max(1));
    match builder.build() {
        Ok(pool) => pool.install(work),
        Err(why) => {
            log::warn!("no pool of threads: {why}");
            work();
        }
    }
}

/// The thread's own side.
struct Desk {
    plan: Plan,
    make_engine: EngineMaker,
    course: Option<Course>,
    board: Arc<Mutex<News>>,
    wake: Wake,
    /// What was last put on the board.
    news: News,
    inbox: Receiver<Ask>,
    playing: bool,
    until: Option<u64>,
    speed: f64,
    pacer: Pacer,
    meter: Meter,
    last_turn: Option<Instant>,
    looked_at: Instant,
    look_cost: Duration,
    sampled_at: Instant,
    sampled_step: u64,
    sample_cost: Duration,
    started: Instant,
}

impl Desk {
    fn new(
        plan: Plan,
        make_engine: EngineMaker,
        board: Arc<Mutex<News>>,
        wake: Wake,
        inbox: Receiver<Ask>,
    ) -> Self {
        let now = Instant::now();
        Self {
            plan,
            make_engine,
            course: None,
            board,
            wake,
            news: News::default(),
            inbox,
            playing: false,
            until: None,
            speed: 30.0,
            pacer: Pacer::default(),
            meter: Meter::default(),
            last_turn: None,
            looked_at: now,
            look_cost: Duration::ZERO,
            sampled_at: now,
            sampled_step: 0,
            sample_cost: Duration::ZERO,
            started: now,
        }
    }

    /// Does what is asked until it is asked to finish, or nobody can ask any more.
    fn serve(mut self, outbox: &Sender<Vec<Session>>) {
        self.begin();
        loop {
            let ask = if self.playing {
                match self.inbox.recv_timeout(self.nap()) {
                    Ok(ask) => Some(ask),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            } else {
                self.last_turn = None;
                match self.inbox.recv() {
                    Ok(ask) => Some(ask),
                    Err(_) => return,
                }
            };
            match ask {
                Some(Ask::Finish) => {
                    self.pause();
                    // The window may have gone without waiting.
                    let _ = outbox.send(self.sessions());
                    return;
                }
                Some(ask) => {
                    self.answer(ask);
                    self.news.done += 1;
                    self.publish();
                }
                None => self.turn(),
            }
        }
    }

    /// How long to wait for the next ask: not at all where steps are due.
    fn nap(&self) -> Duration {
        match self.pacer.is_ahead() {
            true => NAP,
            false => Duration::ZERO,
        }
    }

    fn begin(&mut self) {
        self.playing = false;
        self.news.error = None;
        self.started = Instant::now();
        self.sampled_step = 0;
        // The old engines go first: two generations might not fit into memory.
        self.course = None;
        match Course::begin(self.plan.clone(), self.make_engine.clone()) {
            Ok(course) => self.course = Some(course),
            Err(error) => self.fail(error),
        }
        self.publish();
    }

    fn answer(&mut self, ask: Ask) {
        match ask {
            Ask::Play(true) => {
                let can = self.news.error.is_none();
                self.playing = can && self.course.as_ref().is_some_and(|c| !c.is_finished());
                self.meter.clear();
            }
            Ask::Play(false) => self.pause(),
            Ask::Step(n) => {
                self.playing = false;
                self.step(n);
            }
            Ask::Speed(speed) => self.speed = speed,
            Ask::Until(step) => self.until = step,
            Ask::Bath(arm, nm) => {
                if let Some(course) = &mut self.course {
                    course.set_bath_nm(arm, nm);
                }
            }
            Ask::Act(arm, act) => self.act(arm, &act),
            Ask::Restart(seed) => {
                self.plan = self.plan.clone().with_seed(seed);
                self.begin();
            }
            Ask::Fork(step, arm) => {
                self.pause();
                self.rewind(step, Some(arm), false);
            }
            Ask::Recover => self.rewind(u64::MAX, None, true),
            Ask::Finish => {}
        }
    }

    fn act(&mut self, arm: Option<usize>, act: &Act) {
        self.news.refused = None;
        let Some(course) = self.course.as_mut().filter(|_| self.news.error.is_none()) else {
            return;
        };
        match course.act(arm, act) {
            // A stroke is seen at once, though no step has passed.
            Ok(()) if !self.playing => self.sample(),
            Ok(()) => {}
            Err(ActError::Refused(why)) => self.news.refused = Some(why),
            Err(ActError::Engine(error)) => self.fail(error),
        }
    }

    fn rewind(&mut self, step: u64, fork: Option<usize>, fresh: bool) {
        self.playing = false;
        let Some(course) = self.course.take() else {
            return self.begin();
        };
        match course.rewind(step, fork, fresh || self.news.error.is_some()) {
            Ok(course) => {
                self.sampled_step = course.step();
                self.course = Some(course);
                self.news.error = None;
            }
            Err(error) => self.fail(error),
        }
    }

    /// Runs so many steps as fast as it goes, observed as often as in play.
    fn step(&mut self, n: u64) {
        let mut left = n;
        while left > 0 && self.news.error.is_none() {
            let Some(course) = self.course.as_mut().filter(|c| !c.is_finished()) else {
                break;
            };
            let before = course.step();
            let until_row = SAMPLE_STEPS
                .saturating_sub(before - self.sampled_step)
                .max(1);
            if let Err(error) = course.run(left.min(until_row)) {
                return self.fail(error);
            }
            let now = course.step();
            left -= now - before;
            if now >= self.sampled_step + SAMPLE_STEPS {
                self.sample();
            }
        }
        self.sample();
    }

    /// As many steps as speed and wall time allow, and a look where one is due.
    fn turn(&mut self) {
        let now = Instant::now();
        let since = self
            .last_turn
            .replace(now)
            .map_or(Duration::ZERO, |last| now - last);
        let Some(course) = &mut self.course else {
            self.playing = false;
            return;
        };
        let steps_per_s = self.speed / self.plan.arms[0].model.dt_min();
        let mut n = self.pacer.steps(since, steps_per_s);
        if let Some(until) = self.until {
            n = n.min(until.saturating_sub(course.step()));
        }
        let before = course.step();
        if n > 0 {
            let outcome = course.run(n);
            let ran = course.step() - before;
            self.pacer.took(ran, now.elapsed());
            if let Err(error) = outcome {
                return self.fail_and_tell(error);
            }
        }
        let (step, is_finished) = (course.step(), course.is_finished());
        self.meter.note(now, step);
        let is_there = self.until.is_some_and(|until| step >= until);
        if is_finished || is_there {
            self.until = None;
            self.pause();
            self.publish();
        } else if self.row_is_due(step) {
            self.sample();
            self.publish();
        } else if step != self.news.step && self.picture_is_due() {
            let start = Instant::now();
            let outcome = self.look();
            if let Err(error) = outcome {
                return self.fail_and_tell(error);
            }
            (self.looked_at, self.look_cost) = (Instant::now(), start.elapsed());
            self.publish();
        }
    }

    /// Copies the states out to be seen; what a GPU holds is drawn from there.
    fn look(&mut self) -> Result<(), EngineError> {
        match &mut self.course {
            Some(course) if course.arms()[0].simulation().engine().gpu_state().is_none() => {
                course.look()
            }
            _ => Ok(()),
        }
    }

    fn row_is_due(&self, step: u64) -> bool {
        let (steps, wall) = (step - self.sampled_step, self.sampled_at.elapsed());
        steps > 0
            && (steps >= SAMPLE_STEPS || wall >= SAMPLE_WALL)
            && wall >= LOOK_SHARE * self.sample_cost
    }

    fn picture_is_due(&self) -> bool {
        let wall = self.looked_at.elapsed();
        wall >= PICTURE && wall >= LOOK_SHARE * self.look_cost
    }

    fn pause(&mut self) {
        self.playing = false;
        self.sample();
    }

    fn sample(&mut self) {
        let Some(course) = self.course.as_mut().filter(|_| self.news.error.is_none()) else {
            return;
        };
        let start = Instant::now();
        let outcome = course.sample();
        self.sampled_step = course.step();
        if let Err(error) = outcome {
            self.fail(error);
        }
        (self.sampled_at, self.sample_cost) = (Instant::now(), start.elapsed());
        self.looked_at = self.sampled_at;
    }

    fn fail(&mut self, error: EngineError) {
        log::error!("{error}");
        self.playing = false;
        self.news.error = Some(error);
    }

    fn fail_and_tell(&mut self, error: EngineError) {
        self.fail(error);
        self.publish();
    }

    fn publish(&mut self) {
        let news = &mut self.news;
        news.version += 1;
        news.is_playing = self.playing;
        news.seed = self.plan.seed();
        news.reached = self.meter.steps_per_s();
        match &self.course {
            None => news.arms.clear(),
            Some(course) => {
                let failed = news.error.is_some();
                let of_arm = |arm: &super::course::Arm| ArmNews {
                    state: arm.state().clone(),
                    live: (arm.simulation().engine().gpu_state())
                        .filter(|_| !failed)
                        .map(Drawables::of),
                    rows: arm.rows().clone(),
                    bath_nm: arm.simulation().bath_nm(),
                    events: Arc::new(arm.simulation().events().to_vec()),
                };
                news.arms = course.arms().iter().map(of_arm).collect();
                // After an error arms may be at different steps; the last states that were looked at are not.
                let looked_at = news.arms.iter().map(|arm| arm.state.step).min();
                news.step = looked_at.filter(|_| failed).unwrap_or(course.step());
                let engine = course.arms()[0].simulation().engine();
                news.engine = Some((engine.name(), engine.description()));
                if news.snapshots.len() != course.timeline().snapshots().len() {
                    news.snapshots = Arc::new(course.timeline().snapshots().to_vec());
                }
                if news.futures.len() != course.futures().len() {
                    news.futures = Arc::new(course.futures().to_vec());
                }
            }
        }
        *self.board.lock().unwrap_or_else(PoisonError::into_inner) = news.clone();
        (self.wake)();
    }

    fn sessions(&self) -> Vec<Session> {
        let Some(course) = &self.course else {
            return Vec::new();
        };
        let arms = course.arms().iter().map(|arm| Session {
            error: self.news.error.clone(),
            wall_time: self.started.elapsed(),
            ..Session::of(arm)
        });
        let left = course
            .futures()
            .iter()
            .map(|future| (*future.session).clone());
        arms.chain(left).collect()
    }
}
