//! Checkpoints: all that a run needs to go on, in one file.
//!
//! A checkpoint is a [safetensors](https://huggingface.co/docs/safetensors) file, compressed with zstd. Its metadata
//! says what it is (format, program version, the scenario as it was run, step, events, books, and name, type, shape and
//! unit of every array). Header and arrays are zstd frames of their own, each with a checksum. Whatever is read is checked
//! before it is believed: shapes and values against the model, the state against its hash, and memory grows only with
//! what is really there.

mod arrays;
mod valid;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::UsageError;
use crate::event::{self, Event};
use crate::export::write_atomically;
use crate::ledger::{Amounts, Ledger};
use crate::model::{FieldKind, Model};
use crate::scenario::Scenario;
use crate::state::{HostState, Tally};

pub use arrays::Array;

/// Of the file; another is refused.
const FORMAT: u32 = 1;
/// Longest header that is read, bytes: a scenario and its events.
const MOST_HEADER: u64 = 16 << 20;
/// The checkpoint that a fork begins at, in its folder.
pub const PARENT: &str = "parent.safetensors.zst";
/// Ends the names of checkpoints.
const SUFFIX: &str = ".safetensors.zst";
/// Name of ours in the metadata.
const KEY: &str = "invado";
/// Checkpoints of a run that are kept.
const KEPT: usize = 2;

/// What a checkpoint holds beside its arrays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Of the file.
    pub format: u32,
    /// Of the program that wrote it.
    pub version: String,
    /// Name of the scenario.
    pub scenario: String,
    /// The scenario as it was run, overrides applied.
    pub scenario_toml: String,
    /// Folder that its file names start from.
    pub scenario_folder: PathBuf,
    /// Steps done.
    pub step: u64,
    /// Time, h.
    pub time_h: f64,
    /// The id that the next daughter gets.
    pub next_id: u32,
    /// Births, deaths and what else is counted.
    pub tally: Tally,
    /// What was done by hand so far; the state has seen all of it.
    pub events: Vec<Event>,
    /// What was booked for each field with a ledger.
    pub ledgers: Vec<Booked>,
    /// SHA-256 of the state.
    pub state_hash: String,
    /// The arrays in the archive.
    pub arrays: Vec<Array>,
}

/// The books of a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Booked {
    /// Its name.
    pub field: String,
    /// What moved, in its unit × voxels.
    pub amounts: Amounts,
}

/// A run at a moment, as it is written.
#[derive(Clone, Copy, Debug)]
pub struct Present<'a> {
    /// The scenario as it is run.
    pub scenario: &'a Scenario,
    /// Its meaning.
    pub model: &'a Model,
    /// The state.
    pub state: &'a HostState,
    /// What was done by hand so far.
    pub events: &'a [Event],
    /// What was booked so far.
    pub ledgers: &'a [Ledger],
    /// What is measured between reports, as JSON; empty if nothing is.
    pub measures: &'a [u8],
}

/// A run at a moment, as it was read.
#[derive(Debug)]
pub struct Checkpoint {
    /// The file.
    pub path: PathBuf,
    /// What it says.
    pub header: Header,
    /// The scenario in it.
    pub scenario: Scenario,
    /// Its meaning.
    pub model: Model,
    /// The state.
    pub state: HostState,
    /// What was booked so far.
    pub ledgers: Vec<Ledger>,
    /// What was measured between reports, as JSON; empty if nothing was.
    pub measures: Vec<u8>,
}

impl Checkpoint {
    /// Whether the state can go on in another model: one of the same box, step, fields, cell types and seed.
    ///
    /// # Errors
    /// What differs, as a noun.
    pub fn fits(&self, other: &Model) -> Result<(), &'static str> {
        let own = &self.model;
        let kinds = |model: &Model| model.fields().iter().map(|f| f.kind).collect::<Vec<_>>();
        let names = |model: &Model| {
            let names = model.cell_types().iter().map(|t| t.name.clone());
            names.collect::<Vec<_>>()
        };
        if own.grid() != other.grid() {
            Err("the box or its voxels")
        } else if own.dt_min() != other.dt_min() {
            Err("time.step")
        } else if kinds(own) != kinds(other) {
            Err("which fields there are")
        } else if names(own) != names(other) {
            Err("which cell types there are")
        } else if own.traits_vary() != other.traits_vary() {
            Err("whether cells of a type differ (spread)")
        } else if own.seed() != other.seed() {
            Err("the seed")
        } else {
            Ok(())
        }
    }
}

