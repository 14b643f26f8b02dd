//! Which way x, y and z point in a 3-D view.

use super::super::palette::{Colour, GREY, INK, PAPER};
use super::super::{Space, Viewport};
use super::{Anchor, Mark};

/// Length of an axis that lies in the picture, in letter sizes.
const LENGTH: f32 = 2.2;
/// From the corner of the view to where the axes begin, in letter sizes.
const INSET: f32 = 3.6;

/// Three axes in the lower left corner, the nearest drawn last; those that point away are grey.
pub(crate) fn axes(space: &Space, viewport: &Viewport, letter: f32) -> Vec<Mark> {
    let [right, up, forward] = space.camera.axes();
    let origin = [
        viewport.min_px[0] as f32 + INSET * letter,
        viewport.max_px[1] as f32 - INSET * letter,
    ];
    let mut order = [0, 1, 2];
    order.sort_by(|a, b| forward[*b].total_cmp(&forward[*a]));
    // Legible over cells.
    let mut marks = vec![Mark::Disc {
        centre: origin,
        radius: (INSET - 0.1) * letter,
        fill: PAPER,
    }];
    for axis in order {
        let by = |share: f32| {
            [
                origin[0] + share * letter * right[axis] as f32,
                origin[1] - share * letter * up[axis] as f32,
            ]
        };
        let colour: Colour = if forward[axis] > 0.3 { GREY } else { INK };
        marks.push(Mark::Line {
            from: origin,
            to: by(LENGTH),
            width: (0.16 * letter).max(1.5),
            colour,
        });
        // An axis toward the eye has no length; its letter stands aside of the others.
        let flat = (right[axis].powi(2) + up[axis].powi(2)).sqrt() as f32;
        let at = if flat > 0.25 {
            by(LENGTH + 0.75 / flat)
        } else {
            [origin[0] - 0.7 * letter, origin[1] + 0.7 * letter]
        };
        marks.push(Mark::Text {
            at,
            anchor: Anchor::Middle,
            size: letter,
            colour,
            text: ["x", "y", "z"][axis].to_string(),
        });
    }
    marks
}
