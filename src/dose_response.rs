//! What a dose series shows: responses by dose, fitted curves, and a simulated western blot.
//!
//! Reads the rows of [`crate::observe`] of every well; figures are [`crate::render::figure`]'s.

pub mod blot;
pub mod logistic;
mod table;

use serde::{Deserialize, Serialize};

use crate::model::{Model, Well};
use crate::observe::Row;
use crate::spread::Spread;
use logistic::{Estimate, Fit, Undetermined, fit};

pub use table::{HEADER, rows};

/// What is compared between doses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readout {
    /// Phosphorylated FAK over FAK.
    Pfak,
    /// Phosphorylated p130Cas/paxillin.
    Pcas,
    /// Phosphorylated AKT.
    Pakt,
    /// Phosphorylated ERK.
    Perk,
    /// Focal adhesions, nascent and mature.
    Adhesions,
    /// Crawling speed.
    Speed,
    /// Living cells.
    CellCount,
}

impl Readout {
    /// Every read-out, in the order of tables.
    pub const ALL: [Readout; 7] = [
        Readout::Pfak,
        Readout::Pcas,
        Readout::Pakt,
        Readout::Perk,
        Readout::Adhesions,
        Readout::Speed,
        Readout::CellCount,
    ];

    /// Name in tables and file names; ends in its unit, or is a bare count or fraction.
    pub const fn name(self) -> &'static str {
        match self {
            Readout::Pfak => "pfak",
            Readout::Pcas => "pcas",
            Readout::Pakt => "pakt",
            Readout::Perk => "perk",
            Readout::Adhesions => "adhesions",
            Readout::Speed => "speed_um_per_h",
            Readout::CellCount => "cell_count",
        }
    }

    /// Name in figures.
    pub const fn title(self) -> &'static str {
        match self {
            Readout::Pfak => "pFAK (Y397)",
            Readout::Pcas => "p-p130Cas",
            Readout::Pakt => "pAKT",
            Readout::Perk => "pERK",
            Readout::Adhesions => "Focal adhesions",
            Readout::Speed => "Cell speed",
            Readout::CellCount => "Cell count",
        }
    }

    /// Whether doses of a compound that inhibit it have been published; every other curve is a prediction.
    pub fn is_published(self, compound: &str) -> bool {
        matches!(self, Readout::Pfak) && compound == "defactinib"
    }

    /// Column of the observables: of all cells, or of those of a type.
    pub fn column(self, label: Option<&str>) -> String {
        let suffix = label.map_or(String::new(), |label| format!("_{label}"));
        match (self, label) {
            (Readout::Speed, _) => format!("mean_speed{suffix}_um_per_h"),
            (Readout::CellCount, None) => "cell_count".to_string(),
            (Readout::CellCount, Some(_)) => format!("count{suffix}"),
            _ => format!("mean_{}{suffix}", self.name()),
        }
    }
}

/// The wells of one dose.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Level in the bath on the scenario's axis, nM.
    pub dose_nm: f64,
    /// The read-out in each well, by replicate, in its unit.
    pub values: Vec<f64>,
}

impl Point {
    /// Mean over the wells.
    pub fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len() as f64
    }

    /// Standard deviation between wells; `None` of a single one.
    pub fn sd(&self) -> Option<f64> {
        Spread::of(self.values.iter().copied()).sd
    }
}

/// How a read-out of some cells depends on the dose at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// What was given.
    pub compound: String,
    /// The cells: a type's label, or `all` where there is one type.
    pub group: String,
    /// What was measured.
    pub readout: Readout,
    /// When, h.
    pub time_h: f64,
    /// By ascending dose; the first is the control.
    pub points: Vec<Point>,
    /// The curve through all wells.
    pub fit: Result<Fit, Undetermined>,
}

impl Response {
    /// Mean of the control, in the read-out's unit.
    pub fn control(&self) -> f64 {
        self.points.first().map_or(f64::NAN, Point::mean)
    }

    /// The record of the fit.
    pub fn record(&self) -> FitRecord {
        let fit = self.fit.as_ref().ok();
        FitRecord {
            compound: self.compound.clone(),
            group: self.group.clone(),
            readout: self.readout.name().to_string(),
            time_h: self.time_h,
            prediction: !self.readout.is_published(&self.compound),
            ic50_nm: fit.and_then(Fit::ic50_nm),
            midpoint_nm: fit.map(Fit::midpoint_nm),
            hill: fit.map(Fit::hill),
            top: fit.map(|fit| fit.curve.top),
            bottom: fit.map(|fit| fit.curve.bottom),
            residual_sd: fit.map(|fit| fit.residual_sd),
            n: self.points.iter().map(|p| p.values.len()).sum(),
            not_determined: self.fit.as_ref().err().map(Undetermined::to_string),
        }
    }
}

/// A four-parameter logistic curve in `run.json`; intervals are of 95 %.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FitRecord {
    /// What was given. Doses are on the scenario's axis, free or nominal.
    pub compound: String,
    /// The cells: a type's label, or `all`.
    #[serde(rename = "type")]
    pub group: String,
    /// What was measured.
    pub readout: String,
    /// When, h.
    pub time_h: f64,
    /// Whether no published curve stands behind it.
    pub prediction: bool,
    /// Dose that halves the response without drug (absolute IC50), nM; null where no tested dose does.
    pub ic50_nm: Option<Estimate>,
    /// Dose of the response half-way between the plateaus (relative IC50), nM.
    pub midpoint_nm: Option<Estimate>,
    /// Hill slope.
    pub hill: Option<Estimate>,
    /// Response without drug, in the read-out's unit.
    pub top: Option<f64>,
    /// Response at saturating dose, in the read-out's unit.
    pub bottom: Option<f64>,
    /// Scatter of the wells around the curve, in the read-out's unit.
    pub residual_sd: Option<f64>,
    /// Wells.
    pub n: usize,
    /// Why there is no curve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_determined: Option<String>,
}

/// The groups of cells that are compared, with the label of their columns: each type, or all where there is one.
pub fn groups(model: &Model) -> Vec<(String, Option<String>)> {
    let labels = model.type_labels();
    if labels.len() > 1 {
        let both = labels.into_iter().map(|label| (label.clone(), Some(label)));
        both.collect()
    } else {
        vec![("all".to_string(), None)]
    }
}

/// Every response of a finished series: by time, group and read-out. `wells` holds the rows of each well.
pub fn responses(model: &Model, wells: &[(Well, Vec<Row>)]) -> Vec<Response> {
    let Some(series) = model.series() else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for &step in &series.times_steps {
        for (group, label) in groups(model) {
            for readout in Readout::ALL {
                let column = readout.column(label.as_deref());
                let value = |rows: &[Row]| {
                    let row = rows
                        .iter()
                        .find(|row| row.get("time_h") == Some(model.time_h(step)));
                    row.and_then(|row| row.get(&column)).unwrap_or(f64::NAN)
                };
                let points: Vec<Point> = (series.doses_nm.iter())
                    .map(|&dose_nm| Point {
                        dose_nm,
                        values: (wells.iter())
                            .filter(|(well, _)| well.dose_nm == Some(dose_nm))
                            .map(|(_, rows)| value(rows))
                            .collect(),
                    })
                    .collect();
                let data: Vec<(f64, f64)> = (points.iter())
                    .flat_map(|p| p.values.iter().map(|v| (p.dose_nm, *v)))
                    .collect();
                all.push(Response {
                    compound: series.compound.clone(),
                    group: group.clone(),
                    readout,
                    time_h: model.time_h(step),
                    points,
                    fit: fit(&data),
                });
            }
        }
    }
    all
}
