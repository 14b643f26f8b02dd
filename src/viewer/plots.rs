//! Curves of what is observed, over time in hours: a line for each arm, what forks left behind, live changes of the dose
//! as vertical lines, and a cursor at the moment that is looked at. A click goes to a moment.

use egui::{Color32, Painter, RichText, Shape, Stroke, pos2};
use egui_plot::{AxisHints, GridInput, GridMark, Line, LineStyle, Plot, PlotPoints, VLine};

use crate::event::Event;
use crate::observe::Row;
use crate::render::annotation::number;
use crate::render::tick_step;

use super::controls::Controls;
use super::player::Player;
use super::style::{SMALL, Tones};

/// A curve that can be shown.
struct Curve {
    column: &'static str,
    title: &'static str,
    unit: &'static str,
    /// From the column to the shown unit.
    factor: f64,
    /// The least upper end of the axis, in the shown unit.
    at_least: f64,
}

/// In order of interest; the first three that a model has are shown.
const CURVES: [Curve; 11] = [
    Curve::new(
        "mean_pfak_relative",
        "Mean pFAK",
        "% of control",
        100.0,
        100.0,
    ),
    Curve::new(
        "plasma_ng_ml",
        "Plasma level",
        "ng/mL, illustrative",
        1.0,
        10.0,
    ),
    Curve::new("wound_closure_percent", "Wound closure", "%", 1.0, 10.0),
    Curve::new("deaths_killed", "Killed by T cells", "cells", 1.0, 5.0),
    Curve::new("mean_speed_um_per_h", "Mean speed", "µm/h", 1.0, 20.0),
    Curve::new("cell_count", "Cells", "", 1.0, 10.0),
    Curve::new("mean_ecm", "Mean matrix", "relative", 1.0, 1.0),
    Curve::new("mean_drug_nm", "Mean free drug", "nM", 1.0, 1.0),
    Curve::new("mean_attractant_nm", "Mean attractant", "nM", 1.0, 1.0),
    Curve::new("mean_oxygen", "Mean oxygen", "mmHg", 1.0, 10.0),
    Curve::new("mean_fak", "Mean tissue FAK", "relative", 1.0, 0.1),
];

impl Curve {
    const fn new(
        column: &'static str,
        title: &'static str,
        unit: &'static str,
        factor: f64,
        at_least: f64,
    ) -> Self {
        Self {
            column,
            title,
            unit,
            factor,
            at_least,
        }
    }

    fn point(&self, row: &Row) -> Option<[f64; 2]> {
        Some([row.get("time_h")?, self.factor * row.get(self.column)?])
    }
}

/// Steps within which changes of the dose are one movement of the slider and get one line.
const ONE_CHANGE: u64 = 10;
/// Width below which the heads of two curves would meet, points.
const LEAST_WIDTH: f32 = 215.0;
/// Points of a curve at most: more are not seen.
const MOST_POINTS: usize = 600;

/// Colour of an arm's line, and whether it is the selected arm's, which is solid and thick.
pub(super) fn arm_line(player: &Player, arm: usize, tones: Tones) -> (Color32, bool) {
    let is_selected = arm == player.selected();
    let colour = if is_selected {
        tones.accent
    } else {
        tones.arm(arm)
    };
    (colour, is_selected)
}

/// A piece of an arm's line.
pub(super) fn sample_line(painter: &Painter, x: [f32; 2], y: f32, colour: Color32, solid: bool) {
    let ends = [pos2(x[0], y), pos2(x[1], y)];
    if solid {
        painter.line_segment(ends, Stroke::new(2.5, colour));
    } else {
        painter.extend(Shape::dashed_line(
            &ends,
            Stroke::new(2.0, colour),
            5.0,
            3.0,
        ));
    }
}

/// Up to three curves side by side.
pub(super) fn show(ui: &mut egui::Ui, player: &mut Player, controls: &mut Controls) {
    let room = (ui.available_width() / LEAST_WIDTH).clamp(1.0, 3.0) as usize;
    let arm = player.selected();
    let shown: Vec<&Curve> = CURVES
        .iter()
        .filter(|curve| player.latest(arm, curve.column).is_some())
        .take(room)
        .collect();
    if shown.is_empty() {
        return;
    }
    let height = ui.available_height();
    ui.spacing_mut().item_spacing.x = 20.0;
    let mut go_to = None;
    ui.columns(shown.len(), |columns| {
        for (ui, curve) in columns.iter_mut().zip(shown) {
            go_to = plot(ui, player, curve, height, controls).or(go_to);
        }
    });
    if let Some(time_h) = go_to {
        player.scrub(time_h);
    }
}

