//! Planes through a 3-D box that show the field. Twin: `shaders/render/slices.wgsl`.

use glam::{IVec3, UVec3, Vec2, Vec3, Vec4, Vec4Swizzles};

use super::super::eye::{Eye, SLICE_BIAS_UM};
use super::super::frame::Frame;
use super::super::palette::{self, Colour};
use super::contour::contour;
use super::raster::Raster;
use super::{Scene, bytes, colour_index, unit};

pub(super) fn draw(raster: &mut Raster, eye: &Eye, scene: &Scene) {
    for axis in (0..3).filter(|axis| eye.slices[*axis] >= 0.0) {
        let size = raster.size.as_vec2();
        raster.bands(|mut band| {
            band.within(Vec2::ZERO, size, |px, pixel| {
                if let Some((hit, forward)) = hit(eye, axis, px) {
                    let depth = eye.depth_of(forward + SLICE_BIAS_UM);
                    pixel.draw(depth, || colour(eye, scene, axis, hit, forward));
                }
            });
        });
    }
}

/// Where the line of sight through a point of the raster meets a plane inside the box, and how far forward that is.
fn hit(eye: &Eye, axis: usize, px: Vec2) -> Option<(Vec3, f32)> {
    let sight = eye.ray(px);
    let slope = sight.along[axis];
    if slope.abs() < 1e-4 {
        return None;
    }
    let t = (eye.slices[axis] - sight.from[axis]) / slope;
    let hit = sight.from + sight.along * t;
    let mut from_wall = hit.min(eye.box_um.xyz() - hit);
    from_wall[axis] = 0.0;
    let forward = (hit - eye.at.xyz()).dot(eye.forward.xyz());
    (t > 0.0 && from_wall.min_element() >= 0.0).then_some((hit, forward))
}

fn colour(eye: &Eye, scene: &Scene, axis: usize, hit: Vec3, forward: f32) -> Colour {
    let frame = &scene.frame;
    let Some((values, colours)) = &scene.field else {
        return palette::EMPTY;
    };
    let there = sample(values, frame, hit / frame.voxel_um);
    let colour = colours[colour_index(there.x, frame.field_lo, frame.field_scale)];
    let mut across = there.yzw();
    across[axis] = 0.0;
    let px = eye.clip.w * eye.um_per_px(forward) / frame.voxel_um;
    let ink = contour(frame, there.x, across.length() * px);
    bytes(unit(colour) * (1.0 - ink))
}

/// The value, and its slope along x, y and z per voxel.
fn sample(values: &[f32], frame: &Frame, at_voxel: Vec3) -> Vec4 {
    let [n_x, n_y, n_z, _] = frame.voxels;
    let n = UVec3::new(n_x, n_y, n_z).as_ivec3();
    let corner = (at_voxel - 0.5).floor();
    let part = at_voxel - 0.5 - corner;
    let voxel = |at: IVec3| {
        let ix = at.clamp(IVec3::ZERO, n - 1).as_uvec3();
        values[((ix.z * n_y + ix.y) * n_x + ix.x) as usize]
    };
    let row = |i: i32| {
        let at = corner.as_ivec3() + IVec3::new(0, i & 1, i >> 1);
        let low = voxel(at);
        let slope = voxel(at + IVec3::X) - low;
        (low + slope * part.x, slope)
    };
    let [(v0, s0), (v1, s1), (v2, s2), (v3, s3)] = [0, 1, 2, 3].map(row);
    let (low, high) = (v0 + (v1 - v0) * part.y, v2 + (v3 - v2) * part.y);
    let (low_x, high_x) = (s0 + (s1 - s0) * part.y, s2 + (s3 - s2) * part.y);
    let (low_y, high_y) = (v1 - v0, v3 - v2);
    Vec4::new(
        low + (high - low) * part.z,
        low_x + (high_x - low_x) * part.z,
        low_y + (high_y - low_y) * part.z,
        high - low,
    )
}
