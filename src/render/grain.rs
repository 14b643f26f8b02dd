//! Matrix as a texture: streaks along its fibres, or grain where they lie in any direction.

use glam::Vec2;
use rayon::prelude::*;

use crate::model::Model;
use crate::rng::{Stream, draw, unit_f32};

/// Edge of a texel where the box is not too large for it, µm: about as wide as a bundle of fibres.
const TEXEL_UM: f64 = 4.0;
/// Texels along a side of the box at most, so that the texture is made in a blink.
const MOST_TEXELS: u32 = 640;
/// Half the length of a streak, texels.
const HALF_STREAK: i32 = 14;
/// Alignment from which streaks have their full length.
const FULL_ALIGNMENT: f32 = 0.7;

/// What the ground is darkened by, stretched over a 2-D box: 255 the most, 0 not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grain {
    n: [u32; 2],
    texels: Vec<u8>,
}

impl Grain {
    /// The texture of a model's matrix: white noise that is averaged along the fibres through each texel (line integral
    /// convolution). The same for the same box and fibres.
    pub fn of(model: &Model) -> Self {
        let grid = model.grid();
        let [x, y, _] = grid.n;
        let fineness = ((grid.voxel_um / TEXEL_UM).round() as u32)
            .min(MOST_TEXELS / x.max(y))
            .max(1);
        let n = [x * fineness, y * fineness];
        let fibres = model.fibres();
        let direction = |at: Vec2| -> Vec2 {
            let Some(components) = fibres else {
                return Vec2::ZERO;
            };
            let ix = (at / fineness as f32).as_uvec2();
            let voxel = (ix.y.min(y - 1) * x + ix.x.min(x - 1)) as usize;
            axis_of(components[voxel], components[grid.n_voxels() + voxel])
        };
        let [wide, high] = n.map(|n| n as usize);
        let noise: Vec<f32> = (0..wide * high).into_par_iter().map(noise).collect();
        let streaks: Vec<f32> = (0..wide * high)
            .into_par_iter()
            .map(|ix| {
                let at = Vec2::new((ix % wide) as f32 + 0.5, (ix / wide) as f32 + 0.5);
                streak(&noise, n, at, &direction)
            })
            .collect();
        Self {
            n,
            texels: contrasted(&streaks),
        }
    }

    /// Texels along x and y.
    pub fn n(&self) -> [u32; 2] {
        self.n
    }

    /// The texels `[y][x]`.
    pub fn texels(&self) -> &[u8] {
        &self.texels
    }

    /// A texel, 0…255; beyond the border the nearest.
    pub(super) fn at(&self, x: i32, y: i32) -> f32 {
        let [wide, high] = self.n.map(|n| n as i32);
        let ix = y.clamp(0, high - 1) * wide + x.clamp(0, wide - 1);
        f32::from(self.texels[ix as usize])
    }
}

/// Direction of fibres whose alignment a·(f fᵀ − 1/2) has the components xx and xy; its length is a.
fn axis_of(xx: f32, xy: f32) -> Vec2 {
    let alignment = 2.0 * xx.hypot(xy);
    alignment * Vec2::from_angle(0.5 * xy.atan2(xx))
}

fn noise(ix: usize) -> f32 {
    unit_f32(draw([1, 0], Stream::Placement, ix as u32, 0, 0)[0])
}

/// Mean of the noise along the fibre through a point, as long as fibres agree; at least over its neighbours, so that single
/// texels do not flicker.
fn streak(noise: &[f32], n: [u32; 2], at: Vec2, direction: &impl Fn(Vec2) -> Vec2) -> f32 {
    let inside = |at: Vec2| {
        (at.cmpge(Vec2::ZERO).all() && at.cmplt(Vec2::from(n.map(|n| n as f32))).all())
            .then(|| noise[at.y as usize * n[0] as usize + at.x as usize])
    };
    let here = direction(at);
    let share = (here.length() / FULL_ALIGNMENT).min(1.0);
    let steps = (HALF_STREAK as f32 * share).round() as i32;
    let (mut sum, mut count) = (0.0, 0.0);
    for sign in [-1.0, 1.0] {
        let (mut place, mut along) = (at, sign * here.normalize_or_zero());
        for _ in 0..=steps {
            let Some(value) = inside(place) else { break };
            sum += value;
            count += 1.0;
            // Fibres have no head: the next piece goes on in the sense of the last.
            let next = direction(place).normalize_or_zero();
            along = if next.dot(along) < 0.0 { -next } else { next };
            place += along;
        }
    }
    if steps == 0 {
        for by in [Vec2::X, Vec2::Y, -Vec2::X, -Vec2::Y] {
            if let Some(value) = inside(at + by) {
                sum += value;
                count += 1.0;
            }
        }
    }
    sum / count
}

/// Values spread over 0…255: two standard deviations to either side of the mean.
fn contrasted(values: &[f32]) -> Vec<u8> {
    let n = values.len() as f32;
    let mean = values.iter().sum::<f32>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / n;
    let scale = 255.0 / (4.0 * variance.sqrt().max(1e-6));
    (values.iter())
        .map(|v| ((v - mean) * scale + 127.5).clamp(0.0, 255.0) as u8)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grain(fibres: &str) -> Grain {
        let text = format!(
            r#"
title = "matrix"
[domain]
size = ["400 um", "300 um"]
voxel = "10 um"
[time]
duration = "1 h"
[fields.ecm]
initial = 1
{fibres}
"#
        );
        Grain::of(&Model::from_toml(&text).unwrap())
    }

    /// Mean difference of neighbours along x and along y.
    fn roughness(grain: &Grain) -> [f32; 2] {
        let [wide, high] = grain.n().map(|n| n as i32);
        [(1, 0), (0, 1)].map(|(dx, dy)| {
            let pairs = (0..high - 1).flat_map(|y| (0..wide - 1).map(move |x| (x, y)));
            let sum: f32 = pairs
                .map(|(x, y)| (grain.at(x + dx, y + dy) - grain.at(x, y)).abs())
                .sum();
            sum / (wide * high) as f32
        })
    }

    #[test]
    fn streaks_lie_along_fibres() {
        let [along, across] = roughness(&grain("[fibres]\ndirection = [1, 0]\nalignment = 0.9"));
        assert!(across > 3.0 * along, "{along} {across}");
        let [along, across] = roughness(&grain("[fibres]\ndirection = [0, 1]\nalignment = 0.9"));
        assert!(along > 3.0 * across, "{along} {across}");
    }

    #[test]
    fn grain_without_fibres_has_no_direction() {
        let grain = grain("");
        assert_eq!(grain.n(), [120, 90]);
        let [along, across] = roughness(&grain);
        assert!((along / across - 1.0).abs() < 0.1, "{along} {across}");
    }
}
