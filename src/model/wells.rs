//! The wells of a plate: one dish several times, with seeds of its own and, in a dose series, baths of its own.

use super::Model;
use super::read::Reader;
use crate::error::UsageError;
use crate::quantity;

/// Replicates at most.
const MOST_REPLICATES: i64 = 96;
/// Wells of each dose of a series if the scenario does not say.
const OF_A_SERIES: u32 = 3;

/// One well.
#[derive(Clone, Debug, PartialEq)]
pub struct Well {
    /// Dose and replicate, e.g. `10nM-1`, or `replicate-1` where there is no series: the name of its folder.
    pub name: String,
    /// Level in the bath on the scenario's axis, nM; `None` where the scenario's own dose is given.
    pub dose_nm: Option<f64>,
    /// Counted from 1.
    pub replicate: u32,
    /// Seed: that of the scenario for the first replicate, one more for each further.
    pub seed: u64,
}

impl Model {
    /// Wells of each dose; 1 where the scenario is run once.
    pub fn replicates(&self) -> u32 {
        self.replicates
    }

    /// The wells by dose and replicate; none if the scenario is one dish.
    pub fn wells(&self) -> Vec<Well> {
        let doses: Vec<Option<f64>> = match &self.series {
            Some(series) => series.doses_nm.iter().map(|dose| Some(*dose)).collect(),
            None if self.replicates > 1 => vec![None],
            None => Vec::new(),
        };
        let well = |dose_nm: Option<f64>, replicate: u32| {
            let shown = |dose| quantity::show(dose, "nM").replace(' ', "");
            Well {
                name: format!(
                    "{}-{replicate}",
                    dose_nm.map_or("replicate".to_string(), shown)
                ),
                dose_nm,
                replicate,
                seed: self.seed.wrapping_add(u64::from(replicate - 1)),
            }
        };
        (doses.into_iter())
            .flat_map(|dose_nm| (1..=self.replicates).map(move |r| well(dose_nm, r)))
            .collect()
    }

    /// The same model as one well: equal to the scenario with the well's seed and, of a series, its bath.
    #[must_use]
    pub fn in_well(&self, well: &Well) -> Self {
        let mut model = self.clone().with_seed(well.seed);
        if let Some(dose_nm) = well.dose_nm {
            model.dose = model.dose.in_bath(dose_nm);
        }
        (model.series, model.replicates) = (None, 1);
        model
    }
}

/// How often each dose is run.
///
/// # Errors
/// No whole number in range; with place.
pub(super) fn replicates(read: &Reader, is_series: bool) -> Result<u32, UsageError> {
    let Some(raw) = &read.scenario.file.replicates else {
        return Ok(if is_series { OF_A_SERIES } else { 1 });
    };
    match raw.get_ref().as_integer() {
        Some(n) if (1..=MOST_REPLICATES).contains(&n) => Ok(n as u32),
        _ => {
            let why = format!(
                "{} is out of range; allowed: a whole number from 1 to {MOST_REPLICATES}",
                raw.get_ref()
            );
            Err(read.scenario.error("replicates", Some(raw.span()), &why))
        }
    }
}
