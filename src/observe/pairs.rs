//! How cells lie to each other: the nearest neighbour and the pair correlation function.

mod tree;

use std::f64::consts::PI;

use glam::Vec4;
use rayon::prelude::*;

use crate::model::{Grid, Model, PairPlan};
use crate::state::Cells;
use tree::Tree;

/// Mean distance of a cell to the nearest other one, µm, the short way around on periodic axes; NaN for less than two
/// cells. At walls nothing is corrected: a cell there has its neighbours on one side.
pub fn nearest_neighbour_um(grid: &Grid, positions: &[Vec4]) -> f64 {
    if positions.len() < 2 {
        return f64::NAN;
    }
    let tree = Tree::new(grid, positions);
    let distances: Vec<f64> = (0..positions.len())
        .into_par_iter()
        .with_min_len(1024)
        .map(|ix| tree.nearest_um(ix))
        .collect();
    distances.iter().sum::<f64>() / distances.len() as f64
}

/// Pair correlation g in the bins of a plan: cells at a distance over how many there would be if all lay in the box at
/// random (1: no order). Cells nearer than the largest distance to a wall are not counted around, only as neighbours, so
/// that no ring is cut off; NaN if no cell is left.
pub fn pair_correlation(grid: &Grid, positions: &[Vec4], plan: PairPlan) -> Vec<f64> {
    let (n, bins) = (positions.len(), plan.bins as usize);
    let dimensions = grid.dimensions as usize;
    let size = grid.size_um();
    let inside = |at: [f64; 3]| {
        (0..dimensions).all(|axis| {
            grid.periodic[axis] || (plan.to_um..=size[axis] - plan.to_um).contains(&at[axis])
        })
    };
    let tree = Tree::new(grid, positions);
    let centres: Vec<usize> = (0..n)
        .filter(|ix| inside(super::xyz(&positions[*ix])))
        .collect();
    let add = |mut a: Vec<u64>, b: Vec<u64>| {
        for (a, b) in a.iter_mut().zip(b) {
            *a += b;
        }
        a
    };
    // Whole numbers: their sum does not depend on who adds first.
    let counts = centres
        .par_iter()
        .with_min_len(256)
        .fold(
            || vec![0u64; bins],
            |mut counts, ix| {
                tree.within(*ix, plan.to_um, |distance| {
                    let bin = (distance / plan.to_um * bins as f64) as usize;
                    if let Some(count) = counts.get_mut(bin) {
                        *count += 1;
                    }
                });
                counts
            },
        )
        .reduce(|| vec![0u64; bins], add);
    let width = plan.to_um / bins as f64;
    let ball = |r: f64| match dimensions {
        2 => PI * r.powi(2),
        _ => 4.0 / 3.0 * PI * r.powi(3),
    };
    let density = n.saturating_sub(1) as f64 / grid.measure();
    counts
        .iter()
        .enumerate()
        .map(|(bin, count)| {
            let shell = ball((bin + 1) as f64 * width) - ball(bin as f64 * width);
            *count as f64 / (centres.len() as f64 * density * shell)
        })
        .collect()
}

/// Column names of a table of pair correlations.
pub const HEADER: [&str; 3] = ["time_h", "r_um", "g"];

