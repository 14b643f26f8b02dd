//! The difference of two states of the same box, as a state and a view that any painter draws.

use crate::model::{FieldKind, Grid};
use crate::state::{Cells, HostState};

use super::{Range, View};

/// What is subtracted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// A field.
    Field(FieldKind),
    /// Cells per area, smoothed; in 3-D per volume.
    Cells,
}

/// Why there is no difference.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DifferenceError {
    /// One of the states does not have the field.
    #[error("{of} has no field {field} to compare; choose one that both compute")]
    NoField {
        /// `treated` or `vehicle`.
        of: &'static str,
        /// Name of the field.
        field: &'static str,
    },
    /// A field does not belong to the box.
    #[error(
        "{field} has {found} values and the box {expected} voxels; compare states of the same box"
    )]
    OtherBox {
        /// Name of the field.
        field: &'static str,
        /// Values found.
        found: usize,
        /// Voxels of the box.
        expected: usize,
    },
}

/// `treated − vehicle`: a state whose only field is the difference and that has no cells, and `view` as it shows that:
/// diverging colours around 0, with a range that is as far below 0 as above. Both painters and
/// [`annotate`](super::annotation::annotate) take them like any others.
///
/// The difference of cells is stored as if it were the field [`FieldKind::Fak`]; [`View::difference`] says what it is.
///
/// # Errors
/// A state does not have the field, or it is one of another box.
pub fn difference(
    grid: &Grid,
    treated: &HostState,
    vehicle: &HostState,
    compared: Compared,
    view: &View,
) -> Result<(HostState, View), DifferenceError> {
    let (kind, values): (FieldKind, Vec<f32>) = match compared {
        Compared::Field(kind) => {
            let a = values_of(grid, "treated", treated, kind)?;
            let b = values_of(grid, "vehicle", vehicle, kind)?;
            (kind, a.iter().zip(b).map(|(a, b)| a - b).collect())
        }
        Compared::Cells => {
            let [a, b] = [treated, vehicle].map(|state| density(grid, &state.cells));
            let values = a.iter().zip(b).map(|(a, b)| a - b).collect();
            (FieldKind::Fak, values)
        }
    };
    let state = HostState {
        step: treated.step,
        next_id: treated.next_id,
        tally: treated.tally,
        fields: vec![(kind, values)],
        cells: Cells::default(),
    };
    let mut shown = View {
        field: Some(kind),
        difference: Some(compared),
        cells: false,
        matrix: None,
        ..view.clone()
    };
    // A range of the values themselves is none of their difference.
    if view.difference != Some(compared) {
        shown.field_range = Range::Auto;
    }
    let shown = shown.settled(&state);
    Ok((state, shown))
}

fn values_of<'a>(
    grid: &Grid,
    of: &'static str,
    state: &'a HostState,
    kind: FieldKind,
) -> Result<&'a [f32], DifferenceError> {
    let field = kind.name();
    let values = (state.field(kind)).ok_or(DifferenceError::NoField { of, field })?;
    let (found, expected) = (values.len(), grid.n_voxels());
    if found == expected {
        Ok(values)
    } else {
        Err(DifferenceError::OtherBox {
            field,
            found,
            expected,
        })
    }
}

/// Smoothed over a length of about three cells, as the same cells never stand at the same places.
const SMOOTHING_UM: f64 = 30.0;

/// Cells per 1000 µm² (in 3-D per 10⁵ µm³) in each voxel `[z][y][x]`.
fn density(grid: &Grid, cells: &Cells) -> Vec<f32> {
    let mut counts = vec![0.0_f32; grid.n_voxels()];
    for at in &cells.position_radius {
        counts[grid.voxel_at(at.truncate().to_array())] += 1.0;
    }
    let unit = if grid.dimensions == 3 { 1e5 } else { 1e3 };
    let scale = (unit / grid.voxel_measure()) as f32;
    // Three means of a width w have the variance of a Gaussian, 3·(w² − 1)/12.
    let sigma = SMOOTHING_UM / grid.voxel_um;
    let reach = (0.5 * ((4.0 * sigma * sigma + 1.0).sqrt() - 1.0)).round() as usize;
    for axis in 0..grid.dimensions as usize {
        for _ in 0..3 {
            counts = averaged(&counts, grid.n, axis, reach);
        }
    }
    counts.iter().map(|count| count * scale).collect()
}

/// Means over `2·reach + 1` voxels along an axis, at walls over those that there are.
fn averaged(values: &[f32], n: [u32; 3], axis: usize, reach: usize) -> Vec<f32> {
    let [x, y, z] = n.map(|n| n as usize);
    let stride = [1, x, x * y][axis];
    let length = [x, y, z][axis];
    let mut means = vec![0.0; values.len()];
    for (ix, mean) in means.iter_mut().enumerate() {
        let at = ix / stride % length;
        let (low, high) = (at.saturating_sub(reach), (at + reach).min(length - 1));
        let start = ix - at * stride;
        let sum: f32 = (low..=high).map(|i| values[start + i * stride]).sum();
        *mean = sum / (high - low + 1) as f32;
    }
    means
}
