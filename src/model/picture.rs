//! `[view]`: what pictures of a scenario show, where it says so. [`crate::render::View`] knows what is shown otherwise.

mod read;

use crate::compounds::Target;
use crate::model::{FieldKind, Model};
use crate::state::{Phase, signal};

pub(super) use read::picture;

/// What cells are coloured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Colouring {
    /// Cell type.
    Type,
    /// What the cell is about, [`crate::state::Phase`].
    Phase,
    /// Phosphorylated FAK (pY397), 0…1.
    Pfak,
    /// Phosphorylated ERK, 0…1.
    Perk,
    /// Crawling speed, µm/h.
    Speed,
    /// The oldest known ancestor: the first in the line of mothers that is no longer there, or a founder.
    Lineage,
    /// Divisions since the founder.
    Generation,
}

impl Colouring {
    /// Every colouring, in the order in which a menu offers them.
    pub const ALL: [Colouring; 7] = [
        Colouring::Type,
        Colouring::Phase,
        Colouring::Pfak,
        Colouring::Perk,
        Colouring::Speed,
        Colouring::Lineage,
        Colouring::Generation,
    ];

    /// Name in scenario files.
    pub const fn name(self) -> &'static str {
        match self {
            Colouring::Type => "type",
            Colouring::Phase => "phase",
            Colouring::Pfak => "pfak",
            Colouring::Perk => "perk",
            Colouring::Speed => "speed",
            Colouring::Lineage => "lineage",
            Colouring::Generation => "generation",
        }
    }

    /// Title of the legend.
    pub const fn title(self) -> &'static str {
        match self {
            Colouring::Type => "Cell type",
            Colouring::Phase => "Cell phase",
            Colouring::Pfak => "pFAK (Y397)",
            Colouring::Perk => "pERK",
            Colouring::Speed => "Cell speed",
            Colouring::Lineage => "Lineage",
            Colouring::Generation => "Generation",
        }
    }

    /// What the legend's numbers are in.
    pub const fn unit(self) -> &'static str {
        match self {
            Colouring::Type | Colouring::Phase | Colouring::Lineage => "",
            Colouring::Pfak | Colouring::Perk => "fraction",
            Colouring::Speed => "µm/h",
            Colouring::Generation => "divisions",
        }
    }

    /// The internal unit of its range in a scenario file.
    const fn dimension(self) -> &'static str {
        match self {
            Colouring::Speed => "um/min",
            _ => "1",
        }
    }

    /// Whether colours mean names and not numbers: there is no range.
    pub const fn is_categorical(self) -> bool {
        matches!(
            self,
            Colouring::Type | Colouring::Phase | Colouring::Lineage
        )
    }

    /// The range of untouched colours: fixed, so that pictures of different times and doses compare.
    pub const fn usual_range(self) -> [f64; 2] {
        match self {
            Colouring::Type | Colouring::Phase | Colouring::Lineage => [0.0, 255.0],
            Colouring::Pfak | Colouring::Perk => [0.0, 0.6],
            Colouring::Speed => [0.0, 60.0],
            Colouring::Generation => [0.0, 8.0],
        }
    }

    /// The row of the signalling states that is shown, if it is one.
    pub const fn signal(self) -> Option<usize> {
        match self {
            Colouring::Pfak => Some(signal::PFAK),
            Colouring::Perk => Some(signal::PERK),
            _ => None,
        }
    }
}

/// How a cell is drawn in the plane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CellShape {
    /// A disc of its radius, with a tick toward its polarity.
    #[default]
    Disc,
    /// An ellipse of the same area along its polarity, the longer the faster it crawls: a sign for the speed, as the model has
    /// no shape of cells.
    Elongated,
}

/// How a 3-D box is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Projection {
    /// Near things are larger.
    #[default]
    Perspective,
    /// Lengths are the same near and far.
    Orthographic,
    /// One plane across z, from above.
    Flat,
}

/// A plane across an axis that hides the cells on one side of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clip {
    /// 0, 1 or 2 for x, y or z.
    pub axis: usize,
    /// Where the plane crosses the axis, µm.
    pub at_um: f64,
    /// Whether what lies above is kept, or what lies below.
    pub keeps_above: bool,
}

/// What a scenario says of its pictures; `None` where it says nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// The field behind the cells; `Some(None)`: none.
    pub field: Option<Option<FieldKind>>,
    /// What the field's colours span, in its unit.
    pub field_range: Option<[f64; 2]>,
    /// Whether contours are drawn.
    pub contours: bool,
    /// Whether matrix is drawn as a texture.
    pub matrix: bool,
    /// Whether cells are drawn.
    pub cells: Option<bool>,
    /// What they are coloured by.
    pub colouring: Option<Colouring>,
    /// What their colours span, in the unit of the legend.
    pub cell_range: Option<[f64; 2]>,
    /// How they are drawn.
    pub shape: CellShape,
    /// How a 3-D box is seen.
    pub projection: Projection,
    /// Turn of the camera about z from looking along y, degrees.
    pub azimuth_deg: Option<f64>,
    /// Height of the camera above the plane of x and y, degrees.
    pub elevation_deg: Option<f64>,
    /// Magnification; 1 fits the box.
    pub zoom: Option<f64>,
    /// Planes across x, y and z on which the field is shown, µm; in a flat view the height of the one across z.
    pub slices: Option<[Option<f64>; 3]>,
    /// What hides cells; `Some(None)`: nothing.
    pub clip: Option<Option<Clip>>,
}

impl Model {
    /// The phases in which its cells can be, in order.
    pub fn phases(&self) -> Vec<Phase> {
        let may_be = |phase: Phase| match phase {
            Phase::Cycling | Phase::Apoptosis | Phase::Anoikis => true,
            Phase::Going | Phase::Growing => self.cell_types.iter().any(|t| t.goes_or_grows()),
            Phase::Necrosis => self.field(FieldKind::Oxygen).is_some(),
            Phase::Cytotoxic => {
                let mut targets = self.dose.treatments().iter().map(|t| t.target);
                targets.any(|target| target == Target::Microtubules)
            }
            Phase::Killed | Phase::Attached => self.has_killers(),
        };
        Phase::ALL.into_iter().filter(|p| may_be(*p)).collect()
    }
}
