//! [`Eye`]: a view of a 3-D box in the numbers that painting needs, the same for both painters.

use glam::{DVec3, Vec2, Vec3, Vec3Swizzles, Vec4};

use crate::model::Grid;

use super::{Space, Viewport};

/// Width of the edges of the box, px of the picture.
const EDGE_PX: f32 = 1.3;
/// A plane lies this much farther than what else is cut there, µm.
pub const SLICE_BIAS_UM: f32 = 0.5;

/// Uniform block of the shaders of 3-D views (`shaders/render/space.wgsl`).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
pub struct Eye {
    /// Where the eye is, µm, and how far from the point in the middle.
    pub at: Vec4,
    /// Unit vector to the right, and the scale at the point in the middle, µm per raster pixel.
    pub right: Vec4,
    /// Unit vector upward, and 1 in perspective.
    pub up: Vec4,
    /// Unit vector forward, and the least depth that is drawn, µm.
    pub forward: Vec4,
    /// Size of the box, and the largest depth that is drawn, µm.
    pub box_um: Vec4,
    /// Where planes cross x, y and z, µm; below 0 where there is none. Then the width of edges, raster px.
    pub slices: Vec4,
    /// Axis of the plane that hides cells, below 0 if there is none; where it is, µm; 1 if it keeps what lies above, else
    /// −1; and raster pixels along each side of a pixel of the picture.
    pub clip: Vec4,
    /// Size of the raster, px.
    pub size_px: [f32; 2],
    /// Upper left corner of the raster in the picture, px.
    pub corner_px: [f32; 2],
}

/// A line of sight.
#[derive(Clone, Copy, Debug)]
pub struct Ray {
    /// Where it begins, µm.
    pub from: Vec3,
    /// Unit vector along it.
    pub along: Vec3,
}

impl Eye {
    /// The eye of a view.
    pub fn new(space: &Space, grid: &Grid, viewport: &Viewport) -> Self {
        let room = viewport.room_px();
        let size_um = DVec3::from(grid.size_um());
        let camera = &space.camera;
        let [right, up, forward] = camera.axes();
        let distance = camera.distance_um(grid, room);
        let at = camera.target_um(grid) - forward * distance;
        let fine = f64::from(space.fineness.factor());
        let um_per_px = camera.um_per_px(grid, room) / fine;
        // Depths of the corners, with room for cells that stick out.
        let depths = (0..8).map(|corner| {
            let share = DVec3::new(
                f64::from(corner & 1),
                f64::from(corner >> 1 & 1),
                f64::from(corner >> 2),
            );
            (share * size_um - at).dot(forward)
        });
        let (nearest, farthest) = depths.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), d| {
            (lo.min(d), hi.max(d))
        });
        let near = (nearest - 100.0).max(0.01 * distance);
        let with = |v: DVec3, w: f64| v.as_vec3().extend(w as f32);
        Self {
            at: with(at, distance),
            right: with(right, um_per_px),
            up: with(up, f64::from(u8::from(camera.perspective))),
            forward: with(forward, near),
            box_um: with(size_um, (farthest + 100.0).max(near + 1.0)),
            slices: Vec3::from(space.slices_um.map(|um| um.map_or(-1.0, |um| um as f32)))
                .extend(EDGE_PX * fine as f32),
            clip: (space.clip)
                .map_or(Vec3::new(-1.0, 0.0, 0.0), |clip| {
                    let side = if clip.keeps_above { 1.0 } else { -1.0 };
                    Vec3::new(clip.axis as f32, clip.at_um as f32, side)
                })
                .extend(fine as f32),
            size_px: room.map(|px| (px * fine) as f32),
            corner_px: viewport.min_px.map(|px| px as f32),
        }
    }

    /// Size of the raster, px.
    pub fn raster_px(&self) -> [u32; 2] {
        self.size_px.map(|px| px as u32)
    }

    /// Raster pixels along each side of a pixel of the picture.
    pub fn fineness(&self) -> u32 {
        self.clip.w as u32
    }

    pub(super) fn is_perspective(&self) -> bool {
        self.up.w > 0.5
    }

    /// The line of sight through a point of the raster, px.
    pub fn ray(&self, px: Vec2) -> Ray {
        let x = (px.x - 0.5 * self.size_px[0]) * self.right.w;
        let y = (0.5 * self.size_px[1] - px.y) * self.right.w;
        let aside = self.right.truncate() * x + self.up.truncate() * y;
        let forward = self.forward.truncate();
        if self.is_perspective() {
            Ray {
                from: self.at.truncate(),
                along: (aside + forward * self.at.w).normalize(),
            }
        } else {
            Ray {
                from: self.at.truncate() + aside,
                along: forward,
            }
        }
    }

    /// Right, up and forward of the eye, µm.
    pub fn seen(&self, at_um: Vec3) -> Vec3 {
        let from = at_um - self.at.truncate();
        Vec3::new(
            from.dot(self.right.truncate()),
            from.dot(self.up.truncate()),
            from.dot(self.forward.truncate()),
        )
    }

    /// Depth 0…1 of a distance along the axis of sight.
    pub fn depth_of(&self, forward_um: f32) -> f32 {
        (forward_um - self.forward.w) / (self.box_um.w - self.forward.w)
    }

    /// Raster position of a point given as right, up and forward of the eye.
    pub fn to_px(&self, seen: Vec3) -> Vec2 {
        let scale = if self.is_perspective() {
            self.at.w / seen.z
        } else {
            1.0
        };
        let middle = 0.5 * Vec2::from(self.size_px);
        middle + seen.xy() * Vec2::new(1.0, -1.0) * (scale / self.right.w)
    }

    /// µm that a raster pixel spans at a depth.
    pub fn um_per_px(&self, forward_um: f32) -> f32 {
        if self.is_perspective() {
            self.right.w * forward_um / self.at.w
        } else {
            self.right.w
        }
    }

    /// Lower and upper corner of what a ball covers of the raster; `None` if it is not in front of the eye.
    pub fn bounds(&self, seen: Vec3, radius: f32) -> Option<[Vec2; 2]> {
        if seen.z - radius <= self.forward.w {
            return None;
        }
        let middle = 0.5 * Vec2::from(self.size_px);
        let (low, high) = if self.is_perspective() {
            // Tangents of the lines that touch the ball, in the planes of x and z and of y and z.
            let touch = |aside: f32| {
                let s = (aside * aside + seen.z * seen.z - radius * radius).sqrt();
                let low = (aside * s - radius * seen.z) / (seen.z * s + radius * aside);
                let high = (aside * s + radius * seen.z) / (seen.z * s - radius * aside);
                [low, high].map(|slope| slope * self.at.w / self.right.w)
            };
            let ([x0, x1], [y0, y1]) = (touch(seen.x), touch(-seen.y));
            (Vec2::new(x0, y0), Vec2::new(x1, y1))
        } else {
            let at = Vec2::new(seen.x, -seen.y) / self.right.w;
            let reach = Vec2::splat(radius / self.right.w);
            (at - reach, at + reach)
        };
        Some([middle + low, middle + high])
    }
}
