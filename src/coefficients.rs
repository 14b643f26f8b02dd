//! The numbers that the passes multiply by, as f32 and in the layout of `shaders/types.wgsl`.
//!
//! Both engines read the same structs, so that they start from the same bits. Lengths µm, times min, concentrations
//! nM; every rate is per minute.

mod field;
mod noise;

use bytemuck::{Pod, Zeroable};

use crate::model::{BindingForm, CellType, Deposit, FieldKind, Model, N_CHANNELS, Signalling};
use crate::pass::FATE_EVERY;

/// Stands for “absent” wherever an index is stored.
pub const NONE: u32 = u32::MAX;

/// Fixed-point one of a cell's weight in the deposit pass: 6 bits for each of three axes.
pub const DEPOSIT_ONE: u32 = 1 << 18;

/// Fixed-point one of a cell type's weight in a channel, and of a signalling state: 10 bits.
pub const WEIGHT_ONE: u32 = 1 << 10;

/// Cells whose weights a voxel's 32-bit sum holds.
pub const DEPOSIT_LIMIT: u32 = ((1u64 << 32) / DEPOSIT_ONE as u64) as u32 - 1;

/// Share of its type's radius at which a dying cell is gone; daughters are not smaller at birth than this either.
pub const GONE: f32 = 0.3;

/// Pore area of a voxel without obstacle, µm².
pub const OPEN: f32 = 1e30;

/// Reach of adhesion in units of the sum of two radii (PhysiCell, V).
pub const ADHESION_REACH: f64 = 1.25;

