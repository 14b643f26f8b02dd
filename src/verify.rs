//! The verification book: what a right implementation must reproduce, as cases that anyone can run.
//!
//! A [`Case`] is data beside one function: it writes scenarios as a user would, runs them on the [`Bench`]'s engine and
//! hands back an [`Outcome`]: curves to plot and [`Check`]s that hold or do not. Every case names a **perturbation**,
//! an override like `--set`, under which it must fail; a test sees to it that it does.

mod bench;
mod cases;
mod chart;
pub mod compare;
pub mod direct;
mod outcome;
mod page;
mod report;
mod scene;

use serde::Serialize;

pub use bench::{Bench, Interrupted, MakeEngine, Size};
pub use cases::cases;
pub use outcome::{Axis, Check, Outcome, Plot, Point, Series};
pub use page::{cells, page};
pub use report::{Report, Row, Verdict, judge};
pub use scene::{random_state, scene_toml};

/// What a case claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It must hold: verification fails where it does not.
    Gate,
    /// A comparison with data that is shown, held or missed; verification does not fail by it.
    Shown,
    /// What the model says and nobody has measured; there is nothing to hold it against but itself.
    Prediction,
}

impl Kind {
    /// In a word.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Gate => "gate",
            Kind::Shown => "shown",
            Kind::Prediction => "prediction",
        }
    }

    /// In a sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Kind::Gate => "must hold; verification fails where it does not",
            Kind::Shown => {
                "compared with data and shown, held or missed; verification does not fail by it"
            }
            Kind::Prediction => {
                "what the model says and nobody has measured; compared with the model's own table only"
            }
        }
    }
}

/// One case of the book.
#[derive(Debug)]
pub struct Case {
    /// Short name, e.g. `A1`.
    pub id: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// What is simulated and what is expected, in a few sentences.
    pub text: &'static str,
    /// Where the expectation comes from.
    pub source: &'static str,
    /// How good that is: `exact` for mathematics, else an evidence tag as in the parameter table.
    pub evidence: &'static str,
    /// What it claims.
    pub kind: Kind,
    /// How far ours may be off, in words.
    pub tolerance: &'static str,
    /// What a reader must know to judge it; where a bound is missed, why.
    pub note: &'static str,
    /// Overrides (`KEY=VALUE`) under which it must fail.
    pub perturbation: &'static [&'static str],
    /// Whether `--quick` leaves it out.
    pub full_only: bool,
    /// Whether it is left out on a software adapter, where it takes too long, unless it is asked for by name.
    pub slow_on_software: bool,
    /// Runs it.
    pub run: fn(&Bench) -> anyhow::Result<Outcome>,
}

/// A claim of the model that no case stands for yet, and why.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct NotBuilt {
    /// Short name.
    pub id: &'static str,
    /// What it would compare.
    pub title: &'static str,
    /// Why there is no case.
    pub why: &'static str,
}

/// What the book does not hold.
pub const NOT_BUILT: [NotBuilt; 1] = [NotBuilt {
    id: "B4",
    title: "Spheroids of melanoma cells: onset of necrosis and plateau of the radius (Browning 2021)",
    why: "18 days of a spheroid of tens of thousands of cells in 3-D do not fit into a book that runs in 20 minutes",
}];
