//! From the raster of a 3-D view to the picture: darker where something near stands before it, averaged to pixels.
//! Twin: `shaders/render/resolve.wgsl`.

use glam::{IVec2, Vec3};
use image::RgbaImage;
use rayon::prelude::*;

use super::super::eye::{Eye, FINENESS};
use super::raster::Raster;
use super::{bytes, unit};

/// Depth at which something is wholly before something else, and what does not count, µm.
const SHADE_UM: f32 = 12.0;
const SHADE_FREE: f32 = 0.2;
const SHADE: f32 = 0.5;
/// Where is looked for what stands before a pixel, raster px.
const AROUND: [IVec2; 8] = [
    IVec2::new(-3, -3),
    IVec2::new(3, -3),
    IVec2::new(-3, 3),
    IVec2::new(3, 3),
    IVec2::new(-9, 0),
    IVec2::new(9, 0),
    IVec2::new(0, -9),
    IVec2::new(0, 9),
];

pub(super) fn resolve(picture: &mut RgbaImage, raster: &Raster, eye: &Eye) {
    let row_bytes = 4 * picture.width() as usize;
    let [left, top] = eye.corner_px.map(|px| px as usize);
    let fine = FINENESS as usize;
    let [width, height] = [raster.size.x as usize / fine, raster.size.y as usize / fine];
    let raw: &mut [u8] = picture;
    raw.par_chunks_exact_mut(row_bytes)
        .skip(top)
        .take(height)
        .enumerate()
        .for_each(|(y, row)| {
            for x in 0..width {
                let corner = IVec2::new((x * fine) as i32, (y * fine) as i32);
                let around = [IVec2::ZERO, IVec2::X, IVec2::Y, IVec2::ONE];
                let sum: Vec3 = around
                    .map(|by| shaded(raster, eye, corner + by))
                    .iter()
                    .sum();
                let at = 4 * (left + x);
                row[at..at + 3].copy_from_slice(&bytes(sum / 4.0));
            }
        });
}

fn shaded(raster: &Raster, eye: &Eye, at: IVec2) -> Vec3 {
    let pixel = |at: IVec2| {
        let at = at.clamp(IVec2::ZERO, raster.size.as_ivec2() - 1).as_uvec2();
        raster.pixels[at.y as usize * raster.size.x as usize + at.x as usize]
    };
    let here = pixel(at);
    if here.depth >= 1.0 {
        return unit(here.colour);
    }
    let span = eye.box_um.w - eye.forward.w;
    let hidden: f32 = (AROUND.iter())
        .map(|by| {
            let other = pixel(at + *by).depth;
            ((here.depth - other) * span / SHADE_UM - SHADE_FREE).clamp(0.0, 1.0)
        })
        .sum();
    unit(here.colour) * (1.0 - SHADE * hidden / AROUND.len() as f32)
}
