//! What several test files share: the adapter, the tolerance table, the comparator, and random states.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod direct;

use glam::Vec4;
use invado::cpu::CpuEngine;
use invado::gpu::{GpuContext, GpuEngine};
use invado::model::{Model, initial_state};
use invado::pass::Pass;
use invado::rng;
use invado::simulation::{Engine, Simulation};
use invado::state::{HostState, Phase, Workings, life};

/// A device to test on. Without one the test says loudly that it did not run, or fails where CI demands a GPU.
pub fn gpu(test: &str) -> Option<GpuContext> {
    match GpuContext::new(None) {
        Ok(context) => Some(context),
        Err(error) => {
            absent(test, &error.to_string());
            None
        }
    }
}

/// Says that a test did not run and why; panics where `INVADO_REQUIRE_GPU=1`.
pub fn absent(test: &str, why: &str) {
    assert!(
        std::env::var("INVADO_REQUIRE_GPU").as_deref() != Ok("1"),
        "INVADO_REQUIRE_GPU=1, but {test} cannot run: {why}"
    );
    eprintln!("*** NOT RUN: {test}: {why} ***");
}

/// How far two engines may be apart after one pass from the same state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tolerance {
    /// Not at all.
    Bits,
    /// By a share of the larger of the value and the quantity's scale.
    Share(f32),
}

/// The tolerance table. A software adapter rounds + − × ÷ and √ as the CPU does and fuses nothing, and every pass is
/// made of those and integers only: equal bits. A hardware adapter may fuse a·b + c, which saves one rounding of
/// 6e-8 in each of some ten to fifty operations a pass; integer passes stay exact.
pub fn tolerance(pass: Pass, software: bool) -> Tolerance {
    if software {
        return Tolerance::Bits;
    }
    match pass {
        // Integers and copies. (A cell on a bin's edge may round to the other side: none does in these states.)
        Pass::Bin | Pass::Scan | Pass::Sort => Tolerance::Bits,
        // A share that rounds differently moves one unit of 1/64 of a cell.
        Pass::Deposit => Tolerance::Share(1.0 / 32.0),
        // Sums of some ten products a sweep; sweeps contract what differs, and the update multiplies it by up to
        // 1 + 6 D dt/h² = 19 here. Engines that stop a cycle apart, at the edge of the solver's tolerance, would differ by more.
        Pass::Diffuse => Tolerance::Share(2e-5),
        // One division of two sums of a few terms, one of them an exponential.
        Pass::React => Tolerance::Share(2e-6),
        // The root of a quadratic and a difference.
        Pass::Bind => Tolerance::Share(2e-6),
        // Nine coupled updates, one after another.
        Pass::Signal => Tolerance::Share(4e-6),
        // Sums of up to some hundred neighbours, with cancellation.
        Pass::Forces => Tolerance::Share(1e-4),
        // Normalisation and sampling.
        Pass::Move => Tolerance::Share(4e-6),
        // Copies; a hazard on the edge of its draw would show as another population.
        Pass::Fate => Tolerance::Share(1e-6),
    }
}

/// Where two states are farthest apart beyond tolerance.
#[derive(Debug, PartialEq)]
pub struct Mismatch {
    pub what: String,
    pub index: usize,
    pub left: f32,
    pub right: f32,
    pub ulps: u64,
}

fn ulps(a: f32, b: f32) -> u64 {
    let order = |x: f32| {
        let bits = i64::from(x.to_bits() as i32);
        if bits < 0 {
            i64::from(i32::MIN) - bits
        } else {
            bits
        }
    };
    order(a).abs_diff(order(b))
}

fn worst(what: &str, left: &[f32], right: &[f32], tolerance: Tolerance) -> Result<(), Mismatch> {
    if left.len() != right.len() {
        return Err(Mismatch {
            what: format!("{what}: number of values"),
            index: 0,
            left: left.len() as f32,
            right: right.len() as f32,
            ulps: 0,
        });
    }
    let scale = left
        .iter()
        .filter(|v| v.is_finite())
        .fold(0.0f32, |m, v| m.max(v.abs()));
    let excess = |a: f32, b: f32| -> f32 {
        if a.to_bits() == b.to_bits() {
            return 0.0;
        }
        match tolerance {
            Tolerance::Bits => 1.0 + ulps(a, b) as f32,
            Tolerance::Share(share) => {
                let apart = (a - b).abs();
                if apart.is_nan() {
                    f32::INFINITY
                } else {
                    apart / (share * scale.max(a.abs()))
                }
            }
        }
    };
    let limit = match tolerance {
        Tolerance::Bits => 0.0,
        Tolerance::Share(_) => 1.0,
    };
    let (index, value) = left
        .iter()
        .zip(right)
        .map(|(a, b)| excess(*a, *b))
        .enumerate()
        .fold(
            (0, 0.0),
            |best, next| if next.1 > best.1 { next } else { best },
        );
    if value > limit {
        return Err(Mismatch {
            what: what.to_string(),
            index,
            left: left[index],
            right: right[index],
            ulps: ulps(left[index], right[index]),
        });
    }
    Ok(())
}

fn whole(what: &str, left: &[u32], right: &[u32], tolerance: Tolerance) -> Result<(), Mismatch> {
    let float = |v: &[u32]| v.iter().map(|&x| x as f32).collect::<Vec<_>>();
    if tolerance == Tolerance::Bits {
        let index = left.iter().zip(right).position(|(a, b)| a != b);
        if left.len() == right.len() && index.is_none() {
            return Ok(());
        }
        let index = index.unwrap_or(0);
        return Err(Mismatch {
            what: what.to_string(),
            index,
            left: left.get(index).map_or(f32::NAN, |v| *v as f32),
            right: right.get(index).map_or(f32::NAN, |v| *v as f32),
            ulps: 0,
        });
    }
    worst(what, &float(left), &float(right), tolerance)
}

