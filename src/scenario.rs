//! The scenario FILE: a serde mirror of the TOML. What it means, and whether it makes sense, is [`crate::model`]'s.
//!
//! Unknown keys are refused with the nearest right spelling; places in the text are kept, so that every error names
//! file and line.

mod assay;
mod dose;
mod lesson;
mod observe;
mod shape;
mod space;
mod view;

use std::path::{Path, PathBuf};

use toml::{Spanned, Value};

use crate::error::UsageError;
use crate::quantity;

pub use assay::{AssayFile, ScratchFile, SpheroidFile, TranswellFile};
pub use dose::{ArmFile, BathEventFile, BathFile, CompoundFile, DoseFile, InfusionFile, OralFile};
pub use lesson::{ExpectFile, LessonFile};
pub use observe::{MotilityFile, ObserveFile, PairCorrelationFile, ProfileFile, TracksFile};
pub use shape::{
    CellsFile, DomainFile, FieldFile, FieldsFile, InitialFile, MapFile, Raw, ScenarioFile,
    SliderFile, TimeFile,
};
pub use space::{
    BallFile, BallPlaceFile, BoxFile, BoxPlaceFile, FibresFile, LabelsFile, MembraneFile,
    MonolayerFile, ObstacleFile, PlaceFile, PointFile, PoresFile, RecruitFile, SourceFile,
    TubeFile, VesselFile,
};
pub use view::{ClipFile, SliceFile, ViewFile};

/// Scenarios that are part of the program: name and text.
pub const BUILT_IN: [(&str, &str); 20] = [
    ("scratch", include_str!("../assets/scenarios/scratch.toml")),
    (
        "gradient",
        include_str!("../assets/scenarios/gradient.toml"),
    ),
    ("bid", include_str!("../assets/scenarios/bid.toml")),
    (
        "escalation",
        include_str!("../assets/scenarios/escalation.toml"),
    ),
    (
        "isotopologue",
        include_str!("../assets/scenarios/isotopologue.toml"),
    ),
    ("blot", include_str!("../assets/scenarios/blot.toml")),
    ("bypass", include_str!("../assets/scenarios/bypass.toml")),
    (
        "resensitise",
        include_str!("../assets/scenarios/resensitise.toml"),
    ),
    (
        "go-or-grow",
        include_str!("../assets/scenarios/go-or-grow.toml"),
    ),
    (
        "tumour-alone",
        include_str!("../assets/scenarios/tumour-alone.toml"),
    ),
    ("pdac", include_str!("../assets/scenarios/pdac.toml")),
    ("priming", include_str!("../assets/scenarios/priming.toml")),
    (
        "spheroid",
        include_str!("../assets/scenarios/spheroid.toml"),
    ),
    ("barrier", include_str!("../assets/scenarios/barrier.toml")),
    (
        "transwell",
        include_str!("../assets/scenarios/transwell.toml"),
    ),
    (
        "adhesion",
        include_str!("../assets/scenarios/adhesion.toml"),
    ),
    (
        "viability",
        include_str!("../assets/scenarios/viability.toml"),
    ),
    (
        "biphasic",
        include_str!("../assets/scenarios/biphasic.toml"),
    ),
    ("tracks", include_str!("../assets/scenarios/tracks.toml")),
    (
        "spheroid-invasion",
        include_str!("../assets/scenarios/spheroid-invasion.toml"),
    ),
];

/// A scenario as typed, with its overrides applied.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Name of the built-in scenario, or the file's stem.
    pub name: String,
    /// What errors call it: the path, with the overrides where there are any.
    pub place: String,
    /// Folder that relative file names start from.
    pub folder: PathBuf,
    /// The text after all overrides: what was really run.
    pub text: String,
    /// What it says.
    pub file: ScenarioFile,
}

impl Scenario {
    /// Reads a file, or a built-in scenario by its name, and applies `KEY=VALUE` overrides.
    ///
    /// # Errors
    /// The file is missing or not TOML, a key is unknown, an override names no key.
    pub fn load(name_or_path: &str, sets: &[String]) -> Result<Self, UsageError> {
        if let Some((name, text)) = BUILT_IN.iter().find(|(name, _)| *name == name_or_path) {
            return Self::parse(name, name, Path::new("."), text, sets);
        }
        let path = Path::new(name_or_path);
        let text = std::fs::read_to_string(path).map_err(|why| {
            let names: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
            let near = nearest(name_or_path, names.iter().copied())
                .map_or(String::new(), |n| format!(" Did you mean '{n}'?"));
            UsageError::new(format!(
                "cannot read scenario '{name_or_path}': {why}. Give a path or a built-in name ({}).{near}",
                names.join(", ")
            ))
        })?;
        let stem = path
            .file_stem()
            .map_or_else(|| "scenario".into(), |s| s.to_string_lossy());
        let folder = path.parent().unwrap_or(Path::new("."));
        Self::parse(&stem, name_or_path, folder, &text, sets)
    }

