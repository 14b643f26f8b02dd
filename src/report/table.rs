//! `wells.csv` as the courses of its doses.

use std::collections::BTreeMap;
use std::path::Path;

use crate::observe::Row;

/// Columns in front of those of `observables.csv`.
const HEAD: [&str; 3] = ["well", "dose_nm", "replicate"];

/// Rows of some wells at one time: their number and the sums of their columns.
type Sums = (f64, Vec<f64>);

/// The mean over the wells of each dose (nM, ascending), report by report.
///
/// # Errors
/// A sentence: the table cannot be read.
pub(super) fn doses(folder: &Path) -> Result<Vec<(f64, Vec<Row>)>, String> {
    let path = folder.join("wells.csv");
    let wrong = |why: &dyn std::fmt::Display| format!("'{}' cannot be read: {why}", path.display());
    let mut csv = csv::Reader::from_path(&path).map_err(|why| wrong(&why))?;
    let names = csv.headers().map_err(|why| wrong(&why))?.clone();
    let begins = HEAD.iter().chain(&["time_h"]);
    if !begins.eq(names.iter().take(HEAD.len() + 1).collect::<Vec<_>>().iter()) {
        return Err(wrong(&"its columns are not those of wells"));
    }
    // Bits of numbers that are not negative rise as the numbers do; adding 0 makes a 0 of -0.
    let mut doses: BTreeMap<u64, BTreeMap<u64, Sums>> = BTreeMap::new();
    for record in csv.records() {
        let record = record.map_err(|why| wrong(&why))?;
        let values: Vec<f64> = (record.iter().skip(1).map(str::parse))
            .collect::<Result<_, _>>()
            .map_err(|why| wrong(&why))?;
        let [dose, _, time, ..] = values[..] else {
            return Err(wrong(&"a row is too short"));
        };
        if !(dose >= 0.0 && time >= 0.0) {
            return Err(wrong(&"a dose or a time is negative or none"));
        }
        let wells = doses.entry((dose + 0.0).to_bits()).or_default();
        let (n, sums) = (wells.entry((time + 0.0).to_bits()))
            .or_insert_with(|| (0.0, vec![0.0; values.len() - 2]));
        *n += 1.0;
        for (sum, value) in sums.iter_mut().zip(&values[2..]) {
            *sum += value;
        }
    }
    let row = |(n, sums): Sums| {
        let names = names.iter().skip(HEAD.len()).map(str::to_string);
        Row(names.zip(sums.into_iter().map(|sum| sum / n)).collect())
    };
    let course = |(dose, wells): (u64, BTreeMap<u64, Sums>)| {
        (f64::from_bits(dose), wells.into_values().map(row).collect())
    };
    Ok(doses.into_iter().map(course).collect())
}
