//! Half a step of binding between drug and FAK in every voxel. Twin of `shaders/passes/bind.wgsl`.
//!
//! `(1 + R) dC/dt = −k_on C (B_T − B) + k_off B`, `dB/dt = k_on C (B_T − B) − k_off B`: (1 + R) C + B is conserved, which
//! makes backward Euler a quadratic equation for B with one root in range. At equilibrium it is one for C. Both roots
//! are written so that nothing cancels.
//!
//! C then follows from the conserved sum where that loses no digits, so that rounding does not leak drug over many
//! steps, and from its own equation where most of it has just been bound: the difference of nearly equal numbers could
//! be negative there.

use rayon::prelude::*;

use super::{Scene, book};
use crate::coefficients::Globals;
use crate::model::FieldKind;

pub(super) fn bind(scene: &mut Scene) {
    let g = &scene.coefficients.globals;
    // Free drug is stored before bound drug.
    let (mut drug, mut drug_bound) = (None, None);
    for ((kind, values), book) in scene.state.fields.iter_mut().zip(&mut *scene.books) {
        match kind {
            FieldKind::Drug => drug = Some((values, book)),
            FieldKind::DrugBound => drug_bound = Some((values, book)),
            _ => {}
        }
    }
    let (Some((drug, drug_book)), Some((drug_bound, bound_book))) = (drug, drug_bound) else {
        return;
    };
    let before = drug_book.map(|_| drug.clone());
    let bound_before = bound_book.map(|_| drug_bound.clone());
    let cells = &scene.workings.deposits;
    drug.par_iter_mut()
        .zip(&mut *drug_bound)
        .with_min_len(super::SPLIT)
        .enumerate()
        .for_each(|(i, (free, bound))| {
            let mut sites = g.sites_uniform;
            if g.n_sums > 0 {
                sites += cells[i] as f32 * g.sites_per_deposit;
            }
            (*free, *bound) = bound_after(g, *free, *bound, sites);
        });
    for (book, before, after) in [
        (drug_book, before, drug),
        (bound_book, bound_before, drug_bound),
    ] {
        if let (Some(book), Some(before)) = (book, before) {
            *book += book::tally(after.len(), |i| book::change(before[i], after[i]));
        }
    }
}

/// Free and bound drug after half a step, nM, with `sites` nM of binding sites.
fn bound_after(g: &Globals, free: f32, bound: f32, sites: f32) -> (f32, f32) {
    let all = g.retention * free + bound;
    let (mut next_free, next_bound);
    if g.equilibrium == 1 {
        let b = (g.retention * g.k_d + sites) - all;
        let root = (b * b + (4.0 * g.retention * g.k_d) * all).sqrt();
        next_free = if b >= 0.0 {
            (2.0 * (all * g.k_d)) / (b + root)
        } else {
            (root - b) / (2.0 * g.retention)
        };
        next_bound = (sites * next_free) / (g.k_d + next_free);
    } else {
        let a = g.associated;
        let beta = (1.0 + g.bind_off) + a * (all + sites);
        let gamma = bound + a * (all * sites);
        // Never negative but for rounding.
        let root = (beta * beta - (4.0 * a) * gamma).max(0.0).sqrt();
        next_bound = (2.0 * gamma) / (beta + root);
        next_free = (g.retention * free + g.bind_off * next_bound)
            / (g.retention + g.bind_on * (sites - next_bound));
    }
    let freed = (bound - next_bound) * g.per_retention;
    if freed >= -0.5 * free {
        next_free = free + freed;
    }
    (next_free, next_bound)
}
