//! Fibres of the matrix, for contact guidance: which way they lie in each voxel, and how much they agree.

use super::read::Reader;
use super::{Grid, image, space};
use crate::error::UsageError;

/// Gradients weaker than this share of the picture's mean square do not say which way fibres lie.
const BACKGROUND: f64 = 0.01;

/// Alignment a·(f fᵀ − 1/d) of fibres along f in d dimensions, a from 0 (any direction) to 1 (all parallel): the
/// components xx and xy, in 3-D also yy, xz and yz, one grid `[z][y][x]` after another. `None` without fibres.
pub(super) fn fibres(read: &Reader, grid: &Grid) -> Result<Option<Vec<f32>>, UsageError> {
    let Some(entry) = &read.scenario.file.fibres else {
        return Ok(None);
    };
    let file = entry.get_ref();
    let given = [
        ("direction", file.direction.is_some()),
        ("file", file.file.is_some()),
    ];
    space::exactly_one(read, "fibres", entry.span(), given)?;
    if let Some(raw) = &file.direction {
        if let Some(smoothing) = &file.smoothing {
            let why = "belongs to a picture; a direction is the same everywhere";
            let span = Some(smoothing.span());
            return Err(read.scenario.error("fibres.smoothing", span, why));
        }
        let wrong = |why: &str| {
            let span = Some(raw.span());
            read.scenario.error("fibres.direction", span, why)
        };
        let direction = raw.get_ref();
        if direction.len() != grid.dimensions as usize {
            let why = format!(
                "{} numbers given, the domain has {} axes",
                direction.len(),
                grid.dimensions
            );
            return Err(wrong(&why));
        }
        let length = direction.iter().map(|c| c * c).sum::<f64>().sqrt();
        if !(length.is_finite() && length > 0.0) {
            return Err(wrong("must be finite numbers, not all 0"));
        }
        let mut along = [0.0; 3];
        for (slot, c) in along.iter_mut().zip(direction) {
            *slot = c / length;
        }
        let alignment = match &file.alignment {
            None => 1.0,
            Some(raw) => {
                let alignment = read.positive_or_zero("fibres.alignment", raw, "1")?;
                if alignment > 1.0 {
                    let why = format!("{alignment} is not an alignment; allowed: 0 to 1");
                    let span = Some(raw.span());
                    return Err(read.scenario.error("fibres.alignment", span, &why));
                }
                alignment
            }
        };
        return Ok(Some(uniform(along, alignment, grid)));
    }
    if let Some(alignment) = &file.alignment {
        let why = "belongs to a direction; a picture says itself how much its fibres agree";
        let span = Some(alignment.span());
        return Err(read.scenario.error("fibres.alignment", span, why));
    }
    let smoothing = match &file.smoothing {
        Some(raw) => read.positive_or_zero("fibres.smoothing", raw, "um")?,
        None => 20.0,
    };
    let Some(name) = &file.file else {
        // Exactly one is given.
        return Ok(None);
    };
    let path = read.scenario.folder.join(name.get_ref());
    let components = from_picture(&path, smoothing, grid).map_err(|why| {
        let span = Some(name.span());
        read.scenario.error("fibres.file", span, &why)
    })?;
    Ok(Some(components))
}

/// Mean of the alignment a over the voxels, from the components of [`fibres`].
pub(super) fn mean_alignment(components: &[f32], grid: &Grid) -> f64 {
    let n = grid.n_voxels();
    // The squares of all components of a·(f fᵀ − 1/d) add up to a²·(1 − 1/d).
    let square = |ix: usize| {
        let q = |c: usize| f64::from(components[c * n + ix]);
        let (xx, xy) = (q(0), q(1));
        if grid.dimensions == 2 {
            return 4.0 * (xx * xx + xy * xy);
        }
        let (yy, xz, yz) = (q(2), q(3), q(4));
        let zz = -(xx + yy);
        1.5 * (xx * xx + yy * yy + zz * zz + 2.0 * (xy * xy + xz * xz + yz * yz))
    };
    (0..n).map(|ix| square(ix).sqrt()).sum::<f64>() / n as f64
}

fn uniform(along: [f64; 3], alignment: f64, grid: &Grid) -> Vec<f32> {
    let mean = 1.0 / f64::from(grid.dimensions);
    let [x, y, z] = along;
    let components = [x * x - mean, x * y, y * y - mean, x * z, y * z];
    let n = if grid.dimensions == 2 { 2 } else { 5 };
    components[..n]
        .iter()
        .flat_map(|c| vec![(alignment * c) as f32; grid.n_voxels()])
        .collect()
}

