//! From the raster of a 3-D view to the picture: darker where something near stands before it, averaged to pixels.
//! Twin: `shaders/render/resolve.wgsl`.

use glam::{IVec2, Vec3};
use image::RgbaImage;
use rayon::prelude::*;

use super::super::eye::Eye;
use super::raster::Raster;
use super::{bytes, unit};

/// Depth at which something is wholly before something else, and what does not count, µm.
const SHADE_UM: f32 = 12.0;
const SHADE_FREE: f32 = 0.2;
const SHADE: f32 = 0.5;
/// Where is looked for what stands before a raster pixel, raster px.
fn around(fineness: i32) -> [IVec2; 8] {
    let (near, far) = ((3 * fineness + 1) / 2, 9 * fineness / 2);
    [
        IVec2::new(-near, -near),
        IVec2::new(near, -near),
        IVec2::new(-near, near),
        IVec2::new(near, near),
        IVec2::new(-far, 0),
        IVec2::new(far, 0),
        IVec2::new(0, -far),
        IVec2::new(0, far),
    ]
}

pub(super) fn resolve(picture: &mut RgbaImage, raster: &Raster, eye: &Eye) {
    let row_bytes = 4 * picture.width() as usize;
    let [left, top] = eye.corner_px.map(|px| px as usize);
    let fine = eye.fineness() as usize;
    let around = around(fine as i32);
    let [width, height] = [raster.size.x as usize / fine, raster.size.y as usize / fine];
    let raw: &mut [u8] = picture;
    raw.par_chunks_exact_mut(row_bytes)
        .skip(top)
        .take(height)
        .enumerate()
        .for_each(|(y, row)| {
            for x in 0..width {
                let corner = IVec2::new(x as i32, y as i32) * fine as i32;
                let inside = (0..fine * fine).map(|i| {
                    let by = IVec2::new((i % fine) as i32, (i / fine) as i32);
                    shaded(raster, eye, &around, corner + by)
                });
                let sum: Vec3 = inside.sum();
                let at = 4 * (left + x);
                row[at..at + 3].copy_from_slice(&bytes(sum / (fine * fine) as f32));
            }
        });
}

fn shaded(raster: &Raster, eye: &Eye, around: &[IVec2; 8], at: IVec2) -> Vec3 {
    let pixel = |at: IVec2| {
        let at = at.clamp(IVec2::ZERO, raster.size.as_ivec2() - 1).as_uvec2();
        raster.pixels[at.y as usize * raster.size.x as usize + at.x as usize]
    };
    let here = pixel(at);
    if here.depth >= 1.0 {
        return unit(here.colour);
    }
    let span = eye.box_um.w - eye.forward.w;
    let hidden: f32 = (around.iter())
        .map(|by| {
            let other = pixel(at + *by).depth;
            ((here.depth - other) * span / SHADE_UM - SHADE_FREE).clamp(0.0, 1.0)
        })
        .sum();
    unit(here.colour) * (1.0 - SHADE * hidden / around.len() as f32)
}