/// What every pass may read; constant through a run. Mirrors `struct Globals`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[allow(
    missing_docs,
    reason = "the names are the model's; README and parameters.toml explain them"
)]
pub struct Globals {
    pub n: [u32; 3],
    pub n_fields: u32,
    pub bins: [u32; 3],
    pub n_bins: u32,
    pub size_um: [f32; 3],
    pub voxel_um: f32,
    pub bins_per_um: [f32; 3],
    pub voxels_per_um: f32,
    pub periodic: [u32; 3],
    pub dimensions: u32,
    /// Storage slot of each [`FieldKind`], [`NONE`] if it is not computed.
    pub slots: [[u32; 4]; 2],
    /// The stored sum of each [`crate::model::Channel`], [`NONE`] if the model does not need it.
    pub channel_places: [[u32; 4]; 2],
    /// The signalling state that multiplies a cell's weight in each stored sum, or [`NONE`].
    pub channel_states: [[u32; 4]; 2],
    /// Turns a channel's sum into its quantity at reference density: 1, /min or nM/min.
    pub channel_scales: [[f32; 4]; 2],
    pub seed: [u32; 2],
    pub n_voxels: u32,
    pub field_only: u32,
    pub dt_min: f32,
    pub fate_dt_min: f32,
    /// Area (µm²) or volume (µm³) of a neighbour bin.
    pub bin_measure: f32,
    pub k_auto: f32,
    pub k_pyk: f32,
    pub k_rtk: f32,
    pub k_dp: f32,
    pub k_s: f32,
    pub k_sm: f32,
    pub k_x: f32,
    pub k_x0: f32,
    pub k_xm: f32,
    pub k_ar: f32,
    pub k_a0: f32,
    pub k_am: f32,
    pub k_ex: f32,
    pub k_er: f32,
    pub k_em: f32,
    pub mek_relief: f32,
    pub k_n: f32,
    pub k_noff: f32,
    pub k_mat: f32,
    pub k_d0: f32,
    pub k_d1: f32,
    pub w: f32,
    pub k_rho: f32,
    pub r0: f32,
    pub k_app: f32,
    pub per_f0: f32,
    pub per_tau_f: f32,
    pub per_tau_s: f32,
    pub rho_star: f32,
    pub per_adhesion_control: f32,
    pub per_x0: f32,
    pub per_e0: f32,
    pub f_min: f32,
    pub per_s0: f32,
    pub c_r: f32,
    pub c_a: f32,
    pub w_dim: f32,
    pub per_carrying_capacity: f32,
    pub per_c_div: f32,
    pub k_an: f32,
    pub k_f: f32,
    pub g1: f32,
    pub interaction_range_um: f32,
    /// Sums that the deposit pass stores per voxel.
    pub n_sums: u32,
    pub g2: f32,
    pub k_g: f32,
    pub per_rho_max: f32,
    pub per_k_oxygen: f32,
    pub per_vessel_squeeze: f32,
    /// 1: binding is at equilibrium after every step.
    pub equilibrium: u32,
    /// Δt·k_on/(1 + R), per nM, Δt half a step.
    pub associated: f32,
    /// Δt·k_on, per nM.
    pub bind_on: f32,
    /// Δt·k_off.
    pub bind_off: f32,
    pub k_d: f32,
    /// 1 + R of the drug.
    pub retention: f32,
    /// 1 / (1 + R).
    pub per_retention: f32,
    /// Binding sites that a voxel has without cells, nM.
    pub sites_uniform: f32,
    /// Binding sites per unit of the cells' sum, nM.
    pub sites_per_deposit: f32,
    /// Where in the maps the pore area of each voxel lies, µm², or [`NONE`] if nothing stops cells.
    pub passage_at: u32,
    /// Pore area that does not slow a cell, µm².
    pub a_full: f32,
    /// Pore area of matrix of density 1, µm².
    pub a_pore: f32,
    /// Pore area that much protease opens, µm².
    pub a_mmp: f32,
    /// Oxygen at which cells stop dividing, mmHg.
    pub o_div: f32,
    pub per_o_span: f32,
    /// Oxygen from which it does not slow division, mmHg.
    pub o_full: f32,
    /// Oxygen below which cells die of it, mmHg.
    pub o_nec: f32,
    pub per_o_nec_span: f32,
    pub k_hyp: f32,
    /// Share of the missing radius that a cell regains between two turns of `fate`.
    pub regrowth: f32,
    /// Share of its type's radius that a dying cell loses between two turns of `fate`: not necrotic, and necrotic.
    pub shrink: f32,
    pub shrink_necrotic: f32,
    /// What both daughters' radii are multiplied by: they share the volume (the area in 2-D).
    pub daughter_radius: f32,
    /// 0, which no compiler knows.
    pub zero: f32,
    /// Cells that the run may have.
    pub most_cells: u32,
    pub spare_1: u32,
    pub spare_2: u32,
    pub spare_3: u32,
}

/// One cell type. Mirrors `struct CellType`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[allow(
    missing_docs,
    reason = "the names are the model's; README and parameters.toml explain them"
)]
pub struct CellTypeCoefficients {
    pub speed: f32,
    /// Multiplies [`crate::rng::bell`] to give the polarity noise of one step.
    pub noise: f32,
    pub radius: f32,
    pub adhesion_root: f32,
    pub integrin: f32,
    /// k_c ℓ / s0, µm/min per nM.
    pub chemotaxis: f32,
    /// k_h ℓ, µm/min.
    pub haptotaxis: f32,
    pub division: f32,
    pub death: f32,
    pub bypass_fast: f32,
    pub bypass_slow: f32,
    pub k_e0: f32,
    pub k_af: f32,
    /// Pore area below which the cell does not pass, µm².
    pub pore_limit: f32,
    /// Longest way in one step, µm.
    pub most_um: f32,
    /// Chance to go over to crawling in one `fate`, go-or-grow.
    pub to_go: f32,
    /// Chance to go over to dividing in one `fate`, go-or-grow.
    pub to_grow: f32,
    /// Weight in each stored sum of the deposit pass, [`WEIGHT_ONE`] the type that gives most.
    pub weights: [u32; N_CHANNELS],
}

