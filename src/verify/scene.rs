//! The scene and the states in which engines are compared pass by pass.

use crate::model::{Model, initial_state};
use crate::rng;
use crate::state::{HostState, Phase, life};

/// A state with random fields, signals, phases, radii, directions and positions: half of the cells anywhere, a quarter crowded into a
/// corner, some on walls, bin edges and voxel centres.
pub fn random_state(model: &Model, seed: u32) -> HostState {
    let mut state = initial_state(model);
    let size = model.grid().size_um();
    let mut count = 0u32;
    let mut next = || {
        count += 1;
        rng::unit_f32(rng::philox4x32([seed, 1], [count, 0, 0, 0])[0])
    };
    for (kind, values) in &mut state.fields {
        let scale = match kind.unit() {
            "nM" => 50.0,
            "mmHg" => 40.0,
            _ => 1.0,
        };
        values.iter_mut().for_each(|v| *v = scale * next());
    }
    let dimensions = model.grid().dimensions as usize;
    let n = state.cells.len();
    for ix in 0..n {
        for axis in 0..dimensions {
            let full = size[axis] as f32;
            let reach = if ix % 4 == 0 { 0.1 * full } else { full };
            let mut x = reach * next();
            if ix % 16 == 1 {
                x = (x / model.grid().voxel_um as f32).round() * model.grid().voxel_um as f32;
            }
            if ix % 64 == 2 {
                x = if next() < 0.5 { 0.0 } else { full };
            }
            state.cells.position_radius[ix][axis] = x.min(full);
        }
        state.cells.polarity_speed[ix].w = next();
        for row in &mut state.cells.signals {
            row[ix] = next();
        }
        for row in &mut state.cells.traits {
            row[ix] = 0.5 + next();
        }
        for axis in 0..dimensions {
            state.cells.push_crowding[ix][axis] = next() - 0.5;
        }
        state.cells.push_crowding[ix].w = 2e-3 * next();
        if ix % 32 == 3 {
            // Beyond the speed limit.
            state.cells.push_crowding[ix].x *= 1e3;
        }
        // Every sixth cell is dying.
        let (first, n) = if ix % 6 == 0 { (3, 4.0) } else { (0, 3.0) };
        let phase = Phase::ALL[first + (next() * n) as usize];
        // Killers hold on to somebody, or not.
        let kills = model.cell_types()[state.cells.identity[ix][1] as usize].attack > 0.0;
        let phase = if kills && ix % 3 > 0 {
            Phase::Attached
        } else {
            phase
        };
        state.cells.identity[ix][3] = life(phase, (next() * 9.0) as u32);
        state.cells.position_radius[ix].w *= 0.3 + 0.7 * next();
    }
    state
}

