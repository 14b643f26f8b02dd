//! How far from the vessels things are: what matrix keeps out of a tissue, and where.

use rayon::prelude::*;

use crate::model::{Grid, Model};
use crate::state::HostState;

/// Distance of every voxel's centre to that of the nearest voxel with a vessel, µm, `[z][y][x]`.
#[derive(Clone, Debug)]
pub struct Depth(Vec<f64>);

impl Depth {
    /// Of a model that asks for it.
    pub fn new(model: &Model) -> Option<Self> {
        let vessels = model.vessels().filter(|_| model.observe().depth)?;
        let start = vessels.iter().map(|share| match *share > 0.0 {
            true => 0.0,
            false => f64::INFINITY,
        });
        let mut squares: Vec<f64> = start.collect();
        // The square of a distance is a sum over axes, so that one axis goes after another.
        for axis in 0..model.grid().dimensions as usize {
            squares = along(axis, &squares, model.grid());
        }
        let um = squares.iter().map(|s| s.sqrt() * model.grid().voxel_um);
        Some(Self(um.collect()))
    }

    /// Mean depth of what a field holds, µm: its values are the weights.
    pub fn of_field(&self, values: &[f32]) -> f64 {
        let weighted = values.iter().zip(&self.0).map(|(v, um)| f64::from(*v) * um);
        weighted.sum::<f64>() / values.iter().map(|v| f64::from(*v)).sum::<f64>()
    }

    /// Mean depth of some cells, µm.
    pub fn of_cells(&self, model: &Model, state: &HostState, members: &[usize]) -> f64 {
        let depths = members.iter().map(|&ix| {
            let body = state.cells.position_radius[ix];
            self.0[model.grid().voxel_at([body.x, body.y, body.z])]
        });
        depths.sum::<f64>() / members.len() as f64
    }
}

/// For each voxel the least of the squares along its line plus the square of the way there, voxels².
fn along(axis: usize, squares: &[f64], grid: &Grid) -> Vec<f64> {
    let n = grid.n.map(|n| n as usize);
    let stride = [1, n[0], n[0] * n[1]][axis];
    let way = |from: usize, to: usize| {
        let straight = from.abs_diff(to);
        match grid.periodic[axis] {
            true => straight.min(n[axis] - straight),
            false => straight,
        }
    };
    (0..squares.len())
        .into_par_iter()
        .with_min_len(1024)
        .map(|ix| {
            let here = ix / stride % n[axis];
            let first = ix - here * stride;
            (0..n[axis])
                .map(|there| squares[first + there * stride] + (way(here, there) as f64).powi(2))
                .fold(f64::INFINITY, f64::min)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::initial_state;

    fn model(size: &str, sections: &str) -> Model {
        Model::from_toml(&format!(
            "title = \"t\"\n[domain]\nsize = {size}\nvoxel = \"10 um\"\n[time]\nduration = \"1 h\"\n[observe]\ndepth = true\n{sections}"
        ))
        .unwrap()
    }

    /// Against the distance to every vessel voxel, walls and seams included.
    #[test]
    fn depths_are_the_distances_that_brute_force_finds() {
        let disc = "[[vessel]]\ndisc = { center = [\"35 um\", \"95 um\"], radius = \"12 um\" }\n";
        let ball = "[[vessel]]\nball = { center = [\"35 um\", \"95 um\", \"15 um\"], radius = \"12 um\" }\n";
        let periodic = "[fields.drug.boundary]\ny = \"periodic\"\n";
        for (size, sections, wraps) in [
            (r#"["170 um", "110 um"]"#, disc.to_string(), false),
            (r#"["170 um", "110 um"]"#, format!("{disc}{periodic}"), true),
            (r#"["70 um", "110 um", "50 um"]"#, ball.to_string(), false),
        ] {
            let model = model(size, &sections);
            let depth = Depth::new(&model).unwrap();
            let [nx, ny, _] = model.grid().n.map(|n| n as usize);
            let place = |ix: usize| [ix % nx, ix / nx % ny, ix / (nx * ny)];
            let vessels = model.vessels().unwrap();
            for ix in 0..vessels.len() {
                let mut least = f64::INFINITY;
                for other in (0..vessels.len()).filter(|other| vessels[*other] > 0.0) {
                    let (a, b) = (place(ix), place(other));
                    let mut d = [0, 1, 2].map(|axis| a[axis].abs_diff(b[axis]));
                    if wraps {
                        d[1] = d[1].min(ny - d[1]);
                    }
                    let square = d.iter().map(|d| (d * d) as f64).sum::<f64>();
                    least = least.min(10.0 * square.sqrt());
                }
                assert!((depth.0[ix] - least).abs() < 1e-9, "{ix}");
            }
        }
    }

    #[test]
    fn what_lies_deep_counts_deep() {
        let sections = "[fields.ecm]\ninitial = { rectangle = { from = [\"80 um\", \"0 um\"], to = [\"90 um\", \"10 um\"], inside = 2 } }\n\
            [[vessel]]\ndisc = { center = [\"5 um\", \"5 um\"], radius = \"2 um\" }\n";
        let model = model(r#"["170 um", "10 um"]"#, sections);
        let depth = Depth::new(&model).unwrap();
        assert_eq!(depth.of_field(&initial_state(&model).fields[0].1), 80.0);
    }
}
