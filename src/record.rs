//! The run folder: what was run, on what, how far it got, and how to run it again.

pub mod checkpoint;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::dose_response::FitRecord;
use crate::error::UsageError;
use crate::event::Event;
use crate::export::write_atomically;
use crate::lesson::Judged;
use crate::model::Model;
use crate::observe::motility::MotilityFit;
use crate::scenario::Scenario;

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Under way, or killed.
    Running,
    /// Done.
    Finished,
    /// Stopped by the user.
    Interrupted,
    /// Stopped by an error.
    Failed,
}

/// A parameter in use that nobody has verified.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unverified {
    /// Name in the model.
    pub name: String,
    /// Value with unit.
    pub value: String,
    /// Evidence tag, M or D.
    pub evidence: String,
    /// Source.
    pub source: String,
}

/// One well of a dose series that was begun.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WellJson {
    /// Name, which is that of its folder in `wells`.
    pub well: String,
    /// Level in the bath on the scenario's axis, nM; none where all wells have the scenario's own dose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dose_nm: Option<f64>,
    /// Counted from 1.
    pub replicate: u32,
    /// Seed.
    pub seed: u64,
    /// Status.
    pub status: Status,
    /// Message of the error that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Steps done.
    pub steps: u64,
    /// SHA-256 over every bit of its last state.
    pub state_hash: Option<String>,
}

/// `run.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunJson {
    /// Program version.
    pub version: String,
    /// Status.
    pub status: Status,
    /// Message of the error that ended the run.
    pub error: Option<String>,
    /// Name of the scenario.
    pub scenario: String,
    /// The scenario's text with every override and the seed.
    pub scenario_toml: String,
    /// Folder that the names of files in the scenario start from.
    pub scenario_folder: String,
    /// Seed.
    pub seed: u64,
    /// `cpu` or `gpu`.
    pub engine: String,
    /// Adapter and driver, or threads.
    pub engine_description: String,
    /// Why this engine.
    pub engine_reason: String,
    /// Platform.
    pub platform: String,
    /// Wall time so far, s.
    pub wall_time_s: f64,
    /// Steps done.
    pub steps: u64,
    /// Simulated time, h.
    pub time_h: f64,
    /// What was done by hand: live changes of the dose, strokes of the brush.
    pub events: Vec<Event>,
    /// SHA-256 over every bit of the last state.
    pub state_hash: Option<String>,
    /// Persistent random walks fitted to `motility.csv`, where the scenario asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub motility_fit: Option<Vec<MotilityFit>>,
    /// The wells of a dose series. Their steps add up to `steps`, all of them have reached `time_h`, and `state_hash`
    /// is over their hashes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wells: Vec<WellJson>,
    /// Curves fitted to a dose series, once all wells are done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fits: Vec<FitRecord>,
    /// What the scenario's lesson expected of the last report, and what came; empty for a run that was cut short.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lesson: Vec<Judged>,
    /// Parameters with evidence M or D that this run used.
    pub unverified_parameters: Vec<Unverified>,
    /// Where a fork comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
    /// What the numbers are not.
    pub notice: String,
}

/// The moment at which a fork left another run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parent {
    /// The other run's folder.
    pub folder: PathBuf,
    /// Steps done there.
    pub step: u64,
    /// Time, h.
    pub time_h: f64,
    /// SHA-256 of the state there.
    pub state_hash: String,
    /// How many of the record's events that state has seen.
    #[serde(default)]
    pub events: usize,
}

const NOTICE: &str = "Not for clinical use. Effects of the drug on migration are predictions: no published \
     dose-response of migration under defactinib could be verified. A clinical time or exposure axis is illustrative.";

