//! Local terms of every field: `y ← (y + dt·gain)/(1 + dt·loss)`, backward Euler, so that no value can become
//! negative. Twin of `shaders/passes/react.wgsl`.

use rayon::prelude::*;

use super::Scene;
use crate::coefficients::{FieldCoefficients, Globals, NONE};
use crate::model::FieldKind;
use crate::simulation::EngineError;

pub(super) fn react(scene: &mut Scene) -> Result<(), EngineError> {
    let g = &scene.coefficients.globals;
    for (slot, field) in scene.coefficients.fields.iter().enumerate() {
        let (before, rest) = scene.state.fields.split_at_mut(slot);
        let (kind, values) = &mut rest[0];
        if field.substeps % 2 == 1 {
            values.copy_from_slice(&scene.workings.fields_work[slot]);
        }
        let earlier = |kind: FieldKind| {
            before
                .iter()
                .find(|(k, _)| *k == kind)
                .map(|(_, values)| values.as_slice())
        };
        let terms = Terms {
            g,
            field,
            maps: &scene.coefficients.maps,
            cells: &scene.workings.deposits[..g.n_voxels as usize],
            pfak: &scene.workings.deposits[g.n_voxels as usize..],
            drug: earlier(FieldKind::Drug),
            ecm: earlier(FieldKind::Ecm),
            bath: scene.input.bath_nm,
        };
        let healthy = values
            .par_chunks_mut(super::SPLIT)
            .enumerate()
            .map(|(chunk, values)| terms.update(*kind, chunk * super::SPLIT, values))
            .reduce(|| true, |a, b| a && b);
        if !healthy {
            return Err(fault(scene, slot));
        }
    }
    // The next step's deposit starts from nothing.
    scene.workings.deposits.fill(0);
    Ok(())
}

fn fault(scene: &Scene, slot: usize) -> EngineError {
    let (kind, values) = &scene.state.fields[slot];
    crate::simulation::field_fault(
        &scene.coefficients.globals.n,
        *kind,
        values,
        scene.time_h(),
        scene.input.step,
    )
}

struct Terms<'a> {
    g: &'a Globals,
    field: &'a FieldCoefficients,
    maps: &'a [f32],
    cells: &'a [u32],
    pfak: &'a [u32],
    drug: Option<&'a [f32]>,
    ecm: Option<&'a [f32]>,
    bath: f32,
}

impl Terms<'_> {
    /// Updates `values`, the voxels from `first` on; false if one is not finite or negative.
    fn update(&self, kind: FieldKind, first: usize, values: &mut [f32]) -> bool {
        let (g, f) = (self.g, self.field);
        let at = first..first + values.len();
        let map = |offset: u32| (offset != NONE).then(|| &self.maps[offset as usize..][at.clone()]);
        let (uptake, source) = (map(f.uptake_at), map(f.source_at));
        // Uniform terms of a field that diffuses act in `diffuse`.
        let still = f.substeps == 0;
        let uniform = |value: f32| if still { value } else { 0.0 };
        let (uniform_loss, uniform_gain) = (uniform(f.loss), uniform(f.source));
        let (exchange, inflow) = (uniform(f.exchange), uniform(f.exchange * self.bath));
        let loss = |i: usize| uniform_loss + uptake.map_or(0.0, |m| m[i]);
        let gain = |i: usize| uniform_gain + source.map_or(0.0, |m| m[i]);
        let cells = &self.cells[at.clone()];
        let pfak = &self.pfak[at.clone()];
        match kind {
            FieldKind::Drug => each(g.dt_min, values, |i, _| {
                (gain(i) + inflow, loss(i) + exchange)
            }),
            FieldKind::Ecm => each(g.dt_min, values, |i, _| {
                (
                    gain(i),
                    loss(i) + g.g1 * (cells[i] as f32 * g.density_per_deposit),
                )
            }),
            FieldKind::Fak if g.field_only == 1 => each(g.dt_min, values, |i, _| {
                let rho = self.ecm.map_or(g.rho_star, |m| m[first + i]);
                let c = self.drug.map_or(self.bath, |m| m[first + i]);
                let engaged = rho / (rho + g.k_rho);
                let occupied = c / (g.k_app + c);
                let on = (g.k_auto * engaged) * (1.0 - occupied) + g.k_rtk * g.r0;
                (gain(i) + on, (loss(i) + on) + g.k_dp)
            }),
            FieldKind::Fak => each(g.dt_min, values, |i, _| {
                (
                    gain(i) + g.k_f * (pfak[i] as f32 * g.density_per_deposit),
                    loss(i) + g.k_f,
                )
            }),
            FieldKind::DrugBound
            | FieldKind::Mmp
            | FieldKind::Oxygen
            | FieldKind::Attractant
            | FieldKind::Tgfb => each(g.dt_min, values, |i, _| (gain(i), loss(i))),
        }
    }
}

fn each(dt: f32, values: &mut [f32], terms: impl Fn(usize, f32) -> (f32, f32)) -> bool {
    let mut healthy = true;
    for (i, value) in values.iter_mut().enumerate() {
        let (gain, loss) = terms(i, *value);
        *value = (*value + dt * gain) / (1.0 + dt * loss);
        healthy &= *value >= 0.0 && *value <= f32::MAX;
    }
    healthy
}
