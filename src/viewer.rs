//! The window: a microscope over running models.
//!
//! The only place that names winit and egui. `course` plays the arms of a scenario on one clock and knows no window,
//! `worker` does so in a thread of its own, `player` is what the window knows of it. `app` lays out a frame: the
//! `gallery`, or a `stage` with `pictures`, `plots`, `clock` and the side `panel`. `window` gives it events and a surface.
//!
//! The window's thread never waits for the simulation: it asks by messages and shows the newest news.

mod app;
mod camera;
mod clock;
mod controls;
mod course;
mod draw;
mod gallery;
mod inspect;
mod keep;
mod keys;
mod lesson;
mod marks;
mod pacing;
mod panel;
mod pictures;
mod player;
mod plots;
mod presenter;
mod scene;
mod session;
mod stage;
mod still;
mod style;
mod surface;
mod window;
mod worker;

pub use controls::Controls;
pub use course::{ArmPlan, Plan};
pub use player::Player;
pub use session::Session;
pub use stage::Stage;
pub use still::Still;
pub use style::apply as apply_style;
pub use window::open;
pub use worker::Wake;

use std::sync::Arc;

use crate::error::UsageError;
use crate::gpu::GpuContext;
use crate::model::Model;
use crate::render::View;
use crate::simulation::{Engine, EngineError};

/// Makes an engine for a model, in the thread that simulates.
pub type EngineMaker = Arc<dyn Fn(&Model) -> Result<Box<dyn Engine>, EngineError> + Send + Sync>;

/// The device that draws, and that computes where engines are on a GPU; opened anew where it was lost.
pub type DeviceSource = Arc<dyn Fn() -> Result<GpuContext, UsageError> + Send + Sync>;

/// What the window opens on.
pub struct Start {
    /// What is played at once; without it the gallery opens.
    pub plan: Option<Plan>,
    /// Makes the engines.
    pub make_engine: EngineMaker,
    /// Draws the window: the engines' own device; for the CPU engine the first choice.
    pub device: DeviceSource,
    /// Whether the engines compute on that device, so that no other can draw what they hold.
    pub bound: bool,
}

/// What the window leaves.
pub struct Closed {
    /// What was played, scenario by scenario.
    pub played: Vec<Vec<Session>>,
    /// Why the window closed, where nobody closed it.
    pub failure: Option<ViewerError>,
}

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub enum ViewerError {
    /// No display, or it refused a window.
    #[error(
        "no window can be opened: {0}. Without a display use `invado run SCENARIO --images 1h`, which writes pictures"
    )]
    Window(String),
    /// The adapter cannot draw to this display.
    #[error(
        "{adapter} cannot draw into a window here: {why}. Choose another one with --adapter (see: invado list adapters), or compute with --engine cpu, which any adapter can draw"
    )]
    Surface {
        /// The adapter's name.
        adapter: String,
        /// What it said.
        why: String,
    },
    /// No adapter, or none of that name.
    #[error(transparent)]
    Adapter(#[from] UsageError),
    /// The device was lost for good.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Which pictures are seen at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// The selected arm beside the one that it is compared with.
    Twin,
    /// The selected arm.
    Single,
    /// The selected arm less the one that it is compared with.
    Difference,
    /// Every arm.
    All,
}

impl Layout {
    /// Every layout, in the order in which they are offered.
    pub const ALL: [Layout; 4] = [
        Layout::Twin,
        Layout::Single,
        Layout::Difference,
        Layout::All,
    ];

    /// Name of its button.
    pub const fn title(self) -> &'static str {
        match self {
            Layout::Twin => "Twin",
            Layout::Single => "Single",
            Layout::Difference => "Difference",
            Layout::All => "All",
        }
    }

    const fn about(self) -> &'static str {
        match self {
            Layout::Twin => "Two arms side by side from the same seed, under one camera (key 1)",
            Layout::Single => "One arm (key 2)",
            Layout::Difference => "What the treatment changes, voxel by voxel (key 3)",
            Layout::All => "Every arm (key 4)",
        }
    }
}

/// What the window shows besides the simulation itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// The picture; its size follows the window.
    pub view: View,
    /// Which pictures are seen.
    pub layout: Layout,
    /// One line on what draws the window.
    pub adapter: String,
}

impl Look {
    /// What a plan is best seen by.
    pub fn of(plan: &Plan, adapter: String) -> Self {
        Self {
            view: View::of(&plan.arms[0].model, [1, 1]),
            layout: match plan.arms.len() {
                1 => Layout::Single,
                _ => Layout::Twin,
            },
            adapter,
        }
    }

    /// The arms that are seen, from left to right.
    pub fn arms(&self, player: &Player) -> Vec<usize> {
        let (n, selected) = (player.n_arms(), player.selected());
        match self.layout {
            Layout::All => (0..n).collect(),
            Layout::Twin | Layout::Difference if n > 1 => {
                // An arm is compared with the first, and the first with the last.
                let other = if selected == 0 { n - 1 } else { 0 };
                vec![other, selected]
            }
            _ => vec![selected],
        }
    }
}
