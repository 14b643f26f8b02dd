//! The window: surface, events, and the order of a frame.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use egui_wgpu::{Renderer, RendererOptions, ScreenDescriptor};
use winit::application::ApplicationHandler;
use winit::dpi::LogicalSize;
use winit::event::WindowEvent;
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoop};
use winit::window::{Window, WindowId};

use super::panel::{self, Looks};
use super::scene::Scene;
use super::session::Session;
use super::{marks, style};
use crate::error::UsageError;
use crate::export::{Moment, labels};
use crate::gpu::GpuContext;
use crate::render::Framing;
use crate::render::annotation::annotate;

/// Simulation work in one frame.
const WORK: Duration = Duration::from_millis(12);

/// Width of the side panel, points.
const PANEL_WIDTH: f32 = 330.0;

/// Opens the window on a session and returns it when the window is closed.
///
/// # Errors
/// There is no display, or the adapter cannot draw to it.
pub fn open(session: Session, looks: Looks, context: GpuContext) -> anyhow::Result<Session> {
    let events = EventLoop::new().map_err(|why| {
        UsageError::new(format!(
            "no window can be opened here: {why}. Use: invado run SCENARIO"
        ))
    })?;
    let mut app = App {
        session,
        looks,
        context,
        egui: egui::Context::default(),
        live: None,
        failure: None,
    };
    style::apply(&app.egui);
    events
        .run_app(&mut app)
        .context("the window's event loop ended with an error")?;
    match app.failure {
        Some(failure) => Err(failure),
        None => Ok(app.session),
    }
}

struct App {
    session: Session,
    looks: Looks,
    context: GpuContext,
    egui: egui::Context,
    live: Option<Live>,
    failure: Option<anyhow::Error>,
}

/// What exists while there is a window.
struct Live {
    window: Arc<Window>,
    surface: wgpu::Surface<'static>,
    config: wgpu::SurfaceConfiguration,
    input: egui_winit::State,
    renderer: Renderer,
    scene: Scene,
    /// When egui wants another frame although nothing happens.
    repaint_at: Option<Instant>,
}

impl Live {
    fn new(
        context: &GpuContext,
        egui: &egui::Context,
        events: &ActiveEventLoop,
        title: &str,
    ) -> anyhow::Result<Self> {
        let attributes = Window::default_attributes()
            .with_title(format!("invado — {title}"))
            .with_inner_size(LogicalSize::new(1280.0, 800.0))
            .with_min_inner_size(LogicalSize::new(720.0, 480.0));
        let window = Arc::new(
            events
                .create_window(attributes)
                .context("the window cannot be made")?,
        );
        let surface = context
            .instance
            .create_surface(window.clone())
            .context("the window has no surface")?;
        let capabilities = surface.get_capabilities(&context.adapter);
        // egui blends in gamma space and wants bytes stored as they are.
        let format = capabilities
            .formats
            .iter()
            .copied()
            .find(|f| {
                matches!(
                    f,
                    wgpu::TextureFormat::Bgra8Unorm | wgpu::TextureFormat::Rgba8Unorm
                )
            })
            .or_else(|| capabilities.formats.first().copied())
            .ok_or_else(|| {
                anyhow!(
                    "{} cannot draw to this window; try another --adapter",
                    context.summary().name
                )
            })?;
        let size = window.inner_size();
        let mut config = surface
            .get_default_config(&context.adapter, size.width.max(1), size.height.max(1))
            .ok_or_else(|| anyhow!("{} cannot draw to this window", context.summary().name))?;
        config.format = format;
        config.present_mode = wgpu::PresentMode::AutoVsync;
        surface.configure(&context.device, &config);
        let side = context.device.limits().max_texture_dimension_2d as usize;
        let scale = window.scale_factor() as f32;
        let input = egui_winit::State::new(
            egui.clone(),
            egui.viewport_id(),
            &window,
            Some(scale),
            window.theme(),
            Some(side),
        );
        Ok(Self {
            input,
            renderer: Renderer::new(&context.device, format, RendererOptions::default()),
            scene: Scene::new(context),
            window,
            surface,
            config,
            repaint_at: None,
        })
    }

