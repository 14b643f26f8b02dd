//! The parameter table: every default of the model with unit, allowed range, evidence and source.
//!
//! `assets/parameters.toml` is the only place of defaults but for what belongs to a compound ([`crate::compounds`]); the
//! scenario parser, `invado list parameters`, the window and the run report all read them from here.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::compounds::{COMPOUNDS, Compound};
use crate::quantity;

const TABLE: &str = include_str!("../assets/parameters.toml");

/// How well a value is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub enum Evidence {
    /// Read in the named source.
    V,
    /// Read in a secondary source.
    V2,
    /// Computed or fitted from V data.
    C,
    /// Remembered, not checked.
    M,
    /// Design choice.
    D,
}

impl Evidence {
    /// Whether reports must mark the value as unverified.
    pub fn is_unverified(self) -> bool {
        matches!(self, Evidence::M | Evidence::D)
    }

    /// In words.
    pub fn meaning(self) -> &'static str {
        match self {
            Evidence::V => "read in the source",
            Evidence::V2 => "read in a secondary source",
            Evidence::C => "computed or fitted from published data",
            Evidence::M => "remembered, not checked",
            Evidence::D => "design choice",
        }
    }
}

/// One row of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Name in the model, or `type.name` for a cell type's.
    pub name: String,
    /// Unit in which it is shown.
    pub unit: String,
    /// Internal unit of its dimension.
    pub internal: &'static str,
    /// Value, internal units.
    pub value: f64,
    /// Lowest and highest allowed value, internal units.
    pub range: [f64; 2],
    /// How well it is known.
    pub evidence: Evidence,
    /// Where it comes from.
    pub source: String,
    /// What it is.
    pub meaning: String,
    /// What a model must have for it to matter.
    pub needs: Vec<Need>,
}

/// Something that a model may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Need {
    /// Cells.
    Cells,
    /// The drug field.
    Drug,
    /// The matrix field.
    Ecm,
    /// The tissue FAK field.
    Fak,
    /// The attractant field.
    Attractant,
    /// The bound-drug field.
    #[serde(rename = "drug_bound")]
    DrugBound,
    /// The protease field.
    Mmp,
    /// The oxygen field.
    Oxygen,
    /// The TGF-β field.
    Tgfb,
    /// Vessels.
    Vessels,
    /// Fibres of the matrix.
    Fibres,
    /// A field whose diffusion matrix hinders.
    Hindrance,
    /// A dose of a FAK inhibitor.
    Dose,
    /// A dose that does not come by vessels.
    Bath,
    /// Docetaxel.
    Docetaxel,
    /// A dose by mouth.
    Oral,
    /// A dose by mouth or vein, which makes a plasma level.
    Plasma,
    /// Plasma, or serum in the medium.
    Protein,
    /// Absorption that saturates.
    Saturable,
    /// A dose series.
    Series,
    /// Two dimensions.
    #[serde(rename = "2-D")]
    Flat,
    /// Three dimensions.
    #[serde(rename = "3-D")]
    Deep,
    /// Cells on a dish.
    Culture,
    /// Cells in matrix: three dimensions, or a section.
    Tissue,
    /// Cells that come from outside.
    Recruit,
    /// Cells that attack others.
    Killers,
}

impl Entry {
    /// Value as text in the shown unit.
    pub fn shown(&self) -> String {
        quantity::show(self.value, &self.unit)
    }

    /// Range as text in the shown unit.
    pub fn shown_range(&self) -> String {
        let [low, high] = self.range.map(|v| quantity::show(v, &self.unit));
        format!("{low} to {high}")
    }

    /// Replaces the value; the user's own value is theirs to answer for and counts as a design choice.
    ///
    /// # Errors
    /// See [`Entry::read`].
    pub fn set(&mut self, value: &toml::Value) -> Result<(), String> {
        self.value = self.read(value)?;
        self.evidence = Evidence::D;
        self.source = "set in the scenario".to_string();
        Ok(())
    }

    /// Reads a value for this row.
    ///
    /// # Errors
    /// A sentence without place: unit, dimension or range.
    pub fn read(&self, value: &toml::Value) -> Result<f64, String> {
        let parsed = crate::scenario::quantity_of(value, self.internal)?;
        // A hair's width for the conversion of the bounds.
        let [low, high] = self.range;
        if parsed < low - 1e-9 * low.abs() || parsed > high + 1e-9 * high.abs() {
            return Err(format!(
                "{} is outside its range {}",
                quantity::show(parsed, &self.unit),
                self.shown_range()
            ));
        }
        Ok(parsed)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    value: Option<toml::Value>,
    unit: String,
    range: [toml::Value; 2],
    evidence: Option<Evidence>,
    source: Option<String>,
    #[serde(default)]
    needs: Vec<Need>,
    meaning: String,
}

/// A value of a preset, be it a cell type or a compound.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PresetValue {
    pub value: toml::Value,
    pub evidence: Evidence,
    pub source: String,
}

/// What a row says of any value in it.
pub(crate) struct Kind<'a> {
    pub unit: &'a str,
    pub range: &'a [toml::Value; 2],
    pub needs: &'a [Need],
    pub meaning: &'a str,
}

