//! The tables of a scenario file, key by key. Quantities stay TOML values with their place until the model reads them.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Spanned, Value};

use super::assay::AssayFile;
use super::dose::{ArmFile, CompoundFile, DoseFile};
use super::lesson::LessonFile;
use super::observe::ObserveFile;
use super::space::{FibresFile, ObstacleFile, PlaceFile, RecruitFile, SourceFile, VesselFile};
use super::view::ViewFile;
use crate::model::{FieldKind, N_FIELD_KINDS};

/// A quantity as typed.
pub type Raw = Spanned<Value>;

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    missing_docs,
    reason = "the keys are documented in the README's scenario reference"
)]
pub struct ScenarioFile {
    pub title: String,
    #[serde(default)]
    pub question: String,
    #[serde(default)]
    pub seed: u64,
    pub replicates: Option<Raw>,
    pub most_cells: Option<Spanned<u64>>,
    pub domain: DomainFile,
    pub time: TimeFile,
    #[serde(default)]
    pub fields: FieldsFile,
    #[serde(default)]
    pub cells: Vec<CellsFile>,
    #[serde(default)]
    pub vessel: Vec<Spanned<VesselFile>>,
    #[serde(default)]
    pub obstacle: Vec<Spanned<ObstacleFile>>,
    pub fibres: Option<Spanned<FibresFile>>,
    #[serde(default)]
    pub parameters: BTreeMap<String, Raw>,
    #[serde(default)]
    pub compounds: BTreeMap<String, Spanned<CompoundFile>>,
    pub dose: Option<DoseFile>,
    #[serde(default)]
    pub arm: Vec<Spanned<ArmFile>>,
    #[serde(default)]
    pub slider: Vec<SliderFile>,
    #[serde(default)]
    pub assay: AssayFile,
    #[serde(default)]
    pub observe: ObserveFile,
    pub view: Option<ViewFile>,
    pub lesson: Option<LessonFile>,
}

/// `[domain]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct DomainFile {
    pub size: Spanned<Vec<Raw>>,
    pub voxel: Raw,
    #[serde(default)]
    pub section: bool,
    #[serde(default)]
    pub periodic: Vec<Spanned<String>>,
}

/// `[time]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct TimeFile {
    pub step: Option<Raw>,
    pub duration: Raw,
    pub until: Option<Raw>,
    pub report: Option<Raw>,
}

/// `[fields.*]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct FieldsFile {
    pub drug: Option<FieldFile>,
    pub drug_bound: Option<FieldFile>,
    pub ecm: Option<FieldFile>,
    pub fak: Option<FieldFile>,
    pub mmp: Option<FieldFile>,
    pub oxygen: Option<FieldFile>,
    pub attractant: Option<FieldFile>,
    pub tgfb: Option<FieldFile>,
}

impl FieldsFile {
    /// Every field with its kind, in storage order; `None` where the file does not name it.
    pub fn all(&self) -> [(FieldKind, Option<&FieldFile>); N_FIELD_KINDS] {
        FieldKind::ALL.map(|kind| {
            let file = match kind {
                FieldKind::Drug => &self.drug,
                FieldKind::DrugBound => &self.drug_bound,
                FieldKind::Ecm => &self.ecm,
                FieldKind::Fak => &self.fak,
                FieldKind::Mmp => &self.mmp,
                FieldKind::Oxygen => &self.oxygen,
                FieldKind::Attractant => &self.attractant,
                FieldKind::Tgfb => &self.tgfb,
            };
            (kind, file.as_ref())
        })
    }
}

/// One field.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct FieldFile {
    pub diffusivity: Option<Raw>,
    pub decay: Option<Raw>,
    pub initial: Option<Raw>,
    #[serde(default)]
    pub boundary: BTreeMap<String, Raw>,
    pub uptake: Option<Raw>,
    pub source: Option<Raw>,
    #[serde(default)]
    pub sources: Vec<Spanned<SourceFile>>,
    pub perfusion: Option<Raw>,
    pub plasma: Option<Raw>,
    pub solver: Option<Spanned<String>>,
    pub tolerance: Option<Raw>,
    pub solute_radius: Option<Raw>,
    pub retardation: Option<Raw>,
    pub capacity: Option<Raw>,
    pub binding: Option<Spanned<String>>,
    pub ledger: Option<Spanned<bool>>,
}

/// An initial condition that is not a plain quantity.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
#[allow(missing_docs, reason = "as above")]
pub enum InitialFile {
    Gaussian {
        center: Vec<Value>,
        sigma: Value,
        amplitude: Value,
    },
    Rectangle {
        from: Vec<Value>,
        to: Vec<Value>,
        inside: Value,
        outside: Option<Value>,
    },
    Linear {
        axis: String,
        from: Value,
        to: Value,
    },
    Disc {
        center: Vec<Value>,
        radius: Value,
        inside: Value,
        outside: Option<Value>,
    },
    Ball {
        center: Vec<Value>,
        radius: Value,
        inside: Value,
        outside: Option<Value>,
    },
    Image {
        file: String,
        black: Value,
        white: Value,
    },
    File(String),
}

