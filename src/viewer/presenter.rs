//! The thread that presents: it waits for the display and for a slow device, so that the window's thread never does.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use egui_wgpu::Renderer;

use super::draw::Drawing;
use super::surface::{Frame, Surface};
use super::worker::Wake;
use crate::gpu::GpuContext;

/// The renderer, which the window's thread and the presenting one use in turns.
pub(super) type SharedRenderer = Arc<Mutex<Renderer>>;

/// What the window's thread knows of the presenting one.
#[derive(Default)]
struct Shared {
    busy: AtomicBool,
    dead: AtomicBool,
    /// The last frame could not be shown and should be drawn anew.
    skipped: AtomicBool,
    took: Mutex<Duration>,
}

/// The window's end of the thread.
pub(super) struct Presenter {
    shared: Arc<Shared>,
    frames: Option<Sender<(Drawing, [u32; 2])>>,
    thread: Option<JoinHandle<()>>,
}

impl Presenter {
    /// Takes a surface; `wake` is called after each frame.
    pub(super) fn new(
        context: &GpuContext,
        mut surface: Surface,
        renderer: SharedRenderer,
        wake: Wake,
    ) -> Self {
        let (frames, orders) = channel::<(Drawing, [u32; 2])>();
        let shared = Arc::new(Shared::default());
        let (own, context) = (shared.clone(), context.clone());
        let work = move || {
            for (drawing, size_px) in orders {
                let start = Instant::now();
                present(&context, &mut surface, &renderer, drawing, size_px, &own);
                *own.took.lock().unwrap_or_else(PoisonError::into_inner) = start.elapsed();
                own.busy.store(false, Ordering::Release);
                wake();
            }
        };
        let thread = std::thread::Builder::new().name("invado display".to_string());
        let thread = thread.spawn(work).ok();
        Self {
            shared,
            frames: Some(frames),
            thread,
        }
    }

    /// Whether a frame is still on its way: none is to be made before.
    pub(super) fn is_busy(&self) -> bool {
        self.shared.busy.load(Ordering::Acquire)
    }

    /// Whether nothing will ever be shown again: the surface is lost, or the thread has ended by itself.
    pub(super) fn is_dead(&self) -> bool {
        let has_ended = self.thread.as_ref().is_none_or(JoinHandle::is_finished);
        has_ended || self.shared.dead.load(Ordering::Acquire)
    }

    /// Whether the last frame was not shown; asked once for each.
    pub(super) fn has_skipped(&self) -> bool {
        self.shared.skipped.swap(false, Ordering::AcqRel)
    }

    /// How long the last frame took.
    pub(super) fn took(&self) -> Duration {
        *self
            .shared
            .took
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a frame over.
    pub(super) fn show(&self, drawing: Drawing, size_px: [u32; 2]) {
        self.shared.busy.store(true, Ordering::Release);
        let sent = self
            .frames
            .as_ref()
            .is_some_and(|to| to.send((drawing, size_px)).is_ok());
        if !sent {
            self.shared.dead.store(true, Ordering::Release);
        }
    }
}

impl Drop for Presenter {
    fn drop(&mut self) {
        // The surface goes with the thread, before the window that it is on.
        self.frames = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            log::error!("the presenting thread ended unexpectedly");
        }
    }
}

fn present(
    context: &GpuContext,
    surface: &mut Surface,
    renderer: &SharedRenderer,
    mut drawing: Drawing,
    size_px: [u32; 2],
    shared: &Shared,
) {
    surface.fit(size_px);
    let next = surface.next();
    let mut renderer = renderer.lock().unwrap_or_else(PoisonError::into_inner);
    match next {
        Frame::Draw(texture) => {
            let view = texture
                .texture
                .create_view(&wgpu::TextureViewDescriptor::default());
            drawing.paint(&renderer, &view);
            drawing.submit(context, &mut renderer);
            drop(renderer);
            context.queue.present(texture);
        }
        Frame::Skip => {
            drawing.submit(context, &mut renderer);
            shared.skipped.store(true, Ordering::Release);
        }
        Frame::Dead => shared.dead.store(true, Ordering::Release),
    }
}