    /// Reads a text. The text by itself must be right before overrides are applied, so that an error that appears
    /// with them is theirs.
    ///
    /// # Errors
    /// See [`Scenario::load`].
    pub fn parse(
        name: &str,
        place: &str,
        folder: &Path,
        text: &str,
        sets: &[String],
    ) -> Result<Self, UsageError> {
        let mut scenario = Self {
            name: name.to_string(),
            place: place.to_string(),
            folder: folder.to_path_buf(),
            text: text.to_string(),
            file: read(place, text)?,
        };
        for set in sets {
            scenario.text = override_text(&scenario.text, set)?;
            scenario.place = format!("{place} with --set '{set}'");
            scenario.file = read(&scenario.place, &scenario.text)?;
        }
        Ok(scenario)
    }

    /// The arms by name, each a scenario by itself, in the order of the file.
    ///
    /// # Errors
    /// A name that cannot be a folder's, a name that comes twice, or a key that cannot be set; with place.
    pub fn arms(&self) -> Result<Vec<(String, Self)>, UsageError> {
        let mut arms: Vec<(String, Self)> = Vec::new();
        for (i, file) in self.file.arm.iter().enumerate() {
            let (span, file) = (file.span(), file.get_ref());
            let name = file.name.get_ref();
            let wrong =
                |why: &str| self.error(&format!("arm.{i}.name"), Some(file.name.span()), why);
            let allowed = |c: char| c.is_alphanumeric() || " .-_+".contains(c);
            let trimmed = name.trim_matches([' ', '.']);
            if name.is_empty() || trimmed != name || !name.chars().all(allowed) {
                let why = "is the name of a folder; allowed: letters, digits, '-', '_', '+', and inside also spaces and dots";
                return Err(wrong(&format!("'{name}' {why}")));
            }
            let twin = |(other, _): &&(String, Self)| other.to_lowercase() == name.to_lowercase();
            if arms.iter().find(twin).is_some() {
                return Err(wrong(&format!("there are two arms '{name}'")));
            }
            let mut text = self.text.clone();
            for (key, value) in &file.set {
                let why = |why: String| {
                    self.error(&format!("arm.{i}.set.{key}"), Some(span.clone()), &why)
                };
                let value = (value.to_string().parse())
                    .map_err(|e: toml_edit::TomlError| why(e.message().to_string()))?;
                text = set_key(&text, key, value).map_err(why)?;
            }
            let text = without_arms(&text).map_err(|why| wrong(&why))?;
            let place = format!("{}, arm '{name}'", self.place);
            let arm = Self {
                file: read(&place, &text)?,
                place,
                text,
                ..self.clone()
            };
            arms.push((name.clone(), arm));
        }
        Ok(arms)
    }

    /// The folder that relative file names start from, as it is called from anywhere.
    ///
    /// # Errors
    /// There is no present folder.
    pub fn absolute_folder(&self) -> std::io::Result<PathBuf> {
        // A scenario in the present folder has an empty path to it.
        std::path::absolute(Path::new(".").join(&self.folder))
    }

    /// An error at a place of the text.
    pub fn error(&self, key: &str, span: Option<std::ops::Range<usize>>, why: &str) -> UsageError {
        UsageError::new(format!(
            "{}: {key}: {why}",
            at(&self.place, &self.text, span)
        ))
    }

    /// A quantity of this scenario, in the internal unit of its dimension.
    ///
    /// # Errors
    /// Not a quantity, or of another dimension; with place.
    pub fn quantity(
        &self,
        key: &str,
        value: &Spanned<Value>,
        internal: &'static str,
    ) -> Result<f64, UsageError> {
        quantity_of(value.get_ref(), internal)
            .map_err(|why| self.error(key, Some(value.span()), &why))
    }
}

fn read(place: &str, text: &str) -> Result<ScenarioFile, UsageError> {
    toml::from_str(text).map_err(|error| {
        let why = with_suggestion(error.message());
        UsageError::new(format!("{}: {why}", at(place, text, error.span())))
    })
}

/// `file:line`, lines counted from 1.
fn at(place: &str, text: &str, span: Option<std::ops::Range<usize>>) -> String {
    match span {
        Some(span) if span.start <= text.len() => {
            let line = text.as_bytes()[..span.start]
                .iter()
                .filter(|b| **b == b'\n')
                .count()
                + 1;
            format!("{place}:{line}")
        }
        _ => place.to_string(),
    }
}

