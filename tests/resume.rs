//! `invado run --checkpoint` and `--resume`: killed, interrupted and forked runs.

use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

fn invado() -> Command {
    Command::new(env!("CARGO_BIN_EXE_invado"))
}

/// Half a minute of work in a debugger, a second or two otherwise: long enough to be killed in.
const TISSUE: &str = r#"
title = "tissue"
question = "Does it go on where it was killed?"
seed = 6
[domain]
size = ["600 um", "600 um"]
voxel = "10 um"
periodic = ["x", "y"]
[time]
step = "6 s"
duration = "4 h"
report = "10 min"
[fields.drug]
initial = "5 nM"
ledger = true
[fields.ecm]
initial = 0.5
[fields.fak]
[[cells]]
type = "mda-mb-231"
division = "0.2 /h"
death = "0.1 /h"
place = { rectangle = { from = ["0 um", "0 um"], to = ["600 um", "600 um"], count = 300 } }
[parameters]
T_apoptosis = "1 h"
[dose]
bath = [{ at = "0 h", level = "30 nM" }, { at = "2 h", level = "0 nM", over = "30 min" }]
[observe]
tracks = { every = "5 min", cells = 20 }
profile = { axis = "x", bins = 5 }
"#;

fn run(folder: &Path, args: &[&str]) -> Output {
    let output = invado()
        .current_dir(folder)
        .args(["run", "--engine", "cpu", "--quiet"])
        .args(args)
        .output();
    output.unwrap()
}

fn succeeds(folder: &Path, args: &[&str]) {
    let output = run(folder, args);
    assert!(
        output.status.success(),
        "{args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn fails(folder: &Path, args: &[&str]) -> String {
    let output = run(folder, args);
    assert_eq!(output.status.code(), Some(2), "{args:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn json(run: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(run.join("run.json")).unwrap()).unwrap()
}

fn table(run: &Path, name: &str) -> String {
    std::fs::read_to_string(run.join(name)).unwrap()
}

/// A folder with the scenario, and the run that nothing interrupted.
fn whole() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tissue.toml"), TISSUE).unwrap();
    succeeds(folder.path(), &["tissue.toml", "--out", "whole"]);
    folder
}

/// Killed outright again and again, the run still ends in the same bits with the same tables, and keeps every report.
#[test]
fn a_killed_run_goes_on() {
    let folder = whole();
    let at = |name: &str| folder.path().join(name);
    let expected = json(&at("whole"));
    for round in 0..3u64 {
        let name = format!("killed-{round}");
        let mut kills = 0;
        let mut reports = 0;
        for attempt in 0u64.. {
            let begun = at(&name).join("checkpoints").exists();
            let mut command = invado();
            command
                .current_dir(folder.path())
                .args(["run", "--engine", "cpu", "--quiet"]);
            if begun {
                command.args(["--resume", &name]);
            } else {
                command.args(["tissue.toml", "--force", "--out", &name]);
            }
            let mut child = command.args(["--checkpoint", "2 min"]).spawn().unwrap();
            // Other moments in every round; later and later, so that a slow machine comes to an end, too.
            std::thread::sleep(Duration::from_millis(
                60 + (37 * (attempt + 7 * round)) % 90 + 15 * attempt,
            ));
            let ended = child.try_wait().unwrap();
            if let Some(status) = ended {
                assert!(status.success(), "{name}, attempt {attempt}");
                break;
            }
            child.kill().unwrap();
            child.wait().unwrap();
            kills += 1;
            let left = std::fs::read_to_string(at(&name).join("observables.csv"));
            let rows = left.map_or(0, |text| text.lines().count());
            assert!(rows >= reports, "{name}: a finished report is lost");
            if begun {
                reports = rows;
            }
            assert!(attempt < 200, "{name} does not come to its end");
        }
        assert!(kills >= 3, "{kills} kills");
        let got = json(&at(&name));
        assert_eq!(
            got["state_hash"], expected["state_hash"],
            "{name} after {kills} kills"
        );
        assert_eq!(got["status"], "finished");
        for file in ["observables.csv", "tracks.csv", "profiles.csv"] {
            let (a, b) = (table(&at(&name), file), table(&at("whole"), file));
            same_table(&a, &b, &format!("{name}/{file}"));
        }
        let kept = std::fs::read_dir(at(&name).join("checkpoints"))
            .unwrap()
            .count();
        assert!(
            kept <= 3,
            "two checkpoints, and perhaps one that was being written: {kept}"
        );
    }
}

/// The same columns and rows; sums of books may differ in their last digits where a run was resumed.
fn same_table(a: &str, b: &str, what: &str) {
    let rows = |text: &str| -> Vec<Vec<String>> {
        let mut csv = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(text.as_bytes());
        csv.records()
            .map(|r| r.unwrap().iter().map(str::to_string).collect())
            .collect()
    };
    let (a, b) = (rows(a), rows(b));
    assert_eq!(a.len(), b.len(), "{what}");
    let header = &a[0];
    for (x, y) in a.iter().zip(&b) {
        for ((x, y), column) in x.iter().zip(y).zip(header) {
            let near = || {
                let (x, y): (f64, f64) = (x.parse().unwrap(), y.parse().unwrap());
                column.starts_with("drug_") && (x - y).abs() <= 1e-3 * (1.0 + y.abs())
            };
            assert!(x == y || near(), "{what}, {column}: {x} {y}");
        }
    }
}

/// With a cadence a run can be resumed whenever it was killed, and a record is replayed from wherever one stands.
#[test]
fn the_first_moment_is_a_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("tissue.toml"), TISSUE).unwrap();
    let mut command = invado();
    command.current_dir(folder.path());
    command.args(["run", "--engine", "cpu", "--quiet", "tissue.toml"]);
    let args = ["--checkpoint", "2 h", "--until", "3 h", "--out", "early"];
    let mut child = command.args(args).spawn().unwrap();
    let first = at("early/checkpoints/0.safetensors.zst");
    while !first.exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended first");
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    succeeds(folder.path(), &["--resume", "early"]);
    succeeds(
        folder.path(),
        &["tissue.toml", "--until", "3 h", "--out", "whole"],
    );
    assert_eq!(
        json(&at("early"))["state_hash"],
        json(&at("whole"))["state_hash"]
    );
    // The scenario's name had no folder in it.
    assert_eq!(
        Path::new(json(&at("whole"))["scenario_folder"].as_str().unwrap())
            .canonicalize()
            .unwrap(),
        folder.path().canonicalize().unwrap()
    );
}