/// The folder of a run's checkpoints.
pub fn folder(run: &Path) -> PathBuf {
    run.join("checkpoints")
}

/// Writes the checkpoint of a run, beside its name and renamed, and removes all but the last two.
///
/// # Errors
/// The file cannot be written.
pub fn write(run: &Path, present: &Present) -> anyhow::Result<PathBuf> {
    let folder = folder(run);
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(file_name(present.state.step));
    write_atomically(&path, |out| fill(out, present))?;
    for old in steps(run).into_iter().rev().skip(KEPT) {
        // One too many is no reason to stop a run.
        let _ = std::fs::remove_file(folder.join(file_name(old)));
    }
    Ok(path)
}

fn file_name(step: u64) -> String {
    format!("{step}{SUFFIX}")
}

/// Steps of the checkpoints in a run folder, ascending.
fn steps(run: &Path) -> Vec<u64> {
    let names = std::fs::read_dir(folder(run)).into_iter().flatten();
    let mut steps: Vec<u64> = names
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            name.strip_suffix(SUFFIX)?.parse().ok()
        })
        .collect();
    steps.sort_unstable();
    steps
}

fn fill(out: &mut dyn Write, present: &Present) -> anyhow::Result<()> {
    let (model, state) = (present.model, present.state);
    let arrays = arrays::of(model, state, present.measures);
    let header = Header {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_string(),
        scenario: present.scenario.name.clone(),
        scenario_toml: present.scenario.text.clone(),
        scenario_folder: present.scenario.absolute_folder()?,
        step: state.step,
        time_h: model.time_h(state.step),
        next_id: state.next_id,
        tally: state.tally,
        events: present.events.to_vec(),
        ledgers: (present.ledgers.iter())
            .map(|ledger| Booked {
                field: ledger.kind.name().to_string(),
                amounts: ledger.amounts,
            })
            .collect(),
        state_hash: state.hash(),
        arrays: arrays.iter().map(|(array, _)| array.clone()).collect(),
    };
    let mut head = serde_json::to_vec(&safetensors(&header)?)?;
    // Data begin at a multiple of 8 bytes.
    head.resize(head.len().next_multiple_of(8), b' ');
    frame(out, &[&(head.len() as u64).to_le_bytes(), &head])?;
    for (_, rows) in arrays {
        frame(out, &rows)?;
    }
    Ok(())
}

/// Writes one compressed frame with a checksum. Level 1: states hardly compress further, and a run waits for it.
fn frame(out: &mut dyn Write, parts: &[&[u8]]) -> std::io::Result<()> {
    let mut encoder = zstd::Encoder::new(out, 1)?;
    encoder.include_checksum(true)?;
    for part in parts {
        encoder.write_all(part)?;
    }
    encoder.finish().map(drop)
}

/// The head of a safetensors file: metadata and where each array lies.
fn safetensors(header: &Header) -> anyhow::Result<BTreeMap<String, serde_json::Value>> {
    let text = serde_json::to_string(header)?;
    let mut head = BTreeMap::from([("__metadata__".to_string(), serde_json::json!({ KEY: text }))]);
    let mut at = 0;
    for array in &header.arrays {
        let end = at + array.bytes().unwrap_or(0);
        let entry = serde_json::json!({
            "dtype": array.r#type.to_uppercase(), "shape": array.shape, "data_offsets": [at, end],
        });
        head.insert(array.name.clone(), entry);
        at = end;
    }
    Ok(head)
}

/// Reads the newest checkpoint of a run that is whole; says on the way which are not.
///
/// # Errors
/// There is none, or none is whole.
pub fn newest(run: &Path, warn: &mut dyn FnMut(String)) -> Result<Checkpoint, UsageError> {
    let mut steps = steps(run);
    if steps.is_empty() {
        return Err(UsageError::new(format!(
            "'{}' has no checkpoint in '{}'; a run leaves one at its end, at an interrupt, and as often as --checkpoint TIME says",
            run.display(),
            folder(run).display()
        )));
    }
    loop {
        let step = steps.pop().unwrap_or(0);
        match read(&folder(run).join(file_name(step))) {
            Ok(checkpoint) => return Ok(checkpoint),
            Err(error) if steps.is_empty() => return Err(error),
            Err(error) => warn(format!("{error}; the one before is used")),
        }
    }
}

