//! A dose series: one dish in wells that differ in bath and seed alone.

use toml::Spanned;

use super::Model;
use super::read::Reader;
use crate::dosing::Dosing;
use crate::error::UsageError;
use crate::quantity;
use crate::scenario::{DoseFile, Raw};

/// Doses at most: the lanes of one blot.
const MOST_DOSES: usize = 24;
/// Replicates of a dose at most.
const MOST_REPLICATES: i64 = 96;
/// Replicates if the scenario does not say.
const DEFAULT_REPLICATES: u32 = 3;
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
    /// Wells of each dose.
    pub replicates: u32,
    /// Steps after which the doses are compared, ascending and distinct.
    pub times_steps: Vec<u64>,
}

/// One well of a series.
#[derive(Clone, Debug, PartialEq)]
pub struct Well {
    /// Dose and replicate, e.g. `10nM-1`: the name of its folder.
    pub name: String,
    /// Level in the bath on the scenario's axis, nM.
    pub dose_nm: f64,
    /// Counted from 1.
    pub replicate: u32,
    /// Seed: that of the scenario for the first replicate, one more for each further.
    pub seed: u64,
}

impl Series {
    /// Number of wells.
    pub fn n_wells(&self) -> usize {
        self.doses_nm.len() * self.replicates as usize
    }
}

impl Model {
    /// The dose series, if the scenario is one.
    pub fn series(&self) -> Option<&Series> {
        self.series.as_ref()
    }

    /// The wells of the series by dose and replicate; none if the scenario is no series.
    pub fn wells(&self) -> Vec<Well> {
        let Some(series) = &self.series else {
            return Vec::new();
        };
        let well = |dose_nm: f64, replicate: u32| Well {
            name: format!(
                "{}-{replicate}",
                quantity::show(dose_nm, "nM").replace(' ', "")
            ),
            dose_nm,
            replicate,
            seed: self.seed.wrapping_add(u64::from(replicate - 1)),
        };
        let doses = series.doses_nm.iter();
        doses
            .flat_map(|&dose_nm| (1..=series.replicates).map(move |r| well(dose_nm, r)))
            .collect()
    }

    /// The same model as one well: equal to the scenario with the well's bath and seed instead of the series.
    #[must_use]
    pub fn in_well(&self, well: &Well) -> Self {
        let mut model = self.clone().with_seed(well.seed);
        model.dose = model.dose.in_bath(well.dose_nm);
        model.series = None;
        model
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

/// What `series`, `replicates` and `times` are checked against.
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
            replicates: match &file.replicates {
                None => DEFAULT_REPLICATES,
                Some(raw) => self.replicates(raw)?,
            },
            times_steps: match &file.times {
                None => vec![self.n_steps],
                Some(times) => self.times(times)?,
            },
        }))
    }

    /// Refuses what only wells have.
    fn no_wells(&self, key: &str, file: &DoseFile) -> Result<(), UsageError> {
        let spans = [
            ("replicates", file.replicates.as_ref().map(Spanned::span)),
            ("times", file.times.as_ref().map(Spanned::span)),
        ];
        for (name, span) in spans {
            if let Some(span) = span {
                let why = "belongs to the series of [dose]; add series = [\"0 nM\", …] there or leave it out";
                return self.wrong(&format!("{key}.{name}"), span, why);
            }
        }
        Ok(())
    }

    fn replicates(&self, raw: &Raw) -> Result<u32, UsageError> {
        match raw.get_ref().as_integer() {
            Some(n) if (1..=MOST_REPLICATES).contains(&n) => Ok(n as u32),
            _ => {
                let why = format!(
                    "{} is out of range; allowed: a whole number from 1 to {MOST_REPLICATES}",
                    raw.get_ref()
                );
                self.wrong("dose.replicates", raw.span(), &why)
            }
        }
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