/// Kind of an outer face in [`FieldCoefficients::face`].
pub mod face {
    /// Nothing passes.
    pub const NO_FLUX: u32 = 0;
    /// A value is held at the face.
    pub const FIXED: u32 = 1;
    /// The opposite side is the neighbour.
    pub const PERIODIC: u32 = 2;
    /// The bath's concentration is held at the face.
    pub const BATH: u32 = 3;
}

/// How a field diffuses, in [`FieldCoefficients::scheme`].
pub mod scheme {
    /// Not at all.
    pub const STILL: u32 = 0;
    /// Forward Euler in substeps.
    pub const EXPLICIT: u32 = 1;
    /// Backward Euler.
    pub const IMPLICIT: u32 = 2;
    /// At rest after every step.
    pub const STEADY: u32 = 3;
}

/// Cycles of the implicit solver at most in one step; a good start needs one, a jump of the boundary five.
pub const MOST_CYCLES: u32 = 12;

/// Share of the largest value below which the conservative update may leave a value negative, for `fill` to raise to 0
/// at the cost of its neighbours. More than they have takes another cycle.
pub const NEGLIGIBLE: f32 = 1e-6;

/// One field. Mirrors `struct Field`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct FieldCoefficients {
    /// [`FieldKind`] as a number.
    pub kind: u32,
    /// How it diffuses, see [`scheme`].
    pub scheme: u32,
    /// Substeps of the explicit scheme, an even number.
    pub substeps: u32,
    /// D dt / h² of one substep, or of the step.
    pub courant: f32,
    /// Factor on √ρ in the exponent by which matrix hinders diffusion.
    pub hindrance: f32,
    /// Where in the maps the obstacles lie (1: closed), or [`NONE`].
    pub obstacles_at: u32,
    /// 1: diffusivity differs between voxels.
    pub mobility_varies: u32,
    /// 1: the implicit system's mass (m + dt·loss) differs between voxels.
    pub mass_varies: u32,
    /// The mass where it does not.
    pub mass: f32,
    /// Residual of the implicit solver that is accepted, as a share of the largest value times [`Self::stiffness`].
    pub tolerance: f32,
    /// The same for a step's first guess, which then needs no cycle: a field at rest, but for rounding.
    pub quiet: f32,
    /// 1 for a time step; for a steady state the scale of the diagonal.
    pub stiffness: f32,
    /// Decay and uniform uptake, /min.
    pub loss: f32,
    /// Uniform source, unit/min.
    pub source: f32,
    /// Exchange with the bath, /min.
    pub exchange: f32,
    /// Where in the maps this field's uptake lies, or [`NONE`].
    pub uptake_at: u32,
    /// Where in the maps this field's source lies, or [`NONE`].
    pub source_at: u32,
    /// Length of a substep, min.
    pub substep_min: f32,
    /// 1 / (1 + substep · (loss + exchange)): uniform losses act inside the substeps, implicitly.
    pub relief: f32,
    /// 1 / (1 + R_ns): everything but binding is slower by that.
    pub per_retention: f32,
    /// Exchange with vessels where a voxel is all vessel, /min.
    pub perfusion: f32,
    /// What the vessels carry besides the drug of the dose.
    pub level: f32,
    /// Share of the dose's free level that the vessels carry.
    pub plasma: f32,
    /// Where in the maps the vessels lie, or [`NONE`] if the field does not exchange with them.
    pub vessels_at: u32,
    /// Kinds of the faces x−, x+, y−, y+, z−, z+.
    pub face: [u32; 6],
    /// Values held at them.
    pub face_value: [f32; 6],
}

/// Everything that is constant through a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Coefficients {
    /// Scalars.
    pub globals: Globals,
    /// One entry a field, in slot order.
    pub fields: Vec<FieldCoefficients>,
    /// One entry a cell type.
    pub cell_types: Vec<CellTypeCoefficients>,
    /// Per-voxel rates, /min or unit/min, one grid after another.
    pub maps: Vec<f32>,
    /// Whether a field has a ledger, in slot order.
    pub ledgers: Vec<bool>,
}

