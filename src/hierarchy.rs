//! The coarse grids of the implicit diffusion solver: sizes and places, shared by both engines.
//!
//! Every level halves every axis, rounding up, down to one cell. A level's cells are 2^l voxels wide; where a size is
//! odd, the last cell along that axis is the narrower rest, so that any grid can be coarsened and no voxel is padded.
//! Transmissibilities count true widths and distances.

/// One grid of the hierarchy; level 0 is the model's grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// Cells along x, y, z.
    pub n: [u32; 3],
    /// Width of a full cell, voxels.
    pub width: u32,
    /// Where the level's cells begin in an array that holds all coarse levels (0 for the first two).
    pub at: u32,
    /// Where the level's faces begin in such an array: x faces `[z][y][n_x + 1]`, then y faces, then z faces.
    pub faces_at: u32,
}

impl Level {
    /// Number of cells.
    pub fn len(&self) -> usize {
        self.n.iter().map(|&n| n as usize).product()
    }

    /// Never: a level has at least one cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Faces normal to an axis, the outer ones included.
    pub fn n_faces(&self, axis: usize) -> usize {
        let mut n = self.n.map(|n| n as usize);
        n[axis] += 1;
        n.iter().product()
    }

    /// Where the faces normal to an axis begin, counted from [`Level::faces_at`].
    pub fn faces_of(&self, axis: usize) -> usize {
        (0..axis).map(|axis| self.n_faces(axis)).sum()
    }

    /// Width of a cell along an axis, voxels, on a grid of `n_voxels` along it.
    #[inline]
    pub fn width_of(&self, n_voxels: u32, ix: u32) -> u32 {
        self.width.min(n_voxels - ix * self.width)
    }
}

/// Every level of a grid, finest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hierarchy {
    levels: Vec<Level>,
}

impl Hierarchy {
    /// The levels of a grid of `n` voxels.
    pub fn new(n: [u32; 3]) -> Self {
        let mut levels = vec![Level {
            n,
            width: 1,
            at: 0,
            faces_at: 0,
        }];
        let (mut at, mut faces_at) = (0, 0);
        while let Some(finer) = levels.last().copied().filter(|level| level.len() > 1) {
            let level = Level {
                n: finer.n.map(|n| n.div_ceil(2)),
                width: 2 * finer.width,
                at,
                faces_at,
            };
            at += level.len() as u32;
            faces_at += level.faces_of(3) as u32;
            levels.push(level);
        }
        Self { levels }
    }

    /// All levels, finest first.
    pub fn levels(&self) -> &[Level] {
        &self.levels
    }

    /// Cells of all coarse levels together.
    pub fn n_coarse(&self) -> usize {
        self.levels[1..].iter().map(Level::len).sum()
    }

    /// Faces of all coarse levels together.
    pub fn n_coarse_faces(&self) -> usize {
        self.levels[1..].iter().map(|level| level.faces_of(3)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_sizes_end_in_a_narrow_cell() {
        let hierarchy = Hierarchy::new([5, 3, 1]);
        let sizes: Vec<_> = hierarchy.levels().iter().map(|l| l.n).collect();
        assert_eq!(sizes, [[5, 3, 1], [3, 2, 1], [2, 1, 1], [1, 1, 1]]);
        let widths = |level: usize, n: u32, cells: u32| -> Vec<u32> {
            let level = hierarchy.levels()[level];
            (0..cells).map(|ix| level.width_of(n, ix)).collect()
        };
        assert_eq!(widths(1, 5, 3), [2, 2, 1]);
        assert_eq!(widths(2, 5, 2), [4, 1]);
        assert_eq!(widths(3, 5, 1), [5]);
        assert_eq!(widths(1, 3, 2), [2, 1]);
        assert_eq!(hierarchy.n_coarse(), 6 + 2 + 1);
    }
}
