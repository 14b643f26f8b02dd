//! A stroke of a brush, and what it does to a state.

use glam::Vec4;
use serde::{Deserialize, Serialize};

use super::initial::{Founder, settle};
use super::shape::Shape;
use super::{FieldKind, Grid, Model, Signalling};
use crate::rng::{self, Stream};
use crate::state::{Cells, HostState, NO_PARENT};

/// The way of a round brush, lengths µm. In 2-D z does not matter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stroke {
    /// Points x, y, z that its centre goes through in straight lines; one point is a dab.
    pub path_um: Vec<[f64; 3]>,
    /// Its radius.
    pub radius_um: f64,
}

/// Points of a stroke at most.
pub const MOST_POINTS: usize = 4096;

/// Draws after which a cell finds no room under a stroke.
const DRAWS: u32 = 64;

/// Cells are set down no nearer to others than this share of the sum of their radii: what placement leaves of overlaps,
/// too.
const NEAREST: f32 = 0.8;

impl Stroke {
    /// Whether the stroke can be on a grid; it may reach beyond the box, from points in it.
    ///
    /// # Errors
    /// A sentence that names what is wrong and what is allowed.
    pub fn check(&self, grid: &Grid) -> Result<(), String> {
        let (n, r) = (self.path_um.len(), self.radius_um);
        if !(1..=MOST_POINTS).contains(&n) {
            return Err(format!(
                "a stroke of {n} points; allowed: 1 to {MOST_POINTS}"
            ));
        }
        let size = grid.size_um();
        let most = size.into_iter().fold(0.0, f64::max);
        if !(r > 0.0 && r <= most) {
            return Err(format!(
                "a brush of radius {r} um; allowed: above 0 um, up to {most} um"
            ));
        }
        for point in &self.path_um {
            for axis in 0..grid.dimensions as usize {
                if !(0.0..=size[axis]).contains(&point[axis]) {
                    return Err(format!(
                        "a stroke through {} = {} um; allowed: 0 um to {} um",
                        ["x", "y", "z"][axis],
                        point[axis],
                        size[axis]
                    ));
                }
            }
        }
        Ok(())
    }

    /// The stroke in parts, each convex.
    fn parts(&self, grid: &Grid) -> Vec<Shape> {
        let flat = |mut point: [f64; 3]| {
            if grid.dimensions == 2 {
                point[2] = 0.5 * grid.voxel_um;
            }
            point
        };
        let points: Vec<[f64; 3]> = self.path_um.iter().copied().map(flat).collect();
        let mut parts: Vec<Shape> = points
            .windows(2)
            // A line without length has no direction; the next one, or the dab, covers its point.
            .filter(|ends| ends[0] != ends[1])
            .map(|ends| Shape::Tube {
                from_um: ends[0],
                to_um: ends[1],
                radius_um: self.radius_um,
            })
            .collect();
        if parts.is_empty() {
            let first = points.first().copied();
            parts.extend(first.map(|at| Shape::ball(at, self.radius_um, grid)));
        }
        parts
    }

    /// Sets the voxels under the stroke, as far as nothing stands there, and says how much of the field came and how much
    /// went, in its unit × voxels.
    pub(crate) fn paint(
        &self,
        model: &Model,
        state: &mut HostState,
        kind: FieldKind,
        value: f32,
    ) -> [f64; 2] {
        let grid = model.grid();
        let mut moved = [0.0; 2];
        let field = state.fields.iter_mut().find(|(k, _)| *k == kind);
        let Some((_, values)) = field else {
            return moved;
        };
        for part in self.parts(grid) {
            for ix in part.voxels(grid) {
                if model.obstacles().is_some_and(|closed| closed[ix]) {
                    continue;
                }
                let gain = f64::from(value) - f64::from(values[ix]);
                moved[usize::from(gain < 0.0)] += gain.abs();
                values[ix] = value;
            }
        }
        moved
    }

    /// Takes away the cells whose centres lie under the stroke; the books call them removed.
    pub(crate) fn cut(&self, grid: &Grid, state: &mut HostState) {
        let parts = self.parts(grid);
        let keep: Vec<bool> = (state.cells.position_radius.iter())
            .map(|body| {
                let at = [body.x, body.y, body.z].map(f64::from);
                !parts.iter().any(|part| part.holds(at, grid))
            })
            .collect();
        let before = state.cells.len();
        keep_only(&mut state.cells, &keep);
        state.tally.removals += (before - state.cells.len()) as u64;
    }