impl Coefficients {
    /// Rounds a model to what the engines compute with.
    pub fn new(model: &Model) -> Self {
        let mut maps = Vec::new();
        // One map of the vessels serves every field that exchanges with them.
        let perfused = model.fields().iter().any(|f| f.perfusion.is_some());
        let vessels_at = match model.vessels() {
            Some(vessels) if perfused => {
                maps.extend_from_slice(vessels);
                0
            }
            _ => NONE,
        };
        let obstacles_at = match model.obstacles() {
            Some(closed) => {
                let at = maps.len() as u32;
                maps.extend(closed.iter().map(|closed| f32::from(u8::from(*closed))));
                at
            }
            None => NONE,
        };
        let passage_at = match model.passage() {
            Some(areas) if !model.cell_types().is_empty() => {
                let at = maps.len() as u32;
                maps.extend_from_slice(areas);
                at
            }
            _ => NONE,
        };
        let shared = (obstacles_at, vessels_at);
        let deposits = model.deposits();
        let fields = model
            .fields()
            .iter()
            .map(|field| field::coefficients(model, field, &mut maps, shared))
            .collect();
        let cell_types = model
            .cell_types()
            .iter()
            .map(|cell_type| cell_type_coefficients(model, cell_type))
            .zip(weights(model, &deposits))
            .map(|(coefficients, weights)| CellTypeCoefficients {
                weights,
                ..coefficients
            })
            .collect();
        Self {
            globals: globals(model, &deposits, passage_at),
            fields,
            cell_types,
            maps,
            ledgers: model.fields().iter().map(|field| field.ledger).collect(),
        }
    }
}

/// Weights of each cell type in the stored sums.
fn weights<'a>(
    model: &'a Model,
    deposits: &'a [Deposit],
) -> impl Iterator<Item = [u32; N_CHANNELS]> + 'a {
    (0..model.cell_types().len()).map(move |type_ix| {
        let mut weights = [0; N_CHANNELS];
        for deposit in deposits {
            // A channel that shares another's sum gives every type the full weight, as that one does.
            let share = deposit.rates[type_ix] / deposit.scale();
            weights[deposit.place] = (share * f64::from(WEIGHT_ONE)).round() as u32;
        }
        weights
    })
}

