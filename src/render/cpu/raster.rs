//! Colours and depths of a 3-D view, finer than the picture.

use glam::{UVec2, Vec2};
use rayon::prelude::*;

use super::super::palette::{Colour, PAPER};

/// Rows that are drawn together.
const BAND: usize = 16;

/// A pixel: depth 0…1, and colour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pixel {
    pub depth: f32,
    pub colour: Colour,
}

impl Pixel {
    /// Draws what is nearer than what is there, and leaves the depth: it hides nothing and shades nothing.
    pub(super) fn draw_over(&mut self, depth: f32, colour: Colour) {
        if depth > 0.0 && depth < self.depth {
            self.colour = colour;
        }
    }

    /// Draws what is nearer than what is there.
    pub(super) fn draw(&mut self, depth: f32, colour: impl FnOnce() -> Colour) {
        if depth > 0.0 && depth < self.depth {
            *self = Self {
                depth,
                colour: colour(),
            };
        }
    }
}

/// Pixels, row by row.
pub(super) struct Raster {
    pub size: UVec2,
    pub pixels: Vec<Pixel>,
}

impl Raster {
    pub(super) fn new([width, height]: [u32; 2]) -> Self {
        let nothing = Pixel {
            depth: 1.0,
            colour: PAPER,
        };
        Self {
            size: UVec2::new(width, height),
            pixels: vec![nothing; width as usize * height as usize],
        }
    }

    /// Visits bands of rows side by side: the first row, and the pixels.
    pub(super) fn bands(&mut self, visit: impl Fn(Band) + Sync) {
        let width = self.size.x as usize;
        (self.pixels.par_chunks_mut(BAND * width).enumerate()).for_each(|(i, pixels)| {
            visit(Band {
                first: i * BAND,
                width,
                pixels,
            })
        });
    }
}

/// Some rows.
pub(super) struct Band<'a> {
    pub first: usize,
    pub width: usize,
    pub pixels: &'a mut [Pixel],
}

impl Band<'_> {
    /// Visits the pixels whose centres lie between two corners, with their centres.
    pub(super) fn within(
        &mut self,
        low: Vec2,
        high: Vec2,
        mut visit: impl FnMut(Vec2, &mut Pixel),
    ) {
        let rows = self.pixels.len() / self.width;
        let (first, end) = (self.first as f32, (self.first + rows) as f32);
        let (y0, y1) = (
            (low.y - 0.5).ceil().clamp(first, end) as usize,
            ((high.y - 0.5).floor() + 1.0).clamp(first, end) as usize,
        );
        let most = self.width as f32;
        let (x0, x1) = (
            (low.x - 0.5).ceil().clamp(0.0, most) as usize,
            ((high.x - 0.5).floor() + 1.0).clamp(0.0, most) as usize,
        );
        for y in y0..y1 {
            let row = &mut self.pixels[(y - self.first) * self.width..][..self.width];
            for (x, pixel) in (x0..).zip(row.get_mut(x0..x1).unwrap_or_default()) {
                visit(Vec2::new(x as f32 + 0.5, y as f32 + 0.5), pixel);
            }
        }
    }
}