/// A line: its name, points in hours and the curve's unit, colour, style and width.
type Drawn = (String, Vec<[f64; 2]>, Color32, LineStyle, f32);

/// The row of an arm at the moment that is looked at.
fn row_at(player: &Player, arm: usize) -> Option<&Row> {
    let rows = player.rows(arm);
    let until_h = player.shown_h() + 1e-9;
    let after = rows.partition_point(|row| row.get("time_h").is_some_and(|h| h <= until_h));
    rows.get(after.saturating_sub(1)).map(AsRef::as_ref)
}

fn plot(
    ui: &mut egui::Ui,
    player: &Player,
    curve: &Curve,
    height: f32,
    controls: &mut Controls,
) -> Option<f64> {
    let tones = Tones::of(ui.ctx());
    let top = ui.cursor().top();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.label(RichText::new(curve.title).color(tones.ink).strong());
        ui.label(RichText::new(curve.unit).color(tones.grey).size(SMALL));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            // The selected arm last, so that it stands at the end.
            let mut arms: Vec<usize> = (0..player.n_arms()).collect();
            arms.sort_by_key(|arm| *arm != player.selected());
            for arm in arms.into_iter().take(2) {
                let (colour, _) = arm_line(player, arm, tones);
                let value = row_at(player, arm).and_then(|row| row.get(curve.column));
                if let Some(value) = value {
                    let text = three_digits(value * curve.factor);
                    let label = ui.label(RichText::new(text).color(colour).strong());
                    label.on_hover_text(player.arm_name(arm));
                }
            }
        });
    });
    // The selected arm is drawn last, on top.
    let mut lines: Vec<Drawn> = Vec::new();
    for future in player.futures() {
        let (colour, _) = arm_line(player, future.arm, tones);
        let from_h = player.model().time_h(future.fork_step) - 1e-9;
        let after = future
            .rows
            .iter()
            .filter(|row| row.get("time_h").is_some_and(|h| h >= from_h));
        let points = thinned(after.filter_map(|row| curve.point(row)).collect());
        let name = format!("{} before the fork", player.arm_name(future.arm));
        let style = LineStyle::Dotted { spacing: 5.0 };
        lines.push((name, points, colour, style, 2.0));
    }
    let mut arms: Vec<usize> = (0..player.n_arms()).collect();
    arms.sort_by_key(|arm| *arm == player.selected());
    for arm in arms {
        let (colour, is_selected) = arm_line(player, arm, tones);
        let points = player.rows(arm).iter().filter_map(|row| curve.point(row));
        let points = thinned(points.collect());
        let (style, width) = match is_selected {
            true => (LineStyle::Solid, 2.5),
            false => (LineStyle::Dashed { length: 6.0 }, 1.8),
        };
        lines.push((
            player.arm_name(arm).to_string(),
            points,
            colour,
            style,
            width,
        ));
    }
    let all = || lines.iter().map(|(_, points, ..)| points.as_slice());
    let (x, y) = (extent(all(), 0, 0.1), extent(all(), 1, curve.at_least));
    let changes = changes(player.events(player.selected()), player.model().dt_min());
    let (unit, shown_h) = (curve.unit, player.shown_h());
    let is_past = player.shown().is_some();
    let response = Plot::new(curve.column)
        .height(height - (ui.cursor().top() - top))
        .allow_zoom(false)
        .allow_drag(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .show_background(false)
        .grid_color(tones.hairline)
        .grid_fade(0.0)
        .x_grid_spacer(marks)
        .y_grid_spacer(marks)
        .set_margin_fraction(egui::vec2(0.0, 0.0))
        .default_x_bounds(0.0, x)
        .default_y_bounds(0.0, y)
        .custom_x_axes(vec![axis(AxisHints::new_x(), tones).formatter(
            move |mark, _| {
                // The zero below the vertical axis would meet the one beside it; a label at the end would be cut off.
                if mark.value == 0.0 || mark.value > 0.96 * x {
                    String::new()
                } else {
                    format!("{} h", number(mark.value))
                }
            },
        )])
        .custom_y_axes(vec![
            axis(AxisHints::new_y(), tones)
                .min_thickness(34.0)
                .formatter(|mark, _| number(mark.value)),
        ])
        .label_formatter(move |at| match at {
            egui_plot::HoverPosition::NearDataPoint {
                plot_name,
                position,
                ..
            } => Some(format!(
                "{plot_name}\n{:.2} h\n{} {unit}",
                position.x,
                three_digits(position.y)
            )),
            egui_plot::HoverPosition::Elsewhere { .. } => None,
        })
        .show(ui, |plot| {
            plot.set_plot_bounds_x(0.0..=x);
            plot.set_plot_bounds_y(0.0..=y);
            for at in changes {
                plot.vline(
                    VLine::new("dose changed", at)
                        .color(tones.event.gamma_multiply(0.8))
                        .width(1.0)
                        .style(LineStyle::dashed_loose())
                        .allow_hover(false),
                );
            }
            let cursor = if is_past { tones.ink } else { tones.grey };
            plot.vline(
                VLine::new("now", shown_h)
                    .color(cursor)
                    .width(if is_past { 1.5 } else { 0.75 })
                    .allow_hover(false),
            );
            for (name, points, colour, style, width) in lines {
                plot.line(
                    Line::new(name, PlotPoints::from(points))
                        .color(colour)
                        .style(style)
                        .width(width),
                );
            }
            plot.response()
                .clicked()
                .then(|| plot.pointer_coordinate().map(|at| at.x))
                .flatten()
        });
    controls.note(format!("plot_{}", curve.column), &response.response);
    response.inner
}

