//! A dose series: one dish in wells that differ in bath alone, and in replicates of them.

use toml::Spanned;

use super::Model;
use super::read::Reader;
use crate::dosing::Dosing;
use crate::error::UsageError;
use crate::scenario::{DoseFile, Raw};

/// Doses at most: the lanes of one blot.
const MOST_DOSES: usize = 24;
/// Times at most: each has its own figures.
const MOST_TIMES: usize = 24;

/// The wells of a dose series and when they are compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The compound in the bath.
    pub compound: String,
    /// Whether doses are nominal and not free levels.
    pub nominal_axis: bool,
    /// Level in the bath on the scenario's axis, nM, ascending and distinct; the first is the control.
    pub doses_nm: Vec<f64>,
    /// Steps after which the doses are compared, ascending and distinct.
    pub times_steps: Vec<u64>,
}

impl Model {
    /// The dose series, if the scenario is one.
    pub fn series(&self) -> Option<&Series> {
        self.series.as_ref()
    }
}

/// The doses of a series, nM, ascending.
pub(super) fn doses_nm(read: &Reader, list: &Spanned<Vec<Raw>>) -> Result<Vec<f64>, UsageError> {
    let key = "dose.series";
    let n = list.get_ref().len();
    if !(2..=MOST_DOSES).contains(&n) {
        let why = format!(
            "{n} doses given; allowed: 2 to {MOST_DOSES}, the first of them usually \"0 nM\", the control"
        );
        return Err(read.scenario.error(key, Some(list.span()), &why));
    }
    let mut doses: Vec<f64> = Vec::new();
    for raw in list.get_ref() {
        let dose = read.positive_or_zero(key, raw, "nM")?;
        // A hair's width for units that are not exact in binary.
        if doses
            .iter()
            .any(|other| (dose - other).abs() <= 1e-9 * dose)
        {
            let why = format!(
                "{} is there twice; leave one out, wells of the same dose are `replicates`",
                raw.get_ref()
            );
            return Err(read.scenario.error(key, Some(raw.span()), &why));
        }
        doses.push(dose);
    }
    doses.sort_by(f64::total_cmp);
    Ok(doses)
}

/// What `series` and `times` are checked against.
pub(super) struct Frame<'a> {
    pub read: &'a Reader<'a>,
    pub dose: &'a Dosing,
    pub n_types: usize,
    /// Steps of the run, and of the scenario, which a run may cut short.
    pub n_steps: u64,
    pub all_steps: u64,
    /// A time as a whole number of steps.
    pub whole_steps: &'a dyn Fn(&str, &Raw) -> Result<u64, UsageError>,
}

impl Frame<'_> {
    fn wrong<T>(
        &self,
        key: &str,
        span: std::ops::Range<usize>,
        why: &str,
    ) -> Result<T, UsageError> {
        Err(self.read.scenario.error(key, Some(span), why))
    }

    /// Checks the section.
    pub(super) fn series(self) -> Result<Option<Series>, UsageError> {
        let Some(file) = &self.read.scenario.file.dose else {
            return Ok(None);
        };
        for (i, with) in file.with.iter().enumerate() {
            self.no_wells(&format!("dose.with.{i}"), with.get_ref())?;
        }
        let Some(list) = &file.series else {
            return self.no_wells("dose", file).map(|()| None);
        };
        if self.n_types == 0 {
            let why = "the scenario has no cells whose response to measure; add [[cells]]";
            return self.wrong("dose.series", list.span(), why);
        }
        let first = self.dose.treatments().first();
        Ok(Some(Series {
            compound: first.map_or(String::new(), |t| t.compound.clone()),
            nominal_axis: first.is_some_and(|t| t.nominal_axis),
            doses_nm: doses_nm(self.read, list)?,
            times_steps: match &file.times {
                None => vec![self.n_steps],
                Some(times) => self.times(times)?,
            },
        }))
    }

    /// Refuses what only wells have.
    fn no_wells(&self, key: &str, file: &DoseFile) -> Result<(), UsageError> {
        let Some(times) = &file.times else {
            return Ok(());
        };
        let why =
            "belongs to the series of [dose]; add series = [\"0 nM\", …] there or leave it out";
        self.wrong(&format!("{key}.times"), times.span(), why)
    }

    fn times(&self, times: &Spanned<Vec<Raw>>) -> Result<Vec<u64>, UsageError> {
        let n = times.get_ref().len();
        if !(1..=MOST_TIMES).contains(&n) {
            let why = format!(
                "{n} times given; allowed: 1 to {MOST_TIMES}, or leave it out for the end alone"
            );
            return self.wrong("dose.times", times.span(), &why);
        }
        let mut all = Vec::new();
        for raw in times.get_ref() {
            let steps = (self.whole_steps)("dose.times", raw)?;
            if steps > self.all_steps {
                let why = format!(
                    "{} is after the end; allowed: up to time.duration, {}",
                    raw.get_ref(),
                    self.read.scenario.file.time.duration.get_ref()
                );
                return self.wrong("dose.times", raw.span(), &why);
            }
            if all.contains(&steps) {
                let why = format!("{} is there twice; leave one out", raw.get_ref());
                return self.wrong("dose.times", raw.span(), &why);
            }
            all.push(steps);
        }
        // A run that is cut short compares what it lives to see, or its end.
        all.retain(|steps| *steps <= self.n_steps);
        if all.is_empty() {
            all.push(self.n_steps);
        }
        all.sort_unstable();
        Ok(all)
    }
}
