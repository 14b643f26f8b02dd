//! Cells from outside, killers and their prey, on both engines.

mod common;

use assert_cmd::Command;
use common::{ONLY_WALKING, close, on_both};
use invado::cpu::CpuEngine;
use invado::model::Model;
use invado::simulation::Simulation;
use invado::state::{HostState, NO_PARENT, Phase};

/// A box without anything that moves, with these sections.
fn still(seed: u32, size: &str, sections: &str) -> Result<Model, String> {
    Model::from_toml(&format!(
        r#"
title = "still"
seed = {seed}
[domain]
size = {size}
voxel = "20 um"
[time]
duration = "1000 h"
{sections}
"#
    ))
    .map_err(|error| error.to_string())
}

/// Cells of a type that neither move, divide nor die by themselves.
fn quiet(preset: &str, more: &str) -> String {
    format!(
        "[[cells]]\ntype = \"{preset}\"\nspeed = \"0 um/h\"\ndivision = \"0 /h\"\ndeath = \"0 /h\"\n{more}\n"
    )
}

fn parameters(more: &str) -> String {
    format!("[parameters]\n{ONLY_WALKING}\n{more}\n")
}

/// The books: founders, and whoever was born or came, less who is gone, are there.
fn balanced(founders: u32, state: &HostState) {
    let tally = &state.tally;
    let there = u64::from(founders) + tally.births + tally.arrivals - tally.removals;
    assert_eq!(there, state.cells.len() as u64);
    assert_eq!(
        u64::from(state.next_id),
        u64::from(founders) + tally.births + tally.arrivals
    );
    let ids = state.cells.identity.iter().map(|identity| identity[0]);
    assert!(ids.is_sorted_by(|a, b| a < b), "ids ascend");
}

/// Arrivals in a number of hours.
fn arrivals(simulation: &mut Simulation, hours: u64) -> f64 {
    simulation.run(hours * 600).unwrap();
    let state = simulation.snapshot().unwrap();
    balanced(simulation.model().n_cells(), &state);
    state.tally.arrivals as f64
}