/// Compares two states; the error is the worst value of the first quantity that differs.
pub fn compare(a: &HostState, b: &HostState, tolerance: Tolerance) -> Result<(), Mismatch> {
    let exact = Tolerance::Bits;
    let books = |s: &HostState| {
        vec![
            s.cells.len() as u32,
            s.next_id,
            s.tally.births as u32,
            s.tally.deaths[0] as u32,
            s.tally.deaths[1] as u32,
            s.tally.deaths[2] as u32,
            s.tally.deaths[3] as u32,
            s.tally.deaths[4] as u32,
            s.tally.arrivals as u32,
            s.tally.removals as u32,
            s.tally.limited as u32,
        ]
    };
    whole("cells, next id, tally", &books(a), &books(b), exact)?;
    for ((kind, x), (_, y)) in a.fields.iter().zip(&b.fields) {
        worst(kind.name(), x, y, tolerance)?;
    }
    let vectors = |name: &str, x: &[Vec4], y: &[Vec4]| {
        for (i, axis) in ["x", "y", "z", "w"].iter().enumerate() {
            let pick = |v: &[Vec4]| v.iter().map(|v| v[i]).collect::<Vec<_>>();
            worst(&format!("{name}.{axis}"), &pick(x), &pick(y), tolerance)?;
        }
        Ok(())
    };
    vectors(
        "position",
        &a.cells.position_radius,
        &b.cells.position_radius,
    )?;
    vectors("polarity", &a.cells.polarity_speed, &b.cells.polarity_speed)?;
    vectors("push", &a.cells.push_crowding, &b.cells.push_crowding)?;
    let flat = |s: &HostState| s.cells.identity.concat();
    whole("identity", &flat(a), &flat(b), exact)?;
    for (row, name) in invado::state::signal::NAMES.iter().enumerate() {
        worst(
            name,
            &a.cells.signals[row],
            &b.cells.signals[row],
            tolerance,
        )?;
    }
    for (row, name) in ["fak", "receptor", "speed"].iter().enumerate() {
        let (a, b) = (&a.cells.traits[row], &b.cells.traits[row]);
        worst(&format!("trait {name}"), a, b, tolerance)?;
    }
    Ok(())
}

/// Compares what passes hand to each other.
pub fn compare_workings(a: &Workings, b: &Workings, tolerance: Tolerance) -> Result<(), Mismatch> {
    let exact = Tolerance::Bits;
    whole("bin_counts", &a.bin_counts, &b.bin_counts, exact)?;
    whole("cell_bins", &a.cell_bins, &b.cell_bins, exact)?;
    whole("bin_starts", &a.bin_starts, &b.bin_starts, exact)?;
    whole("sorted_ix", &a.sorted_ix, &b.sorted_ix, exact)?;
    let flat = |v: &[Vec4]| v.iter().flat_map(|v| v.to_array()).collect::<Vec<f32>>();
    worst(
        "sorted_bodies",
        &flat(&a.sorted_bodies),
        &flat(&b.sorted_bodies),
        exact,
    )?;
    whole("deposits", &a.deposits, &b.deposits, tolerance)?;
    Ok(())
}

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

/// A small scene with every field and channel, four cell types, vessels, obstacles to symmetry and busy hazards. Drug
/// binds by kinetics, or at equilibrium where axes are periodic.
pub fn scene(three_d: bool, periodic: bool) -> Model {
    Model::from_toml(&scene_toml(three_d, periodic)).unwrap()
}

/// [`scene`] as text.
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

/// Parameters under which cells do nothing but walk.
pub const ONLY_WALKING: &str = r#"
k_an = "0 /h"
c_r = "0 um/min"
c_a = "0 um/min"
"#;

/// Whether the adapter that tests run on is hardware, which may fuse operations.
pub fn hardware() -> bool {
    GpuContext::new(None).is_ok_and(|context| !context.summary().software)
}

/// The CPU engine and, where there is an adapter, the GPU engine.
pub fn engines(test: &str, model: &Model) -> Vec<Box<dyn Engine>> {
    let mut engines: Vec<Box<dyn Engine>> = vec![Box::new(CpuEngine::new(model))];
    if let Some(context) = gpu(test) {
        engines.push(Box::new(GpuEngine::new(&context, model).unwrap()));
    }
    engines
}

/// Runs a check on both engines.
pub fn on_both(test: &str, model: &Model, check: impl Fn(&str, &mut Simulation)) {
    for engine in engines(test, model) {
        let name = engine.name();
        check(name, &mut Simulation::new(model.clone(), engine).unwrap());
    }
}

/// Panics if two numbers differ by more than a share of the expected one.
pub fn close(what: &str, got: f64, expected: f64, relative: f64) {
    let apart = (got - expected).abs() / expected.abs().max(1e-300);
    assert!(
        apart <= relative,
        "{what}: {got} against {expected}, {apart:.2e} apart, allowed {relative:.0e}"
    );
}

/// Writes a NumPy file.
pub fn write_npy<T: npyz::AutoSerialize + Copy>(
    path: &std::path::Path,
    shape: &[u64],
    values: &[T],
) {
    use npyz::WriterBuilder;
    let file = std::fs::File::create(path).unwrap();
    let mut npy = npyz::WriteOptions::new()
        .default_dtype()
        .shape(shape)
        .writer(file)
        .begin_nd()
        .unwrap();
    npy.extend(values.iter().copied()).unwrap();
    npy.finish().unwrap();
}
