//! A state that looks like a spheroid with a hypoxic core, made without running anything.

use glam::{Vec3, Vec4};
use invado::model::{FieldKind, Grid};
use invado::rng::{Stream, draw, unit_f32};
use invado::state::{Cells, HostState, NO_PARENT, Phase, life, signal};

/// 400 × 300 × 250 µm in voxels of 10 µm.
pub const BOX: Grid = Grid {
    n: [40, 30, 25],
    voxel_um: 10.0,
    periodic: [false; 3],
    dimensions: 3,
};

const CENTRE: Vec3 = Vec3::new(210.0, 150.0, 125.0);
const RADIUS: f32 = 105.0;

/// Cells in a ball, none closer than 13 µm, the inner ones necrotic, some of them daughters of others; oxygen that falls inward.
pub fn spheroid() -> HostState {
    let mut cells = Cells::default();
    for candidate in 0..12_000 {
        let place = draw([3, 0], Stream::Placement, candidate, 0, 0).map(unit_f32);
        let fate = draw([3, 0], Stream::Placement, candidate, 0, 1).map(unit_f32);
        let offset = (Vec3::new(place[0], place[1], place[2]) * 2.0 - 1.0) * RADIUS;
        let at = CENTRE + offset;
        let crowded = |other: &Vec4| (other.truncate() - at).length() < 13.0;
        if offset.length() > RADIUS || cells.position_radius.iter().any(crowded) {
            continue;
        }
        let is_core = offset.length() < 0.5 * RADIUS;
        let polarity = Vec3::from_slice(&fate[..3]) - 0.5;
        cells.position_radius.push(at.extend(7.0 + 2.0 * fate[3]));
        cells
            .polarity_speed
            .push(polarity.normalize_or_zero().extend(0.6 * fate[0]));
        cells.push_crowding.push(Vec4::ZERO);
        let n = cells.identity.len() as u32;
        let parent = if n.is_multiple_of(3) {
            NO_PARENT
        } else {
            n / 3 * 3
        };
        let phase = match n % 4 {
            _ if is_core => Phase::Necrosis,
            0 => Phase::Growing,
            1 => Phase::Going,
            _ => Phase::Cycling,
        };
        cells.identity.push([n, n % 2, parent, life(phase, n % 5)]);
        for (row, values) in cells.signals.iter_mut().enumerate() {
            let share = offset.length() / RADIUS;
            values.push(0.5 * if row == signal::PFAK { share } else { fate[1] });
        }
    }
    HostState {
        step: 7200,
        next_id: u32::MAX,
        tally: Default::default(),
        fields: vec![(FieldKind::Oxygen, oxygen())],
        cells,
    }
}

fn oxygen() -> Vec<f32> {
    let [x, y, z] = BOX.n;
    let voxels = (0..z).flat_map(|k| (0..y).flat_map(move |j| (0..x).map(move |i| [i, j, k])));
    voxels
        .map(|ix| {
            let at = Vec3::from(BOX.centre_um(ix).map(|um| um as f32));
            let share = (at - CENTRE).length() / RADIUS;
            38.0 * (share * share / (0.5 + share * share)) + 0.01 * at.x
        })
        .collect()
}