#[test]
fn cells_come_through_a_border_at_their_rate() {
    for (size, face, axis) in [
        (r#"["200 um", "3000 um"]"#, "x_max", 0),
        (r#"["200 um", "200 um", "160 um"]"#, "z_min", 2),
    ] {
        let recruit = format!("recruit = {{ from = \"{face}\", rate = \"240 /h\" }}");
        let sections = quiet("cd8", &recruit) + &parameters("");
        let model = still(3, size, &sections).unwrap();
        let end = model.grid().size_um()[axis] as f32;
        on_both(
            "cells_come_through_a_border",
            &model,
            |engine, simulation| {
                // A Poisson number.
                let (got, expected) = (arrivals(simulation, 4), 960f64);
                let off = (got - expected).abs();
                assert!(off < 4.0 * expected.sqrt(), "{engine}: {got}");
                let cells = simulation.snapshot().unwrap().cells;
                for (body, identity) in cells.position_radius.iter().zip(&cells.identity) {
                    let x = body.to_array()[axis];
                    let inside = if face.ends_with("max") {
                        x >= end - 20.0
                    } else {
                        x <= 20.0
                    };
                    assert!(inside && x <= end, "{engine}: {body}");
                    assert_eq!(identity[2], NO_PARENT);
                }
                // Spread over the face.
                let other = cells.position_radius.iter().map(|body| f64::from(body.y));
                let mean = other.sum::<f64>() / got;
                let width = model.grid().size_um()[1];
                let off = (mean - 0.5 * width) / (width / (12.0 * got).sqrt());
                assert!(
                    off.abs() < 4.0,
                    "{engine}: {mean}, {off} standard errors off"
                );
            },
        );
    }
}

/// Vessels let in e^(−ρ/vessel_squeeze) of what they would without matrix, macrophages (1 − s) of it without active FAK.
#[test]
fn matrix_and_want_of_fak_keep_cells_out() {
    let model = |rho: f64, fak: f64, preset: &str| {
        let recruit = "recruit = { from = \"vessels\", rate = \"500 /h\" }";
        let fields = format!("[fields.ecm]\ninitial = {rho}\n[fields.fak]\ninitial = {fak}\n");
        let vessel =
            "[[vessel]]\ndisc = { center = [\"200 um\", \"200 um\"], radius = \"170 um\" }\n";
        let fixed = parameters("k_F = \"0 /h\"\nvessel_squeeze = 3\nG1 = \"0 /s\"");
        let sections = fields + vessel + &quiet(preset, recruit) + &fixed;
        still(4, r#"["400 um", "400 um"]"#, &sections).unwrap()
    };
    for (rho, fak, preset, share) in [
        (0.0, 0.0, "cd8", 1.0),
        (3.0, 0.0, "cd8", (-1.0f64).exp()),
        (0.0, 1.0, "macrophage", 1.0),
        (0.0, 0.2025, "macrophage", 0.3 + 0.7 * 0.5),
        (1.5, 0.0, "macrophage", 0.3 * (-0.5f64).exp()),
    ] {
        on_both(
            "matrix_keeps_out",
            &model(rho, fak, preset),
            |engine, simulation| {
                let (got, expected) = (arrivals(simulation, 2), 1000.0 * share);
                let off = (got - expected).abs();
                assert!(
                    off < 4.0 * expected.sqrt(),
                    "{engine}, {preset} at {rho}, {fak}: {got} of {expected}"
                );
            },
        );
    }
}

const KILLERS: u32 = 500;

/// Killers among prey, each with some 10 in reach.
fn battle(killer: &str, prey: &str, more: &str) -> Model {
    let place = |count: u32| {
        format!(
            "place = {{ rectangle = {{ from = [\"0 um\", \"0 um\"], to = [\"1000 um\", \"1000 um\"], count = {count} }} }}"
        )
    };
    let sections = quiet("cd8", &format!("{}\n{killer}", place(KILLERS)))
        + &quiet(
            "mcf-7",
            &format!("{}\nradius = \"1 um\"\n{prey}", place(10_000)),
        )
        + more;
    still(5, r#"["1000 um", "1000 um"]"#, &sections).unwrap()
}

/// Hits for each killer that has prey, a day.
fn hits_a_day(simulation: &mut Simulation, hours: u64) -> f64 {
    simulation.run(hours * 600).unwrap();
    let state = simulation.snapshot().unwrap();
    let kills = simulation.kills().unwrap();
    assert_eq!(
        kills.len() as u64,
        state.tally.deaths[4],
        "every kill is logged"
    );
    assert!(kills.is_sorted(), "by step and victim");
    kills.len() as f64 / f64::from(KILLERS) * 24.0 / hours as f64
}

/// A turn to attach, then on average 1/p turns of 6 min of chance p = 1 − e^(−0.066 s) to hit, s the share that PD-L1 and
/// suppressors leave.
#[test]
fn killers_hit_at_their_rate() {
    let expected = |share: f64| 24.0 * 10.0 / (1.0 + 1.0 / (1.0 - (-0.066 * share).exp()));
    let strong = "attack = \"10 /min\"\nmost_kills = 1000";
    let blocked = "[dose]\ncompound = \"anti-pd-1\"\nbath = \"1 mM\"\n";
    for (prey, more, share) in [
        ("pd_l1 = 0", String::new(), 1.0),
        ("pd_l1 = 1", String::new(), 0.3),
        ("pd_l1 = 1", blocked.to_string(), 1.0),
        // The prey themselves suppress: 0.01 /µm² of them make K_M, 0.1 of 1.7e-3 /µm².
        ("pd_l1 = 0\nsuppression = 0.017", String::new(), 0.5),
    ] {
        let model = battle(
            strong,
            prey,
            &(more + &parameters("T_apoptosis = \"1000 h\"")),
        );
        // That engines do the same is a matter of `twins`.
        let engine = Box::new(CpuEngine::new(&model));
        let mut simulation = Simulation::new(model, engine).unwrap();
        let got = hits_a_day(&mut simulation, 4);
        // Some 380 to 1200 hits: a standard error of 3 to 5 %.
        close(prey, got, expected(share), 0.1);
    }
}

#[test]
fn an_exhausted_killer_hits_no_more() {
    let model = battle(
        "attack = \"10 /min\"\nkill = \"1 /min\"\nmost_kills = 2",
        "",
        &parameters(""),
    );
    on_both("exhausted", &model, |engine, simulation| {
        simulation.run(480).unwrap();
        let state = simulation.snapshot().unwrap();
        let killed = state.tally.deaths[4];
        // Two of each, but for who was hit by two at once.
        assert!((950..=1000).contains(&killed), "{engine}: {killed}");
        assert_eq!(state.tally.all_deaths(), killed);
        let dying = state.cells.identity.iter();
        let dying = dying
            .filter(|identity| Phase::of(identity[3]) == Phase::Killed)
            .count() as u64;
        assert_eq!(dying + state.tally.removals, killed, "{engine}");
    });
}

/// Crawling T cells among tumour cells: both engines give the same bits. How many they kill is in the verification book.
#[test]
fn t_cells_hunt_alike_on_both_engines() {
    let place = |count: u32| {
        format!(
            "place = {{ rectangle = {{ from = [\"0 um\", \"0 um\"], to = [\"600 um\", \"600 um\"], count = {count} }} }}"
        )
    };
    let sections = format!(
        "[fields.ecm]\ninitial = 0.5\n[[cells]]\ntype = \"mda-mb-231\"\n{}\n[[cells]]\ntype = \"cd8\"\n{}\nmost_kills = 100\n",
        place(500),
        place(20)
    );
    let model = still(6, r#"["600 um", "600 um"]"#, &sections).unwrap();
    let mut hashes = Vec::new();
    for engine in common::engines("t_cells", &model) {
        let mut simulation = Simulation::new(model.clone(), engine).unwrap();
        simulation.run(600).unwrap();
        hashes.push((
            simulation.snapshot().unwrap().hash(),
            simulation.kills().unwrap(),
        ));
    }
    if !common::hardware() {
        assert!(hashes.windows(2).all(|pair| pair[0] == pair[1]));
    }
}

/// In a section of tissue cells pass the pores of dense matrix, or do not; on a dish they crawl on it.
#[test]
fn a_section_has_pores() {
    let place = "place = { rectangle = { from = [\"0 um\", \"0 um\"], to = [\"400 um\", \"400 um\"], count = 100 } }";
    for (section, moves) in [("false", true), ("true", false)] {
        let text = format!(
            "title = \"t\"\n[domain]\nsize = [\"400 um\", \"400 um\"]\nvoxel = \"20 um\"\nsection = {section}\n[time]\nduration = \"1 h\"\n[fields.ecm]\ninitial = 8\n[[cells]]\ntype = \"mda-mb-231\"\n{place}\n"
        );
        let model = Model::from_toml(&text).unwrap();
        on_both("a_section_has_pores", &model, |engine, simulation| {
            simulation.run(10).unwrap();
            let cells = simulation.snapshot().unwrap().cells;
            let fastest = cells.polarity_speed.iter().map(|p| p.w).fold(0.0, f32::max);
            assert_eq!(
                fastest > 0.0,
                moves,
                "{engine}: section = {section}: {fastest}"
            );
        });
    }
}

#[test]
fn mistakes_are_named() {
    let size = r#"["400 um", "300 um"]"#;
    let vessel = "[[vessel]]\ndisc = { center = [\"200 um\", \"200 um\"], radius = \"70 um\" }\n";
    let recruit = |from: &str, rate: &str| {
        format!("[[cells]]\ntype = \"cd8\"\nrecruit = {{ from = \"{from}\", rate = \"{rate}\" }}\n")
    };
    for (sections, parts) in [
        (
            recruit("vessels", "1 /h"),
            ["cells.0.recruit.from", "no vessels"],
        ),
        (recruit("x_mim", "1 /h"), ["cells.0.recruit.from", "x_min"]),
        (recruit("z_min", "1 /h"), ["cells.0.recruit.from", "z_min"]),
        (
            recruit("x_min", "-1 /h"),
            ["cells.0.recruit.rate", "negative"],
        ),
        (
            recruit("x_min", "1000 /h"),
            ["cells.0.recruit.rate", "up to 37.5000 /h"],
        ),
        (recruit("x_min", "1 um"), ["cells.0.recruit.rate", "/min"]),
        (
            "[[cells]]\ntype = \"cd8\"\n".to_string(),
            ["cells.0", "place, recruit, or both"],
        ),
        (
            recruit("x_min", "1 /h") + "division = \"0.1 /h\"\n",
            ["cells.0.attack", "neither divides nor is prey"],
        ),
        (
            recruit("x_min", "1 /h") + "antigen = 2\n",
            ["cells.0.antigen", "0 to 1"],
        ),
        (
            vessel.to_string()
                + &recruit("vessels", "1 /h")
                + "[[obstacle]]\ndisc = { center = [\"200 um\", \"200 um\"], radius = \"80 um\" }\n",
            ["cells.0.recruit.from", "closed to these cells"],
        ),
        (
            recruit("x_min", "1 /h") + "[fields.drug.boundary]\nx = \"periodic\"\n",
            ["cells.0.recruit.from", "periodic"],
        ),
    ] {
        let message = still(1, size, &sections).unwrap_err();
        for part in parts {
            assert!(message.contains(part), "{sections}: {message}");
        }
    }
}

/// Kills and arrivals of a run that was stopped and resumed are those of one that was not.
#[test]
fn kills_are_kept_over_a_resume() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("battle.toml");
    let place = |count: u32| {
        format!(
            "place = {{ rectangle = {{ from = [\"0 um\", \"0 um\"], to = [\"300 um\", \"300 um\"], count = {count} }} }}"
        )
    };
    let text = format!(
        "title = \"battle\"\nseed = 8\n[domain]\nsize = [\"300 um\", \"300 um\"]\nvoxel = \"20 um\"\n[time]\nduration = \"6 h\"\n[[cells]]\ntype = \"cd8\"\n{}\nkill = \"0.1 /min\"\nrecruit = {{ from = \"x_min\", rate = \"5 /h\" }}\n[[cells]]\ntype = \"mcf-7\"\n{}\n",
        place(10),
        place(120)
    );
    std::fs::write(&file, text).unwrap();
    let run = |args: &[&str]| {
        Command::cargo_bin("invado")
            .unwrap()
            .args(["run", "--engine", "cpu", "--quiet"])
            .args(args)
            .assert()
            .success();
    };
    let at = |name: &str| folder.path().join(name);
    let (whole, parts) = (at("whole"), at("parts"));
    let path = |path: &std::path::Path| path.to_str().unwrap().to_string();
    run(&[&path(&file), "--out", &path(&whole)]);
    run(&[&path(&file), "--out", &path(&parts), "--until", "2 h"]);
    run(&["--resume", &path(&parts), "--until", "6 h"]);
    let hash = |folder: &std::path::Path| {
        let text = std::fs::read_to_string(folder.join("run.json")).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        json["state_hash"].as_str().unwrap().to_string()
    };
    assert_eq!(hash(&whole), hash(&parts));
    let table =
        |folder: &std::path::Path| std::fs::read_to_string(folder.join("kills.csv")).unwrap();
    assert_eq!(table(&whole), table(&parts));
    let text = table(&whole);
    assert!(text.starts_with("time_h,killer,victim\n"), "{text}");
    let observables = std::fs::read_to_string(whole.join("observables.csv")).unwrap();
    let mut lines = observables
        .lines()
        .map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let last = lines.next_back().unwrap();
    let value = |name: &str| last[header.iter().position(|n| *n == name).unwrap()];
    assert_eq!(
        value("deaths_killed"),
        (text.lines().count() - 1).to_string()
    );
    assert!(value("deaths_killed").parse::<u32>().unwrap() > 5);
    assert!((10..60).contains(&value("arrivals").parse::<u32>().unwrap()));
}
