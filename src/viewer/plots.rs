//! Live curves of the observables over the clock.

use egui::Ui;
use egui_plot::{Line, Plot, PlotPoints, VLine};

use super::session::Session;
use super::style::{ACCENT, QUIET, WARM};

/// One curve: column, title with unit, and the top of its axis at the start.
const CURVES: [(&str, &str, f64); 4] = [
    ("mean_pfak_relative", "mean pFAK (control = 1)", 1.05),
    ("wound_closure_percent", "wound closure (%)", 20.0),
    ("cell_count", "cells", 10.0),
    ("mean_speed_um_per_h", "mean speed (µm/h)", 10.0),
];

/// Draws the curves that the session has; closure stands in for the count where there is a wound.
pub(super) fn show(ui: &mut Ui, session: &Session) {
    let wounded = session.model().scratch().is_some();
    let chosen: Vec<_> = CURVES
        .iter()
        .filter(|(column, ..)| {
            *column
                != if wounded {
                    "cell_count"
                } else {
                    "wound_closure_percent"
                }
        })
        .filter(|(column, ..)| {
            session
                .samples()
                .first()
                .is_some_and(|row| row.get(column).is_some())
        })
        .collect();
    if chosen.is_empty() {
        ui.colored_label(QUIET, "no cells, so nothing to plot");
        return;
    }
    // A curve's title and its time axis, and the line below the last curve.
    let (furniture, legend) = (38.0, 24.0);
    let height =
        ((ui.available_height() - legend) / chosen.len() as f32 - furniture).clamp(40.0, 170.0);
    let end_h = session.model().time_h(session.model().n_steps());
    for (column, title, top) in chosen {
        let now = session
            .samples()
            .last()
            .and_then(|row| row.get(column))
            .unwrap_or(f64::NAN);
        ui.horizontal(|ui| {
            ui.label(*title);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let digits = if *column == "cell_count" { 0 } else { 2 };
                ui.strong(format!("{now:.digits$}"));
            });
        });
        let points: PlotPoints = session
            .samples()
            .iter()
            .filter_map(|row| Some([row.get("time_h")?, row.get(column)?]))
            .collect();
        let seen_h = session.simulation().time_h();
        Plot::new(*column)
            .height(height)
            .include_y(0.0)
            .include_y(*top)
            .include_x(0.0)
            .include_x((seen_h * 1.15).clamp(0.5_f64.min(end_h), end_h))
            .allow_drag(false)
            .allow_zoom(false)
            .allow_scroll(false)
            .allow_boxed_zoom(false)
            .show(ui, |plot| {
                for event in session.simulation().events() {
                    let hours = session.model().time_h(event.step);
                    plot.vline(
                        VLine::new("dose changed", hours)
                            .color(WARM.gamma_multiply(0.6))
                            .width(1.0),
                    );
                }
                plot.line(Line::new(*title, points).color(ACCENT).width(2.0));
            });
    }
    ui.vertical_centered(|ui| ui.small("time (h); a vertical line marks a change of dose"));
}