fn globals(model: &Model, deposits: &[Deposit], passage_at: u32) -> Globals {
    let grid = model.grid();
    let p = |name: &str| model.parameters().value(name) as f32;
    let size = grid.size_um();
    let range = interaction_range_um(model);
    let bins = grid.bins(range);
    let mut bin_measure = 1.0;
    for axis in 0..grid.dimensions as usize {
        bin_measure *= size[axis] / f64::from(bins[axis]);
    }
    let mut slots = [[NONE; 4]; 2];
    for (slot, field) in model.fields().iter().enumerate() {
        let kind = field.kind as usize;
        slots[kind / 4][kind % 4] = slot as u32;
    }
    let (w_dim, capacity) = match grid.dimensions {
        2 => ("w_dim_2d", "K_2d"),
        _ => ("w_dim_3d", "K_3d"),
    };
    let reference = model.parameters().value(capacity);
    let signalling = Signalling::new(model.parameters());
    let control = signalling.control();
    let density_per_deposit = 1.0 / (f64::from(DEPOSIT_ONE) * grid.voxel_measure() * reference);
    let (mut places, mut states) = ([[NONE; 4]; 2], [[NONE; 4]; 2]);
    let mut scales = [[0.0; 4]; 2];
    for deposit in deposits {
        let (channel, place) = (deposit.channel as usize, deposit.place);
        places[channel / 4][channel % 4] = place as u32;
        scales[channel / 4][channel % 4] = (density_per_deposit * deposit.scale()) as f32;
        if let Some(row) = deposit.channel.state() {
            states[place / 4][place % 4] = row as u32;
        }
    }
    let binding = model.field(FieldKind::DrugBound).and_then(|f| f.binding);
    let retention = 1.0 + model.field(FieldKind::Drug).map_or(0.0, |f| f.retardation);
    let (k_d, k_off) = (
        model.parameters().value("K_d"),
        model.parameters().value("k_off"),
    );
    let half_step = 0.5 * model.dt_min();
    // One over the distance of two levels of oxygen; the model refuses levels in the wrong order.
    let span = |low: &str, high: &str| {
        (1.0 / (model.parameters().value(high) - model.parameters().value(low))) as f32
    };
    let shrink = |duration: &str| {
        let turns = model.parameters().value(duration) / (model.dt_min() * FATE_EVERY as f64);
        ((1.0 - f64::from(GONE)) / turns) as f32
    };
    Globals {
        n: grid.n,
        n_fields: model.fields().len() as u32,
        bins,
        n_bins: bins.iter().product(),
        size_um: size.map(|l| l as f32),
        voxel_um: grid.voxel_um as f32,
        bins_per_um: [0, 1, 2].map(|axis| (f64::from(bins[axis]) / size[axis]) as f32),
        voxels_per_um: (1.0 / grid.voxel_um) as f32,
        periodic: grid.periodic.map(u32::from),
        dimensions: grid.dimensions,
        slots,
        channel_places: places,
        channel_states: states,
        channel_scales: scales,
        seed: [model.seed() as u32, (model.seed() >> 32) as u32],
        n_voxels: grid.n_voxels() as u32,
        field_only: u32::from(model.cell_types().is_empty()),
        dt_min: model.dt_min() as f32,
        fate_dt_min: (model.dt_min() * FATE_EVERY as f64) as f32,
        bin_measure: bin_measure as f32,
        k_auto: p("k_auto"),
        k_pyk: p("k_pyk"),
        k_rtk: p("k_rtk"),
        k_dp: p("k_dp"),
        k_s: p("k_S"),
        k_sm: p("k_Sm"),
        k_x: p("k_X"),
        k_x0: p("k_X0"),
        k_xm: p("k_Xm"),
        k_ar: p("k_AR"),
        k_a0: p("k_A0"),
        k_am: p("k_Am"),
        k_ex: p("k_EX"),
        k_er: p("k_ER"),
        k_em: p("k_Em"),
        mek_relief: (1.0 / (1.0 + model.parameters().value("m_MEK"))) as f32,
        k_n: p("k_N"),
        k_noff: p("k_Noff"),
        k_mat: p("k_mat"),
        k_d0: p("k_d0"),
        k_d1: p("k_d1"),
        w: p("w"),
        k_rho: p("K_rho"),
        r0: p("R0"),
        k_app: p("K_app"),
        per_f0: (1.0 / model.parameters().value("F0")) as f32,
        per_tau_f: (1.0 / model.parameters().value("tau_f")) as f32,
        per_tau_s: (1.0 / model.parameters().value("tau_s")) as f32,
        rho_star: p("rho_star"),
        per_adhesion_control: (1.0 / control.adhesion()) as f32,
        per_x0: (1.0 / control.pcas) as f32,
        per_e0: (1.0 / control.perk) as f32,
        f_min: p("f_min"),
        per_s0: (1.0 / model.parameters().value("s0")) as f32,
        c_r: p("c_r"),
        c_a: p("c_a"),
        w_dim: p(w_dim),
        per_carrying_capacity: (1.0 / reference) as f32,
        per_c_div: (1.0 / model.parameters().value("C_div")) as f32,
        k_an: p("k_an"),
        k_f: p("k_F"),
        g1: p("G1"),
        interaction_range_um: range as f32,
        n_sums: model.n_sums() as u32,
        g2: p("G2"),
        k_g: p("K_g"),
        per_rho_max: (1.0 / model.parameters().value("rho_max")) as f32,
        per_k_oxygen: (1.0 / model.parameters().value("K_oxygen")) as f32,
        per_vessel_squeeze: (1.0 / model.parameters().value("vessel_squeeze")) as f32,
        equilibrium: u32::from(binding.is_some_and(|b| b.form == BindingForm::Equilibrium)),
        associated: (half_step * k_off / k_d / retention) as f32,
        bind_on: (half_step * k_off / k_d) as f32,
        bind_off: (half_step * k_off) as f32,
        k_d: k_d as f32,
        retention: retention as f32,
        per_retention: (1.0 / retention) as f32,
        sites_uniform: binding.map_or(0.0, |b| b.capacity_nm) as f32,
        sites_per_deposit: (model.parameters().value("B_T") * density_per_deposit) as f32,
        passage_at,
        a_full: p("A_full"),
        a_pore: p("A_pore"),
        a_mmp: p("A_mmp"),
        o_div: p("O_div"),
        per_o_span: span("O_div", "O_full"),
        o_full: p("O_full"),
        o_nec: p("O_nec"),
        per_o_nec_span: span("O_nec_full", "O_nec"),
        k_hyp: p("k_hyp"),
        regrowth: chance(model, model.parameters().value("k_growth")) as f32,
        shrink: shrink("T_apoptosis"),
        shrink_necrotic: shrink("T_necrosis"),
        daughter_radius: (0.5f64).powf(1.0 / f64::from(grid.dimensions)) as f32,
        zero: 0.0,
        most_cells: model.most_cells(),
        spare_1: 0,
        spare_2: 0,
        spare_3: 0,
    }
}

