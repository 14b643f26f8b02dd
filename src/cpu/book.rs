//! Keeping the books of fields with a ledger: sums in f64, chunk by chunk in order, so that they do not depend on the
//! number of threads. Where no field has a ledger nothing here runs.

use rayon::prelude::*;

use super::SPLIT;
use crate::ledger::Amounts;

/// The sum of what happened in each of `n` voxels.
pub(super) fn tally(n: usize, of: impl Fn(usize) -> Amounts + Sync) -> Amounts {
    in_order((0..n.div_ceil(SPLIT)).into_par_iter().map(|chunk| {
        let mut sum = Amounts::default();
        for ix in chunk * SPLIT..n.min((chunk + 1) * SPLIT) {
            sum += of(ix);
        }
        sum
    }))
}

/// The sum of parts, in order.
pub(super) fn in_order(parts: impl IndexedParallelIterator<Item = Amounts>) -> Amounts {
    let parts: Vec<Amounts> = parts.collect();
    let mut sum = Amounts::default();
    for part in parts {
        sum += part;
    }
    sum
}

/// What a voxel gains when its value goes from `before` to `after`, and loses when that is less.
pub(super) fn change(before: f32, after: f32) -> Amounts {
    let gained = f64::from(after) - f64::from(before);
    Amounts {
        sources: gained.max(0.0),
        sinks: (-gained).max(0.0),
        ..Amounts::default()
    }
}
