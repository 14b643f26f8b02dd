//! The meaning of a scenario: a [`Model`] has passed every check and is in internal units (µm, min, nM).

mod assay;
mod binding;
mod build;
mod cell_type;
mod channel;
mod dose;
mod fibres;
mod field;
mod fields;
mod grid;
mod image;
mod initial;
mod labels;
mod memory;
pub(crate) mod npy;
mod observe;
mod picture;
mod placement;
mod points;
mod read;
mod recruit;
mod scheme;
mod series;
mod shape;
mod signalling;
mod space;
mod stroke;
mod wells;

pub use assay::{Assays, ScratchAssay, SpheroidAssay, TranswellAssay};
pub use cell_type::CellType;
pub use channel::{Channel, Deposit, N_CHANNELS};
pub use field::{
    Binding, BindingForm, Face, Field, FieldKind, Initial, Level, N_FIELD_KINDS, Perfusion, Rate,
    Scheme,
};
pub use grid::Grid;
pub use initial::initial_state;
pub use memory::room_for;
pub use observe::{MotilityPlan, Observe, PairPlan, ProfilePlan, TrackPlan};
pub use picture::{CellShape, Clip, Colouring, Picture, Projection};
pub use placement::{Place, Placement};
pub use recruit::{Door, Recruit};
pub use series::Series;
pub use signalling::{Line, Signalling, SteadyState};
pub use stroke::{MOST_POINTS, Stroke};
pub use wells::Well;

use crate::compounds::Target;
use crate::dosing::Dosing;
use crate::parameters::{Entry, Need, Parameters};

/// A checked scenario. Fields are private: what exists is valid.
#[derive(Clone, Debug)]
pub struct Model {
    title: String,
    question: String,
    seed: u64,
    grid: Grid,
    dt_min: f64,
    n_steps: u64,
    report_steps: u64,
    fields: Vec<Field>,
    obstacles: Option<space::Obstacles>,
    vessels: Option<Vec<f32>>,
    fibres: Option<Vec<f32>>,
    cell_types: Vec<CellType>,
    placements: Vec<Placement>,
    recruits: Vec<Recruit>,
    section: bool,
    most_cells: u32,
    first_bin_layer: u32,
    parameters: Parameters,
    cell_entries: Vec<Entry>,
    compound_entries: Vec<Entry>,
    dose: Dosing,
    series: Option<Series>,
    replicates: u32,
    sliders: Vec<Slider>,
    assays: Assays,
    observe: Observe,
    picture: Picture,
}

/// A control that the viewer offers for a key of the scenario, with its range in internal units.
#[derive(Clone, Debug, PartialEq)]
pub struct Slider {
    /// Scenario key, e.g. `dose.bath`.
    pub key: String,
    /// Lowest and highest value, internal units.
    pub range: [f64; 2],
    /// Whether the scale is logarithmic.
    pub log: bool,
}

