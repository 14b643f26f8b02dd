//! The window: winit's events in, egui's shapes out.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui_wgpu::{Renderer, RendererOptions, ScreenDescriptor};
use winit::application::ApplicationHandler;
use winit::dpi::LogicalSize;
use winit::event::WindowEvent;
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoop};
use winit::window::{Window, WindowId};

use crate::gpu::{GpuContext, adapters};
use crate::simulation::EngineError;

use super::app::App;
use super::player::Player;
use super::scene::Scene;
use super::surface::{Frame, Surface};
use super::{Look, Session, Start, ViewerError, style};

/// Frames are at least this far apart, where the display does not set the pace.
const FRAME: Duration = Duration::from_millis(16);
/// Wait after a frame that could not be drawn.
const RETRY: Duration = Duration::from_millis(100);

/// Opens the window and returns when it is closed. To be called from the main thread, once in a process.
///
/// # Errors
/// The model cannot be started, there is no display, the adapter cannot draw to it, or it was lost for good.
pub fn open(start: Start) -> Result<Session, ViewerError> {
    let title = format!("invado — {}", start.model.title());
    let look = Look::of(&start.model, start.context.summary().to_string());
    let player = Player::new(start.model, start.make_engine)?;
    let refused = |error: winit::error::EventLoopError| ViewerError::Window(told(&error));
    let event_loop = EventLoop::new().map_err(refused)?;
    let mut shell = Shell {
        title,
        context: start.context,
        app: App::new(player, look),
        open: None,
        redraw_at: None,
        visible: true,
        failure: None,
    };
    event_loop.run_app(&mut shell).map_err(refused)?;
    match shell.failure.take() {
        Some(error) => Err(error),
        None => Ok(shell.app.player.session()),
    }
}

struct Shell {
    title: String,
    context: GpuContext,
    app: App,
    open: Option<Opened>,
    /// When the next frame is due; `None`: when something happens.
    redraw_at: Option<Instant>,
    visible: bool,
    failure: Option<ViewerError>,
}

/// What exists once there is a window. The surface goes before the window that it is on.
struct Opened {
    context: GpuContext,
    surface: Surface,
    renderer: Renderer,
    scene: Scene,
    egui: egui_winit::State,
    window: Arc<Window>,
}

impl Opened {
    /// `bound`: whether the state lives on the context's device, so that no other can draw it.
    fn new(
        event_loop: &ActiveEventLoop,
        title: &str,
        context: &GpuContext,
        bound: bool,
    ) -> Result<Self, ViewerError> {
        let attributes = Window::default_attributes()
            .with_title(title)
            .with_inner_size(LogicalSize::new(1280.0, 800.0))
            .with_min_inner_size(LogicalSize::new(720.0, 480.0));
        let window = event_loop
            .create_window(attributes)
            .map_err(|error| ViewerError::Window(told(&error)))?;
        let window = Arc::new(window);
        let (context, surface) = drawable(context, &window, bound)?;
        let ctx = egui::Context::default();
        style::apply(&ctx);
        let most = context.device.limits().max_texture_dimension_2d as usize;
        let egui = egui_winit::State::new(
            ctx,
            egui::ViewportId::ROOT,
            &window,
            Some(window.scale_factor() as f32),
            window.theme(),
            Some(most),
        );
        Ok(Self {
            renderer: Renderer::new(
                &context.device,
                surface.format(),
                RendererOptions::default(),
            ),
            scene: Scene::new(&context),
            context,
            surface,
            egui,
            window,
        })
    }
}

/// A device that can draw into the window: the wanted one, or another where it does not matter which.
fn drawable(
    wanted: &GpuContext,
    window: &Arc<Window>,
    bound: bool,
) -> Result<(GpuContext, Surface), ViewerError> {
    let refusal = match Surface::new(wanted, window) {
        Ok(surface) => return Ok((wanted.clone(), surface)),
        Err(error) if bound => return Err(error),
        Err(error) => error,
    };
    for other in adapters() {
        let Ok(context) = GpuContext::new(Some(&other.index.to_string())) else {
            continue;
        };
        if let Ok(surface) = Surface::new(&context, window) {
            return Ok((context, surface));
        }
    }
    Err(refusal)
}

