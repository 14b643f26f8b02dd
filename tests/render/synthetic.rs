//! A state that looks like a scratch assay under a gradient of drug, made without running anything.

use glam::Vec4;
use invado::model::{FieldKind, Grid};
use invado::rng::{Stream, draw, unit_f32};
use invado::state::{Cells, HostState, NO_PARENT, Phase, life, signal};

/// 1900 × 1425 µm in voxels of 9.5 µm.
pub const GRID: Grid = Grid {
    n: [200, 150, 1],
    voxel_um: 9.5,
    periodic: [false; 3],
    dimensions: 2,
};

/// Up to `n_cells` cells of two types in two strips, none closer than 14 µm, and two fields.
pub fn scratch_assay(n_cells: usize) -> HostState {
    let mut cells = Cells::default();
    for candidate in 0..20 * n_cells as u32 {
        if cells.len() == n_cells {
            break;
        }
        let place = draw([7, 0], Stream::Placement, candidate, 0, 0).map(unit_f32);
        let fate = draw([7, 0], Stream::Placement, candidate, 0, 1).map(unit_f32);
        let side = f32::from(u8::from(place[2] < 0.5));
        // The left strip ends at 650 µm, the right one begins at 1300 µm; the fronts are a little ragged.
        let reach = 640.0 + 60.0 * fate[0] * fate[0];
        let from_wall = 8.0 + reach * place[0];
        let x = side * from_wall + (1.0 - side) * (1900.0 - from_wall);
        let at = Vec4::new(x, 8.0 + 1409.0 * place[1], 4.75, 7.6 + 1.6 * fate[1]);
        let crowded = |other: &Vec4| (*other - at).truncate().truncate().length() < 14.0;
        if cells.position_radius.iter().any(crowded) {
            continue;
        }
        let (sin, cos) = (std::f32::consts::TAU * fate[2]).sin_cos();
        cells.position_radius.push(at);
        cells
            .polarity_speed
            .push(Vec4::new(cos, sin, 0.0, 0.15 + 0.5 * fate[3]));
        cells.push_crowding.push(Vec4::ZERO);
        // A few are dying.
        let phase = if candidate % 20 == 0 {
            life(Phase::Necrosis, 0)
        } else {
            0
        };
        cells
            .identity
            .push([candidate, u32::from(place[3] < 0.2), NO_PARENT, phase]);
        for (row, values) in cells.signals.iter_mut().enumerate() {
            let share = if row == signal::PFAK {
                1.0 - x / 1900.0
            } else {
                place[2]
            };
            values.push(0.1 + 0.4 * share);
        }
    }
    HostState {
        step: 14_400,
        next_id: u32::MAX,
        tally: Default::default(),
        fields: vec![
            (
                FieldKind::Drug,
                field(|x, y| 100.0 * (-((x - 1500.0).powi(2) + (y - 500.0).powi(2)) / 6.0e5).exp()),
            ),
            (
                FieldKind::Ecm,
                field(|x, y| 0.5 + 0.4 * (x / 150.0).sin() * (y / 200.0).cos()),
            ),
        ],
        cells,
    }
}

fn field(value: impl Fn(f64, f64) -> f64) -> Vec<f32> {
    let [n_x, n_y, _] = GRID.n;
    let at = |i: u32| (f64::from(i) + 0.5) * GRID.voxel_um;
    (0..n_y)
        .flat_map(|y| (0..n_x).map(move |x| (x, y)))
        .map(|(x, y)| value(at(x), at(y)) as f32)
        .collect()
}