/// Killed after its last checkpoint and before its last file, a run has no step left and still comes to its end.
#[test]
fn a_run_killed_after_its_last_step_ends() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let text = TISSUE.replace("[observe]", "[observe]\nmotility = { every = \"5 min\" }");
    std::fs::write(at("tissue.toml"), text).unwrap();
    // The last report is none of the cadence's.
    let until = ["tissue.toml", "--until", "35 min", "--checkpoint", "20 min"];
    succeeds(folder.path(), &[&until[..], &["--out", "whole"]].concat());
    let tables = [
        "observables.csv",
        "motility.csv",
        "tracks.csv",
        "profiles.csv",
    ];
    let expected = tables.map(|name| table(&at("whole"), name));
    let mut left = json(&at("whole"));
    left["status"] = "running".into();
    for name in ["state_hash", "motility_fit"] {
        left[name] = serde_json::Value::Null;
    }
    std::fs::rename(at("whole"), at("killed")).unwrap();
    let text = serde_json::to_string(&left).unwrap();
    std::fs::write(at("killed/run.json"), text).unwrap();
    std::fs::remove_file(at("killed/profiles/density.png")).unwrap();
    let checkpoint = std::fs::read_dir(at("killed/checkpoints")).unwrap().count();
    assert_eq!(checkpoint, 2, "one of them is of the end");
    succeeds(folder.path(), &["--resume", "killed"]);
    let got = json(&at("killed"));
    assert_eq!(got["status"], "finished");
    succeeds(folder.path(), &[&until[..], &["--out", "whole"]].concat());
    assert_eq!(got["state_hash"], json(&at("whole"))["state_hash"]);
    let got = tables.map(|name| table(&at("killed"), name));
    assert_eq!(got, expected);
    assert!(at("killed/profiles/density.png").exists());
    let twice = fails(folder.path(), &["--resume", "killed"]);
    assert!(twice.contains("give a later --until"), "{twice}");
}

