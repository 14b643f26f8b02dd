//! Checkpoints: a run that stops and goes on ends in the bits of one that did not, and no file makes the program panic.

mod common;

use std::path::{Path, PathBuf};

use common::{engines, scene};
use invado::cpu::CpuEngine;
use invado::model::Model;
use invado::record::checkpoint::{self, Checkpoint, Present};
use invado::scenario::Scenario;
use invado::simulation::{Engine, Simulation};
use proptest::prelude::*;

/// A small busy tissue under the drug, with a ledger.
const TISSUE: &str = r#"
title = "tissue"
question = "Does it go on where it stopped?"
seed = 4
[domain]
size = ["200 um", "150 um"]
voxel = "10 um"
[time]
step = "6 s"
duration = "24 min"
report = "6 min"
[fields.drug]
initial = "5 nM"
ledger = true
[fields.ecm]
initial = 0.5
[fields.fak]
[fields.oxygen]
initial = "30 mmHg"
boundary = { x_min = "38 mmHg" }
[[cells]]
type = "receptor-high"
spread_receptor = 0.4
division = "1 /h"
death = "0.5 /h"
place = { rectangle = { from = ["0 um", "0 um"], to = ["200 um", "150 um"], count = 60 } }
[parameters]
T_apoptosis = "12 min"
K_2d = "1e-2 /um^2"
[dose]
bath = "30 nM"
"#;

fn scenario(text: &str) -> Scenario {
    Scenario::parse("tissue", "tissue.toml", Path::new("."), text, &[]).unwrap()
}

fn save(folder: &Path, scenario: &Scenario, simulation: &mut Simulation) -> PathBuf {
    let (state, ledgers) = (
        simulation.snapshot().unwrap(),
        simulation.ledgers().unwrap(),
    );
    let present = Present {
        scenario,
        model: simulation.model(),
        state: &state,
        events: simulation.events(),
        ledgers: &ledgers,
        measures: b"",
    };
    checkpoint::write(folder, &present).unwrap()
}

fn resumed(checkpoint: &Checkpoint, engine: Box<dyn Engine>) -> Simulation {
    Simulation::resume(
        checkpoint.model.clone(),
        engine,
        &checkpoint.state,
        checkpoint.header.events.clone(),
        checkpoint.ledgers.clone(),
    )
    .unwrap()
}

/// Twenty moments on the CPU engine and seven on the other, with births, deaths and changes of the dose. What the CPU engine
/// left also goes on on the GPU engine.
#[test]
fn a_run_goes_on_where_it_stopped() {
    const STEPS: u64 = 120;
    // Steps between two moments.
    const EACH: u64 = 6;
    // Moments after which the dose changes, and to what.
    const CHANGES: [(usize, f64); 2] = [(7, 10.0), (13, 18.5)];
    let scenario = scenario(TISSUE);
    let model = Model::try_from(&scenario).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut ends = Vec::new();
    let mut of_cpu = Vec::new();
    for engine in engines("a_run_goes_on", &model) {
        let name = engine.name();
        let mut simulation = Simulation::new(model.clone(), engine).unwrap();
        let mut moments = Vec::new();
        for i in 0..20u32 {
            // One in each twentieth, so that `fate` lies before, between and behind them.
            let draw = u64::from(invado::rng::philox4x32([9, 9], [i, 0, 0, 0])[0]);
            let moment = EACH * u64::from(i) + draw % EACH;
            simulation.run(moment - simulation.step()).unwrap();
            let run = folder.path().join(format!("{name}-{i}"));
            moments.push((moment, save(&run, &scenario, &mut simulation)));
            if let Some((_, nm)) = CHANGES.iter().find(|(at, _)| *at == i as usize) {
                simulation.set_bath_nm(*nm);
            }
        }
        simulation.run(STEPS - simulation.step()).unwrap();
        let (end, books) = (
            simulation.snapshot().unwrap(),
            simulation.ledgers().unwrap(),
        );
        assert!(
            end.tally.births > 2 && end.tally.all_deaths() > 2,
            "{:?}",
            end.tally
        );
        let mut engine = simulation.into_engine();
        // A software driver takes minutes for all.
        let every = if name == "cpu" { 1 } else { 3 };
        let from_here = moments.iter().step_by(every).map(|(_, path)| path);
        // The CPU comes first; of its moments three are enough for the other engine.
        let from_cpu = of_cpu.iter().step_by(7);
        for path in from_here.chain(from_cpu) {
            let checkpoint = checkpoint::read(path).unwrap();
            let mut simulation = resumed(&checkpoint, engine);
            for (nth, nm) in CHANGES {
                let step = moments[nth].0;
                // Changes that the checkpoint does not know yet.
                if !checkpoint.header.events.iter().any(|e| e.step == step) {
                    simulation.run(step - simulation.step()).unwrap();
                    simulation.set_bath_nm(nm);
                }
            }
            simulation.run(STEPS - simulation.step()).unwrap();
            let hash = simulation.snapshot().unwrap().hash();
            let same_engine = !of_cpu.contains(path);
            if same_engine || !common::hardware() {
                assert_eq!(hash, end.hash(), "{name} from {path:?}");
            }
            for (a, b) in simulation.ledgers().unwrap().iter().zip(&books) {
                let apart = (a.amounts.sources - b.amounts.sources).abs();
                // Sums that begin anew add up in another order.
                assert!(
                    apart <= 1e-9 * b.amounts.sources.abs(),
                    "{name}: {a:?} {b:?}"
                );
            }
            engine = simulation.into_engine();
        }
        if name == "cpu" {
            of_cpu = moments.into_iter().map(|(_, path)| path).collect();
        }
        ends.push(end.hash());
    }
    // Software Vulkan computes the CPU's bits.
    assert!(ends.windows(2).all(|pair| pair[0] == pair[1]) || common::hardware());
}

