//! Migration: persistent walks in space, obstacles and the speed limit. What else is published is in the verification book.

mod common;

use common::{ONLY_WALKING, close, on_both};
use invado::model::{Model, initial_state};
use invado::simulation::{Simulation, StepInput};
use invado::state::HostState;

/// MDA-MB-231 far from any wall.
fn walkers() -> Model {
    Model::from_toml(&format!(
        r#"
title = "walk"
question = "How far do they get?"
seed = 3
[domain]
size = ["5000 um", "5000 um", "5000 um"]
voxel = "200 um"
[time]
step = "30 s"
duration = "12 h"
[[cells]]
type = "mda-mb-231"
place = {{ rectangle = {{ from = ["1000 um", "1000 um", "1000 um"], to = ["4000 um", "4000 um", "4000 um"], count = 20000 }} }}
division = "0 /h"
death = "0 /h"
[parameters]
{ONLY_WALKING}
"#
    ))
    .unwrap()
}

/// Mean squared displacement, µm².
fn msd(start: &HostState, now: &HostState) -> f64 {
    let squares = start
        .cells
        .position_radius
        .iter()
        .zip(&now.cells.position_radius)
        .map(|(a, b)| f64::from((*b - *a).truncate().length_squared()));
    squares.sum::<f64>() / start.cells.len() as f64
}

/// 2 S² P² (t/P − 1 + e^(−t/P)) for S 36 µm/h and P 0.52 h, the same in any dimension; 20 000 cells, 3 %. The plane is case
/// A11 of the verification book.
#[test]
fn deep_walks_have_the_msd_of_their_persistence() {
    let hours = [0.5f64, 1.0, 2.0, 4.0, 8.0, 12.0];
    let expected = [241.0, 749.0, 2010.0, 4691.0, 10082.0, 15473.0];
    on_both("walks", &walkers(), |engine, simulation| {
        let start = simulation.snapshot().unwrap();
        // A software driver takes minutes for the whole.
        let until = if engine == "cpu" { 6 } else { 2 };
        for (hours, expected) in hours.iter().zip(expected).take(until) {
            let steps = (hours * 120.0).round() as u64 - simulation.step();
            simulation.run(steps).unwrap();
            let msd = msd(&start, &simulation.snapshot().unwrap());
            close(&format!("{engine}: MSD at {hours} h"), msd, expected, 0.03);
        }
    });
}

/// T cells left of a membrane.
fn beside_a_membrane(pores: &str) -> Model {
    Model::from_toml(&format!(
        r#"
title = "membrane"
seed = 5
[domain]
size = ["300 um", "200 um"]
voxel = "10 um"
[time]
duration = "4 h"
[[obstacle]]
membrane = {{ axis = "x", at = "155 um", thickness = "10 um"{pores} }}
[[cells]]
type = "cd8"
place = {{ rectangle = {{ from = ["0 um", "0 um"], to = ["140 um", "200 um"], count = 150 }} }}
[parameters]
{ONLY_WALKING}
"#
    ))
    .unwrap()
}

/// A membrane lets cells pass by its pores, and only where these are wider than the cell's limit (π d²/4 against 4 µm²).
#[test]
fn a_membrane_lets_pass_what_its_pores_let_through() {
    for (diameter, crosses) in [(None, false), (Some(2), false), (Some(8), true)] {
        let pores = diameter.map_or(String::new(), |um| {
            format!(", pores = {{ diameter = \"{um} um\", pitch = \"30 um\" }}")
        });
        let model = beside_a_membrane(&pores);
        let passage = model.passage().unwrap().to_vec();
        on_both("a_membrane", &model, |engine, simulation| {
            simulation.run(1200).unwrap();
            let cells = simulation.snapshot().unwrap().cells;
            let beyond = cells.position_radius.iter().filter(|x| x.x > 160.0).count();
            assert_eq!(
                beyond > 0,
                crosses,
                "{engine}: {beyond} passed {diameter:?} µm"
            );
            for body in &cells.position_radius {
                let [x, y] = [body.x, body.y].map(|um| (um / 10.0) as usize);
                let area = passage[y.min(19) * 30 + x.min(29)];
                assert!(
                    area > 4.0,
                    "{engine}: a cell at {body} in a pore of {area} µm²"
                );
            }
        });
    }
}

/// A pile pushes harder than the limit allows: no cell goes farther than its radius in a step, and each is counted.
#[test]
fn the_speed_limit_holds_and_counts() {
    let text = r#"
title = "pile"
[domain]
size = ["200 um", "200 um"]
voxel = "10 um"
[time]
step = "1 min"
duration = "1 h"
[[cells]]
type = "pc-3"
place = { rectangle = { from = ["0 um", "0 um"], to = ["200 um", "200 um"], count = 60 } }
"#;
    let model = Model::from_toml(text).unwrap();
    let mut pile = initial_state(&model);
    for (ix, body) in pile.cells.position_radius.iter_mut().enumerate() {
        body.x = 100.0 + 0.1 * (ix % 8) as f32;
        body.y = 100.0 + 0.1 * (ix / 8) as f32;
    }
    let input = StepInput::bathed(0, 0.0);
    for mut engine in common::engines("the_speed_limit", &model) {
        engine.load(&pile).unwrap();
        engine.run(&[input]).unwrap();
        let now = engine.download().unwrap();
        let ways: Vec<f32> = (pile.cells.position_radius.iter())
            .zip(&now.cells.position_radius)
            .map(|(a, b)| (*b - *a).truncate().length())
            .collect();
        let cut = ways.iter().filter(|way| **way > 8.39).count();
        let name = engine.name();
        assert!(ways.iter().all(|way| *way < 8.41), "{name}: {ways:?}");
        assert!(cut > 30, "{name}: {cut} cells at the limit");
        assert_eq!(now.tally.limited, cut as u64, "{name}");
    }
}

