//! One cell: who it is, its track, and its nine states over time.

use std::sync::Arc;

use egui::{Button, RichText, Sense, Stroke, Ui, pos2, vec2};

use crate::model::Model;
use crate::render::annotation::number;
use crate::state::{HostState, N_SIGNALS, NO_PARENT, Phase, generation, signal};

use super::controls::Controls;
use super::panel::{note, title};
use super::player::Player;
use super::style::{SMALL, Tones};

/// The states as people call them, in the order of [`signal`].
const TITLES: [&str; N_SIGNALS] = [
    "pFAK",
    "Src",
    "p-p130Cas",
    "pAKT",
    "pERK",
    "bypass Rf",
    "bypass Rs",
    "nascent FA",
    "mature FA",
];

/// A cell that was clicked.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Picked {
    /// Its arm.
    pub(super) arm: usize,
    /// Its id.
    pub(super) id: u32,
}

/// Place of a cell among the others; they are in ascending order of id.
pub(super) fn find(state: &HostState, id: u32) -> Option<usize> {
    let ids = &state.cells.identity;
    ids.binary_search_by_key(&id, |identity| identity[0]).ok()
}

/// A cell at a moment.
struct Past {
    time_h: f64,
    at_um: [f64; 3],
    signals: [f32; N_SIGNALS],
}

impl Picked {
    pub(super) fn new(arm: usize, id: u32) -> Self {
        Self { arm, id }
    }

    /// Its parent, unless it was there at time zero or came from outside.
    pub(super) fn parent(&self, state: &HostState) -> Option<u32> {
        let ix = find(state, self.id)?;
        let parent = state.cells.identity[ix][2];
        (parent != NO_PARENT).then_some(parent)
    }

    /// The cell in every kept state up to the moment that is looked at, and at that moment.
    fn past(&self, player: &Player, model: &Model) -> Vec<Past> {
        let shown = player.shown_step();
        let kept = player.snapshots().iter().filter(|s| s.step < shown);
        let kept = kept.filter_map(|s| s.arms.get(self.arm).map(|kept| &kept.state));
        let all = kept.chain(player.state(self.arm));
        let at = |state: &Arc<HostState>| {
            let (ix, cells) = (find(state, self.id)?, &state.cells);
            let at = cells.position_radius[ix];
            Some(Past {
                time_h: model.time_h(state.step),
                at_um: [at.x, at.y, at.z].map(f64::from),
                signals: std::array::from_fn(|row| cells.signals[row][ix]),
            })
        };
        all.filter_map(at).collect()
    }

    /// Where it has been, µm.
    pub(super) fn track_um(&self, player: &Player, model: &Model) -> Vec<[f64; 3]> {
        let past = self.past(player, model);
        past.iter().map(|p| p.at_um).collect()
    }

    /// What is known of it, as a table that a spreadsheet takes.
    fn table(past: &[Past]) -> String {
        let mut text = format!("time_h\tx_um\ty_um\tz_um\t{}\n", signal::NAMES.join("\t"));
        for moment in past {
            let [x, y, z] = moment.at_um;
            text += &format!("{:.4}\t{x:.3}\t{y:.3}\t{z:.3}", moment.time_h);
            for value in moment.signals {
                text += &format!("\t{value}");
            }
            text.push('\n');
        }
        text
    }
}

