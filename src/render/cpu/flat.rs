//! Views from above. Twins: `shaders/render/{field,cells}.wgsl`.

use glam::{Vec2, Vec3, Vec4Swizzles};
use image::RgbaImage;
use rayon::prelude::*;

use super::super::frame::{Frame, LEAST_RADIUS_PX};
use super::super::grain::Grain;
use super::super::{Viewport, palette};
use super::colour::ink_on;
use super::contour::contour;
use super::{CellColours, Scene, blend, bytes, colour_index, unit};
use crate::model::FieldKind;
use crate::state::Cells;

/// By how much the texture of dense matrix darkens the ground at most.
const GRAIN_INK: f32 = 0.24;

pub(super) fn paint(picture: &mut RgbaImage, scene: &Scene) {
    paint_ground(picture, scene);
    if scene.view.cells {
        let colours = scene.colours();
        for cell_ix in 0..scene.state.cells.len() {
            if let Some(disc) = Disc::new(&scene.frame, &scene.state.cells, cell_ix, &colours) {
                disc.paint(picture, &scene.viewport);
            }
        }
    }
}

fn paint_ground(picture: &mut RgbaImage, scene: &Scene) {
    let (frame, viewport) = (&scene.frame, &scene.viewport);
    let row_bytes = 4 * picture.width() as usize;
    let [x_min, y_min] = viewport.min_px;
    let [x_max, y_max] = viewport.max_px;
    let rows = y_min as usize..y_max as usize;
    let voxels = Vec2::new(frame.voxels[0] as f32, frame.voxels[1] as f32);
    let grain = (scene.view.matrix.as_deref()).filter(|_| frame.grain != 0);
    let matrix = scene.state.field(FieldKind::Ecm);
    let raw: &mut [u8] = picture;
    raw.par_chunks_exact_mut(row_bytes)
        .enumerate()
        .filter(|(y, _)| rows.contains(y))
        .for_each(|(y, row)| {
            for x in x_min as usize..x_max as usize {
                let offset = (Vec2::new(x as f32 + 0.5, y as f32 + 0.5)
                    - Vec2::from(frame.centre_px))
                    / frame.px_per_um;
                let at = Vec2::new(frame.centre_um[0] + offset.x, frame.centre_um[1] - offset.y)
                    / frame.voxel_um;
                if at.cmplt(Vec2::ZERO).any() || at.cmpgt(voxels).any() {
                    continue;
                }
                let (mut colour, mut ink) = (palette::EMPTY, 0.0);
                if let Some((values, colours)) = &scene.field {
                    let [value, slope_x, slope_y] = sample(values, frame, at);
                    colour = colours[colour_index(value, frame.field_lo, frame.field_scale)];
                    let slope = Vec2::new(slope_x, slope_y).length();
                    ink = contour(frame, value, slope / (frame.voxel_um * frame.px_per_um));
                }
                if let Some(grain) = grain {
                    let dark = 1.0 - grain_ink(grain, matrix, frame, at);
                    colour = bytes(unit(colour) * dark * (1.0 - ink));
                } else if ink > 0.0 {
                    colour = bytes(unit(colour) * (1.0 - ink));
                }
                row[4 * x..4 * x + 3].copy_from_slice(&colour);
            }
        });
}

/// The field at a place in voxels, bilinear between voxel centres, even beyond the outermost ones; and its slope along x and
/// y per voxel.
fn sample(values: &[f32], frame: &Frame, at: Vec2) -> [f32; 3] {
    let [n_x, n_y, ..] = frame.voxels.map(|n| n as usize);
    let layer = frame.layer as usize;
    let corner = (at - 0.5).floor();
    let part = at - 0.5 - corner;
    let voxel = |x: i32, y: i32| {
        let [x, y] = [
            x.clamp(0, n_x as i32 - 1) as usize,
            y.clamp(0, n_y as i32 - 1) as usize,
        ];
        values[(layer * n_y + y) * n_x + x]
    };
    let [x, y] = [corner.x as i32, corner.y as i32];
    let low_slope = voxel(x + 1, y) - voxel(x, y);
    let high_slope = voxel(x + 1, y + 1) - voxel(x, y + 1);
    let low = voxel(x, y) + low_slope * part.x;
    let high = voxel(x, y + 1) + high_slope * part.x;
    let value = low + (high - low) * part.y;
    let slope_x = low_slope + (high_slope - low_slope) * part.y;
    [value, slope_x, high - low]
}

