//! Draws [`Mark`]s into an image, with the font that the program carries.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, Glyph, PxScale, ScaleFont, point};
use glam::{Vec2, Vec3};
use image::RgbaImage;

use super::annotation::{Anchor, Mark};
use super::cpu::blend;
use super::palette::Colour;

/// DejaVu Sans reduced to Latin-1, Greek, superscripts and a few signs; licence in `assets/fonts`.
pub const FONT: &[u8] = include_bytes!("../../assets/fonts/DejaVuSans-subset.ttf");

static PARSED: LazyLock<FontRef<'static>> = LazyLock::new(|| {
    // The bytes are part of the program, so only a broken build can fail here.
    FontRef::try_from_slice(FONT).expect("the embedded font is valid")
});

/// Height of capitals over the size of the letters (DejaVu Sans: 1493 of 2048 units).
const CAP_HEIGHT: f32 = 0.729;

/// `ab_glyph` measures sizes from ascender to descender, everyone else by the em square.
fn scale(size: f32) -> PxScale {
    let em = PARSED.units_per_em().unwrap_or(2048.0);
    PxScale::from(size * PARSED.height_unscaled() / em)
}

/// Width of a line of text, px, at a size (em square), px.
pub fn text_width(text: &str, size: f32) -> f32 {
    let font = PARSED.as_scaled(scale(size));
    let mut width = 0.0;
    let mut last = None;
    for id in text.chars().map(|c| font.glyph_id(c)) {
        width += last.map_or(0.0, |before| font.kern(before, id)) + font.h_advance(id);
        last = Some(id);
    }
    width
}

/// Upper left and lower right corner of a line of text, px, from the top of capitals to the bottom of descenders.
pub fn text_box(text: &str, at: [f32; 2], anchor: Anchor, size: f32) -> [[f32; 2]; 2] {
    let width = text_width(text, size);
    let left = match anchor {
        Anchor::Left => at[0],
        Anchor::Middle => at[0] - 0.5 * width,
        Anchor::Right => at[0] - width,
    };
    let half_cap = 0.5 * CAP_HEIGHT * size;
    [
        [left, at[1] - half_cap - 0.05 * size],
        [left + width, at[1] + half_cap + 0.24 * size],
    ]
}

/// Draws marks over an image, in order.
pub fn draw(picture: &mut RgbaImage, marks: &[Mark]) {
    for mark in marks {
        match mark {
            Mark::Rect { min, max, fill } => fill_rect(picture, *min, *max, *fill),
            Mark::Line {
                from,
                to,
                width,
                colour,
            } => fill_line(picture, *from, *to, *width, *colour),
            Mark::Disc {
                centre,
                radius,
                fill,
            } => fill_disc(picture, *centre, *radius, *fill),
            Mark::Gradient { min, max, colours } => {
                // Row by row, so that no colour of the ground shows between two colours of the bar.
                let rows = max[1] - min[1];
                for y in min[1].round() as i32..max[1].round() as i32 {
                    let share = (max[1] - (y as f32 + 0.5)) / rows;
                    let i = (share * colours.len() as f32) as usize;
                    if let Some(&colour) = colours.get(i) {
                        fill_rect(
                            picture,
                            [min[0], y as f32],
                            [max[0], y as f32 + 1.0],
                            colour,
                        );
                    }
                }
            }
            Mark::Text {
                at,
                anchor,
                size,
                colour,
                text,
            } => {
                let corner = text_box(text, *at, *anchor, *size)[0];
                letter(
                    picture,
                    text,
                    [corner[0], at[1] + 0.5 * CAP_HEIGHT * size],
                    *size,
                    *colour,
                );
            }
        }
    }
}

fn cover(picture: &mut RgbaImage, x: i32, y: i32, colour: Colour, share: f32) {
    if let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y))
        && share > 0.0
        && let Some(pixel) = picture.get_pixel_mut_checked(x, y)
    {
        blend(
            pixel,
            Vec3::from(colour.map(|c| f32::from(c) / 255.0)),
            share.min(1.0),
        );
    }
}

fn fill_rect(picture: &mut RgbaImage, min: [f32; 2], max: [f32; 2], colour: Colour) {
    let share = |pixel: i32, axis: usize| {
        (max[axis].min(pixel as f32 + 1.0) - min[axis].max(pixel as f32)).max(0.0)
    };
    for y in min[1].floor() as i32..max[1].ceil() as i32 {
        for x in min[0].floor() as i32..max[0].ceil() as i32 {
            cover(picture, x, y, colour, share(x, 0) * share(y, 1));
        }
    }
}

fn fill_line(picture: &mut RgbaImage, from: [f32; 2], to: [f32; 2], width: f32, colour: Colour) {
    let half = 0.5 * width;
    let low = [0, 1].map(|axis| from[axis].min(to[axis]));
    let high = [0, 1].map(|axis| from[axis].max(to[axis]));
    if low[0] == high[0] || low[1] == high[1] {
        // Along an axis it is a box, whose coverage is exact.
        let across = usize::from(low[0] != high[0]);
        let (mut min, mut max) = (low, high);
        min[across] -= half;
        max[across] += half;
        return fill_rect(picture, min, max, colour);
    }
    let (from, to) = (Vec2::from(from), Vec2::from(to));
    let length = (to - from).length();
    let along = (to - from) / length;
    for y in (low[1] - width).floor() as i32..(high[1] + width).ceil() as i32 {
        for x in (low[0] - width).floor() as i32..(high[0] + width).ceil() as i32 {
            let offset = Vec2::new(x as f32 + 0.5, y as f32 + 0.5) - from;
            let (at, aside) = (offset.dot(along), offset.perp_dot(along).abs());
            let beyond = (-at).max(at - length).max(0.0);
            let share = (half + 0.5 - aside).clamp(0.0, 1.0) * (1.0 - beyond).max(0.0);
            cover(picture, x, y, colour, share);
        }
    }
}

fn fill_disc(picture: &mut RgbaImage, centre: [f32; 2], radius: f32, colour: Colour) {
    let reach = radius.ceil() as i32 + 1;
    let [x0, y0] = centre.map(|c| c as i32);
    for y in y0 - reach..=y0 + reach {
        for x in x0 - reach..=x0 + reach {
            let distance = (x as f32 + 0.5 - centre[0]).hypot(y as f32 + 0.5 - centre[1]);
            cover(
                picture,
                x,
                y,
                colour,
                (radius + 0.5 - distance).clamp(0.0, 1.0),
            );
        }
    }
}

fn letter(picture: &mut RgbaImage, text: &str, origin: [f32; 2], size: f32, colour: Colour) {
    let scale = scale(size);
    let font = PARSED.as_scaled(scale);
    let mut x = origin[0];
    let mut last = None;
    for id in text.chars().map(|c| font.glyph_id(c)) {
        x += last.map_or(0.0, |before| font.kern(before, id));
        let glyph = Glyph {
            id,
            scale,
            // Whole pixels in y keep horizontal strokes sharp.
            position: point(x, origin[1].round()),
        };
        if let Some(outline) = font.outline_glyph(glyph) {
            let bounds = outline.px_bounds();
            outline.draw(|dx, dy, share| {
                cover(
                    picture,
                    bounds.min.x as i32 + dx as i32,
                    bounds.min.y as i32 + dy as i32,
                    colour,
                    share,
                );
            });
        }
        x += font.h_advance(id);
        last = Some(id);
    }
}
