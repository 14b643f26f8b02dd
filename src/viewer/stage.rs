//! [`Stage`]: a scenario that is played, with its pictures, plots and panels.

use egui::{CentralPanel, Frame, Margin, Panel, Stroke, Ui};

use super::controls::Controls;
use super::course::Plan;
use super::inspect::Picked;
use super::keep::Keeper;
use super::lesson::Lesson;
use super::pictures::{Brush, Pictures, Seen};
use super::player::Player;
use super::scene::Scene;
use super::style::Tones;
use super::worker::Wake;
use super::{EngineMaker, Look, clock, panel, plots};

/// Width of the side panel, points.
pub(super) const PANEL_WIDTH: f32 = 316.0;

/// Everything that belongs to one opened scenario.
pub struct Stage {
    /// What is played.
    pub player: Player,
    /// What is shown of it.
    pub look: Look,
    pub(super) picked: Option<Picked>,
    pub(super) lesson: Option<Lesson>,
    pub(super) brush: Brush,
    pub(super) keeper: Keeper,
    pictures: Pictures,
}

impl Stage {
    /// Opens a plan; the simulation begins in a thread of its own, paused.
    pub fn new(plan: Plan, make_engine: EngineMaker, wake: Wake, adapter: String) -> Self {
        let look = Look::of(&plan, adapter);
        Self {
            lesson: Lesson::of(&plan),
            keeper: Keeper::new(&plan.scenario.name, wake.clone()),
            brush: Brush::of(&plan.arms[0].model),
            player: Player::new(plan, make_engine, wake),
            look,
            picked: None,
            pictures: Pictures::default(),
        }
    }

    /// Picks the cell of an arm whose centre is nearest to a point, µm.
    pub fn pick_near(&mut self, arm: usize, at_um: [f64; 2]) {
        let Some(state) = self.player.state(arm) else {
            return;
        };
        let distance = |cell: &glam::Vec4| {
            let [dx, dy] = [f64::from(cell.x) - at_um[0], f64::from(cell.y) - at_um[1]];
            dx * dx + dy * dy
        };
        let cells = state
            .cells
            .position_radius
            .iter()
            .zip(&state.cells.identity);
        let nearest = cells.min_by(|a, b| distance(a.0).total_cmp(&distance(b.0)));
        self.picked = nearest.map(|(_, who)| Picked::new(arm, who[0]));
    }

    /// Lays out the side panel in `ui` and does what its controls ask.
    pub fn side_panel(&mut self, ui: &mut Ui, controls: &mut Controls) {
        panel::show(ui, self, controls);
    }

    /// Lays out the strip with play, clock and time line.
    pub fn clock(&mut self, ui: &mut Ui, controls: &mut Controls) {
        clock::show(ui, &mut self.player, controls);
    }

    /// Lays out the curves.
    pub fn curves(&mut self, ui: &mut Ui, controls: &mut Controls) {
        plots::show(ui, &mut self.player, controls);
    }

    /// Lays out all of it, in what the top bar has left; nothing is painted where there is nothing to paint with.
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        painter: Option<(&mut Scene, &mut egui_wgpu::Renderer)>,
        controls: &mut Controls,
    ) {
        let tones = Tones::of(ui.ctx());
        let ground = Frame::new().fill(tones.ground);
        Panel::right("controls")
            .exact_size(PANEL_WIDTH)
            .resizable(false)
            .frame(ground.inner_margin(Margin {
                left: 16,
                right: 4,
                top: 12,
                bottom: 8,
            }))
            .show(ui, |ui| self.side_panel(ui, controls));
        let height = (0.24 * ui.available_height()).clamp(110.0, 260.0);
        Panel::bottom("curves")
            .exact_size(height)
            .resizable(false)
            .frame(ground.inner_margin(Margin::symmetric(14, 8)))
            .show(ui, |ui| self.curves(ui, controls));
        Panel::bottom("clock")
            .exact_size(clock::HEIGHT)
            .resizable(false)
            .frame(ground.inner_margin(Margin {
                left: 14,
                right: 14,
                top: 9,
                bottom: 0,
            }))
            .show(ui, |ui| self.clock(ui, controls));
        let paper = Frame::new()
            .fill(tones.raised)
            .stroke(Stroke::new(1.0, tones.hairline))
            .inner_margin(Margin {
                left: 14,
                right: 14,
                top: 6,
                bottom: 4,
            });
        CentralPanel::no_frame().frame(paper).show(ui, |ui| {
            let mut seen = Seen {
                player: &mut self.player,
                look: &mut self.look,
                picked: &mut self.picked,
                brush: &mut self.brush,
                controls,
            };
            self.pictures.show(ui, painter, &mut seen);
        });
    }
}
