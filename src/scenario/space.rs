//! The tables of a scenario file that say where things are: shapes, sources, vessels, obstacles, cells.

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

/// `[fibres]`: a direction, or a picture.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct FibresFile {
    pub direction: Option<Spanned<Vec<f64>>>,
    pub alignment: Option<Raw>,
    pub file: Option<Spanned<String>>,
    pub smoothing: Option<Raw>,
}

/// Where cells come in during the run, and how many.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct RecruitFile {
    pub from: Spanned<String>,
    pub rate: Raw,
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

/// Where cells are put: one shape or a file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct PlaceFile {
    pub rectangle: Option<BoxPlaceFile>,
    pub disc: Option<BallPlaceFile>,
    pub ball: Option<BallPlaceFile>,
    pub monolayer: Option<Spanned<MonolayerFile>>,
    pub file: Option<Spanned<String>>,
    pub labels: Option<LabelsFile>,
}

/// A picture in which each cell has a number of its own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct LabelsFile {
    pub file: Spanned<String>,
    pub pixel: Raw,
    pub from: Option<PointFile>,
    pub radius: Option<Spanned<String>>,
}

/// A box with a density or a count.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct BoxPlaceFile {
    pub from: PointFile,
    pub to: PointFile,
    pub density: Option<Raw>,
    pub count: Option<Spanned<u64>>,
}

/// A disc or a ball with a density or a count.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct BallPlaceFile {
    pub center: PointFile,
    pub radius: Raw,
    pub density: Option<Raw>,
    pub count: Option<Spanned<u64>>,
}

/// A density or a count on the floor of the box.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct MonolayerFile {
    pub density: Option<Raw>,
    pub count: Option<Spanned<u64>>,
}
