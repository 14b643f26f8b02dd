//! What the passes know of a cell type.

use bytemuck::{Pod, Zeroable};

use super::{WEIGHT_ONE, chance, noise};
use crate::model::{CellType, Deposit, Line, Model, N_CHANNELS, Signalling};
use crate::pass::FATE_EVERY;
use crate::state::{N_SIGNALS, N_TRAITS, Phase, life};

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
    /// Share of the speed that does not need p130Cas.
    pub f_min: f32,
    /// k_c ℓ / s0, µm/min per nM.
    pub chemotaxis: f32,
    /// k_h ℓ, µm/min.
    pub haptotaxis: f32,
    /// k_g, /min.
    pub guidance: f32,
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
    /// ln of the factor by which full pFAK raises the docetaxel of half effect.
    pub docetaxel_shield: f32,
    /// Chance to attach to full prey in one `fate`, as an exponent; above 0 the cell is a killer.
    pub attack: f32,
    /// Chance to hit the prey that it holds in one `fate`, as an exponent.
    pub kill: f32,
    pub antigen: f32,
    /// Share of the killing that PD-L1 on the cell holds back where PD-1 is free.
    pub shelter: f32,
    pub suppression: f32,
    pub most_kills: u32,
    pub fak_recruitment: f32,
    /// Last word of the identity of a cell that comes from outside.
    pub enters: u32,
    /// Standard deviations of the logarithms of its traits.
    pub spread: [f32; N_TRAITS],
    /// Its signalling states: at rest in matrix of density rho*, without drug.
    pub rest: [f32; N_SIGNALS],
    /// Weight in each stored sum of the deposit pass, [`WEIGHT_ONE`] the type that gives most.
    pub weights: [u32; N_CHANNELS],
}

/// Weights of each cell type in the stored sums.
pub(super) fn weights<'a>(
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

pub(super) fn coefficients(model: &Model, cell_type: &CellType) -> CellTypeCoefficients {
    let value = |name: &str| model.parameters().value(name);
    let diameter = 2.0 * cell_type.radius;
    let fate_min = model.dt_min() * FATE_EVERY as f64;
    let signalling = Signalling::new(model.parameters());
    let rest = signalling.steady(value("rho_star"), 0.0, Line::from(cell_type));
    CellTypeCoefficients {
        speed: cell_type.speed as f32,
        noise: noise::noise_amplitude(
            (-model.dt_min() / cell_type.persistence).exp(),
            model.grid().dimensions,
        ) as f32,
        radius: cell_type.radius as f32,
        adhesion_root: cell_type.adhesion.sqrt() as f32,
        integrin: cell_type.integrin as f32,
        f_min: (value("f_min") + (1.0 - value("f_min")) * cell_type.amoeboid) as f32,
        chemotaxis: (cell_type.chemotaxis * diameter / value("s0")) as f32,
        haptotaxis: (cell_type.haptotaxis * diameter) as f32,
        guidance: cell_type.guidance as f32,
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
        docetaxel_shield: (cell_type.docetaxel_ic50 / value("IC50_docetaxel"))
            .ln()
            .max(0.0) as f32,
        attack: (cell_type.attack * fate_min) as f32,
        kill: (cell_type.kill * fate_min) as f32,
        antigen: cell_type.antigen as f32,
        shelter: (value("w_pd1") * cell_type.pd_l1) as f32,
        suppression: cell_type.suppression as f32,
        // A float becomes the nearest u32.
        most_kills: cell_type.most_kills as u32,
        fak_recruitment: cell_type.fak_recruitment as f32,
        enters: life(
            if cell_type.goes_or_grows() {
                Phase::Going
            } else {
                Phase::Cycling
            },
            0,
        ),
        spread: cell_type.spread.map(|sigma| sigma as f32),
        rest: rest.rows().map(|state| state as f32),
        weights: [0; N_CHANNELS],
    }
}