/// Fibres of a picture that is stretched over the box as one of a [field](super::Initial) is, by its structure tensor:
/// fibres lie across its gradients, and agree by its coherency. In 3-D they lie in the plane of x and y.
///
/// # Errors
/// A sentence without place: cannot be read, is not such a picture, or is the same all over.
fn from_picture(
    path: &std::path::Path,
    smoothing_um: f64,
    grid: &Grid,
) -> Result<Vec<f32>, String> {
    let grey = image::grey(path)?;
    let [width, height] = grey.size;
    let size = grid.size_um();
    let [dx, dy] = [size[0] / width as f64, size[1] / height as f64];
    let at = |x: isize, row: isize| {
        // Beyond the rim as at the rim.
        let x = x.clamp(0, width as isize - 1) as usize;
        let row = row.clamp(0, height as isize - 1) as usize;
        grey.values[row * width + x]
    };
    let mut products = [const { Vec::new() }; 3];
    for row in 0..height as isize {
        for x in 0..width as isize {
            // Scharr's weights: of all 3 × 3 masks they turn best with the picture.
            let across = |o: isize| at(x + 1, row + o) - at(x - 1, row + o);
            let along = |o: isize| at(x + o, row - 1) - at(x + o, row + 1);
            let gx = (3.0 * across(-1) + 10.0 * across(0) + 3.0 * across(1)) / (32.0 * dx);
            let gy = (3.0 * along(-1) + 10.0 * along(0) + 3.0 * along(1)) / (32.0 * dy);
            for (product, value) in products.iter_mut().zip([gx * gx, gx * gy, gy * gy]) {
                product.push(value);
            }
        }
    }
    let sigma = smoothing_um / grid.voxel_um;
    let [xx, xy, yy] = products.map(|values| {
        let mut plane = image::on_grid(&values, grey.size, grid);
        blur(&mut plane, sigma, grid);
        plane
    });
    let trace = |ix: usize| xx[ix] + yy[ix];
    let background = BACKGROUND * (0..xx.len()).map(trace).sum::<f64>() / xx.len() as f64;
    if background <= 0.0 {
        return Err(format!(
            "'{}' is the same all over and shows no fibres",
            path.display()
        ));
    }
    // With the doubled angle of the gradient turned by half a circle: cos 2φ = −(xx − yy)/s, sin 2φ = −2 xy/s, and the
    // coherency s/(xx + yy).
    let twice = |ix: usize| -1.0 / (trace(ix) + background);
    let q_xx = (0..xx.len()).map(|ix| (0.5 * twice(ix) * (xx[ix] - yy[ix])) as f32);
    let q_xy = (0..xx.len()).map(|ix| (twice(ix) * xy[ix]) as f32);
    let (q_xx, q_xy): (Vec<f32>, Vec<f32>) = (q_xx.collect(), q_xy.collect());
    if grid.dimensions == 2 {
        return Ok([q_xx, q_xy].concat());
    }
    // In space a·(f fᵀ − 1/3): from the plane's a·(f fᵀ − 1/2) by what a gives to both axes.
    let alignment = |ix: usize| 2.0 * q_xx[ix].hypot(q_xy[ix]);
    let lift = |q: f32, ix: usize| q + alignment(ix) / 6.0;
    let deep_xx: Vec<f32> = (0..q_xx.len()).map(|ix| lift(q_xx[ix], ix)).collect();
    let deep_yy: Vec<f32> = (0..q_xx.len()).map(|ix| lift(-q_xx[ix], ix)).collect();
    let none = vec![0.0; grid.n_voxels()];
    let layers = grid.n[2] as usize;
    let [deep_xx, q_xy, deep_yy] = [deep_xx, q_xy, deep_yy].map(|plane| plane.repeat(layers));
    Ok([deep_xx, q_xy, deep_yy, none.clone(), none].concat())
}

