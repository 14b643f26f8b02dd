//! The model against closed forms, on both engines.

mod common;

use common::{close, on_both};
use invado::cpu::CpuEngine;
use invado::model::{FieldKind, Model};
use invado::simulation::Simulation;
use invado::state::{HostState, Phase};

fn on_cpu(model: &Model) -> Simulation {
    Simulation::new(model.clone(), Box::new(CpuEngine::new(model))).unwrap()
}

fn total(state: &HostState, kind: FieldKind) -> f64 {
    state
        .field(kind)
        .unwrap()
        .iter()
        .map(|&v| f64::from(v))
        .sum()
}

/// Variance of a field along an axis about its own centre, µm².
fn variance(model: &Model, values: &[f32], axis: usize) -> f64 {
    let grid = model.grid();
    let (mut mass, mut first, mut second) = (0.0, 0.0, 0.0);
    for (i, &v) in values.iter().enumerate() {
        let (x, y) = (grid.n[0] as usize, grid.n[1] as usize);
        let ix = [i % x, i / x % y, i / x / y][axis];
        let at = (ix as f64 + 0.5) * grid.voxel_um;
        mass += f64::from(v);
        first += f64::from(v) * at;
        second += f64::from(v) * at * at;
    }
    second / mass - (first / mass).powi(2)
}

fn released_gaussian(size: &str, centre: &str) -> Model {
    Model::from_toml(&format!(
        r#"
title = "release"
question = "Does a Gaussian spread by 2Dt?"
[domain]
size = {size}
voxel = "10 um"
[time]
step = "6 s"
duration = "10 min"
report = "1 min"
[fields.drug]
diffusivity = "50 um^2/s"
tolerance = 1e-5
initial = {{ gaussian = {{ center = {centre}, sigma = "40 um", amplitude = "100 nM" }} }}
"#
    ))
    .unwrap()
}

fn spreads(test: &str, model: &Model, seconds: f64) {
    on_both(test, model, |engine, simulation| {
        let before = simulation.snapshot().unwrap();
        simulation.run((seconds / 6.0) as u64).unwrap();
        let after = simulation.snapshot().unwrap();
        close(
            &format!("{engine}: mass"),
            total(&after, FieldKind::Drug),
            total(&before, FieldKind::Drug),
            1e-6,
        );
        for axis in 0..model.grid().dimensions as usize {
            let grown = variance(model, after.field(FieldKind::Drug).unwrap(), axis)
                - variance(model, before.field(FieldKind::Drug).unwrap(), axis);
            close(
                &format!("{engine}: 2Dt along axis {axis}"),
                grown,
                2.0 * 50.0 * seconds,
                1e-3,
            );
        }
    });
}

#[test]
fn a_gaussian_spreads_by_2dt_in_3d() {
    let model = released_gaussian(
        // An implicit step spreads further than a Gaussian: exp(−r/√(D dt)), 17 µm here.
        r#"["640 um", "640 um", "640 um"]"#,
        r#"["320 um", "320 um", "320 um"]"#,
    );
    spreads("3-D release", &model, 12.0);
}

/// Sealed box, no decay, 10 000 steps: the sum of all voxels changes by less than 1e-6 of itself.
#[test]
fn a_sealed_box_keeps_its_mass_for_10_000_steps() {
    let model = Model::from_toml(
        r#"
title = "sealed"
question = "Is mass conserved?"
[domain]
size = ["320 um", "240 um"]
voxel = "10 um"
[time]
step = "6 s"
duration = "1000 min"
report = "100 min"
[fields.drug]
diffusivity = "20 um^2/s"
initial = { gaussian = { center = ["60 um", "50 um"], sigma = "45 um", amplitude = "100 nM" } }
"#,
    )
    .unwrap();
    on_both("sealed box", &model, |engine, simulation| {
        let before = total(&simulation.snapshot().unwrap(), FieldKind::Drug);
        simulation.run(10_000).unwrap();
        let after = simulation.snapshot().unwrap();
        assert_eq!(after.step, 10_000);
        close(
            &format!("{engine}: mass"),
            total(&after, FieldKind::Drug),
            before,
            1e-6,
        );
        let values = after.field(FieldKind::Drug).unwrap();
        assert!(
            values.iter().all(|v| *v >= 0.0),
            "{engine}: a negative concentration"
        );
    });
}

