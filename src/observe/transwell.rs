//! Cells that have crossed a membrane.

use super::Row;
use crate::model::TranswellAssay;
use crate::state::Cells;

/// Where a cell is in relation to the membrane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Above,
    Pore,
    Below,
}

/// “Below” is the side that cells cross to, wherever it lies.
fn side(assay: &TranswellAssay, at_um: f64) -> Side {
    let [low, high] = assay.wall_um;
    if (low..high).contains(&at_um) {
        Side::Pore
    } else if (at_um < low) != assay.upward {
        Side::Below
    } else {
        Side::Above
    }
}

/// Living cells below the membrane: their number, their share of all, in 3-D also their number in a field of view; and
/// those on their way through.
pub(super) fn observe(assay: &TranswellAssay, cells: &Cells, living: &[usize], row: &mut Row) {
    let count = |wanted: Side| {
        let places = living
            .iter()
            .map(|ix| cells.position_radius[*ix][assay.axis]);
        places
            .filter(|at| side(assay, f64::from(*at)) == wanted)
            .count() as f64
    };
    let below = count(Side::Below);
    row.put("cells_below", below);
    row.put("cells_below_percent", 100.0 * below / living.len() as f64);
    if let Some([area, field]) = assay.field_um2 {
        row.put("cells_below_per_field", below * field / area);
    }
    row.put("cells_in_pores", count(Side::Pore));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_is_where_cells_go() {
        let assay = |upward| TranswellAssay {
            axis: 2,
            wall_um: [40.0, 50.0],
            upward,
            field_um2: Some([4e4, 1e5]),
        };
        let cells = Cells {
            position_radius: [5.0, 39.9, 40.0, 49.9, 50.0]
                .map(|z| glam::Vec4::new(0.0, 0.0, z, 8.0))
                .to_vec(),
            ..Cells::default()
        };
        for (upward, below) in [(false, 2.0), (true, 1.0)] {
            let mut row = Row::default();
            observe(&assay(upward), &cells, &[0, 1, 2, 3, 4], &mut row);
            assert_eq!(row.get("cells_below"), Some(below));
            assert_eq!(row.get("cells_in_pores"), Some(2.0));
            assert_eq!(row.get("cells_below_percent"), Some(20.0 * below));
            assert_eq!(row.get("cells_below_per_field"), Some(2.5 * below));
        }
        // The dead are not counted.
        let mut row = Row::default();
        observe(&assay(false), &cells, &[0, 4], &mut row);
        assert_eq!(row.get("cells_below"), Some(1.0));
    }
}
