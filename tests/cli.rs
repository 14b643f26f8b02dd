//! The command line as a user meets it: messages, exit codes, files left behind.

use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;

fn invado() -> Command {
    Command::new(env!("CARGO_BIN_EXE_invado"))
}

/// A scenario that runs in a moment.
const SMALL: &str = r#"
title = "small"
question = "?"
seed = 3
[domain]
size = ["200 um", "150 um"]
voxel = "10 um"
[time]
duration = "1 h"
report = "12 min"
[fields.drug]
[fields.ecm]
initial = 0.5
[fields.fak]
[[cells]]
type = "pc-3"
place = { rectangle = { from = ["0 um", "0 um"], to = ["200 um", "150 um"], count = 30 } }
[dose]
bath = "100 nM"
"#;

fn with_file(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.toml");
    std::fs::write(&path, text).unwrap();
    let path = path.to_string_lossy().into_owned();
    (folder, path)
}

/// `invado check` on SMALL with one text replaced: exit code 2 and every part of the message.
fn refuses(from: &str, to: &str, parts: &[&str]) {
    assert!(SMALL.contains(from), "{from}");
    let (_folder, path) = with_file(&SMALL.replacen(from, to, 1));
    let mut assert = invado().args(["check", &path]).assert().code(2);
    for part in parts {
        assert = assert.stderr(contains(*part));
    }
    // One error, not a panic.
    assert.stderr(contains("error: ").and(contains("panicked").not()));
}

#[test]
fn a_good_scenario_is_explained() {
    let (_folder, path) = with_file(SMALL);
    invado()
        .args(["check", &path, "scratch", "gradient"])
        .assert()
        .success()
        .stdout(
            contains("20 × 15 × 1 voxels")
                .and(contains("by multigrid on"))
                .and(contains("substeps"))
                .and(contains("unverified parameters")),
        );
}

#[test]
fn shaders_are_dumped_as_the_gpu_gets_them() {
    let folder = tempfile::tempdir().unwrap();
    invado()
        .args(["check", "scratch", "--dump-shaders"])
        .arg(folder.path())
        .assert()
        .success();
    for pass in invado::pass::Pass::ALL {
        let text =
            std::fs::read_to_string(folder.path().join(format!("{}.wgsl", pass.name()))).unwrap();
        naga::front::wgsl::parse_str(&text).unwrap();
    }
}

#[test]
fn a_missing_file_is_named() {
    let run = |name: &str| invado().args(["run", name]).assert().code(2);
    run("no-such.toml").stderr(
        contains("cannot read scenario 'no-such.toml'").and(contains("scratch, gradient, bid")),
    );
    run("scrach").stderr(contains("Did you mean 'scratch'?"));
}

#[test]
fn what_is_not_toml_is_refused_with_its_line() {
    refuses("[domain]", "[domain", &["s.toml:5"]);
}

#[test]
fn an_unknown_key_gets_its_nearest_spelling() {
    refuses(
        "voxel =",
        "voxle =",
        &["s.toml:7", "unknown field `voxle`", "Did you mean 'voxel'?"],
    );
    refuses("[fields.drug]", "[fields.durg]", &["Did you mean 'drug'?"]);
    refuses(
        "count = 30",
        "count = 30, densty = \"1 /um^2\"",
        &["Did you mean 'density'?"],
    );
    refuses(
        "type = \"pc-3\"",
        "type = \"pc3\"",
        &["cells.0.type", "Did you mean 'pc-3'?"],
    );
    refuses(
        "duration = \"1 h\"",
        "step = \"2 min\"\nduration = \"1 h\"",
        &["time.step", "up to 1 min"],
    );
    refuses(
        "[dose]",
        "[parameters]\nK_ap = \"7 nM\"\n[dose]",
        &["parameters.K_ap", "Did you mean 'K_app'?"],
    );
}

