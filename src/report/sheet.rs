//! What a folder holds, as far as it can be read.

use std::path::{Path, PathBuf};

use crate::error::UsageError;
use crate::export::ObservablesCsv;
use crate::model::Model;
use crate::observe::Row;
use crate::record::{RunJson, Status};
use crate::scenario::LessonFile;

/// One record and what lies around it.
pub(super) struct Sheet {
    /// Name of the arm; `None` of a run by itself.
    pub arm: Option<String>,
    /// Its folder.
    pub folder: PathBuf,
    /// The record.
    pub record: RunJson,
    /// When the record was last written, UTC.
    pub written: Option<String>,
    /// Reports, or why there are none.
    pub rows: Result<Vec<Row>, String>,
    /// The scenario's meaning, or why it has none here and now.
    pub model: Result<Model, String>,
    /// What the scenario teaches.
    pub lesson: Option<LessonFile>,
}

/// What a page is about.
pub(super) struct Sheets {
    /// One run, or those arms that have a record, at least one.
    pub all: Vec<Sheet>,
    /// Whether they are arms.
    pub are_arms: bool,
    /// Arms whose record cannot be read, and why.
    pub unread: Vec<(String, String)>,
}

/// Reads a folder.
///
/// # Errors
/// There is no record in it, and none of an arm.
pub(super) fn read(folder: &Path) -> Result<Sheets, UsageError> {
    let arms = match folder.join("run.json").exists() {
        true => Vec::new(),
        false => arms(folder),
    };
    let mut sheets = Sheets {
        all: Vec::new(),
        are_arms: !arms.is_empty(),
        unread: Vec::new(),
    };
    if arms.is_empty() {
        sheets.all.push(Sheet::read(folder, None)?);
        return Ok(sheets);
    }
    let mut first = None;
    for name in arms {
        match Sheet::read(&folder.join(&name), Some(name.clone())) {
            Ok(sheet) => sheets.all.push(sheet),
            Err(why) => {
                sheets.unread.push((name, why.to_string()));
                first.get_or_insert(why);
            }
        }
    }
    match first {
        Some(why) if sheets.all.is_empty() => Err(why),
        _ => Ok(sheets),
    }
}

/// Folders with a record in a folder, those of `arms.csv` first and in its order.
fn arms(folder: &Path) -> Vec<String> {
    let table = csv::Reader::from_path(folder.join("arms.csv"));
    let listed: Vec<String> = (table.into_iter())
        .flat_map(csv::Reader::into_records)
        .filter_map(|record| record.ok()?.get(0).map(str::to_string))
        .collect();
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().join("run.json").exists())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort_by_cached_key(|name| {
        let place = listed.iter().position(|other| other == name);
        (place.unwrap_or(usize::MAX), name.clone())
    });
    names
}

impl Sheet {
    fn read(folder: &Path, arm: Option<String>) -> Result<Self, UsageError> {
        let record = RunJson::read(folder)?;
        let written = std::fs::metadata(folder.join("run.json")).and_then(|data| data.modified());
        let written = written
            .ok()
            .and_then(|time| jiff::Timestamp::try_from(time).ok());
        let scenario = record.scenario("the scenario in run.json");
        let lesson = (scenario.as_ref().ok()).and_then(|scenario| scenario.file.lesson.clone());
        let model = scenario.and_then(|scenario| Model::try_from(&scenario));
        Ok(Self {
            arm,
            folder: folder.to_path_buf(),
            written: written.map(|time| time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()),
            rows: ObservablesCsv::read(&folder.join("observables.csv")).map_err(|e| e.to_string()),
            model: model.map_err(|e| e.to_string()),
            lesson,
            record,
        })
    }

    /// Whether it has wells of several doses.
    pub fn is_series(&self) -> bool {
        self.record.wells.iter().any(|well| well.dose_nm.is_some())
    }

    /// Whether it has wells that differ in their seed alone.
    pub fn is_replicated(&self) -> bool {
        !self.record.wells.is_empty() && !self.is_series()
    }

    /// The reports, as far as there are any.
    pub fn rows(&self) -> &[Row] {
        self.rows.as_deref().unwrap_or_default()
    }

    /// What a legend calls it.
    pub fn label(&self) -> &str {
        self.arm.as_deref().unwrap_or(&self.record.scenario)
    }

    /// The title of the scenario, or its name where it cannot be read.
    pub fn title(&self) -> &str {
        (self.model.as_ref()).map_or(&self.record.scenario, |model| model.title())
    }

    /// A step's time, h; by what the record says of its last one where the scenario cannot be read.
    pub fn hours(&self, step: u64) -> f64 {
        let per_step = self.record.time_h / self.record.steps.max(1) as f64;
        match &self.model {
            Ok(model) => model.time_h(step),
            Err(_) => step as f64 * per_step,
        }
    }
}

/// A status in words.
pub(super) fn status(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Running => ("running", "under way, or killed"),
        Status::Finished => ("finished", "finished"),
        Status::Interrupted => ("interrupted", "interrupted by the user"),
        Status::Failed => ("failed", "stopped by an error"),
    }
}