/// A checkpoint of the tissue after some steps, and its bytes.
fn sample(folder: &Path) -> (PathBuf, Vec<u8>) {
    let scenario = scenario(TISSUE);
    let model = Model::try_from(&scenario).unwrap();
    let engine = Box::new(CpuEngine::new(&model));
    let mut simulation = Simulation::new(model, engine).unwrap();
    simulation.run(61).unwrap();
    simulation.set_bath_nm(12.5);
    let path = save(folder, &scenario, &mut simulation);
    let bytes = std::fs::read(&path).unwrap();
    (path, bytes)
}

/// The same file with its metadata changed and then the bytes of an array, so that all its checksums hold.
fn rewritten(
    bytes: &[u8],
    metadata: impl Fn(String) -> String,
    change: impl Fn(&str, &mut Vec<u8>),
) -> Vec<u8> {
    let all = zstd::decode_all(bytes).unwrap();
    let n = u64::from_le_bytes(all[..8].try_into().unwrap()) as usize;
    let mut head: serde_json::Value = serde_json::from_slice(&all[8..8 + n]).unwrap();
    let text = metadata(head["__metadata__"]["invado"].as_str().unwrap().to_string());
    // Where the arrays lie follows the metadata, where these can be read.
    let mut data = Vec::new();
    if let Ok(header) = serde_json::from_str::<serde_json::Value>(&text) {
        let old = head.clone();
        let mut order: Vec<(u64, String)> = old
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, _)| *name != "__metadata__")
            .map(|(name, entry)| (entry["data_offsets"][0].as_u64().unwrap(), name.clone()))
            .collect();
        order.sort();
        head = serde_json::json!({ "__metadata__": { "invado": text } });
        let mut at = 0u64;
        for ((_, name), array) in order.iter().zip(header["arrays"].as_array().unwrap()) {
            let span = |i: usize| 8 + n + old[name]["data_offsets"][i].as_u64().unwrap() as usize;
            let mut content = all[span(0)..span(1)].to_vec();
            change(name, &mut content);
            let each = if array["type"] == "u8" { 1u64 } else { 4 };
            let shape = array["shape"].as_array().unwrap().iter();
            let end = at.wrapping_add(shape.fold(each, |p, n| p.wrapping_mul(n.as_u64().unwrap())));
            head[array["name"].as_str().unwrap()] = serde_json::json!({
                "dtype": array["type"].as_str().unwrap().to_uppercase(),
                "shape": array["shape"], "data_offsets": [at, end],
            });
            at = end;
            data.extend(content);
        }
    } else {
        head["__metadata__"]["invado"] = text.into();
    }
    let head = serde_json::to_vec(&head).unwrap();
    let mut all = (head.len() as u64).to_le_bytes().to_vec();
    all.extend(head);
    all.extend(data);
    zstd::encode_all(&*all, 1).unwrap()
}

