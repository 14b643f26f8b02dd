//! A k-d tree over cell centres: the nearest neighbour in O(log N), however unevenly cells lie.

use glam::Vec4;

use crate::model::Grid;

/// Cells such that the middle of every range parts the rest of it along one axis, axes taking turns.
pub(super) struct Tree {
    dimensions: usize,
    size_um: [f64; 3],
    periodic: [bool; 3],
    /// Position and cell index.
    nodes: Vec<([f64; 3], usize)>,
    /// Position of each cell.
    positions: Vec<[f64; 3]>,
}

/// A search for the cell nearest to a point.
struct Search {
    from: [f64; 3],
    /// The cell that does not count.
    but: usize,
    /// Square of the smallest distance so far, µm².
    best: f64,
}

impl Tree {
    pub(super) fn new(grid: &Grid, positions: &[Vec4]) -> Self {
        let positions: Vec<[f64; 3]> = positions.iter().map(crate::observe::xyz).collect();
        let mut nodes: Vec<([f64; 3], usize)> =
            positions.iter().copied().zip(0..positions.len()).collect();
        let dimensions = grid.dimensions as usize;
        part(&mut nodes, 0, dimensions);
        Self {
            dimensions,
            size_um: grid.size_um(),
            periodic: grid.periodic,
            nodes,
            positions,
        }
    }

    /// Distance of a cell to the nearest other one, µm.
    pub(super) fn nearest_um(&self, cell: usize) -> f64 {
        let here = self.positions[cell];
        let mut search = Search {
            from: here,
            but: cell,
            best: f64::INFINITY,
        };
        self.descend(&self.nodes, 0, &mut search);
        // The same from the point's images beyond periodic faces, where one is near enough to matter.
        let shifts = |axis: usize| match axis < self.dimensions && self.periodic[axis] {
            true => &[0.0, -1.0, 1.0][..],
            false => &[0.0],
        };
        for sx in shifts(0) {
            for sy in shifts(1) {
                for sz in shifts(2) {
                    let shift = [*sx, *sy, *sz];
                    if shift == [0.0; 3] {
                        continue;
                    }
                    let image = [0, 1, 2].map(|axis| here[axis] + shift[axis] * self.size_um[axis]);
                    if self.outside(image) < search.best {
                        search.from = image;
                        self.descend(&self.nodes, 0, &mut search);
                    }
                }
            }
        }
        search.best.sqrt()
    }

    /// Square of the distance of a point to the box, µm².
    fn outside(&self, at: [f64; 3]) -> f64 {
        (0..self.dimensions)
            .map(|axis| (at[axis] - at[axis].clamp(0.0, self.size_um[axis])).powi(2))
            .sum()
    }

    fn descend(&self, nodes: &[([f64; 3], usize)], axis: usize, search: &mut Search) {
        let middle = nodes.len() / 2;
        let Some((at, cell)) = nodes.get(middle) else {
            return;
        };
        if *cell != search.but {
            let square = (0..self.dimensions)
                .map(|axis| (at[axis] - search.from[axis]).powi(2))
                .sum();
            search.best = search.best.min(square);
        }
        let (low, high) = (&nodes[..middle], &nodes[middle + 1..]);
        let by = search.from[axis] - at[axis];
        let (near, far) = if by < 0.0 { (low, high) } else { (high, low) };
        let next = (axis + 1) % self.dimensions;
        self.descend(near, next, search);
        if by * by < search.best {
            self.descend(far, next, search);
        }
    }
}

fn part(nodes: &mut [([f64; 3], usize)], axis: usize, dimensions: usize) {
    if nodes.len() < 2 {
        return;
    }
    let middle = nodes.len() / 2;
    nodes.select_nth_unstable_by(middle, |a, b| a.0[axis].total_cmp(&b.0[axis]));
    let (low, high) = nodes.split_at_mut(middle);
    let next = (axis + 1) % dimensions;
    rayon::join(
        || part(low, next, dimensions),
        || part(&mut high[1..], next, dimensions),
    );
}
