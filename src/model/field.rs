//! What a field is: its equation's coefficients, boundary and initial condition.

/// The fields of the model. Those that a scenario does not name are not computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FieldKind {
    /// Free drug, nM.
    Drug,
    /// Matrix density relative to 2 mg/mL collagen I.
    Ecm,
    /// Tissue FAK activity, relative.
    Fak,
    /// Soluble attractant (serum, HGF/EGF, CXCL), nM.
    Attractant,
}

impl FieldKind {
    /// Every field, in storage order.
    pub const ALL: [FieldKind; 4] = [
        FieldKind::Drug,
        FieldKind::Ecm,
        FieldKind::Fak,
        FieldKind::Attractant,
    ];

    /// The name in scenario files and outputs.
    pub const fn name(self) -> &'static str {
        match self {
            FieldKind::Drug => "drug",
            FieldKind::Ecm => "ecm",
            FieldKind::Fak => "fak",
            FieldKind::Attractant => "attractant",
        }
    }

    /// The internal unit, empty for relative quantities.
    pub const fn unit(self) -> &'static str {
        match self {
            FieldKind::Drug | FieldKind::Attractant => "nM",
            FieldKind::Ecm | FieldKind::Fak => "",
        }
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
    /// Forward-Euler substeps that the diffusion pass takes in one step.
    pub substeps: u32,
}