    fn resize(&mut self, context: &GpuContext, width: u32, height: u32) {
        // A minimised window has no area; its surface keeps the last one.
        let side = context.device.limits().max_texture_dimension_2d;
        if width > 0 && height > 0 {
            (self.config.width, self.config.height) = (width.min(side), height.min(side));
            self.surface.configure(&context.device, &self.config);
        }
    }
}

impl ApplicationHandler for App {
    fn resumed(&mut self, events: &ActiveEventLoop) {
        if self.live.is_some() {
            return;
        }
        match Live::new(
            &self.context,
            &self.egui,
            events,
            self.session.model().title(),
        ) {
            Ok(live) => {
                live.window.request_redraw();
                self.live = Some(live);
            }
            Err(error) => {
                self.failure = Some(error);
                events.exit();
            }
        }
    }

    fn suspended(&mut self, _events: &ActiveEventLoop) {
        // The surface dies with the native window; the session lives on.
        self.live = None;
    }

    fn window_event(&mut self, events: &ActiveEventLoop, _id: WindowId, event: WindowEvent) {
        let Some(live) = &mut self.live else { return };
        let response = live.input.on_window_event(&live.window, &event);
        match event {
            WindowEvent::CloseRequested => events.exit(),
            WindowEvent::Resized(size) => {
                live.resize(&self.context, size.width, size.height);
                live.window.request_redraw();
            }
            WindowEvent::RedrawRequested => {
                if let Err(error) = self.frame() {
                    self.failure = Some(error);
                    events.exit();
                }
            }
            _ if response.repaint => live.window.request_redraw(),
            _ => {}
        }
    }

    fn about_to_wait(&mut self, events: &ActiveEventLoop) {
        let Some(live) = &self.live else { return };
        if self.session.playing() || live.repaint_at.is_some_and(|at| at <= Instant::now()) {
            live.window.request_redraw();
        }
        events.set_control_flow(match (self.session.playing(), live.repaint_at) {
            (true, _) => ControlFlow::Poll,
            (false, Some(at)) => ControlFlow::WaitUntil(at),
            (false, None) => ControlFlow::Wait,
        });
    }
}

impl App {
    /// One frame: time passes, egui lays out, the scene is painted, the surface is shown.
    fn frame(&mut self) -> anyhow::Result<()> {
        let Some(live) = &mut self.live else {
            return Ok(());
        };
        let size = live.window.inner_size();
        if size.width == 0 || size.height == 0 {
            self.session.tick(WORK);
            return Ok(());
        }
        self.session.tick(WORK);
        let raw = live.input.take_egui_input(&live.window);
        let texture = live.scene.texture_id();
        let (session, looks) = (&mut self.session, &mut self.looks);
        let mut output = self
            .egui
            .run_ui(raw, |ui| lay_out(ui, session, looks, texture));
        live.input
            .handle_platform_output(&live.window, output.platform_output);
        live.repaint_at = output
            .viewport_output
            .values()
            .map(|viewport| viewport.repaint_delay)
            .min()
            .and_then(|delay| Instant::now().checked_add(delay));
        let had_texture = texture.is_some();
        live.scene.paint(
            &self.context,
            &mut live.renderer,
            &self.session,
            &self.looks,
        );
        if !had_texture {
            live.window.request_redraw();
        }

        let context = &self.context;
        let jobs = self.egui.tessellate(output.shapes, output.pixels_per_point);
        for (id, deltas) in output.textures_delta.set.drain() {
            for delta in &deltas {
                live.renderer
                    .update_texture(&context.device, &context.queue, id, delta);
            }
        }
        let shown = match live.surface.get_current_texture() {
            wgpu::CurrentSurfaceTexture::Success(texture)
            | wgpu::CurrentSurfaceTexture::Suboptimal(texture) => Some(texture),
            wgpu::CurrentSurfaceTexture::Outdated | wgpu::CurrentSurfaceTexture::Lost => {
                live.surface.configure(&context.device, &live.config);
                live.window.request_redraw();
                None
            }
            // Nothing can be shown now; the next frame tries again.
            _ => None,
        };
        if let Some(shown) = shown {
            let screen = ScreenDescriptor {
                size_in_pixels: [live.config.width, live.config.height],
                pixels_per_point: output.pixels_per_point,
            };
            let mut encoder =
                context
                    .device
                    .create_command_encoder(&wgpu::CommandEncoderDescriptor {
                        label: Some("invado.window.encoder"),
                    });
            let extra = live.renderer.update_buffers(
                &context.device,
                &context.queue,
                &mut encoder,
                &jobs,
                &screen,
            );
            let target = shown
                .texture
                .create_view(&wgpu::TextureViewDescriptor::default());
            {
                let mut pass = encoder
                    .begin_render_pass(&wgpu::RenderPassDescriptor {
                        label: Some("invado.window.pass"),
                        color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                            view: &target,
                            depth_slice: None,
                            resolve_target: None,
                            ops: wgpu::Operations {
                                load: wgpu::LoadOp::Clear(wgpu::Color::WHITE),
                                store: wgpu::StoreOp::Store,
                            },
                        })],
                        ..Default::default()
                    })
                    .forget_lifetime();
                live.renderer.render(&mut pass, &jobs, &screen);
            }
            context
                .queue
                .submit(extra.into_iter().chain([encoder.finish()]));
            live.window.pre_present_notify();
            context.queue.present(shown);
        }
        for id in output.textures_delta.free.drain() {
            live.renderer.free_texture(&id);
        }
        context.check().map_err(Into::into)
    }
}

