//! What a microscope shows of a spheroid: its outline from above, and how much of its inside is dead.

mod lattice;
mod outline;

use super::Row;
use crate::model::{Model, SpheroidAssay};
use crate::state::Cells;
use lattice::Lattice;
use outline::Outline;

/// Radius, necrotic radius, circularity, invasive strands and cells apart from the spheroid.
///
/// From above, cells cover discs of the cover radius; the largest connected piece with its holes filled is the spheroid.
/// In the box, what living cells enclose and do not cover is its necrotic core. Radii are those of the disc (3-D: ball)
/// of the same size, less what the cover adds to cells.
pub(super) fn observe(
    model: &Model,
    assay: &SpheroidAssay,
    cells: &Cells,
    living: &[usize],
    row: &mut Row,
) {
    let at = |ix: usize| super::xyz(&cells.position_radius[ix]);
    let all: Vec<[f64; 3]> = (0..cells.len()).map(at).collect();
    let alive: Vec<[f64; 3]> = living.iter().map(|ix| at(*ix)).collect();
    let size = model.grid().size_um();
    let reach = assay.cover_radius_um;
    let rim = reach - assay.cell_radius_um;
    let flat = Lattice::covered([size[0], size[1]].as_slice(), reach, &all);
    let outline = Outline::new(&flat);
    let less = |radius: f64| (radius - rim).max(0.0);
    row.put(
        "spheroid_radius_um",
        less((outline.area_um2 / std::f64::consts::PI).sqrt()),
    );
    let dimensions = model.grid().dimensions as usize;
    let living = Lattice::covered(&size[..dimensions], reach, &alive);
    let core = living.enclosed_measure();
    let radius = match dimensions {
        2 => (core / std::f64::consts::PI).sqrt(),
        _ => (0.75 * core / std::f64::consts::PI).cbrt(),
    };
    row.put(
        "necrotic_radius_um",
        if core > 0.0 { radius + rim } else { 0.0 },
    );
    row.put("circularity", outline.circularity);
    row.put("invasive_strands", outline.strands as f64);
    row.put("invasion_reach_um", outline.reach_um);
    let apart = alive
        .iter()
        .filter(|at| !outline.holds(&flat, **at))
        .count();
    row.put("detached_cells", apart as f64);
}
