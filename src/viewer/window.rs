//! The window: winit's events in, egui's shapes out.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use egui_wgpu::{Renderer, RendererOptions};
use winit::application::ApplicationHandler;
use winit::dpi::LogicalSize;
use winit::event::WindowEvent;
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoop};
use winit::window::{Window, WindowId};

use crate::gpu::{GpuContext, adapters};
use crate::simulation::EngineError;

use super::app::App;
use super::draw::Drawing;
use super::presenter::{Presenter, SharedRenderer};
use super::scene::Scene;
use super::surface::Surface;
use super::worker::Wake;
use super::{Closed, DeviceSource, Start, ViewerError, style};

/// Frames are at least this far apart, where the display does not set the pace.
const FRAME: Duration = Duration::from_millis(16);
/// Losses of the device after which there is no hope.
const MOST_RENEWALS: u32 = 5;
/// Wait after a frame that could not be drawn.
const RETRY: Duration = Duration::from_millis(100);

/// Another thread has news.
struct News;

/// Opens the window and returns what was played, scenario by scenario, when it is closed. To be called from the main
/// thread, once in a process.
///
/// # Errors
/// There is no display, the adapter cannot draw to it, or it was lost for good.
pub fn open(start: Start) -> Result<Closed, ViewerError> {
    let refused = |error: winit::error::EventLoopError| ViewerError::Window(told(&error));
    let event_loop = EventLoop::<News>::with_user_event()
        .build()
        .map_err(refused)?;
    let proxy = event_loop.create_proxy();
    let wake: Wake = Arc::new(move || {
        // A window that has closed wants no news.
        let _ = proxy.send_event(News);
    });
    let mut shell = Shell {
        device: start.device,
        renewals: 0,
        bound: start.bound,
        app: App::new(start.plan, start.make_engine, wake.clone()),
        wake,
        title: String::new(),
        open: None,
        redraw_at: None,
        due: None,
        framed_at: None,
        waiting: false,
        visible: true,
        stalls: Stalls::default(),
        failure: None,
    };
    event_loop.run_app(&mut shell).map_err(refused)?;
    Ok(Closed {
        played: shell.app.finish(),
        failure: shell.failure.take(),
    })
}

/// The longest time for which the window's thread kept the display waiting, logged once a second at debug level.
#[derive(Default)]
struct Stalls {
    longest: Duration,
    logged_at: Option<Instant>,
}

impl Stalls {
    /// A frame that was due at a time has begun and ended.
    fn note(&mut self, due: Instant, end: Instant) {
        self.longest = self.longest.max(end.saturating_duration_since(due));
        let since = *self.logged_at.get_or_insert(end);
        if end - since >= Duration::from_secs(1) {
            log::debug!("stall {:.1}", 1e3 * self.longest.as_secs_f64());
            (self.longest, self.logged_at) = (Duration::ZERO, Some(end));
        }
    }
}

struct Shell {
    device: DeviceSource,
    /// How often the device was lost.
    renewals: u32,
    /// Whether the engines compute on that device.
    bound: bool,
    app: App,
    wake: Wake,
    title: String,
    open: Option<Opened>,
    /// When the next frame is due; `None`: when something happens.
    redraw_at: Option<Instant>,
    /// When the frame that was asked for was due.
    due: Option<Instant>,
    /// When the last frame began.
    framed_at: Option<Instant>,
    /// A frame was asked for that could not be made yet.
    waiting: bool,
    visible: bool,
    stalls: Stalls,
    failure: Option<ViewerError>,
}

/// What exists once there is a window. The presenter, with the surface, goes before the window.
struct Opened {
    context: GpuContext,
    presenter: Presenter,
    renderer: SharedRenderer,
    scene: Scene,
    egui: egui_winit::State,
    window: Arc<Window>,
}

impl Opened {
    /// A new window.
    fn new(
        event_loop: &ActiveEventLoop,
        title: &str,
        context: &GpuContext,
        bound: bool,
        wake: Wake,
    ) -> Result<Self, ViewerError> {
        let attributes = Window::default_attributes()
            .with_title(title)
            .with_inner_size(LogicalSize::new(1280.0, 800.0))
            .with_min_inner_size(LogicalSize::new(720.0, 480.0));
        let window = event_loop
            .create_window(attributes)
            .map_err(|error| ViewerError::Window(told(&error)))?;
        Self::on(Arc::new(window), context, bound, wake)
    }