impl Kind<'_> {
    /// An entry of this kind.
    ///
    /// # Errors
    /// A sentence without place and name: unit, dimension or range.
    pub fn entry(&self, name: &str, value: &PresetValue) -> Result<Entry, String> {
        let internal =
            quantity::internal_unit(self.unit).ok_or_else(|| format!("unit {}", self.unit))?;
        let number = |v| crate::scenario::quantity_of(v, internal);
        let mut entry = Entry {
            name: name.to_string(),
            unit: self.unit.to_string(),
            internal,
            value: 0.0,
            range: [number(&self.range[0])?, number(&self.range[1])?],
            evidence: value.evidence,
            source: value.source.clone(),
            meaning: self.meaning.to_string(),
            needs: self.needs.to_vec(),
        };
        entry.value = entry.read(&value.value)?;
        Ok(entry)
    }
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

    /// The default, if the row has one.
    fn default(&self, name: &str) -> Result<Option<PresetValue>, String> {
        let Some(value) = self.value.clone() else {
            return Ok(None);
        };
        let missing = |what: &str| format!("{name} has no {what}");
        Ok(Some(PresetValue {
            value,
            evidence: self.evidence.ok_or_else(|| missing("evidence"))?,
            source: self.source.clone().ok_or_else(|| missing("source"))?,
        }))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    parameters: BTreeMap<String, Row>,
    #[serde(rename = "cell-parameters")]
    cell_parameters: BTreeMap<String, Row>,
    #[serde(rename = "cell-types")]
    cell_types: BTreeMap<String, BTreeMap<String, PresetValue>>,
}

/// The table as read from the binary.
#[derive(Debug)]
pub struct Table {
    /// The model's parameters.
    pub parameters: Vec<Entry>,
    /// Each cell type's parameters, named `type.name`.
    pub cell_types: BTreeMap<String, Vec<Entry>>,
}

/// The embedded table. A test reads it, so that a mistake in the file cannot reach a user.
pub static DEFAULTS: LazyLock<Table> =
    LazyLock::new(|| read(TABLE).unwrap_or_else(|why| panic!("assets/parameters.toml: {why}")));

fn read(text: &str) -> Result<Table, String> {
    let file: File = toml::from_str(text).map_err(|e| e.to_string())?;
    let mut parameters = Vec::new();
    for (name, row) in &file.parameters {
        let default = row
            .default(name)?
            .ok_or_else(|| format!("{name} has no value"))?;
        let entry = row.kind().entry(name, &default);
        parameters.push(entry.map_err(|why| format!("{name}: {why}"))?);
    }
    let mut cell_types = BTreeMap::new();
    for (type_name, preset) in &file.cell_types {
        if let Some(unknown) = preset
            .keys()
            .find(|k| !file.cell_parameters.contains_key(*k))
        {
            return Err(format!(
                "{type_name}: no cell parameter is called {unknown}"
            ));
        }
        let mut entries = Vec::new();
        for (name, row) in &file.cell_parameters {
            let full = format!("{type_name}.{name}");
            let default = row.default(&full)?;
            let value = preset
                .get(name)
                .or(default.as_ref())
                .ok_or_else(|| format!("{full} has neither value nor default"))?;
            let entry = row.kind().entry(&full, value);
            entries.push(entry.map_err(|why| format!("{full}: {why}"))?);
        }
        cell_types.insert(type_name.clone(), entries);
    }
    Ok(Table {
        parameters,
        cell_types,
    })
}

/// The parameters of one model: the table and its FAK inhibitor's values, with the scenario's overrides.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    entries: Vec<Entry>,
}

impl Default for Parameters {
    /// Those of defactinib.
    fn default() -> Self {
        Self::of(COMPOUNDS.default_inhibitor())
    }
}

impl Parameters {
    /// The table and the values of a FAK inhibitor under their plain names, in order of name.
    pub fn of(inhibitor: &Compound) -> Self {
        let table = DEFAULTS.parameters.iter();
        let mut entries: Vec<Entry> = table.chain(&inhibitor.entries).cloned().collect();
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Self { entries }
    }

    /// The value of a parameter in internal units (µm, min, nM).
    ///
    /// # Panics
    /// No parameter has this name: a bug of the caller, who names it in the source.
    pub fn value(&self, name: &str) -> f64 {
        match self.entries.iter().find(|entry| entry.name == name) {
            Some(entry) => entry.value,
            None => panic!("assets/parameters.toml has no parameter '{name}'"),
        }
    }

    /// Every parameter in use.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Replaces a value.
    ///
    /// # Errors
    /// A sentence without place: unknown name (with the nearest one), unit or range.
    pub fn set(&mut self, name: &str, value: &toml::Value) -> Result<(), String> {
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.name == name) else {
            let names = self.entries.iter().map(|e| e.name.as_str());
            return Err(crate::scenario::unknown("parameter", name, names));
        };
        entry.set(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_reads_and_every_row_is_explained() {
        let table = read(TABLE).unwrap();
        assert!(table.parameters.len() > 40 && table.cell_types.len() >= 4);
        for entry in table
            .parameters
            .iter()
            .chain(table.cell_types.values().flatten())
        {
            assert!(
                !entry.meaning.is_empty() && !entry.source.is_empty(),
                "{}",
                entry.name
            );
        }
    }

    #[test]
    fn a_value_out_of_range_is_refused() {
        let error = Parameters::default()
            .set("K_app", &toml::Value::String("-1 nM".into()))
            .unwrap_err();
        assert!(error.contains("outside its range"), "{error}");
        let error = Parameters::default()
            .set("k_aut", &toml::Value::String("1 /h".into()))
            .unwrap_err();
        assert!(error.contains("k_auto"), "{error}");
    }
}
