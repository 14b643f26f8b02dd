//! The linear system of one level: `a u + Σ t (u − u_j) = b` for every cell, in extensive form (mass, right side and
//! transmissibilities grow with the cell), and what of it each row of cells sees.

use crate::hierarchy::Level;

/// What lies beyond an outer face.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::cpu::diffuse) enum Side {
    /// Nothing passes.
    Wall,
    /// This value, at the face itself.
    Held(f32),
    /// The opposite side.
    Periodic,
}

/// Transmissibilities of a level's faces.
#[derive(Clone, Copy, Debug)]
pub(in crate::cpu::diffuse) enum Faces<'a> {
    /// The same diffusivity everywhere.
    Uniform,
    /// Harmonic means of a relative diffusivity 0…1 per voxel; the finest level only.
    Mobility(&'a [f32]),
    /// One value a face, outer faces included: x faces, then y, then z.
    Stored(&'a [f32]),
}

/// The coefficient a.
#[derive(Clone, Copy, Debug)]
pub(in crate::cpu::diffuse) enum Mass<'a> {
    /// The same per voxel everywhere.
    Uniform(f32),
    /// One value a cell.
    PerCell(&'a [f32]),
}

/// One level's system but for its right side.
#[derive(Clone, Copy, Debug)]
pub(in crate::cpu::diffuse) struct Operator<'a> {
    pub level: Level,
    /// Voxels of the finest grid.
    pub voxels: [u32; 3],
    /// D dt / h².
    pub courant: f32,
    pub faces: Faces<'a>,
    pub mass: Mass<'a>,
    pub sides: [Side; 6],
}

impl Operator<'_> {
    pub fn cell(&self, at: [u32; 3]) -> usize {
        let n = self.level.n;
        ((at[2] * n[1] + at[1]) * n[0] + at[0]) as usize
    }

    fn width(&self, axis: usize, ix: u32) -> u32 {
        self.level.width_of(self.voxels[axis], ix)
    }

    /// Volume of a cell, voxels.
    pub fn volume(&self, at: [u32; 3]) -> u32 {
        (self.width(0, at[0]) * self.width(1, at[1])) * self.width(2, at[2])
    }

    pub fn mass_at(&self, at: [u32; 3]) -> f32 {
        match self.mass {
            Mass::Uniform(mass) => mass * self.volume(at) as f32,
            Mass::PerCell(values) => values[self.cell(at)],
        }
    }

    /// The neighbour's place along an axis: inside the grid or around it; `None` beyond a wall or a held face, and for
    /// a periodic axis of one cell, which is its own neighbour.
    pub fn next(&self, axis: usize, upper: bool, ix: u32) -> Option<u32> {
        let n = self.level.n[axis];
        let next = if upper { ix + 1 } else { ix.wrapping_sub(1) };
        if next < n {
            return Some(next);
        }
        (self.sides[2 * axis + usize::from(upper)] == Side::Periodic && n > 1).then_some(if upper {
            0
        } else {
            n - 1
        })
    }

    /// Transmissibility of one face of a cell.
    pub fn t(&self, axis: usize, upper: bool, at: [u32; 3]) -> f32 {
        let next = self.next(axis, upper, at[axis]);
        let held = matches!(self.sides[2 * axis + usize::from(upper)], Side::Held(_));
        if next.is_none() && !held {
            return 0.0;
        }
        match self.faces {
            Faces::Uniform => {
                let (b, c) = ((axis + 1) % 3, (axis + 2) % 3);
                let area = self.width(b, at[b]) * self.width(c, at[c]);
                let own = self.width(axis, at[axis]);
                let across = next.map_or(own, |next| own + self.width(axis, next));
                (self.courant * area as f32) / (0.5 * across as f32)
            }
            Faces::Mobility(mobility) => {
                let own = mobility[self.cell(at)];
                match next {
                    Some(next) => {
                        let mut there = at;
                        there[axis] = next;
                        self.courant * harmonic(own, mobility[self.cell(there)])
                    }
                    None => 2.0 * (self.courant * own),
                }
            }
            Faces::Stored(t) => {
                let mut face = at;
                face[axis] += u32::from(upper);
                let mut n = self.level.n;
                n[axis] += 1;
                let ix = ((face[2] * n[1] + face[1]) * n[0] + face[0]) as usize;
                t[self.level.faces_of(axis) + ix]
            }
        }
    }

    /// Axes on which the two ends have the same colour and touch: periodic with an odd number of cells.
    pub fn seams(&self) -> [bool; 3] {
        std::array::from_fn(|axis| {
            self.sides[2 * axis] == Side::Periodic
                && self.level.n[axis] > 1
                && self.level.n[axis] % 2 == 1
        })
    }
}

/// Harmonic mean, 0 where either is 0.
#[inline(always)]
pub(in crate::cpu::diffuse) fn harmonic(a: f32, b: f32) -> f32 {
    let sum = a + b;
    if sum > 0.0 {
        (2.0 * (a * b)) / sum
    } else {
        0.0
    }
}
