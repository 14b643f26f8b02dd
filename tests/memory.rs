//! What `invado check` says of memory is what an engine takes, and exports take no more for more moments.

use std::sync::Mutex;

use invado::cpu::CpuEngine;
use invado::export::{Export, Live, OmeZarr, Part, Saved, Simularium, Vtk, open};
use invado::model::{Model, initial_state};
use invado::simulation::Engine;
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// The count is of the whole process, so that one test runs at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// Bytes that are live because an engine is, over those that the model's account promises.
fn taken_over_promised(fields: &str, size: [u32; 3]) -> f64 {
    let [x, y, z] = size.map(|n| 20 * n);
    let third = if z > 20 {
        format!(", \"{z} um\"")
    } else {
        String::new()
    };
    let model = Model::from_toml(&format!(
        r#"
title = "memory"
[domain]
size = ["{x} um", "{y} um"{third}]
voxel = "20 um"
[time]
duration = "1 h"
{fields}
"#
    ))
    .unwrap();
    let state = initial_state(&model);
    let before = ALLOCATED.current_usage();
    let mut engine = CpuEngine::new(&model);
    engine.load(&state).unwrap();
    // One step, so that what grows on demand is there.
    let input = invado::simulation::StepInput::bathed(0, 5.0);
    engine.run(&[input]).unwrap();
    let taken = ALLOCATED.current_usage() - before;
    taken as f64 / model.memory_bytes() as f64
}

const VESSEL: &str =
    "[[vessel]]\ndisc = { center = [\"500 um\", \"500 um\"], radius = \"100 um\" }\n";

#[test]
fn the_account_is_within_a_tenth() {
    let _alone = ALONE.lock();
    let oxygen = "[fields.oxygen]\ninitial = \"38 mmHg\"\n";
    let perfused = format!("{oxygen}perfusion = \"1 /min\"\nplasma = \"38 mmHg\"\n{VESSEL}");
    let hindered = "[fields.drug]\nsolute_radius = \"0.54 nm\"\ninitial = \"9 nM\"\n[fields.ecm]\ninitial = 1\n";
    let slow = "[fields.tgfb]\ndiffusivity = \"5 um^2/s\"\n";
    for (name, fields, size) in [
        ("oxygen, 3-D", oxygen.to_string(), [96, 96, 96]),
        ("perfused oxygen, 2-D", perfused, [512, 512, 1]),
        ("hindered drug, 3-D", hindered.to_string(), [64, 80, 96]),
        (
            "explicit and implicit",
            format!("{oxygen}{slow}"),
            [640, 480, 1],
        ),
        ("odd sizes", format!("{oxygen}{hindered}"), [401, 333, 1]),
    ] {
        let ratio = taken_over_promised(&fields, size);
        assert!(
            (0.9..=1.1).contains(&ratio),
            "{name}: {ratio:.3} of what was promised"
        );
    }
}

/// Most bytes that are live at once while a run of `n` moments is written and then exported, beside its state.
fn taken_by_exports(n: u64) -> usize {
    let text = r#"
title = "streams"
[domain]
size = ["640 um", "640 um", "320 um"]
voxel = "10 um"
[time]
step = "6 s"
duration = "1 h"
[fields.drug]
initial = "5 nM"
[fields.oxygen]
initial = "38 mmHg"
[[cells]]
type = "pc-3"
place = { rectangle = { from = ["0 um", "0 um", "0 um"], to = ["640 um", "640 um", "320 um"], count = 1000 } }
"#;
    let model = Model::from_toml(text).unwrap();
    let mut state = initial_state(&model);
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path();
    ALLOCATED.reset_peak_usage();
    let before = ALLOCATED.current_usage();
    let mut exports = [Part::Cells, Part::Fields].map(|part| open(part, run).unwrap());
    let view = invado::render::View::of(&model, [64, 48]);
    for step in 0..n {
        state.step = 10 * step;
        let (model, state, view) = (&model, &state, &view);
        let moment = Live {
            model,
            state,
            bath_nm: 0.0,
            view,
        };
        for export in &mut exports {
            export.write(&moment).unwrap();
        }
    }
    let saved = Saved::open(run, model.clone()).unwrap();
    let moments = saved.moments(&Part::ALL);
    assert_eq!(moments.len() as u64, n);
    let mut formats: [Box<dyn Export>; 3] = [
        Box::new(OmeZarr::new(&run.join("zarr"), &model).unwrap()),
        Box::new(Vtk::new(&run.join("vtk")).unwrap()),
        Box::new(Simularium::new(&run.join("simularium"), &model, Vec::new()).unwrap()),
    ];
    for moment in &moments {
        for format in &mut formats {
            format.write(moment).unwrap();
        }
    }
    formats
        .iter_mut()
        .for_each(|format| format.finish().unwrap());
    ALLOCATED.peak_usage() - before
}

#[test]
fn exports_hold_one_moment_at_a_time() {
    let _alone = ALONE.lock();
    let (few, many) = (taken_by_exports(2), taken_by_exports(20));
    // A moment has two fields of 0.5 MiB; what is kept of each is its name and time.
    let voxels = 4 * 64 * 64 * 32;
    assert!(
        many < few + voxels / 20,
        "{few} bytes for 2 moments, {many} for 20"
    );
    assert!(many < 4 * 2 * voxels, "{many} bytes");
}