/// A fork takes another dose from a common moment on, says where it comes from, and can be replayed.
#[test]
fn a_fork_leaves_its_parent_alone() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("tissue.toml"), TISSUE).unwrap();
    succeeds(
        folder.path(),
        &["tissue.toml", "--out", "stem", "--until", "1 h"],
    );
    let before = table(&at("stem"), "run.json");
    let twice = ["--until", "2 h", "--quiet"];
    for (fork, dose) in [("low", "dose.bath=0 nM"), ("high", "dose.bath=1 uM")] {
        succeeds(
            folder.path(),
            &[
                &["--resume", "stem", "--out", fork, "--set", dose],
                &twice[..2],
            ]
            .concat(),
        );
        let json = json(&at(fork));
        assert_eq!(json["parent"]["step"], 600);
        assert_eq!(table(&at(fork), "observables.csv").lines().count(), 1 + 13);
        let replayed = invado().args(["replay"]).arg(at(fork)).output().unwrap();
        assert!(
            replayed.status.success(),
            "{}",
            String::from_utf8_lossy(&replayed.stderr)
        );
    }
    assert_eq!(
        table(&at("stem"), "run.json"),
        before,
        "the parent is as it was"
    );
    assert_ne!(
        json(&at("low"))["state_hash"],
        json(&at("high"))["state_hash"]
    );
    // The same dose as before in a folder of its own is the same run.
    succeeds(
        folder.path(),
        &["--resume", "stem", "--out", "same", "--until", "4 h"],
    );
    succeeds(folder.path(), &["tissue.toml", "--out", "whole"]);
    assert_eq!(
        json(&at("same"))["state_hash"],
        json(&at("whole"))["state_hash"]
    );
    // Without --out a free name is found.
    succeeds(
        folder.path(),
        &[
            "--resume",
            "stem",
            "--set",
            "dose.bath=3 nM",
            "--until",
            "70 min",
        ],
    );
    assert!(at("stem-fork-1").join("run.json").exists());
}

#[test]
fn what_cannot_go_on_says_why() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tissue.toml"), TISSUE).unwrap();
    succeeds(
        folder.path(),
        &["tissue.toml", "--out", "stem", "--until", "10 min"],
    );
    let resume = |more: &[&str]| fails(folder.path(), &[&["--resume", "stem"], more].concat());
    for (args, says) in [
        (vec!["--until", "5 min"], "give a later --until"),
        (
            vec!["--out", "./stem", "--force", "--until", "1 h"],
            "a folder of its own",
        ),
        (vec!["--seed", "3", "--until", "1 h"], "leave --seed out"),
        (
            vec!["--set", "domain.voxel=20 um", "--until", "1 h"],
            "--set changes the box",
        ),
        (
            vec!["--set", "time.step=12 s", "--until", "1 h"],
            "--set changes time.step",
        ),
        (
            vec!["--set", "cells.0.type=pc-3", "--until", "1 h"],
            "which cell types",
        ),
        (
            vec!["--set", "cells.0.spread_fak=0.3", "--until", "1 h"],
            "whether cells of a type differ",
        ),
        (
            vec!["--set", "fields.oxygen.initial=30 mmHg", "--until", "1 h"],
            "which fields",
        ),
        (
            vec!["--set", "dose.bath=-1 nM", "--until", "1 h"],
            "dose.bath",
        ),
        (
            vec!["--checkpoint", "7 s", "--until", "1 h"],
            "whole number of steps",
        ),
    ] {
        let error = resume(&args);
        assert!(error.contains(says), "{args:?}: {error}");
    }
    let error = fails(folder.path(), &["--resume", "nowhere"]);
    assert!(error.contains("has no checkpoint"), "{error}");
    let error = fails(folder.path(), &["tissue.toml", "--resume", "stem"]);
    assert!(error.contains("cannot be used with"), "{error}");
    let error = fails(folder.path(), &[]);
    assert!(error.contains("SCENARIO"), "{error}");
    for entry in std::fs::read_dir(folder.path().join("stem/checkpoints")).unwrap() {
        std::fs::write(entry.unwrap().path(), b"no checkpoint").unwrap();
    }
    let error = resume(&["--until", "1 h"]);
    assert!(error.contains("is damaged or no checkpoint"), "{error}");
}
