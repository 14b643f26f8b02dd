//! A box in small squares (2-D) or cubes (3-D), some of which cells cover.

/// Points of the lattice per cover radius: the outline of a cell is round to a few percent of its radius.
const PER_REACH: f64 = 4.0;

/// Which points of a lattice are covered.
#[derive(Clone, Debug)]
pub(super) struct Lattice {
    /// Points along each axis, the first fastest; 1 where there is no axis.
    pub n: [usize; 3],
    /// Distance of neighbours, µm.
    pub spacing_um: f64,
    /// Axes.
    pub dimensions: usize,
    /// Whether a point is covered, in storage order.
    pub covered: Vec<bool>,
}

impl Lattice {
    /// The points of a box (2 or 3 lengths, µm) that lie within `reach_um` of any of some positions; a position's
    /// coordinates beyond the box's axes do not matter.
    pub(super) fn covered(size_um: &[f64], reach_um: f64, positions: &[[f64; 3]]) -> Self {
        let spacing_um = reach_um / PER_REACH;
        let mut n = [1; 3];
        for (n, size) in n.iter_mut().zip(size_um) {
            *n = (size / spacing_um).ceil() as usize;
        }
        let mut lattice = Self {
            n,
            spacing_um,
            dimensions: size_um.len(),
            covered: vec![false; n.iter().product()],
        };
        for at in positions {
            lattice.cover(*at, reach_um);
        }
        lattice
    }

    fn cover(&mut self, at: [f64; 3], reach_um: f64) {
        let mut range = [0..1, 0..1, 0..1];
        for axis in 0..self.dimensions {
            // A float becomes the nearest index.
            let low = (at[axis] - reach_um) / self.spacing_um;
            let high = (at[axis] + reach_um) / self.spacing_um;
            range[axis] = low as usize..(high as usize + 1).min(self.n[axis]);
        }
        let [xs, ys, zs] = range;
        for z in zs {
            for y in ys.clone() {
                for x in xs.clone() {
                    let centre = self.centre_um([x, y, z]);
                    let square: f64 = (0..self.dimensions)
                        .map(|axis| (centre[axis] - at[axis]).powi(2))
                        .sum();
                    if square <= reach_um * reach_um {
                        let ix = self.index([x, y, z]);
                        self.covered[ix] = true;
                    }
                }
            }
        }
    }

    /// How far a cell covers, µm.
    pub(super) fn reach_um(&self) -> f64 {
        PER_REACH * self.spacing_um
    }

    /// Storage index of a point.
    pub(super) fn index(&self, [x, y, z]: [usize; 3]) -> usize {
        (z * self.n[1] + y) * self.n[0] + x
    }

    /// Place of a point in µm.
    pub(super) fn centre_um(&self, point: [usize; 3]) -> [f64; 3] {
        point.map(|i| (i as f64 + 0.5) * self.spacing_um)
    }

    /// The point that a place belongs to.
    pub(super) fn point(&self, at: [f64; 3]) -> [usize; 3] {
        let mut point = [0; 3];
        for axis in 0..self.dimensions {
            point[axis] = ((at[axis] / self.spacing_um) as usize).min(self.n[axis] - 1);
        }
        point
    }

    fn coordinates(&self, ix: usize) -> [usize; 3] {
        let [nx, ny, _] = self.n;
        [ix % nx, ix / nx % ny, ix / nx / ny]
    }

    /// The neighbours of a point across its sides.
    pub(super) fn neighbours(&self, ix: usize) -> impl Iterator<Item = usize> + '_ {
        let point = self.coordinates(ix);
        let strides = [1, self.n[0], self.n[0] * self.n[1]];
        (0..self.dimensions).flat_map(move |axis| {
            let down = (point[axis] > 0).then(|| ix - strides[axis]);
            let up = (point[axis] + 1 < self.n[axis]).then(|| ix + strides[axis]);
            down.into_iter().chain(up)
        })
    }

    /// Every point that can be reached from one through those that `open` lets pass, itself among them; `seen` ones are
    /// left out and marked.
    pub(super) fn flood(
        &self,
        from: usize,
        open: impl Fn(usize) -> bool,
        seen: &mut [bool],
    ) -> Vec<usize> {
        let mut reached = Vec::new();
        if open(from) && !std::mem::replace(&mut seen[from], true) {
            reached.push(from);
        }
        let mut next = 0;
        while let Some(&ix) = reached.get(next) {
            next += 1;
            for neighbour in self.neighbours(ix) {
                if open(neighbour) && !std::mem::replace(&mut seen[neighbour], true) {
                    reached.push(neighbour);
                }
            }
        }
        reached
    }

    /// The largest connected piece of what is `open`; the first of several.
    pub(super) fn largest(&self, open: impl Fn(usize) -> bool) -> Vec<usize> {
        let mut seen = vec![false; self.covered.len()];
        let mut best = Vec::new();
        for ix in 0..seen.len() {
            let piece = self.flood(ix, &open, &mut seen);
            if piece.len() > best.len() {
                best = piece;
            }
        }
        best
    }

    /// What lies outside of all that is closed: reached from the walls of the box through points that are not.
    pub(super) fn outside(&self, closed: &[bool]) -> Vec<bool> {
        let on_wall = |ix: &usize| {
            let point = self.coordinates(*ix);
            (0..self.dimensions).any(|axis| point[axis] == 0 || point[axis] + 1 == self.n[axis])
        };
        let mut outside = vec![false; closed.len()];
        for ix in (0..closed.len()).filter(on_wall) {
            self.flood(ix, |ix| !closed[ix], &mut outside);
        }
        outside
    }

    /// Area (µm²) or volume (µm³) of the largest piece that is neither covered nor outside; smaller ones are gaps
    /// between cells.
    pub(super) fn enclosed_measure(&self) -> f64 {
        let outside = self.outside(&self.covered);
        let enclosed = self.largest(|ix| !outside[ix] && !self.covered[ix]);
        enclosed.len() as f64 * self.spacing_um.powi(self.dimensions as i32)
    }
}