/// serde's sentence about an unknown key lists the known ones in backticks; the nearest of them is offered.
fn with_suggestion(message: &str) -> String {
    let message = message.trim();
    let mut names = message.split('`').skip(1).step_by(2);
    let Some(unknown) = names.next().filter(|_| message.contains("unknown")) else {
        return message.to_string();
    };
    match nearest(unknown, names) {
        Some(near) => format!("{message}. Did you mean '{near}'?"),
        None => message.to_string(),
    }
}

/// The nearest of some names, if it is near at all.
pub(crate) fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|name| {
            (
                strsim::damerau_levenshtein(&wanted.to_lowercase(), &name.to_lowercase()),
                name,
            )
        })
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, name)| *distance <= name.len().max(wanted.len()).div_ceil(2))
        .map(|(_, name)| name)
}

/// The sentence for a name that is not one of `names`.
pub(crate) fn unknown<'a>(
    what: &str,
    wanted: &str,
    names: impl Iterator<Item = &'a str> + Clone,
) -> String {
    match nearest(wanted, names.clone()) {
        Some(near) => format!("no {what} is called '{wanted}'. Did you mean '{near}'?"),
        None => format!(
            "no {what} is called '{wanted}'; there are {}",
            names.collect::<Vec<_>>().join(", ")
        ),
    }
}

/// A TOML value as a quantity: a string with its unit, or a number where none is due.
pub(crate) fn quantity_of(value: &Value, internal: &'static str) -> Result<f64, String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        other => return Err(format!("expected a quantity, found {}", other.type_str())),
    };
    quantity::parse(&text, internal)
}

/// Applies `KEY=VALUE` to a TOML text; VALUE is TOML or else text.
fn override_text(text: &str, set: &str) -> Result<String, UsageError> {
    let wrong = |why: &str| UsageError::new(format!("--set '{set}': {why}"));
    let (key, value) = set
        .split_once('=')
        .ok_or_else(|| wrong("write KEY=VALUE, for instance --set 'dose.bath=100 nM'"))?;
    let value = value.trim();
    let value = value.parse().unwrap_or_else(|_| value.into());
    set_key(text, key.trim(), value).map_err(|why| wrong(&why))
}

/// Sets a key of a TOML text; the key is dotted, list entries are counted from 0.
fn set_key(text: &str, key: &str, value: toml_edit::Value) -> Result<String, String> {
    let mut document: toml_edit::DocumentMut = text
        .parse()
        .map_err(|e: toml_edit::TomlError| e.message().to_string())?;
    let parts: Vec<&str> = key.split('.').map(str::trim).collect();
    let (Some((last, path)), false) = (parts.split_last(), parts.iter().any(|p| p.is_empty()))
    else {
        return Err("the key is empty".to_string());
    };
    let mut item: &mut toml_edit::Item = document.as_item_mut();
    for part in path {
        item = step_into(item, part)?;
    }
    if let Some(array) = item.as_array_mut() {
        let slot = last.parse().ok().and_then(|i: usize| array.get_mut(i));
        *slot.ok_or_else(|| format!("the list has no entry '{last}'"))? = value;
    } else if let Some(table) = item.as_table_like_mut() {
        table.insert(last, toml_edit::value(value));
    } else {
        return Err(format!("'{}' is not a table", path.join(".")));
    }
    Ok(document.to_string())
}

/// The same text without its arms, and without what is expected of them.
fn without_arms(text: &str) -> Result<String, String> {
    let mut document: toml_edit::DocumentMut = text
        .parse()
        .map_err(|e: toml_edit::TomlError| e.message().to_string())?;
    document.remove("arm");
    if let Some(lesson) = document.get_mut("lesson").and_then(|l| l.as_table_mut()) {
        lesson.remove("expect");
    }
    Ok(document.to_string())
}

fn step_into<'a>(
    item: &'a mut toml_edit::Item,
    part: &str,
) -> Result<&'a mut toml_edit::Item, String> {
    if item.is_array_of_tables() {
        return part
            .parse()
            .ok()
            .and_then(|i: usize| item.get_mut(i))
            .ok_or_else(|| format!("the list has no entry '{part}'; entries are counted from 0"));
    }
    let kind = item.type_name();
    let table = item
        .as_table_like_mut()
        .ok_or_else(|| format!("'{part}' lies inside a {kind}, not a table"))?;
    if !table.contains_key(part) {
        table.insert(part, toml_edit::Item::Table(toml_edit::Table::new()));
    }
    table
        .get_mut(part)
        .ok_or_else(|| format!("'{part}' cannot be set"))
}
