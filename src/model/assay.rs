//! The `[assay]` section: the read-outs of the bench, checked.

use toml::Spanned;

use super::read::Reader;
use super::space::membranes;
use super::{CellType, Grid, Model};
use crate::error::UsageError;
use crate::scenario::{SpheroidFile, TranswellFile, unknown};

/// Radius that a cell covers in the outline of a spheroid over its own, if the scenario does not say: so much that cells
/// side by side leave no gap.
const COVER: f64 = 3.0;

/// What a lab would compute of the scenario.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assays {
    /// Closure of a wound.
    pub scratch: Option<ScratchAssay>,
    /// Cells that cross a membrane.
    pub transwell: Option<TranswellAssay>,
    /// Size and outline of a spheroid.
    pub spheroid: Option<SpheroidAssay>,
}

/// The wound of a scratch assay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScratchAssay {
    /// Lower corner of the wound, µm.
    pub from_um: [f64; 2],
    /// Upper corner of the wound, µm.
    pub to_um: [f64; 2],
    /// Radius of the area that one spread cell covers when closure is measured, µm.
    pub cover_radius_um: f64,
}

/// A membrane that cells cross.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TranswellAssay {
    /// The axis that the membrane stands across.
    pub axis: usize,
    /// Where it begins and ends on that axis, µm: its layers of voxels.
    pub wall_um: [f64; 2],
    /// Whether cells cross toward larger coordinates.
    pub upward: bool,
    /// Area of the membrane, and of the field that cells are counted in, µm²; `None` in 2-D, where it is a line.
    pub field_um2: Option<[f64; 2]>,
}

/// The outline of a spheroid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpheroidAssay {
    /// Radius that a cell covers in the outline, µm.
    pub cover_radius_um: f64,
    /// Radius of the largest type of cell, µm.
    pub cell_radius_um: f64,
}

impl Model {
    /// The read-outs of the bench that the scenario asks for.
    pub fn assays(&self) -> &Assays {
        &self.assays
    }
}

/// Checks `[assay]`.
pub(super) fn assays(read: &Reader, grid: &Grid, types: &[CellType]) -> Result<Assays, UsageError> {
    let file = &read.scenario.file.assay;
    let transwell = file.transwell.as_ref();
    let spheroid = file.spheroid.as_ref();
    Ok(Assays {
        scratch: scratch(read, grid)?,
        transwell: transwell
            .map(|file| self::transwell(read, grid, file))
            .transpose()?,
        spheroid: spheroid
            .map(|file| self::spheroid(read, types, file))
            .transpose()?,
    })
}

fn scratch(read: &Reader, grid: &Grid) -> Result<Option<ScratchAssay>, UsageError> {
    let Some(file) = &read.scenario.file.assay.scratch else {
        return Ok(None);
    };
    if grid.dimensions != 2 {
        return Err(read
            .scenario
            .error("assay.scratch", None, "a scratch assay is a 2-D culture"));
    }
    let [x0, y0, _] = read.position("assay.scratch.from", &file.from, grid)?;
    let [x1, y1, _] = read.position("assay.scratch.to", &file.to, grid)?;
    if x1 <= x0 || y1 <= y0 {
        let why = "each length must be greater than the one in 'from'";
        return Err(read
            .scenario
            .error("assay.scratch.to", Some(file.to.span()), why));
    }
    let cover_radius_um = match &file.cover_radius {
        Some(raw) => read.positive("assay.scratch.cover_radius", raw, "um")?,
        // A spread PC-3 cell covers about 1250 um².
        None => 20.0,
    };
    Ok(Some(ScratchAssay {
        from_um: [x0, y0],
        to_um: [x1, y1],
        cover_radius_um,
    }))
}

fn transwell(
    read: &Reader,
    grid: &Grid,
    file: &Spanned<TranswellFile>,
) -> Result<TranswellAssay, UsageError> {
    let key = "assay.transwell";
    let membranes = membranes(read, grid)?;
    let [(axis, wall_um)] = membranes[..] else {
        let why = format!(
            "cells are counted beyond one membrane, and there are {}; give one [[obstacle]] with a membrane",
            membranes.len()
        );
        return Err(read.scenario.error(key, Some(file.span()), &why));
    };
    let file = file.get_ref();
    let faces = ["min", "max"].map(|side| format!("{}_{side}", ["x", "y", "z"][axis]));
    let to = file.to.get_ref();
    let Some(side) = faces.iter().position(|face| face == to) else {
        let why = unknown("side of the membrane", to, faces.iter().map(String::as_str));
        let key = format!("{key}.to");
        return Err(read.scenario.error(&key, Some(file.to.span()), &why));
    };
    let size = grid.size_um();
    let area: f64 = (0..3).filter(|a| *a != axis).map(|a| size[a]).product();
    let field_um2 = match (&file.field, grid.dimensions) {
        (Some(raw), 2) => {
            let why = "a membrane of a 2-D domain has no area; leave it out";
            let key = format!("{key}.field");
            return Err(read.scenario.error(&key, Some(raw.span()), why));
        }
        (None, 2) => None,
        (Some(raw), _) => Some(read.positive(&format!("{key}.field"), raw, "um^2")?),
        (None, _) => Some(area),
    };
    Ok(TranswellAssay {
        axis,
        wall_um,
        upward: side == 1,
        field_um2: field_um2.map(|field| [area, field]),
    })
}

fn spheroid(
    read: &Reader,
    types: &[CellType],
    file: &Spanned<SpheroidFile>,
) -> Result<SpheroidAssay, UsageError> {
    let largest = types.iter().map(|t| t.radius).fold(0.0, f64::max);
    if types.is_empty() {
        let why = "the scenario has no cells to outline; add [[cells]] or leave it out";
        return Err(read
            .scenario
            .error("assay.spheroid", Some(file.span()), why));
    }
    let cover_radius_um = match &file.get_ref().cover_radius {
        None => COVER * largest,
        Some(raw) => {
            let key = "assay.spheroid.cover_radius";
            let radius = read.positive(key, raw, "um")?;
            if !(largest..=10.0 * largest).contains(&radius) {
                let why = format!(
                    "{} is out of range; allowed: {largest} um, the radius of a cell, to ten times that",
                    raw.get_ref()
                );
                return Err(read.scenario.error(key, Some(raw.span()), &why));
            }
            radius
        }
    };
    Ok(SpheroidAssay {
        cover_radius_um,
        cell_radius_um: largest,
    })
}