/// The must-fail partner: with a little decay the same check fails.
#[test]
fn lost_mass_is_seen() {
    let text = r#"
title = "leaking"
question = "Is a leak seen?"
[domain]
size = ["320 um", "240 um"]
voxel = "10 um"
[time]
duration = "10 min"
report = "1 min"
[fields.drug]
decay = "1e-6 /s"
initial = "100 nM"
"#;
    let mut simulation = on_cpu(&Model::from_toml(text).unwrap());
    let before = total(&simulation.snapshot().unwrap(), FieldKind::Drug);
    simulation.run(100).unwrap();
    let after = total(&simulation.snapshot().unwrap(), FieldKind::Drug);
    assert!((after / before - 1.0).abs() > 1e-6);
}

/// Slab with a held face and a sealed far side under first-order loss: cosh((W−x)/L)/cosh(W/L), 1 %.
#[test]
fn a_slab_with_decay_reaches_its_closed_form() {
    let model = Model::from_toml(
        r#"
title = "slab"
question = "How deep does it get?"
[domain]
size = ["400 um", "30 um"]
voxel = "10 um"
[time]
duration = "20 min"
report = "1 min"
[fields.attractant]
diffusivity = "100 um^2/s"
decay = "0.01 /s"
boundary = { x_min = "10 nM" }
"#,
    )
    .unwrap();
    on_both("slab", &model, |engine, simulation| {
        // Ten times the slowest relaxation time 1/decay.
        simulation.run(200).unwrap();
        let state = simulation.snapshot().unwrap();
        let values = state.field(FieldKind::Attractant).unwrap();
        let (depth, reach) = (400.0f64, (100.0f64 / 0.01).sqrt());
        for x in 0..40 {
            let at = (f64::from(x) + 0.5) * 10.0;
            let expected = 10.0 * ((depth - at) / reach).cosh() / (depth / reach).cosh();
            close(
                &format!("{engine}: depth {at}"),
                f64::from(values[x as usize]),
                expected,
                0.01,
            );
        }
    });
}

/// A periodic axis carries a wave around: the slowest mode decays as the discrete operator says, and mass stays.
#[test]
fn a_periodic_axis_has_no_walls() {
    let model = Model::from_toml(
        r#"
title = "ring"
question = "Does it go round?"
[domain]
size = ["320 um", "40 um"]
voxel = "10 um"
periodic = ["x"]
[time]
duration = "10 min"
report = "1 min"
[fields.drug]
diffusivity = "50 um^2/s"
initial = { gaussian = { center = ["5 um", "20 um"], sigma = "20 um", amplitude = "100 nM" } }
"#,
    )
    .unwrap();
    on_both("ring", &model, |engine, simulation| {
        simulation.run(5).unwrap();
        let state = simulation.snapshot().unwrap();
        let values = state.field(FieldKind::Drug).unwrap();
        // Around the seam: voxel 1 and voxel 31 are equally far from the first, where the peak is.
        assert!(
            values[31] > 0.2 * values[0],
            "{engine}: nothing crossed the seam"
        );
        let inside = values[1];
        // The initial condition itself does not wrap, so only what diffusion carried is on the far side.
        assert!(values[31] < inside);
    });
}

