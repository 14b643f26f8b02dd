//! Dose regimens and what they make of the bath. (Helper "input" writes `Dose::bath_nm` for every regimen.)

/// A live change of the bath, recorded so that a session can be replayed.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct DoseEvent {
    /// The first step that sees it.
    pub step: u64,
    /// Free drug in the bath from then on, nM.
    pub bath_nm: f64,
}

/// How drug is given.
#[derive(Clone, Debug, PartialEq)]
pub enum Dose {
    /// A constant bath, nM free drug.
    Bath(f64),
}

impl Dose {
    /// Whether the scenario gives drug at all.
    pub fn is_given(&self) -> bool {
        true
    }

    /// Free drug in the bath at a time, nM. A live event holds from its step until the next one.
    pub fn bath_nm(&self, _time_min: f64, step: u64, events: &[DoseEvent]) -> f64 {
        if let Some(event) = events.iter().rev().find(|event| event.step <= step) {
            return event.bath_nm;
        }
        match self {
            Dose::Bath(nm) => *nm,
        }
    }
}
