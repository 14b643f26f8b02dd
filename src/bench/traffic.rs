//! Bytes that a pass must move, counted by hand from its kernel: each array once, neighbours from the cache.

use crate::coefficients::{Coefficients, FieldCoefficients, NONE, scheme};
use crate::model::{FieldKind, Model};
use crate::pass::Pass;
use crate::state::{N_SIGNALS, N_TRAITS};

/// Work of one pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// What is counted.
    pub unit: &'static str,
    /// How many of them.
    pub count: u64,
    /// Bytes read and written.
    pub bytes: u64,
}

/// Work of a pass for a model with this many cells.
pub fn traffic(pass: Pass, model: &Model, n_cells: u64) -> Work {
    let coefficients = Coefficients::new(model);
    let g = coefficients.globals;
    let maps = 4 * coefficients.maps.len() as u64;
    let sums = u64::from(g.n_sums);
    let states = g.channel_states.iter().flatten();
    let states = states.filter(|row| **row != NONE).count() as u64;
    let voxels = u64::from(g.n_voxels);
    let bins = u64::from(g.n_bins);
    let fields = u64::from(g.n_fields);
    let signals = 4 * N_SIGNALS as u64;
    let traits = 4 * N_TRAITS as u64;
    let corners = if g.dimensions == 3 { 8 } else { 4 };
    // Fields that cells meet: each voxel once, however many cells meet in it.
    let around = |kinds: &[FieldKind]| {
        let slots = g.slots.as_flattened();
        let there = kinds.iter().filter(|kind| slots[**kind as usize] != NONE);
        4 * there.count() as u64 * voxels.min(corners * n_cells)
    };
    let per_cell = |bytes: u64| Work {
        unit: "cells",
        count: n_cells,
        bytes: bytes * n_cells,
    };
    match pass {
        // Position in, bin out, one counter in and out.
        Pass::Bin => per_cell(16 + 4 + 8),
        // Counts in, starts out; starts in and out once more for the blocks' totals.
        Pass::Scan => Work {
            unit: "bins",
            count: bins,
            bytes: 16 * bins,
        },
        // Scatter: bin, counter in and out, start, index out. Rank: index, bin and start in, index out, body in and out.
        Pass::Sort => per_cell(4 + 8 + 4 + 4 + 4 + 4 + 4 + 4 + 32),
        // Every sum cleared; position, identity and the states that weigh in, each sum in and out at each corner.
        Pass::Deposit => {
            let cells = per_cell(16 + 16 + 4 * states + corners * 8 * sums);
            Work {
                bytes: cells.bytes + 4 * sums * voxels,
                ..cells
            }
        }
        // Free and bound drug in and out, the cells' sum in.
        Pass::Bind => Work {
            unit: "voxels",
            count: voxels,
            bytes: voxels * (16 + 4 * sums.min(1)),
        },
        Pass::Diffuse => {
            let (updates, bytes) = coefficients
                .fields
                .iter()
                .map(|field| diffusion(field, g.dimensions))
                .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            Work {
                unit: "voxels",
                count: voxels * updates,
                bytes: voxels * bytes,
            }
        }
        // Each field in and out; sums and maps in.
        Pass::React => Work {
            unit: "voxels",
            count: voxels * fields,
            bytes: voxels * (8 * fields + 4 * sums) + maps,
        },
        // Position and identity in, states in and out, traits in where they vary, speed out; drug and matrix in, each voxel
        // once however many cells meet in it.
        Pass::Signal => {
            let traits = traits * u64::from(g.traits_vary);
            let cells = per_cell(16 + 16 + 2 * signals + traits + 4);
            Work {
                bytes: cells.bytes + around(&[FieldKind::Drug, FieldKind::Ecm]),
                ..cells
            }
        }
        // Own body, identity and result; the bodies around come from the cache.
        Pass::Forces => per_cell(16 + 16 + 16 + 16 + 4),
        // Position and polarity in and out, push and identity in; attractant and matrix in, each voxel once.
        Pass::Move => {
            let cells = per_cell(32 + 32 + 16 + 16);
            Work {
                bytes: cells.bytes + around(&[FieldKind::Attractant, FieldKind::Ecm]),
                ..cells
            }
        }
        // Every array in and out twice (there and back), verdicts and places.
        Pass::Fate => per_cell(4 * (64 + signals + traits) + 32),
    }
}

/// Updates and bytes a voxel of one field's diffusion: a substep, or one cycle with what surrounds it.
fn diffusion(field: &FieldCoefficients, dimensions: u32) -> (u64, u64) {
    let mobility = 4 * u64::from(field.mobility_varies);
    match field.scheme {
        // One value in, one out.
        scheme::EXPLICIT => {
            let substeps = u64::from(field.substeps);
            (substeps, substeps * (8 + mobility))
        }
        scheme::IMPLICIT | scheme::STEADY => {
            let system = 4 + 4 * u64::from(field.mass_varies) + mobility;
            // Three sweeps of two colours, each reading all values and half of the system, writing half of the values;
            // the residual once; the correction in and out.
            let cycle = 3 * 2 * (4 + system / 2 + 2) + (4 + system) + 8;
            // Coarse levels add a third in 2-D, a seventh in 3-D.
            let cycle = cycle + cycle / if dimensions == 3 { 7 } else { 3 };
            // Preparation, judgement and the conservative update.
            (1, cycle + (16 + system) + (4 + system) + (8 + system))
        }
        _ => (0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::tissue;

    /// Cells' signalling states go in and out once (72 B); in confluent tissue in voxels of 20 µm and without traits the whole
    /// stays within 120 B.
    #[test]
    fn signalling_moves_120_bytes_a_cell_at_most() {
        for dimensions in [2, 3] {
            let cells = 10_000;
            let model = tissue(dimensions, cells).unwrap();
            let work = traffic(Pass::Signal, &model, u64::from(cells));
            let per_cell = work.bytes as f64 / f64::from(cells);
            println!("{dimensions}-D: {per_cell} B");
            assert!(
                (108.0..=120.0).contains(&per_cell),
                "{dimensions}-D: {per_cell} B"
            );
        }
    }
}
