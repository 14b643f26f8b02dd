//! Shapes in the box: which voxels lie in them. A voxel lies in a shape when its centre does.

use std::ops::Range;

use super::Grid;

/// A hair's width, relative: symmetric shapes stay symmetric although lengths are not exact in binary.
const HAIR: f64 = 1e-9;

/// A place that voxels can lie in; lengths µm.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    /// The one voxel that holds a point.
    Point([f64; 3]),
    /// A box, lower corner included.
    Rectangle { from_um: [f64; 3], to_um: [f64; 3] },
    /// Within a distance along the first `axes` axes: a disc in 2-D; a cylinder along z (2) or a ball (3) in 3-D.
    Ball {
        centre_um: [f64; 3],
        radius_um: f64,
        axes: usize,
    },
    /// Within a distance of a straight line, round at its ends.
    Tube {
        from_um: [f64; 3],
        to_um: [f64; 3],
        radius_um: f64,
    },
}

impl Shape {
    /// A disc in 2-D, a ball in 3-D.
    pub(super) fn ball(centre_um: [f64; 3], radius_um: f64, grid: &Grid) -> Self {
        Shape::Ball {
            centre_um,
            radius_um,
            axes: grid.dimensions as usize,
        }
    }

    /// Whether a place lies in the shape.
    pub(super) fn holds(&self, at: [f64; 3], grid: &Grid) -> bool {
        let within = |square: f64, radius: f64| square <= radius * radius * (1.0 + HAIR);
        match self {
            Shape::Point(point) => index(at, grid) == index(*point, grid),
            Shape::Rectangle { from_um, to_um } => {
                let hair = HAIR * grid.voxel_um;
                (0..grid.dimensions as usize)
                    .all(|a| from_um[a] - hair <= at[a] && at[a] < to_um[a] - hair)
            }
            Shape::Ball {
                centre_um,
                radius_um,
                axes,
            } => {
                let square = (0..*axes).map(|a| (at[a] - centre_um[a]).powi(2)).sum();
                within(square, *radius_um)
            }
            Shape::Tube {
                from_um,
                to_um,
                radius_um,
            } => {
                let along = difference(*to_um, *from_um);
                let from = difference(at, *from_um);
                let t = (dot(along, from) / dot(along, along)).clamp(0.0, 1.0);
                let off = [0, 1, 2].map(|a| from[a] - t * along[a]);
                within(dot(off, off), *radius_um)
            }
        }
    }

    /// Lowest and highest place of the shape along an axis, µm.
    pub(super) fn extent(&self, axis: usize) -> [f64; 2] {
        match self {
            Shape::Point(at) => [at[axis]; 2],
            Shape::Rectangle { from_um, to_um } => [from_um[axis], to_um[axis]],
            Shape::Ball { axes, .. } if axis >= *axes => [0.0, f64::INFINITY],
            Shape::Ball {
                centre_um,
                radius_um,
                ..
            } => [centre_um[axis] - radius_um, centre_um[axis] + radius_um],
            Shape::Tube {
                from_um,
                to_um,
                radius_um,
            } => [
                from_um[axis].min(to_um[axis]) - radius_um,
                from_um[axis].max(to_um[axis]) + radius_um,
            ],
        }
    }

    /// The voxels in the shape, in storage order.
    pub(super) fn voxels<'a>(&'a self, grid: &'a Grid) -> impl Iterator<Item = usize> + 'a {
        let mut range = grid.n.map(|n| 0..n);
        for axis in 0..grid.dimensions as usize {
            let [low, high] = self.extent(axis);
            range[axis] = layer(low, axis, grid)..layer(high, axis, grid) + 1;
        }
        centres(range, grid)
            .filter(|(_, at)| self.holds(*at, grid))
            .map(|(ix, _)| ix)
    }

    /// Voxels on the centre (line) with the share of each that the shape takes up there, which may exceed 1.
    fn core(&self, grid: &Grid) -> Vec<(usize, f64)> {
        use std::f64::consts::PI;
        match self {
            Shape::Point(_) | Shape::Rectangle { .. } => Vec::new(),
            Shape::Ball {
                centre_um,
                radius_um,
                axes,
            } => {
                let r = radius_um / grid.voxel_um;
                let share = if *axes == 2 {
                    PI * r.powi(2)
                } else {
                    4.0 / 3.0 * PI * r.powi(3)
                };
                vec![(index(*centre_um, grid), share)]
            }
            Shape::Tube {
                from_um,
                to_um,
                radius_um,
            } => line(*from_um, *to_um, grid)
                .into_iter()
                .map(|(ix, length)| {
                    let share = PI * (radius_um / grid.voxel_um).powi(2) * length / grid.voxel_um;
                    (ix, share)
                })
                .collect(),
        }
    }
}

