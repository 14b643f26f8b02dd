//! A 3-D box as it is seen from outside: camera, planes that show the field, the plane that hides cells.

use glam::{DVec2, DVec3};

use crate::model::{Clip, Grid, Picture, Projection};

/// Half the angle that the shorter side of a picture spans in perspective, as a tangent: 12°.
const HALF_ANGLE: f64 = 0.2126;
/// How much of the shorter side a box fills, seen from anywhere.
const FILLS: f64 = 0.97;
/// Farthest and nearest magnification.
pub const ZOOMS: [f64; 2] = [0.2, 200.0];
/// Where a camera stands unless it is told otherwise, degrees.
const HOME_DEG: [f64; 2] = [28.0, 24.0];
/// From a cut to the plane behind it that shows the field, µm: cells between them stand out, and those farther are hidden.
const SECTION_UM: f64 = 12.0;

/// From where a box is seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// Turn about z, degrees: at 0 the camera looks along y with x to the right, at 90 against x.
    pub azimuth_deg: f64,
    /// Height above the plane of x and y, degrees: at 90 the camera looks down with y upward.
    pub elevation_deg: f64,
    /// Magnification: at 1 the box fits the picture from any side.
    pub zoom: f64,
    /// The point in the middle of the picture, µm; the middle of the box if `None`.
    pub centre_um: Option<[f64; 3]>,
    /// Whether near things are larger.
    pub perspective: bool,
}

impl Default for Camera {
    fn default() -> Self {
        Self {
            azimuth_deg: HOME_DEG[0],
            elevation_deg: HOME_DEG[1],
            zoom: 1.0,
            centre_um: None,
            perspective: true,
        }
    }
}

impl Camera {
    /// Turns about the middle: the box follows a drag by pixels.
    pub fn orbit(&mut self, by_px: [f64; 2]) {
        const DEG_PER_PX: f64 = 0.35;
        self.azimuth_deg = (self.azimuth_deg - DEG_PER_PX * by_px[0]).rem_euclid(360.0);
        self.elevation_deg = (self.elevation_deg + DEG_PER_PX * by_px[1]).clamp(-90.0, 90.0);
    }

    /// Unit vectors to the right, up and forward.
    pub fn axes(&self) -> [DVec3; 3] {
        let (sin_a, cos_a) = self.azimuth_deg.to_radians().sin_cos();
        let (sin_e, cos_e) = self.elevation_deg.to_radians().sin_cos();
        let back = DVec3::new(sin_a * cos_e, -cos_a * cos_e, sin_e);
        let right = DVec3::new(cos_a, sin_a, 0.0);
        [right, back.cross(right), -back]
    }

    /// The point in the middle of the picture, µm.
    pub fn target_um(&self, grid: &Grid) -> DVec3 {
        DVec3::from(self.centre_um.unwrap_or(grid.size_um().map(|um| 0.5 * um)))
    }

    /// Scale at the point in the middle of a picture of a size in px, µm per px.
    pub fn um_per_px(&self, grid: &Grid, size_px: [f64; 2]) -> f64 {
        let diagonal = DVec3::from(grid.size_um()).length();
        diagonal / (FILLS * size_px[0].min(size_px[1]) * self.zoom)
    }

    /// Distance from the eye to the point in the middle, µm.
    pub fn distance_um(&self, grid: &Grid, size_px: [f64; 2]) -> f64 {
        let half_um = 0.5 * self.um_per_px(grid, size_px) * size_px[0].min(size_px[1]);
        if self.perspective {
            half_um / HALF_ANGLE
        } else {
            // Far enough that nothing of the box is behind the eye, wherever the middle is.
            2.0 * DVec3::from(grid.size_um()).length()
        }
    }

    /// Moves the middle so that the box follows a drag by pixels; the middle stays in the box.
    pub fn pan(&mut self, grid: &Grid, size_px: [f64; 2], by_px: [f64; 2]) {
        let by = DVec2::from(by_px) * self.um_per_px(grid, size_px);
        let [right, up, _] = self.axes();
        self.look_at(grid, self.target_um(grid) - right * by.x + up * by.y);
    }

    /// Puts a point in the middle, or the point of the box that is nearest to it.
    pub fn look_at(&mut self, grid: &Grid, at_um: DVec3) {
        let most = DVec3::from(grid.size_um());
        self.centre_um = Some(at_um.clamp(DVec3::ZERO, most).to_array());
    }

    /// Makes everything `factor` times larger about a pixel, given from the middle; what is there at the depth of the middle
    /// stays there.
    pub fn zoom_about(
        &mut self,
        grid: &Grid,
        size_px: [f64; 2],
        from_middle_px: [f64; 2],
        factor: f64,
    ) {
        let before = self.um_per_px(grid, size_px);
        self.zoom = (self.zoom * factor).clamp(ZOOMS[0], ZOOMS[1]);
        let moved = (before - self.um_per_px(grid, size_px)) * DVec2::from(from_middle_px);
        let [right, up, _] = self.axes();
        self.look_at(grid, self.target_um(grid) + right * moved.x - up * moved.y);
    }
}

