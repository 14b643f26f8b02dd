//! Geometric multigrid for one implicit diffusion step: cell-centred V(2,1) cycles of red–black Gauss–Seidel, residuals
//! summed over children, corrections interpolated linearly between coarse cells. Twin of the kernels in
//! `shaders/passes/diffuse.wgsl`.
//!
//! Red and black cells lie in two arrays, so that a half-sweep reads one and writes the other: no order of rows or
//! threads can change the result.

mod operator;
mod rows;
mod transfer;

use rayon::prelude::*;

pub(super) use operator::{Faces, Mass, Operator, Side, harmonic};
use rows::{Beside, FaceRows, Row, Task, judge_row};

use crate::hierarchy::{Hierarchy, Level};

/// Relaxation sweeps before the coarse correction.
pub(super) const PRE_SWEEPS: usize = 2;
/// Relaxation sweeps after it.
pub(super) const POST_SWEEPS: usize = 1;

/// Cells of a level by colour; a row of each has half the cells, rounded up.
#[derive(Clone, Debug, Default)]
pub(super) struct Colours {
    pub red: Vec<f32>,
    pub black: Vec<f32>,
}

impl Colours {
    fn for_level(level: &Level) -> Self {
        let len = half(level) * rows_of(level);
        Self {
            red: vec![0.0; len],
            black: vec![0.0; len],
        }
    }

    fn of(&self, colour: u32) -> &[f32] {
        if colour == 0 { &self.red } else { &self.black }
    }

    /// Cells with x = 2k + `off` in row (y, z).
    fn cells(&self, level: &Level, off: usize, y: u32, z: u32) -> &[f32] {
        let m = half(level);
        let at = (z * level.n[1] + y) as usize * m;
        &self.of((off as u32 + y + z) % 2)[at..at + m]
    }
}

fn half(level: &Level) -> usize {
    level.n[0].div_ceil(2) as usize
}

fn rows_of(level: &Level) -> usize {
    level.n[1] as usize * level.n[2] as usize
}

/// One coarse level.
#[derive(Clone, Debug)]
struct Coarse {
    u: Colours,
    rhs: Vec<f32>,
    /// Where the mass varies.
    mass: Vec<f32>,
    /// Where diffusivity varies.
    faces: Vec<f32>,
}

/// What the solver found out about an approximation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Verdict {
    /// Largest residual, in the unit of the unknown.
    pub residual: f32,
    /// Largest value.
    pub largest: f32,
    /// How far below 0 the conservative update would leave a value.
    pub deficit: f32,
}

/// The arrays of the solver, shared by all fields.
pub(super) struct Multigrid {
    hierarchy: Hierarchy,
    pub u: Colours,
    coarse: Vec<Coarse>,
    seam_copy: Vec<f32>,
}

/// A fine system: operator and right side.
#[derive(Clone, Copy)]
pub(super) struct System<'a> {
    pub operator: Operator<'a>,
    pub rhs: &'a [f32],
}

impl Multigrid {
    pub fn new(n: [u32; 3]) -> Self {
        let hierarchy = Hierarchy::new(n);
        Self {
            u: Colours::for_level(&hierarchy.levels()[0]),
            coarse: hierarchy.levels()[1..]
                .iter()
                .map(|level| Coarse {
                    u: Colours::for_level(level),
                    rhs: vec![0.0; level.len()],
                    mass: Vec::new(),
                    faces: Vec::new(),
                })
                .collect(),
            hierarchy,
            seam_copy: Vec::new(),
        }
    }

    pub fn finest(&self) -> Level {
        self.hierarchy.levels()[0]
    }

    /// Starts from these values.
    pub fn set(&mut self, values: &[f32]) {
        let level = self.finest();
        let (n, m) = (level.n[0] as usize, half(&level));
        let rows = self
            .u
            .red
            .par_chunks_mut(m)
            .zip(self.u.black.par_chunks_mut(m))
            .zip(values.par_chunks(n));
        rows.with_min_len(super::super::SPLIT.div_ceil(n))
            .enumerate()
            .for_each(|(ix, ((red, black), row))| {
                let (even, odd) = if parity(&level, ix) == 0 {
                    (red, black)
                } else {
                    (black, red)
                };
                let (pairs, rest) = row.as_chunks::<2>();
                for ((pair, even), odd) in pairs.iter().zip(&mut *even).zip(odd) {
                    (*even, *odd) = (pair[0], pair[1]);
                }
                if let [last] = rest {
                    even[m - 1] = *last;
                }
            });
    }

