//! [`Timeline`]: kept states of all arms, evenly spaced, in bounded memory.

use std::sync::Arc;

use crate::ledger::Ledger;
use crate::state::{HostState, N_SIGNALS, N_TRAITS};

/// Snapshots of a whole run, if memory allows.
const WANTED: u64 = 120;
/// Memory that all snapshots may take, bytes.
const MOST_BYTES: usize = 512 << 20;

/// All arms at one moment: enough to be shown and to go on from.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Steps done.
    pub step: u64,
    /// Each arm.
    pub arms: Vec<Kept>,
}

/// An arm at a moment.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The state.
    pub state: Arc<HostState>,
    /// What was booked up to it.
    pub booked: Vec<Ledger>,
    /// How many events it has seen.
    pub n_events: usize,
}

impl Snapshot {
    fn bytes(&self) -> usize {
        self.arms.iter().map(|kept| bytes(&kept.state)).sum()
    }
}

/// Memory of a state, bytes.
fn bytes(state: &HostState) -> usize {
    let voxels: usize = state.fields.iter().map(|(_, values)| values.len()).sum();
    4 * voxels + state.cells.len() * (4 * 16 + 4 * (N_SIGNALS + N_TRAITS))
}

/// Snapshots in order of step, the first at step 0.
#[derive(Clone, Debug)]
pub struct Timeline {
    every: u64,
    most_bytes: usize,
    snapshots: Vec<Arc<Snapshot>>,
}

impl Timeline {
    /// For a run of so many steps.
    pub fn new(n_steps: u64) -> Self {
        Self {
            every: n_steps.div_ceil(WANTED).max(1),
            most_bytes: MOST_BYTES,
            snapshots: Vec::new(),
        }
    }

    /// The snapshots.
    pub fn snapshots(&self) -> &[Arc<Snapshot>] {
        &self.snapshots
    }

    /// The next step at which one is due.
    pub fn next_due(&self, step: u64) -> u64 {
        (step / self.every + 1) * self.every
    }

    /// Whether one is due at a step and not there.
    pub fn is_due(&self, step: u64) -> bool {
        let there = self.snapshots.last().is_some_and(|last| last.step >= step);
        step.is_multiple_of(self.every) && !there
    }

    /// Adds one behind the others; where memory is short, every second of them goes.
    pub fn push(&mut self, snapshot: Snapshot) {
        self.snapshots.push(Arc::new(snapshot));
        let sum = |all: &[Arc<Snapshot>]| all.iter().map(|s| s.bytes()).sum::<usize>();
        while sum(&self.snapshots) > self.most_bytes && self.snapshots.len() > 2 {
            self.every *= 2;
            let every = self.every;
            self.snapshots.retain(|s| s.step.is_multiple_of(every));
        }
    }

    /// Forgets what lies behind a step.
    pub fn cut(&mut self, step: u64) {
        self.snapshots.retain(|snapshot| snapshot.step <= step);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FieldKind;
    use crate::state::{Cells, Tally};

    fn snapshot(step: u64) -> Snapshot {
        let state = HostState {
            step,
            next_id: 0,
            tally: Tally::default(),
            fields: vec![(FieldKind::Ecm, vec![0.0; 1000])],
            cells: Cells::default(),
        };
        Snapshot {
            step,
            arms: vec![Kept {
                state: Arc::new(state),
                booked: Vec::new(),
                n_events: 0,
            }],
        }
    }

    #[test]
    fn memory_is_bounded_and_the_start_stays() {
        let mut timeline = Timeline::new(1200);
        timeline.most_bytes = 40_000;
        for step in 0..=1200 {
            if timeline.is_due(step) {
                timeline.push(snapshot(step));
            }
        }
        let steps: Vec<u64> = timeline.snapshots().iter().map(|s| s.step).collect();
        assert!(steps.len() <= 10 && steps.len() >= 5, "{steps:?}");
        assert_eq!(steps[0], 0);
        let gaps: Vec<u64> = steps.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gaps.iter().all(|gap| *gap == gaps[0]), "{steps:?}");
        assert!(timeline.next_due(steps[1]) > steps[1]);
        timeline.cut(steps[2]);
        assert_eq!(timeline.snapshots().len(), 3);
    }
}
