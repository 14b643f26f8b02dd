//! The house's own rules.

use std::path::{Path, PathBuf};

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs" || e == "wgsl") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty());
    found
}

fn below_src(path: &Path) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    path.strip_prefix(root)
        .unwrap()
        .to_string_lossy()
        .replace('\\', "/")
}

/// The first of the forbidden words that a text uses as a path.
fn names<'a>(text: &str, forbidden: &[&'a str]) -> Option<&'a str> {
    forbidden
        .iter()
        .copied()
        .find(|word| text.contains(&format!("{word}::")) || text.contains(&format!("use {word}")))
}

#[test]
fn the_meaning_of_a_run_knows_no_gpu_and_no_window() {
    let rooms = [
        "quantity",
        "parameters",
        "scenario",
        "model",
        "state",
        "dosing",
        "observe",
        "export",
    ];
    let mut seen = 0;
    for (path, text) in sources("src") {
        let file = below_src(&path);
        let room = file.split(['/', '.']).next().unwrap_or_default();
        if rooms.contains(&room) {
            seen += 1;
            assert_eq!(names(&text, &["wgpu", "egui", "winit"]), None, "{file}");
        }
    }
    assert!(seen >= rooms.len());
}

#[test]
fn only_the_viewer_knows_the_window() {
    for (path, text) in sources("src") {
        let file = below_src(&path);
        if !file.starts_with("viewer") {
            assert_eq!(
                names(
                    &text,
                    &["egui", "winit", "egui_wgpu", "egui_winit", "egui_plot"]
                ),
                None,
                "{file}"
            );
        }
    }
}

#[test]
fn a_forbidden_word_is_seen() {
    assert_eq!(
        names("let x = wgpu::Device::new();", &["wgpu"]),
        Some("wgpu")
    );
    assert_eq!(names("use egui::Ui;", &["wgpu", "egui"]), Some("egui"));
    assert_eq!(names("// a wgpu device", &["wgpu"]), None);
}

#[test]
fn files_are_small_and_in_their_rooms() {
    let mut lengths: Vec<usize> = Vec::new();
    for (path, text) in sources("src").into_iter().chain(sources("shaders")) {
        let lines = text.lines().count();
        assert!(lines <= 600, "{} has {lines} lines", path.display());
        lengths.push(lines);
        let stem = path.file_stem().unwrap().to_string_lossy();
        assert!(
            !["mod", "utils", "common", "helpers"].contains(&stem.as_ref()),
            "{}",
            path.display()
        );
    }
    lengths.sort_unstable();
    assert!(
        lengths[lengths.len() / 2] <= 150,
        "median {}",
        lengths[lengths.len() / 2]
    );
}

#[test]
fn every_pass_has_its_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for pass in invado::pass::Pass::ALL {
        for file in [
            format!("src/cpu/{}.rs", pass.name()),
            format!("shaders/passes/{}.wgsl", pass.name()),
        ] {
            assert!(root.join(&file).exists(), "{file}");
        }
    }
}

#[test]
fn main_is_a_table_of_contents() {
    let main = include_str!("../src/main.rs");
    assert!(main.lines().count() <= 60);
}
