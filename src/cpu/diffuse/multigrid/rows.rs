//! The arithmetic of one row of cells: relaxation and image, in spans that the compiler vectorises and single cells at
//! the ends. Both give the same bits: the expressions are the same, in the order of `shaders/lib/system.wgsl`.
//!
//! Values are stored by colour (x + y + z even: red, odd: black), so that the cells of one colour in a row lie side by
//! side, at x = 2k + `off`, and all their neighbours are of the other colour.

use multiversion::multiversion;

use super::operator::{Faces, Mass, Operator, Side, harmonic};

/// What is computed for each cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::cpu::diffuse) enum Task {
    /// The value that satisfies the cell's own equation.
    Relax,
    /// `(b − (a − m) u) + Σ t (u_j − u)`: the residual for m = 0, what an explicit step from u gives for m = 1.
    Image(f32),
}

/// A neighbouring row's cells of the same x, or what stands for them.
#[derive(Clone, Copy, Debug)]
pub(in crate::cpu::diffuse) enum Beside<'a> {
    Row(&'a [f32]),
    Ghost(f32),
}

/// One row, one colour of cells.
pub(in crate::cpu::diffuse) struct Row<'a> {
    pub operator: &'a Operator<'a>,
    pub y: u32,
    pub z: u32,
    /// x of the first cell of the colour.
    pub off: usize,
    /// The cells' neighbours in the row.
    pub other: &'a [f32],
    /// The rows at y − 1, y + 1, z − 1, z + 1.
    pub beside: [Beside<'a>; 4],
    /// Right side of the whole row, by x.
    pub rhs: &'a [f32],
    /// Transmissibilities of the whole row, where they vary: x faces, then the faces toward the rows beside.
    pub faces: Option<[&'a [f32]; 5]>,
    /// Transmissibilities that are the same along the row, see [`Operator::inner_row`].
    pub inner: Option<([f32; 6], [f32; 2])>,
}

/// Buffers for [`Row::faces`].
#[derive(Default)]
pub(in crate::cpu::diffuse) struct FaceRows([Vec<f32>; 5]);

impl FaceRows {
    /// The transmissibilities of a row by x; `None` where they are the same along it.
    pub fn of<'a>(&'a mut self, operator: &'a Operator, y: u32, z: u32) -> Option<[&'a [f32]; 5]> {
        let n = operator.level.n;
        let row = n[0] as usize;
        match operator.faces {
            Faces::Uniform => None,
            Faces::Stored(t) => {
                let level = operator.level;
                let at = |axis: usize, y: u32, z: u32| {
                    let mut n = n.map(|n| n as usize);
                    n[axis] += 1;
                    let start = level.faces_of(axis) + (z as usize * n[1] + y as usize) * n[0];
                    &t[start..start + n[0]]
                };
                Some([
                    at(0, y, z),
                    at(1, y, z),
                    at(1, y + 1, z),
                    at(2, y, z),
                    at(2, y, z + 1),
                ])
            }
            Faces::Mobility(mobility) => {
                let of_row = |y: u32, z: u32| {
                    let at = (z * n[1] + y) as usize * row;
                    &mobility[at..at + row]
                };
                let own = of_row(y, z);
                let c = operator.courant;
                let [x_faces, beside @ ..] = &mut self.0;
                x_faces.clear();
                x_faces.push(operator.t(0, false, [0, y, z]));
                x_faces.extend(own.windows(2).map(|w| c * harmonic(w[0], w[1])));
                x_faces.push(operator.t(0, true, [n[0] - 1, y, z]));
                for (side, faces) in beside.iter_mut().enumerate() {
                    let (axis, upper) = (1 + side / 2, side % 2 == 1);
                    let at = [0, y, z];
                    faces.clear();
                    match operator.next(axis, upper, at[axis]) {
                        Some(next) => {
                            let there = if axis == 1 {
                                of_row(next, z)
                            } else {
                                of_row(y, next)
                            };
                            faces.extend(own.iter().zip(there).map(|(a, b)| c * harmonic(*a, *b)));
                        }
                        None => match operator.sides[2 * axis + usize::from(upper)] {
                            Side::Held(_) => faces.extend(own.iter().map(|a| 2.0 * (c * a))),
                            _ => faces.resize(row, 0.0),
                        },
                    }
                }
                Some(self.0.each_ref().map(Vec::as_slice))
            }
        }
    }
}