/// Adds a vessel to the shares of all: 1 where a voxel's centre lies in it; along its centre (line), where it may be
/// thinner than a voxel, the share of the voxel that it takes up.
pub(super) fn add_vessel(shares: &mut [f32], vessel: &Shape, grid: &Grid) {
    for ix in vessel.voxels(grid) {
        shares[ix] = 1.0;
    }
    for (ix, share) in vessel.core(grid) {
        shares[ix] = shares[ix].max(share.min(1.0) as f32);
    }
}

/// The voxels that a straight line runs through, with its length in each, µm.
fn line(from: [f64; 3], to: [f64; 3], grid: &Grid) -> Vec<(usize, f64)> {
    let along = difference(to, from);
    let length = dot(along, along).sqrt();
    // Where the line crosses from voxel to voxel, as a share of its length.
    let mut cuts = vec![0.0, 1.0];
    for axis in 0..3 {
        let [low, high] = [from[axis].min(to[axis]), from[axis].max(to[axis])];
        let mut face = (low / grid.voxel_um).floor() + 1.0;
        while face * grid.voxel_um < high {
            cuts.push((face * grid.voxel_um - from[axis]) / along[axis]);
            face += 1.0;
        }
    }
    cuts.sort_by(f64::total_cmp);
    cuts.windows(2)
        .filter(|pair| pair[1] - pair[0] > HAIR)
        .map(|pair| {
            let middle = 0.5 * (pair[0] + pair[1]);
            let at = [0, 1, 2].map(|a| from[a] + middle * along[a]);
            (index(at, grid), (pair[1] - pair[0]) * length)
        })
        .collect()
}

/// A closed wall across the box, with or without pores; lengths µm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Membrane {
    /// The axis that it stands across.
    pub axis: usize,
    /// Middle of the wall on that axis.
    pub at_um: f64,
    /// Its thickness; at least one voxel is closed.
    pub thickness_um: f64,
    /// Its pores.
    pub pores: Option<Pores>,
}

/// Pores on a square lattice that begins half a pitch from the lower walls: round holes in 3-D, slits in 2-D.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pores {
    /// Diameter of a pore, µm.
    pub diameter_um: f64,
    /// Distance between the centres of neighbours, µm; not below a voxel nor the diameter.
    pub pitch_um: f64,
}

impl Membrane {
    /// The axes in the plane of the wall.
    fn plane(self, grid: &Grid) -> impl Iterator<Item = usize> {
        (0..grid.dimensions as usize).filter(move |axis| *axis != self.axis)
    }

    /// Voxels that the wall closes, in storage order.
    pub(super) fn voxels(self, grid: &Grid) -> impl Iterator<Item = usize> {
        self.wall(grid)
            .filter(move |(_, at)| !self.is_pore(*at, grid))
            .map(|(ix, _)| ix)
    }

    /// Voxels of its pores, in storage order.
    pub(super) fn pore_voxels(self, grid: &Grid) -> impl Iterator<Item = usize> {
        self.wall(grid)
            .filter(move |(_, at)| self.is_pore(*at, grid))
            .map(|(ix, _)| ix)
    }

    /// Area of a pore, µm²; a slit of a 2-D model counts as a round hole of its width.
    pub(super) fn pore_area_um2(self) -> Option<f64> {
        self.pores
            .map(|pores| 0.25 * std::f64::consts::PI * pores.diameter_um.powi(2))
    }

    /// The layers of voxels that it takes up on its axis.
    pub(super) fn layers(self, grid: &Grid) -> Range<u32> {
        let half = 0.5 * self.thickness_um;
        let hair = HAIR * grid.voxel_um;
        // The first layer whose centre is not below a place.
        let above = |at: f64| ((at - hair) / grid.voxel_um - 0.5).ceil().max(0.0) as u32;
        let layers = above(self.at_um - half)..above(self.at_um + half).min(grid.n[self.axis]);
        if !layers.is_empty() {
            return layers;
        }
        let only = layer(self.at_um, self.axis, grid);
        only..only + 1
    }