/// A view of a 3-D box from outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    /// From where.
    pub camera: Camera,
    /// Planes across x, y and z on which the field is shown, µm.
    pub slices_um: [Option<f64>; 3],
    /// What hides cells.
    pub clip: Option<Clip>,
    /// How smooth edges are.
    pub fineness: Fineness,
}

/// How many raster pixels are averaged to a pixel of the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fineness {
    /// One: a quarter of the work, for moving pictures without a hardware GPU.
    Rough,
    /// Two by two: smooth edges.
    #[default]
    Smooth,
}

impl Fineness {
    /// Raster pixels along each side of a pixel.
    pub const fn factor(self) -> u32 {
        match self {
            Fineness::Rough => 1,
            Fineness::Smooth => 2,
        }
    }
}

impl Space {
    /// From in front, above and to the right into a box whose front half is cut away, with the field just behind the cut.
    pub fn home(grid: &Grid) -> Self {
        let clip = Clip {
            axis: 1,
            at_um: 0.5 * grid.size_um()[1],
            keeps_above: true,
        };
        Self {
            camera: Camera::default(),
            slices_um: behind(&clip, grid),
            clip: Some(clip),
            fineness: Fineness::Smooth,
        }
    }

    /// What a scenario asks for, and from home what it leaves open; `None` where the box is seen in one plane.
    pub(super) fn of(picture: &Picture, grid: &Grid) -> Option<Self> {
        if grid.dimensions < 3 || picture.projection == Projection::Flat {
            return None;
        }
        let home = Self::home(grid);
        let clip = picture.clip.unwrap_or(home.clip);
        Some(Self {
            camera: Camera {
                azimuth_deg: picture.azimuth_deg.unwrap_or(home.camera.azimuth_deg),
                elevation_deg: picture.elevation_deg.unwrap_or(home.camera.elevation_deg),
                zoom: picture.zoom.unwrap_or(1.0),
                centre_um: None,
                perspective: picture.projection == Projection::Perspective,
            },
            slices_um: (picture.slices)
                .unwrap_or_else(|| clip.map_or([None; 3], |clip| behind(&clip, grid))),
            clip,
            fineness: Fineness::Smooth,
        })
    }
}

/// The plane behind a cut, which shows the field.
fn behind(clip: &Clip, grid: &Grid) -> [Option<f64>; 3] {
    let by = if clip.keeps_above {
        SECTION_UM
    } else {
        -SECTION_UM
    };
    let mut slices = [None; 3];
    slices[clip.axis] = Some((clip.at_um + by).clamp(0.0, grid.size_um()[clip.axis]));
    slices
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: Grid = Grid {
        n: [40, 30, 20],
        voxel_um: 10.0,
        periodic: [false; 3],
        dimensions: 3,
    };

    #[test]
    fn cameras_look_where_they_say() {
        let at = |azimuth_deg, elevation_deg| {
            Camera {
                azimuth_deg,
                elevation_deg,
                ..Camera::default()
            }
            .axes()
        };
        let near = |a: DVec3, b: [f64; 3]| (a - DVec3::from(b)).length() < 1e-12;
        let [right, up, forward] = at(0.0, 0.0);
        assert!(near(right, [1.0, 0.0, 0.0]) && near(up, [0.0, 0.0, 1.0]));
        assert!(near(forward, [0.0, 1.0, 0.0]));
        let [right, up, forward] = at(0.0, 90.0);
        assert!(near(right, [1.0, 0.0, 0.0]) && near(up, [0.0, 1.0, 0.0]));
        assert!(near(forward, [0.0, 0.0, -1.0]));
        assert!(near(at(90.0, 0.0)[2], [-1.0, 0.0, 0.0]));
    }

    #[test]
    fn the_middle_stays_in_the_box_and_zoom_holds_its_point() {
        let size_px = [800.0, 600.0];
        let mut camera = Camera::default();
        camera.pan(&GRID, size_px, [1e6, -1e6]);
        let [x, y, z] = camera.target_um(&GRID).to_array();
        assert!(
            (0.0..=400.0).contains(&x) && (0.0..=300.0).contains(&y) && (0.0..=200.0).contains(&z)
        );
        let mut camera = Camera::default();
        let held = |camera: &Camera| {
            let [right, up, _] = camera.axes();
            let um = camera.um_per_px(&GRID, size_px);
            camera.target_um(&GRID) + right * (60.0 * um) - up * (40.0 * um)
        };
        let before = held(&camera);
        camera.zoom_about(&GRID, size_px, [60.0, 40.0], 2.0);
        assert!((held(&camera) - before).length() < 1e-9 && camera.zoom == 2.0);
        camera.zoom_about(&GRID, size_px, [0.0, 0.0], 1e9);
        assert_eq!(camera.zoom, ZOOMS[1]);
    }
}
