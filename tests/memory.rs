//! What `invado check` says of memory is what an engine takes.

use invado::cpu::CpuEngine;
use invado::model::{Model, initial_state};
use invado::simulation::Engine;
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

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

/// One test, because the count is of the whole process.
#[test]
fn the_account_is_within_a_tenth() {
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