/// Reads a checkpoint.
///
/// # Errors
/// It cannot be read, is damaged, of another format, or holds what its scenario does not allow.
pub fn read(path: &Path) -> Result<Checkpoint, UsageError> {
    let wrong = |why: String| UsageError::new(format!("checkpoint '{}': {why}", path.display()));
    let file = File::open(path).map_err(|why| wrong(format!("cannot be read: {why}")))?;
    let mut stream = zstd::Decoder::with_buffer(BufReader::new(file))
        .map_err(|why| wrong(format!("is damaged or no checkpoint: {why}")))?;
    let header = header(&mut stream).map_err(wrong)?;
    let place = format!("scenario in '{}'", path.display());
    let scenario = Scenario::parse(
        &header.scenario,
        &place,
        &header.scenario_folder,
        &header.scenario_toml,
        &[],
    )?;
    let model = Model::try_from(&scenario)?;
    let (state, measures) = arrays::read(&model, &header, &mut stream).map_err(wrong)?;
    // The checksum of the last frame is compared when its end is read.
    match stream.read(&mut [0]) {
        Ok(0) => {}
        Ok(_) => return Err(wrong("goes on behind its last array".to_string())),
        Err(why) => return Err(wrong(format!("is damaged: {why}"))),
    }
    valid::state(&model, &state).map_err(wrong)?;
    event::check(&header.events, &model).map_err(wrong)?;
    if state.hash() != header.state_hash {
        return Err(wrong("its state has another hash than it says".to_string()));
    }
    Ok(Checkpoint {
        ledgers: booked(&model, &header.ledgers).map_err(wrong)?,
        path: path.to_path_buf(),
        header,
        scenario,
        model,
        state,
        measures,
    })
}

/// What the metadata say; where the arrays lie must follow from it.
fn header(stream: &mut impl Read) -> Result<Header, String> {
    let damaged = |why: &dyn std::fmt::Display| format!("is damaged or no checkpoint: {why}");
    let mut length = [0; 8];
    stream
        .read_exact(&mut length)
        .map_err(|why| damaged(&why))?;
    let length = u64::from_le_bytes(length);
    if length > MOST_HEADER {
        return Err(damaged(&format!("its header claims {length} bytes")));
    }
    let head = arrays::bytes(stream, length).map_err(|why| damaged(&why))?;
    let head: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(&head).map_err(|why| damaged(&why))?;
    let text = head
        .get("__metadata__")
        .and_then(|data| data.get(KEY)?.as_str());
    let text = text.ok_or_else(|| damaged(&"its metadata are not of invado"))?;
    #[derive(Deserialize)]
    struct Versions {
        format: u32,
        version: String,
    }
    let is: Versions = serde_json::from_str(text).map_err(|why| damaged(&why))?;
    if is.format != FORMAT {
        return Err(format!(
            "has format {} (invado {}); this program reads format {FORMAT}",
            is.format, is.version
        ));
    }
    let header: Header = serde_json::from_str(text).map_err(|why| damaged(&why))?;
    if header.arrays.iter().any(|array| array.bytes().is_none()) {
        return Err("an array claims more bytes than can be counted".to_string());
    }
    match safetensors(&header) {
        Ok(expected) if expected == head => Ok(header),
        _ => Err("its arrays do not lie where its metadata say".to_string()),
    }
}

fn booked(model: &Model, books: &[Booked]) -> Result<Vec<Ledger>, String> {
    let kept: Vec<FieldKind> = (model.fields().iter())
        .filter(|field| field.ledger)
        .map(|field| field.kind)
        .collect();
    let names = books.iter().map(|book| book.field.as_str());
    if !names.eq(kept.iter().map(|kind| kind.name())) {
        return Err("its books are not those of the scenario's fields".to_string());
    }
    let ledgers = books.iter().zip(kept).map(|(book, kind)| Ledger {
        kind,
        amounts: book.amounts,
    });
    Ok(ledgers.collect())
}