/// A rate per voxel.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct MapFile {
    pub file: String,
    pub unit: String,
}

/// One entry of `[[cells]]`; every parameter of the preset can stand beside `type`, `place` and `recruit`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct CellsFile {
    #[serde(rename = "type")]
    pub preset: Spanned<String>,
    pub place: Option<Spanned<PlaceFile>>,
    pub recruit: Option<Spanned<RecruitFile>>,
    #[serde(default)]
    pub plated: bool,
    pub speed: Option<Raw>,
    pub persistence: Option<Raw>,
    pub radius: Option<Raw>,
    pub division: Option<Raw>,
    pub death: Option<Raw>,
    pub adhesion: Option<Raw>,
    pub integrin: Option<Raw>,
    pub chemotaxis: Option<Raw>,
    pub haptotaxis: Option<Raw>,
    pub guidance: Option<Raw>,
    pub bypass_fast: Option<Raw>,
    pub bypass_slow: Option<Raw>,
    pub erk_basal: Option<Raw>,
    pub akt_coupling: Option<Raw>,
    pub digestion: Option<Raw>,
    pub mmp_secretion: Option<Raw>,
    pub oxygen_uptake: Option<Raw>,
    pub deposition: Option<Raw>,
    pub tgfb_secretion: Option<Raw>,
    pub attractant_secretion: Option<Raw>,
    pub docetaxel_ic50: Option<Raw>,
    pub spread_fak: Option<Raw>,
    pub spread_receptor: Option<Raw>,
    pub spread_speed: Option<Raw>,
    pub pore_limit: Option<Raw>,
    pub to_go: Option<Raw>,
    pub to_grow: Option<Raw>,
    pub amoeboid: Option<Raw>,
    pub fak_recruitment: Option<Raw>,
    pub attack: Option<Raw>,
    pub kill: Option<Raw>,
    pub antigen: Option<Raw>,
    pub pd_l1: Option<Raw>,
    pub suppression: Option<Raw>,
    pub most_kills: Option<Raw>,
}

impl CellsFile {
    /// The overrides that are there, by the parameter's name.
    pub fn overrides(&self) -> [(&'static str, Option<&Raw>); 35] {
        [
            ("speed", self.speed.as_ref()),
            ("persistence", self.persistence.as_ref()),
            ("radius", self.radius.as_ref()),
            ("division", self.division.as_ref()),
            ("death", self.death.as_ref()),
            ("adhesion", self.adhesion.as_ref()),
            ("integrin", self.integrin.as_ref()),
            ("chemotaxis", self.chemotaxis.as_ref()),
            ("haptotaxis", self.haptotaxis.as_ref()),
            ("guidance", self.guidance.as_ref()),
            ("bypass_fast", self.bypass_fast.as_ref()),
            ("bypass_slow", self.bypass_slow.as_ref()),
            ("erk_basal", self.erk_basal.as_ref()),
            ("akt_coupling", self.akt_coupling.as_ref()),
            ("digestion", self.digestion.as_ref()),
            ("mmp_secretion", self.mmp_secretion.as_ref()),
            ("oxygen_uptake", self.oxygen_uptake.as_ref()),
            ("deposition", self.deposition.as_ref()),
            ("tgfb_secretion", self.tgfb_secretion.as_ref()),
            ("attractant_secretion", self.attractant_secretion.as_ref()),
            ("docetaxel_ic50", self.docetaxel_ic50.as_ref()),
            ("spread_fak", self.spread_fak.as_ref()),
            ("spread_receptor", self.spread_receptor.as_ref()),
            ("spread_speed", self.spread_speed.as_ref()),
            ("pore_limit", self.pore_limit.as_ref()),
            ("to_go", self.to_go.as_ref()),
            ("to_grow", self.to_grow.as_ref()),
            ("amoeboid", self.amoeboid.as_ref()),
            ("fak_recruitment", self.fak_recruitment.as_ref()),
            ("attack", self.attack.as_ref()),
            ("kill", self.kill.as_ref()),
            ("antigen", self.antigen.as_ref()),
            ("pd_l1", self.pd_l1.as_ref()),
            ("suppression", self.suppression.as_ref()),
            ("most_kills", self.most_kills.as_ref()),
        ]
    }
}

/// `[[slider]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct SliderFile {
    pub key: Spanned<String>,
    pub range: [Raw; 2],
    pub scale: Option<Spanned<String>>,
}
