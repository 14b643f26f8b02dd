//! Cells that come from outside, a part of `fate`. Twin of `shaders/passes/fate_recruit.wgsl`.

use glam::Vec4;

use super::exp::exp_minus;
use super::fate::{World, probability, random_axis};
use crate::coefficients::DoorCoefficients;
use crate::model::FieldKind;
use crate::rng::{self, Stream};
use crate::state::{Cells, N_TRAITS, NO_PARENT};

impl World<'_> {
    /// The cells that come in, in the order of the doors.
    pub(super) fn recruits(&self, doors: &[DoorCoefficients], first_id: u32) -> Cells {
        let mut cells = Cells::default();
        for (number, door) in (0u32..).zip(doors) {
            let words = rng::draw(self.g.seed, Stream::Recruit, number, self.step, 0);
            if rng::unit_f32(words[0]) < probability(self.pull(door)) {
                let id = first_id + cells.identity.len() as u32;
                self.enter(door, number, id, words, &mut cells);
            }
        }
        cells
    }

    /// Exponent of the chance that a cell comes in.
    fn pull(&self, door: &DoorCoefficients) -> f32 {
        let g = self.g;
        let t = &self.types[door.type_ix as usize];
        let here = |kind: FieldKind| self.field[kind as usize].map(|f| f[door.voxel as usize]);
        let mut pull = door.rate;
        if door.by_vessel == 1
            && let Some(rho) = here(FieldKind::Ecm)
        {
            pull *= exp_minus(rho * g.per_vessel_squeeze);
        }
        if let Some(fak) = here(FieldKind::Fak) {
            let active = (fak * g.per_f0).min(1.0);
            pull *= (1.0 - t.fak_recruitment) + t.fak_recruitment * active;
        }
        pull
    }

    fn enter(
        &self,
        door: &DoorCoefficients,
        number: u32,
        id: u32,
        words: [u32; 4],
        cells: &mut Cells,
    ) {
        let g = self.g;
        let t = &self.types[door.type_ix as usize];
        let (nx, ny) = (g.n[0], g.n[1]);
        let corner = [
            door.voxel % nx,
            door.voxel / nx % ny,
            door.voxel / (nx * ny),
        ];
        let mut at = [0.0f32; 3];
        for axis in 0..3 {
            let share = if axis == 2 && g.dimensions == 2 {
                0.5
            } else {
                rng::unit_f32(words[axis + 1])
            };
            at[axis] = (corner[axis] as f32 + share) * g.voxel_um;
        }
        let axis = random_axis(g, Stream::Recruit, number, self.step);
        cells
            .position_radius
            .push(Vec4::new(at[0], at[1], at[2], t.radius));
        // It crawls from the next step's signalling on.
        cells
            .polarity_speed
            .push(Vec4::new(axis[0], axis[1], axis[2], 0.0));
        cells.push_crowding.push(Vec4::ZERO);
        cells.identity.push([id, door.type_ix, NO_PARENT, t.enters]);
        for (row, state) in cells.signals.iter_mut().zip(t.rest) {
            row.push(state);
        }
        let words = rng::draw(g.seed, Stream::Recruit, number, self.step, 2);
        for row in 0..N_TRAITS {
            cells.traits[row].push(trait_of(t.spread[row], words[row]));
        }
    }
}

/// A log-normal factor of mean 1: of a bell and not quite a normal distribution, because engines must agree.
fn trait_of(sigma: f32, word: u32) -> f32 {
    if sigma == 0.0 {
        return 1.0;
    }
    const PER_DEVIATION: f32 = 0.006_765_875;
    let y = sigma * (rng::bell(word) * PER_DEVIATION) - (0.5 * sigma) * sigma;
    if y < 0.0 {
        exp_minus(-y)
    } else {
        1.0 / exp_minus(y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::BELL_VARIANCE;

    #[test]
    fn traits_are_log_normal_with_mean_one() {
        let per_deviation = 1.0 / BELL_VARIANCE.sqrt();
        assert!(
            (0.006_765_875 / per_deviation - 1.0).abs() < 1e-6,
            "{per_deviation}"
        );
        let n = 100_000u32;
        let draws =
            (0..n).map(|i| f64::from(trait_of(0.5, rng::philox4x32([1, 2], [i, 0, 0, 0])[0])));
        let draws: Vec<f64> = draws.collect();
        let mean = draws.iter().sum::<f64>() / f64::from(n);
        let logs: Vec<f64> = draws.iter().map(|x| x.ln()).collect();
        let centre = logs.iter().sum::<f64>() / f64::from(n);
        let variance = logs.iter().map(|l| (l - centre).powi(2)).sum::<f64>() / f64::from(n);
        assert!((mean - 1.0).abs() < 0.01, "{mean}");
        assert!((variance.sqrt() - 0.5).abs() < 0.005, "{variance}");
    }
}
