//! Lines at round levels of a field. Twin: `shaders/render/contour.wgsl`.

use super::super::frame::Frame;

const CONTOUR_PX: f32 = 1.5;
const CONTOUR_INK: f32 = 0.62;

/// Share of ink at a point where the field has a value and a slope, per px of the picture.
pub(super) fn contour(frame: &Frame, value: f32, slope: f32) -> f32 {
    let step = frame.contour_step;
    // Where the field is even, everything or nothing would lie on a level.
    if step <= 0.0 || slope < 1e-4 * step {
        return 0.0;
    }
    let level = (value / step).round_ties_even() * step;
    // The lowest end of the colours is ground and no level, and so is 0 in a difference.
    if level < frame.field_lo + 0.5 * step || level.abs() < 0.5 * step {
        return 0.0;
    }
    CONTOUR_INK * (0.5 * CONTOUR_PX + 0.5 - (value - level).abs() / slope).clamp(0.0, 1.0)
}
