//! `[observe]` as a user meets it: files, columns, messages, and what is left after an interrupt.

use std::collections::BTreeSet;
use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;

/// A scenario that runs in a moment, with everything measured.
const SMALL: &str = r#"
title = "small"
question = "?"
seed = 3
[domain]
size = ["200 um", "150 um"]
voxel = "10 um"
periodic = ["y"]
[time]
duration = "1 h"
report = "12 min"
[fields.ecm]
initial = 0.5
[[cells]]
type = "pc-3"
place = { rectangle = { from = ["0 um", "0 um"], to = ["200 um", "150 um"], count = 30 } }
death = "0 /h"
[[cells]]
type = "pc-3"
place = { rectangle = { from = ["0 um", "0 um"], to = ["200 um", "150 um"], count = 10 } }
speed = "0 um/h"
death = "0 /h"
[parameters]
k_an = "0 /h"
[observe]
tracks = { every = "10 min", cells = 8 }
motility = { every = "5 min" }
pair_correlation = { to = "60 um", bins = 12 }
profile = { axis = "x", bins = 10 }
"#;

fn invado() -> Command {
    Command::new(env!("CARGO_BIN_EXE_invado"))
}

fn with_file(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.toml");
    std::fs::write(&path, text).unwrap();
    let path = path.to_string_lossy().into_owned();
    (folder, path)
}

/// Header and rows of a table.
fn table(folder: &Path, name: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut csv = csv::Reader::from_path(folder.join(name)).unwrap();
    let text = |record: &csv::StringRecord| record.iter().map(str::to_string).collect::<Vec<_>>();
    let header = text(csv.headers().unwrap());
    let rows = csv.records().map(|row| text(&row.unwrap())).collect();
    (header, rows)
}

fn number(text: &str) -> f64 {
    text.parse().unwrap()
}

fn json(folder: &Path) -> serde_json::Value {
    serde_json::from_str(&std::fs::read_to_string(folder.join("run.json")).unwrap()).unwrap()
}

#[test]
fn a_run_leaves_what_it_was_asked_to_observe() {
    let (folder, path) = with_file(SMALL);
    let out = folder.path().join("out");
    let run = || {
        invado()
            .args(["run", &path, "--engine", "cpu", "--force", "--out"])
            .arg(&out)
            .assert()
            .success();
        ["tracks", "motility", "pair_correlation", "profiles"]
            .map(|name| std::fs::read_to_string(out.join(format!("{name}.csv"))).unwrap())
    };
    // The second run takes the first one's place, and is the same.
    assert_eq!(run(), run());

    let (header, rows) = table(&out, "tracks.csv");
    assert_eq!(header.join(","), "id,type,time_h,x_um,y_um,speed_um_per_h");
    assert_eq!(rows.len(), 8 * 7, "every 10 min from 0 to 60");
    let ids: Vec<&str> = rows[..8].iter().map(|row| row[0].as_str()).collect();
    assert_eq!(ids, ["0", "5", "10", "15", "20", "25", "30", "35"]);

    let (header, rows) = table(&out, "motility.csv");
    assert_eq!(
        header.join(","),
        "type,lag_h,n_tracks,msd_um2,msd_sem_um2,directionality"
    );
    assert_eq!(rows.len(), 3 * 12, "all and two types");
    let of = |group: &str| rows.iter().find(|row| row[0] == group).unwrap();
    assert_eq!(of("all")[2], "40");
    assert_eq!(
        (of("pc-3")[2].as_str(), of("pc-3_2")[2].as_str()),
        ("30", "10")
    );
    assert!(number(&of("pc-3")[3]) > number(&of("pc-3_2")[3]));

    let (header, rows) = table(&out, "pair_correlation.csv");
    assert_eq!(header.join(","), "time_h,r_um,g");
    assert_eq!(rows.len(), 6 * 12, "six reports");
    assert_eq!(rows[0][1], "2.5");

    let (header, rows) = table(&out, "profiles.csv");
    assert_eq!(
        header.join(","),
        "time_h,x_um,type,density_per_um2,mean_speed_um_per_h"
    );
    assert_eq!(rows.len(), 6 * 2 * 10);
    let first = rows
        .iter()
        .take(20)
        .map(|row| number(&row[3]) * 20.0 * 150.0);
    assert!(
        (first.sum::<f64>() - 40.0).abs() < 1e-9,
        "all cells are somewhere"
    );

    let (header, rows) = table(&out, "observables.csv");
    let column = |name: &str| header.iter().position(|column| column == name).unwrap();
    let last = &rows[5];
    let counts = ["count_pc-3", "count_pc-3_2"].map(|name| number(&last[column(name)]));
    assert_eq!(counts[0] + counts[1], number(&last[column("cell_count")]));
    assert!((1.0..30.0).contains(&number(&last[column("nearest_neighbour_um")])));
    let straight = number(&last[column("directionality_index")]);
    assert!(0.0 < straight && straight <= 1.0);
    for name in ["forward_migration_index_x", "forward_migration_index_y"] {
        let forward = number(&last[column(name)]);
        assert!(forward.abs() <= straight, "{name}: {forward}");
    }
    assert_eq!(column("directionality_index") + 3, column("bath_nm"));

    let fits = json(&out)["motility_fit"].as_array().unwrap().clone();
    let types: Vec<&str> = fits
        .iter()
        .map(|fit| fit["type"].as_str().unwrap())
        .collect();
    assert_eq!(types, ["all", "pc-3", "pc-3_2"]);
    assert_eq!(fits[1]["n_tracks"], 30);
    assert!(fits[1]["rms_log_error"].as_f64().unwrap() < 0.5);
}

