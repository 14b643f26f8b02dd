//! Pictures of a state: one [`View`] drawn by two painters, [`cpu`] and [`gpu`], that give the same picture, and the
//! [`annotation`] marks (scale bar, clock, legends) that go on top of either.
//!
//! A 2-D box is seen from above. A 3-D one is seen from outside ([`Space`]): cells as balls, fields on planes; or in one plane.
//!
//! Colours are blended as sRGB bytes, in the picture and on the GPU alike. The x axis points right, the y axis up.

pub mod annotation;
pub mod cpu;
pub mod difference;
pub mod figure;
pub mod gpu;
pub mod lettering;
pub mod palette;

mod eye;
mod frame;
mod grain;
mod pick;
mod range;
mod space;
mod viewport;

use std::sync::Arc;

pub use crate::model::{CellShape, Clip, Colouring, Projection};
pub use eye::Eye;
pub use frame::{Frame, Slots};
pub use grain::Grain;
pub use pick::pick;
pub use range::{Range, round_up, tick_step};
pub use space::{Camera, Fineness, Space};
pub use viewport::Viewport;

use crate::model::{FieldKind, Grid, Model};
use crate::state::{HostState, Phase};
use difference::Compared;
use palette::{Colour, N_COLOURS};

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
    /// Phases that the legend names; all if empty.
    pub phases: Vec<Phase>,
    /// What the cells' colours span, in the colouring's unit.
    pub cell_range: Range,
    /// How cells are drawn from above.
    pub shape: CellShape,
    /// Whether the field has lines at the levels that its legend names.
    pub contours: bool,
    /// The matrix of a 2-D box as a texture.
    pub matrix: Option<Arc<Grain>>,
    /// Which part of the box is seen from above.
    pub framing: Framing,
    /// Height of the plane that is shown of a 3-D box from above, µm; the middle of the box if `None`.
    pub slice_um: Option<f64>,
    /// How a 3-D box is seen from outside; from above if `None`.
    pub space: Option<Space>,
    /// What the field is the difference of, if it is one; see [`difference::difference`].
    pub difference: Option<Compared>,
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
            phases: Vec::new(),
            cell_range: Range::Auto,
            shape: CellShape::Disc,
            contours: false,
            matrix: None,
            framing: Framing::Fit,
            slice_um: None,
            space: None,
            difference: None,
            margins: true,
        }
    }

    /// What a scenario says of its pictures (`[view]`), and for what it leaves open what the model is best seen by: cells by their
    /// type where there are several, else by pFAK, over the field that varies most over the box, with ranges that do not
    /// change from picture to picture.
    pub fn of(model: &Model, size_px: [u32; 2]) -> Self {
        let picture = model.picture();
        let (field, range) = usual_field(model);
        let (field, range) = match picture.field {
            None => (field, range),
            Some(chosen) if chosen == field => (field, range),
            Some(chosen) => (chosen, Range::Auto),
        };
        let space = Space::of(picture, model.grid());
        Self {
            field,
            field_range: picture.field_range.map_or(range, Range::Fixed),
            cells: picture.cells.unwrap_or(true),
            colouring: picture.colouring.unwrap_or(match model.cell_types().len() {
                0 | 1 => Colouring::Pfak,
                _ => Colouring::Type,
            }),
            phases: model.phases(),
            cell_range: picture.cell_range.map_or(Range::Auto, Range::Fixed),
            shape: picture.shape,
            contours: picture.contours,
            matrix: picture.matrix.then(|| Arc::new(Grain::of(model))),
            slice_um: picture.slices.and_then(|slices| slices[2]),
            space,
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
            Some(values) if self.difference.is_some() => {
                view.field_range = self.field_range.settled_around_0(values);
            }
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
        let usual = self.colouring.usual_range();
        if self.colouring.is_categorical() {
            usual
        } else {
            self.cell_range.bounds(usual)
        }
    }

    /// Between two contours, and between two numbers of the field's legend, in the field's unit.
    pub fn level_step(&self) -> Option<f64> {
        let [lo, hi] = self.field_bounds();
        (hi > lo).then(|| tick_step(hi - lo, 5))
    }

    /// Between two contours, if they are drawn.
    fn contour_step(&self) -> Option<f64> {
        self.level_step().filter(|_| self.contours)
    }

    /// Colours of the field, low to high.
    pub fn field_table(&self) -> [Colour; N_COLOURS] {
        match (self.difference, self.field) {
            (Some(_), _) => palette::diverging_table(),
            (None, Some(kind)) => palette::field_table(kind),
            (None, None) => [palette::EMPTY; N_COLOURS],
        }
    }

    /// How a box is seen from outside, if it is: a 2-D one never.
    pub fn space(&self, grid: &Grid) -> Option<&Space> {
        self.space.as_ref().filter(|_| grid.dimensions == 3)
    }

    /// Whether the field is in the picture: from outside only on planes.
    fn shows_field(&self, grid: &Grid) -> bool {
        let on_planes = |space: &Space| space.slices_um.iter().any(Option::is_some);
        self.field.is_some() && self.space(grid).is_none_or(on_planes)
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

/// The field that is shown unless a scenario or a person says otherwise, and its range.
pub fn usual_field(model: &Model) -> (Option<FieldKind>, Range) {
    let has = |kind| model.field(kind).is_some();
    if has(FieldKind::Attractant) {
        return (Some(FieldKind::Attractant), Range::Auto);
    }
    if has(FieldKind::Fak) {
        // A confluent, untreated monolayer reaches 0.4.
        return (Some(FieldKind::Fak), Range::Fixed([0.0, 0.4]));
    }
    let deep = model.grid().dimensions == 3 && has(FieldKind::Oxygen);
    let first = model.fields().first().map(|f| f.kind);
    // What a spheroid is about.
    (
        if deep { Some(FieldKind::Oxygen) } else { first },
        Range::Auto,
    )
}