#[test]
fn a_shape_in_the_wrong_place_is_refused() {
    refuses(
        "[fields.fak]",
        "[fields.fak]\ninitial = { image = { file = \"no.png\", black = 0, white = 1 } }",
        &["s.toml:15: fields.fak.initial", "cannot read", "no.png"],
    );
    refuses(
        "[dose]",
        "[[vessel]]\ndisc = { center = [\"300 um\", \"0 um\"], radius = \"9 um\" }\n[dose]",
        &["s.toml:19: vessel.0.disc.center", "0 um to 200 um"],
    );
    refuses(
        "[dose]",
        "[[obstacle]]\nmembrain = {}\n[dose]",
        &["s.toml:19", "Did you mean 'membrane'?"],
    );
    refuses(
        "[fields.drug]",
        "[fields.drug]\nperfusion = \"1 /h\"",
        &["s.toml:12: fields.drug.perfusion", "add [[vessel]]"],
    );
    refuses(
        "[fields.drug]",
        "[fields.drug]\nboundary = { z_min = \"1 nM\" }",
        &["s.toml:12: fields.drug.boundary.z_min", "the domain is 2-D"],
    );
    refuses(
        "[fields.ecm]",
        "[[fields.drug.sources]]\npoint = [\"5 um\", \"5 um\"]\nrate = \"-1 nM/s\"\n[fields.ecm]",
        &["s.toml:14: fields.drug.sources.0.rate", "0 or more"],
    );
}

#[test]
fn what_lies_where_is_explained() {
    let space = "[[fields.attractant.sources]]\npoint = [\"5 um\", \"5 um\"]\nrate = \"3 nM/min\"\n\
                 [[vessel]]\ndisc = { center = [\"100 um\", \"75 um\"], radius = \"2 um\" }\n\
                 [[obstacle]]\nmembrane = { axis = \"x\", at = \"50 um\", thickness = \"10 um\" }\n";
    let (_folder, path) = with_file(&format!("{SMALL}{space}"));
    invado().args(["check", &path]).assert().success().stdout(
        contains("vessels   in 1 voxels, 0.042 %")
            .and(contains("obstacles 15 closed voxels, 5.000 %"))
            .and(contains(
                "source    attractant in 1 voxels, 1.000e-2 nM/min",
            ))
            .and(contains(
                "perfusion drug       0.003 /s with vessels that carry the dose",
            )),
    );
}

#[test]
fn a_number_without_its_unit_is_refused() {
    refuses(
        "voxel = \"10 um\"",
        "voxel = 10",
        &["s.toml:7", "domain.voxel", "has no unit", "10 um"],
    );
    refuses(
        "bath = \"100 nM\"",
        "bath = \"100\"",
        &["dose.bath", "has no unit", "100 nM"],
    );
}

#[test]
fn a_wrong_dimension_is_refused() {
    refuses(
        "voxel = \"10 um\"",
        "voxel = \"10 s\"",
        &["domain.voxel", "another dimension", "um"],
    );
    refuses(
        "bath = \"100 nM\"",
        "bath = \"100 mg\"",
        &["dose.bath", "another dimension"],
    );
}

#[test]
fn a_value_out_of_range_is_refused_with_the_range() {
    refuses(
        "type = \"pc-3\"",
        "type = \"pc-3\"\npersistence = \"0 h\"",
        &[
            "cells.0.persistence",
            "outside its range",
            "0.005 h to 100 h",
        ],
    );
    refuses(
        "[dose]",
        "[parameters]\nw = 1.5\n[dose]",
        &["parameters.w", "outside its range 0 to 1"],
    );
    refuses(
        "bath = \"100 nM\"",
        "bath = \"-1 nM\"",
        &["dose.bath", "negative"],
    );
    refuses(
        "to = [\"200 um\"",
        "to = [\"900 um\"",
        &["outside the domain", "200 um"],
    );
    refuses("count = 30", "count = 3000", &["closest packing"]);
}