#[test]
fn what_is_observed_does_not_change_the_run() {
    let plain = SMALL.split("[observe]").next().unwrap();
    let hash = |text: &str| {
        let (folder, path) = with_file(text);
        let out = folder.path().join("out");
        invado()
            .args(["run", &path, "--engine", "cpu", "--quiet", "--out"])
            .arg(&out)
            .assert()
            .success();
        let names: BTreeSet<_> = std::fs::read_dir(&out)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        (json(&out)["state_hash"].clone(), names)
    };
    let ((with, files), (without, few)) = (hash(SMALL), hash(plain));
    assert_eq!(with, without);
    let more: Vec<_> = files.difference(&few).collect();
    assert_eq!(
        more,
        [
            "motility.csv",
            "pair_correlation.csv",
            "profiles",
            "profiles.csv",
            "tracks.csv"
        ]
    );
    assert!(few.is_subset(&files));
}

#[test]
fn a_good_section_is_explained() {
    let (_folder, path) = with_file(SMALL);
    invado().args(["check", &path]).assert().success().stdout(
        contains("observe   tracks of 8 cells every 10 min")
            .and(contains("observe   motility every 5 min"))
            .and(contains("observe   pair correlation to 60 um in 12 bins"))
            .and(contains("observe   profile along x in 10 bins")),
    );
}

#[test]
fn a_bad_section_is_refused() {
    for (from, to, parts) in [
        (
            "bins = 12",
            "bins = 0",
            &["s.toml:28: observe.pair_correlation.bins", "from 1 to 1000"][..],
        ),
        (
            "to = \"60 um\"",
            "to = \"110 um\"",
            &["s.toml:28: observe.pair_correlation.to", "up to 75 um"],
        ),
        (
            "every = \"5 min\"",
            "every = \"7 s\"",
            &["s.toml:27: observe.motility.every", "whole number of steps"],
        ),
        (
            "motility =",
            "motilty =",
            &["s.toml:27", "Did you mean 'motility'?"],
        ),
        ("cells = 8", "cell = 8", &["Did you mean 'cells'?"]),
        (
            "axis = \"x\"",
            "axis = \"w\"",
            &["observe.profile.axis", "no axis 'w'"],
        ),
    ] {
        assert!(SMALL.contains(from), "{from}");
        let (_folder, path) = with_file(&SMALL.replacen(from, to, 1));
        let mut assert = invado().args(["check", &path]).assert().code(2);
        for part in parts {
            assert = assert.stderr(contains(*part));
        }
        assert.stderr(contains("panicked").not());
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_keeps_what_it_observed() {
    let (folder, path) = with_file(&SMALL.replace("duration = \"1 h\"", "duration = \"500 h\""));
    let out = folder.path().join("out");
    let child = std::process::Command::new(env!("CARGO_BIN_EXE_invado"))
        .args(["run", &path, "--engine", "cpu", "--quiet", "--out"])
        .arg(&out)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    for _ in 0..600 {
        let rows = std::fs::read_to_string(out.join("observables.csv"));
        if rows.is_ok_and(|rows| rows.lines().count() > 12) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let killed = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(1));
    let run = json(&out);
    assert_eq!(run["status"], "interrupted");
    let end_h = run["time_h"].as_f64().unwrap();
    let times = |name: &str| -> Vec<f64> {
        let (header, rows) = table(&out, name);
        let at = header.iter().position(|column| column == "time_h").unwrap();
        rows.iter().map(|row| number(&row[at])).collect()
    };
    // The last sample before the interrupt is there, and the profile of the moment itself.
    let sampled = times("tracks.csv").pop().unwrap();
    assert!(
        (0.0..1.0 / 6.0 + 1e-9).contains(&(end_h - sampled)),
        "{sampled} of {end_h}"
    );
    assert_eq!(times("profiles.csv").pop(), Some(end_h));
    let (_, lags) = table(&out, "motility.csv");
    assert!(number(&lags.last().unwrap()[1]) <= end_h + 1e-9);
    assert!(run["motility_fit"].is_array());
}
