//! Pictures of a state: one [`View`] drawn by two painters, [`cpu`] and [`gpu`], that give the same picture, and the
//! [`annotation`] marks (scale bar, clock, legends) that go on top of either.
//!
//! Colours are blended as sRGB bytes, in the picture and on the GPU alike. The x axis points right, the y axis up.

pub mod annotation;
pub mod cpu;
pub mod figure;
pub mod gpu;
pub mod lettering;
pub mod palette;

mod frame;
mod range;
mod viewport;

pub use frame::{BY_SPEED, BY_TYPE, Frame};
pub use range::{Range, round_up, tick_step};
pub use viewport::Viewport;

use crate::model::{FieldKind, Grid};
use crate::state::{HostState, signal};

/// What cells are coloured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Colouring {
    /// Cell type.
    Type,
    /// Phosphorylated FAK (pY397), 0…1.
    Pfak,
    /// Phosphorylated ERK, 0…1.
    Perk,
    /// Crawling speed, µm/h.
    Speed,
}

impl Colouring {
    /// Every colouring, in the order in which a menu offers them.
    pub const ALL: [Colouring; 4] = [
        Colouring::Type,
        Colouring::Pfak,
        Colouring::Perk,
        Colouring::Speed,
    ];

    /// Title of the legend.
    pub const fn title(self) -> &'static str {
        match self {
            Colouring::Type => "Cell type",
            Colouring::Pfak => "pFAK (Y397)",
            Colouring::Perk => "pERK",
            Colouring::Speed => "Cell speed",
        }
    }

    /// What the legend's numbers are in.
    pub const fn unit(self) -> &'static str {
        match self {
            Colouring::Type => "",
            Colouring::Pfak | Colouring::Perk => "fraction",
            Colouring::Speed => "µm/h",
        }
    }

    /// The range that an untouched [`Range::Auto`] takes: fixed, so that pictures of different times and doses compare.
    pub const fn usual_range(self) -> [f64; 2] {
        match self {
            Colouring::Type => [0.0, 255.0],
            Colouring::Pfak | Colouring::Perk => [0.0, 0.6],
            Colouring::Speed => [0.0, 60.0],
        }
    }

    /// The row of the signalling states that is shown, if it is one.
    pub const fn signal(self) -> Option<usize> {
        match self {
            Colouring::Pfak => Some(signal::PFAK),
            Colouring::Perk => Some(signal::PERK),
            Colouring::Type | Colouring::Speed => None,
        }
    }
}

/// Which part of the box is seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Framing {
    /// The whole box, as large as the picture allows.
    Fit,
    /// A point in the middle of the picture, at a scale.
    At {
        /// x and y of the middle, µm.
        centre_um: [f64; 2],
        /// Scale, µm per pixel.
        um_per_px: f64,
    },
}

/// Everything that decides what a picture shows.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Width and height of the picture, px, each at least 1.
    pub size_px: [u32; 2],
    /// The field behind the cells.
    pub field: Option<FieldKind>,
    /// What the field's colours span, in the field's unit.
    pub field_range: Range,
    /// Whether cells are drawn.
    pub cells: bool,
    /// What cells are coloured by.
    pub colouring: Colouring,
    /// What the cells' colours span, in the colouring's unit.
    pub cell_range: Range,
    /// Which part of the box is seen.
    pub framing: Framing,
    /// Height of the plane that is shown in 3-D, µm; the middle of the box if `None`.
    pub slice_um: Option<f64>,
    /// Whether room is left beside the box for the [`annotation`] marks.
    pub margins: bool,
}

impl View {
    /// Cells by type and no field, fitted into a picture with margins.
    pub fn new(size_px: [u32; 2]) -> Self {
        Self {
            size_px,
            field: None,
            field_range: Range::Auto,
            cells: true,
            colouring: Colouring::Type,
            cell_range: Range::Auto,
            framing: Framing::Fit,
            slice_um: None,
            margins: true,
        }
    }

    /// What a model is best seen by: cells by their type where there are several, else by pFAK, over the field that varies most
    /// over the box, with ranges that do not change from picture to picture.
    pub fn of(model: &crate::model::Model, size_px: [u32; 2]) -> Self {
        let has = |kind| model.field(kind).is_some();
        let (field, field_range) = if has(FieldKind::Attractant) {
            (Some(FieldKind::Attractant), Range::Auto)
        } else if has(FieldKind::Fak) {
            // A confluent, untreated monolayer reaches 0.4.
            (Some(FieldKind::Fak), Range::Fixed([0.0, 0.4]))
        } else {
            (model.fields().first().map(|f| f.kind), Range::Auto)
        };
        Self {
            field,
            field_range,
            colouring: match model.cell_types().len() {
                0 | 1 => Colouring::Pfak,
                _ => Colouring::Type,
            },
            ..Self::new(size_px)
        }
    }

    /// The view with its automatic field range fixed from the state: from 0 (or the least value, if negative) to the
    /// largest value rounded up. A field that the state does not have is dropped.
    ///
    /// The GPU painter and the legend need this once, because neither looks at the values.
    #[must_use]
    pub fn settled(&self, state: &HostState) -> Self {
        let mut view = self.clone();
        match self.field.and_then(|kind| state.field(kind)) {
            None => view.field = None,
            Some(values) => view.field_range = self.field_range.settled(values),
        }
        view
    }

    /// Lower and upper end of the field's colours, in the field's unit.
    pub fn field_bounds(&self) -> [f64; 2] {
        self.field_range.bounds([0.0, 1.0])
    }

    /// Lower and upper end of the cells' colours, in the colouring's unit.
    pub fn cell_bounds(&self) -> [f64; 2] {
        match self.colouring {
            Colouring::Type => self.colouring.usual_range(),
            other => self.cell_range.bounds(other.usual_range()),
        }
    }

    /// Where the box lies in the picture.
    pub fn viewport(&self, grid: &Grid) -> Viewport {
        Viewport::new(self, grid)
    }

    /// Height of the plane that is shown, µm.
    pub fn slice_um(&self, grid: &Grid) -> f64 {
        let depth_um = grid.size_um()[2];
        if grid.dimensions < 3 {
            return 0.5 * depth_um;
        }
        self.slice_um.unwrap_or(0.5 * depth_um).clamp(0.0, depth_um)
    }
}
