//! Curves of what is observed, over time in hours; dose changes as vertical lines.

use egui::RichText;
use egui_plot::{AxisHints, GridInput, GridMark, Line, LineStyle, Plot, PlotPoints, VLine};

use crate::event::Event;
use crate::render::annotation::number;
use crate::render::tick_step;

use super::player::Player;
use super::style::{ACCENT, DOSE, GREY, HAIRLINE, INK, SMALL};

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
const CURVES: [Curve; 9] = [
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
    Curve::new("mean_speed_um_per_h", "Mean speed", "µm/h", 1.0, 20.0),
    Curve::new("cell_count", "Cells", "", 1.0, 10.0),
    Curve::new("mean_drug_nm", "Mean free drug", "nM", 1.0, 1.0),
    Curve::new("mean_attractant_nm", "Mean attractant", "nM", 1.0, 1.0),
    Curve::new("mean_fak", "Mean tissue FAK", "relative", 1.0, 0.1),
    Curve::new("mean_ecm", "Mean matrix", "relative", 1.0, 1.0),
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
}

/// Steps (1 min) within which changes of the dose are one movement of the slider and get one line.
const ONE_CHANGE: u64 = 10;

/// Width below which the heads of two curves would meet, points.
const LEAST_WIDTH: f32 = 215.0;

/// Up to three curves side by side.
pub(super) fn show(ui: &mut egui::Ui, player: &Player) {
    let room = (ui.available_width() / LEAST_WIDTH).clamp(1.0, 3.0) as usize;
    let shown: Vec<&Curve> = CURVES
        .iter()
        .filter(|curve| player.latest(curve.column).is_some())
        .take(room)
        .collect();
    if shown.is_empty() {
        return;
    }
    let height = ui.available_height();
    ui.spacing_mut().item_spacing.x = 20.0;
    ui.columns(shown.len(), |columns| {
        for (ui, curve) in columns.iter_mut().zip(shown) {
            plot(ui, player, curve, height);
        }
    });
}

fn plot(ui: &mut egui::Ui, player: &Player, curve: &Curve, height: f32) {
    let top = ui.cursor().top();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.label(RichText::new(curve.title).color(INK).strong());
        ui.label(RichText::new(curve.unit).color(GREY).size(SMALL));
        let value = player.latest(curve.column).unwrap_or(f64::NAN) * curve.factor;
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.label(RichText::new(three_digits(value)).color(ACCENT).strong());
        });
    });
    let points: Vec<[f64; 2]> = player
        .series()
        .iter()
        .filter_map(|row| Some([row.get("time_h")?, curve.factor * row.get(curve.column)?]))
        .collect();
    let (x, y) = (extent(&points, 0, 0.1), extent(&points, 1, curve.at_least));
    let changes = lines(
        player.simulation().events(),
        player.simulation().model().dt_min(),
    );
    let unit = curve.unit;
    Plot::new(curve.column)
        .height(height - (ui.cursor().top() - top))
        .allow_zoom(false)
        .allow_drag(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .grid_color(HAIRLINE)
        .grid_fade(0.0)
        .x_grid_spacer(marks)
        .y_grid_spacer(marks)
        .set_margin_fraction(egui::vec2(0.0, 0.0))
        .default_x_bounds(0.0, x)
        .default_y_bounds(0.0, y)
        .custom_x_axes(vec![axis(AxisHints::new_x()).formatter(move |mark, _| {
            // The zero below the vertical axis would meet the one beside it; a label at the end would be cut off.
            if mark.value == 0.0 || mark.value > 0.96 * x {
                String::new()
            } else {
                format!("{} h", number(mark.value))
            }
        })])
        .custom_y_axes(vec![
            axis(AxisHints::new_y())
                .min_thickness(34.0)
                .formatter(|mark, _| number(mark.value)),
        ])
        .label_formatter(move |at| match at {
            egui_plot::HoverPosition::NearDataPoint { position, .. } => Some(format!(
                "{:.2} h\n{} {unit}",
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
                        .color(DOSE.gamma_multiply(0.8))
                        .width(1.0)
                        .style(LineStyle::dashed_loose())
                        .allow_hover(false),
                );
            }
            plot.line(
                Line::new(curve.title, PlotPoints::from(points))
                    .color(ACCENT)
                    .width(2.0),
            );
        });
}

/// Every label of an axis equally dark.
fn axis(hints: AxisHints<'_>) -> AxisHints<'_> {
    hints.label_spacing(8.0..=12.0).tick_label_color(GREY)
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

/// The upper end of an axis from 0: a little above the largest value.
fn extent(points: &[[f64; 2]], axis: usize, at_least: f64) -> f64 {
    let largest = points
        .iter()
        .map(|p| p[axis])
        .filter(|v| v.is_finite())
        .fold(0.0, f64::max);
    (largest * 1.08).max(at_least * 1.04)
}

/// Times of dose changes, h; a movement of the slider counts once, when it ended.
fn lines(events: &[Event], dt_min: f64) -> Vec<f64> {
    let ends = events
        .iter()
        .zip(events.iter().skip(1).map(Some).chain([None]));
    ends.filter(|(event, next)| next.is_none_or(|next| next.step >= event.step + ONE_CHANGE))
        .map(|(event, _)| event.step as f64 * dt_min / 60.0)
        .collect()
}

/// Three significant digits, as many decimals as that takes.
fn three_digits(value: f64) -> String {
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
        assert_eq!(lines(&events, 0.1), [9.0 * 0.1 / 60.0, 1.0]);
    }
}
