//! How many steps a turn of the simulating thread may run: what the chosen speed asks for, no more than the wall time
//! allows, and never a debt carried along.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Wall time that a turn may take: what the window asks for is done between turns.
const BUDGET: Duration = Duration::from_millis(20);

/// A longer gap between two turns (a laptop that slept) is not made up for.
const LONGEST_GAP: Duration = Duration::from_millis(100);

/// Time over which the speed is averaged.
const METER: Duration = Duration::from_millis(1500);

/// Steps for each turn.
#[derive(Debug)]
pub(super) struct Pacer {
    /// Steps that a turn may run, found by trying.
    allowance: f64,
    /// Steps that the speed asks for and that have not been run yet.
    due: f64,
}

impl Default for Pacer {
    fn default() -> Self {
        Self {
            allowance: 1.0,
            due: 0.0,
        }
    }
}

impl Pacer {
    /// Steps for a turn that begins `since` after the last one, at a speed in steps per second.
    pub(super) fn steps(&mut self, since: Duration, steps_per_s: f64) -> u64 {
        self.due += since.min(LONGEST_GAP).as_secs_f64() * steps_per_s;
        let n = self.due.min(self.allowance).floor();
        self.due = (self.due - n).min(self.allowance);
        n as u64
    }

    /// Whether everything that the speed asks for has been run.
    pub(super) fn is_ahead(&self) -> bool {
        self.due < 1.0
    }

    /// Takes note of how long `ran` steps took.
    pub(super) fn took(&mut self, ran: u64, busy: Duration) {
        if ran == 0 {
            return;
        }
        let share = busy.as_secs_f64() / BUDGET.as_secs_f64();
        if share > 1.3 {
            self.allowance = (self.allowance / share.min(4.0)).max(1.0);
        } else if share < 0.8 && ran as f64 >= self.allowance.floor() {
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
        (seconds > 0.25).then(|| last.1.saturating_sub(first.1) as f64 / seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TURN: Duration = Duration::from_millis(16);

    #[test]
    fn a_slow_engine_gets_one_step_and_no_debt() {
        let mut pacer = Pacer::default();
        for _ in 0..50 {
            assert_eq!(pacer.steps(TURN, 1000.0), 1);
            pacer.took(1, Duration::from_millis(40));
        }
        assert!(pacer.due <= 1.0);
    }

    #[test]
    fn a_fast_engine_reaches_the_speed_asked_for() {
        let mut pacer = Pacer::default();
        let run = |pacer: &mut Pacer| {
            let n = pacer.steps(TURN, 5000.0);
            pacer.took(n, Duration::from_micros(20 * n));
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
        let mut pacer = Pacer {
            allowance: 1e4,
            ..Pacer::default()
        };
        assert_eq!(pacer.steps(Duration::from_secs(60), 100.0), 10);
    }

    #[test]
    fn slow_speeds_add_up() {
        let mut pacer = Pacer::default();
        let n: u64 = (0..1000).map(|_| pacer.steps(TURN, 10.0)).sum();
        assert!((159..=160).contains(&n), "{n}");
    }
}