    /// All that draws into a window. `bound`: whether the state lives on the context's device, so that no other can draw it.
    fn on(
        window: Arc<Window>,
        context: &GpuContext,
        bound: bool,
        wake: Wake,
    ) -> Result<Self, ViewerError> {
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
        let options = RendererOptions {
            // Costs a software adapter a third of its time and is not seen on flat grounds.
            dithering: false,
            ..RendererOptions::default()
        };
        let renderer = Renderer::new(&context.device, surface.format(), options);
        let renderer = Arc::new(Mutex::new(renderer));
        Ok(Self {
            scene: Scene::new(&context),
            presenter: Presenter::new(&context, surface, renderer.clone(), wake),
            renderer,
            context,
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
    /// Lays out one frame and hands it to the display.
    fn frame(&mut self, event_loop: &ActiveEventLoop) {
        let Some(open) = self.open.as_mut() else {
            return;
        };
        if open.presenter.is_dead() || open.context.probe().is_err() {
            return self.renew(event_loop);
        }
        let size = open.window.inner_size();
        if open.presenter.is_busy() || size.width == 0 || size.height == 0 {
            // The display is behind, or the window is minimised: what has come is laid out with the next frame.
            self.waiting = true;
            return;
        }
        let due = self.due.take();
        self.redraw_at = None;
        self.waiting = false;
        let now = Instant::now();
        self.framed_at = Some(now);
        self.app.adapter = open.context.summary().to_string();
        let input = open.egui.take_egui_input(&open.window);
        let ctx = open.egui.egui_ctx().clone();
        let mut renderer = open.renderer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut output = ctx.run_ui(input, |ui| {
            self.app.ui(ui, Some((&mut open.scene, &mut renderer)));
        });
        let title = self.app.title();
        if title != self.title {
            open.window.set_title(&title);
            self.title = title;
        }
        let platform = std::mem::take(&mut output.platform_output);
        open.egui.handle_platform_output(&open.window, platform);
        let delay = output
            .viewport_output
            .get(&egui::ViewportId::ROOT)
            .map_or(Duration::MAX, |viewport| viewport.repaint_delay);
        if delay < Duration::MAX {
            self.redraw_at = now.checked_add(delay.max(FRAME));
        }
        let size_px = [size.width, size.height];
        let drawing = Drawing::new(&open.context, &mut renderer, &ctx, output, size_px);
        drop(renderer);
        open.window.pre_present_notify();
        open.presenter.show(drawing, size_px);
        self.stalls
            .note(due.unwrap_or(now).min(now), Instant::now());
    }

    /// Draws on a new device, in the same window; the course goes on. After a few losses the window closes, and what was
    /// played is recorded.
    fn renew(&mut self, event_loop: &ActiveEventLoop) {
        let Some(old) = self.open.take() else { return };
        let lost = EngineError::Device("the window's surface was lost".to_string());
        let why = old.context.check().err().unwrap_or(lost);
        log::warn!("{why}");
        self.renewals += 1;
        let (window, theme) = (old.window.clone(), old.egui.egui_ctx().theme());
        drop(old);
        self.app.forget_textures();
        let renewed = if self.renewals > MOST_RENEWALS {
            Err(why.into())
        } else {
            let device = (self.device)().map_err(ViewerError::from);
            device.and_then(|device| Opened::on(window, &device, self.bound, self.wake.clone()))
        };
        match renewed {
            Ok(open) => {
                open.egui.egui_ctx().set_theme(theme);
                self.open = Some(open);
                self.redraw(FRAME);
            }
            Err(error) => {
                self.failure = Some(error);
                event_loop.exit();
            }
        }
    }

    /// Asks for a frame as soon as one may follow the last.
    fn redraw(&mut self, apart: Duration) {
        let now = Instant::now();
        let at = self.framed_at.map_or(now, |last| now.max(last + apart));
        self.redraw_at = Some(self.redraw_at.map_or(at, |sooner| sooner.min(at)));
    }
}

impl ApplicationHandler<News> for Shell {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        if self.open.is_some() {
            return;
        }
        let wake = self.wake.clone();
        let title = self.app.title();
        let opened = (self.device)()
            .map_err(ViewerError::from)
            .and_then(|device| Opened::new(event_loop, &title, &device, self.bound, wake));
        match opened {
            Ok(open) => {
                self.open = Some(open);
                self.redraw(FRAME);
            }
            Err(error) => {
                self.failure = Some(error);
                event_loop.exit();
            }
        }
    }

    fn user_event(&mut self, _: &ActiveEventLoop, _: News) {
        let Some(open) = &self.open else { return };
        if open.presenter.has_skipped() {
            self.redraw(RETRY);
        } else if self.waiting && !open.presenter.is_busy() {
            self.redraw(FRAME);
        } else if self.app.has_news() {
            // On a slow device pictures of a course that plays leave half of the time to the course itself.
            let apart = FRAME.max(2 * open.presenter.took());
            self.redraw(apart);
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
                    self.redraw(FRAME);
                }
            }
        }
    }

    fn about_to_wait(&mut self, event_loop: &ActiveEventLoop) {
        let due = self.redraw_at.filter(|_| self.visible);
        let flow = match (due, &self.open) {
            (Some(at), Some(open)) if at <= Instant::now() => {
                self.redraw_at = None;
                self.due = Some(at);
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
