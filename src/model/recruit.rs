//! Cells that come from outside during the run: through borders and vessel walls.

use super::read::Reader;
use super::space::Obstacles;
use super::{CellType, Grid};
use crate::error::UsageError;
use crate::scenario::{RecruitFile, unknown};

/// A voxel that cells come in by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Door {
    /// Storage index.
    pub voxel: u32,
    /// Cells that come, /min, where vessels are not squeezed and FAK is active.
    pub rate: f64,
}

/// Cells of one type that come in.
#[derive(Clone, Debug, PartialEq)]
pub struct Recruit {
    /// Index into the model's cell types.
    pub type_ix: usize,
    /// Whether they come by vessels, which dense matrix squeezes.
    pub by_vessels: bool,
    /// Where, in storage order.
    pub doors: Vec<Door>,
}

/// A door lets one cell in at a turn of `fate`; its chance may not be larger than this.
const MOST_CHANCE: f64 = 0.25;

/// What recruitment depends on.
pub(super) struct Ground<'a> {
    pub read: &'a Reader<'a>,
    pub grid: &'a Grid,
    /// Time between two turns of `fate`, min.
    pub fate_min: f64,
    pub obstacles: Option<&'a Obstacles>,
    pub vessels: Option<&'a [f32]>,
}

/// The recruits of all `[[cells]]`, whose types stand in `type_ixs`.
///
/// # Errors
/// A place that cells cannot come from, or more cells than fit through it; with place, allowed range and remedy.
pub(super) fn recruits(
    ground: &Ground,
    types: &[CellType],
    type_ixs: &[usize],
) -> Result<Vec<Recruit>, UsageError> {
    let mut recruits = Vec::new();
    for (i, (file, &type_ix)) in (ground.read.scenario.file.cells.iter())
        .zip(type_ixs)
        .enumerate()
    {
        if let Some(file) = &file.recruit {
            let key = format!("cells.{i}.recruit");
            let by_vessels = file.get_ref().from.get_ref() == "vessels";
            recruits.push(Recruit {
                type_ix,
                by_vessels,
                doors: ground.doors(&key, file.get_ref(), &types[type_ix])?,
            });
        }
    }
    Ok(recruits)
}

impl Ground<'_> {
    fn doors(
        &self,
        key: &str,
        file: &RecruitFile,
        cell_type: &CellType,
    ) -> Result<Vec<Door>, UsageError> {
        let from = &file.from;
        let wrong = |why: &str| {
            let key = format!("{key}.from");
            self.read.scenario.error(&key, Some(from.span()), why)
        };
        let closed = self.obstacles.map(|o| o.closed_to(cell_type.pore_limit));
        let open = |ix: &usize| closed.as_ref().is_none_or(|closed| !closed[*ix]);
        let all = 0..self.grid.n_voxels();
        // Every voxel with its weight.
        let weights: Vec<(usize, f64)> = if from.get_ref() == "vessels" {
            let Some(shares) = self.vessels else {
                return Err(wrong(
                    "there are no vessels; give [[vessel]], or a face of the box",
                ));
            };
            let weights = all.filter(open).map(|ix| (ix, f64::from(shares[ix])));
            weights.filter(|(_, share)| *share > 0.0).collect()
        } else {
            let (axis, last) = self.face(from.get_ref()).map_err(|why| wrong(&why))?;
            let [n_x, n_y, _] = self.grid.n.map(|n| n as usize);
            let there = if last {
                self.grid.n[axis] as usize - 1
            } else {
                0
            };
            let along = |ix: usize| [ix % n_x, ix / n_x % n_y, ix / (n_x * n_y)][axis];
            let weights = all.filter(open).filter(|ix| along(*ix) == there);
            weights.map(|ix| (ix, 1.0)).collect()
        };
        let sum: f64 = weights.iter().map(|(_, weight)| weight).sum();
        if weights.is_empty() {
            return Err(wrong("every voxel there is closed to these cells"));
        }
        let key = format!("{key}.rate");
        let rate = self.read.positive_or_zero(&key, &file.rate, "/min")?;
        let doors: Vec<Door> = (weights.into_iter())
            .map(|(ix, weight)| Door {
                // Voxels are numbered with 31 bits.
                voxel: ix as u32,
                rate: rate * weight / sum,
            })
            .collect();
        let busiest = doors.iter().map(|door| door.rate).fold(0.0, f64::max);
        if busiest * self.fate_min > MOST_CHANCE {
            let most = rate * MOST_CHANCE / (busiest * self.fate_min) * 60.0;
            let why = format!(
                "{} is more than comes through {} voxels one at a time; allowed: up to {most:.4} /h, or more room",
                file.rate.get_ref(),
                doors.len()
            );
            return Err(self.read.scenario.error(&key, Some(file.rate.span()), &why));
        }
        Ok(doors)
    }

    /// Axis and end of a face by its name.
    fn face(&self, name: &str) -> Result<(usize, bool), String> {
        let axes = &["x", "y", "z"][..self.grid.dimensions as usize];
        for (axis, letter) in axes.iter().enumerate() {
            for (end, last) in [("min", false), ("max", true)] {
                if name == format!("{letter}_{end}") {
                    if self.grid.periodic[axis] {
                        return Err(format!("the {letter} axis is periodic and has no border"));
                    }
                    return Ok((axis, last));
                }
            }
        }
        let faces = ["x_min", "x_max", "y_min", "y_max", "z_min", "z_max"];
        let faces = &faces[..2 * axes.len()];
        Err(unknown(
            "place",
            name,
            faces.iter().copied().chain(["vessels"]),
        ))
    }
}