    /// Writes the present values out.
    pub fn get(&self, values: &mut [f32]) {
        let level = self.finest();
        let n = level.n[0] as usize;
        values
            .par_chunks_mut(n)
            .with_min_len(super::super::SPLIT.div_ceil(n))
            .enumerate()
            .for_each(|(ix, row)| {
                let (y, z) = place(&level, ix);
                let [even, odd] = [0, 1].map(|off| self.u.cells(&level, off, y, z));
                interleave(even, odd, row);
            });
    }

    /// Makes the coarse levels' coefficients from the finest one's.
    pub fn coarsen(&mut self, fine: &Operator) {
        let levels = self.hierarchy.levels();
        for depth in 1..levels.len() {
            let (finer, rest) = self.coarse.split_at_mut(depth - 1);
            let coarse = &mut rest[0];
            let operator = match finer.last() {
                None => *fine,
                Some(finer) => coarse_operator(fine, levels[depth - 1], finer),
            };
            coarse.mass.clear();
            if let Mass::PerCell(_) = fine.mass {
                transfer::coarsen_mass(&operator, &levels[depth], &mut coarse.mass);
            }
            coarse.faces.clear();
            if !matches!(fine.faces, Faces::Uniform) {
                transfer::coarsen_faces(&operator, &levels[depth], &coarse.mass, &mut coarse.faces);
            }
        }
    }

    /// One V(2,1) cycle. [`Multigrid::coarsen`] must have seen this operator. With `non_negative`, a correction that
    /// would make a value negative is left out there: the solution is not negative, so that it stays a fixed point.
    /// Returns the largest correction.
    pub fn cycle(&mut self, fine: &System, non_negative: bool) -> f32 {
        let levels = self.hierarchy.levels().to_vec();
        let last = levels.len() - 1;
        if last == 0 {
            self.solve_cell(fine, 0);
            return 0.0;
        }
        for depth in 0..last {
            let (above, below) = self.coarse.split_at_mut(depth);
            let next = &mut below[0];
            let (system, u) = system_of(fine, levels[depth], above.last_mut(), &mut self.u);
            for _ in 0..PRE_SWEEPS {
                sweep(&system, u, &mut self.seam_copy);
            }
            transfer::restrict(&system, u, &levels[depth + 1], &mut next.rhs);
            next.u.red.fill(0.0);
            next.u.black.fill(0.0);
        }
        self.solve_cell(fine, last);
        let mut largest = 0.0;
        for depth in (0..last).rev() {
            let (above, below) = self.coarse.split_at_mut(depth);
            let from = &below[0];
            let coarser =
                coarse_operator_of(&fine.operator, levels[depth + 1], &from.mass, &from.faces);
            let (system, u) = system_of(fine, levels[depth], above.last_mut(), &mut self.u);
            largest = transfer::prolong(
                &coarser,
                &from.u,
                &levels[depth],
                u,
                depth == 0 && non_negative,
            );
            for _ in 0..POST_SWEEPS {
                sweep(&system, u, &mut self.seam_copy);
            }
        }
        largest
    }

    /// The one cell of the coarsest level.
    fn solve_cell(&mut self, fine: &System, depth: usize) {
        let level = self.hierarchy.levels()[depth];
        if depth == 0 {
            sweep(fine, &mut self.u, &mut self.seam_copy);
            return;
        }
        let Coarse {
            u,
            rhs,
            mass,
            faces,
        } = &mut self.coarse[depth - 1];
        let operator = coarse_operator_of(&fine.operator, level, mass, faces);
        let mut loss = operator.mass_at([0; 3]);
        for side in 0..6 {
            loss += operator.t(side / 2, side % 2 == 1, [0; 3]);
        }
        u.red[0] = if loss > 0.0 { rhs[0] / loss } else { 0.0 };
    }

    /// Residual, largest value and sign of the conservative update `w` (see [`Task::Image`]); `mass` is 1 for a time
    /// step, 0 for a steady state.
    pub fn judge(&self, fine: &System, mass: f32) -> Verdict {
        let level = self.finest();
        let n = level.n[0] as usize;
        let larger = |a: [i32; 3], b: [i32; 3]| [a[0].max(b[0]), a[1].max(b[1]), a[2].max(b[2])];
        let most = (0..rows_of(&level))
            .into_par_iter()
            .with_min_len(super::super::SPLIT.div_ceil(n))
            .map_init(Scratch::default, |scratch, ix| {
                let mut most = [0i32; 3];
                for off in 0..2 {
                    let (own, image) = scratch.image(fine, &self.u, mass, off, ix);
                    most = larger(most, judge_row(own, image, mass));
                }
                most
            })
            .reduce(|| [0; 3], larger)
            .map(|bits| f32::from_bits(bits as u32));
        let [residual, largest, deficit] = most;
        Verdict {
            residual,
            largest,
            deficit,
        }
    }

