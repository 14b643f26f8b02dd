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
    inner: Inner,
}

/// What is the same for almost every row where diffusivity is uniform: worked out once, because a transmissibility takes
/// longer than a cell.
#[derive(Clone, Copy, Debug, Default)]
struct Inner {
    /// Transmissibilities of a cell away from the ends.
    six: [f32; 6],
    /// Of the first and the last x face.
    ends: [f32; 2],
}

impl<'a> Operator<'a> {
    pub fn new(
        level: Level,
        voxels: [u32; 3],
        courant: f32,
        faces: Faces<'a>,
        mass: Mass<'a>,
        sides: [Side; 6],
    ) -> Self {
        let mut this = Self {
            level,
            voxels,
            courant,
            faces,
            mass,
            sides,
            inner: Inner::default(),
        };
        if matches!(faces, Faces::Uniform) {
            let at = level.n.map(|n| n.min(2) - 1);
            let (mut first, mut last) = (at, at);
            (first[0], last[0]) = (0, level.n[0] - 1);
            this.inner = Inner {
                six: std::array::from_fn(|side| this.t(side / 2, side % 2 == 1, at)),
                ends: [this.t(0, false, first), this.t(0, true, last)],
            };
        }
        this
    }

    /// Transmissibilities of the cells of row (y, z), where they are the same along it but for the x faces at its two
    /// ends, and those.
    pub fn inner_row(&self, y: u32, z: u32) -> Option<([f32; 6], [f32; 2])> {
        let full = |axis: usize| self.voxels[axis].is_multiple_of(self.level.width);
        let away = |axis: usize, ix: u32| {
            let n = self.level.n[axis];
            n == 1 || (1 <= ix && ix + 3 <= n) || (n > 3 && ix + 2 == n && full(axis))
        };
        let row = self.level.n[0] > 3 && full(0) && away(1, y) && away(2, z);
        (row && matches!(self.faces, Faces::Uniform)).then_some((self.inner.six, self.inner.ends))
    }
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