/// Walkers of P 0.5 h among fibres.
fn guided(dimensions: usize, fibres: &str, guidance: f64, count: u32) -> Model {
    let corner = |um: u32| vec![format!("\"{um} um\""); dimensions].join(", ");
    Model::from_toml(&format!(
        r#"
title = "guided"
seed = 6
[domain]
size = [{size}]
voxel = "100 um"
[time]
step = "10 s"
duration = "100 h"
[fibres]
{fibres}
[[cells]]
type = "pc-3"
place = {{ rectangle = {{ from = [{from}], to = [{to}], count = {count} }} }}
speed = "1 um/h"
radius = "1 um"
persistence = "0.5 h"
guidance = "{guidance} /h"
division = "0 /h"
death = "0 /h"
[parameters]
{ONLY_WALKING}
"#,
        size = corner(2000),
        from = corner(0),
        to = corner(2000),
    ))
    .unwrap()
}

/// Mean of the squared cosine between polarities and an axis once it is stationary, of cells in a part of the box. A step
/// of 10 s leaves half a per cent to the discrete time.
fn alignment(simulation: &mut Simulation, axis: [f32; 3], part: impl Fn(f32) -> bool) -> f64 {
    let (mut sum, mut n) = (0.0, 0.0);
    for steps in [450, 90, 90, 90, 90] {
        simulation.run(steps).unwrap();
        let cells = simulation.snapshot().unwrap().cells;
        for (body, p) in cells.position_radius.iter().zip(&cells.polarity_speed) {
            if part(body.x) {
                let along = p.x * axis[0] + p.y * axis[1] + p.z * axis[2];
                sum += f64::from(along * along);
                n += 1.0;
            }
        }
    }
    sum / n
}

/// Among fibres of alignment a the torque a·k sin φ cos φ against the noise of P gives the stationary density
/// e^(a k P/2 · cos² φ) on the circle and e^(a k P · cos² θ) on the sphere.
#[test]
fn contact_guidance_aligns_cells_as_much_as_its_density_says() {
    for (dimensions, axis, direction) in [
        (2, [0.8, 0.6, 0.0], "[4, 3]"),
        (3, [0.0, -0.6, 0.8], "[0, -3, 4]"),
    ] {
        let (a, k) = (0.6, 12.0);
        let strength = a * k * 0.5 * if dimensions == 2 { 0.5 } else { 1.0 };
        let (mut above, mut below) = (0.0, 0.0);
        for i in 0..2000 {
            let angle = std::f64::consts::PI * (f64::from(i) + 0.5) / 2000.0;
            let square = angle.cos().powi(2);
            let solid = if dimensions == 2 { 1.0 } else { angle.sin() };
            let density = (strength * square).exp() * solid;
            above += square * density;
            below += density;
        }
        let fibres = format!("direction = {direction}\nalignment = {a}");
        let model = guided(dimensions, &fibres, k, 4000);
        on_both("contact_guidance", &model, |engine, simulation| {
            let got = alignment(simulation, axis, |_| true);
            close(
                &format!("{engine}, {dimensions}-D"),
                got,
                above / below,
                0.02,
            );
        });
    }
}

/// The left half of a picture has stripes along x, the right half along y.
#[test]
fn cells_follow_the_fibres_of_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fibres.png");
    image::GrayImage::from_fn(400, 400, |x, y| {
        let across = if x < 200 { y } else { x };
        image::Luma([if across / 4 % 2 == 0 { 40 } else { 220 }])
    })
    .save(&path)
    .unwrap();
    let fibres = format!("file = \"{}\"", path.display());
    let model = guided(2, &fibres, 40.0, 1500);
    on_both("cells_follow_a_picture", &model, |engine, simulation| {
        let left = alignment(simulation, [1.0, 0.0, 0.0], |x| x < 900.0);
        let right = alignment(simulation, [0.0, 1.0, 0.0], |x| x > 1100.0);
        assert!(left > 0.85 && right > 0.85, "{engine}: {left} and {right}");
    });
}

/// Each mistake in `[fibres]` is named.
#[test]
fn bad_fibres_are_refused() {
    let refused = |fibres: &str| {
        let text = format!(
            "title = \"t\"\n[domain]\nsize = [\"100 um\", \"100 um\"]\nvoxel = \"10 um\"\n[time]\nduration = \"1 h\"\n[fibres]\n{fibres}\n"
        );
        Model::from_toml(&text).unwrap_err().to_string()
    };
    for (fibres, parts) in [
        ("", ["fibres", "exactly one of direction, file"]),
        (
            "direction = [1, 0]\nfile = \"a.png\"",
            ["fibres", "2 are given"],
        ),
        ("direction = [1]", ["fibres.direction", "1 numbers given"]),
        ("direction = [0, 0]", ["fibres.direction", "not all 0"]),
        ("direction = [1, nan]", ["fibres.direction", "finite"]),
        (
            "direction = [1, 0]\nalignment = 1.5",
            ["fibres.alignment", "0 to 1"],
        ),
        (
            "direction = [1, 0]\nsmoothing = \"9 um\"",
            ["fibres.smoothing", "picture"],
        ),
        ("file = \"none.png\"", ["fibres.file", "cannot read"]),
        (
            "file = \"a.png\"\nalignment = 1",
            ["fibres.alignment", "direction"],
        ),
        ("angle = 3", ["angle", "unknown"]),
    ] {
        let message = refused(fibres);
        for part in parts {
            assert!(message.contains(part), "{fibres}: {message}");
        }
    }
}