    /// Index and centre of every voxel of the wall, pores and all, in storage order.
    fn wall(self, grid: &Grid) -> impl Iterator<Item = (usize, [f64; 3])> {
        let mut range = grid.n.map(|n| 0..n);
        range[self.axis] = self.layers(grid);
        centres(range, grid)
    }

    fn is_pore(self, at: [f64; 3], grid: &Grid) -> bool {
        let Some(pores) = self.pores else {
            return false;
        };
        let mut square = 0.0;
        for axis in self.plane(grid) {
            let centre = ((at[axis] / pores.pitch_um).floor() + 0.5) * pores.pitch_um;
            if centre > grid.size_um()[axis] {
                // The wall ends before the middle of this pore.
                return false;
            }
            square += (at[axis] - centre).powi(2);
        }
        square <= (0.5 * pores.diameter_um).powi(2) * (1.0 + HAIR)
    }

    /// Centre of a pore that holds no voxel centre, if there is one; of any pore, if the wall has room for none.
    pub(super) fn empty_pore(self, grid: &Grid) -> Option<[f64; 3]> {
        let pores = self.pores?;
        let mut worst = [self.at_um; 3];
        let (mut square, mut room) = (0.0, true);
        for axis in self.plane(grid) {
            let n = (grid.size_um()[axis] / pores.pitch_um + 0.5 + HAIR).floor() as u64;
            room &= n > 0;
            let farthest = (0..n.max(1))
                .map(|i| (i as f64 + 0.5) * pores.pitch_um)
                .map(|centre| {
                    let nearest = f64::from(layer(centre, axis, grid)) + 0.5;
                    ((nearest * grid.voxel_um - centre).abs(), centre)
                })
                .max_by(|a, b| a.0.total_cmp(&b.0));
            if let Some((distance, centre)) = farthest {
                square += distance * distance;
                worst[axis] = centre;
            }
        }
        let held = square <= (0.5 * pores.diameter_um).powi(2) * (1.0 + HAIR);
        (!(room && held)).then_some(worst)
    }
}

/// The layer of voxels along an axis that holds a place; the nearest one for a place outside.
fn layer(at_um: f64, axis: usize, grid: &Grid) -> u32 {
    // A float becomes the nearest u32.
    ((at_um / grid.voxel_um).floor() as u32).min(grid.n[axis] - 1)
}

/// Storage index of the voxel that holds a place.
pub(super) fn index(at: [f64; 3], grid: &Grid) -> usize {
    let [x, y, z] = [0, 1, 2].map(|axis| layer(at[axis], axis, grid) as usize);
    (z * grid.n[1] as usize + y) * grid.n[0] as usize + x
}

/// Index and centre of every voxel in a range, in storage order.
fn centres(range: [Range<u32>; 3], grid: &Grid) -> impl Iterator<Item = (usize, [f64; 3])> {
    let [xs, ys, zs] = range;
    zs.flat_map(move |z| ys.clone().map(move |y| (y, z)))
        .flat_map(move |(y, z)| xs.clone().map(move |x| [x, y, z]))
        .map(|ix| {
            let [x, y, z] = ix.map(|i| i as usize);
            let at = (z * grid.n[1] as usize + y) * grid.n[0] as usize + x;
            (at, grid.centre_um(ix))
        })
}

