//! Compounds as data: what each acts on, its potency, transport, binding and pharmacokinetics, with evidence.
//!
//! `assets/compounds.toml` is the only place of these numbers. A scenario can add compounds of its own by
//! `[compounds.NAME] like = …`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::parameters::{Entry, Kind, Need, PresetValue};

const TABLE: &str = include_str!("../assets/compounds.toml");

/// The compound of a dose that names none.
pub const DEFAULT: &str = "defactinib";

/// What a compound acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Target {
    /// Focal adhesion kinase, with Pyk2. Its inhibitor alone fills the field `drug`.
    #[serde(rename = "FAK")]
    Fak,
    /// MEK: its inhibitor slows the activation of ERK.
    #[serde(rename = "MEK")]
    Mek,
    /// Microtubules: taxanes kill dividing cells.
    #[serde(rename = "microtubules")]
    Microtubules,
    /// PD-1 of T cells.
    #[serde(rename = "PD-1")]
    Pd1,
}

impl Target {
    /// The name in `compounds.toml` and lists.
    pub fn name(self) -> &'static str {
        match self {
            Target::Fak => "FAK",
            Target::Mek => "MEK",
            Target::Microtubules => "microtubules",
            Target::Pd1 => "PD-1",
        }
    }

    /// Unit in which its level is reported: that of its potency in the literature.
    pub fn level_unit(self) -> LevelUnit {
        match self {
            Target::Microtubules => LevelUnit::NgPerMl,
            Target::Fak | Target::Mek | Target::Pd1 => LevelUnit::Nm,
        }
    }
}

/// Unit of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LevelUnit {
    /// nM.
    Nm,
    /// ng/mL.
    NgPerMl,
}

impl LevelUnit {
    /// The end of a column's name.
    pub fn suffix(self) -> &'static str {
        match self {
            LevelUnit::Nm => "nm",
            LevelUnit::NgPerMl => "ng_ml",
        }
    }
}

/// One compound.
#[derive(Clone, Debug, PartialEq)]
pub struct Compound {
    /// Its name in scenarios.
    pub name: String,
    /// What it acts on.
    pub target: Target,
    /// What it is.
    pub about: String,
    /// Its values under their plain names, e.g. `K_app`, in internal units.
    pub entries: Vec<Entry>,
}

impl Compound {
    /// A value in internal units, if the compound has it.
    pub fn value(&self, name: &str) -> Option<f64> {
        self.entries
            .iter()
            .find(|entry| entry.name == name)
            .map(|entry| entry.value)
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    unit: String,
    range: [toml::Value; 2],
    /// Empty: any.
    #[serde(default)]
    targets: Vec<Target>,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    needs: Vec<Need>,
    meaning: String,
}

impl Row {
    fn kind(&self) -> Kind<'_> {
        Kind {
            unit: &self.unit,
            range: &self.range,
            needs: &self.needs,
            meaning: &self.meaning,
        }
    }

    fn is_of(&self, target: Target) -> bool {
        self.targets.is_empty() || self.targets.contains(&target)
    }
}

#[derive(Deserialize)]
struct Preset {
    like: Option<String>,
    target: Option<Target>,
    about: String,
    #[serde(flatten)]
    values: BTreeMap<String, PresetValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "compound-parameters")]
    rows: BTreeMap<String, Row>,
    compounds: BTreeMap<String, Preset>,
}

/// A collection of compounds, and what a compound can have.
#[derive(Clone, Debug)]
pub struct Library {
    compounds: Vec<Compound>,
    rows: BTreeMap<String, Row>,
}

/// The embedded library. A test reads it, so that a mistake in the file cannot reach a user.
pub static COMPOUNDS: LazyLock<Library> =
    LazyLock::new(|| read(TABLE).unwrap_or_else(|why| panic!("assets/compounds.toml: {why}")));

impl Library {
    /// Every compound, by name.
    pub fn all(&self) -> &[Compound] {
        &self.compounds
    }

    /// A compound by its name.
    ///
    /// # Errors
    /// A sentence with the nearest name.
    pub fn get(&self, name: &str) -> Result<&Compound, String> {
        let names = self.compounds.iter().map(|c| c.name.as_str());
        self.compounds
            .iter()
            .find(|compound| compound.name == name)
            .ok_or_else(|| crate::scenario::unknown("compound", name, names))
    }

    /// The inhibitor whose values a model has without a dose.
    pub(crate) fn default_inhibitor(&self) -> &Compound {
        self.get(DEFAULT)
            .unwrap_or_else(|why| panic!("assets/compounds.toml: {why}"))
    }

    /// Adds a compound, or replaces the one of its name.
    pub fn put(&mut self, compound: Compound) {
        self.compounds.retain(|known| known.name != compound.name);
        self.compounds.push(compound);
    }

