//! What came of the cases: one row a case, and the whole with adapter, driver, version and date.

use std::time::Instant;

use serde::Serialize;

use super::bench::{Interrupted, NotHere};
use super::{Bench, Case, Check, Kind, NotBuilt, Outcome, Size};

/// How a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// A gate that holds.
    Passed,
    /// A gate that does not hold, or any case whose run ended in an error.
    Failed,
    /// A comparison that is only shown, within its bounds.
    Held,
    /// A comparison that is only shown, beyond its bounds.
    Missed,
    /// It did not run here.
    NotRun,
}

impl Verdict {
    /// In words.
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Failed => "FAILED",
            Verdict::Held => "held",
            Verdict::Missed => "missed",
            Verdict::NotRun => "not run",
        }
    }
}

/// One case and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Short name.
    pub id: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// What it claims.
    pub kind: Kind,
    /// How it ended.
    pub verdict: Verdict,
    /// Why it did not run, or the error that ended it.
    pub why: Option<String>,
    /// What is simulated and expected.
    pub text: &'static str,
    /// Where the expectation comes from.
    pub source: &'static str,
    /// How good that is.
    pub evidence: &'static str,
    /// How far ours may be off, in words.
    pub tolerance: &'static str,
    /// What a reader must know.
    pub note: &'static str,
    /// Overrides under which the case must fail.
    pub perturbation: &'static [&'static str],
    /// Wall time, s.
    pub seconds: f64,
    /// Comparisons and curves.
    pub outcome: Outcome,
}

impl Row {
    fn new(case: &Case, seconds: f64) -> Self {
        Self {
            id: case.id,
            title: case.title,
            kind: case.kind,
            verdict: Verdict::NotRun,
            why: None,
            text: case.text,
            source: case.source,
            evidence: case.evidence,
            tolerance: case.tolerance,
            note: case.note,
            perturbation: case.perturbation,
            seconds,
            outcome: Outcome::default(),
        }
    }

    /// A case that is left out, and why.
    pub fn left_out(case: &Case, why: &str) -> Self {
        Self {
            why: Some(why.to_string()),
            ..Self::new(case, 0.0)
        }
    }

    /// The comparison that decides: the nearest to its bound, or the farthest beyond.
    pub fn worst(&self) -> Option<&Check> {
        self.outcome.worst()
    }
}

/// Runs a case.
///
/// # Errors
/// [`Interrupted`]: the user has had enough. An engine that fails, fails the case.
pub fn judge(case: &Case, bench: &Bench) -> Result<Row, Interrupted> {
    let start = Instant::now();
    let outcome = (case.run)(bench);
    let row = Row::new(case, start.elapsed().as_secs_f64());
    match outcome {
        Ok(outcome) => {
            let verdict = match (case.kind, outcome.holds()) {
                (Kind::Gate, true) => Verdict::Passed,
                (Kind::Gate, false) => Verdict::Failed,
                (_, true) => Verdict::Held,
                (_, false) => Verdict::Missed,
            };
            Ok(Row {
                verdict,
                outcome,
                ..row
            })
        }
        Err(error) if error.is::<Interrupted>() => Err(Interrupted),
        Err(error) => Ok(Row {
            verdict: match error.is::<NotHere>() {
                true => Verdict::NotRun,
                false => Verdict::Failed,
            },
            why: Some(format!("{error:#}")),
            ..row
        }),
    }
}

/// The whole book.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Program version.
    pub version: &'static str,
    /// Date and time, UTC.
    pub date: String,
    /// `cpu` or `gpu`.
    pub engine: String,
    /// Adapter and driver, or threads.
    pub engine_description: String,
    /// Why this engine.
    pub engine_reason: String,
    /// The adapter whose passes are compared with the CPU engine's, with its driver.
    pub adapter: Option<String>,
    /// Operating system and processor.
    pub platform: String,
    /// How much was run.
    pub size: Size,
    /// Whether the user ended it before its end.
    pub interrupted: bool,
    /// Wall time, s.
    pub seconds: f64,
    /// The cases.
    pub cases: Vec<Row>,
    /// What the book does not hold.
    pub not_built: Vec<NotBuilt>,
}

impl Report {
    /// Cases that ended so.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.cases
            .iter()
            .filter(|row| row.verdict == verdict)
            .count()
    }
}
