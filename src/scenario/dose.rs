//! `[dose]`, `[compounds]` and `[[arm]]` of a scenario file, key by key.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, de};
use toml::{Spanned, Value};

use super::shape::Raw;

/// `[dose]`, and each entry of `[[dose.with]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    missing_docs,
    reason = "the keys are documented in the README's scenario reference"
)]
pub struct DoseFile {
    pub compound: Option<Spanned<String>>,
    pub bath: Option<Spanned<BathFile>>,
    pub oral: Option<Spanned<OralFile>>,
    pub infusion: Option<Spanned<InfusionFile>>,
    pub axis: Option<Spanned<String>>,
    pub serum: Option<Raw>,
    pub unbound: Option<Raw>,
    pub series: Option<Spanned<Vec<Raw>>>,
    pub times: Option<Spanned<Vec<Raw>>>,
    #[serde(default)]
    pub with: Vec<Spanned<DoseFile>>,
}

/// A level, or a list of events.
#[derive(Clone, Debug)]
pub enum BathFile {
    /// From the start on.
    Level(Value),
    /// In order of time.
    Events(Vec<Spanned<BathEventFile>>),
}

/// A step or a ramp of the bath.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct BathEventFile {
    pub at: Raw,
    pub level: Raw,
    pub over: Option<Raw>,
}

/// A regimen of tablets.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct OralFile {
    pub amount: Raw,
    pub every: Option<Raw>,
    pub start: Option<Raw>,
    pub doses: Option<Spanned<u64>>,
    pub days_on: Option<Spanned<u64>>,
    pub days_off: Option<Spanned<u64>>,
    #[serde(default)]
    pub skip: Vec<Spanned<u64>>,
    pub food_delay: Option<Raw>,
    #[serde(default)]
    pub saturable: bool,
}

/// One infusion, or one again and again.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct InfusionFile {
    pub amount: Option<Raw>,
    pub rate: Option<Raw>,
    pub duration: Raw,
    pub start: Option<Raw>,
    pub every: Option<Raw>,
    pub doses: Option<Spanned<u64>>,
    #[serde(default)]
    pub skip: Vec<Spanned<u64>>,
}

/// A compound of the scenario's own: `like`, and values by their names.
pub type CompoundFile = BTreeMap<String, Raw>;

/// `[[arm]]`: the scenario with some keys set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct ArmFile {
    pub name: Spanned<String>,
    #[serde(default)]
    pub set: BTreeMap<String, Value>,
}

// By hand and not as an untagged enum, which would lose the places inside the list.
impl<'de> Deserialize<'de> for BathFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BathVisitor)
    }
}

struct BathVisitor;

impl<'de> Visitor<'de> for BathVisitor {
    type Value = BathFile;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "a level such as \"100 nM\", or a list of {{ at, level, over }}"
        )
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<BathFile, E> {
        Ok(BathFile::Level(Value::String(text.to_string())))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<BathFile, E> {
        Ok(BathFile::Level(Value::Integer(number)))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<BathFile, E> {
        Ok(BathFile::Level(Value::Float(number)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<BathFile, A::Error> {
        let mut events = Vec::new();
        while let Some(event) = list.next_element()? {
            events.push(event);
        }
        Ok(BathFile::Events(events))
    }
}
