//! Transport against closed forms, a direct solver and a finer grid, on both engines.

mod common;

use common::{close, on_both};
use invado::cpu::CpuEngine;
use invado::model::{FieldKind, Model};
use invado::simulation::{EngineError, Simulation};

/// A model of one box with these tables. Sizes in µm.
fn model(size: &[f64], voxel: f64, step: &str, tables: &str) -> Model {
    model_in(std::path::Path::new("."), size, voxel, step, tables)
}

fn model_in(folder: &std::path::Path, size: &[f64], voxel: f64, step: &str, tables: &str) -> Model {
    let lengths: Vec<String> = size.iter().map(|l| format!("\"{l} um\"")).collect();
    let text = format!(
        r#"
title = "transport"
[domain]
size = [{}]
voxel = "{voxel} um"
[time]
step = "{step}"
duration = "100 h"
{tables}
"#,
        lengths.join(", ")
    );
    let scenario =
        invado::scenario::Scenario::parse("transport", "transport", folder, &text, &[]).unwrap();
    Model::try_from(&scenario).unwrap()
}

fn values(simulation: &mut Simulation, kind: FieldKind) -> Vec<f64> {
    let state = simulation.snapshot().unwrap();
    let field = state.field(kind).unwrap();
    assert!(field.iter().all(|v| *v >= 0.0), "a negative value");
    field.iter().map(|v| f64::from(*v)).collect()
}

/// Relative distance in the L2 norm.
fn l2(got: &[f64], expected: &[f64]) -> f64 {
    let apart: f64 = got.iter().zip(expected).map(|(a, b)| (a - b).powi(2)).sum();
    let size: f64 = expected.iter().map(|b| b * b).sum();
    (apart / size).sqrt()
}

/// A2 in space: a Gaussian of width 3 h after free spreading, mass M/(4πDt)^(d/2)·exp(−r²/4Dt) convolved with its start.
fn spreads_into_its_profile(size: &[f64], step: &str, seconds: f64, steps: u64) {
    let centre: Vec<String> = size.iter().map(|l| format!("\"{} um\"", l / 2.0)).collect();
    let tables = format!(
        "[fields.drug]\ntolerance = 1e-5\ninitial = {{ gaussian = {{ center = [{}], sigma = \"60 um\", amplitude = \"100 nM\" }} }}",
        centre.join(", ")
    );
    let model = model(size, 20.0, step, &tables);
    on_both("A2", &model, |engine, simulation| {
        simulation.run(steps).unwrap();
        let got = values(simulation, FieldKind::Drug);
        let (start, spread) = (60.0f64.powi(2), 60.0f64.powi(2) + 2.0 * 166.0 * seconds);
        let peak = 100.0 * (start / spread).powf(size.len() as f64 / 2.0);
        let n = model.grid().n;
        let expected: Vec<f64> = (0..got.len())
            .map(|i| {
                let ix = [
                    i as u32 % n[0],
                    i as u32 / n[0] % n[1],
                    i as u32 / n[0] / n[1],
                ];
                let at = model.grid().centre_um(ix);
                let r2: f64 = size
                    .iter()
                    .zip(at)
                    .map(|(l, x)| (x - l / 2.0).powi(2))
                    .sum();
                peak * (-r2 / (2.0 * spread)).exp()
            })
            .collect();
        let apart = l2(&got, &expected);
        assert!(apart < 0.01, "{engine}: {apart:.4}");
    });
}

#[test]
fn a_gaussian_spreads_into_its_profile_in_3d() {
    spreads_into_its_profile(&[1200.0, 1200.0, 1200.0], "2 s", 60.0, 30);
}

