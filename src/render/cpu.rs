//! The painter in plain Rust: the same arithmetic in the same order as `shaders/render/{field,cells}.wgsl`.

use glam::{Vec2, Vec3, Vec4Swizzles};
use image::{Rgba, RgbaImage};
use rayon::prelude::*;

use crate::model::Grid;
use crate::state::{Cells, HostState, Phase};

use super::frame::{BY_SPEED, BY_TYPE, Frame, LEAST_RADIUS_PX};
use super::palette::{self, Colour, N_COLOURS};
use super::{View, Viewport};

/// The picture of a state, without annotation. Equal inputs give equal bytes.
pub fn paint(grid: &Grid, state: &HostState, view: &View) -> RgbaImage {
    let view = view.settled(state);
    let values = view.field.and_then(|kind| state.field(kind));
    let frame = Frame::new(&view, grid, values.map(|_| 0), state.cells.len() as u32);
    let viewport = view.viewport(grid);
    let [width, height] = view.size_px;
    let [r, g, b] = palette::PAPER;
    let mut picture = RgbaImage::from_pixel(width, height, Rgba([r, g, b, 255]));

    let colours = view.field.map(palette::field_table);
    paint_field(
        &mut picture,
        &frame,
        &viewport,
        values.zip(colours.as_ref()),
    );
    if view.cells {
        let colours = palette::cell_table(view.colouring);
        for cell_ix in 0..state.cells.len() {
            if let Some(disc) = Disc::new(&frame, &state.cells, cell_ix, &colours) {
                disc.paint(&mut picture, &viewport);
            }
        }
    }
    picture
}

fn paint_field(
    picture: &mut RgbaImage,
    frame: &Frame,
    viewport: &Viewport,
    field: Option<(&[f32], &[Colour; N_COLOURS])>,
) {
    let row_bytes = 4 * picture.width() as usize;
    let [x_min, y_min] = viewport.min_px;
    let [x_max, y_max] = viewport.max_px;
    let rows = y_min as usize..y_max as usize;
    let voxels = Vec2::new(frame.voxels[0] as f32, frame.voxels[1] as f32);
    let bytes: &mut [u8] = picture;
    bytes
        .par_chunks_exact_mut(row_bytes)
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
                let colour = field.map_or(palette::EMPTY, |(values, colours)| {
                    colours
                        [colour_index(sample(values, frame, at), frame.field_lo, frame.field_scale)]
                });
                row[4 * x..4 * x + 3].copy_from_slice(&colour);
            }
        });
}

/// Nearest of 256 colours; values beyond the ends take the end's colour.
fn colour_index(value: f32, lo: f32, scale: f32) -> usize {
    ((value - lo) * scale + 0.5).clamp(0.0, 255.0) as usize
}

/// The field at a place in voxels, bilinear between voxel centres, even beyond the outermost ones.
fn sample(values: &[f32], frame: &Frame, at: Vec2) -> f32 {
    let [n_x, n_y, layer, _] = frame.voxels.map(|n| n as usize);
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
    let low = voxel(x, y) + (voxel(x + 1, y) - voxel(x, y)) * part.x;
    let high = voxel(x, y + 1) + (voxel(x + 1, y + 1) - voxel(x, y + 1)) * part.x;
    low + (high - low) * part.y
}

/// A cell as it is drawn.
struct Disc {
    centre_px: Vec2,
    radius_px: f32,
    tick_px: Vec2,
    base: Vec3,
}

impl Disc {
    /// The disc in which the shown plane cuts a cell, if it does.
    fn new(
        frame: &Frame,
        cells: &Cells,
        cell_ix: usize,
        colours: &[Colour; N_COLOURS],
    ) -> Option<Self> {
        let at = cells.position_radius[cell_ix];
        let off_plane = at.z - frame.slice_um;
        let cut = at.w * at.w - off_plane * off_plane;
        if cut <= 0.0 {
            return None;
        }
        let offset = (at.xy() - Vec2::from(frame.centre_um)) * frame.px_per_um;
        let radius_px = (cut.sqrt() * frame.px_per_um).max(LEAST_RADIUS_PX);
        let polarity = cells.polarity_speed[cell_ix];
        let colour = match frame.colouring {
            BY_TYPE => cells.identity[cell_ix][1] as usize & 255,
            BY_SPEED => colour_index(polarity.w * 60.0, frame.cell_lo, frame.cell_scale),
            row => colour_index(
                cells.signals[row as usize][cell_ix],
                frame.cell_lo,
                frame.cell_scale,
            ),
        };
        let base = if Phase::of(cells.identity[cell_ix][3]).is_dying() {
            palette::DYING
        } else {
            colours[colour]
        };
        Some(Self {
            centre_px: Vec2::from(frame.centre_px) + Vec2::new(offset.x, -offset.y),
            radius_px,
            tick_px: Vec2::new(polarity.x, -polarity.y) * (0.72 * radius_px),
            base: Vec3::from(base.map(|c| f32::from(c) / 255.0)),
        })
    }

    fn paint(&self, picture: &mut RgbaImage, viewport: &Viewport) {
        let reach = Vec2::splat(self.radius_px + 1.0);
        let (low, high) = (self.centre_px - reach, self.centre_px + reach);
        let clip = |value: f32, axis: usize| {
            value.clamp(viewport.min_px[axis] as f32, viewport.max_px[axis] as f32) as u32
        };
        for y in clip(low.y, 1)..clip(high.y.ceil(), 1) {
            for x in clip(low.x, 0)..clip(high.x.ceil(), 0) {
                let offset = Vec2::new(x as f32 + 0.5, y as f32 + 0.5) - self.centre_px;
                let (colour, cover) = self.shade(offset);
                if cover > 0.0 {
                    blend(picture.get_pixel_mut(x, y), colour, cover);
                }
            }
        }
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
        // The tick needs more room than the rim, and shows on dark cells as a light one.
        let tick_detail = ((radius - 4.0) * 0.5).clamp(0.0, 1.0);
        let tick = (tick_width + 0.5 - aside.dot(aside).sqrt()).clamp(0.0, 1.0) * tick_detail;
        let luma = base.dot(Vec3::new(0.30, 0.59, 0.11));
        let ink = if luma < 0.45 {
            base + (Vec3::ONE - base) * 0.75
        } else {
            dark
        };
        let colour = colour + (dark - colour) * rim;
        (colour + (ink - colour) * tick, cover)
    }
}

/// Blends a colour (0…1) over a pixel, in the space of the bytes, as the GPU's blend unit does.
pub(super) fn blend(pixel: &mut Rgba<u8>, colour: Vec3, cover: f32) {
    for (under, over) in pixel.0.iter_mut().zip(colour.to_array()) {
        *under = (over * cover * 255.0 + f32::from(*under) * (1.0 - cover) + 0.5) as u8;
    }
}
