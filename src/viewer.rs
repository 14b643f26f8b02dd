//! The window: a scene, a panel, live plots and a dose that acts at once. The only place that names winit and egui.
//!
//! [`Session`] is the run under the window and knows nothing of drawing; [`panel`] shows and changes it; `scene` paints
//! it into a texture; `window` owns the surface and the events.

mod marks;
pub mod panel;
mod plots;
mod scene;
pub mod session;
mod style;
mod window;

pub use panel::Looks;
pub use session::{EngineFactory, Session};
pub use window::open;
