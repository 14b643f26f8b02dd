//! Where the box lies in the picture, and the way between µm and pixels.

use crate::model::Grid;

use super::{Framing, View};

/// The part of the picture in which the box is drawn, and its scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    /// Upper left corner, px.
    pub min_px: [u32; 2],
    /// Lower right corner, px, exclusive.
    pub max_px: [u32; 2],
    /// The point in the middle, µm.
    pub centre_um: [f64; 2],
    /// Scale, µm per pixel; of a box that is seen from outside that at the depth of the point in the middle.
    pub um_per_px: f64,
}

/// Size of the letters in a picture, px: large enough for the last row of a lecture hall.
pub fn letter_px(size_px: [u32; 2]) -> f32 {
    let [width, height] = size_px.map(|n| n as f32);
    (width / 60.0).min(height / 44.0).clamp(9.0, 48.0).round()
}

/// Room left, right, above and below the box, in letter sizes.
pub(super) const MARGINS: [f32; 4] = [1.6, 12.4, 3.1, 4.3];

impl Viewport {
    pub(super) fn new(view: &View, grid: &Grid) -> Self {
        let letter = letter_px(view.size_px);
        let [left, right, above, below] = if view.margins {
            MARGINS.map(|m| (m * letter).round() as u32)
        } else {
            [0; 4]
        };
        let [width, height] = view.size_px;
        let min = [left.min(width - 1), above.min(height - 1)];
        let max = [
            width.saturating_sub(right).max(min[0] + 1),
            height.saturating_sub(below).max(min[1] + 1),
        ];
        let room = [0, 1].map(|axis| f64::from(max[axis] - min[axis]));
        if let Some(space) = view.space(grid) {
            let [x, y, _] = space.camera.target_um(grid).to_array();
            return Self {
                min_px: min,
                max_px: max,
                centre_um: [x, y],
                um_per_px: space.camera.um_per_px(grid, room),
            };
        }
        match view.framing {
            Framing::At {
                centre_um,
                um_per_px,
            } => Self {
                min_px: min,
                max_px: max,
                centre_um,
                um_per_px,
            },
            Framing::Fit => Self::fitted(min, max, grid),
        }
    }

    fn fitted(min: [u32; 2], max: [u32; 2], grid: &Grid) -> Self {
        let room = [0, 1].map(|axis| f64::from(max[axis] - min[axis]));
        let [x_um, y_um, _] = grid.size_um();
        let um_per_px = (x_um / room[0]).max(y_um / room[1]);
        let size = [x_um, y_um].map(|um| ((um / um_per_px).round() as u32).max(1));
        let start = [0, 1].map(|axis| {
            min[axis] + (max[axis] - min[axis] - size[axis].min(max[axis] - min[axis])) / 2
        });
        Self {
            min_px: start,
            max_px: [0, 1].map(|axis| (start[axis] + size[axis]).min(max[axis])),
            centre_um: [0.5 * x_um, 0.5 * y_um],
            um_per_px,
        }
    }

    /// Width and height, px.
    pub fn room_px(&self) -> [f64; 2] {
        [0, 1].map(|axis| f64::from(self.max_px[axis] - self.min_px[axis]))
    }

    /// The pixel position of the middle.
    pub fn centre_px(&self) -> [f64; 2] {
        [0, 1].map(|axis| 0.5 * (f64::from(self.min_px[axis]) + f64::from(self.max_px[axis])))
    }

    /// Pixel position of a point, µm.
    pub fn to_px(&self, at_um: [f64; 2]) -> [f64; 2] {
        let [x, y] = self.centre_px();
        [
            x + (at_um[0] - self.centre_um[0]) / self.um_per_px,
            y - (at_um[1] - self.centre_um[1]) / self.um_per_px,
        ]
    }

    /// The point at a pixel position, µm.
    pub fn to_um(&self, at_px: [f64; 2]) -> [f64; 2] {
        let [x, y] = self.centre_px();
        [
            self.centre_um[0] + (at_px[0] - x) * self.um_per_px,
            self.centre_um[1] - (at_px[1] - y) * self.um_per_px,
        ]
    }
}
