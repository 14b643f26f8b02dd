//! Which part of the box is seen, and in 3-D from where: a drag pans or turns, the wheel zooms about the pointer.

use glam::DVec3;

use crate::model::{Grid, Model};
use crate::render::{Framing, View};

/// The box fills the picture at zoom 1; never smaller than this share of it.
const FARTHEST: f64 = 4.0;
/// Never closer than this, µm per px: a cell then fills the picture.
const CLOSEST_UM_PER_PX: f64 = 0.02;

/// Moves the picture by pixels.
pub(super) fn pan(view: &mut View, grid: &Grid, by_px: [f64; 2]) {
    let seen = view.viewport(grid);
    if let Some(space) = in_space(view, grid) {
        return space.camera.pan(grid, seen.room_px(), by_px);
    }
    let centre_um = [
        seen.centre_um[0] - by_px[0] * seen.um_per_px,
        seen.centre_um[1] + by_px[1] * seen.um_per_px,
    ];
    view.framing = at(grid, centre_um, seen.um_per_px);
}

/// A drag by pixels: turns a box that is seen from outside, and moves any other.
pub(super) fn drag(view: &mut View, grid: &Grid, by_px: [f64; 2]) {
    match in_space(view, grid) {
        Some(space) => space.camera.orbit(by_px),
        None => pan(view, grid, by_px),
    }
}

/// Puts a place, µm, in the middle of the picture.
pub(super) fn centre_on(view: &mut View, grid: &Grid, at_um: [f64; 3]) {
    if let Some(space) = in_space(view, grid) {
        return space.camera.look_at(grid, DVec3::from(at_um));
    }
    let um_per_px = view.viewport(grid).um_per_px;
    view.framing = at(grid, [at_um[0], at_um[1]], um_per_px);
}

/// Shows the whole box, from where it is seen now.
pub(super) fn fit(view: &mut View, grid: &Grid) {
    view.framing = Framing::Fit;
    if let Some(space) = in_space(view, grid) {
        (space.camera.zoom, space.camera.centre_um) = (1.0, None);
    }
}

/// Shows the whole box as it is seen at the start; what is shown of it stays as it is.
pub(super) fn home(view: &mut View, model: &Model) {
    fit(view, model.grid());
    let home = View::of(model, view.size_px).space;
    if let (Some(space), Some(home)) = (in_space(view, model.grid()), home) {
        space.camera = home.camera;
    }
}

fn in_space<'a>(view: &'a mut View, grid: &Grid) -> Option<&'a mut crate::render::Space> {
    view.space.as_mut().filter(|_| grid.dimensions == 3)
}

/// Makes everything `factor` times larger about a pixel that stays where it is.
pub(super) fn zoom(view: &mut View, grid: &Grid, about_px: [f64; 2], factor: f64) {
    let seen = view.viewport(grid);
    if let Some(space) = in_space(view, grid) {
        let middle = seen.centre_px();
        let from_middle = [0, 1].map(|axis| about_px[axis] - middle[axis]);
        return space
            .camera
            .zoom_about(grid, seen.room_px(), from_middle, factor);
    }
    let fitted = View {
        framing: Framing::Fit,
        ..view.clone()
    };
    let farthest = FARTHEST * fitted.viewport(grid).um_per_px;
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
    fn a_double_click_centres_and_fit_shows_everything() {
        let (mut view, grid) = scene();
        zoom(&mut view, &grid, [300.0, 250.0], 3.0);
        centre_on(&mut view, &grid, [700.0, 500.0, 0.0]);
        let seen = view.viewport(&grid);
        let middle = seen.to_um(seen.centre_px());
        assert!((middle[0] - 700.0).abs() < 1e-6 && (middle[1] - 500.0).abs() < 1e-6);
        fit(&mut view, &grid);
        assert_eq!(view.framing, Framing::Fit);
    }

    #[test]
    fn a_3_d_box_is_turned_and_comes_home() {
        let model = Model::from_toml(
            r#"
title = "box"
[domain]
size = ["400 um", "300 um", "200 um"]
voxel = "10 um"
[time]
duration = "1 h"
[fields.oxygen]
initial = "38 mmHg"
[view]
azimuth = 10
"#,
        )
        .unwrap();
        let grid = model.grid();
        let mut view = View::of(&model, [900, 700]);
        let start = view.clone();
        drag(&mut view, grid, [100.0, 20.0]);
        zoom(&mut view, grid, [300.0, 250.0], 2.0);
        pan(&mut view, grid, [10.0, 10.0]);
        centre_on(&mut view, grid, [100.0, 100.0, 100.0]);
        let turned = view.space.clone().unwrap().camera;
        assert_eq!((turned.zoom, turned.centre_um), (2.0, Some([100.0; 3])));
        assert_ne!(turned.azimuth_deg, 10.0);
        fit(&mut view, grid);
        let fitted = view.space.clone().unwrap().camera;
        assert_eq!(fitted.azimuth_deg, turned.azimuth_deg);
        assert_eq!((fitted.zoom, fitted.centre_um), (1.0, None));
        home(&mut view, &model);
        assert_eq!(view, start);
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