#[test]
fn a_bad_solver_is_refused() {
    let drug = |extra: &str| format!("[fields.drug]\n{extra}");
    refuses(
        "[fields.drug]",
        &drug("solver = \"implicite\""),
        &[
            "fields.drug.solver",
            "s.toml:12",
            "Did you mean 'implicit'?",
        ],
    );
    refuses(
        "[fields.drug]",
        &drug("solver = \"steady\""),
        &["fields.drug.solver", "decay above 0 or a held face"],
    );
    refuses(
        "[fields.drug]",
        &drug("tolerance = 0.5"),
        &["fields.drug.tolerance", "allowed: 1e-6 to 1e-2"],
    );
    refuses(
        "[fields.drug]",
        &drug("solute_radius = \"1 um\""),
        &["fields.drug.solute_radius", "allowed: up to 100 nm"],
    );
    refuses(
        "[fields.fak]",
        "[fields.fak]\ndiffusivity = \"0 um^2/s\"\nsolver = \"implicit\"",
        &["fields.fak.solver", "does not diffuse"],
    );
    refuses(
        "[fields.drug]",
        &drug("diffusivity = \"1e5 um^2/s\""),
        &["fields.drug.diffusivity", "solver = \"steady\""],
    );
}

#[test]
fn a_bad_size_is_refused() {
    refuses(
        "size = [\"200 um\"",
        "size = [\"-200 um\"",
        &["domain.size", "greater than 0"],
    );
    refuses(
        "size = [\"200 um\"",
        "size = [\"204 um\"",
        &["nearest size that fits is 200 um"],
    );
    refuses(
        "\"150 um\"]\nvoxel",
        "\"150 um\", \"10 um\", \"10 um\"]\nvoxel",
        &["4 lengths", "two make a 2-D"],
    );
}

#[test]
fn a_grid_larger_than_memory_is_refused_before_it_is_made() {
    refuses(
        "size = [\"200 um\", \"150 um\"]",
        "size = [\"400 mm\", \"400 mm\"]",
        &["needs", "larger voxel"],
    );
    refuses(
        "size = [\"200 um\", \"150 um\"]",
        "size = [\"1e9 m\", \"1e9 m\"]",
        &["2^31 voxels"],
    );
}

#[test]
fn an_override_of_an_unknown_key_is_refused() {
    let set = |set: &str| {
        invado()
            .args(["check", "scratch", "--set", set])
            .assert()
            .code(2)
    };
    set("dose.bth=1 uM")
        .stderr(contains("--set 'dose.bth=1 uM'").and(contains("Did you mean 'bath'?")));
    set("dose.bath").stderr(contains("KEY=VALUE"));
    set("cells.7.speed=1 um/h").stderr(contains("no entry '7'"));
    set("dose.bath=5").stderr(contains("has no unit"));
    set("seed.x=5").stderr(contains("not a table"));
}

#[test]
fn overrides_reach_the_model() {
    invado()
        .args([
            "check",
            "scratch",
            "--set",
            "dose.bath=1 uM",
            "--set",
            "cells.0.speed=20 um/h",
            "--set",
            "parameters.K_app=9 nM",
        ])
        .assert()
        .success()
        .stdout(
            contains("bath of 1000 nM")
                .and(contains("speed 20 um/h"))
                .and(contains("9 nM")),
        );
}

#[test]
fn an_unknown_adapter_is_refused() {
    invado()
        .args(["run", "scratch", "--engine", "gpu", "--adapter", "voodoo 3"])
        .assert()
        .code(2)
        .stderr(contains("'voodoo 3'").or(contains("apt-get install")));
    invado()
        .args(["run", "scratch", "--engine", "cpu", "--adapter", "0"])
        .assert()
        .code(2)
        .stderr(contains("--engine cpu"));
}

