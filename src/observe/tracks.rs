//! Cells that are followed: founders, with positions that go on across periodic faces.

use serde::{Deserialize, Serialize};

use crate::model::{Grid, Model};
use crate::state::{Bodies, NO_PARENT, Phase};

/// One cell that is followed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Path {
    /// The cell.
    pub id: u32,
    /// Index of its type.
    pub type_ix: usize,
    /// Where it was at the first sample, µm.
    pub start_um: [f64; 3],
    /// Where it is at the last sample, µm, counted on across periodic faces.
    pub at_um: [f64; 3],
    /// Sum of the straight pieces between samples, µm.
    pub length_um: f64,
    /// Crawling speed at the last sample, µm/min.
    pub speed_um_per_min: f64,
    /// Whether it was there at the last sample. What has died stays as it was.
    pub lives: bool,
    /// Where the engine has it, µm.
    wrapped_um: [f64; 3],
}

impl Path {
    /// Displacement along an axis over the way walked, −1…1; none for a cell that has not moved.
    pub fn forward_index(&self, axis: usize) -> Option<f64> {
        let net = self.at_um[axis] - self.start_um[axis];
        (self.length_um > 0.0).then(|| (net / self.length_um).clamp(-1.0, 1.0))
    }

    /// Distance from the start to here over the way walked, 0…1; none for a cell that has not moved.
    pub fn directionality(&self) -> Option<f64> {
        let net = distance(self.start_um, self.at_um);
        // Rounding may make a straight way a hair shorter than its ends are apart.
        (self.length_um > 0.0).then(|| (net / self.length_um).min(1.0))
    }
}

/// Founders evenly spread over all, from sample to sample.
///
/// Cells are numbered by where they lie at the start, so that an even choice of ids is an even choice of places. Between
/// two samples a cell is taken to have gone the short way around a periodic axis: sample so often that nothing moves
/// half the box.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Followed {
    size_um: [f64; 3],
    periodic: [bool; 3],
    paths: Vec<Path>,
}

impl Followed {
    /// Chooses `most` of the founders in `start`, or all where there are not so many.
    pub fn new(grid: &Grid, start: &Bodies, most: usize) -> Self {
        let founders: Vec<usize> = (0..start.identity.len())
            .filter(|ix| start.identity[*ix][2] == NO_PARENT)
            .collect();
        let n = most.min(founders.len());
        let paths = (0..n)
            .map(|i| {
                let ix = founders[i * founders.len() / n];
                let [id, type_ix, ..] = start.identity[ix];
                let at = super::xyz(&start.position_radius[ix]);
                Path {
                    id,
                    type_ix: type_ix as usize,
                    start_um: at,
                    at_um: at,
                    length_um: 0.0,
                    speed_um_per_min: f64::from(start.polarity_speed[ix].w),
                    lives: true,
                    wrapped_um: at,
                }
            })
            .collect();
        Self {
            size_um: grid.size_um(),
            periodic: grid.periodic,
            paths,
        }
    }

    /// Whether it follows cells of a model with so many types in a box of this size.
    pub fn is_of(&self, grid: &Grid, n_types: usize) -> bool {
        self.size_um == grid.size_um()
            && self.periodic == grid.periodic
            && self.paths.iter().all(|path| path.type_ix < n_types)
    }

    /// The cells, in ascending order of id.
    pub fn paths(&self) -> &[Path] {
        &self.paths
    }

    /// Follows every cell to where it is now.
    pub fn advance(&mut self, now: &Bodies) {
        // Both are in ascending order of id: each search begins where the one before it ended.
        let mut from = 0;
        for path in self.paths.iter_mut().filter(|path| path.lives) {
            from += now.identity[from..].partition_point(|identity| identity[0] < path.id);
            let found = now.identity.get(from).is_some_and(|identity| {
                identity[0] == path.id && !Phase::of(identity[3]).is_dying()
            });
            if !found {
                path.lives = false;
                continue;
            }
            let here = super::xyz(&now.position_radius[from]);
            let before = path.at_um;
            for axis in 0..3 {
                let mut by = here[axis] - path.wrapped_um[axis];
                if self.periodic[axis] {
                    by -= self.size_um[axis] * (by / self.size_um[axis]).round();
                }
                path.at_um[axis] += by;
            }
            path.length_um += distance(before, path.at_um);
            path.wrapped_um = here;
            path.speed_um_per_min = f64::from(now.polarity_speed[from].w);
        }
    }

    /// Mean [`Path::directionality`] of the cells that live and have moved; NaN if none has.
    pub fn directionality(&self) -> f64 {
        self.mean(Path::directionality)
    }

