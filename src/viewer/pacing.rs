//! How many steps a frame may run: what the chosen speed asks for, no more than the wall time allows, and never a
//! debt carried along.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Wall time that an engine which computes in this thread may take of a frame.
const CPU_BUDGET: Duration = Duration::from_millis(8);

/// Length of a whole frame that an engine which computes beside this thread is held to: its queue is shared with the
/// drawing, so that only the frame tells when it is full.
const GPU_BUDGET: Duration = Duration::from_millis(30);

/// A longer gap between two frames (a window that was moved, a laptop that slept) is not made up for.
const LONGEST_GAP: Duration = Duration::from_millis(100);

/// Time over which the speed is averaged.
const METER: Duration = Duration::from_millis(1500);

/// Steps for each frame.
#[derive(Debug)]
pub(super) struct Pacer {
    budget: Duration,
    asynchronous: bool,
    /// Steps that a frame may run, found by trying.
    allowance: f64,
    /// Steps that the speed asks for and that have not been run yet, below one frame's.
    due: f64,
    ran: u64,
}

impl Pacer {
    /// `asynchronous`: whether the engine returns before the steps are done.
    pub(super) fn new(asynchronous: bool) -> Self {
        Self {
            budget: if asynchronous { GPU_BUDGET } else { CPU_BUDGET },
            asynchronous,
            allowance: 1.0,
            due: 0.0,
            ran: 0,
        }
    }

    /// Steps for a frame that begins `since` after the last one, at a speed in steps per second.
    pub(super) fn steps(&mut self, since: Duration, steps_per_s: f64) -> u64 {
        if self.asynchronous {
            self.adapt(since);
        }
        self.due += since.min(LONGEST_GAP).as_secs_f64() * steps_per_s;
        let n = self.due.min(self.allowance).floor();
        self.due = (self.due - n).min(self.allowance);
        self.ran = n as u64;
        self.ran
    }

    /// Takes note of how long [`Pacer::steps`] steps took in this thread.
    pub(super) fn took(&mut self, busy: Duration) {
        if !self.asynchronous {
            self.adapt(busy);
        }
    }

    fn adapt(&mut self, took: Duration) {
        if self.ran == 0 {
            return;
        }
        let share = took.as_secs_f64() / self.budget.as_secs_f64();
        if share > 1.3 {
            self.allowance = (self.allowance / share.min(4.0)).max(1.0);
        } else if share < 0.8 && self.ran as f64 >= self.allowance.floor() {
            self.allowance = (self.allowance * 1.2 + 0.5).min(1e4);
        }
    }
}

/// Speed reached lately.
#[derive(Debug, Default)]
pub(super) struct Meter(VecDeque<(Instant, u64)>);

impl Meter {
    pub(super) fn note(&mut self, now: Instant, step: u64) {
        self.0.push_back((now, step));
        while self.0.len() > 2 && now - self.0[0].0 > METER {
            self.0.pop_front();
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Steps per second of wall time; `None` until there is enough to tell.
    pub(super) fn steps_per_s(&self) -> Option<f64> {
        let (first, last) = (self.0.front()?, self.0.back()?);
        let seconds = (last.0 - first.0).as_secs_f64();
        (seconds > 0.25).then(|| (last.1 - first.1) as f64 / seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Duration = Duration::from_millis(16);

    #[test]
    fn a_slow_engine_gets_one_step_and_no_debt() {
        let mut pacer = Pacer::new(false);
        for _ in 0..50 {
            assert_eq!(pacer.steps(FRAME, 1000.0), 1);
            pacer.took(Duration::from_millis(40));
        }
        assert!(pacer.due <= 1.0);
    }

    #[test]
    fn a_fast_engine_reaches_the_speed_asked_for() {
        let mut pacer = Pacer::new(false);
        let run = |pacer: &mut Pacer| {
            let n = pacer.steps(FRAME, 5000.0);
            pacer.took(Duration::from_micros(20 * n));
            n
        };
        for _ in 0..60 {
            run(&mut pacer);
        }
        let n: u64 = (0..100).map(|_| run(&mut pacer)).sum();
        assert!((7900..=8100).contains(&n), "{n}");
    }

    #[test]
    fn a_long_gap_is_not_made_up_for() {
        let mut pacer = Pacer::new(false);
        pacer.allowance = 1e4;
        assert_eq!(pacer.steps(Duration::from_secs(60), 100.0), 10);
    }

    #[test]
    fn slow_speeds_add_up() {
        let mut pacer = Pacer::new(true);
        let n: u64 = (0..1000).map(|_| pacer.steps(FRAME, 10.0)).sum();
        assert!((159..=160).contains(&n), "{n}");
    }
}
