//! Cells from a label image: what segmentation leaves, one whole number a cell and 0 where there is none.

use std::collections::BTreeMap;
use std::io::Seek;
use std::path::Path;

use image::{DynamicImage, ImageFormat};
use tiff::decoder::{Decoder, DecodingResult, Limits};

use super::image::{cannot_read, opened};

/// What can be read, for errors.
const ALLOWED: &str =
    "a grey PNG of 8 or 16 bits or a grey TIFF of 8, 16 or 32 bits, whole numbers from 0";
/// The largest TIFF that is decoded, bytes.
const MOST_BYTES: usize = 1 << 30;

/// One label of a picture.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Label {
    /// Its number.
    pub number: u32,
    /// Its pixels.
    pub area_px: u64,
    /// Its centroid, px from the left and from the bottom edge of the picture; a pixel's middle is at a half.
    pub centroid_px: [f64; 2],
}

/// A picture of labels.
struct Labels {
    width: usize,
    /// By rows, the top one first.
    pixels: Vec<u32>,
}

/// Reads a label image: its labels by number. `most` is how many are allowed. The top row is the largest y, as in pictures
/// of fields.
///
/// # Errors
/// A sentence without place: cannot be read, is not such a picture, holds no label or too many, or one in parts.
pub(super) fn read(path: &Path, most: usize) -> Result<Vec<Label>, String> {
    let wrong = |why: String| format!("'{}' {why}", path.display());
    labels(path)?.measured(most).map_err(wrong)
}

fn labels(path: &Path) -> Result<Labels, String> {
    let shown = path.display();
    let reader = opened(path, ALLOWED)?;
    if reader.format() == Some(ImageFormat::Tiff) {
        // `image` knows no 32 bits of grey.
        return from_tiff(reader.into_inner()).map_err(|why| format!("'{shown}' {why}"));
    }
    let picture = reader.decode().map_err(|why| cannot_read(path, &why))?;
    let width = picture.width() as usize;
    let pixels = match picture {
        DynamicImage::ImageLuma8(grey) => grey.into_raw().into_iter().map(u32::from).collect(),
        DynamicImage::ImageLuma16(grey) => grey.into_raw().into_iter().map(u32::from).collect(),
        _ => {
            return Err(format!(
                "'{shown}' is in colour or has transparency, which numbers no cells; allowed: {ALLOWED}"
            ));
        }
    };
    Ok(Labels { width, pixels })
}

fn from_tiff(file: impl std::io::Read + Seek) -> Result<Labels, String> {
    let cannot = |why: tiff::TiffError| format!("cannot be read as a picture: {why}");
    let mut limits = Limits::default();
    limits.decoding_buffer_size = MOST_BYTES;
    let mut tiff = Decoder::new(file).map_err(cannot)?.with_limits(limits);
    let (width, height) = tiff.dimensions().map_err(cannot)?;
    let colour = tiff.colortype().map_err(cannot)?;
    if !matches!(colour, tiff::ColorType::Gray(8 | 16 | 32)) {
        return Err(format!(
            "holds {colour:?} and no labels; allowed: {ALLOWED}"
        ));
    }
    if tiff.more_images() {
        return Err("holds several pages; save the one that numbers the cells".to_string());
    }
    let pixels = match tiff.read_image().map_err(cannot)? {
        DecodingResult::U8(values) => numbers(values),
        DecodingResult::U16(values) => numbers(values),
        DecodingResult::U32(values) => Ok(values),
        DecodingResult::I8(values) => numbers(values),
        DecodingResult::I16(values) => numbers(values),
        DecodingResult::I32(values) => numbers(values),
        _ => Err(format!(
            "holds floating-point numbers and no labels; allowed: {ALLOWED}"
        )),
    }?;
    let width = width as usize;
    if pixels.len() != width * height as usize {
        return Err("cannot be read as a picture: it is cut short".to_string());
    }
    Ok(Labels { width, pixels })
}