#[test]
fn the_gpu_engine_without_an_adapter_says_what_to_install() {
    // Vulkan's loader finds no driver where this names none.
    let (folder, path) = with_file(SMALL);
    let out = folder.path().join("out");
    let hidden = |engine: &str| {
        let mut command = invado();
        command
            .env("VK_DRIVER_FILES", "/nonexistent.json")
            .env("VK_ICD_FILENAMES", "/nonexistent.json")
            .args(["run", &path, "--force", "--engine", engine, "--out"])
            .arg(&out);
        command
    };
    if cfg!(target_os = "linux") {
        hidden("gpu")
            .assert()
            .code(2)
            .stderr(contains("mesa-vulkan-drivers").and(contains("--engine cpu")));
        hidden("auto")
            .assert()
            .success()
            .stdout(contains("engine cpu").and(contains("no Vulkan")));
    }
}

#[test]
fn a_bad_interval_is_refused() {
    let (_folder, path) = with_file(SMALL);
    invado()
        .args(["run", &path, "--cells", "1 nM"])
        .assert()
        .code(2)
        .stderr(contains("--cells"));
    invado()
        .args(["run", &path, "--images", "7 s"])
        .assert()
        .code(2)
        .stderr(contains("whole number of steps"));
    invado()
        .args(["run", &path, "--until", "soon"])
        .assert()
        .code(2)
        .stderr(contains("time.until"));
}

fn json(folder: &Path) -> serde_json::Value {
    serde_json::from_str(&std::fs::read_to_string(folder.join("run.json")).unwrap()).unwrap()
}

fn run_small(out: &Path, path: &str) -> Command {
    let mut command = invado();
    command
        .args(["run", path, "--engine", "cpu", "--out"])
        .arg(out);
    command
}

#[test]
fn a_run_leaves_the_files_of_the_contract() {
    let (folder, path) = with_file(SMALL);
    let out = folder.path().join("out");
    run_small(&out, &path)
        .args(["--cells", "30 min", "--fields", "1 h", "--images", "1 h"])
        .assert()
        .success()
        .stdout(contains("engine cpu").and(contains("prediction")));
    let mut names: Vec<String> = ["", "cells", "fields", "images"]
        .iter()
        .flat_map(|sub| std::fs::read_dir(out.join(sub)).unwrap())
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let expected = [
        "0.000.csv",
        "0.000.png",
        "0.500.csv",
        "1.000.csv",
        "1.000.png",
        "cells",
        "checkpoints",
        "drug_0.000.npy",
        "drug_1.000.npy",
        "ecm_0.000.npy",
        "ecm_1.000.npy",
        "fak_0.000.npy",
        "fak_1.000.npy",
        "fields",
        "hashes.csv",
        "images",
        "observables.csv",
        "run.json",
    ];
    assert_eq!(names, expected);
    let table = std::fs::read_to_string(out.join("observables.csv")).unwrap();
    assert!(table.starts_with("time_h,cell_count,"));
    assert_eq!(
        table.lines().count(),
        1 + 6,
        "a header, and a row every 12 min from 0 to 60"
    );
    let cells = std::fs::read_to_string(out.join("cells/1.000.csv")).unwrap();
    let header = "id,type,x_um,y_um,z_um,radius_um,pfak,src,pcas,pakt,perk,fa_nascent,fa_mature,speed_um_per_h,phase";
    assert_eq!(cells.lines().next(), Some(header));
    let bytes = std::fs::read(out.join("fields/drug_1.000.npy")).unwrap();
    let npy = npyz::NpyFile::new(&bytes[..]).unwrap();
    assert_eq!(npy.shape(), [15, 20]);
    let values: Vec<f32> = npy.into_vec().unwrap();
    assert!(
        values.iter().all(|v| (*v - 100.0).abs() < 0.1),
        "the bath reaches every voxel"
    );
    let run = json(&out);
    assert_eq!(run["status"], "finished");
    assert_eq!(run["steps"], 600);
    assert_eq!(run["engine"], "cpu");
    assert_eq!(run["state_hash"].as_str().unwrap().len(), 64);
    assert!(run["unverified_parameters"].as_array().unwrap().len() > 10);
    assert!(
        run["notice"]
            .as_str()
            .unwrap()
            .contains("Not for clinical use")
    );
    let picture = image::open(out.join("images/1.000.png")).unwrap();
    assert_eq!((picture.width(), picture.height()), (1280, 960));
}