impl Row<'_> {
    /// Cells of the colour in the row.
    fn count(&self) -> usize {
        (self.operator.level.n[0] as usize + 1 - self.off) / 2
    }

    /// Computes every cell of the colour into `out`; `own` are the cells' present values, which a relaxation does not
    /// read.
    pub fn run(&self, task: Task, own: Option<&[f32]>, out: &mut [f32]) {
        let n = self.operator.level.n[0] as usize;
        let count = self.count();
        // Cells whose faces are all of full width: x from 1 to n − 2, or to n − 3 where the last cell may be narrow.
        let first = 1 - self.off;
        let narrow = usize::from(self.inner.is_none());
        let end = (n.saturating_sub(narrow + self.off) / 2).clamp(first.min(count), count);
        let open = self
            .beside
            .iter()
            .all(|beside| matches!(beside, Beside::Row(_)));
        let (first, end) = if open { (first.min(end), end) } else { (0, 0) };
        if end > first {
            span(self, task, own, out, first, end);
        }
        for k in (0..first).chain(end..count) {
            out[k] = self.cell(task, k, own.map(|own| own[k]), |k| {
                own.map_or(0.0, |own| own[k])
            });
        }
    }

    /// One cell; `same` gives a value of its own colour in its row, for a seam.
    pub fn cell(&self, task: Task, k: usize, own: Option<f32>, same: impl Fn(usize) -> f32) -> f32 {
        let operator = self.operator;
        let n = operator.level.n[0];
        let x = (2 * k + self.off) as u32;
        let at = [x, self.y, self.z];
        let mut t = [0.0f32; 6];
        let mut value = [0.0f32; 6];
        for side in 0..2 {
            let upper = side == 1;
            t[side] = match &self.inner {
                Some((_, ends)) if !upper && x == 0 => ends[0],
                Some((_, ends)) if upper && x + 1 == n => ends[1],
                Some((six, _)) => six[side],
                None => operator.t(0, upper, at),
            };
            value[side] = match operator.next(0, upper, x) {
                Some(next) if (next + x) % 2 == 1 => self.other[next as usize / 2],
                Some(next) => same(next as usize / 2),
                None => match operator.sides[side] {
                    Side::Held(value) => value,
                    _ => 0.0,
                },
            };
        }
        for side in 2..6 {
            t[side] = match &self.inner {
                Some((six, _)) => six[side],
                None => operator.t(side / 2, side % 2 == 1, at),
            };
            value[side] = match self.beside[side - 2] {
                Beside::Row(row) => row[k],
                Beside::Ghost(value) => value,
            };
        }
        let b = self.rhs[x as usize];
        let a = operator.mass_at(at);
        match task {
            Task::Relax => relax(b, a, t, value),
            Task::Image(mass) => image(b, a, t, value, own.unwrap_or(0.0), mass),
        }
    }
}

#[inline(always)]
fn relax(b: f32, a: f32, t: [f32; 6], u: [f32; 6]) -> f32 {
    let inflow =
        ((t[0] * u[0] + t[1] * u[1]) + (t[2] * u[2] + t[3] * u[3])) + (t[4] * u[4] + t[5] * u[5]);
    let outflow = ((t[0] + t[1]) + (t[2] + t[3])) + (t[4] + t[5]);
    let loss = a + outflow;
    // A closed voxel of a steady field has no equation.
    if loss > 0.0 { (b + inflow) / loss } else { 0.0 }
}

#[inline(always)]
fn image(b: f32, a: f32, t: [f32; 6], u: [f32; 6], own: f32, mass: f32) -> f32 {
    let flux = ((t[0] * (u[0] - own) + t[1] * (u[1] - own))
        + (t[2] * (u[2] - own) + t[3] * (u[3] - own)))
        + (t[4] * (u[4] - own) + t[5] * (u[5] - own));
    (b - (a - mass) * own) + flux
}

