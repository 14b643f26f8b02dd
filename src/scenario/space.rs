//! The tables of a scenario file that say where things are: shapes, sources, vessels, obstacles.

use serde::Deserialize;
use toml::Spanned;

use super::shape::Raw;

/// A place, one length for each dimension.
pub type PointFile = Spanned<Vec<Raw>>;

/// A disc or a ball.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    missing_docs,
    reason = "the keys are documented in the README's scenario reference"
)]
pub struct BallFile {
    pub center: PointFile,
    pub radius: Raw,
}

/// A straight tube.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct TubeFile {
    pub from: PointFile,
    pub to: PointFile,
    pub radius: Raw,
}

/// A box.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct BoxFile {
    pub from: PointFile,
    pub to: PointFile,
}

/// A wall across the box.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct MembraneFile {
    pub axis: Spanned<String>,
    pub at: Raw,
    pub thickness: Raw,
    pub pores: Option<PoresFile>,
}

/// Pores of a wall.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct PoresFile {
    pub diameter: Raw,
    pub pitch: Raw,
}

/// One entry of `[[fields.*.sources]]`: one place and a rate.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct SourceFile {
    pub point: Option<PointFile>,
    pub disc: Option<BallFile>,
    pub ball: Option<BallFile>,
    pub rate: Raw,
}

/// One entry of `[[vessel]]`: one shape.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct VesselFile {
    pub disc: Option<BallFile>,
    pub ball: Option<BallFile>,
    pub tube: Option<TubeFile>,
}

/// One entry of `[[obstacle]]`: one shape or a file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct ObstacleFile {
    pub rectangle: Option<BoxFile>,
    pub disc: Option<BallFile>,
    pub ball: Option<BallFile>,
    pub outside: Option<BallFile>,
    pub membrane: Option<MembraneFile>,
    pub file: Option<Spanned<String>>,
}
