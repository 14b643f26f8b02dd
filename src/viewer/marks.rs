//! The annotation of the picture, drawn by egui: crisp at any scale factor.

use egui::epaint::Mesh;
use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Stroke, pos2};

use crate::render::annotation::{Anchor, Mark};
use crate::render::palette::Colour;

use super::style::colour;

/// Height of capitals over the size of the letters, as in [`crate::render::lettering`].
const CAP_HEIGHT: f32 = 0.729;

/// Draws marks, given in physical px from `origin`, in order.
pub(super) fn draw(painter: &Painter, origin: Pos2, marks: &[Mark]) {
    let px = 1.0 / painter.pixels_per_point();
    let place = |at: &[f32; 2]| origin + egui::vec2(at[0], at[1]) * px;
    for mark in marks {
        match mark {
            Mark::Rect { min, max, fill } => {
                painter.rect_filled(
                    Rect::from_min_max(place(min), place(max)),
                    0.0,
                    colour(*fill),
                );
            }
            Mark::Line {
                from,
                to,
                width,
                colour: c,
            } => {
                painter.line_segment(
                    [place(from), place(to)],
                    Stroke::new(width * px, colour(*c)),
                );
            }
            Mark::Disc {
                centre,
                radius,
                fill,
            } => {
                painter.circle_filled(place(centre), radius * px, colour(*fill));
            }
            Mark::Gradient { min, max, colours } => {
                painter.add(gradient(
                    Rect::from_min_max(place(min), place(max)),
                    colours,
                ));
            }
            Mark::Text {
                at,
                anchor,
                size,
                colour: c,
                text,
            } => {
                letter(painter, place(at), *anchor, size * px, colour(*c), text);
            }
        }
    }
}

fn letter(painter: &Painter, at: Pos2, anchor: Anchor, size: f32, ink: Color32, text: &str) {
    let galley = painter.layout_no_wrap(text.to_owned(), FontId::proportional(size), ink);
    let baseline = galley
        .rows
        .first()
        .and_then(|row| Some(row.pos.y + row.glyphs.first()?.pos.y))
        .unwrap_or(0.0);
    let align = match anchor {
        Anchor::Left => Align2::LEFT_TOP,
        Anchor::Middle => Align2::CENTER_TOP,
        Anchor::Right => Align2::RIGHT_TOP,
    };
    // The mark's height is the middle of the capitals.
    let top = at.y + 0.5 * CAP_HEIGHT * size - baseline;
    let rect = align.anchor_size(pos2(at.x, top), galley.size());
    painter.galley(rect.min, galley, ink);
}

/// A bar whose first colour is at the bottom.
fn gradient(bar: Rect, colours: &[Colour]) -> Mesh {
    let mut mesh = Mesh::default();
    let last = colours.len().saturating_sub(1).max(1) as f32;
    for (i, &c) in colours.iter().enumerate() {
        let y = bar.bottom() - bar.height() * i as f32 / last;
        mesh.colored_vertex(pos2(bar.left(), y), colour(c));
        mesh.colored_vertex(pos2(bar.right(), y), colour(c));
        if i > 0 {
            let k = 2 * i as u32;
            mesh.add_triangle(k - 2, k - 1, k);
            mesh.add_triangle(k - 1, k + 1, k);
        }
    }
    mesh
}