#[test]
fn the_same_seed_gives_the_same_hash_on_any_number_of_threads() {
    let (folder, path) = with_file(SMALL);
    let hash = |name: &str, threads: &str, more: &[&str]| {
        let out = folder.path().join(name);
        run_small(&out, &path)
            .env("RAYON_NUM_THREADS", threads)
            .args(more)
            .arg("--quiet")
            .assert()
            .success();
        json(&out)["state_hash"].as_str().unwrap().to_string()
    };
    let one = hash("a", "1", &[]);
    assert_eq!(one, hash("b", "1", &[]));
    assert_eq!(one, hash("c", "2", &[]));
    assert_eq!(one, hash("d", "4", &[]));
    assert_ne!(one, hash("e", "2", &["--seed", "4"]));
}

#[test]
fn a_resolved_scenario_runs_again_to_the_same_hash() {
    let (folder, path) = with_file(SMALL);
    let first = folder.path().join("first");
    run_small(&first, &path)
        .args([
            "--seed",
            "9",
            "--set",
            "dose.bath=7 nM",
            "--until",
            "30 min",
        ])
        .assert()
        .success();
    let again = folder.path().join("again.toml");
    std::fs::write(&again, json(&first)["scenario_toml"].as_str().unwrap()).unwrap();
    let second = folder.path().join("second");
    run_small(&second, &again.to_string_lossy())
        .assert()
        .success();
    assert_eq!(json(&first)["state_hash"], json(&second)["state_hash"]);
}

#[test]
fn an_existing_folder_is_kept_unless_forced() {
    let (folder, path) = with_file(SMALL);
    let out = folder.path().join("out");
    run_small(&out, &path).assert().success();
    run_small(&out, &path)
        .assert()
        .code(2)
        .stderr(contains("--force"));
    run_small(&out, &path).arg("--force").assert().success();
    // A folder that is not ours is not touched, even with --force.
    let alien = folder.path().join("alien");
    std::fs::create_dir(&alien).unwrap();
    std::fs::write(alien.join("thesis.txt"), "years of work").unwrap();
    run_small(&alien, &path)
        .arg("--force")
        .assert()
        .code(2)
        .stderr(contains("holds no run of invado"));
    assert!(alien.join("thesis.txt").exists());
    run_small(&folder.path().join("s.toml"), &path)
        .assert()
        .code(2)
        .stderr(contains("is a file"));
}