    /// Sets down up to `count` cells of a type at random places under the stroke that are open to them and clear of other
    /// cells; the books call them arrivals. No more than the model has room for.
    pub(crate) fn seed(&self, model: &Model, state: &mut HostState, type_ix: usize, count: u32) {
        let (grid, cell_type) = (model.grid(), &model.cell_types()[type_ix]);
        let key = [model.seed() as u32, (model.seed() >> 32) as u32];
        let parts = self.parts(grid);
        let closed = model.closed_to(cell_type);
        let radius = cell_type.radius as f32;
        let bounds = bounds(&parts, grid);
        let mut near: Vec<Vec4> = (state.cells.position_radius.iter())
            .filter(|body| {
                (0..3).all(|a| {
                    let (at, reach) = (f64::from(body[a]), f64::from(radius + body.w));
                    bounds[0][a] - reach <= at && at <= bounds[1][a] + reach
                })
            })
            .copied()
            .collect();
        let ecm = state.field(FieldKind::Ecm).map(<[f32]>::to_vec);
        let signalling = Signalling::new(model.parameters());
        for _ in 0..count {
            // Ids are numbered with 32 bits less one.
            if state.cells.len() >= model.most_cells() as usize || state.next_id >= NO_PARENT - 1 {
                return;
            }
            let id = state.next_id;
            // Founders draw with step 0 to a few; a new id has drawn nothing here yet.
            let place = (0..DRAWS).find_map(|attempt| {
                let words = rng::draw(key, Stream::Placement, id, attempt, 0);
                let at = [0, 1, 2].map(|a| {
                    let share = f64::from(rng::unit_f32(words[a]));
                    bounds[0][a] + (bounds[1][a] - bounds[0][a]) * share
                });
                let position = at.map(|x| x as f32);
                let open = parts.iter().any(|part| part.holds(at, grid))
                    && !closed.as_ref().is_some_and(|c| c[grid.voxel_at(position)]);
                let clear = |body: &Vec4| {
                    let apart = body.truncate() - glam::Vec3::from(position);
                    apart.length() >= NEAREST * (radius + body.w)
                };
                (open && near.iter().all(clear)).then_some(position)
            });
            let Some(position) = place else {
                continue;
            };
            let founder = Founder {
                position,
                radius,
                direction: rng::direction(key, Stream::Placement, id, 0, grid.dimensions),
                type_ix,
                phase: super::initial::phase(key, id, cell_type),
                plated: false,
            };
            settle(
                model,
                &signalling,
                &mut state.cells,
                &founder,
                id,
                ecm.as_deref(),
            );
            near.push(Vec4::new(position[0], position[1], position[2], radius));
            state.next_id += 1;
            state.tally.arrivals += 1;
        }
    }
}

/// Lower and upper corner of the box around the parts, within the domain.
fn bounds(parts: &[Shape], grid: &Grid) -> [[f64; 3]; 2] {
    let size = grid.size_um();
    let mut bounds = [[0.5 * grid.voxel_um; 3]; 2];
    for axis in 0..grid.dimensions as usize {
        let extents = parts.iter().map(|part| part.extent(axis));
        let [low, high] = extents.fold([f64::MAX, f64::MIN], |[low, high], e| {
            [low.min(e[0]), high.max(e[1])]
        });
        bounds[0][axis] = low.max(0.0);
        bounds[1][axis] = high.min(size[axis]);
    }
    bounds
}

fn keep_only(cells: &mut Cells, keep: &[bool]) {
    fn rows<T: Copy>(values: &mut Vec<T>, keep: &[bool]) {
        let mut kept = keep.iter();
        values.retain(|_| kept.next().copied().unwrap_or(true));
    }
    rows(&mut cells.position_radius, keep);
    rows(&mut cells.polarity_speed, keep);
    rows(&mut cells.push_crowding, keep);
    rows(&mut cells.identity, keep);
    for row in cells.signals.iter_mut().chain(&mut cells.traits) {
        rows(row, keep);
    }
}
