//! Cells as balls. Twin: `shaders/render/spheres.wgsl`.

use glam::{Vec2, Vec3, Vec4Swizzles};
use rayon::prelude::*;

use super::super::eye::{Eye, Ray};
use super::colour::ink_on;
use super::raster::Raster;
use super::{CellColours, Scene, bytes};
use crate::state::Cells;

/// A ball is never drawn smaller than this, px of the picture.
const LEAST_RADIUS_PX: f32 = 1.0;
const POLE: f32 = 0.93;
/// The rim of a face lies this much farther than its middle, less than planes of fields do, µm.
const CUT_BIAS_UM: f32 = 0.3;

/// A cell as it is drawn.
struct Ball {
    low: Vec2,
    high: Vec2,
    centre: Vec3,
    radius: f32,
    radius_px: f32,
    polarity: Vec3,
    base: Vec3,
}

pub(super) fn draw(raster: &mut Raster, eye: &Eye, scene: &Scene) {
    let colours = scene.colours();
    let cells = &scene.state.cells;
    let balls: Vec<Ball> = (0..cells.len())
        .into_par_iter()
        .filter_map(|cell_ix| Ball::new(eye, cells, cell_ix, &colours))
        .collect();
    raster.bands(|mut band| {
        for ball in &balls {
            band.within(ball.low, ball.high, |at, pixel| {
                let sight = eye.ray(at);
                if let Some((hit, is_cut)) = ball.hit(eye, &sight) {
                    let colour = || bytes(ball.colour(eye, &sight, hit, is_cut));
                    pixel.draw(ball.depth(eye, hit, is_cut), colour);
                }
            });
        }
    });
}

/// How far on the kept side of the plane that hides cells, if there is one.
fn kept(eye: &Eye, at: Vec3) -> Option<f32> {
    let axis = clip_axis(eye)?;
    Some(eye.clip.z * (at[axis] - eye.clip.y))
}

fn clip_axis(eye: &Eye) -> Option<usize> {
    (eye.clip.x >= 0.0).then_some(eye.clip.x as usize)
}

impl Ball {
    fn new(eye: &Eye, cells: &Cells, cell_ix: usize, colours: &CellColours) -> Option<Self> {
        let body = cells.position_radius[cell_ix];
        let centre = body.xyz();
        let at = eye.seen(centre);
        let um = eye.um_per_px(at.z);
        let radius = body.w.max(LEAST_RADIUS_PX * eye.clip.w * um);
        if kept(eye, centre).is_some_and(|kept| kept <= -radius) {
            return None;
        }
        let [low, high] = eye.bounds(at, radius)?;
        Some(Self {
            low,
            high,
            centre,
            radius,
            radius_px: radius / um,
            polarity: cells.polarity_speed[cell_ix].xyz(),
            base: colours.of(cell_ix),
        })
    }

    /// Where a line of sight meets the ball or the face on which it is cut (true).
    fn hit(&self, eye: &Eye, sight: &Ray) -> Option<(Vec3, bool)> {
        let to_middle = self.centre - sight.from;
        let nearest = to_middle.dot(sight.along);
        let aside = to_middle - sight.along * nearest;
        let half_2 = self.radius * self.radius - aside.dot(aside);
        if half_2 <= 0.0 {
            return None;
        }
        let half = half_2.sqrt();
        let hit = sight.from + sight.along * (nearest - half);
        let short = kept(eye, hit).map_or(0.0, |kept| -kept);
        if short <= 0.0 {
            return Some((hit, false));
        }
        let slope = eye.clip.z * sight.along[clip_axis(eye)?];
        // The cut lies between where the line of sight enters the ball and where it leaves it.
        let is_cut = slope > 0.0 && short < 2.0 * half * slope;
        is_cut.then(|| (hit + sight.along * (short / slope), true))
    }

    fn colour(&self, eye: &Eye, sight: &Ray, hit: Vec3, is_cut: bool) -> Vec3 {
        let from_middle = hit - self.centre;
        match clip_axis(eye).filter(|_| is_cut) {
            Some(axis) => self.cut_colour(from_middle, from_middle[axis]),
            None => self.ball_colour(eye, from_middle / self.radius, sight.along),
        }
    }

    /// Depth 0…1; where two faces lie over each other, each has its own side of the line between them.
    fn depth(&self, eye: &Eye, hit: Vec3, is_cut: bool) -> f32 {
        let mut forward = (hit - eye.at.xyz()).dot(eye.forward.xyz());
        if let Some(axis) = clip_axis(eye).filter(|_| is_cut) {
            let from_middle = hit - self.centre;
            forward += CUT_BIAS_UM * self.share_2(from_middle, from_middle[axis]);
        }
        eye.depth_of(forward)
    }

    /// Square of the distance from the middle of the face on which the ball is cut, 1 at its rim.
    fn share_2(&self, from_middle: Vec3, off: f32) -> f32 {
        let square = (self.radius * self.radius - off * off).max(1e-6);
        (from_middle.dot(from_middle) - off * off) / square
    }

    /// The face of a ball that is cut: flat, a little lighter, with a rim.
    fn cut_colour(&self, from_middle: Vec3, off: f32) -> Vec3 {
        let share_2 = self.share_2(from_middle, off);
        let rim = ((share_2 - 0.66) * 8.0).clamp(0.0, 1.0);
        let face = self.base + (Vec3::ONE - self.base) * 0.1;
        face + (self.base * 0.5 - face) * rim
    }

    fn ball_colour(&self, eye: &Eye, normal: Vec3, along: Vec3) -> Vec3 {
        // Light from the upper left, from behind the eye.
        let to_light = eye.right.xyz() * -0.45 + eye.up.xyz() * 0.6 - eye.forward.xyz() * 0.66;
        let light = normal.dot(to_light).max(0.0);
        let detail = ((self.radius_px - 4.0) * 0.25).clamp(0.0, 1.0);
        let pole = ((normal.dot(self.polarity) - POLE) * 40.0).clamp(0.0, 1.0) * detail;
        let base = self.base;
        let mut colour = base + (ink_on(base) - base) * (0.7 * pole);
        colour *= 0.5 + 0.56 * light;
        let shine = light * light * light * light;
        let shine_2 = shine * shine;
        colour += (Vec3::ONE - colour) * (0.22 * shine_2 * shine_2);
        let facing = -normal.dot(along);
        (colour * (0.6 + 0.4 * (facing * 2.5).clamp(0.0, 1.0))).min(Vec3::ONE)
    }
}
