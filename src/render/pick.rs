//! What is under a pixel.

use glam::{Vec2, Vec3, Vec4Swizzles};

use crate::model::Grid;
use crate::state::Cells;

use super::View;
use super::eye::Eye;

/// The place that a view shows at a pixel, µm: on the nearest cell, else on the nearest plane or face of the box; from above the
/// place itself, in the plane that is shown. `None` where there is only paper.
pub fn pick(grid: &Grid, cells: &Cells, view: &View, at_px: [f64; 2]) -> Option<[f64; 3]> {
    let viewport = view.viewport(grid);
    let size = grid.size_um();
    let Some(space) = view.space(grid) else {
        let [x, y] = viewport.to_um(at_px);
        let inside = (0.0..=size[0]).contains(&x) && (0.0..=size[1]).contains(&y);
        return inside.then(|| [x, y, view.slice_um(grid)]);
    };
    let eye = Eye::new(space, grid, &viewport);
    let corner = viewport.min_px.map(f64::from);
    let px = [0, 1]
        .map(|axis| ((at_px[axis] - corner[axis]) * f64::from(space.fineness.factor())) as f32);
    let sight = eye.ray(Vec2::from(px));
    let kept = |at: Vec3| match space.clip {
        None => true,
        Some(clip) => (f64::from(at[clip.axis]) >= clip.at_um) == clip.keeps_above,
    };
    let on_cells = cells.position_radius.iter().filter_map(|body| {
        let to_middle = body.xyz() - sight.from;
        let nearest = to_middle.dot(sight.along);
        let half_2 = body.w * body.w - (to_middle - sight.along * nearest).length_squared();
        // Of a cell that is cut, any point of it will do.
        (view.cells && half_2 > 0.0 && nearest > 0.0 && kept(body.xyz()))
            .then(|| nearest - half_2.sqrt())
    });
    let within = |t: f32| {
        let at = sight.from + sight.along * t;
        let slack = 1e-3 * eye.box_um.xyz();
        at.cmpge(-slack).all() && at.cmple(eye.box_um.xyz() + slack).all()
    };
    let planes = |positions: Vec3| {
        (0..3).filter_map(move |axis| {
            let t = (positions[axis] - sight.from[axis]) / sight.along[axis];
            (positions[axis] >= 0.0 && t > 0.0 && within(t)).then_some(t)
        })
    };
    let least = |distances: &mut dyn Iterator<Item = f32>| distances.reduce(f32::min);
    let on_cell = least(&mut on_cells.into_iter());
    let on_plane = least(&mut planes(eye.slices.truncate()));
    let farthest = planes(Vec3::ZERO)
        .chain(planes(eye.box_um.xyz()))
        .reduce(f32::max);
    let t = match (on_cell, on_plane) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b).or(farthest),
    }?;
    Some((sight.from + sight.along * t).to_array().map(f64::from))
}
