//! A run as its folder holds it: the moments of which there are files, read one at a time.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use image::RgbaImage;

use super::{CellTable, Moment, Part, cells_csv};
use crate::error::UsageError;
use crate::model::{FieldKind, Model, npy};

/// A run whose files are read.
#[derive(Debug)]
pub struct Saved {
    model: Model,
    folder: PathBuf,
    /// What there is, by time in thousandths of an hour.
    times: BTreeMap<u64, Vec<Part>>,
}

impl Saved {
    /// Looks which files a folder holds. Names that no run gives are left alone.
    ///
    /// # Errors
    /// A subfolder cannot be listed.
    pub fn open(folder: &Path, model: Model) -> Result<Self, UsageError> {
        let mut times: BTreeMap<u64, Vec<Part>> = BTreeMap::new();
        for part in Part::ALL {
            let sub = folder.join(part.name());
            let entries = match std::fs::read_dir(&sub) {
                Err(why) if why.kind() == std::io::ErrorKind::NotFound => continue,
                entries => entries.and_then(Iterator::collect::<Result<Vec<_>, _>>),
            };
            let entries = entries.map_err(|why| {
                UsageError::new(format!("cannot list '{}': {why}", sub.display()))
            })?;
            for entry in entries {
                let name = entry.file_name();
                let Some(time) = time_of(&name.to_string_lossy(), part, &model) else {
                    continue;
                };
                let parts = times.entry(time).or_default();
                if !parts.contains(&part) {
                    parts.push(part);
                }
            }
        }
        Ok(Self {
            model,
            folder: folder.to_path_buf(),
            times,
        })
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The moments of which there is any of these parts, in order of time; the other parts are left out.
    pub fn moments(&self, wanted: &[Part]) -> Vec<SavedMoment<'_>> {
        let chosen = |parts: &Vec<Part>| -> Vec<Part> {
            let there = parts.iter().copied();
            there.filter(|part| wanted.contains(part)).collect()
        };
        (self.times.iter())
            .map(|(&time, parts)| SavedMoment {
                run: self,
                time,
                parts: chosen(parts),
            })
            .filter(|moment| !moment.parts.is_empty())
            .collect()
    }
}

/// Thousandths of an hour in a file name that a run gives.
fn time_of(name: &str, part: Part, model: &Model) -> Option<u64> {
    let stem = name.strip_suffix(part.extension())?.strip_suffix('.')?;
    let hours = match part {
        Part::Cells | Part::Images => stem,
        Part::Fields => {
            let (field, hours) = stem.rsplit_once('_')?;
            let mut kinds = model.fields().iter().map(|field| field.kind.name());
            kinds.find(|known| *known == field)?;
            hours
        }
    };
    let (whole, thousandths) = hours.split_once('.')?;
    let time = format!("{whole}{thousandths}").parse().ok()?;
    (hours == hours_of(time)).then_some(time)
}

/// A time as file names carry it.
fn hours_of(time: u64) -> String {
    format!("{}.{:03}", time / 1000, time % 1000)
}

/// A moment of a run, in its files.
#[derive(Clone, Debug)]
pub struct SavedMoment<'a> {
    run: &'a Saved,
    /// Thousandths of an hour.
    time: u64,
    parts: Vec<Part>,
}

impl SavedMoment<'_> {
    fn file(&self, part: Part, prefix: &str) -> PathBuf {
        let name = format!("{prefix}{}.{}", hours_of(self.time), part.extension());
        self.run.folder.join(part.name()).join(name)
    }
}

impl Moment for SavedMoment<'_> {
    fn model(&self) -> &Model {
        &self.run.model
    }

    /// That of the step whose rounded time the name carries.
    fn time_h(&self) -> f64 {
        let model = &self.run.model;
        let rounded = self.time as f64 / 1000.0;
        let exact = model.time_h((60.0 * rounded / model.dt_min()).round() as u64);
        let is_it = format!("{exact:.3}") == hours_of(self.time);
        if is_it { exact } else { rounded }
    }

    fn has(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }

    fn field(&self, kind: FieldKind) -> anyhow::Result<Cow<'_, [f32]>> {
        let path = self.file(Part::Fields, &format!("{}_", kind.name()));
        let values = npy::read(&path, self.run.model.grid()).map_err(|why| {
            UsageError::new(format!(
                "{why}; restore it, or run the scenario again with --fields TIME"
            ))
        })?;
        Ok(Cow::Owned(values))
    }

    fn cells(&self) -> anyhow::Result<CellTable> {
        let path = self.file(Part::Cells, "");
        Ok(cells_csv::read(&path, &self.run.model)?)
    }

    fn picture(&self) -> anyhow::Result<RgbaImage> {
        let path = self.file(Part::Images, "");
        let read = || image::ImageReader::open(&path)?.decode();
        let picture: Result<_, image::ImageError> = read();
        let picture = picture.map_err(|why| {
            UsageError::new(format!(
                "cannot read '{}': {why}; restore it, or run the scenario again with --images TIME",
                path.display()
            ))
        })?;
        Ok(picture.into_rgba8())
    }
}