/// Every label of an axis equally dark.
fn axis(hints: AxisHints<'_>, tones: Tones) -> AxisHints<'_> {
    hints.label_spacing(8.0..=12.0).tick_label_color(tones.grey)
}

/// Round values, at most four intervals.
fn marks(axis: GridInput) -> Vec<GridMark> {
    let (lo, hi) = axis.bounds;
    let step = tick_step(hi - lo, 4);
    let mark = |i: i64| GridMark {
        value: i as f64 * step,
        step_size: step,
    };
    ((lo / step).ceil() as i64..=(hi / step).floor() as i64)
        .map(mark)
        .collect()
}

/// Every nth point and the last.
fn thinned(points: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    let stride = points.len().div_ceil(MOST_POINTS).max(1);
    if stride == 1 {
        return points;
    }
    let last = points.last().copied();
    points.into_iter().step_by(stride).chain(last).collect()
}

/// The upper end of an axis from 0: a little above the largest value.
fn extent<'a>(lines: impl Iterator<Item = &'a [[f64; 2]]>, axis: usize, at_least: f64) -> f64 {
    let largest = lines
        .flatten()
        .map(|p| p[axis])
        .filter(|v| v.is_finite())
        .fold(0.0, f64::max);
    (largest * 1.08).max(at_least * 1.04)
}

/// Times of dose changes, h; a movement of the slider counts once, when it ended. A dose at the very start is no change.
pub(super) fn changes(events: &[Event], dt_min: f64) -> Vec<f64> {
    let events: Vec<&Event> = events.iter().filter(|event| event.act.is_dose()).collect();
    let ends = events
        .iter()
        .zip(events.iter().skip(1).map(Some).chain([None]));
    ends.filter(|(event, next)| next.is_none_or(|next| next.step >= event.step + ONE_CHANGE))
        .map(|(event, _)| event.step as f64 * dt_min / 60.0)
        .collect()
}

/// Three significant digits, as many decimals as that takes.
pub(super) fn three_digits(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}").replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drag_of_the_slider_is_one_line() {
        let events = [0, 3, 5, 9, 600].map(|step| Event {
            step,
            act: crate::event::Act::BathNm(step as f64),
        });
        assert_eq!(changes(&events, 0.1), [9.0 * 0.1 / 60.0, 1.0]);
    }

    #[test]
    fn a_long_curve_keeps_its_ends() {
        let points: Vec<[f64; 2]> = (0..5000).map(|i| [f64::from(i), 0.0]).collect();
        let thin = thinned(points);
        assert!(thin.len() <= MOST_POINTS + 1);
        assert_eq!((thin[0][0], thin[thin.len() - 1][0]), (0.0, 4999.0));
    }
}
