//! The window's surface: configured, resized, and made again when it is lost.

use std::sync::Arc;

use winit::window::Window;

use crate::gpu::GpuContext;

use super::ViewerError;

/// A surface with its configuration.
pub(super) struct Surface {
    context: GpuContext,
    window: Arc<Window>,
    surface: wgpu::Surface<'static>,
    config: wgpu::SurfaceConfiguration,
    losses: u32,
}

/// What to do with a frame.
pub(super) enum Frame {
    /// Draw into this.
    Draw(wgpu::SurfaceTexture),
    /// Draw nothing this time; try again soon.
    Skip,
    /// Nothing will come any more.
    Dead,
}

/// Losses in a row after which there is no hope.
const PATIENCE: u32 = 5;

impl Surface {
    /// A surface on a window.
    ///
    /// # Errors
    /// The adapter cannot draw to it.
    pub(super) fn new(context: &GpuContext, window: &Arc<Window>) -> Result<Self, ViewerError> {
        let refused = |why: String| ViewerError::Surface {
            adapter: context.summary().name.clone(),
            why,
        };
        let surface = context
            .instance
            .create_surface(window.clone())
            .map_err(|error| refused(error.to_string()))?;
        let offered = surface.get_capabilities(&context.adapter);
        let format = egui_wgpu::preferred_framebuffer_format(&offered.formats)
            .map_err(|_| refused("it does not support this display".to_string()))?;
        let size = window.inner_size();
        let mut config = surface
            .get_default_config(&context.adapter, size.width.max(1), size.height.max(1))
            .ok_or_else(|| refused("it does not support this display".to_string()))?;
        config.format = format;
        config.present_mode = wgpu::PresentMode::AutoVsync;
        let this = Self {
            context: context.clone(),
            window: window.clone(),
            surface,
            config,
            losses: 0,
        };
        this.configure();
        Ok(this)
    }

    fn configure(&self) {
        self.context.configure(&self.surface, &self.config);
    }

    /// What the surface stores.
    pub(super) fn format(&self) -> wgpu::TextureFormat {
        self.config.format
    }

    /// Takes on the size of the window, px, which is above 0.
    pub(super) fn fit(&mut self, size_px: [u32; 2]) {
        let most = self.context.device.limits().max_texture_dimension_2d;
        let size = size_px.map(|px| px.clamp(1, most));
        if size != [self.config.width, self.config.height] {
            [self.config.width, self.config.height] = size;
            self.configure();
        }
    }

    /// The next texture to draw into.
    pub(super) fn next(&mut self) -> Frame {
        use wgpu::CurrentSurfaceTexture as Current;
        match self.surface.get_current_texture() {
            Current::Success(texture) | Current::Suboptimal(texture) => {
                self.losses = 0;
                Frame::Draw(texture)
            }
            Current::Timeout | Current::Occluded => Frame::Skip,
            Current::Outdated => {
                self.configure();
                Frame::Skip
            }
            Current::Lost | Current::Validation => {
                self.losses += 1;
                log::warn!(
                    "the window's surface was lost ({} of {PATIENCE})",
                    self.losses
                );
                if self.losses >= PATIENCE {
                    return Frame::Dead;
                }
                match self.context.instance.create_surface(self.window.clone()) {
                    Ok(surface) => {
                        self.surface = surface;
                        self.configure();
                        Frame::Skip
                    }
                    Err(_) => Frame::Dead,
                }
            }
        }
    }
}