/// The panel at the left, the scene in the rest.
fn lay_out(
    ui: &mut egui::Ui,
    session: &mut Session,
    looks: &mut Looks,
    texture: Option<egui::TextureId>,
) {
    let margin = egui::Frame::side_top_panel(ui.style()).inner_margin(12.0);
    egui::Panel::left("panel")
        .frame(margin)
        .exact_size(PANEL_WIDTH)
        .resizable(false)
        .show(ui, |ui| panel::show(ui, session, looks));
    let frame = egui::Frame::NONE.fill(egui::Color32::WHITE);
    egui::CentralPanel::default().frame(frame).show(ui, |ui| {
        let scale = ui.ctx().pixels_per_point();
        let (rect, response) =
            ui.allocate_exact_size(ui.available_size(), egui::Sense::click_and_drag());
        looks.view.size_px =
            [rect.width(), rect.height()].map(|v| (v * scale).round().max(1.0) as u32);
        navigate(ui, &response, rect, session, looks);
        if let Some(texture) = texture {
            let whole = egui::Rect::from_min_max(egui::Pos2::ZERO, egui::pos2(1.0, 1.0));
            ui.painter()
                .image(texture, rect, whole, egui::Color32::WHITE);
        }
        let moment = Moment {
            model: session.model(),
            state: session.state(),
            bath_nm: session.simulation().bath_nm(),
        };
        let view = looks.view.settled(session.state());
        marks::draw(
            ui.painter(),
            rect,
            scale,
            &annotate(&view, session.model().grid(), &labels(&moment)),
        );
    });
}

/// Drag pans, the wheel zooms about the pointer, a double click fits.
fn navigate(
    ui: &egui::Ui,
    response: &egui::Response,
    rect: egui::Rect,
    session: &Session,
    looks: &mut Looks,
) {
    if response.double_clicked() {
        looks.view.framing = Framing::Fit;
        return;
    }
    let scale = ui.ctx().pixels_per_point();
    let viewport = looks.view.viewport(session.model().grid());
    let drag = response.drag_delta() * scale;
    let wheel = if response.hovered() {
        ui.input(|i| i.smooth_scroll_delta().y)
    } else {
        0.0
    };
    if drag == egui::Vec2::ZERO && wheel == 0.0 {
        return;
    }
    let factor = f64::from((-wheel * 0.003).exp());
    let (mut centre, um_per_px) = (viewport.centre_um, viewport.um_per_px * factor);
    if let Some(pointer) = response.hover_pos().filter(|_| wheel != 0.0) {
        let px = (pointer - rect.min) * scale;
        let under = viewport.to_um([f64::from(px.x), f64::from(px.y)]);
        for axis in 0..2 {
            centre[axis] = under[axis] + (centre[axis] - under[axis]) * factor;
        }
    }
    // The picture's y points down, the box's up.
    centre[0] -= f64::from(drag.x) * um_per_px;
    centre[1] += f64::from(drag.y) * um_per_px;
    looks.view.framing = Framing::At {
        centre_um: centre,
        um_per_px,
    };
}