/// A3: oxygen falls off as exp(−x/100 µm) into tissue that consumes it (D 1e5 µm²/min, 10 /min), h 10 µm.
#[test]
fn oxygen_falls_off_exponentially_into_a_half_space() {
    for size in [vec![1000.0, 30.0], vec![1000.0, 30.0, 40.0]] {
        let model = model(
            &size,
            10.0,
            "6 s",
            "[fields.oxygen]\ndiffusivity = \"1e5 um^2/min\"\ndecay = \"10 /min\"\nboundary = { x_min = \"38 mmHg\" }",
        );
        on_both("A3", &model, |engine, simulation| {
            simulation.run(30).unwrap();
            let got = values(simulation, FieldKind::Oxygen);
            for (x, got) in got.iter().enumerate().take(40) {
                let depth = (x as f64 + 0.5) * 10.0;
                let expected = 38.0 * (-depth / 100.0).exp();
                close(&format!("{engine}: depth {depth}"), *got, expected, 0.01);
            }
        });
    }
}

/// Steady oxygen in a slab of 300 µm sealed at the far side, along the last axis: its distance from cosh((W−x)/L)/
/// cosh(W/L).
fn slab_error(dimensions: usize, voxel: f64) -> f64 {
    let mut size = vec![2.0 * voxel; dimensions];
    size[dimensions - 1] = 300.0;
    let side = ["x_min", "y_min", "z_min"][dimensions - 1];
    let model = model(
        &size,
        voxel,
        "6 s",
        &format!(
            "[fields.oxygen]\ndiffusivity = \"1e5 um^2/min\"\ndecay = \"10 /min\"\ninitial = \"38 mmHg\"\nboundary = {{ {side} = \"38 mmHg\" }}"
        ),
    );
    let seen = std::cell::Cell::new(0.0f64);
    on_both("A4", &model, |_, simulation| {
        simulation.run(30).unwrap();
        let got = values(simulation, FieldKind::Oxygen);
        let across = 2usize.pow(dimensions as u32 - 1);
        let (got, expected): (Vec<f64>, Vec<f64>) = got
            .iter()
            .step_by(across)
            .enumerate()
            .map(|(i, got)| {
                let depth = (i as f64 + 0.5) * voxel;
                (
                    *got,
                    38.0 * ((300.0 - depth) / 100.0).cosh() / 3.0f64.cosh(),
                )
            })
            .unzip();
        seen.set(seen.get().max(l2(&got, &expected)));
    });
    seen.get()
}

/// A4 and A7: 1 % at h 10, and second order in h.
#[test]
fn a_slab_reaches_its_closed_form_with_second_order() {
    for dimensions in [2, 3] {
        let [coarse, middle, fine] = [20.0, 10.0, 5.0].map(|h| slab_error(dimensions, h));
        assert!(middle < 0.01, "{dimensions}-D: {middle}");
        for (a, b) in [(coarse, middle), (middle, fine)] {
            let order = (a / b).log2();
            assert!(
                order > 1.8,
                "{dimensions}-D: order {order:.2} ({a:.2e}, {b:.2e})"
            );
        }
    }
}

const HALF_FULL: &str = r#"
[fields.drug]
initial = { gaussian = { center = ["60 um", "90 um"], sigma = "30 um", amplitude = "100 nM" } }
[[obstacle]]
membrane = { axis = "x", at = "195 um", thickness = "10 um" }
"#;

/// A membrane without pores: nothing leaks in 10 000 steps, although most of the drug moves.
#[test]
fn a_closed_membrane_does_not_leak() {
    let model = model(&[390.0, 200.0], 10.0, "6 s", HALF_FULL);
    on_both("membrane", &model, |engine, simulation| {
        let sides = |values: Vec<f64>| {
            let side = |left: bool| -> f64 {
                let of = |(i, _): &(usize, &f64)| (i % 39 < 19) == left && i % 39 != 19;
                values.iter().enumerate().filter(of).map(|(_, v)| v).sum()
            };
            (side(true), side(false))
        };
        // What the start has laid on the far side stays there.
        let (near, far) = sides(values(simulation, FieldKind::Drug));
        simulation
            .run(if engine == "cpu" { 10_000 } else { 500 })
            .unwrap();
        let (near_after, far_after) = sides(values(simulation, FieldKind::Drug));
        assert!(
            (far_after - far).abs() < 1e-6 * near,
            "{engine}: {far} to {far_after}"
        );
        close(&format!("{engine}: near side"), near_after, near, 1e-6);
    });
}

