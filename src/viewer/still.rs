//! [`Still`]: the window's contents as a picture, without a window: for the README, for slides, and for machines without a
//! display.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui_wgpu::{Renderer, RendererOptions};
use image::RgbaImage;

use super::app::App;
use super::course::Plan;
use super::draw::Drawing;
use super::scene::Scene;
use super::stage::Stage;
use super::{EngineMaker, ViewerError, style};
use crate::gpu::GpuContext;
use crate::render::gpu::read_back;
use crate::simulation::EngineError;

/// Stored as egui computes colours.
const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;
/// Frames until every size has settled and every hover has faded.
const FRAMES: u32 = 5;
/// The longest that a still waits for its simulation.
const PATIENCE: Duration = Duration::from_secs(3600);

/// A window without a display.
pub struct Still {
    context: GpuContext,
    egui: egui::Context,
    renderer: Renderer,
    scene: Scene,
    app: App,
    size_px: [u32; 2],
    frames: u32,
}

impl Still {
    /// A still of a size, px, on the gallery; `context` draws it.
    pub fn new(context: &GpuContext, make_engine: EngineMaker, size_px: [u32; 2]) -> Self {
        let egui = egui::Context::default();
        style::apply(&egui);
        let mut app = App::new(None, make_engine, Arc::new(|| ()));
        app.adapter = context.summary().to_string();
        Self {
            renderer: Renderer::new(&context.device, FORMAT, RendererOptions::default()),
            scene: Scene::new(context),
            context: context.clone(),
            egui,
            app,
            size_px,
            frames: 0,
        }
    }

    /// Opens a scenario and waits for its first state.
    ///
    /// # Errors
    /// The engine refuses the model.
    pub fn open(&mut self, plan: Plan) -> Result<&mut Stage, ViewerError> {
        self.app.open(plan);
        self.wait(|stage| stage.player.is_ready())
    }

    /// Waits until something holds on the stage.
    ///
    /// # Errors
    /// The engine failed, or it takes an hour.
    pub fn wait(&mut self, holds: impl Fn(&Stage) -> bool) -> Result<&mut Stage, ViewerError> {
        let failed = |why: &str| ViewerError::Engine(EngineError::Device(why.to_string()));
        let start = Instant::now();
        let Some(stage) = &mut self.app.stage else {
            return Err(failed("there is nothing on the stage"));
        };
        loop {
            stage.player.refresh();
            if let Some(error) = stage.player.error() {
                return Err(error.clone().into());
            }
            if holds(stage) {
                return Ok(stage);
            }
            if start.elapsed() > PATIENCE {
                return Err(failed("it takes too long"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The stage, if a scenario is open.
    pub fn stage(&mut self) -> Option<&mut Stage> {
        self.app.stage.as_mut()
    }

    /// Dark or light.
    pub fn set_dark(&mut self, dark: bool) {
        self.egui.set_theme(if dark {
            egui::Theme::Dark
        } else {
            egui::Theme::Light
        });
    }

    /// Shows the list of keys, or hides it.
    pub fn show_keys(&mut self, shown: bool) {
        self.app.shows_keys = shown;
    }

    /// The picture.
    ///
    /// # Errors
    /// The device is lost.
    pub fn shot(&mut self) -> Result<RgbaImage, ViewerError> {
        let start = Instant::now();
        while self.app.stage.is_none()
            && !self.app.gallery.is_complete()
            && start.elapsed() < PATIENCE
        {
            self.frame(Vec::new(), None)?;
            std::thread::sleep(Duration::from_millis(20));
        }
        let texture = self
            .context
            .device
            .create_texture(&wgpu::TextureDescriptor {
                label: Some("invado.viewer.still"),
                size: wgpu::Extent3d {
                    width: self.size_px[0],
                    height: self.size_px[1],
                    depth_or_array_layers: 1,
                },
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format: FORMAT,
                usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
                view_formats: &[],
            });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        for _ in 0..FRAMES {
            self.frame(Vec::new(), Some(&view))?;
        }
        let image = read_back(&self.context.device, &self.context.queue, &texture);
        image.map_err(|why| EngineError::Device(why.to_string()).into())
    }

    /// Clicks on a control, as a mouse does; see [`super::Controls`]. Without it nothing happens.
    ///
    /// # Errors
    /// The device is lost.
    pub fn press(&mut self, control: &str) -> Result<(), ViewerError> {
        for _ in 0..FRAMES {
            self.frame(Vec::new(), None)?;
        }
        let Some(at) = self.app.controls.middle(control) else {
            log::warn!("no control is called {control}");
            return Ok(());
        };
        let pos = egui::pos2(at[0], at[1]);
        let button = |pressed| egui::Event::PointerButton {
            pos,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: egui::Modifiers::NONE,
        };
        self.frame(vec![egui::Event::PointerMoved(pos)], None)?;
        self.frame(vec![button(true)], None)?;
        self.frame(vec![button(false)], None)?;
        self.frame(vec![egui::Event::PointerGone], None)
    }

    fn frame(
        &mut self,
        events: Vec<egui::Event>,
        target: Option<&wgpu::TextureView>,
    ) -> Result<(), ViewerError> {
        self.context.probe()?;
        let [width, height] = self.size_px.map(|px| px as f32);
        self.frames += 1;
        let input = egui::RawInput {
            screen_rect: Some(egui::Rect::from_min_size(
                egui::Pos2::ZERO,
                egui::vec2(width, height),
            )),
            // A click is short, and whatever moves comes to rest within a few frames.
            time: Some(0.1 * f64::from(self.frames)),
            events,
            ..Default::default()
        };
        let output = self.egui.clone().run_ui(input, |ui| {
            self.app.ui(ui, Some((&mut self.scene, &mut self.renderer)));
        });
        let mut drawing = Drawing::new(
            &self.context,
            &mut self.renderer,
            &self.egui,
            output,
            self.size_px,
        );
        if let Some(target) = target {
            drawing.paint(&self.renderer, target);
        }
        drawing.submit(&self.context, &mut self.renderer);
        Ok(self.context.check()?)
    }
}