    /// Mean [`Path::forward_index`] along an axis of the cells that live and have moved; NaN if none has.
    pub fn forward_index(&self, axis: usize) -> f64 {
        self.mean(|path| path.forward_index(axis))
    }

    fn mean(&self, of: impl Fn(&Path) -> Option<f64>) -> f64 {
        let living = self.paths.iter().filter(|path| path.lives);
        let values: Vec<f64> = living.filter_map(of).collect();
        values.iter().sum::<f64>() / values.len() as f64
    }
}

fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    let square: f64 = (0..3).map(|axis| (b[axis] - a[axis]).powi(2)).sum();
    square.sqrt()
}

/// Column names of a table of tracks.
pub fn header(model: &Model) -> Vec<String> {
    let axes = ["x_um", "y_um", "z_um"];
    ["id", "type", "time_h"]
        .iter()
        .chain(&axes[..model.grid().dimensions as usize])
        .chain(&["speed_um_per_h"])
        .map(ToString::to_string)
        .collect()
}

/// A row for each cell that is followed and lives; `labels` are the names of the types.
pub fn rows(model: &Model, labels: &[String], followed: &Followed, step: u64) -> Vec<Vec<String>> {
    let time_h = model.time_h(step).to_string();
    let dimensions = model.grid().dimensions as usize;
    let living = followed.paths().iter().filter(|path| path.lives);
    living
        .map(|path| {
            let mut row = vec![
                path.id.to_string(),
                labels[path.type_ix].clone(),
                time_h.clone(),
            ];
            // Engines keep positions in f32.
            row.extend((0..dimensions).map(|axis| (path.at_um[axis] as f32).to_string()));
            row.push((60.0 * path.speed_um_per_min as f32).to_string());
            row
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use glam::Vec4;

    /// A box of 100 × 100 µm.
    fn grid(periodic: [bool; 3]) -> Grid {
        Grid {
            n: [10, 10, 1],
            voxel_um: 10.0,
            periodic,
            dimensions: 2,
        }
    }

    fn bodies(step: u64, cells: &[(u32, u32, [f32; 2])]) -> Bodies {
        Bodies {
            step,
            position_radius: cells
                .iter()
                .map(|(_, _, [x, y])| Vec4::new(*x, *y, 5.0, 8.0))
                .collect(),
            polarity_speed: vec![Vec4::new(1.0, 0.0, 0.0, 0.5); cells.len()],
            identity: cells
                .iter()
                .map(|(id, parent, _)| [*id, 0, *parent, 0])
                .collect(),
        }
    }

    #[test]
    fn a_way_around_the_box_is_counted_on() {
        let at = |x: f32| bodies(0, &[(0, NO_PARENT, [x, 50.0])]);
        let walk = |periodic: bool| {
            let mut followed = Followed::new(&grid([periodic, false, false]), &at(80.0), 5);
            // Twice around in steps of 30 µm.
            for i in 1..=7 {
                followed.advance(&at((80.0 + 30.0 * i as f32) % 100.0));
            }
            followed.paths()[0].clone()
        };
        let path = walk(true);
        assert_eq!((path.at_um[0], path.length_um), (290.0, 210.0));
        assert_eq!(path.directionality(), Some(1.0));
        // Without the minimal image the cell would be back where it began, after a long way.
        let lost = walk(false);
        assert_eq!((lost.at_um[0], lost.length_um), (90.0, 290.0));
    }

    #[test]
    fn founders_are_chosen_evenly_and_lost_when_they_die() {
        let cells: Vec<_> = (0..10)
            .map(|id| (id, NO_PARENT, [id as f32, 0.0]))
            .chain([(10, 3, [1.0, 1.0])])
            .collect();
        let mut followed = Followed::new(&grid([false; 3]), &bodies(0, &cells), 4);
        let ids: Vec<u32> = followed.paths().iter().map(|path| path.id).collect();
        assert_eq!(ids, [0, 2, 5, 7]);
        // 2 and 7 die; a daughter takes no one's place.
        let left: Vec<_> = cells
            .iter()
            .filter(|cell| ![2, 7].contains(&cell.0))
            .map(|(id, parent, [x, y])| (*id, *parent, [*x + 3.0, *y + 4.0]))
            .collect();
        followed.advance(&bodies(1, &left));
        let lives: Vec<bool> = followed.paths().iter().map(|path| path.lives).collect();
        assert_eq!(lives, [true, false, true, false]);
        assert_eq!(followed.paths()[2].length_um, 5.0);
        assert_eq!(followed.directionality(), 1.0);
    }

    #[test]
    fn nobody_can_be_followed() {
        let followed = Followed::new(&grid([false; 3]), &bodies(0, &[]), 4);
        assert!(followed.paths().is_empty());
        assert!(followed.directionality().is_nan());
    }
}