/// Farthest distance at which two cells of the model touch each other, µm.
pub fn interaction_range_um(model: &Model) -> f64 {
    let widest = model
        .cell_types()
        .iter()
        .map(|cell_type| cell_type.radius)
        .fold(0.0, f64::max);
    if model.cell_types().is_empty() {
        // One bin for no cell.
        return model.grid().size_um().into_iter().fold(0.0, f64::max);
    }
    (2.0 * widest * ADHESION_REACH).max(model.grid().voxel_um)
}

/// Probability that a hazard (/min) strikes between two turns of `fate`.
fn chance(model: &Model, hazard: f64) -> f64 {
    1.0 - (-hazard * model.dt_min() * FATE_EVERY as f64).exp()
}

/// Longest way of a cell in one step, µm: its radius, so that it does not jump past a neighbour, and not a voxel where
/// obstacles stand, so that it does not jump a wall.
fn most_um(model: &Model, cell_type: &CellType) -> f64 {
    // A hair less than a voxel: the way is rounded.
    let voxel = 0.999 * model.grid().voxel_um;
    match model.obstacles() {
        Some(_) => cell_type.radius.min(voxel),
        None => cell_type.radius,
    }
}

fn cell_type_coefficients(model: &Model, cell_type: &CellType) -> CellTypeCoefficients {
    let value = |name: &str| model.parameters().value(name);
    let diameter = 2.0 * cell_type.radius;
    CellTypeCoefficients {
        speed: cell_type.speed as f32,
        noise: noise::noise_amplitude(
            (-model.dt_min() / cell_type.persistence).exp(),
            model.grid().dimensions,
        ) as f32,
        radius: cell_type.radius as f32,
        adhesion_root: cell_type.adhesion.sqrt() as f32,
        integrin: cell_type.integrin as f32,
        chemotaxis: (cell_type.chemotaxis * diameter / value("s0")) as f32,
        haptotaxis: (cell_type.haptotaxis * diameter) as f32,
        division: cell_type.division as f32,
        death: cell_type.death as f32,
        bypass_fast: cell_type.bypass_fast as f32,
        bypass_slow: cell_type.bypass_slow as f32,
        k_e0: (value("k_E0") * cell_type.erk_basal) as f32,
        k_af: (value("k_AF") * cell_type.akt_coupling) as f32,
        pore_limit: cell_type.pore_limit as f32,
        most_um: most_um(model, cell_type) as f32,
        to_go: chance(model, cell_type.to_go) as f32,
        to_grow: chance(model, cell_type.to_grow) as f32,
        weights: [0; N_CHANNELS],
    }
}
