//! Linear axes of a plot: what they span, where a point lies, grid, ticks and titles.

use super::super::annotation::{Anchor, number, shortened};
use super::super::palette::INK;
use super::super::tick_step;
use super::{Canvas, GRID, letters};

/// What is greater counts as infinite, so that no span overflows.
const MOST_VALUE: f64 = 1e300;

/// Whether a point has a place.
pub(super) fn is_drawn(point: &[f64; 2]) -> bool {
    point.iter().all(|v| v.abs() < MOST_VALUE)
}

/// The plot on its paper, px.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// Upper left corner.
    pub min: [f64; 2],
    /// Lower right corner.
    pub max: [f64; 2],
    /// Size of letters.
    pub letter: f64,
}

/// Where values lie.
pub(super) struct Axes {
    /// Ends of the lower axis.
    pub x: [f64; 2],
    /// Ends of the left axis: ticks.
    pub y: [f64; 2],
    /// Between two ticks of the left axis.
    pub step: f64,
    frame: Frame,
}

impl Axes {
    /// Axes that hold all points; the left one begins at nothing where that is near.
    pub(super) fn new(points: impl Iterator<Item = [f64; 2]> + Clone, frame: Frame) -> Self {
        let bounds = |axis: usize| {
            let values = points.clone().map(|point| point[axis]);
            values
                .filter(|v| v.abs() < MOST_VALUE)
                .fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], v| {
                    [low.min(v), high.max(v)]
                })
        };
        let widened = |[low, high]: [f64; 2]| match high - low {
            span if span > 0.0 => [low, high],
            // A single value stands in the middle; none at all, anywhere.
            _ if low.is_finite() => {
                let room = if low == 0.0 { 1.0 } else { 0.1 * low.abs() };
                [low - room, low + room]
            }
            _ => [0.0, 1.0],
        };
        let mut y = widened(bounds(1));
        // What comes near nothing is shown with it, so that shares look like shares.
        if y[0] > 0.0 && y[0] < 0.5 * y[1] {
            y[0] = 0.0;
        }
        let step = tick_step(y[1] - y[0], 5);
        let whole = |v: f64, round: fn(f64) -> f64| {
            let ticks = v / step;
            // A tick that is missed by rounding alone is hit.
            let near = ticks.round();
            step * if (ticks - near).abs() < 1e-9 {
                near
            } else {
                round(ticks)
            }
        };
        Self {
            x: widened(bounds(0)),
            y: [whole(y[0], f64::floor), whole(y[1], f64::ceil)],
            step,
            frame,
        }
    }

    /// Where a point lies, px.
    pub(super) fn at(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let Frame { min, max, .. } = self.frame;
        let share = |v: f64, [low, high]: [f64; 2]| (v - low) / (high - low);
        [
            min[0] + share(x, self.x) * (max[0] - min[0]),
            max[1] - share(y, self.y) * (max[1] - min[1]),
        ]
    }

    /// Draws grid, axes, ticks and titles.
    pub(super) fn draw(&self, canvas: &mut Canvas, x_title: &str, y_title: &str) {
        let Frame { min, max, letter } = self.frame;
        let base = max[1];
        // From the middle of a line of letters to its baseline.
        let down = 0.35 * letter;
        let n_ticks = ((self.y[1] - self.y[0]) / self.step).round() as usize;
        for i in 0..=n_ticks {
            let tick = self.y[0] + i as f64 * self.step;
            let [_, y] = self.at([self.x[0], tick]);
            canvas.line([min[0], y], [max[0], y], 1.0, GRID);
            let at = [min[0] - 8.0, y + down];
            canvas.text(at, Anchor::Right, letter, INK, &label(tick, self.step));
        }
        let [from, to] = self.x;
        let most = (((max[0] - min[0]) / 60.0) as u32).max(1);
        let step = tick_step(to - from, most);
        let first = (from / step - 1e-9).ceil();
        let last = (to / step + 1e-9).floor();
        for i in 0..=(last - first).max(0.0) as usize {
            let tick = (first + i as f64) * step;
            let [x, _] = self.at([tick, self.y[0]]);
            canvas.line([x, base], [x, base + 5.0], 1.0, INK);
            let at = [x, base + 7.0 + letter];
            canvas.text(at, Anchor::Middle, letter, INK, &label(tick, step));
        }
        canvas.line([min[0], base], [max[0], base], 1.2, INK);
        canvas.line(min, [min[0], base], 1.2, INK);
        let at = [0.5 * (min[0] + max[0]), base + 15.0 + 2.0 * letter];
        canvas.text(at, Anchor::Middle, letter, INK, x_title);
        let [x, y] = [min[0] - 6.0 - 4.0 * letter, 0.5 * (min[1] + base)];
        let title = shortened(y_title, letter as f32, (base - min[1]) as f32);
        canvas.add(
            letters([x, y], Anchor::Middle, letter, INK, &title)
                .set("transform", format!("rotate(-90 {x} {y})")),
        );
    }
}

/// A tick with the digits that tell it from its neighbours.
fn label(tick: f64, step: f64) -> String {
    let decimals = (-step.log10().floor()).max(0.0);
    if tick.abs() < 0.5 * step {
        "0".to_string()
    } else if decimals <= 4.0 && tick.abs() < 1e6 {
        let decimals = decimals as usize;
        format!("{tick:.decimals$}").replace('-', "−")
    } else {
        number(tick)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_tell_themselves_apart() {
        assert_eq!(label(1234.5, 0.5), "1234.5");
        assert_eq!(label(-0.02, 0.01), "−0.02");
        assert_eq!(label(900.0, 20.0), "900");
        assert_eq!(label(1e-16, 0.2), "0");
        assert_eq!(label(3e-7, 1e-7), "3×10⁻⁷");
    }
}