/// Blurs a plane of the grid by a Gaussian of σ voxels, cut at 3 σ; beyond the rim as at the rim.
fn blur(plane: &mut Vec<f64>, sigma: f64, grid: &Grid) {
    let reach = (3.0 * sigma).round() as isize;
    if reach == 0 {
        return;
    }
    let weights: Vec<f64> = (-reach..=reach)
        .map(|i| (-0.5 * (i as f64 / sigma).powi(2)).exp())
        .collect();
    let sum: f64 = weights.iter().sum();
    let [n_x, n_y] = [grid.n[0] as isize, grid.n[1] as isize];
    for along in [[1, 0], [0, 1]] {
        let from = std::mem::take(plane);
        for y in 0..n_y {
            for x in 0..n_x {
                let mut value = 0.0;
                for (i, weight) in (-reach..=reach).zip(&weights) {
                    let x = (x + along[0] * i).clamp(0, n_x - 1);
                    let y = (y + along[1] * i).clamp(0, n_y - 1);
                    value += weight * from[(y * n_x + x) as usize];
                }
                plane.push(value / sum);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(n: [u32; 3]) -> Grid {
        Grid {
            n,
            voxel_um: 10.0,
            periodic: [false; 3],
            dimensions: if n[2] == 1 { 2 } else { 3 },
        }
    }

    /// Stripes of a known direction in a box whose pixels are not square, in 2-D and 3-D.
    #[test]
    fn stripes_lie_as_they_are_drawn() {
        let folder = tempfile::tempdir().unwrap();
        for degrees in [0.0, 20.0, 45.0, 90.0, 160.0f64] {
            let path = folder.path().join(format!("{degrees}.png"));
            let (sin, cos) = degrees.to_radians().sin_cos();
            // 400 × 300 µm in 200 × 100 pixels.
            let picture = ::image::GrayImage::from_fn(200, 100, |column, row| {
                let x = 2.0 * (f64::from(column) + 0.5);
                let y = 3.0 * (99.5 - f64::from(row));
                let phase = std::f64::consts::TAU * (cos * y - sin * x) / 40.0;
                ::image::Luma([(128.0 + 100.0 * phase.sin()) as u8])
            });
            picture.save(&path).unwrap();
            let grid = grid([40, 30, 1]);
            let q = from_picture(&path, 20.0, &grid).unwrap();
            // Away from the rim, where half of a stripe is missing.
            let ix = 15 * 40 + 20;
            let [xx, xy] = [0, 1].map(|c| f64::from(q[c * 1200 + ix]));
            let alignment = 2.0 * xx.hypot(xy);
            assert!((0.9..=1.0).contains(&alignment), "{degrees}: {alignment}");
            let off = (0.5 * xy.atan2(xx)).to_degrees() - degrees;
            let off = (off + 270.0).rem_euclid(180.0) - 90.0;
            assert!(off.abs() < 1.0, "{degrees}: {off}");
            let deep = super::tests::grid([40, 30, 3]);
            let q = from_picture(&path, 20.0, &deep).unwrap();
            let [xx3, xy3, yy3, xz3, yz3] =
                [0, 1, 2, 3, 4].map(|c| f64::from(q[c * 3600 + 2400 + ix]));
            let third = alignment / 3.0;
            assert!((xx3 + third - (xx + 0.5 * alignment)).abs() < 1e-6);
            assert!((xx3 + yy3 + 2.0 * third - alignment).abs() < 1e-6);
            assert_eq!((xy3, xz3, yz3), (xy, 0.0, 0.0));
        }
    }

    #[test]
    fn the_mean_alignment_is_what_was_given() {
        for (grid, along) in [
            (grid([4, 3, 1]), [0.8, -0.6, 0.0]),
            (grid([4, 3, 2]), [0.6, 0.0, -0.8]),
        ] {
            let mean = mean_alignment(&uniform(along, 0.7, &grid), &grid);
            assert!((mean - 0.7).abs() < 1e-6, "{mean}");
        }
    }

    /// A checkerboard has no direction, and a plain picture shows nothing.
    #[test]
    fn what_has_no_direction_has_no_alignment() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checks.png");
        let draw = |period: u32| {
            ::image::GrayImage::from_fn(400, 300, |x, y| {
                ::image::Luma([if (x / period + y / period).is_multiple_of(2) {
                    0
                } else {
                    255
                }])
            })
        };
        draw(10).save(&path).unwrap();
        let grid = grid([40, 30, 1]);
        let q = from_picture(&path, 20.0, &grid).unwrap();
        let ix = 15 * 40 + 20;
        let alignment = 2.0 * q[ix].hypot(q[1200 + ix]);
        assert!(alignment < 0.05, "{alignment}");
        draw(1000).save(&path).unwrap();
        let why = from_picture(&path, 20.0, &grid).unwrap_err();
        assert!(why.contains("shows no fibres"), "{why}");
    }
}
