//! `[view]` on the command line: what pictures show, and that nothing else depends on it.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use image::RgbaImage;
use predicates::str::contains;

const SMALL: &str = r#"
title = "small"
seed = 3
[domain]
size = ["120 um", "100 um", "80 um"]
voxel = "10 um"
[time]
duration = "1 min"
[fields.oxygen]
initial = { linear = { axis = "x", from = "0 mmHg", to = "40 mmHg" } }
[[cells]]
type = "pc-3"
place = { ball = { center = ["60 um", "50 um", "40 um"], radius = "35 um", density = "1e-4 /um^3" } }
"#;

fn invado() -> Command {
    Command::new(env!("CARGO_BIN_EXE_invado"))
}

fn scenario(folder: &Path) -> PathBuf {
    let path = folder.join("s.toml");
    std::fs::write(&path, SMALL).unwrap();
    path
}

/// The last picture and the state hash of a run with overrides.
fn run(folder: &Path, name: &str, sets: &[&str]) -> (RgbaImage, String) {
    let out = folder.join(name);
    let mut command = invado();
    command
        .arg("run")
        .arg(scenario(folder))
        .arg("--out")
        .arg(&out);
    command.args(["--engine", "cpu", "--quiet", "--images", "1 min"]);
    for set in sets {
        command.args(["--set", set]);
    }
    command.assert().success();
    let picture = image::open(out.join("images/0.017.png")).unwrap();
    let json = std::fs::read_to_string(out.join("run.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let hash = json["state_hash"].as_str().unwrap();
    (picture.into_rgba8(), hash.to_string())
}

#[test]
fn pictures_show_what_is_asked_for_and_states_stay() {
    let folder = tempfile::tempdir().unwrap();
    let (usual, hash) = run(folder.path(), "usual", &[]);
    let views: [&[&str]; 6] = [
        &["view.colour=phase"],
        &["view.azimuth=120", "view.projection=orthographic"],
        &["view.slice.z=10 um", "view.clip=none"],
        &["view.projection=flat", "view.slice.z=30 um"],
        &["view.contours=true"],
        &["view.field=none"],
    ];
    for (i, sets) in views.into_iter().enumerate() {
        let (picture, same) = run(folder.path(), &i.to_string(), sets);
        assert_eq!(same, hash, "{sets:?}");
        let pairs = picture.pixels().zip(usual.pixels());
        let changed = pairs.filter(|(a, b)| a != b).count();
        assert!(changed > 100, "{sets:?} changed {changed} pixels");
    }
}

#[test]
fn a_wrong_view_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    for (set, why) in [
        ("view.colour=fase", "Did you mean 'phase'?"),
        (
            "view.clip={ axis = \"y\", at = \"200 um\" }",
            "allowed: 0 um to 100 um",
        ),
        ("view.projekt=flat", "Did you mean 'projection'?"),
    ] {
        invado()
            .arg("check")
            .arg(scenario(folder.path()))
            .args(["--set", set])
            .assert()
            .code(2)
            .stderr(contains("s.toml with --set"))
            .stderr(contains(why));
    }
}
