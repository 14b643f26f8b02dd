//! Which part of the box is seen: pan by dragging, zoom with the wheel about the pointer.

use crate::model::Grid;
use crate::render::{Framing, View};

/// The box fills the picture at zoom 1; never smaller than this share of it.
const FARTHEST: f64 = 4.0;
/// Never closer than this, µm per px: a cell then fills the picture.
const CLOSEST_UM_PER_PX: f64 = 0.02;

/// Moves the picture by pixels.
pub(super) fn pan(view: &mut View, grid: &Grid, by_px: [f64; 2]) {
    let seen = view.viewport(grid);
    let centre_um = [
        seen.centre_um[0] - by_px[0] * seen.um_per_px,
        seen.centre_um[1] + by_px[1] * seen.um_per_px,
    ];
    view.framing = at(grid, centre_um, seen.um_per_px);
}

/// Makes everything `factor` times larger about a pixel that stays where it is.
pub(super) fn zoom(view: &mut View, grid: &Grid, about_px: [f64; 2], factor: f64) {
    let fitted = View {
        framing: Framing::Fit,
        ..view.clone()
    };
    let farthest = FARTHEST * fitted.viewport(grid).um_per_px;
    let seen = view.viewport(grid);
    let held_um = seen.to_um(about_px);
    let um_per_px = (seen.um_per_px / factor).clamp(CLOSEST_UM_PER_PX.min(farthest), farthest);
    view.framing = Framing::At {
        centre_um: seen.centre_um,
        um_per_px,
    };
    let moved_um = view.viewport(grid).to_um(about_px);
    let centre_um = [0, 1].map(|axis| seen.centre_um[axis] + held_um[axis] - moved_um[axis]);
    view.framing = at(grid, centre_um, um_per_px);
}

/// The box never leaves the picture: its middle stays in the box.
fn at(grid: &Grid, centre_um: [f64; 2], um_per_px: f64) -> Framing {
    let size = grid.size_um();
    Framing::At {
        centre_um: [0, 1].map(|axis| centre_um[axis].clamp(0.0, size[axis])),
        um_per_px,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scene() -> (View, Grid) {
        let grid = Grid {
            n: [200, 150, 1],
            voxel_um: 9.5,
            periodic: [false; 3],
            dimensions: 2,
        };
        (View::new([900, 700]), grid)
    }

    #[test]
    fn what_is_under_the_pointer_stays_there() {
        let (mut view, grid) = scene();
        let pointer = [300.0, 250.0];
        let before = view.viewport(&grid).to_um(pointer);
        zoom(&mut view, &grid, pointer, 3.0);
        let seen = view.viewport(&grid);
        let after = seen.to_um(pointer);
        // The fitted picture is centred to whole pixels.
        assert!((before[0] - after[0]).abs() < 3.0 && (before[1] - after[1]).abs() < 3.0);
        pan(&mut view, &grid, [40.0, -20.0]);
        let moved = view
            .viewport(&grid)
            .to_um([pointer[0] + 40.0, pointer[1] - 20.0]);
        assert!((moved[0] - after[0]).abs() < 1e-6 && (moved[1] - after[1]).abs() < 1e-6);
    }

    #[test]
    fn the_box_cannot_be_lost() {
        let (mut view, grid) = scene();
        let centre = |view: &View| match view.framing {
            Framing::At { centre_um, .. } => centre_um,
            Framing::Fit => panic!("framing was not moved"),
        };
        pan(&mut view, &grid, [1e6, -1e6]);
        assert_eq!(centre(&view), [0.0, 0.0]);
        // Zooming out about a corner pulls the middle along, at most to the other end of the box.
        for _ in 0..100 {
            zoom(&mut view, &grid, [0.0, 0.0], 0.5);
        }
        let [x, y] = centre(&view);
        assert!(
            (0.0..=1900.0).contains(&x) && (0.0..=1425.0).contains(&y),
            "{x} {y}"
        );
        assert!(view.viewport(&grid).um_per_px < 20.0);
    }
}