/// A row for each bin, with the middle of its distances.
pub fn rows(model: &Model, cells: &Cells, step: u64, plan: PairPlan) -> Vec<Vec<String>> {
    let time_h = model.time_h(step).to_string();
    let width = plan.to_um / f64::from(plan.bins);
    let g = pair_correlation(model.grid(), &cells.position_radius, plan);
    g.iter()
        .enumerate()
        .map(|(bin, g)| {
            let r_um = (bin as f64 + 0.5) * width;
            vec![time_h.clone(), r_um.to_string(), g.to_string()]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{self, Stream};

    fn grid(n: [u32; 3], periodic: [bool; 3]) -> Grid {
        Grid {
            n,
            voxel_um: 10.0,
            periodic,
            dimensions: if n[2] == 1 { 2 } else { 3 },
        }
    }

    /// `count` points uniform in the box.
    fn random(grid: &Grid, count: u32) -> Vec<Vec4> {
        let size = grid.size_um();
        (0..count)
            .map(|id| {
                let words = rng::draw([11, 0], Stream::Placement, id, 0, 0);
                let at = |axis: usize| {
                    if axis < grid.dimensions as usize {
                        rng::unit_f32(words[axis]) * size[axis] as f32
                    } else {
                        5.0
                    }
                };
                Vec4::new(at(0), at(1), at(2), 8.0)
            })
            .collect()
    }

    /// Points every 20 µm, 10 µm from the walls.
    fn lattice(nx: u32, ny: u32) -> Vec<Vec4> {
        (0..nx * ny)
            .map(|i| {
                let (x, y) = ((i % nx) as f32, (i / nx) as f32);
                Vec4::new(10.0 + 20.0 * x, 10.0 + 20.0 * y, 5.0, 8.0)
            })
            .collect()
    }

    fn walls_and_periodic(n: [u32; 3]) -> [Grid; 3] {
        [[false; 3], [true; 3], [true, false, true]].map(|periodic| grid(n, periodic))
    }

    #[test]
    fn points_at_random_have_no_order() {
        for n in [[100, 80, 1], [40, 30, 30]] {
            for grid in walls_and_periodic(n) {
                let positions = random(&grid, 8000);
                let plan = PairPlan {
                    to_um: 100.0,
                    bins: 5,
                };
                // Cells away from the walls are few in 3-D, and so is how many lie around them by chance.
                let centres: f64 = (0..grid.dimensions as usize)
                    .filter(|axis| !grid.periodic[*axis])
                    .map(|axis| 1.0 - 200.0 / grid.size_um()[axis])
                    .product::<f64>()
                    * 8000.0;
                let noise = 0.02 + 3.0 / centres.sqrt();
                for g in &pair_correlation(&grid, &positions, plan)[1..] {
                    assert!((g - 1.0).abs() < noise, "{grid:?}: {g} ± {noise}");
                }
            }
        }
    }

    #[test]
    fn without_the_margin_walls_would_cut_the_rings() {
        // The same points: taken for periodic, the box of walls has its margin filled and order appears nowhere; counted
        // around every cell of a box with walls, rings at 80 to 100 µm would be short of a tenth.
        let grid = grid([50, 50, 1], [false; 3]);
        let positions = random(&grid, 5000);
        let plan = PairPlan {
            to_um: 100.0,
            bins: 5,
        };
        let tree = Tree::new(&grid, &positions);
        let mut outer = 0u64;
        for ix in 0..positions.len() {
            tree.within(ix, plan.to_um, |r| {
                outer += u64::from((80.0..100.0).contains(&r));
            });
        }
        let shell = PI * (100f64.powi(2) - 80f64.powi(2));
        let naive = outer as f64 / (5000.0 * 4999.0 / grid.measure() * shell);
        assert!(naive < 0.92, "{naive}");
        let corrected = pair_correlation(&grid, &positions, plan)[4];
        assert!((corrected - 1.0).abs() < 0.03, "{corrected}");
    }

    #[test]
    fn a_square_lattice_has_its_peaks() {
        for grid in walls_and_periodic([40, 20, 1]) {
            let positions = lattice(20, 10);
            assert!((nearest_neighbour_um(&grid, &positions) - 20.0).abs() < 1e-9);
            let plan = PairPlan {
                to_um: 50.0,
                bins: 50,
            };
            let g = pair_correlation(&grid, &positions, plan);
            // Four at 20 µm and four at √2 · 20 µm, nothing between.
            let share = |bin: usize, cells: f64| {
                let shell = PI * ((bin + 1) as f64).powi(2) - PI * (bin as f64).powi(2);
                cells / (199.0 / 80_000.0 * shell)
            };
            assert!(g[..20].iter().all(|g| *g == 0.0), "{g:?}");
            assert!((g[20] - share(20, 4.0)).abs() < 1e-9, "{}", g[20]);
            assert!(g[21..28].iter().all(|g| *g == 0.0));
            assert!((g[28] - share(28, 4.0)).abs() < 1e-9, "{}", g[28]);
        }
    }

    #[test]
    fn the_tree_finds_what_looking_at_all_finds() {
        for n in [[50, 30, 1], [12, 10, 8]] {
            for grid in walls_and_periodic(n) {
                let mut positions = random(&grid, 300);
                // A crowd in a corner, and two in one place.
                for (i, position) in positions.iter_mut().take(100).enumerate() {
                    position.x = 0.1 * i as f32;
                    position.y = 0.05 * i as f32;
                }
                positions[7] = positions[8];
                let size = grid.size_um();
                let all: f64 = (0..300)
                    .map(|i| {
                        (0..300)
                            .filter(|j| *j != i)
                            .map(|j| {
                                let (a, b) = (positions[i], positions[j]);
                                (0..grid.dimensions as usize)
                                    .map(|axis| {
                                        let by = (f64::from(a[axis]) - f64::from(b[axis])).abs();
                                        match grid.periodic[axis] {
                                            true => by.min(size[axis] - by).powi(2),
                                            false => by.powi(2),
                                        }
                                    })
                                    .sum::<f64>()
                                    .sqrt()
                            })
                            .fold(f64::INFINITY, f64::min)
                    })
                    .sum();
                let got = nearest_neighbour_um(&grid, &positions);
                assert!((got - all / 300.0).abs() < 1e-9, "{grid:?}");
            }
        }
    }

    #[test]
    fn too_few_cells_have_no_distance() {
        let grid = grid([10, 10, 1], [true; 3]);
        assert!(nearest_neighbour_um(&grid, &[]).is_nan());
        assert!(nearest_neighbour_um(&grid, &random(&grid, 1)).is_nan());
        let plan = PairPlan {
            to_um: 20.0,
            bins: 2,
        };
        assert!(pair_correlation(&grid, &[], plan)[0].is_nan());
    }
}