#[test]
fn a_folder_that_cannot_be_written_is_refused_early() {
    let (_folder, path) = with_file(SMALL);
    // Nothing can be made below a device file, whoever asks.
    run_small(Path::new("/dev/null/out"), &path)
        .assert()
        .code(2)
        .stderr(contains("/dev/null/out"));
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_readable_files_and_says_so() {
    let (folder, path) = with_file(&SMALL.replace("duration = \"1 h\"", "duration = \"100000 h\""));
    let out = folder.path().join("out");
    let child = std::process::Command::new(env!("CARGO_BIN_EXE_invado"))
        .args([
            "run", &path, "--engine", "cpu", "--cells", "1000 h", "--out",
        ])
        .arg(&out)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let table = out.join("observables.csv");
    for _ in 0..600 {
        if std::fs::read_to_string(&table).is_ok_and(|t| t.lines().count() > 3) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let killed = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("interrupted at") && said.contains("observables.csv"),
        "{said}"
    );
    let run = json(&out);
    assert_eq!(run["status"], "interrupted");
    let rows = csv::Reader::from_path(&table)
        .unwrap()
        .into_records()
        .map(Result::unwrap)
        .collect::<Vec<_>>();
    let last: f64 = rows.last().unwrap()[0].parse().unwrap();
    assert_eq!(
        last,
        run["time_h"].as_f64().unwrap(),
        "the table ends where run.json says"
    );
    // The state at the interrupt was written as the final one.
    assert!(out.join(format!("cells/{last:.3}.csv")).exists());
}

/// A source that overflows f32 after 28 minutes.
#[test]
fn a_run_that_breaks_down_keeps_its_last_good_state() {
    // Without a bath nothing carries the drug away.
    let text = SMALL
        .replace("[fields.drug]", "[fields.drug]\nsource = \"4e33 nM/s\"")
        .replace("[dose]\nbath = \"100 nM\"\n", "");
    let (folder, path) = with_file(&text);
    let out = folder.path().join("out");
    run_small(&out, &path)
        .args(["--cells", "1 h"])
        .assert()
        .code(1)
        .stderr(
            contains("field drug")
                .and(contains("voxel"))
                .and(contains("last report")),
        );
    let run = json(&out);
    assert_eq!(run["status"], "failed");
    assert!(run["error"].as_str().unwrap().contains("field drug"));
    assert_eq!(
        run["time_h"], 0.4,
        "the report at 24 min was the last good one"
    );
    assert!(out.join("cells/0.400.csv").exists());
    assert_eq!(
        std::fs::read_to_string(out.join("observables.csv"))
            .unwrap()
            .lines()
            .count(),
        1 + 3
    );
}

#[test]
fn lists_are_printed() {
    invado()
        .args(["list", "scenarios"])
        .assert()
        .success()
        .stdout(contains("scratch").and(contains("gradient")));
    invado()
        .args(["list", "parameters"])
        .assert()
        .success()
        .stdout(
            contains("K_app")
                .and(contains("7 nM"))
                .and(contains("pc-3.speed"))
                .and(contains("Evidence")),
        );
    invado()
        .args(["list", "adapters"])
        .assert()
        .success()
        .stdout(predicates::str::is_empty().not());
}

#[test]
fn a_bench_prints_every_pass_and_writes_json() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bench.json");
    invado()
        .args(["bench", "--engine", "cpu", "--json"])
        .arg(&path)
        .assert()
        .success()
        .stdout(
            contains("diffuse")
                .and(contains("GB/s"))
                .and(contains("engine cpu")),
        );
    let report: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(report["passes"].as_array().unwrap().len(), 10);
}

/// A lesson that makes no sense is refused before anything is run, and one that holds is told at the end.
#[test]
fn a_lesson_is_checked_first_and_judged_last() {
    let folder = tempfile::tempdir().unwrap();
    let run = |range: &str, name: &str| {
        let file = folder.path().join("lesson.toml");
        let text = format!(
            "title = \"l\"\n[domain]\nsize = [\"40 um\", \"40 um\"]\nvoxel = \"10 um\"\n[time]\nduration = \"6 min\"\n[fields.ecm]\ninitial = 0.5\n[lesson]\nexplanation = \"e\"\nlook_for = \"l\"\n[[lesson.expect]]\ncolumn = \"mean_ecm\"\nrange = {range}\n"
        );
        std::fs::write(&file, text).unwrap();
        let out = folder.path().join(name);
        let assert = invado()
            .args(["run", file.to_str().unwrap(), "--engine", "cpu", "--out"])
            .arg(&out)
            .assert();
        (assert, out)
    };
    let (refused, out) = run("[2, 1]", "refused");
    refused.code(2).stderr(contains("lesson.expect.0"));
    assert!(!out.exists(), "nothing was begun");
    let (held, _) = run("[0.4, 0.6]", "held");
    held.success().stdout(contains(
        "mean_ecm between 0.4 and 0.6: 0.5000, as expected",
    ));
    let (missed, _) = run("[0.6, 0.7]", "missed");
    missed.success().stdout(contains("NOT as expected"));
}