fn difference(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [0, 1, 2].map(|i| a[i] - b[i])
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    (0..3).map(|i| a[i] * b[i]).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    fn grid(n: [u32; 3]) -> Grid {
        Grid {
            n,
            voxel_um: 10.0,
            periodic: [false; 3],
            dimensions: if n[2] == 1 { 2 } else { 3 },
        }
    }

    #[test]
    fn a_disc_holds_its_area_and_is_symmetric() {
        let grid = grid([40, 30, 1]);
        let disc = Shape::Ball {
            centre_um: [200.0, 150.0, 0.0],
            radius_um: 100.0,
            axes: 2,
        };
        let voxels: Vec<usize> = disc.voxels(&grid).collect();
        let area = voxels.len() as f64 * 100.0;
        assert!((area / (PI * 1e4) - 1.0).abs() < 0.02, "{area}");
        for ix in &voxels {
            let [x, y] = [ix % 40, ix / 40];
            assert!(voxels.contains(&((29 - y) * 40 + 39 - x)));
        }
    }

    #[test]
    fn a_ball_a_cylinder_and_a_tube_hold_their_volume() {
        let grid = grid([30, 30, 30]);
        let ball = |axes| Shape::Ball {
            centre_um: [150.0; 3],
            radius_um: 90.0,
            axes,
        };
        let tube = Shape::Tube {
            from_um: [0.0, 150.0, 150.0],
            to_um: [300.0, 150.0, 150.0],
            radius_um: 60.0,
        };
        for (shape, volume) in [
            (ball(3), 4.0 / 3.0 * PI * 90f64.powi(3)),
            (ball(2), PI * 90f64.powi(2) * 300.0),
            (tube, PI * 60f64.powi(2) * 300.0),
        ] {
            let got = shape.voxels(&grid).count() as f64 * 1e3;
            assert!((got / volume - 1.0).abs() < 0.03, "{got} against {volume}");
        }
    }

    #[test]
    fn a_point_lies_in_one_voxel_and_a_box_in_whole_ones() {
        let grid = grid([4, 3, 1]);
        let voxels = |shape: Shape| shape.voxels(&grid).collect::<Vec<_>>();
        assert_eq!(voxels(Shape::Point([25.0, 10.0, 0.0])), [6]);
        assert_eq!(voxels(Shape::Point([40.0, 30.0, 0.0])), [11]);
        let all = Shape::Rectangle {
            from_um: [0.0; 3],
            to_um: [40.0, 30.0, 0.0],
        };
        assert_eq!(voxels(all).len(), 12);
    }

    #[test]
    fn a_thin_vessel_gives_the_share_that_it_takes_up() {
        let flat = grid([4, 3, 1]);
        let mut shares = vec![0.0; 12];
        let disc = Shape::Ball {
            centre_um: [12.0, 12.0, 0.0],
            radius_um: 2.0,
            axes: 2,
        };
        add_vessel(&mut shares, &disc, &flat);
        assert_eq!(shares[5], (PI * 4.0 / 100.0) as f32);
        assert_eq!(shares.iter().sum::<f32>(), shares[5]);
        // Any straight line in 3-D, its volume kept.
        let deep = grid([10, 10, 10]);
        let mut shares = vec![0.0; 1000];
        let tube = Shape::Tube {
            from_um: [3.0, 4.0, 2.0],
            to_um: [97.0, 81.0, 46.0],
            radius_um: 1.0,
        };
        add_vessel(&mut shares, &tube, &deep);
        let length = (94f64.powi(2) + 77f64.powi(2) + 44f64.powi(2)).sqrt();
        let volume = shares.iter().map(|s| f64::from(*s)).sum::<f64>() * 1e3;
        // A voxel whose centre lies in the tube is all vessel.
        let inside = tube.voxels(&deep).count() as f64 * 1e3;
        assert!(inside == 0.0, "{inside}");
        assert!((volume / (PI * length) - 1.0).abs() < 1e-5, "{volume}");
    }

    #[test]
    fn a_membrane_is_open_by_the_share_of_its_pores() {
        let membrane = |diameter_um, pitch_um| Membrane {
            axis: 0,
            at_um: 100.0,
            thickness_um: 10.0,
            pores: Some(Pores {
                diameter_um,
                pitch_um,
            }),
        };
        let flat = grid([20, 30, 1]);
        assert_eq!(membrane(10.0, 30.0).voxels(&flat).count(), 20);
        assert_eq!(membrane(10.0, 30.0).empty_pore(&flat), None);
        // Pores at 20, 60, … lie on voxel faces and hold no centre.
        assert_eq!(
            membrane(8.0, 40.0).empty_pore(&flat).map(|at| at[1] % 40.0),
            Some(20.0)
        );
        assert!(membrane(8.0, 1e4).empty_pore(&flat).is_some());
        let deep = grid([20, 60, 60]);
        let closed = membrane(100.0, 200.0).voxels(&deep).count() as f64 / 3600.0;
        let open = PI * 50f64.powi(2) / 200f64.powi(2);
        assert!((1.0 - closed - open).abs() < 0.005, "{closed}");
    }

    #[test]
    fn a_membrane_is_at_least_a_voxel_thick() {
        let flat = grid([20, 30, 1]);
        for (at_um, thickness_um, voxels) in [
            (100.0, 1.0, 30),
            (100.0, 20.0, 60),
            (0.0, 10.0, 30),
            (200.0, 1.0, 30),
        ] {
            let wall = Membrane {
                axis: 0,
                at_um,
                thickness_um,
                pores: None,
            };
            assert_eq!(wall.voxels(&flat).count(), voxels, "{wall:?}");
        }
    }
}
