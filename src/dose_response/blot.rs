//! A simulated western blot: what bands the mean signalling of the wells would leave on a membrane.
//!
//! Every lane carries the same amount of protein. A band is proportional to the mean state of its protein over the
//! wells of the dose, times an assay error of mean 1 and coefficient of variation `cv_blot` (D) that is drawn from the
//! counter-based generator: the same seed gives the same blot. Molecular weights are the nominal ones of the
//! antibodies' data sheets (M).

use super::{Readout, Response};
use crate::model::Model;
use crate::rng::{self, Stream};

/// What an antibody stains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protein {
    /// Name in tables.
    pub name: &'static str,
    /// Name at the left of its strip.
    pub title: &'static str,
    /// Molecular weight of each band, kDa, the heaviest first.
    pub kda: &'static [u32],
    /// The state that it follows; `None`: total FAK, the loading control.
    pub readout: Option<Readout>,
}

/// The strips from top to bottom; the last is the loading control.
pub const PROTEINS: [Protein; 5] = [
    Protein {
        name: "pfak",
        title: "pFAK (Y397)",
        kda: &[125],
        readout: Some(Readout::Pfak),
    },
    Protein {
        name: "pcas",
        title: "p-p130Cas",
        kda: &[130],
        readout: Some(Readout::Pcas),
    },
    Protein {
        name: "pakt",
        title: "pAKT",
        kda: &[60],
        readout: Some(Readout::Pakt),
    },
    Protein {
        name: "perk",
        title: "pERK1/2",
        kda: &[44, 42],
        readout: Some(Readout::Perk),
    },
    Protein {
        name: "fak",
        title: "FAK (total)",
        kda: &[125],
        readout: None,
    },
];

/// One band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// Phosphorylated share of the protein, mean over wells, 0…1; 1 for total FAK.
    pub mean: f64,
    /// Darkness in arbitrary units: the mean with the assay's error.
    pub intensity: f64,
}

/// One lane.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// Level in the bath on the scenario's axis, nM.
    pub dose_nm: f64,
    /// One band for each of [`PROTEINS`].
    pub bands: [Band; PROTEINS.len()],
}

/// The membrane of one group of cells at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Blot {
    /// The cells.
    pub group: String,
    /// When, h.
    pub time_h: f64,
    /// Coefficient of variation of a band.
    pub cv: f64,
    /// By ascending dose; the first is the control.
    pub lanes: Vec<Lane>,
}

impl Blot {
    /// Band over total FAK in its lane, relative to the control lane: what is written under the lane. That of total
    /// FAK itself is over the control lane's alone.
    pub fn quantified(&self, lane: usize, protein: usize) -> f64 {
        let loading = PROTEINS.len() - 1;
        let ratio = |lane: &Lane| {
            let over = match protein == loading {
                true => 1.0,
                false => lane.bands[loading].intensity,
            };
            lane.bands[protein].intensity / over
        };
        ratio(&self.lanes[lane]) / ratio(&self.lanes[0])
    }
}

/// Columns of `blot.csv`.
pub const HEADER: [&str; 9] = [
    "type",
    "time_h",
    "lane",
    "dose_nm",
    "protein",
    "kda",
    "mean",
    "intensity",
    "relative_to_control",
];

/// Rows of `blot.csv`: lane by lane, band by band.
pub fn rows(blot: &Blot) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for (i, lane) in blot.lanes.iter().enumerate() {
        for (j, (protein, band)) in PROTEINS.iter().zip(&lane.bands).enumerate() {
            let kda: Vec<String> = protein.kda.iter().map(u32::to_string).collect();
            rows.push(vec![
                blot.group.clone(),
                blot.time_h.to_string(),
                (i + 1).to_string(),
                lane.dose_nm.to_string(),
                protein.name.to_string(),
                kda.join("/"),
                band.mean.to_string(),
                band.intensity.to_string(),
                blot.quantified(i, j).to_string(),
            ]);
        }
    }
    rows
}

/// The blots of a series: one for each time and group, in the order of its responses.
pub fn blots(model: &Model, responses: &[Response]) -> Vec<Blot> {
    let key = [model.seed() as u32, (model.seed() >> 32) as u32];
    let cv = model.parameters().value("cv_blot");
    let membranes = responses
        .chunk_by(|a, b| a.time_h == b.time_h && a.group == b.group)
        .enumerate();
    membranes
        .map(|(membrane, same)| {
            let n_lanes = same[0].points.len();
            let band = |lane: usize, j: usize| {
                let mean = PROTEINS[j].readout.map_or(1.0, |readout| {
                    let of = same.iter().find(|response| response.readout == readout);
                    of.map_or(f64::NAN, |response| response.points[lane].mean())
                });
                let draw = rng::draw(key, Stream::Assay, lane as u32, membrane as u32, j as u32);
                // At most 3.46, so that with the range of `cv_blot` no band is negative.
                let error = f64::from(rng::bell(draw[0])) / rng::BELL_VARIANCE.sqrt();
                Band {
                    mean,
                    intensity: mean * (1.0 + cv * error),
                }
            };
            Blot {
                group: same[0].group.clone(),
                time_h: same[0].time_h,
                cv,
                lanes: (0..n_lanes)
                    .map(|lane| Lane {
                        dose_nm: same[0].points[lane].dose_nm,
                        bands: std::array::from_fn(|j| band(lane, j)),
                    })
                    .collect(),
            }
        })
        .collect()
}
