//! The map of differences: blue below, nearly white at 0, orange-brown above. Blue and orange are told apart by all common
//! kinds of colour vision, and lightness falls alike to both ends.

use glam::{Mat3, Vec3};

use super::{Colour, N_COLOURS};

/// Lightness (Oklab) at 0 and at the ends.
const LIGHTNESS: [f32; 2] = [0.97, 0.47];
/// Chroma at the ends.
const CHROMA: f32 = 0.135;
/// Hues below and above 0, degrees.
const HUES_DEG: [f32; 2] = [250.0, 52.0];

/// Colours of differences, low to high.
pub fn diverging_table() -> [Colour; N_COLOURS] {
    std::array::from_fn(|i| {
        let at = 2.0 * i as f32 / (N_COLOURS - 1) as f32 - 1.0;
        let share = at.abs();
        let hue = HUES_DEG[usize::from(at > 0.0)].to_radians();
        let lightness = LIGHTNESS[0] + (LIGHTNESS[1] - LIGHTNESS[0]) * share;
        // Colours near the middle keep some chroma, so that a small difference has a side.
        let chroma = CHROMA * share.powf(0.8);
        srgb(Vec3::new(lightness, chroma * hue.cos(), chroma * hue.sin()))
    })
}

/// sRGB of a colour in Oklab (Ottosson 2020, <https://bottosson.github.io/posts/oklab/>); what lies outside is cut off.
fn srgb(oklab: Vec3) -> Colour {
    let to_cone_roots = Mat3::from_cols(
        Vec3::ONE,
        Vec3::new(0.396_337_78, -0.105_561_346, -0.089_484_18),
        Vec3::new(0.215_803_76, -0.063_854_17, -1.291_485_5),
    );
    let to_linear = Mat3::from_cols(
        Vec3::new(4.076_741_7, -1.268_438, -0.004_196_086_3),
        Vec3::new(-3.307_711_6, 2.609_757_4, -0.703_418_6),
        Vec3::new(0.230_969_94, -0.341_319_38, 1.707_614_7),
    );
    let roots = to_cone_roots * oklab;
    let linear = to_linear * (roots * roots * roots);
    linear.to_array().map(|c| {
        let c = c.clamp(0.0, 1.0);
        let encoded = if c <= 0.003_130_8 {
            12.92 * c
        } else {
            1.055 * c.powf(1.0 / 2.4) - 0.055
        };
        (255.0 * encoded).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luma([r, g, b]: Colour) -> f32 {
        0.2126 * f32::from(r) + 0.7152 * f32::from(g) + 0.0722 * f32::from(b)
    }

    #[test]
    fn lightness_falls_alike_to_both_ends() {
        let table = diverging_table();
        for i in 0..127 {
            assert!(luma(table[i]) < luma(table[i + 1]) + 0.5, "below 0 at {i}");
            let j = 255 - i;
            assert!(luma(table[j]) < luma(table[j - 1]) + 0.5, "above 0 at {j}");
            assert!(
                (luma(table[i]) - luma(table[j])).abs() < 14.0,
                "{i}: {:?} {:?}",
                table[i],
                table[j]
            );
        }
        let [r, g, b] = table[127];
        assert!([r, g, b].iter().all(|c| *c > 235));
        assert!(table[0][2] > table[0][0] + 60 && table[255][0] > table[255][2] + 60);
    }

    #[test]
    fn known_colours_come_out() {
        assert_eq!(srgb(Vec3::new(1.0, 0.0, 0.0)), [255, 255, 255]);
        // Oklab of sRGB red.
        let [r, g, b] = srgb(Vec3::new(0.627_955, 0.224_863, 0.125_846));
        assert!(r >= 254 && g <= 1 && b <= 1, "{r} {g} {b}");
    }
}
