//! What happens to a field inside a voxel: dy/dt = gain − loss·y. Twin of `shaders/lib/terms.wgsl`.
//!
//! The matrix: collagen is laid down up to `rho_max`, faster under TGF-β (at the full rate where TGF-β is not
//! computed), and digested by contact (G1) and by protease (G2). Cells take up oxygen, and secrete protease, TGF-β and
//! attractant. Vessels exchange with what they perfuse, less where matrix compresses them.

use super::exp::exp_minus;
use crate::coefficients::{Coefficients, FieldCoefficients, Globals, NONE};
use crate::model::{Channel, FieldKind, N_FIELD_KINDS};

/// The local terms of one field.
pub(super) struct Terms<'a> {
    g: &'a Globals,
    field: &'a FieldCoefficients,
    maps: &'a [f32],
    deposits: &'a [u32],
    others: [Option<&'a [f32]>; N_FIELD_KINDS],
    bath: f32,
}

impl<'a> Terms<'a> {
    /// Terms of the field in `slot`; `others` are the remaining fields, `deposits` the sums of the deposit pass.
    pub(super) fn new(
        coefficients: &'a Coefficients,
        slot: usize,
        others: impl Iterator<Item = &'a (FieldKind, Vec<f32>)>,
        deposits: &'a [u32],
        bath_nm: f32,
    ) -> Self {
        let mut by_kind = [None; N_FIELD_KINDS];
        for (kind, values) in others {
            by_kind[*kind as usize] = Some(values.as_slice());
        }
        Self {
            g: &coefficients.globals,
            field: &coefficients.fields[slot],
            maps: &coefficients.maps,
            deposits,
            others: by_kind,
            bath: bath_nm,
        }
    }

    fn other(&self, kind: FieldKind, first: usize, n: usize) -> Option<&'a [f32]> {
        self.others[kind as usize].map(|values| &values[first..first + n])
    }

    /// Sums and scale of a channel, if the model has it.
    fn channel(&self, channel: Channel, first: usize, n: usize) -> Option<(&'a [u32], f32)> {
        let ix = channel as usize;
        let place = self.g.channel_places[ix / 4][ix % 4];
        (place != NONE).then(|| {
            let at = place as usize * self.g.n_voxels as usize + first;
            (
                &self.deposits[at..at + n],
                self.g.channel_scales[ix / 4][ix % 4],
            )
        })
    }

    fn map(&self, offset: u32, first: usize, n: usize) -> Option<&'a [f32]> {
        (offset != NONE).then(|| &self.maps[offset as usize + first..][..n])
    }

    /// Writes gain (unit/min) and loss (/min) of the voxels from `first` on, whose values are `y`: uptake that
    /// saturates is linearised about them.
    ///
    /// Uniform terms are added up before those of the voxel: Mesa's compiler reassociates them in this order anyway,
    /// and engines must agree to the bit. Those of a field that diffuses in substeps act in `diffuse`.
    pub(super) fn fill(&self, first: usize, y: &[f32], gain: &mut [f32], loss: &mut [f32]) {
        let (g, f, n) = (self.g, self.field, y.len());
        let (mut uniform_gain, mut uniform_loss) = (0.0, 0.0);
        if f.substeps == 0 {
            uniform_gain = f.source + f.exchange * self.bath;
            uniform_loss = f.loss + f.exchange;
        }
        if f.kind == FieldKind::Fak as u32 {
            uniform_loss += if g.field_only == 1 { g.k_dp } else { g.k_f };
        }
        gain.fill(uniform_gain);
        loss.fill(uniform_loss);
        if let Some(source) = self.map(f.source_at, first, n) {
            add(gain, |i| source[i]);
        }
        if let Some(uptake) = self.map(f.uptake_at, first, n) {
            add(loss, |i| uptake[i]);
        }
        self.vessels(first, gain, loss);
        let given = |(sums, scale): (&[u32], f32), i: usize| sums[i] as f32 * scale;
        let channel = |channel: Channel| self.channel(channel, first, n);
        match FieldKind::ALL[f.kind as usize] {
            FieldKind::Ecm => {
                if let Some(digesting) = channel(Channel::Digestion) {
                    add(loss, |i| g.g1 * given(digesting, i));
                }
                if let Some(mmp) = self.other(FieldKind::Mmp, first, n) {
                    add(loss, |i| g.g2 * mmp[i]);
                }
                if let Some(collagen) = channel(Channel::Collagen) {
                    let tgfb = self.other(FieldKind::Tgfb, first, n);
                    let laid = |i: usize| {
                        let full = given(collagen, i);
                        tgfb.map_or(full, |m| full * (m[i] / (m[i] + g.k_g)))
                    };
                    add(gain, laid);
                    add(loss, |i| laid(i) * g.per_rho_max);
                }
            }
            FieldKind::Fak if g.field_only == 1 => {
                let ecm = self.other(FieldKind::Ecm, first, n);
                let drug = self.other(FieldKind::Drug, first, n);
                for i in 0..n {
                    let rho = ecm.map_or(g.rho_star, |m| m[i]);
                    let c = drug.map_or(self.bath, |m| m[i]);
                    let engaged = rho / (rho + g.k_rho);
                    let occupied = c / (g.k_app + c);
                    let on = (g.k_auto * engaged) * (1.0 - occupied) + g.k_rtk * g.r0;
                    gain[i] += on;
                    loss[i] += on;
                }
            }
            FieldKind::Fak => {
                if let Some(pfak) = channel(Channel::Pfak) {
                    add(gain, |i| g.k_f * given(pfak, i));
                }
            }
            FieldKind::Oxygen => {
                if let Some(uptake) = channel(Channel::OxygenUptake) {
                    add(loss, |i| given(uptake, i) / (1.0 + y[i] * g.per_k_oxygen));
                }
            }
            FieldKind::Mmp => {
                if let Some(protease) = channel(Channel::Protease) {
                    add(gain, |i| given(protease, i));
                }
            }
            FieldKind::Attractant => {
                if let Some(secreted) = channel(Channel::Attractant) {
                    add(gain, |i| given(secreted, i));
                }
            }
            FieldKind::Tgfb => {
                if let Some(secreted) = channel(Channel::Tgfb) {
                    add(gain, |i| given(secreted, i));
                }
            }
            FieldKind::Drug | FieldKind::DrugBound => {}
        }
        gain.iter_mut().for_each(|v| *v *= f.per_retention);
        loss.iter_mut().for_each(|v| *v *= f.per_retention);
    }

    /// Exchange with vessels, compressed by matrix to e^(−rho/`vessel_squeeze`).
    fn vessels(&self, first: usize, gain: &mut [f32], loss: &mut [f32]) {
        let (g, f, n) = (self.g, self.field, gain.len());
        let Some(shares) = self.map(f.vessels_at, first, n) else {
            return;
        };
        let ecm = self.other(FieldKind::Ecm, first, n);
        let level = f.level + f.plasma * self.bath;
        for i in 0..n {
            if shares[i] > 0.0 {
                let mut exchange = f.perfusion * shares[i];
                if let Some(rho) = ecm {
                    exchange *= exp_minus(rho[i] * g.per_vessel_squeeze);
                }
                gain[i] += exchange * level;
                loss[i] += exchange;
            }
        }
    }
}

fn add(to: &mut [f32], term: impl Fn(usize) -> f32) {
    for (i, value) in to.iter_mut().enumerate() {
        *value += term(i);
    }
}
