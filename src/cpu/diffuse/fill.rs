//! Filling what the conservative update of an implicit step leaves negative.

use rayon::prelude::*;

use super::super::SPLIT;
use super::multigrid::{Faces, Operator};

/// Raises negative values to 0: the far tail of a front, where values are far below the solver's tolerance. The
/// neighbours give what is missing, each in proportion to what it has and at most 0.96 of it in all, so that mass is
/// kept and none of them becomes negative.
pub(super) fn fill(operator: &Operator, values: &mut [f32]) {
    let n_x = operator.level.n[0] as usize;
    // What each negative voxel asks of its neighbours, as a negative number in its own place.
    let mut asked = values.to_vec();
    asked
        .par_chunks_mut(n_x)
        .with_min_len(SPLIT.div_ceil(n_x))
        .enumerate()
        .for_each(|(row, asked)| {
            if asked.iter().any(|w| *w < 0.0) {
                each(operator, values, row, asked, |w, around| {
                    let has = around.map(|w| w.max(0.0));
                    let all = ((has[0] + has[1]) + (has[2] + has[3])) + (has[4] + has[5]);
                    if w < 0.0 && all > 0.0 {
                        -(-w / all).min(0.16)
                    } else {
                        w.max(0.0)
                    }
                });
            }
        });
    values
        .par_chunks_mut(n_x)
        .with_min_len(SPLIT.div_ceil(n_x))
        .enumerate()
        .for_each(|(row, values)| {
            each(operator, &asked, row, values, |w, around| {
                let own = w.max(0.0);
                let mut share = 0.0;
                for asked in around {
                    share += (-asked).max(0.0);
                }
                own - own * share
            });
        });
}

/// Applies `of` to each cell of a row and what `all` holds in the six cells around it, 0 where nothing can pass.
#[inline(always)]
fn each(
    operator: &Operator,
    all: &[f32],
    row: usize,
    cells: &mut [f32],
    of: impl Fn(f32, [f32; 6]) -> f32,
) {
    let n = operator.level.n;
    let n_x = n[0] as usize;
    let (y, z) = (row as u32 % n[1], row as u32 / n[1]);
    let single = |x: usize| -> [f32; 6] {
        let at = [x as u32, y, z];
        std::array::from_fn(|side| {
            let (axis, upper) = (side / 2, side % 2 == 1);
            let Some(next) = operator.next(axis, upper, at[axis]) else {
                return 0.0;
            };
            let mut there = at;
            there[axis] = next;
            if operator.t(axis, upper, at) > 0.0 {
                all[operator.cell(there)]
            } else {
                0.0
            }
        })
    };
    // Rows beside, where every face is open and of one kind: the compiler can vectorise those.
    let rows: [Option<&[f32]>; 4] = std::array::from_fn(|side| {
        let (axis, upper) = (1 + side / 2, side % 2 == 1);
        let mut there = [0, y, z];
        there[axis] = operator.next(axis, upper, there[axis])?;
        Some(&all[operator.cell(there)..][..n_x])
    });
    let open = matches!(operator.faces, Faces::Uniform) && operator.courant > 0.0;
    let (first, end) = if open && n_x > 2 {
        (1, n_x - 1)
    } else {
        (0, 0)
    };
    if end > first {
        let own = &all[row * n_x..][..n_x];
        // Beyond a wall lies nothing.
        let nothing = vec![0.0; if rows.contains(&None) { n_x } else { 0 }];
        let [a, b, c, d] = rows.map(|row| &row.unwrap_or(&nothing)[..n_x]);
        for x in first..end {
            cells[x] = of(cells[x], [own[x - 1], own[x + 1], a[x], b[x], c[x], d[x]]);
        }
    }
    for x in (0..first).chain(end..n_x) {
        cells[x] = of(cells[x], single(x));
    }
}
