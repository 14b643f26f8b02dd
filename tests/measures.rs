//! What is measured of cells, on the engines' own runs.

mod common;

use common::{ONLY_WALKING, close, on_both};
use invado::cpu::CpuEngine;
use invado::model::Model;
use invado::observe::motility::Motility;
use invado::simulation::Simulation;
use invado::state::Bodies;

fn on_cpu(model: &Model) -> Simulation {
    Simulation::new(model.clone(), Box::new(CpuEngine::new(model))).unwrap()
}

/// What `[observe]` measures of a walk gets its S 36 µm/h and P 0.52 h back, within 5 %, though cells go around
/// a periodic box; not so a walk of half the persistence.
#[test]
fn motility_gets_back_speed_and_persistence() {
    let fitted = |persistence: &str| {
        let text = format!(
            r#"
title = "walk"
question = "What did they walk by?"
seed = 3
[domain]
size = ["800 um", "800 um"]
voxel = "100 um"
periodic = ["x", "y"]
[time]
step = "30 s"
duration = "12 h"
[[cells]]
type = "mda-mb-231"
persistence = "{persistence}"
place = {{ rectangle = {{ from = ["0 um", "0 um"], to = ["800 um", "800 um"], count = 1600 }} }}
division = "0 /h"
death = "0 /h"
[parameters]
{ONLY_WALKING}
"#
        );
        let model = Model::from_toml(&text).unwrap();
        let mut simulation = on_cpu(&model);
        let mut motility = Motility::new(&model, &simulation.bodies().unwrap(), 20);
        for _ in 0..72 {
            simulation.run(20).unwrap();
            motility.sample(&simulation.bodies().unwrap());
        }
        let rows = motility.lags();
        assert_eq!((rows.len(), rows[0].n_tracks), (72, 1600));
        let mut paths = motility.followed().paths().iter();
        assert!(
            paths.any(|path| path.at_um[0] > 850.0),
            "some leave the box"
        );
        let fit = motility.fits(&rows).remove(0);
        (fit.speed_um_per_h.unwrap(), fit.persistence_h.unwrap())
    };
    let (speed, persistence) = fitted("0.52 h");
    close("S", speed, 36.0, 0.05);
    close("P", persistence, 0.52, 0.05);
    let (speed, persistence) = fitted("0.26 h");
    close("S", speed, 36.0, 0.05);
    assert!((persistence / 0.52 - 1.0).abs() > 0.4, "{persistence}");
}

/// The bodies alone are those of the whole state, after division and death too.
#[test]
fn bodies_are_those_of_the_state() {
    let text = r#"
title = "bodies"
question = "Are they the same?"
[domain]
size = ["400 um", "300 um"]
voxel = "10 um"
[time]
duration = "1 h"
[fields.ecm]
initial = 0.5
[[cells]]
type = "pc-3"
place = { rectangle = { from = ["0 um", "0 um"], to = ["400 um", "300 um"], count = 100 } }
division = "0.5 /h"
death = "0.2 /h"
"#;
    on_both(
        "bodies",
        &Model::from_toml(text).unwrap(),
        |engine, simulation| {
            for steps in [0, 7, 300] {
                simulation.run(steps).unwrap();
                let bodies = simulation.bodies().unwrap();
                let state = simulation.snapshot().unwrap();
                assert_eq!(
                    bodies,
                    Bodies::from(&state),
                    "{engine}, step {}",
                    state.step
                );
                assert_eq!(bodies.step, simulation.step());
            }
            assert!(simulation.snapshot().unwrap().tally.births > 0);
        },
    );
}