/// Flux through a membrane with slits of 8 µm, steady, nM µm²/min per µm of depth.
fn flux(voxel: f64, pores: &str) -> f64 {
    let model = model(
        &[128.0, 64.0],
        voxel,
        "6 s",
        &format!(
            r#"
[fields.drug]
solver = "steady"
tolerance = 1e-6
boundary = {{ x_min = "100 nM", x_max = "0 nM" }}
[[obstacle]]
membrane = {{ axis = "x", at = "64 um", thickness = "8 um"{pores} }}
"#
        ),
    );
    let mut simulation =
        Simulation::new(model.clone(), Box::new(invado::cpu::CpuEngine::new(&model))).unwrap();
    simulation.run(3).unwrap();
    let got = values(&mut simulation, FieldKind::Drug);
    let row = model.grid().n[0] as usize;
    // The held face lies half a voxel behind the last column.
    let out: f64 = got.chunks(row).map(|row| row[row.len() - 1]).sum();
    2.0 * 166.0 * 60.0 * out
}

#[test]
fn pores_let_through_what_a_finer_grid_says() {
    let slits = r#", pores = { diameter = "8 um", pitch = "32 um" }"#;
    let (coarse, fine) = (flux(2.0, slits), flux(0.5, slits));
    close("flux through slits", coarse, fine, 0.05);
    // A quarter of the membrane is open, so that more than a quarter and less than all of the free flux passes.
    let free = 166.0 * 60.0 * 100.0 * 64.0 / 128.0;
    assert!(
        (0.25 * free..0.95 * free).contains(&fine),
        "{fine} of {free}"
    );
}

/// A minute of two fast fields to a tolerance of 1e-3, against the same to 1e-6: from rest, and once the fields have come
/// closer to theirs.
#[test]
fn a_tolerance_of_a_thousandth_keeps_the_error_below_it() {
    let tables = |tolerance: f64| {
        format!(
            r#"
[fields.oxygen]
tolerance = {tolerance}
initial = "38 mmHg"
decay = "1 /min"
perfusion = "10 /min"
plasma = "60 mmHg"
[fields.drug]
tolerance = {tolerance}
perfusion = "0.1 /min"
plasma = "30 nM"
[[vessel]]
ball = {{ center = ["480 um", "480 um", "480 um"], radius = "150 um" }}
"#
        )
    };
    let run = |tolerance: f64| -> Vec<(Vec<f64>, Vec<f64>)> {
        let model = model(&[960.0; 3], 20.0, "6 s", &tables(tolerance));
        let engine = Box::new(CpuEngine::new(&model));
        let mut simulation = Simulation::new(model, engine).unwrap();
        let minutes = [10, 50].map(|steps| {
            simulation.run(steps).unwrap();
            let oxygen = values(&mut simulation, FieldKind::Oxygen);
            (oxygen, values(&mut simulation, FieldKind::Drug))
        });
        minutes.into()
    };
    for ((oxygen, drug), (exact_oxygen, exact_drug)) in run(1e-3).iter().zip(&run(1e-6)) {
        for (what, got, exact) in [("oxygen", oxygen, exact_oxygen), ("drug", drug, exact_drug)] {
            let error = l2(got, exact);
            assert!(error < 1e-3, "{what}: {error:.1e}");
        }
    }
}

/// A sharp front into empty tissue at D dt/h² = 40: no value below 0 (the engine would stop), and it advances.
#[test]
fn a_front_stays_non_negative() {
    let model = model(
        &[400.0, 205.0],
        5.0,
        "6 s",
        "[fields.drug]\nboundary = { x_min = \"1000 nM\" }",
    );
    on_both("front", &model, |engine, simulation| {
        for _ in 0..20 {
            simulation.run(1).unwrap();
            let got = values(simulation, FieldKind::Drug);
            assert!(got[0] > 500.0 && got[79] < got[0], "{engine}");
        }
    });
}