    /// The conservative update: fluxes of the solution applied to the right side, into `rhs` itself. What leaves one
    /// voxel enters the next, so that mass is kept whatever the residual.
    pub fn finish(&self, operator: &Operator, rhs: &mut [f32]) {
        let level = self.finest();
        let n = level.n[0] as usize;
        rhs.par_chunks_mut(n)
            .with_min_len(super::super::SPLIT.div_ceil(n))
            .enumerate()
            .for_each_init(
                || (Scratch::default(), Vec::new()),
                |(scratch, even), (ix, row)| {
                    let (y, z) = place(&level, ix);
                    for off in 0..2 {
                        let image = scratch.image_of_row(operator, &self.u, 1.0, off, y, z, row);
                        if off == 0 {
                            even.clear();
                            even.extend_from_slice(image);
                        } else {
                            interleave(even, image, row);
                        }
                    }
                },
            );
    }
}

/// The system of a level and its values: the fine one's, or those of a coarse level.
fn system_of<'a>(
    fine: &System<'a>,
    level: Level,
    coarse: Option<&'a mut Coarse>,
    fine_u: &'a mut Colours,
) -> (System<'a>, &'a mut Colours) {
    let Some(coarse) = coarse else {
        return (*fine, fine_u);
    };
    let operator = coarse_operator_of(&fine.operator, level, &coarse.mass, &coarse.faces);
    let rhs = &coarse.rhs;
    (System { operator, rhs }, &mut coarse.u)
}

fn coarse_operator<'a>(fine: &Operator<'a>, level: Level, own: &'a Coarse) -> Operator<'a> {
    coarse_operator_of(fine, level, &own.mass, &own.faces)
}

fn coarse_operator_of<'a>(
    fine: &Operator,
    level: Level,
    mass: &'a [f32],
    faces: &'a [f32],
) -> Operator<'a> {
    Operator::new(
        level,
        fine.voxels,
        fine.courant,
        match fine.faces {
            Faces::Uniform => Faces::Uniform,
            _ => Faces::Stored(faces),
        },
        match fine.mass {
            Mass::Uniform(mass) => Mass::Uniform(mass),
            Mass::PerCell(_) => Mass::PerCell(mass),
        },
        // What is held is right already: its correction is 0.
        fine.sides.map(|side| match side {
            Side::Held(_) => Side::Held(0.0),
            other => other,
        }),
    )
}

fn place(level: &Level, row_ix: usize) -> (u32, u32) {
    (row_ix as u32 % level.n[1], row_ix as u32 / level.n[1])
}

fn parity(level: &Level, row_ix: usize) -> u32 {
    let (y, z) = place(level, row_ix);
    (y + z) % 2
}

fn interleave(even: &[f32], odd: &[f32], row: &mut [f32]) {
    let (pairs, rest) = row.as_chunks_mut::<2>();
    for ((pair, even), odd) in pairs.iter_mut().zip(even).zip(odd) {
        *pair = [*even, *odd];
    }
    if let [last] = rest {
        *last = even[even.len() - 1];
    }
}

/// Rows beside row (y, z) as cells with x = 2k + `off`; `seam` holds the same colour's cells, for a neighbour across a
/// seam.
fn beside<'a>(
    operator: &Operator,
    u: impl Fn(u32, u32) -> &'a [f32],
    y: u32,
    z: u32,
    own: &'a [f32],
) -> [Beside<'a>; 4] {
    std::array::from_fn(|side| {
        let (axis, upper) = (1 + side / 2, side % 2 == 1);
        let ix = if axis == 1 { y } else { z };
        match operator.next(axis, upper, ix) {
            Some(next) if axis == 1 => Beside::Row(u(next, z)),
            Some(next) => Beside::Row(u(y, next)),
            None => match operator.sides[2 * axis + usize::from(upper)] {
                Side::Held(value) => Beside::Ghost(value),
                // Nothing passes, so that any value will do.
                _ => Beside::Row(own),
            },
        }
    })
}

/// A thread's buffers for rows that are computed, not kept.
#[derive(Default)]
struct Scratch {
    faces: FaceRows,
    image: Vec<f32>,
}