/// Cells `first..end` of a row's colour, whose neighbours are all there or behind faces of no transmissibility.
///
/// One loop for each combination of what varies, written by a macro: closures are not compiled for the caller's vector
/// instructions.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
fn span(row: &Row, task: Task, own: Option<&[f32]>, out: &mut [f32], first: usize, end: usize) {
    let len = end - first;
    let x0 = 2 * first + row.off;
    let left = &row.other[first + row.off - 1..][..len];
    let right = &row.other[first + row.off..][..len];
    // The caller takes cells beside a held face one by one.
    let [
        Beside::Row(u2),
        Beside::Row(u3),
        Beside::Row(u4),
        Beside::Row(u5),
    ] = row.beside
    else {
        return;
    };
    let (u2, u3) = (&u2[first..][..len], &u3[first..][..len]);
    let (u4, u5) = (&u4[first..][..len], &u5[first..][..len]);
    let rhs = &row.rhs[x0..x0 + 2 * len].as_chunks::<2>().0[..len];
    let out = &mut out[first..][..len];
    let operator = row.operator;
    let at = [x0 as u32, row.y, row.z];
    macro_rules! each {
        ($j:ident, $t:expr, $a:expr) => {
            match (task, own) {
                (Task::Image(mass), Some(own)) => {
                    let own = &own[first..][..len];
                    for $j in 0..len {
                        let u = [left[$j], right[$j], u2[$j], u3[$j], u4[$j], u5[$j]];
                        out[$j] = image(rhs[$j][0], $a, $t, u, own[$j], mass);
                    }
                }
                _ => {
                    for $j in 0..len {
                        let u = [left[$j], right[$j], u2[$j], u3[$j], u4[$j], u5[$j]];
                        out[$j] = relax(rhs[$j][0], $a, $t, u);
                    }
                }
            }
        };
    }
    macro_rules! each_mass {
        ($j:ident, $t:expr) => {
            match operator.mass {
                Mass::Uniform(_) => {
                    let a = operator.mass_at(at);
                    each!($j, $t, a)
                }
                Mass::PerCell(mass) => {
                    let mass = &mass[operator.cell(at)..][..2 * len].as_chunks::<2>().0[..len];
                    each!($j, $t, mass[$j][0])
                }
            }
        };
    }
    match row.faces {
        None => {
            let t = row.inner.map_or_else(|| six(operator, at), |(six, _)| six);
            each_mass!(j, t)
        }
        Some([x_faces, f2, f3, f4, f5]) => {
            let x_faces = &x_faces[x0..x0 + 2 * len].as_chunks::<2>().0[..len];
            let f2 = &f2[x0..x0 + 2 * len].as_chunks::<2>().0[..len];
            let f3 = &f3[x0..x0 + 2 * len].as_chunks::<2>().0[..len];
            let f4 = &f4[x0..x0 + 2 * len].as_chunks::<2>().0[..len];
            let f5 = &f5[x0..x0 + 2 * len].as_chunks::<2>().0[..len];
            each_mass!(
                j,
                [
                    x_faces[j][0],
                    x_faces[j][1],
                    f2[j][0],
                    f3[j][0],
                    f4[j][0],
                    f5[j][0]
                ]
            )
        }
    }
}

fn six(operator: &Operator, at: [u32; 3]) -> [f32; 6] {
    std::array::from_fn(|side| operator.t(side / 2, side % 2 == 1, at))
}

/// Largest |w − m u|, u and −m w of a row, as bit patterns: those of floats that are not negative order like integers,
/// which compilers can vectorise, and NaN is the largest of all.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
pub(in crate::cpu::diffuse) fn judge_row(own: &[f32], image: &[f32], mass: f32) -> [i32; 3] {
    let mut most = [0i32; 3];
    for (u, w) in own.iter().zip(image) {
        let r = (w - mass * u).abs().to_bits() as i32;
        most[0] = most[0].max(r);
        most[1] = most[1].max(u.to_bits() as i32);
        most[2] = most[2].max((-(mass * w)).to_bits() as i32);
    }
    most
}

/// Adds the interpolated correction to a row's cells of one colour; `own` and what lies toward x, y and z from it are
/// by coarse x. Returns the largest correction as a bit pattern.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2", "aarch64+neon"))]
pub(in crate::cpu::diffuse) fn correct_row(
    own: &[f32],
    toward: [&[f32]; 3],
    cells: &mut [f32],
    non_negative: bool,
) -> i32 {
    let n = cells.len();
    let (own, tx, ty, tz) = (&own[..n], &toward[0][..n], &toward[1][..n], &toward[2][..n]);
    let mut largest = 0i32;
    for x in 0..n {
        let e = own[x];
        let correction = e + 0.25 * (((tx[x] - e) + (ty[x] - e)) + (tz[x] - e));
        largest = largest.max(correction.abs().to_bits() as i32);
        let value = cells[x] + correction;
        cells[x] = if non_negative && value < 0.0 {
            cells[x]
        } else {
            value
        };
    }
    largest
}
