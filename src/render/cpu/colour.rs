//! What colour a cell has. Twin: `shaders/render/cell_colour.wgsl`.

use glam::Vec3;

use super::super::frame::{BY_GENERATION, BY_LINEAGE, BY_PHASE, BY_SPEED, BY_TYPE, Frame};
use super::super::palette::{self, Colour, N_COLOURS};
use super::{colour_index, unit};
use crate::model::Colouring;
use crate::state::{Cells, NO_PARENT, Phase, generation};

/// Mothers that are looked for at most.
const MOST_MOTHERS: usize = 64;

/// Colours of the cells of a state.
pub(super) struct CellColours<'a> {
    frame: &'a Frame,
    cells: &'a Cells,
    table: [Colour; N_COLOURS],
}

impl<'a> CellColours<'a> {
    pub(super) fn new(frame: &'a Frame, cells: &'a Cells, colouring: Colouring) -> Self {
        Self {
            frame,
            cells,
            table: palette::cell_table(colouring),
        }
    }

    /// Colour of a cell, 0…1.
    pub(super) fn of(&self, cell_ix: usize) -> Vec3 {
        let [_, cell_type, _, life] = self.cells.identity[cell_ix];
        let phase = Phase::of(life);
        let frame = self.frame;
        if frame.colouring == BY_PHASE {
            return unit(self.table[phase as usize]);
        }
        if phase.is_dying() {
            return unit(palette::DYING);
        }
        let by_value = |value| self.table[colour_index(value, frame.cell_lo, frame.cell_scale)];
        unit(match frame.colouring {
            BY_TYPE => self.table[cell_type as usize & 255],
            BY_LINEAGE => self.table[scattered(ancestor(self.cells, cell_ix))],
            BY_SPEED => by_value(self.cells.polarity_speed[cell_ix].w * 60.0),
            BY_GENERATION => by_value(generation(life) as f32),
            row => by_value(self.cells.signals[row as usize][cell_ix]),
        })
    }
}

/// Id of the oldest known ancestor: the first in the line of mothers that is no longer there, or a founder.
fn ancestor(cells: &Cells, cell_ix: usize) -> u32 {
    let [mut id, _, mut mother, _] = cells.identity[cell_ix];
    for _ in 0..MOST_MOTHERS {
        if mother == NO_PARENT {
            break;
        }
        id = mother;
        // Ids ascend.
        match cells.identity.binary_search_by_key(&mother, |i| i[0]) {
            Ok(there) => mother = cells.identity[there][2],
            Err(_) => break,
        }
    }
    id
}

/// One of 256, spread so that neighbouring ids differ.
fn scattered(id: u32) -> usize {
    (id.wrapping_mul(2_654_435_769) >> 24) as usize
}

/// What is drawn on a cell: dark on light cells, light on dark ones.
pub(super) fn ink_on(base: Vec3) -> Vec3 {
    if base.dot(Vec3::new(0.30, 0.59, 0.11)) < 0.45 {
        base + (Vec3::ONE - base) * 0.75
    } else {
        base * 0.45
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::life;

    #[test]
    fn a_family_has_one_ancestor() {
        let born = |id, parent, n| [id, 0, parent, life(Phase::Cycling, n)];
        let mut cells = Cells {
            identity: vec![
                born(0, NO_PARENT, 1),
                born(1, NO_PARENT, 0),
                born(2, 0, 1),
                born(3, 2, 2),
            ],
            ..Cells::default()
        };
        let ancestors = |cells: &Cells| -> Vec<u32> {
            (0..cells.identity.len())
                .map(|ix| ancestor(cells, ix))
                .collect()
        };
        assert_eq!(ancestors(&cells), [0, 1, 0, 0]);
        // A founder that is gone still names its family; of a mother in between only her daughters know.
        cells.identity.remove(0);
        assert_eq!(ancestors(&cells), [1, 0, 0]);
        cells.identity.remove(1);
        assert_eq!(ancestors(&cells), [1, 2]);
    }
}
