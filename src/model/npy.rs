//! One number per voxel from a NumPy file. Its shape is checked before anything is made of it.

use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::Path;

use super::Grid;

/// Longest header, bytes. NumPy's own have about a hundred.
const MOST_HEADER: usize = 1 << 16;

/// Reads `[z,]y,x` in C order: f32 or f64, and u8 or bool too. All finite and not negative.
///
/// # Errors
/// A sentence without place: cannot be read, of another shape or kind, holds a value that is not allowed.
pub(crate) fn read(path: &Path, grid: &Grid) -> Result<Vec<f32>, String> {
    let shown = path.display();
    let not_npy = |why: &dyn std::fmt::Display| format!("'{shown}' is not an NPY file: {why}");
    let mut file =
        BufReader::new(File::open(path).map_err(|why| format!("cannot read '{shown}': {why}"))?);
    let head = head(&mut file).map_err(|why| not_npy(&why))?;
    let shape = shape(&head).ok_or_else(|| not_npy(&"its header names no shape"))?;
    let expected = grid.shape();
    if shape != expected {
        return Err(format!(
            "'{shown}' has shape {shape:?}, the grid needs {expected:?} ([z,]y,x)"
        ));
    }
    let file = npyz::NpyFile::new(Cursor::new(head).chain(file)).map_err(|why| not_npy(&why))?;
    if file.order() != npyz::Order::C {
        return Err(format!(
            "'{shown}' is in Fortran order; save it with numpy.ascontiguousarray"
        ));
    }
    let kind = match file.dtype() {
        npyz::DType::Plain(kind) => kind.to_string(),
        _ => String::new(),
    };
    let wrong_kind = |_| format!("'{shown}' holds {kind:?}; allowed: f32, f64, u8 or bool");
    let n = grid.n_voxels();
    match kind.get(1..) {
        Some("f8") => collect(file.data::<f64>().map_err(wrong_kind)?, n),
        Some("u1") => collect(
            file.data::<u8>()
                .map_err(wrong_kind)?
                .map(|v| v.map(f64::from)),
            n,
        ),
        Some("b1") => {
            let data = file.data::<bool>().map_err(wrong_kind)?;
            collect(data.map(|v| v.map(|v| f64::from(u8::from(v)))), n)
        }
        _ => collect(
            file.data::<f32>()
                .map_err(wrong_kind)?
                .map(|v| v.map(f64::from)),
            n,
        ),
    }
    .map_err(|why| format!("'{shown}' {why}"))
}

fn collect(
    values: impl Iterator<Item = std::io::Result<f64>>,
    n: usize,
) -> Result<Vec<f32>, String> {
    let mut out = Vec::with_capacity(n);
    for value in values {
        let value = value.map_err(|why| format!("ends early: {why}"))?;
        if !(0.0..=f64::from(f32::MAX)).contains(&value) {
            return Err(format!(
                "holds {value} at index {}; allowed: finite, 0 or more",
                out.len()
            ));
        }
        out.push(value as f32);
    }
    Ok(out)
}

/// The bytes before the data: magic, version, length and a Python dictionary.
fn head(file: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let wrong = |why: &str| std::io::Error::new(std::io::ErrorKind::InvalidData, why.to_string());
    let mut head = vec![0; 10];
    file.read_exact(&mut head)?;
    if &head[..6] != b"\x93NUMPY" {
        return Err(wrong("it does not begin with \\x93NUMPY"));
    }
    let mut length = usize::from(head[8]) | usize::from(head[9]) << 8;
    if head[6] > 1 {
        head.resize(12, 0);
        file.read_exact(&mut head[10..])?;
        length |= usize::from(head[10]) << 16 | usize::from(head[11]) << 24;
    }
    if length > MOST_HEADER {
        return Err(wrong("its header is longer than 64 KiB"));
    }
    let begin = head.len();
    head.resize(begin + length, 0);
    file.read_exact(&mut head[begin..])?;
    Ok(head)
}

/// The shape that a header names. npyz multiplies it out, which a header of 2⁶⁴ voxels must not reach.
fn shape(head: &[u8]) -> Option<Vec<u64>> {
    let text = String::from_utf8_lossy(head);
    let (_, rest) = text.split_once("shape")?;
    let (_, rest) = rest.split_once('(')?;
    let (inside, _) = rest.split_once(')')?;
    inside
        .split(',')
        .map(|n| n.trim().trim_end_matches('L'))
        .filter(|n| !n.is_empty())
        .map(|n| n.parse().ok())
        .collect()
}
