//! A k-d tree over cell centres: the nearest neighbour in O(log N), and all within a distance, however unevenly cells lie.

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
        let mut nearest = f64::INFINITY;
        self.search(cell, f64::INFINITY, |square| {
            nearest = square;
            square
        });
        nearest.sqrt()
    }

    /// Calls with the distance of each other cell that is nearer than `reach_um`, in no order, µm.
    pub(super) fn within(&self, cell: usize, reach_um: f64, mut found: impl FnMut(f64)) {
        let reach = reach_um * reach_um;
        self.search(cell, reach, |square| {
            found(square.sqrt());
            reach
        });
    }

    /// Calls with the square of the distance of each other cell below `reach`, and images of them beyond periodic faces;
    /// what the call returns is the reach from there on, µm².
    fn search(&self, cell: usize, mut reach: f64, mut found: impl FnMut(f64) -> f64) {
        let here = self.positions[cell];
        let shifts = |axis: usize| match axis < self.dimensions && self.periodic[axis] {
            true => &[0.0, -1.0, 1.0][..],
            false => &[0.0],
        };
        for sx in shifts(0) {
            for sy in shifts(1) {
                for sz in shifts(2) {
                    let shift = [*sx, *sy, *sz];
                    let image = [0, 1, 2].map(|axis| here[axis] + shift[axis] * self.size_um[axis]);
                    if self.outside(image) < reach {
                        self.descend(&self.nodes, 0, (image, cell), &mut reach, &mut found);
                    }
                }
            }
        }
    }

    /// Square of the distance of a point to the box, µm².
    fn outside(&self, at: [f64; 3]) -> f64 {
        (0..self.dimensions)
            .map(|axis| (at[axis] - at[axis].clamp(0.0, self.size_um[axis])).powi(2))
            .sum()
    }

    fn descend(
        &self,
        nodes: &[([f64; 3], usize)],
        axis: usize,
        (from, but): ([f64; 3], usize),
        reach: &mut f64,
        found: &mut impl FnMut(f64) -> f64,
    ) {
        let middle = nodes.len() / 2;
        let Some((at, cell)) = nodes.get(middle) else {
            return;
        };
        if *cell != but {
            let square: f64 = (0..self.dimensions)
                .map(|axis| (at[axis] - from[axis]).powi(2))
                .sum();
            if square < *reach {
                *reach = found(square);
            }
        }
        let (low, high) = (&nodes[..middle], &nodes[middle + 1..]);
        let by = from[axis] - at[axis];
        let (near, far) = if by < 0.0 { (low, high) } else { (high, low) };
        let next = (axis + 1) % self.dimensions;
        self.descend(near, next, (from, but), reach, found);
        if by * by < *reach {
            self.descend(far, next, (from, but), reach, found);
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
