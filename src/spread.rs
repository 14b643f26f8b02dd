//! How far replicates differ: mean, standard deviation and confidence of every observable at every report.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::model::Well;
use crate::observe::Row;

/// Columns of `replicates.csv`, after `dose_nm` in a dose series.
pub const HEADER: [&str; 7] = [
    "time_h",
    "observable",
    "n",
    "mean",
    "sd",
    "ci95_low",
    "ci95_high",
];

/// A sample in numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Finite values.
    pub n: usize,
    /// Their mean; NaN if there are none.
    pub mean: f64,
    /// Their standard deviation (n − 1); `None` of a single one.
    pub sd: Option<f64>,
    /// Interval that holds the mean of many more with a confidence of 95 %, by Student's t; `None` of a single one.
    pub ci95: Option<[f64; 2]>,
}

impl Spread {
    /// The spread of some values; those that are not finite, which say that there is nothing to measure, do not count.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let values: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
        let sd = (values.len() > 1).then(|| (squares / (n - 1.0)).sqrt());
        let student = StudentsT::new(0.0, 1.0, n - 1.0).ok();
        let ci95 = sd.zip(student).map(|(sd, student)| {
            let half = student.inverse_cdf(0.975) * sd / n.sqrt();
            [mean - half, mean + half]
        });
        Self {
            n: values.len(),
            mean,
            sd,
            ci95,
        }
    }
}

/// The replicates of a dose, report by report.
#[derive(Clone, Debug, PartialEq)]
pub struct Replicates {
    /// Level in the bath on the scenario's axis, nM; `None` where there is no series.
    pub dose_nm: Option<f64>,
    /// Columns of `observables.csv`, the time first.
    pub names: Vec<String>,
    /// Of each report, the spread of each column.
    pub reports: Vec<Vec<Spread>>,
}

impl Replicates {
    /// The replicates of each dose of finished wells, in the order of the wells, which have the same reports.
    pub fn by_dose(wells: &[(Well, Vec<Row>)]) -> Vec<Self> {
        let same_dose = |a: &(Well, Vec<Row>), b: &(Well, Vec<Row>)| a.0.dose_nm == b.0.dose_nm;
        (wells.chunk_by(same_dose))
            .map(|wells| {
                let (well, first) = &wells[0];
                let names = first.first().map_or(&[][..], |row| &row.0);
                let of = |i: usize, name: &str| {
                    let rows = wells.iter().filter_map(|(_, rows)| rows.get(i));
                    Spread::of(rows.filter_map(|row| row.get(name)))
                };
                Self {
                    dose_nm: well.dose_nm,
                    names: names.iter().map(|(name, _)| name.clone()).collect(),
                    reports: (0..first.len())
                        .map(|i| names.iter().map(|(name, _)| of(i, name)).collect())
                        .collect(),
                }
            })
            .collect()
    }

    /// The means as rows of `observables.csv`.
    pub fn means(&self) -> impl Iterator<Item = Row> + '_ {
        self.reports.iter().map(|report| {
            let means = report.iter().map(|spread| spread.mean);
            Row(self.names.iter().cloned().zip(means).collect())
        })
    }

    /// Times (h) and spreads of a column.
    pub fn course(&self, column: usize) -> impl Iterator<Item = (f64, Spread)> + '_ {
        let times = self.names.iter().position(|name| name == "time_h");
        self.reports.iter().map(move |report| {
            let time_h = times.map_or(f64::NAN, |at| report[at].mean);
            (time_h, report[column])
        })
    }

    /// The rows of `replicates.csv`; what does not exist (the sd of one well) is empty.
    pub fn rows(&self) -> impl Iterator<Item = Vec<String>> + '_ {
        let columns = (0..self.names.len()).filter(|column| self.names[*column] != "time_h");
        columns.flat_map(move |column| {
            self.course(column).map(move |(time_h, spread)| {
                let shown = |value: Option<f64>| {
                    let finite = value.filter(|v| v.is_finite());
                    finite.map_or(String::new(), |v| v.to_string())
                };
                let mut row: Vec<String> =
                    self.dose_nm.map(|nm| nm.to_string()).into_iter().collect();
                row.extend([
                    time_h.to_string(),
                    self.names[column].clone(),
                    spread.n.to_string(),
                    shown(Some(spread.mean)),
                    shown(spread.sd),
                    shown(spread.ci95.map(|ci| ci[0])),
                    shown(spread.ci95.map(|ci| ci[1])),
                ]);
                row
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_that_of_students_t() {
        let spread = Spread::of([1.0, 2.0, f64::NAN, 3.0, 4.0]);
        assert_eq!((spread.n, spread.mean), (4, 2.5));
        assert!((spread.sd.unwrap() - (5.0f64 / 3.0).sqrt()).abs() < 1e-12);
        // t of 3 degrees of freedom: 3.182446.
        let half = 3.182_446_305 * (5.0f64 / 3.0).sqrt() / 2.0;
        let [low, high] = spread.ci95.unwrap();
        assert!((high - 2.5 - half).abs() < 1e-6 && (2.5 - low - half).abs() < 1e-6);
    }

    #[test]
    fn one_value_has_no_spread() {
        let spread = Spread::of([7.0]);
        assert_eq!((spread.mean, spread.sd, spread.ci95), (7.0, None, None));
        assert!(Spread::of([]).mean.is_nan());
    }

    #[test]
    fn replicates_are_gathered_by_dose() {
        let well = |dose: f64, replicate: u32, x: f64| {
            let rows = [0.0, 1.0].map(|t| Row(vec![("time_h".into(), t), ("x".into(), x + t)]));
            let well = Well {
                name: String::new(),
                dose_nm: Some(dose),
                replicate,
                seed: 0,
            };
            (well, rows.to_vec())
        };
        let all = Replicates::by_dose(&[well(0.0, 1, 1.0), well(0.0, 2, 3.0), well(9.0, 1, 5.0)]);
        assert_eq!(all.len(), 2);
        let means: Vec<Row> = all[0].means().collect();
        assert_eq!(
            (means[1].get("time_h"), means[1].get("x")),
            (Some(1.0), Some(3.0))
        );
        let rows: Vec<_> = all[0].rows().collect();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[1][..4], ["0", "1", "x", "2"]);
        assert_eq!(rows[1][4..6], ["3".to_string(), 2f64.sqrt().to_string()]);
        assert_eq!(all[1].rows().next().unwrap()[5..], [""; 3]);
    }
}