fn refused(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("1.safetensors.zst");
    std::fs::write(&path, bytes).unwrap();
    checkpoint::read(&path).unwrap_err().to_string()
}

#[test]
fn every_array_is_described_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = sample(folder.path());
    let read = checkpoint::read(&path).unwrap();
    assert_eq!(read.state.hash(), read.header.state_hash);
    assert_eq!((read.header.step, read.header.events.len()), (61, 1));
    let names: Vec<&str> = read.header.arrays.iter().map(|a| a.name.as_str()).collect();
    assert_eq!(names.len(), 4 + 7, "{names:?}");
    assert!(
        read.header
            .arrays
            .iter()
            .all(|a| !a.unit.is_empty() || a.name.starts_with("fields/"))
    );
    // The last two are kept, whatever the number of digits.
    let scenario = scenario(TISSUE);
    let mut simulation = resumed(&read, Box::new(CpuEngine::new(&read.model)));
    for _ in 0..3 {
        simulation.run(30).unwrap();
        save(folder.path(), &scenario, &mut simulation);
    }
    let mut left: Vec<_> = std::fs::read_dir(checkpoint::folder(folder.path()))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["121.safetensors.zst", "151.safetensors.zst"]);
    let newest = checkpoint::newest(folder.path(), &mut |why| panic!("{why}")).unwrap();
    assert_eq!(newest.header.step, 151);
    // A damaged one is passed over, and said so.
    std::fs::write(&newest.path, b"(\xb5/\xfd").unwrap();
    let mut warnings = Vec::new();
    let newest = checkpoint::newest(folder.path(), &mut |why| warnings.push(why)).unwrap();
    assert_eq!((newest.header.step, warnings.len()), (121, 1));
    assert!(warnings[0].contains("151.safetensors.zst"), "{warnings:?}");
    let nothing = checkpoint::newest(Path::new("nowhere"), &mut |_| {}).unwrap_err();
    assert!(
        nothing.to_string().contains("--checkpoint TIME"),
        "{nothing}"
    );
}

/// Archives whose checksums hold and whose content does not.
#[test]
fn what_a_scenario_cannot_have_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (_, bytes) = sample(folder.path());
    let header = |from: &'static str, to: &'static str| {
        let replaced = |text: String| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        };
        refused(&rewritten(&bytes, replaced, |_, _| {}))
    };
    for (from, to, says) in [
        ("\"format\":1", "\"format\":7", "has format 7"),
        ("\"step\":61", "\"step\":62", "another hash"),
        ("\"step\":61", "\"step\":99999999999", "beyond the last"),
        ("\"step\":61", "\"step\":-1", "is damaged"),
        ("\"step\":61", "\"stop\":61", "is damaged"),
        ("[domain]", "[dmain]", "domain"),
        ("count = 60", "count = 4000000000", "cells"),
        (
            "\"cells/identity\"",
            "\"cells/idontity\"",
            "cells/identity is missing",
        ),
        (
            "\"bath_nm\":12.5",
            "\"bath_nm\":-12.5",
            "its event 1: a bath of -12.5 nM is no level",
        ),
        ("\"field\":\"drug\"", "\"field\":\"ecm\"", "books"),
    ] {
        let error = header(from, to);
        assert!(error.contains(says), "{from} → {to}: {error}");
    }
    let same = |text: String| text;
    let array = |of: &'static str, at: usize, word: [u8; 4]| {
        refused(&rewritten(&bytes, same, |name, content| {
            if name == of {
                content[at..at + 4].copy_from_slice(&word);
            }
        }))
    };
    let word = |value: f32| value.to_le_bytes();
    for (error, says) in [
        (
            array("fields/drug", 0, word(f32::NAN)),
            "field drug holds NaN",
        ),
        (array("fields/drug", 40, word(-1.0)), "field drug holds -1"),
        (
            array("cells/position_radius", 0, word(1e9)),
            "outside the box",
        ),
        (array("cells/position_radius", 12, word(1e9)), "radius"),
        (array("cells/identity", 4, 77u32.to_le_bytes()), "type"),
        (
            array("cells/identity", 0, u32::MAX.to_le_bytes()),
            "ids must ascend",
        ),
        (array("cells/identity", 12, u32::MAX.to_le_bytes()), "phase"),
        (
            array("cells/polarity_speed", 0, word(f32::INFINITY)),
            "not finite",
        ),
        (array("cells/signals", 8, word(f32::NAN)), "a state is NaN"),
        (array("cells/traits", 8, word(-2.0)), "a state is -2"),
        // Nothing but the hash sees this one.
        (array("cells/signals", 8, word(0.25)), "another hash"),
    ] {
        assert!(error.contains(says), "{says}: {error}");
    }
    let shorter = refused(&rewritten(&bytes, same, |name, content| {
        if name == "measures" || name == "cells/traits" {
            content.clear();
        }
    }));
    assert!(shorter.contains("damaged in cells/traits"), "{shorter}");
    let longer = refused(&rewritten(&bytes, same, |name, content| {
        if name == "measures" {
            content.push(0);
        }
    }));
    assert!(longer.contains("goes on behind"), "{longer}");
    // Claims of much with nothing behind them are refused before memory is asked for.
    for (to, says) in [
        ("18446744073709551615", "than can be counted"),
        ("300000000", "but its scenario has"),
    ] {
        let claims = header(
            "\"shape\":[15,",
            to.replacen(to, &format!("\"shape\":[{to},"), 1).leak(),
        );
        assert!(claims.contains(says), "{claims}");
    }
}

