//! The table of a scenario file that says what pictures show.

use serde::Deserialize;
use toml::Spanned;

use super::shape::Raw;

/// `[view]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    missing_docs,
    reason = "the keys are documented in the README's scenario reference"
)]
pub struct ViewFile {
    pub field: Option<Spanned<String>>,
    pub range: Option<Spanned<Vec<Raw>>>,
    #[serde(default)]
    pub contours: bool,
    #[serde(default)]
    pub matrix: bool,
    pub cells: Option<bool>,
    pub colour: Option<Spanned<String>>,
    pub colour_range: Option<Spanned<Vec<Raw>>>,
    pub shape: Option<Spanned<String>>,
    pub projection: Option<Spanned<String>>,
    pub azimuth: Option<Spanned<f64>>,
    pub elevation: Option<Spanned<f64>>,
    pub zoom: Option<Spanned<f64>>,
    pub slice: Option<Spanned<SliceFile>>,
    pub clip: Option<Raw>,
}

/// Planes that show the field, by axis.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct SliceFile {
    pub x: Option<Raw>,
    pub y: Option<Raw>,
    pub z: Option<Raw>,
}

/// The plane that hides cells.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct ClipFile {
    pub axis: String,
    pub at: toml::Value,
    pub keep: Option<String>,
}