impl Scratch {
    /// Present values and image of one colour of a row.
    fn image<'a>(
        &'a mut self,
        system: &System,
        u: &'a Colours,
        mass: f32,
        off: usize,
        row_ix: usize,
    ) -> (&'a [f32], &'a [f32]) {
        let level = system.operator.level;
        let n = level.n[0] as usize;
        let (y, z) = place(&level, row_ix);
        let rhs = &system.rhs[row_ix * n..][..n];
        let image = self.image_of_row(&system.operator, u, mass, off, y, z, rhs);
        (&u.cells(&level, off, y, z)[..image.len()], image)
    }

    #[allow(clippy::too_many_arguments, reason = "a row and what it needs")]
    fn image_of_row(
        &mut self,
        operator: &Operator,
        u: &Colours,
        mass: f32,
        off: usize,
        y: u32,
        z: u32,
        rhs: &[f32],
    ) -> &[f32] {
        let level = operator.level;
        let count = (level.n[0] as usize + 1 - off) / 2;
        let own = u.cells(&level, off, y, z);
        // Every value is written below.
        self.image.resize(count, 0.0);
        let row = Row {
            operator,
            y,
            z,
            off,
            other: u.cells(&level, 1 - off, y, z),
            beside: beside(operator, |y, z| u.cells(&level, off, y, z), y, z, own),
            rhs,
            faces: self.faces.of(operator, y, z),
            inner: operator.inner_row(y, z),
        };
        row.run(Task::Image(mass), Some(own), &mut self.image);
        &self.image
    }
}

/// One red–black sweep.
fn sweep(system: &System, u: &mut Colours, seam_copy: &mut Vec<f32>) {
    let operator = &system.operator;
    let seams = operator.seams();
    for class in 0..16u32 {
        let wanted = [class & 2 != 0, class & 4 != 0, class & 8 != 0];
        if (0..3).any(|axis| wanted[axis] && !seams[axis]) {
            continue;
        }
        let (own, other) = if class & 1 == 0 {
            (&mut u.red, &u.black)
        } else {
            (&mut u.black, &u.red)
        };
        // Across a seam lies a cell of the same colour. It is of another class and does not change now; it is read
        // from a copy because its array is being written to.
        seam_copy.clear();
        if seams[1] || seams[2] {
            seam_copy.extend_from_slice(own);
        }
        half_sweep(system, class & 1, wanted, own, other, seam_copy);
    }
}

fn half_sweep(
    system: &System,
    colour: u32,
    wanted: [bool; 3],
    own: &mut [f32],
    other: &[f32],
    seam_copy: &[f32],
) {
    let operator = &system.operator;
    let level = operator.level;
    let (n, m) = (level.n[0] as usize, half(&level));
    let seams = operator.seams();
    let row_task = |faces: &mut FaceRows, ix: usize, cells: &mut [f32]| {
        let (y, z) = place(&level, ix);
        let on_seam = |axis: usize, at: u32| seams[axis] && at + 1 == level.n[axis];
        if on_seam(1, y) != wanted[1] || on_seam(2, z) != wanted[2] {
            return;
        }
        let off = ((y + z + colour) % 2) as usize;
        let at = |y: u32, z: u32| (z * level.n[1] + y) as usize * m;
        let of = |array, y, z| -> &[f32] {
            let array: &[f32] = array;
            &array[at(y, z)..at(y, z) + m]
        };
        let neighbour = |there_y: u32, there_z: u32| {
            if (there_y + there_z + y + z) % 2 == 1 {
                of(other, there_y, there_z)
            } else {
                of(seam_copy, there_y, there_z)
            }
        };
        let row = Row {
            operator,
            y,
            z,
            off,
            other: of(other, y, z),
            beside: beside(operator, neighbour, y, z, of(other, y, z)),
            rhs: &system.rhs[ix * n..][..n],
            faces: faces.of(operator, y, z),
            inner: operator.inner_row(y, z),
        };
        if seams[0] {
            // The row's own cells are read too: one by one, from a copy.
            let before = cells.to_vec();
            let count = (n + 1 - off) / 2;
            for k in 0..count {
                if (2 * k + off + 1 == n) == wanted[0] {
                    cells[k] = row.cell(Task::Relax, k, None, |k| before[k]);
                }
            }
        } else {
            row.run(Task::Relax, None, cells);
        }
    };
    let rows_per_task = (super::super::SPLIT * 2).div_ceil(n);
    if rows_of(&level) <= rows_per_task {
        let mut faces = FaceRows::default();
        for (ix, cells) in own.chunks_mut(m).enumerate() {
            row_task(&mut faces, ix, cells);
        }
    } else {
        own.par_chunks_mut(m)
            .with_min_len(rows_per_task)
            .enumerate()
            .for_each_init(FaceRows::default, |faces, (ix, cells)| {
                row_task(faces, ix, cells);
            });
    }
}

#[cfg(test)]
mod tests;