fn numbers<T>(values: Vec<T>) -> Result<Vec<u32>, String>
where
    T: Copy + std::fmt::Display,
    u32: TryFrom<T>,
{
    let number = |value: T| {
        u32::try_from(value).map_err(|_| format!("holds a pixel of {value}; allowed: {ALLOWED}"))
    };
    values.into_iter().map(number).collect()
}

impl Labels {
    /// Every label with its area and centroid.
    fn measured(mut self, most: usize) -> Result<Vec<Label>, String> {
        let height = self.pixels.len() / self.width.max(1);
        let mut found: BTreeMap<u32, Label> = BTreeMap::new();
        for ix in 0..self.pixels.len() {
            let number = self.pixels[ix];
            if number == 0 {
                continue;
            }
            let (area_px, [column, row]) = self.take(ix);
            let centroid_px = [column + 0.5, height as f64 - (row + 0.5)];
            let label = Label {
                number,
                area_px,
                centroid_px,
            };
            if let Some(other) = found.insert(number, label) {
                let [x, y] = other.centroid_px;
                return Err(format!(
                    "has label {number} in parts that do not touch, around pixel ({x:.1}, {y:.1}) and pixel ({:.1}, {:.1}) from the lower left corner; give each cell a number of its own (a black and white mask has none)",
                    centroid_px[0], centroid_px[1]
                ));
            }
            if found.len() > most {
                return Err(format!(
                    "has more labels than ids allow for; allowed: up to {most} cells"
                ));
            }
        }
        if found.is_empty() {
            return Err("holds no label: every pixel is 0".to_string());
        }
        Ok(found.into_values().collect())
    }

    /// Takes the pixels that hang together with one, corners included, out of the picture: their number, and the mean of
    /// their columns and rows.
    fn take(&mut self, from: usize) -> (u64, [f64; 2]) {
        let (width, number) = (self.width, self.pixels[from]);
        let height = self.pixels.len() / width;
        let (mut area, mut columns, mut rows) = (0u64, 0.0, 0.0);
        let mut open = vec![from];
        self.pixels[from] = 0;
        while let Some(ix) = open.pop() {
            let [x, y] = [ix % width, ix / width];
            area += 1;
            columns += x as f64;
            rows += y as f64;
            for y in y.saturating_sub(1)..(y + 2).min(height) {
                for x in x.saturating_sub(1)..(x + 2).min(width) {
                    let next = y * width + x;
                    if self.pixels[next] == number {
                        self.pixels[next] = 0;
                        open.push(next);
                    }
                }
            }
        }
        (area, [columns / area as f64, rows / area as f64])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(width: usize, pixels: &[u32]) -> Result<Vec<Label>, String> {
        let pixels = pixels.to_vec();
        Labels { width, pixels }.measured(3)
    }

    #[test]
    fn labels_are_counted_from_the_lower_left_corner() {
        // The top row first.
        let labels = measured(4, &[9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2]).unwrap();
        let label = |number, centroid_px| Label {
            number,
            area_px: 2,
            centroid_px,
        };
        assert_eq!(labels, [label(2, [3.0, 0.5]), label(9, [1.0, 2.5])]);
    }

    #[test]
    fn corners_hang_together_and_parts_do_not() {
        assert_eq!(measured(2, &[5, 0, 0, 5]).unwrap()[0].area_px, 2);
        let why = measured(3, &[5, 0, 5]).unwrap_err();
        assert!(
            why.contains("label 5 in parts") && why.contains("(0.5, 0.5)"),
            "{why}"
        );
    }

    #[test]
    fn none_and_too_many_are_refused() {
        assert!(measured(2, &[0, 0]).unwrap_err().contains("holds no label"));
        assert!(measured(0, &[]).unwrap_err().contains("holds no label"));
        assert_eq!(measured(3, &[1, 2, 3]).unwrap().len(), 3);
        let why = measured(4, &[1, 2, 3, 4]).unwrap_err();
        assert!(why.contains("up to 3 cells"), "{why}");
    }
}