/// By what the texture of the matrix darkens the ground, 0…1.
fn grain_ink(grain: &Grain, matrix: Option<&[f32]>, frame: &Frame, at: Vec2) -> f32 {
    let n = Vec2::from(grain.n().map(|n| n as f32));
    let voxels = Vec2::new(frame.voxels[0] as f32, frame.voxels[1] as f32);
    let there = at / voxels * n;
    let corner = (there - 0.5).floor();
    let part = there - 0.5 - corner;
    let [x, y] = [corner.x as i32, corner.y as i32];
    let low = grain.at(x, y) + (grain.at(x + 1, y) - grain.at(x, y)) * part.x;
    let high = grain.at(x, y + 1) + (grain.at(x + 1, y + 1) - grain.at(x, y + 1)) * part.x;
    let density = matrix.map_or(1.0, |values| sample(values, frame, at)[0].clamp(0.0, 2.0));
    density * (low + (high - low) * part.y) / 255.0 * GRAIN_INK
}

/// A cell as it is drawn.
struct Disc {
    centre_px: Vec2,
    radius_px: f32,
    tick_px: Vec2,
    base: Vec3,
    /// Half the length over the radius, 1 for a disc.
    stretch: f32,
}

impl Disc {
    /// The disc in which the shown plane cuts a cell, if it does.
    fn new(frame: &Frame, cells: &Cells, cell_ix: usize, colours: &CellColours) -> Option<Self> {
        let at = cells.position_radius[cell_ix];
        let off_plane = at.z - frame.slice_um;
        let cut = at.w * at.w - off_plane * off_plane;
        if cut <= 0.0 {
            return None;
        }
        let offset = (at.xy() - Vec2::from(frame.centre_um)) * frame.px_per_um;
        let radius_px = (cut.sqrt() * frame.px_per_um).max(LEAST_RADIUS_PX);
        let polarity = cells.polarity_speed[cell_ix];
        Some(Self {
            centre_px: Vec2::from(frame.centre_px) + Vec2::new(offset.x, -offset.y),
            radius_px,
            tick_px: Vec2::new(polarity.x, -polarity.y) * (0.72 * radius_px),
            base: colours.of(cell_ix),
            stretch: if frame.stretch > 0.0 {
                (1.0 + frame.stretch * polarity.w.min(1.0)).sqrt()
            } else {
                1.0
            },
        })
    }

    fn paint(&self, picture: &mut RgbaImage, viewport: &Viewport) {
        let reach = Vec2::splat(self.radius_px * self.stretch + 1.0);
        let (low, high) = (self.centre_px - reach, self.centre_px + reach);
        let clip = |value: f32, axis: usize| {
            value.clamp(viewport.min_px[axis] as f32, viewport.max_px[axis] as f32) as u32
        };
        for y in clip(low.y, 1)..clip(high.y.ceil(), 1) {
            for x in clip(low.x, 0)..clip(high.x.ceil(), 0) {
                let offset = Vec2::new(x as f32 + 0.5, y as f32 + 0.5) - self.centre_px;
                let (colour, cover) = self.shade(self.in_disc(offset));
                if cover > 0.0 {
                    blend(picture.get_pixel_mut(x, y), colour, cover);
                }
            }
        }
    }

    /// Where a point of the ellipse lies in the disc of the same area.
    fn in_disc(&self, offset: Vec2) -> Vec2 {
        let tick = self.tick_px.dot(self.tick_px).sqrt();
        if self.stretch <= 1.0 || tick <= 0.0 {
            return offset;
        }
        let axis = self.tick_px / tick;
        let along = axis * offset.dot(axis);
        along / self.stretch + (offset - along) * self.stretch
    }

    /// Colour and coverage of the pixel at an offset from the centre, px.
    fn shade(&self, offset: Vec2) -> (Vec3, f32) {
        let (base, radius) = (self.base, self.radius_px);
        let distance = offset.dot(offset).sqrt();
        let cover = (radius + 0.5 - distance).clamp(0.0, 1.0);
        let dark = base * 0.45;
        // Light from the upper left.
        let light = ((offset.x + offset.y) * -0.7 / radius).clamp(-1.0, 1.0);
        let colour =
            base + (Vec3::ONE - base) * (0.24 * light.max(0.0)) - base * (0.16 * (-light).max(0.0));
        // Details fade where a disc has too few pixels for them.
        let detail = ((radius - 2.0) * 0.5).clamp(0.0, 1.0);
        let rim_width = (0.14 * radius).clamp(0.9, 2.5);
        let rim = (distance - (radius - rim_width) + 0.5).clamp(0.0, 1.0) * detail;
        let along =
            (offset.dot(self.tick_px) / (self.tick_px.dot(self.tick_px) + 1e-6)).clamp(0.0, 1.0);
        let aside = offset - self.tick_px * along;
        let tick_width = (0.08 * radius).clamp(0.45, 1.6);
        // The tick needs more room than the rim.
        let tick_detail = ((radius - 4.0) * 0.5).clamp(0.0, 1.0);
        let tick = (tick_width + 0.5 - aside.dot(aside).sqrt()).clamp(0.0, 1.0) * tick_detail;
        let colour = colour + (dark - colour) * rim;
        (colour + (ink_on(base) - colour) * tick, cover)
    }
}