/// A small scene with every field and channel, five cell types, vessels, obstacles to symmetry and busy hazards. Drug
/// binds by kinetics, or at equilibrium where axes are periodic.
pub fn scene_toml(three_d: bool, periodic: bool) -> String {
    let (size, from, to, density, sparse) = if three_d {
        (
            r#"["200 um", "160 um", "120 um"]"#,
            r#"["0 um", "0 um", "0 um"]"#,
            r#"["200 um", "160 um", "120 um"]"#,
            "7.8e-5 /um^3",
            "1e-5 /um^3",
        )
    } else {
        (
            r#"["400 um", "330 um"]"#,
            r#"["0 um", "0 um"]"#,
            r#"["400 um", "330 um"]"#,
            "1.5e-3 /um^2",
            "3e-4 /um^2",
        )
    };
    let axis = if periodic {
        r#"periodic = ["x", "y"]"#
    } else {
        ""
    };
    // Whole voxels and a share of one; a tube and a ball in 3-D.
    let vessels = if three_d {
        r#"[[vessel]]
tube = { from = ["20 um", "20 um", "10 um"], to = ["170 um", "140 um", "110 um"], radius = "3 um" }
[[vessel]]
ball = { center = ["150 um", "40 um", "60 um"], radius = "22 um" }"#
    } else {
        r#"[[vessel]]
disc = { center = ["305 um", "85 um"], radius = "32 um" }
[[vessel]]
disc = { center = ["75 um", "255 um"], radius = "3 um" }"#
    };
    // Where the vessels do not carry the dose, the bath does: from above in 2-D, at the faces in 3-D.
    let plasma = if periodic { r#"plasma = "25 nM""# } else { "" };
    let obstacle = if three_d {
        r#"ball = { center = ["90 um", "80 um", "60 um"], radius = "35 um" }"#
    } else {
        r#"disc = { center = ["190 um", "140 um"], radius = "43 um" }"#
    };
    let fibres = if three_d { "2, 1, -1" } else { "2, 1" };
    // A membrane whose pores slow a cell, and stop none.
    let wall = if three_d { "155 um" } else { "255 um" };
    let border = if three_d {
        "z_max"
    } else if periodic {
        "vessels"
    } else {
        "y_min"
    };
    let binding = if periodic { "equilibrium" } else { "kinetic" };
    let boundary = if periodic {
        ""
    } else {
        r#"boundary = { x_min = "20 nM", y_max = "5 nM" }"#
    };
    format!(
        r#"
title = "twins"
question = "Do the engines agree?"
seed = 11
[domain]
size = {size}
voxel = "10 um"
{axis}
[time]
step = "6 s"
duration = "12 h"
report = "1 h"
[fields.drug]
diffusivity = "20 um^2/s"
decay = "1e-4 /s"
initial = "3 nM"
uptake = "1e-4 /s"
source = "1e-3 nM/s"
retardation = 4
perfusion = "0.3 /min"
{plasma}
solver = "implicit"
solute_radius = "0.54 nm"
{boundary}
[fields.drug_bound]
capacity = "10 nM"
binding = "{binding}"
[fields.ecm]
initial = "0.6"
[fields.fak]
[fields.mmp]
[fields.oxygen]
solver = "steady"
initial = "30 mmHg"
perfusion = "2 /min"
plasma = "40 mmHg"
[fields.tgfb]
diffusivity = "10 um^2/s"
solver = "explicit"
solute_radius = "2.5 nm"
[fields.attractant]
diffusivity = "50 um^2/s"
decay = "1e-3 /s"
initial = "10 nM"
{vessels}
[fibres]
direction = [{fibres}]
alignment = 0.7
[[obstacle]]
{obstacle}
[[obstacle]]
membrane = {{ axis = "x", at = "{wall}", thickness = "10 um", pores = {{ diameter = "4 um", pitch = "30 um" }} }}
[[cells]]
type = "mda-mb-231"
place = {{ rectangle = {{ from = {from}, to = {to}, density = "{density}" }} }}
division = "0.9 /h"
docetaxel_ic50 = "1167.6 ng/mL"
[[cells]]
type = "mcf-7"
place = {{ rectangle = {{ from = {from}, to = {to}, density = "{density}" }} }}
bypass_fast = 0.5
to_go = "2 /h"
to_grow = "3 /h"
death = "0.9 /h"
[[cells]]
type = "fibroblast"
place = {{ rectangle = {{ from = {from}, to = {to}, density = "{sparse}" }} }}
deposition = "1 /h"
attractant_secretion = "2 nM/min"
[[cells]]
type = "macrophage"
place = {{ rectangle = {{ from = {from}, to = {to}, density = "{sparse}" }} }}
oxygen_uptake = "7 /min"
recruit = {{ from = "{border}", rate = "90 /h" }}
spread_speed = 0.4
[[cells]]
type = "cd8"
place = {{ rectangle = {{ from = {from}, to = {to}, density = "{sparse}" }} }}
recruit = {{ from = "vessels", rate = "20 /h" }}
kill = "0.2 /min"
most_kills = 7
[parameters]
K_oxygen = "20 mmHg"
T_apoptosis = "1 h"
k_an = "1 /h"
k_docetaxel = "3 /h"
K_app_pyk2 = "20 nM"
O_div = "0.5 mmHg"
O_full = "2 mmHg"
K_2d = "1e-2 /um^2"
K_3d = "1e-3 /um^3"
[dose]
bath = "30 nM"
"#
    )
}