impl Model {
    /// Title of the scenario.
    pub fn title(&self) -> &str {
        &self.title
    }
    /// The question that the scenario asks.
    pub fn question(&self) -> &str {
        &self.question
    }
    /// Seed of the random generator.
    pub fn seed(&self) -> u64 {
        self.seed
    }
    /// Box and voxels.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }
    /// Length of a step, min.
    pub fn dt_min(&self) -> f64 {
        self.dt_min
    }
    /// Steps of the whole run.
    pub fn n_steps(&self) -> u64 {
        self.n_steps
    }
    /// Steps between two reports.
    pub fn report_steps(&self) -> u64 {
        self.report_steps
    }
    /// The fields that are computed, in [`FieldKind`] order.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }
    /// A field by kind, if it is computed.
    pub fn field(&self, kind: FieldKind) -> Option<&Field> {
        self.fields.iter().find(|field| field.kind == kind)
    }
    /// Voxels `[z][y][x]` that nothing diffuses through (true), if there are any.
    pub fn obstacles(&self) -> Option<&[bool]> {
        self.obstacles.as_ref().map(|o| o.closed.as_slice())
    }
    /// Pore area of each voxel `[z][y][x]` for cells, µm²: 0 in an obstacle, that of its pore in a membrane's pore,
    /// [`crate::coefficients::OPEN`] elsewhere; `None` without obstacles.
    pub fn passage(&self) -> Option<&[f32]> {
        self.obstacles.as_ref().map(|o| o.passage.as_slice())
    }
    /// Voxels `[z][y][x]` that cells of a type cannot be in, if there are obstacles.
    pub fn closed_to(&self, cell_type: &CellType) -> Option<Vec<bool>> {
        let obstacles = self.obstacles.as_ref()?;
        Some(obstacles.closed_to(cell_type.pore_limit))
    }
    /// Share 0…1 of each voxel `[z][y][x]` that is vessel, if there are any.
    pub fn vessels(&self) -> Option<&[f32]> {
        self.vessels.as_deref()
    }
    /// Alignment of fibres, a·(f fᵀ − 1/d): components xx and xy, in 3-D also yy, xz and yz, one grid `[z][y][x]` after
    /// another, if the scenario gives fibres.
    pub fn fibres(&self) -> Option<&[f32]> {
        self.fibres.as_deref()
    }
    /// Mean over the voxels of how much fibres agree, 0 (any direction) to 1 (all parallel), if there are any.
    pub fn mean_alignment(&self) -> Option<f64> {
        let components = self.fibres.as_ref()?;
        Some(fibres::mean_alignment(components, &self.grid))
    }
    /// Whether a bath of drug touches the tissue: a FAK inhibitor is given and does not come by vessels.
    pub fn is_bathed(&self) -> bool {
        let by_vessels = self
            .field(FieldKind::Drug)
            .and_then(|field| field.perfusion)
            .is_some_and(|perfusion| perfusion.level == Level::Plasma);
        self.dose.is_given() && !by_vessels
    }
    /// Cell types, in the order in which cells name them.
    pub fn cell_types(&self) -> &[CellType] {
        &self.cell_types
    }
    /// Where cells are at time zero.
    pub fn placements(&self) -> &[Placement] {
        &self.placements
    }
    /// Where cells come in during the run.
    pub fn recruits(&self) -> &[Recruit] {
        &self.recruits
    }
    /// Whether cells lie in matrix and not on a dish: in 3-D, or where a 2-D domain is a section of tissue.
    pub fn in_matrix(&self) -> bool {
        self.section || self.grid.dimensions == 3
    }
    /// Whether cells of one type differ in any trait.
    pub fn traits_vary(&self) -> bool {
        let mut types = self.cell_types.iter();
        types.any(|t| t.spread.iter().any(|sigma| *sigma > 0.0))
    }
    /// Whether any cells attack others.
    pub fn has_killers(&self) -> bool {
        self.cell_types.iter().any(|t| t.attack > 0.0)
    }
    /// Parameter values with their evidence.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }
    /// Every parameter that this model reads: the table's with its FAK inhibitor's, its cell types' and other compounds'.
    pub fn parameters_in_use(&self) -> impl Iterator<Item = &Entry> {
        let table = self.parameters.entries().iter();
        table
            .chain(&self.cell_entries)
            .filter(|entry| entry.needs.iter().all(|need| self.has(*need)))
            .chain(&self.compound_entries)
    }
    fn has(&self, need: Need) -> bool {
        match need {
            Need::Cells => !self.cell_types.is_empty(),
            Need::Drug => self.field(FieldKind::Drug).is_some(),
            Need::DrugBound => self.field(FieldKind::DrugBound).is_some(),
            Need::Mmp => self.field(FieldKind::Mmp).is_some(),
            Need::Oxygen => self.field(FieldKind::Oxygen).is_some(),
            Need::Tgfb => self.field(FieldKind::Tgfb).is_some(),
            Need::Hindrance => self.fields.iter().any(|f| f.solute_radius_nm.is_some()),
            Need::Vessels => self.vessels.is_some(),
            Need::Fibres => self.fibres.is_some(),
            Need::Ecm => self.field(FieldKind::Ecm).is_some(),
            Need::Fak => self.field(FieldKind::Fak).is_some(),
            Need::Attractant => self.field(FieldKind::Attractant).is_some(),
            Need::Dose => self.dose.is_given(),
            Need::Series => self.series.is_some(),
            Need::Bath => self.is_bathed(),
            Need::Oral | Need::Plasma | Need::Protein | Need::Saturable => {
                self.dose.inhibitor().is_some_and(|t| t.has(need))
            }
            Need::Docetaxel => {
                let mut targets = self.dose.treatments().iter().map(|t| t.target);
                targets.any(|target| target == Target::Microtubules)
            }
            Need::Flat => self.grid.dimensions == 2,
            Need::Deep => self.grid.dimensions == 3,
            Need::Culture => !self.in_matrix(),
            Need::Tissue => self.in_matrix(),
            Need::Recruit => !self.recruits.is_empty(),
            Need::Killers => self.has_killers(),
        }
    }
    /// What is given.
    pub fn dose(&self) -> &Dosing {
        &self.dose
    }
    /// What pictures show, where the scenario says so.
    pub fn picture(&self) -> &Picture {
        &self.picture
    }
    /// Controls that the viewer offers.
    pub fn sliders(&self) -> &[Slider] {
        &self.sliders
    }
    /// Cells at time zero.
    pub fn n_cells(&self) -> u32 {
        self.placements.iter().map(|p| p.count).sum()
    }
    /// Cells that a run may have, dying ones included, before it stops.
    pub fn most_cells(&self) -> u32 {
        self.most_cells
    }
    /// See [`Model::with_bins_numbered_from`].
    pub(crate) fn first_bin_layer(&self) -> u32 {
        self.first_bin_layer
    }
    /// The same model, its neighbour bins numbered from another layer (across the last axis) on, around: cells are sorted
    /// and worked on in another order, and results must be the same bits. For tests.
    #[doc(hidden)]
    #[must_use]
    pub fn with_bins_numbered_from(mut self, layer: u32) -> Self {
        self.first_bin_layer = layer;
        self
    }
    /// Time after a number of steps, h.
    pub fn time_h(&self, step: u64) -> f64 {
        step as f64 * self.dt_min / 60.0
    }
    /// The same model under another seed.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }
}