/// The inspector in the side panel.
pub(super) fn show(
    ui: &mut Ui,
    player: &mut Player,
    picked: &mut Option<Picked>,
    controls: &mut Controls,
) {
    let Some(cell) = picked.clone() else {
        title(ui, "Cell");
        note(
            ui,
            "Click a cell to see its states, its track and its parent.",
        );
        return;
    };
    let tones = Tones::of(ui.ctx());
    let model = player.model_of(cell.arm).clone();
    let Some(state) = player.state(cell.arm).cloned() else {
        return;
    };
    ui.horizontal(|ui| {
        title(ui, &format!("Cell {}", cell.id));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let close = ui.add(Button::new("×").min_size(vec2(24.0, 24.0)));
            close.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::Button, true, "Close the inspector")
            });
            controls.note("close_cell", &close);
            if close.clicked() {
                *picked = None;
            }
            let copy = ui.button("Copy");
            controls.note("copy_cell", &copy);
            if copy
                .on_hover_text("Copy all its numbers as a table")
                .clicked()
            {
                ui.ctx()
                    .copy_text(Picked::table(&cell.past(player, &model)));
            }
        });
    });
    let Some(ix) = find(&state, cell.id) else {
        note(ui, "It is not there at this moment: not yet born, or gone.");
        return;
    };
    let cells = &state.cells;
    let who = cells.identity[ix];
    let kind = model.cell_types().get(who[1] as usize);
    let label = kind.map_or("cell", |kind| kind.name.as_str());
    let (at, heading) = (cells.position_radius[ix], cells.polarity_speed[ix]);
    let speed = 60.0 * f64::from(heading.w);
    let phase = Phase::of(who[3]).name();
    note(
        ui,
        format!(
            "{}: {label}, {phase}, generation {}. At {:.0}, {:.0} µm, radius {:.1} µm, {} µm/h.",
            player.arm_name(cell.arm),
            generation(who[3]),
            at.x,
            at.y,
            at.w,
            number((speed * 10.0).round() / 10.0)
        ),
    );
    match cell.parent(&state) {
        None => note(ui, "A founder, or it came from outside: no parent here."),
        Some(parent) => {
            let is_there = find(&state, parent).is_some();
            let words = format!(
                "Parent: cell {parent}{}",
                if is_there { "" } else { ", gone" }
            );
            if ui.add_enabled(is_there, Button::new(words)).clicked() {
                *picked = Some(Picked::new(cell.arm, parent));
            }
        }
    }
    let past = cell.past(player, &model);
    grid(ui, &past, tones);
}

/// Nine small curves from 0 to 1, each with its name and its value now.
fn grid(ui: &mut Ui, past: &[Past], tones: Tones) {
    let gap = 8.0;
    let width = (ui.available_width() - 2.0 * gap) / 3.0;
    let size = vec2(width, 46.0);
    let span = [
        past.first().map_or(0.0, |p| p.time_h),
        past.last().map_or(1.0, |p| p.time_h),
    ];
    for row in 0..3 {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = gap;
            for column in 0..3 {
                let which = 3 * row + column;
                let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
                let now = past.last().map_or(0.0, |p| p.signals[which]);
                response.widget_info(|| {
                    let told = format!("{} {now:.3}", TITLES[which]);
                    egui::WidgetInfo::labeled(egui::Role::Label, true, told)
                });
                let painter = ui.painter();
                let font = egui::FontId::proportional(SMALL - 1.0);
                painter.text(
                    rect.left_top(),
                    egui::Align2::LEFT_TOP,
                    TITLES[which],
                    font.clone(),
                    tones.grey,
                );
                painter.text(
                    rect.right_top(),
                    egui::Align2::RIGHT_TOP,
                    format!("{now:.2}"),
                    font,
                    tones.ink,
                );
                let plot = rect.with_min_y(rect.min.y + 16.0);
                let base = Stroke::new(1.0, tones.hairline);
                painter.hline(plot.x_range(), plot.max.y, base);
                let at = |p: &Past| {
                    let share = (p.time_h - span[0]) / (span[1] - span[0]).max(1e-9);
                    pos2(
                        plot.min.x + share as f32 * plot.width(),
                        plot.max.y - p.signals[which].clamp(0.0, 1.0) * plot.height(),
                    )
                };
                let line = past.iter().map(at).collect::<Vec<_>>();
                painter.line(line, Stroke::new(1.5, tones.accent));
            }
        });
    }
    if let [from, to] = span.map(|h| number((h * 100.0).round() / 100.0)).as_slice() {
        ui.label(
            RichText::new(format!("each 0 to 1, {from} to {to} h, from kept states"))
                .color(tones.grey)
                .size(SMALL),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_a_column_for_each_state() {
        let past = [Past {
            time_h: 0.5,
            at_um: [1.0, 2.0, 3.0],
            signals: [0.25; N_SIGNALS],
        }];
        let table = Picked::table(&past);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 2);
        for line in &lines {
            assert_eq!(line.split('\t').count(), 4 + N_SIGNALS);
        }
        assert!(lines[1].starts_with("0.5000\t1.000\t2.000\t3.000\t0.25"));
    }
}