    /// Sets a value of a compound, which is then the user's to answer for.
    ///
    /// # Errors
    /// A sentence without place: unknown name (with the nearest one), unit or range.
    pub fn set(
        &self,
        compound: &mut Compound,
        name: &str,
        value: &toml::Value,
    ) -> Result<(), String> {
        let of_target = |row: &Row| row.is_of(compound.target);
        let Some(row) = self.rows.get(name).filter(|row| of_target(row)) else {
            let names = self.rows.iter().filter(|(_, row)| of_target(row));
            let what = format!("value of a compound against {}", compound.target.name());
            let names = names.map(|(name, _)| name.as_str()).chain(["like"]);
            return Err(crate::scenario::unknown(&what, name, names));
        };
        let value = PresetValue {
            value: value.clone(),
            evidence: crate::parameters::Evidence::D,
            source: "set in the scenario".to_string(),
        };
        let entry = row.kind().entry(name, &value)?;
        compound.entries.retain(|known| known.name != name);
        compound.entries.push(entry);
        Ok(())
    }
}

fn read(text: &str) -> Result<Library, String> {
    let file: File = toml::from_str(text).map_err(|e| e.to_string())?;
    let mut compounds: Vec<Compound> = Vec::new();
    for (name, preset) in &file.compounds {
        let parent = match &preset.like {
            Some(like) => Some(
                (file.compounds.get(like))
                    .filter(|parent| parent.like.is_none())
                    .ok_or_else(|| format!("{name}: like {like}"))?,
            ),
            None => None,
        };
        let target = preset.target.or(parent.and_then(|p| p.target));
        let target = target.ok_or_else(|| format!("{name} has no target"))?;
        if let Some(unknown) = preset.values.keys().find(|k| !file.rows.contains_key(*k)) {
            return Err(format!(
                "{name}: no value of a compound is called {unknown}"
            ));
        }
        let mut entries = Vec::new();
        for (value_name, row) in file.rows.iter().filter(|(_, row)| row.is_of(target)) {
            let own = preset.values.get(value_name);
            let value = own.or_else(|| parent.and_then(|p| p.values.get(value_name)));
            match value {
                Some(value) => {
                    let entry = row.kind().entry(value_name, value);
                    entries.push(entry.map_err(|why| format!("{name}.{value_name}: {why}"))?);
                }
                None if row.optional => {}
                None => return Err(format!("{name} has no {value_name}")),
            }
        }
        compounds.push(Compound {
            name: name.clone(),
            target,
            about: preset.about.clone(),
            entries,
        });
    }
    Ok(Library {
        compounds,
        rows: file.rows,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> toml::Value {
        toml::Value::String(value.into())
    }

    #[test]
    fn the_library_reads_and_every_value_is_explained() {
        let library = read(TABLE).unwrap();
        assert!(library.all().len() >= 6);
        for compound in library.all() {
            assert!(!compound.about.is_empty(), "{}", compound.name);
            for entry in &compound.entries {
                assert!(
                    !entry.meaning.is_empty() && !entry.source.is_empty(),
                    "{}.{}",
                    compound.name,
                    entry.name
                );
            }
        }
        assert!(
            read(&TABLE.replace("MW = { value = \"807.88", "MV = { value = \"807.88")).is_err()
        );
        assert!(read(&TABLE.replace("like = \"defactinib\"", "like = \"defactinab\"")).is_err());
    }

    #[test]
    fn the_isotopologue_differs_in_clearance_and_mass_alone() {
        let (h, d) = (
            COMPOUNDS.get("defactinib").unwrap(),
            COMPOUNDS.get("defactinib-d6").unwrap(),
        );
        let clearance = |c: &Compound| c.value("CL_F").unwrap();
        assert!((clearance(d) / clearance(h) - 0.5).abs() < 1e-12);
        let differ = h.entries.iter().zip(&d.entries);
        let differ: Vec<&str> = differ
            .filter(|(a, b)| a.value != b.value)
            .map(|(a, _)| a.name.as_str())
            .collect();
        assert_eq!(differ, ["CL_F", "MW"]);
    }

    #[test]
    fn a_wrong_value_is_named() {
        let mut own = COMPOUNDS.get("docetaxel").unwrap().clone();
        let mut set = |name: &str, value: &str| COMPOUNDS.set(&mut own, name, &text(value));
        assert!(set("k_a", "2 /h").is_ok(), "what it lacked");
        assert!(set("CL_f", "2 L/h").unwrap_err().contains("CL_F"));
        assert!(set("K_app", "2 nM").unwrap_err().contains("microtubules"));
        let error = set("MW", "0 g/mol").unwrap_err();
        assert!(error.starts_with("0 g/mol is outside its range"), "{error}");
    }
}