/// Hindrance by matrix: D·exp(−√φ (r_s + r_f)/r_f), in how far a decaying drug reaches.
#[test]
fn matrix_hinders_diffusion() {
    let tables = |radius: &str| {
        format!(
            "[fields.drug]\ndecay = \"0.01 /s\"\n{radius}boundary = {{ x_min = \"100 nM\" }}\n[fields.ecm]\ninitial = 5\n"
        )
    };
    let reach = |radius: &str| {
        let model = model(&[600.0, 20.0], 10.0, "6 s", &tables(radius));
        let depth = std::cell::Cell::new(0.0f64);
        on_both("hindrance", &model, |_, simulation| {
            simulation.run(300).unwrap();
            let got = values(simulation, FieldKind::Drug);
            // Between two depths the steady profile falls by exp(−Δx/L).
            depth.set(100.0 / (got[5] / got[15]).ln());
        });
        depth.get()
    };
    // L² = D/k; √(0.02·5)·(0.54 + 25)/25 = 0.3231.
    let slowed = (reach("solute_radius = \"0.54 nm\"\n") / reach("")).powi(2);
    close(
        "relative diffusivity at rho 5",
        slowed,
        (-0.3231f64).exp(),
        2e-3,
    );
}

/// A maze one voxel wide, which no coarse level can stand for: the solver says that it did not get there.
#[test]
fn what_is_not_solved_is_said() {
    const N: usize = 48;
    // Walls on every second row, open at alternate ends.
    let walls: Vec<f32> = (0..N * N)
        .map(|i| {
            let (x, y) = (i % N, i / N);
            let gap = if y % 4 == 1 { N - 1 } else { 0 };
            if y % 2 == 1 && x != gap { 1.0 } else { 0.0 }
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    common::write_npy(&folder.path().join("walls.npy"), &[N as u64; 2], &walls);
    let model = model_in(
        folder.path(),
        &[480.0, 480.0],
        10.0,
        "6 s",
        "[fields.drug]\ndiffusivity = \"5000 um^2/s\"\nboundary = { y_min = \"1000 nM\" }\n[[obstacle]]\nfile = \"walls.npy\"\n",
    );
    on_both("maze", &model, |engine, simulation| {
        let error = simulation
            .run(1)
            .and_then(|()| simulation.snapshot())
            .unwrap_err();
        assert!(
            matches!(
                error,
                EngineError::Unsolved {
                    field: "drug",
                    step: 0,
                    ..
                }
            ),
            "{engine}: {error:?}"
        );
        let text = error.to_string();
        assert!(text.contains("residual") && text.contains("Try"), "{text}");
    });
}

/// A bath that is washed out for hours leaves numbers too small for f32; that is no reason to stop.
#[test]
fn what_is_washed_out_may_vanish() {
    for size in [
        r#"["400 um", "300 um"]"#,
        r#"["160 um", "120 um", "80 um"]"#,
    ] {
        let model = Model::from_toml(&format!(
            r#"
title = "wash-out"
question = "Does the run go on when nothing is left?"
[domain]
size = {size}
voxel = "20 um"
[time]
step = "6 s"
duration = "3 h"
[fields.drug]
initial = "1e-28 nM"
boundary = {{ x_min = "0 nM" }}
decay = "5e-2 /s"
solver = "implicit"
"#
        ));
        let model = model.unwrap_or_else(|why| panic!("{why}"));
        on_both("washed_out", &model, |engine, simulation| {
            simulation
                .run(150)
                .unwrap_or_else(|why| panic!("{engine}: {why}"));
            let state = simulation.snapshot().unwrap();
            let left = state.field(FieldKind::Drug).unwrap();
            // What the solver's tolerance of 1e-3 leaves of the level below which nothing is told apart, `TRACE`.
            let floor = 1e-3 * invado::coefficients::TRACE;
            let most = left.iter().copied().fold(0.0, f32::max);
            assert!(
                left.iter().all(|c| (0.0..floor).contains(c)),
                "{engine}: {most}"
            );
        });
    }
}
