//! One frame of the window: the top bar, and below it the gallery or what is played.

use egui::{
    Align, Button, CentralPanel, Frame, Key, Layout as Direction, Margin, Modifiers, Panel,
    RichText, Theme, Ui, vec2,
};

use super::controls::Controls;
use super::course::Plan;
use super::gallery::Gallery;
use super::keys;
use super::scene::Scene;
use super::stage::Stage;
use super::style::Tones;
use super::worker::Wake;
use super::{EngineMaker, Layout, Session};

/// Everything that lives as long as the window.
pub(super) struct App {
    make_engine: EngineMaker,
    wake: Wake,
    /// One line on what draws the window.
    pub(super) adapter: String,
    pub(super) stage: Option<Stage>,
    pub(super) gallery: Gallery,
    pub(super) controls: Controls,
    pub(super) shows_keys: bool,
    /// What was played and left for the gallery.
    played: Vec<Vec<Session>>,
}

impl App {
    pub(super) fn new(plan: Option<Plan>, make_engine: EngineMaker, wake: Wake) -> Self {
        let gallery = Gallery::new(wake.clone());
        let mut app = Self {
            make_engine,
            wake,
            adapter: String::new(),
            stage: None,
            gallery,
            controls: Controls::default(),
            shows_keys: false,
            played: Vec::new(),
        };
        if let Some(plan) = plan {
            app.open(plan);
        }
        app
    }

    /// Puts a plan on the stage.
    pub(super) fn open(&mut self, plan: Plan) {
        self.leave();
        self.stage = Some(Stage::new(
            plan,
            self.make_engine.clone(),
            self.wake.clone(),
            self.adapter.clone(),
        ));
    }

    /// Back to the gallery; what was played is kept for the record.
    pub(super) fn leave(&mut self) {
        if let Some(mut stage) = self.stage.take() {
            self.played.push(stage.player.finish());
        }
    }

    /// What was played, scenario by scenario.
    pub(super) fn finish(&mut self) -> Vec<Vec<Session>> {
        self.leave();
        std::mem::take(&mut self.played)
    }

    /// Forgets what is on a device that is gone.
    pub(super) fn forget_textures(&mut self) {
        self.gallery.forget_textures();
    }

    /// Whether there is something to show that has not been laid out.
    pub(super) fn has_news(&self) -> bool {
        match &self.stage {
            Some(stage) => stage.player.has_news(),
            None => !self.gallery.is_complete(),
        }
    }

    /// What the window is called.
    pub(super) fn title(&self) -> String {
        match &self.stage {
            Some(stage) => format!("invado — {}", stage.player.model().title()),
            None => "invado — gallery".to_string(),
        }
    }

    /// Lays out a frame.
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        painter: Option<(&mut Scene, &mut egui_wgpu::Renderer)>,
    ) {
        let tones = Tones::of(ui.ctx());
        if let Some(stage) = &mut self.stage {
            stage.player.refresh();
            stage.look.adapter.clone_from(&self.adapter);
        }
        keys::act(ui.ctx(), self);
        Panel::top("top")
            .exact_size(44.0)
            .resizable(false)
            .frame(
                Frame::new()
                    .fill(tones.ground)
                    .inner_margin(Margin::symmetric(14, 7)),
            )
            .show(ui, |ui| self.top_bar(ui));
        match &mut self.stage {
            Some(stage) => stage.ui(ui, painter, &mut self.controls),
            None => {
                let mut chosen = None;
                let ground = Frame::new().fill(tones.ground);
                CentralPanel::no_frame().frame(ground).show(ui, |ui| {
                    chosen = self.gallery.show(ui, &mut self.controls);
                });
                if let Some(scenario) = chosen {
                    match Plan::new(&scenario) {
                        Ok(plan) => self.open(plan),
                        Err(why) => self.gallery.fail(why.to_string()),
                    }
                }
            }
        }
        if self.shows_keys {
            keys::list(ui.ctx(), &mut self.shows_keys);
        }
        self.controls.log();
    }

    fn top_bar(&mut self, ui: &mut Ui) {
        let tones = Tones::of(ui.ctx());
        let mut leaves = false;
        ui.horizontal_centered(|ui| {
            match &self.stage {
                Some(stage) => {
                    let back = ui.add(Button::new("‹ Gallery").min_size(vec2(78.0, 28.0)));
                    self.controls.note("gallery", &back);
                    leaves = back.clicked();
                    let title = RichText::new(stage.player.model().title());
                    ui.add_space(4.0);
                    let width = (ui.available_width() - 420.0).max(60.0);
                    ui.allocate_ui(vec2(width, 28.0), |ui| {
                        let title = title.size(17.0).strong().color(tones.ink);
                        ui.add(egui::Label::new(title).truncate());
                    });
                }
                None => {
                    ui.label(
                        RichText::new("invado")
                            .size(18.0)
                            .strong()
                            .color(tones.accent),
                    );
                }
            }
            ui.with_layout(Direction::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                let help = ui.add(Button::new("Keys").min_size(vec2(44.0, 28.0)));
                self.controls.note("keys", &help);
                if help.on_hover_text("The list of keys (?)").clicked() {
                    self.shows_keys = !self.shows_keys;
                }
                let is_light = ui.ctx().theme() == Theme::Light;
                let word = if is_light { "Dark" } else { "Light" };
                let theme = ui.add(Button::new(word).min_size(vec2(48.0, 28.0)));
                self.controls.note("theme", &theme);
                if theme.on_hover_text("Dark or light (key D)").clicked() {
                    keys::turn_theme(ui.ctx());
                }
                if let Some(stage) = &mut self.stage {
                    ui.add_space(10.0);
                    layouts(ui, stage, &mut self.controls);
                }
            });
        });
        if leaves {
            self.leave();
        }
    }
}

/// Which pictures are seen.
fn layouts(ui: &mut Ui, stage: &mut Stage, controls: &mut Controls) {
    if stage.player.n_arms() < 2 {
        return;
    }
    // From right to left.
    for layout in Layout::ALL.into_iter().rev() {
        if layout == Layout::All && stage.player.n_arms() < 3 {
            continue;
        }
        let chosen = stage.look.layout == layout;
        let button = Button::new(layout.title())
            .selected(chosen)
            .min_size(vec2(44.0, 28.0));
        let button = ui.add(button).on_hover_text(layout.about());
        controls.note(format!("layout_{}", layout.title().to_lowercase()), &button);
        if button.clicked() {
            stage.look.layout = layout;
        }
    }
}

/// Whether a key was pressed, alone.
pub(super) fn pressed(ctx: &egui::Context, key: Key) -> bool {
    ctx.input_mut(|input| input.consume_key(Modifiers::NONE, key))
}