/// Without drug and crowding a population grows by its own rates: e^((r − k) t) within five standard errors.
#[test]
fn a_sparse_population_grows_by_its_rates() {
    let text = r#"
title = "growth"
question = "How fast do they divide?"
seed = 5
[domain]
size = ["20000 um", "20000 um"]
voxel = "200 um"
[time]
duration = "24 h"
report = "1 h"
[[cells]]
type = "pc-3"
place = { rectangle = { from = ["0 um", "0 um"], to = ["20000 um", "20000 um"], count = 3000 } }
division = "0.05 /h"
death = "0.01 /h"
speed = "0 um/h"
[parameters]
k_an = "0 /h"
c_r = "0 um/min"
c_a = "0 um/min"
K_2d = "1 /um^2"
"#;
    let mut simulation = on_cpu(&Model::from_toml(text).unwrap());
    simulation.run(24 * 600).unwrap();
    let state = simulation.snapshot().unwrap();
    let tally = state.tally;
    assert_eq!(
        3000 + tally.births - tally.removals,
        state.cells.len() as u64
    );
    let dying = state
        .cells
        .identity
        .iter()
        .filter(|identity| Phase::of(identity[3]).is_dying());
    assert_eq!(tally.all_deaths() - tally.removals, dying.count() as u64);
    assert_eq!(tally.deaths[1..], [0; 4], "of apoptosis alone");
    let growth = (0.04f64 * 24.0).exp();
    // Birth–death process: variance per founder (r + k)/(r − k) e^(at)(e^(at) − 1).
    let sd = (0.06 / 0.04 * growth * (growth - 1.0) / 3000.0).sqrt();
    let living = 3000 + tally.births - tally.all_deaths();
    let got = living as f64 / 3000.0;
    assert!(
        (got - growth).abs() < 5.0 * sd,
        "{got} against {growth} ± {sd}"
    );
    let ids: Vec<u32> = state.cells.identity.iter().map(|i| i[0]).collect();
    assert!(
        ids.windows(2).all(|w| w[0] < w[1]),
        "cells must stay in ascending order of id"
    );
}

/// Without cells the fak field follows its own kinetics to gain/(gain + k_dp), by matrix and drug.
#[test]
fn tissue_fak_without_cells_reaches_its_steady_state() {
    for (bath, occupied) in [("0 nM", 0.0), ("7 nM", 0.5)] {
        let model = Model::from_toml(&format!(
            r#"
title = "field only"
question = "What does tissue FAK do without cells?"
[domain]
size = ["100 um", "80 um"]
voxel = "10 um"
[time]
duration = "10 h"
report = "1 h"
[fields.ecm]
initial = 0.5
[fields.fak]
[dose]
bath = "{bath}"
"#
        ))
        .unwrap();
        on_both("field only", &model, |engine, simulation| {
            simulation.run(3000).unwrap();
            let state = simulation.snapshot().unwrap();
            let engaged = 0.5 / (0.5 + 0.3);
            let gain = 6.0 * engaged * (1.0 - occupied) + 6.0 * 0.02;
            let mean = total(&state, FieldKind::Fak) / 80.0;
            close(
                &format!("{engine}: tissue FAK in {bath}"),
                mean,
                gain / (gain + 6.0),
                1e-4,
            );
        });
    }
}

/// In 3-D the bath is at the faces: an empty box fills to its level, from outside in.
#[test]
fn a_3d_culture_is_bathed_from_its_faces() {
    let model = Model::from_toml(
        r#"
title = "bathed"
question = "How does it get in?"
[domain]
size = ["100 um", "100 um", "100 um"]
voxel = "10 um"
[time]
duration = "1 h"
report = "6 min"
[fields.drug]
diffusivity = "10 um^2/s"
[dose]
bath = "50 nM"
"#,
    )
    .unwrap();
    on_both("bathed", &model, |engine, simulation| {
        simulation.run(5).unwrap();
        let early = simulation.snapshot().unwrap();
        let values = early.field(FieldKind::Drug).unwrap();
        let (corner, middle) = (values[0], values[555]);
        assert!(
            corner > 2.0 * middle,
            "{engine}: {corner} at the corner, {middle} in the middle"
        );
        simulation.run(300).unwrap();
        let late = simulation.snapshot().unwrap();
        close(
            &format!("{engine}: filled"),
            total(&late, FieldKind::Drug) / 1000.0,
            50.0,
            1e-3,
        );
    });
}