impl RunJson {
    /// The record of a run that is about to begin.
    pub fn begin(scenario: &Scenario, model: &Model, engine: (&str, String), reason: &str) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_string(),
            status: Status::Running,
            error: None,
            scenario: scenario.name.clone(),
            scenario_toml: scenario.text.clone(),
            scenario_folder: scenario
                .absolute_folder()
                .unwrap_or_else(|_| scenario.folder.clone())
                .to_string_lossy()
                .into_owned(),
            seed: model.seed(),
            engine: engine.0.to_string(),
            engine_description: engine.1,
            engine_reason: reason.to_string(),
            platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            wall_time_s: 0.0,
            steps: 0,
            time_h: 0.0,
            events: Vec::new(),
            state_hash: None,
            motility_fit: None,
            wells: Vec::new(),
            fits: Vec::new(),
            lesson: Vec::new(),
            unverified_parameters: unverified(model),
            parent: None,
            notice: NOTICE.to_string(),
        }
    }

    /// Reads the record of a run folder.
    ///
    /// # Errors
    /// There is none, it is damaged, or another version of the program wrote it.
    pub fn read(folder: &Path) -> Result<Self, UsageError> {
        let path = folder.join("run.json");
        let shown = path.display();
        let text = std::fs::read_to_string(&path).map_err(|why| {
            let hint = if folder.join("arms.csv").is_file() {
                "the folder holds arms; give the folder of one of them"
            } else {
                "give the folder that `invado run` or `invado view --out` left"
            };
            UsageError::new(format!("cannot read '{shown}': {why}; {hint}"))
        })?;
        let damaged = |why: serde_json::Error| {
            UsageError::new(format!(
                "'{shown}' is damaged: {why}; run the scenario again"
            ))
        };
        let value: serde_json::Value = serde_json::from_str(&text).map_err(damaged)?;
        let (theirs, ours) = (value["version"].as_str(), env!("CARGO_PKG_VERSION"));
        if let Some(theirs) = theirs.filter(|theirs| *theirs != ours) {
            return Err(UsageError::new(format!(
                "'{shown}' was written by invado {theirs} and this is invado {ours}, which may compute other bits; use version {theirs}"
            )));
        }
        serde_json::from_value(value).map_err(damaged)
    }

    /// The scenario that it records; errors name `place`.
    ///
    /// # Errors
    /// See [`Scenario::parse`].
    pub fn scenario(&self, place: &str) -> Result<Scenario, UsageError> {
        let (name, folder) = (&self.scenario, Path::new(&self.scenario_folder));
        Scenario::parse(name, place, folder, &self.scenario_toml, &[])
    }

    /// Writes it into a run folder.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, folder: &Path) -> anyhow::Result<()> {
        write_atomically(&folder.join("run.json"), |out| {
            serde_json::to_writer_pretty(&mut *out, self)?;
            writeln!(out)?;
            Ok(())
        })
    }
}

/// The parameters with evidence M or D that a model uses, its cell types' included.
pub fn unverified(model: &Model) -> Vec<Unverified> {
    model
        .parameters_in_use()
        .filter(|entry| entry.evidence.is_unverified())
        .map(|entry| Unverified {
            name: entry.name.clone(),
            value: entry.shown(),
            evidence: format!("{:?}", entry.evidence),
            source: entry.source.clone(),
        })
        .collect()
}

/// Files and folders that a run of ours leaves; only these are removed by `--force`.
const OURS: [&str; 30] = [
    "run.json",
    "observables.csv",
    "doses.csv",
    "tracks.csv",
    "motility.csv",
    "pair_correlation.csv",
    "profiles.csv",
    "profiles",
    "kills.csv",
    "hashes.csv",
    "cells",
    "fields",
    "images",
    "checkpoints",
    checkpoint::PARENT,
    "wells",
    "wells.csv",
    "replicates.csv",
    "replicates",
    "dose_response.csv",
    "blot.csv",
    "curves",
    "blots",
    "report.html",
    // What `invado export` makes of them.
    "vtk",
    "fields.ome.zarr",
    "parquet",
    "cells.simularium",
    "film.gif",
    "film.mp4",
];

/// Makes the run folder, or takes over a finished one with `force`.
///
/// # Errors
/// It exists and `force` is not given, it holds other things than a run of ours, or it cannot be written.
pub fn make_folder(folder: &Path, force: bool) -> Result<(), UsageError> {
    let shown = folder.display();
    let cannot = |why: std::io::Error| {
        UsageError::new(format!(
            "cannot write to '{shown}': {why}. Choose another --out"
        ))
    };
    if folder.exists() {
        if !folder.is_dir() {
            return Err(UsageError::new(format!(
                "'{shown}' is a file; choose another --out"
            )));
        }
        let there: Vec<PathBuf> = std::fs::read_dir(folder)
            .map_err(cannot)?
            .filter_map(Result::ok)
            .map(|e| e.path())
            .collect();
        if !there.is_empty() && !force {
            return Err(UsageError::new(format!(
                "'{shown}' exists and is not empty; choose another --out, or replace the run in it with --force"
            )));
        }
        if !there.is_empty() && !folder.join("run.json").is_file() {
            return Err(UsageError::new(format!(
                "'{shown}' holds no run of invado, so --force does not touch it; choose another --out"
            )));
        }
        for name in OURS {
            let path = folder.join(name);
            let removed = if path.is_dir() {
                std::fs::remove_dir_all(&path)
            } else if path.exists() {
                std::fs::remove_file(&path)
            } else {
                Ok(())
            };
            removed.map_err(cannot)?;
        }
    }
    std::fs::create_dir_all(folder).map_err(cannot)?;
    // Proof that files can be made there, before hours of work.
    tempfile::tempfile_in(folder).map_err(cannot)?;
    Ok(())
}
