//! The picture's scale bar, clock and legends, drawn by egui: crisp at any scale.

use egui::{Align2, Color32, FontId, Pos2, Rect, Stroke, pos2};

use crate::render::annotation::{Anchor, Mark};

/// Draws marks (pixels of the picture) over the picture that lies at `rect` (points).
pub(super) fn draw(painter: &egui::Painter, rect: Rect, pixels_per_point: f32, marks: &[Mark]) {
    let at = |[x, y]: [f32; 2]| -> Pos2 { rect.min + egui::vec2(x, y) / pixels_per_point };
    let colour = |c: &[u8]| Color32::from_rgb(c[0], c[1], c[2]);
    for mark in marks {
        match mark {
            Mark::Rect { min, max, fill } => {
                painter.rect_filled(Rect::from_min_max(at(*min), at(*max)), 0.0, colour(fill));
            }
            Mark::Line {
                from,
                to,
                width,
                colour: c,
            } => {
                painter.line_segment(
                    [at(*from), at(*to)],
                    Stroke::new(width / pixels_per_point, colour(c)),
                );
            }
            Mark::Disc {
                centre,
                radius,
                fill,
            } => {
                painter.circle_filled(at(*centre), radius / pixels_per_point, colour(fill));
            }
            Mark::Text {
                at: place,
                anchor,
                size,
                colour: c,
                text,
            } => {
                let align = match anchor {
                    Anchor::Left => Align2::LEFT_CENTER,
                    Anchor::Middle => Align2::CENTER_CENTER,
                    Anchor::Right => Align2::RIGHT_CENTER,
                };
                painter.text(
                    at(*place),
                    align,
                    text,
                    FontId::proportional(size / pixels_per_point),
                    colour(c),
                );
            }
            Mark::Gradient { min, max, colours } => {
                let (top, bottom) = (at(*min), at(*max));
                let strip = (bottom.y - top.y) / colours.len().max(1) as f32;
                for (i, c) in colours.iter().enumerate() {
                    let low = bottom.y - strip * i as f32;
                    // A hair of overlap hides the seams.
                    let bar =
                        Rect::from_min_max(pos2(top.x, low - strip - 0.5), pos2(bottom.x, low));
                    painter.rect_filled(
                        bar.intersect(Rect::from_min_max(top, bottom)),
                        0.0,
                        colour(c),
                    );
                }
            }
        }
    }
}
