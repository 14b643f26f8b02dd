//! One frame of the window: the side panel, the curves, the picture.

use egui::{CentralPanel, Frame, Margin, Panel};

use super::controls::Controls;
use super::player::Player;
use super::scene::Scene;
use super::style::{GROUND, HAIRLINE};
use super::{Look, panel, plots};

/// Width of the side panel, points.
const PANEL_WIDTH: f32 = 336.0;

/// Everything that lives as long as the window.
pub(super) struct App {
    pub(super) player: Player,
    pub(super) look: Look,
    controls: Controls,
}

impl App {
    pub(super) fn new(player: Player, look: Look) -> Self {
        Self {
            player,
            look,
            controls: Controls::default(),
        }
    }

    /// Lays out a frame.
    pub(super) fn ui(
        &mut self,
        ui: &mut egui::Ui,
        scene: &mut Scene,
        renderer: &mut egui_wgpu::Renderer,
    ) {
        let ground = Frame::new().fill(GROUND);
        Panel::right("controls")
            .exact_size(PANEL_WIDTH)
            .resizable(false)
            .frame(ground.inner_margin(Margin {
                left: 18,
                right: 4,
                top: 16,
                bottom: 8,
            }))
            .show(ui, |ui| {
                panel::side_panel(ui, &mut self.player, &mut self.look, &mut self.controls);
            });
        let height = (0.25 * ui.available_height()).clamp(130.0, 260.0);
        Panel::bottom("curves")
            .exact_size(height)
            .resizable(false)
            .frame(ground.inner_margin(Margin::symmetric(16, 10)))
            .show(ui, |ui| plots::show(ui, &self.player));
        let paper = Frame::new()
            .fill(egui::Color32::WHITE)
            .stroke(egui::Stroke::new(1.0, HAIRLINE));
        CentralPanel::no_frame().frame(paper).show(ui, |ui| {
            scene.show(ui, renderer, &mut self.player, &mut self.look.view);
        });
        self.controls.log();
    }
}
