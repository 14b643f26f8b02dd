use invado::cpu::CpuEngine;
use invado::model::{Model, initial_state};
use invado::pass::Pass;
use invado::simulation::{Engine, StepInput};
const INPUT: StepInput = StepInput {
    step: 0,
    bath_nm: 10.0,
};
fn model(size: [u32; 3], fields: &str) -> Model {
    let [x, y, z] = size.map(|n| 20 * n);
    let m = [x, y, z].map(|l| l / 2);
    Model::from_toml(&format!(
        r#"
title = "bench"
[domain]
size = ["{x} um", "{y} um", "{z} um"]
voxel = "20 um"
[time]
step = "6 s"
duration = "1 h"
{fields}
[[vessel]]
ball = {{ center = ["{} um", "{} um", "{} um"], radius = "200 um" }}
"#,
        m[0], m[1], m[2]
    ))
    .unwrap()
}
const OXYGEN: &str = "[fields.oxygen]\ninitial = \"38 mmHg\"\ndecay = \"1 /min\"\nperfusion = \"10 /min\"\nplasma = \"60 mmHg\"\n";
fn engine(model: &Model) -> CpuEngine {
    let mut e = CpuEngine::new(model);
    e.load(&initial_state(model)).unwrap();
    e
}
#[test]
fn perf() {
    let slow = model(
        [128, 128, 64],
        "[fields.attractant]\ndiffusivity = \"15 um^2/s\"\ninitial = { gaussian = { center = [\"1000 um\", \"900 um\", \"600 um\"], sigma = \"200 um\", amplitude = \"50 nM\" } }",
    );
    println!("{:?}", slow.fields()[0].scheme);
    let mut cpu = engine(&slow);
    for _ in 0..3 {
        let t = std::time::Instant::now();
        for _ in 0..20 {
            cpu.run_pass(Pass::Diffuse, INPUT).unwrap();
        }
        let s = t.elapsed().as_secs_f64() / 20.0;
        println!(
            "explicit {:.2} ms, {:.2} G/s",
            s * 1e3,
            2.0 * 128.0 * 128.0 * 64.0 / s / 1e9
        );
    }
    for (name, tol) in [("one cycle", "tolerance = 1e-2\n"), ("default", "")] {
        let mut cpu = engine(&model([128; 3], &format!("{OXYGEN}{tol}")));
        for _ in 0..4 {
            let t = std::time::Instant::now();
            for _ in 0..10 {
                cpu.run_pass(Pass::Diffuse, INPUT).unwrap();
            }
            println!("{name}: {:.2} ms a step", t.elapsed().as_secs_f64() * 100.0);
        }
    }
    let mut cpu = engine(&model(
        [128; 3],
        &format!("{OXYGEN}[fields.drug]\nperfusion = \"0.1 /min\"\nplasma = \"30 nM\"\n"),
    ));
    for _ in 0..4 {
        let t = std::time::Instant::now();
        for _ in 0..10 {
            cpu.run_pass(Pass::Diffuse, INPUT).unwrap();
        }
        println!("both: {:.2} ms a minute", t.elapsed().as_secs_f64() * 1e3);
    }
}
