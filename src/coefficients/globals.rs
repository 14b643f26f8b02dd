//! Scalars that every pass may read.

use bytemuck::{Pod, Zeroable};

use super::{DEPOSIT_ONE, GONE, NONE, chance, interaction_range_um};
use crate::model::{BindingForm, Deposit, FieldKind, Model, Signalling};
use crate::pass::FATE_EVERY;

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
    pub k_n: f32,
    pub k_noff: f32,
    pub k_mat: f32,
    pub k_d0: f32,
    pub k_d1: f32,
    pub w: f32,
    pub k_rho: f32,
    pub r0: f32,
    pub k_app: f32,
    pub k_app_pyk2: f32,
    pub per_f0: f32,
    pub per_tau_f: f32,
    pub per_tau_s: f32,
    pub rho_star: f32,
    pub per_adhesion_control: f32,
    pub per_x0: f32,
    pub per_e0: f32,
    /// Number of the row of neighbour bins at the corner of the box, see [`Model::with_bins_numbered_from`].
    pub first_row: u32,
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
    /// One over the control's pFAK.
    pub per_f_control: f32,
    /// Docetaxel of half effect on a cell that FAK does not shield, ng/mL.
    pub docetaxel_ic50: f32,
    /// Death by much docetaxel, /min.
    pub k_docetaxel: f32,
    /// Cube of the relative pFAK at which FAK shields half as well as it can.
    pub k_shield: f32,
    /// Where in the maps the fibres lie, or [`NONE`].
    pub fibres_at: u32,
    /// Voxels that cells come in by, each as often as types do.
    pub n_doors: u32,
    /// 1: cells lie in matrix, whose pores they pass.
    pub in_matrix: u32,
    /// Square of the distance at which killers attach, µm².
    pub attack_reach2: f32,
    /// One over the density of suppressors that halves killing, µm² or µm³.
    pub per_k_m: f32,
    /// 1: there are killers.
    pub hunted: u32,
    /// 1: cells of a type differ; 0: every trait is 1 and is not read.
    pub traits_vary: u32,
}

/// With the places in the maps of what cells meet.
pub(super) fn globals(
    model: &Model,
    deposits: &[Deposit],
    (passage_at, fibres_at): (u32, u32),
) -> Globals {
    let grid = model.grid();
    let p = |name: &str| model.parameters().value(name) as f32;
    let size = grid.size_um();
    let range = interaction_range_um(model);
    let bins = grid.bins(range);
    let (n_layers, rows_per_layer) = match grid.dimensions {
        3 => (bins[2], bins[1]),
        _ => (bins[1], 1),
    };
    let mut bin_measure = 1.0;
    for axis in 0..grid.dimensions as usize {
        bin_measure *= size[axis] / f64::from(bins[axis]);
    }
    let mut slots = [[NONE; 4]; 2];
    for (slot, field) in model.fields().iter().enumerate() {
        let kind = field.kind as usize;
        slots[kind / 4][kind % 4] = slot as u32;
    }
    let w_dim = if model.in_matrix() {
        "w_dim_3d"
    } else {
        "w_dim_2d"
    };
    let capacity = match grid.dimensions {
        2 => "K_2d",
        _ => "K_3d",
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
        k_n: p("k_N"),
        k_noff: p("k_Noff"),
        k_mat: p("k_mat"),
        k_d0: p("k_d0"),
        k_d1: p("k_d1"),
        w: p("w"),
        k_rho: p("K_rho"),
        r0: p("R0"),
        k_app: p("K_app"),
        k_app_pyk2: p("K_app_pyk2"),
        per_f0: (1.0 / model.parameters().value("F0")) as f32,
        per_tau_f: (1.0 / model.parameters().value("tau_f")) as f32,
        per_tau_s: (1.0 / model.parameters().value("tau_s")) as f32,
        rho_star: p("rho_star"),
        per_adhesion_control: (1.0 / control.adhesion()) as f32,
        per_x0: (1.0 / control.pcas) as f32,
        per_e0: (1.0 / control.perk) as f32,
        first_row: model.first_bin_layer() % n_layers * rows_per_layer,
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
        per_f_control: (1.0 / control.pfak) as f32,
        docetaxel_ic50: p("IC50_docetaxel"),
        k_docetaxel: p("k_docetaxel"),
        k_shield: model.parameters().value("K_shield").powi(3) as f32,
        fibres_at,
        n_doors: model
            .recruits()
            .iter()
            .map(|r| r.doors.len())
            .sum::<usize>() as u32,
        in_matrix: u32::from(model.in_matrix()),
        attack_reach2: p("R_attack") * p("R_attack"),
        per_k_m: (1.0 / (model.parameters().value("K_M") * reference)) as f32,
        hunted: u32::from(model.has_killers()),
        traits_vary: u32::from(model.traits_vary()),
    }
}
