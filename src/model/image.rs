//! A grey picture as a field: dark and light become two levels.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use image::{DynamicImage, ImageFormat, ImageReader};

use super::Grid;

/// A grey picture as it is.
pub(super) struct Grey {
    /// Pixels, across and down.
    pub size: [usize; 2],
    /// Brightness 0 (black) to 1 (white), row by row from the top.
    pub values: Vec<f64>,
}

/// Reads a PNG or TIFF of 8 or 16 bits and gives each voxel its brightness, 0 (black) to 1 (white), `[z][y][x]`.
///
/// The picture is stretched over the box, each axis by itself: averaged by area where it shrinks, bilinear where it
/// grows. Its top row lies at the largest y; along z it is repeated. Colour counts as its luma (Rec. 709) and
/// transparency not at all.
///
/// # Errors
/// A sentence without place: cannot be read, is not such a picture.
pub(super) fn brightness(path: &Path, grid: &Grid) -> Result<Vec<f32>, String> {
    let grey = grey(path)?;
    let plane = on_grid(&grey.values, grey.size, grid);
    let plane: Vec<f32> = plane.iter().map(|v| v.clamp(0.0, 1.0) as f32).collect();
    Ok(plane.repeat(grid.n[2] as usize))
}

/// Reads the picture itself, see [`brightness`].
///
/// # Errors
/// A sentence without place: cannot be read, is not such a picture.
pub(super) fn grey(path: &Path) -> Result<Grey, String> {
    let shown = path.display();
    let reader = opened(path, "PNG or TIFF, 8 or 16 bits, grey or colour")?;
    let picture = reader.decode().map_err(|why| cannot_read(path, &why))?;
    if matches!(
        picture,
        DynamicImage::ImageRgb32F(_) | DynamicImage::ImageRgba32F(_)
    ) {
        return Err(format!(
            "'{shown}' has 32 bits a sample; save it with 8 or 16 bits"
        ));
    }
    // Eight bits become sixteen exactly: 255 · 257 = 65535.
    let grey = picture.into_luma16();
    Ok(Grey {
        size: [grey.width() as usize, grey.height() as usize],
        values: (grey.as_raw().iter())
            .map(|pixel| f64::from(*pixel) / 65535.0)
            .collect(),
    })
}

/// Values of the pixels of a picture, row by row from the top, for each voxel of a plane of the grid, `[y][x]`.
pub(super) fn on_grid(pixels: &[f64], size: [usize; 2], grid: &Grid) -> Vec<f64> {
    let [n_x, n_y, _] = grid.n.map(|n| n as usize);
    let columns = weights(size[0], n_x);
    let rows = weights(size[1], n_y);
    let mut values = Vec::with_capacity(n_x * n_y);
    let mut line = vec![0.0; size[0]];
    for row in rows.iter().rev() {
        line.fill(0.0);
        for (y, weight) in row {
            let pixels = &pixels[y * size[0]..(y + 1) * size[0]];
            for (sum, pixel) in line.iter_mut().zip(pixels) {
                *sum += weight * pixel;
            }
        }
        values.extend(columns.iter().map(|column| {
            column
                .iter()
                .map(|(x, weight)| weight * line[*x])
                .sum::<f64>()
        }));
    }
    values
}

/// Opens a PNG or TIFF, by what the file is and not by what its name says. `allowed` are the pictures that the caller takes.
///
/// # Errors
/// A sentence without place: cannot be read, is no such picture.
pub(super) fn opened(path: &Path, allowed: &str) -> Result<ImageReader<BufReader<File>>, String> {
    let shown = path.display();
    let cannot = |why: std::io::Error| format!("cannot read '{shown}': {why}");
    let file = BufReader::new(File::open(path).map_err(cannot)?);
    let reader = ImageReader::new(file)
        .with_guessed_format()
        .map_err(cannot)?;
    match reader.format() {
        Some(ImageFormat::Png | ImageFormat::Tiff) => Ok(reader),
        _ => Err(format!(
            "'{shown}' is not a picture that can be read; allowed: {allowed}"
        )),
    }
}

/// The sentence for a picture that cannot be decoded.
pub(super) fn cannot_read(path: &Path, why: &image::ImageError) -> String {
    format!("'{}' cannot be read as a picture: {why}", path.display())
}

/// For each of `to` voxels the pixels of `from` that make it, with weights that add up to 1.
fn weights(from: usize, to: usize) -> Vec<Vec<(usize, f64)>> {
    let scale = from as f64 / to as f64;
    (0..to)
        .map(|i| {
            if from <= to {
                // Between the centres of two pixels; beyond the outermost ones, the outermost.
                let at = ((i as f64 + 0.5) * scale - 0.5).clamp(0.0, (from - 1) as f64);
                let low = at.floor() as usize;
                let part = at - low as f64;
                return vec![(low, 1.0 - part), ((low + 1).min(from - 1), part)];
            }
            let [begin, end] = [i as f64 * scale, (i + 1) as f64 * scale];
            (begin.floor() as usize..(end.ceil() as usize).min(from))
                .map(|pixel| {
                    let covered = end.min((pixel + 1) as f64) - begin.max(pixel as f64);
                    (pixel, covered.max(0.0) / scale)
                })
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_add_up_to_one_and_keep_the_mean() {
        for (from, to) in [(7, 3), (3, 7), (5, 5), (1, 9), (9, 1), (1000, 999)] {
            let rows = weights(from, to);
            for row in &rows {
                let sum: f64 = row.iter().map(|(_, w)| w).sum();
                assert!((sum - 1.0).abs() < 1e-12, "{from} to {to}: {sum}");
            }
            if from > to {
                // Every pixel counts alike when a picture shrinks.
                let mut counts = vec![0.0; from];
                for (pixel, weight) in rows.into_iter().flatten() {
                    counts[pixel] += weight;
                }
                let each = to as f64 / from as f64;
                assert!(counts.iter().all(|c| (c - each).abs() < 1e-9));
            }
        }
    }

    #[test]
    fn an_equal_size_is_a_copy() {
        for (i, row) in weights(4, 4).into_iter().enumerate() {
            assert_eq!(row[0], (i, 1.0));
        }
    }
}