impl Shell {
    /// Plays, lays out and draws one frame.
    fn frame(&mut self, event_loop: &ActiveEventLoop) {
        let Some(open) = self.open.as_mut() else {
            return;
        };
        self.redraw_at = None;
        if !open.surface.fit() {
            // Minimised: time stands still until the window is back.
            return;
        }
        let now = Instant::now();
        self.app.player.advance(now);
        let input = open.egui.take_egui_input(&open.window);
        let ctx = open.egui.egui_ctx().clone();
        let mut output = ctx.run_ui(input, |ui| {
            self.app.ui(ui, &mut open.scene, &mut open.renderer);
        });
        open.egui
            .handle_platform_output(&open.window, output.platform_output);
        let delay = output
            .viewport_output
            .get(&egui::ViewportId::ROOT)
            .map_or(Duration::MAX, |viewport| viewport.repaint_delay);
        let wait = if self.app.player.is_playing() {
            FRAME
        } else {
            delay.max(FRAME)
        };
        self.redraw_at = (delay < Duration::MAX || self.app.player.is_playing())
            .then(|| now.checked_add(wait))
            .flatten();

        let jobs = ctx.tessellate(output.shapes, output.pixels_per_point);
        let (device, queue) = (&open.context.device, &open.context.queue);
        let mut textures = std::mem::take(&mut output.textures_delta);
        for (id, deltas) in textures.set.drain() {
            for delta in deltas {
                open.renderer.update_texture(device, queue, id, &delta);
            }
        }
        let screen = ScreenDescriptor {
            size_in_pixels: open.surface.size_px(),
            pixels_per_point: output.pixels_per_point,
        };
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor {
            label: Some("invado.viewer.frame.encoder"),
        });
        let mut commands =
            open.renderer
                .update_buffers(device, queue, &mut encoder, &jobs, &screen);
        match open.surface.next() {
            Frame::Draw(texture) => {
                paint(&open.renderer, &mut encoder, &texture, &jobs, &screen);
                commands.push(encoder.finish());
                queue.submit(commands);
                open.window.pre_present_notify();
                queue.present(texture);
            }
            Frame::Skip => {
                // Textures and buffers that were written go with a submission, even without a picture.
                commands.push(encoder.finish());
                queue.submit(commands);
                self.redraw_at = Some(now + RETRY);
            }
            Frame::Dead => {
                let lost = EngineError::Device("the window's surface was lost".to_string());
                self.failure = Some(open.context.check().err().unwrap_or(lost).into());
                event_loop.exit();
            }
        }
        for id in textures.free.drain() {
            open.renderer.free_texture(&id);
        }
    }
}

fn paint(
    renderer: &Renderer,
    encoder: &mut wgpu::CommandEncoder,
    texture: &wgpu::SurfaceTexture,
    jobs: &[egui::ClippedPrimitive],
    screen: &ScreenDescriptor,
) {
    let view = texture
        .texture
        .create_view(&wgpu::TextureViewDescriptor::default());
    let pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
        label: Some("invado.viewer.pass"),
        color_attachments: &[Some(wgpu::RenderPassColorAttachment {
            view: &view,
            depth_slice: None,
            resolve_target: None,
            ops: wgpu::Operations {
                load: wgpu::LoadOp::Clear(wgpu::Color::WHITE),
                store: wgpu::StoreOp::Store,
            },
        })],
        ..Default::default()
    });
    renderer.render(&mut pass.forget_lifetime(), jobs, screen);
}

impl ApplicationHandler for Shell {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        if self.open.is_some() {
            return;
        }
        let bound = self.app.player.simulation().engine().gpu_state().is_some();
        match Opened::new(event_loop, &self.title, &self.context, bound) {
            Ok(open) => {
                self.app.look.adapter = open.context.summary().to_string();
                self.open = Some(open);
                self.redraw_at = Some(Instant::now());
            }
            Err(error) => {
                self.failure = Some(error);
                event_loop.exit();
            }
        }
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        let Some(open) = self.open.as_mut() else {
            return;
        };
        match event {
            WindowEvent::CloseRequested => event_loop.exit(),
            WindowEvent::RedrawRequested => self.frame(event_loop),
            event => {
                if let WindowEvent::Occluded(hidden) = event {
                    self.visible = !hidden;
                }
                if open.egui.on_window_event(&open.window, &event).repaint {
                    self.redraw_at = Some(Instant::now());
                }
            }
        }
    }

    fn about_to_wait(&mut self, event_loop: &ActiveEventLoop) {
        let due = self.redraw_at.filter(|_| self.visible);
        let flow = match (due, &self.open) {
            (Some(at), Some(open)) if at <= Instant::now() => {
                self.redraw_at = None;
                open.window.request_redraw();
                ControlFlow::Wait
            }
            (Some(at), _) => ControlFlow::WaitUntil(at),
            (None, _) => ControlFlow::Wait,
        };
        event_loop.set_control_flow(flow);
    }
}

/// What winit says, without the place in its source that it begins with and the full stop that it ends with.
fn told(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let place = text.rsplit_once(".rs:").map(|(_, rest)| rest);
    let why = place.and_then(|rest| rest.split_once(": "));
    let why = why.map_or(text.as_str(), |(_, why)| why);
    why.trim_end_matches('.').to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_user_is_not_told_where_in_winit_it_went_wrong() {
        let said = "os error at /x/winit-0.30/src/linux/mod.rs:765: neither DISPLAY nor WAYLAND_DISPLAY is set.";
        let told = super::told(&said);
        assert_eq!(told, "neither DISPLAY nor WAYLAND_DISPLAY is set");
        assert_eq!(super::told(&"no display"), "no display");
    }
}
