//! Closure of a wound: how much of it is still farther than a cell's reach from every cell.

use std::collections::HashMap;

use crate::model::{Model, ScratchAssay};
use crate::state::Cells;

/// Distance of the sample points in the wound, µm: a tenth of a cell's spread diameter and less.
const SAMPLE_UM: f64 = 4.0;

/// The wound with its sample points.
#[derive(Clone, Debug)]
pub(super) struct Wound {
    assay: ScratchAssay,
    n: [usize; 2],
}

impl Wound {
    pub(super) fn new(assay: ScratchAssay) -> Self {
        let count =
            |axis: usize| ((assay.to_um[axis] - assay.from_um[axis]) / SAMPLE_UM).ceil() as usize;
        Self {
            assay,
            n: [count(0), count(1)],
        }
    }

    /// Share of the wound's sample points that lie farther than the cover radius from every cell centre, 0…1.
    pub(super) fn open_share(&self, cells: &Cells) -> f64 {
        let reach = self.assay.cover_radius_um;
        // Cells by squares of one reach: a point looks at its own square and the eight around it. Only membership is
        // asked for, so the map's order does not matter.
        let square = |x: f64, y: f64| ((x / reach).floor() as i64, (y / reach).floor() as i64);
        let mut squares: HashMap<(i64, i64), Vec<[f64; 2]>> = HashMap::new();
        for position in &cells.position_radius {
            let (x, y) = (f64::from(position.x), f64::from(position.y));
            squares.entry(square(x, y)).or_default().push([x, y]);
        }
        let covered = |x: f64, y: f64| {
            let (sx, sy) = square(x, y);
            (-1..=1).any(|dy| {
                (-1..=1).any(|dx| {
                    squares.get(&(sx + dx, sy + dy)).is_some_and(|cells| {
                        cells
                            .iter()
                            .any(|c| (c[0] - x).powi(2) + (c[1] - y).powi(2) <= reach * reach)
                    })
                })
            })
        };
        let at = |axis: usize, i: usize| {
            let (from, to) = (self.assay.from_um[axis], self.assay.to_um[axis]);
            from + (i as f64 + 0.5) / self.n[axis] as f64 * (to - from)
        };
        let mut open = 0u64;
        for j in 0..self.n[1] {
            for i in 0..self.n[0] {
                open += u64::from(!covered(at(0, i), at(1, j)));
            }
        }
        open as f64 / (self.n[0] * self.n[1]) as f64
    }

    /// Cells per area inside the wound over cells per area outside it.
    pub(super) fn relative_density(&self, model: &Model, cells: &Cells) -> f64 {
        let (from, to) = (self.assay.from_um, self.assay.to_um);
        let inside = cells
            .position_radius
            .iter()
            .filter(|p| {
                let (x, y) = (f64::from(p.x), f64::from(p.y));
                from[0] <= x && x < to[0] && from[1] <= y && y < to[1]
            })
            .count() as f64;
        let area = (to[0] - from[0]) * (to[1] - from[1]);
        let outside = cells.len() as f64 - inside;
        (inside / area) / (outside / (model.grid().measure() - area))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_cells(at: &[[f32; 2]]) -> Cells {
        Cells {
            position_radius: at
                .iter()
                .map(|[x, y]| glam::Vec4::new(*x, *y, 5.0, 8.4))
                .collect(),
            ..Cells::default()
        }
    }

    fn wound() -> Wound {
        Wound::new(ScratchAssay {
            from_um: [100.0, 0.0],
            to_um: [500.0, 300.0],
            cover_radius_um: 20.0,
        })
    }

    #[test]
    fn two_discs_cover_their_area() {
        let discs = 2.0 * std::f64::consts::PI * 400.0;
        let open = wound().open_share(&with_cells(&[[200.0, 100.0], [350.0, 200.0], [50.0, 50.0]]));
        assert!((1.0 - open - discs / 120_000.0).abs() < 5e-4, "{open}");
        // A third disc inside the wound would be seen.
        let more = wound().open_share(&with_cells(&[
            [200.0, 100.0],
            [350.0, 200.0],
            [300.0, 50.0],
        ]));
        assert!(open - more > 0.009);
    }

    #[test]
    fn an_empty_wound_is_open() {
        assert_eq!(wound().open_share(&with_cells(&[])), 1.0);
    }
}
