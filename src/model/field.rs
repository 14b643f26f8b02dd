//! What a field is: its equation's coefficients, boundary and initial condition.

/// Number of [`FieldKind`]s.
pub const N_FIELD_KINDS: usize = 8;

/// The fields of the model. Those that a scenario does not name are not computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FieldKind {
    /// Free drug, nM.
    Drug,
    /// Drug bound to FAK, nM.
    DrugBound,
    /// Matrix density relative to 2 mg/mL collagen I.
    Ecm,
    /// Tissue FAK activity, relative.
    Fak,
    /// Matrix metalloproteinase activity, relative.
    Mmp,
    /// Oxygen partial pressure, mmHg.
    Oxygen,
    /// Soluble attractant (serum, HGF/EGF, CXCL), nM.
    Attractant,
    /// Transforming growth factor β, relative.
    Tgfb,
}

impl FieldKind {
    /// Every field, in storage order.
    pub const ALL: [FieldKind; N_FIELD_KINDS] = [
        FieldKind::Drug,
        FieldKind::DrugBound,
        FieldKind::Ecm,
        FieldKind::Fak,
        FieldKind::Mmp,
        FieldKind::Oxygen,
        FieldKind::Attractant,
        FieldKind::Tgfb,
    ];

    /// The name in scenario files and outputs.
    pub const fn name(self) -> &'static str {
        match self {
            FieldKind::Drug => "drug",
            FieldKind::DrugBound => "drug_bound",
            FieldKind::Ecm => "ecm",
            FieldKind::Fak => "fak",
            FieldKind::Mmp => "mmp",
            FieldKind::Oxygen => "oxygen",
            FieldKind::Attractant => "attractant",
            FieldKind::Tgfb => "tgfb",
        }
    }

    /// The internal unit, empty for relative quantities.
    pub const fn unit(self) -> &'static str {
        match self {
            FieldKind::Drug | FieldKind::DrugBound | FieldKind::Attractant => "nM",
            FieldKind::Oxygen => "mmHg",
            FieldKind::Ecm | FieldKind::Fak | FieldKind::Mmp | FieldKind::Tgfb => "",
        }
    }

    /// The name for people, on legends and in choosers.
    pub const fn title(self) -> &'static str {
        match self {
            FieldKind::Drug => "Free drug",
            FieldKind::DrugBound => "Bound drug",
            FieldKind::Ecm => "Matrix density",
            FieldKind::Fak => "Tissue FAK activity",
            FieldKind::Mmp => "Matrix protease",
            FieldKind::Oxygen => "Oxygen",
            FieldKind::Attractant => "Attractant",
            FieldKind::Tgfb => "TGF-β",
        }
    }

    /// Whether the field may diffuse. Matrix and bound drug stay where they are.
    pub const fn is_mobile(self) -> bool {
        !matches!(self, FieldKind::Ecm | FieldKind::DrugBound)
    }
}

/// What happens at an outer face of the box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Face {
    /// Nothing passes.
    NoFlux,
    /// A value held at the face itself, half a voxel from the nearest centre.
    Fixed(f64),
    /// The opposite face is the neighbour.
    Periodic,
    /// The bath, held at the face (3-D cultures in medium).
    Bath,
}

/// The state of a field at time zero, in its unit; lengths µm.
#[derive(Clone, Debug, PartialEq)]
pub enum Initial {
    /// The same everywhere.
    Uniform(f64),
    /// `amplitude · exp(−|x − centre|² / 2σ²)`.
    Gaussian {
        /// Centre, µm.
        centre_um: [f64; 3],
        /// Standard deviation, µm.
        sigma_um: f64,
        /// The peak.
        amplitude: f64,
    },
    /// `inside` where the voxel centre lies in the box, `outside` elsewhere.
    Rectangle {
        /// Lower corner, µm.
        from_um: [f64; 3],
        /// Upper corner, µm.
        to_um: [f64; 3],
        /// Value inside.
        inside: f64,
        /// Value outside.
        outside: f64,
    },
    /// `inside` where the voxel centre lies in the disc (2-D) or ball (3-D), `outside` elsewhere.
    Ball {
        /// Centre, µm.
        centre_um: [f64; 3],
        /// Radius, µm.
        radius_um: f64,
        /// Value inside.
        inside: f64,
        /// Value outside.
        outside: f64,
    },
    /// Linear from face to face along an axis (0 = x).
    Linear {
        /// The axis.
        axis: usize,
        /// Value at the lower face.
        from: f64,
        /// Value at the upper face.
        to: f64,
    },
    /// One value per voxel, `[z][y][x]`.
    Values(Vec<f32>),
}

/// A rate that is the same everywhere or given per voxel, `[z][y][x]`.
#[derive(Clone, Debug, PartialEq)]
pub enum Rate {
    /// The same everywhere.
    Uniform(f64),
    /// One value per voxel.
    PerVoxel(Vec<f32>),
}

/// How diffusion is stepped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// The field does not diffuse; local terms only.
    Still,
    /// Forward Euler in flux form, in equal substeps.
    Explicit {
        /// Substeps in one step, at least 1.
        substeps: u32,
    },
    /// Backward Euler, unsplit, by geometric multigrid.
    Implicit {
        /// Drop ∂/∂t: the field is at rest with its sources and sinks after every step.
        steady: bool,
    },
}

/// What vessels carry to a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Level {
    /// The free plasma level of the dose.
    Plasma,
    /// A constant, in the field's unit.
    Constant(f64),
}

/// Exchange of a field with the vessels of the model: `rate · vessels(x) · (level − y)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Perfusion {
    /// Exchange where a voxel is all vessel, /min.
    pub rate: f64,
    /// What the vessels carry.
    pub level: Level,
}

/// How bound drug is stepped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindingForm {
    /// Association and dissociation at their own rates, by backward Euler.
    Kinetic,
    /// Free and bound drug at equilibrium in every voxel after every step.
    Equilibrium,
}

/// Binding of the drug to FAK.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Binding {
    /// Kinetics or equilibrium.
    pub form: BindingForm,
    /// Binding sites of tissue that is not drawn as cells, nM.
    pub capacity_nm: f64,
}

/// One field of a model, in internal units (µm, min, nM).
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Which field.
    pub kind: FieldKind,
    /// Diffusivity, µm²/min; 0: the field never enters the diffusion pass.
    pub diffusivity: f64,
    /// First-order decay, /min.
    pub decay: f64,
    /// First-order sink besides decay, /min.
    pub uptake: Rate,
    /// Zeroth-order source, unit/min.
    pub source: Rate,
    /// State at time zero.
    pub initial: Initial,
    /// Lower and upper face of each axis.
    pub boundary: [[Face; 2]; 3],
    /// How diffusion is stepped.
    pub scheme: Scheme,
    /// Residual that the implicit solver accepts, as a share of the field's largest value.
    pub tolerance: f64,
    /// Exchange with vessels.
    pub perfusion: Option<Perfusion>,
    /// Radius of the solute, nm, where matrix hinders its diffusion; `None`: it does not.
    pub solute_radius_nm: Option<f64>,
    /// Non-specific retardation R_ns: everything but binding is slower by 1 + R_ns.
    pub retardation: f64,
    /// Binding, of the bound drug alone.
    pub binding: Option<Binding>,
    /// Whether the books of the field's mass are kept and reported.
    pub ledger: bool,
}