/// 400, or what INVADO_FUZZ_CASES says.
fn cases() -> u32 {
    let given = std::env::var("INVADO_FUZZ_CASES").ok();
    given.map_or(400, |cases| cases.parse().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]
    /// Cut, flipped and overwritten files give an error, or the very state that was written; never a panic. Damaged within
    /// their compression, too, whose checksum finds almost every damage from outside.
    #[test]
    fn damaged_files_are_refused(cut in 0usize..100_000, flips in prop::collection::vec((0usize..100_000, 0u8..255), 0..4), truncates: bool, within: bool, near: bool) {
        thread_local! {
            static SAMPLE: (tempfile::TempDir, Vec<u8>, String) = {
                let folder = tempfile::tempdir().unwrap();
                let (path, bytes) = sample(folder.path());
                let hash = checkpoint::read(&path).unwrap().header.state_hash;
                (folder, bytes, hash)
            };
        }
        SAMPLE.with(|(folder, bytes, hash)| {
            let mut bytes = bytes.clone();
            if within {
                bytes = zstd::decode_all(bytes.as_slice()).unwrap();
            }
            let n = bytes.len();
            // The header is a small part of the whole.
            let reach = if near { n.min(6000) } else { n };
            for (at, with) in &flips {
                bytes[at % reach] ^= with + 1;
            }
            if truncates {
                bytes.truncate(cut % reach);
            }
            if within {
                bytes = zstd::encode_all(bytes.as_slice(), 1).unwrap();
            }
            let path = folder.path().join("damaged.zip");
            std::fs::write(&path, &bytes).unwrap();
            match checkpoint::read(&path) {
                Ok(read) => assert_eq!(&read.state.hash(), hash),
                Err(error) => assert!(error.to_string().len() > 20),
            }
        });
    }
}

/// Every field, obstacles, vessels and periodic axes, too.
#[test]
fn a_full_scene_comes_back() {
    for (three_d, periodic) in [(false, true), (true, false)] {
        let model = scene(three_d, periodic);
        let state = invado::verify::random_state(&model, 3);
        let folder = tempfile::tempdir().unwrap();
        let scenario = scenario(&invado::verify::scene_toml(three_d, periodic));
        let present = Present {
            scenario: &scenario,
            model: &model,
            state: &state,
            events: &[],
            ledgers: &[],
            measures: b"{}",
        };
        let read = checkpoint::read(&checkpoint::write(folder.path(), &present).unwrap()).unwrap();
        assert_eq!(read.state, state);
        assert_eq!(read.measures, b"{}");
    }
}
