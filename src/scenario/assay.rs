//! `[assay]` of a scenario file: what a lab would compute of it.

use serde::Deserialize;
use toml::Spanned;

use super::shape::Raw;

/// `[assay]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    missing_docs,
    reason = "the keys are documented in the README's scenario reference"
)]
pub struct AssayFile {
    pub scratch: Option<ScratchFile>,
    pub transwell: Option<Spanned<TranswellFile>>,
    pub spheroid: Option<Spanned<SpheroidFile>>,
}

/// The wound of a scratch assay.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct ScratchFile {
    pub from: Spanned<Vec<Raw>>,
    pub to: Spanned<Vec<Raw>>,
    pub cover_radius: Option<Raw>,
}

/// Cells that cross a membrane.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct TranswellFile {
    pub to: Spanned<String>,
    pub field: Option<Raw>,
    pub control: Option<Spanned<String>>,
}

/// The outline of a spheroid.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct SpheroidFile {
    pub cover_radius: Option<Raw>,
}
