//! The table of a scenario file that says what is measured of the cells.

use serde::Deserialize;
use toml::Spanned;

use super::shape::Raw;

/// `[observe]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    missing_docs,
    reason = "the keys are documented in the README's scenario reference"
)]
pub struct ObserveFile {
    pub tracks: Option<Spanned<TracksFile>>,
    pub motility: Option<Spanned<MotilityFile>>,
    pub pair_correlation: Option<Spanned<PairCorrelationFile>>,
    pub profile: Option<Spanned<ProfileFile>>,
    pub depth: Option<Spanned<bool>>,
}

/// Cells that are followed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct TracksFile {
    pub every: Raw,
    pub cells: Option<Raw>,
}

/// Displacements by lag.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct MotilityFile {
    pub every: Raw,
}

/// The pair correlation function.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct PairCorrelationFile {
    pub to: Raw,
    pub bins: Option<Raw>,
}

/// Density along an axis.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct ProfileFile {
    pub axis: Spanned<String>,
    pub bins: Option<Raw>,
}
