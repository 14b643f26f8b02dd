//! A dose series from the command line: wells, fits, tables and figures.

mod common;

use std::collections::HashMap;
use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

fn invado() -> Command {
    Command::new(env!("CARGO_BIN_EXE_invado"))
}

/// Fourteen wells of cells without bypass on matrix at rho* for two hours.
const SERIES: &str = r#"
title = "ladder"
question = "?"
seed = 3
replicates = 2
[domain]
size = ["200 um", "150 um"]
voxel = "10 um"
[time]
duration = "2 h"
report = "30 min"
[[cells]]
type = "pc-3"
place = { rectangle = { from = ["0 um", "0 um"], to = ["200 um", "150 um"], count = 20 } }
division = "0 /h"
[dose]
series = ["1 uM", "0 nM", "3 nM", "10 nM", "30 nM", "100 nM", "300 nM"]
times = ["2 h", "21 min"]
"#;

struct Ran {
    folder: tempfile::TempDir,
}

impl Ran {
    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join("out").join(name)
    }
    fn json(&self) -> Value {
        serde_json::from_str(&std::fs::read_to_string(self.path("run.json")).unwrap()).unwrap()
    }
    fn table(&self, name: &str) -> Vec<HashMap<String, String>> {
        let mut reader = csv::Reader::from_path(self.path(name)).unwrap();
        reader.deserialize().map(Result::unwrap).collect()
    }
    /// The fit of a read-out at the last time.
    fn fit(&self, readout: &str) -> Value {
        let json = self.json();
        let fits = json["fits"].as_array().unwrap();
        let mut of = fits.iter().filter(|fit| fit["readout"] == readout);
        of.next_back().unwrap().clone()
    }
}

/// Runs a scenario on an engine with some threads; the run must succeed.
fn run(text: &str, engine: &str, threads: usize, more: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.toml");
    std::fs::write(&path, text).unwrap();
    invado()
        .env("RAYON_NUM_THREADS", threads.to_string())
        .args(["run", path.to_str().unwrap(), "--engine", engine])
        .args(["--out", folder.path().join("out").to_str().unwrap()])
        .args(more)
        .assert()
        .success();
    Ran { folder }
}

fn number(row: &HashMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap()
}

#[test]
fn wells_are_single_runs_bit_for_bit_on_any_number_of_threads() {
    let one = run(SERIES, "cpu", 1, &[]);
    let four = run(SERIES, "cpu", 4, &[]);
    let (json, other) = (one.json(), four.json());
    assert_eq!(json["wells"], other["wells"]);
    assert_eq!(json["state_hash"], other["state_hash"]);
    assert_eq!(json["fits"], other["fits"]);
    for name in [
        "wells.csv",
        "dose_response.csv",
        "blot.csv",
        "curves/pfak_2.000.svg",
    ] {
        let read = |ran: &Ran| std::fs::read(ran.path(name)).unwrap();
        assert_eq!(read(&one), read(&four), "{name}");
    }
    let wells = json["wells"].as_array().unwrap();
    assert_eq!(wells.len(), 14);
    let mut hashes: Vec<&str> = Vec::new();
    for (dose, seed, name) in [("10 nM", "3", "10nM-1"), ("1 uM", "4", "1000nM-2")] {
        let single = SERIES.lines().filter(|l| {
            !["series", "replicates", "times"]
                .iter()
                .any(|key| l.starts_with(key))
        });
        let text = single.collect::<Vec<_>>().join("\n") + &format!("\nbath = \"{dose}\"\n");
        let single = run(&text, "cpu", 2, &["--seed", seed]);
        let well = wells.iter().find(|well| well["well"] == name).unwrap();
        assert_eq!(well["state_hash"], single.json()["state_hash"], "{name}");
        assert_eq!(well["seed"].to_string(), seed);
        hashes.push(well["state_hash"].as_str().unwrap());
        // A well's own table is that of the single run, with the times of the series besides.
        let at = |ran: &Ran, file: &str| {
            let rows = ran.table(file);
            rows.into_iter().find(|row| row["time_h"] == "2").unwrap()
        };
        let own = at(&one, &format!("wells/{name}/observables.csv"));
        assert_eq!(own, at(&single, "observables.csv"));
    }
    // And another bath or seed is not the same.
    assert_ne!(hashes[0], hashes[1]);
}

#[test]
fn the_tables_hold_every_well_and_time() {
    let ran = run(SERIES, "cpu", 2, &["--cells", "2 h"]);
    let wells = ran.table("wells.csv");
    // Reports at 0, 0.5, 1, 1.5, 2 h and the time of 21 min.
    assert_eq!(wells.len(), 14 * 6);
    assert_eq!(wells[0]["well"], "0nM-1");
    assert!(wells.iter().all(|row| row["dose_nm"] == row["bath_nm"]));
    assert!(ran.path("wells/300nM-2/cells/2.000.csv").is_file());
    // The control, mean of its replicates.
    let control = ran.table("observables.csv");
    assert_eq!(control.len(), 6);
    let speed = |well: &str| {
        let row = wells
            .iter()
            .find(|r| r["well"] == well && r["time_h"] == "2");
        number(row.unwrap(), "mean_speed_um_per_h")
    };
    let mean = 0.5 * (speed("0nM-1") + speed("0nM-2"));
    common::close(
        "control",
        number(&control[5], "mean_speed_um_per_h"),
        mean,
        1e-12,
    );
    let table = ran.table("dose_response.csv");
    assert_eq!(table.len(), 2 * 7 * 7);
    let row = table
        .iter()
        .find(|r| r["readout"] == "speed_um_per_h" && r["time_h"] == "2" && r["dose_nm"] == "0")
        .unwrap();
    common::close("mean", number(row, "mean"), mean, 1e-12);
    let sd = (speed("0nM-1") - speed("0nM-2")).abs() / 2f64.sqrt();
    assert!((number(row, "sd") - sd).abs() < 1e-12);
    assert_eq!(
        (row["n"].as_str(), row["relative_to_control"].as_str()),
        ("2", "1")
    );
}

/// pFAK of cells without bypass: half of control at 12.7 nM, the curve's midpoint at 11.5 nM with slope 1; the speed
/// half-way between its plateaus at 8.7 nM, in the table of the steady states.
#[test]
fn the_fitted_ic50_of_pfak_is_that_of_the_network() {
    let mut engines = vec!["cpu"];
    if common::gpu("the_fitted_ic50_of_pfak_is_that_of_the_network").is_some() {
        engines.push("gpu");
    }
    for engine in engines {
        let ran = run(SERIES, engine, 2, &["--set", "replicates=1"]);
        let fit = ran.fit("pfak");
        let value = |key: &str| fit[key]["value"].as_f64().unwrap();
        common::close(engine, value("ic50_nm"), 12.7, 0.03);
        common::close(engine, value("midpoint_nm"), 11.5, 0.03);
        common::close(engine, value("hill"), 1.0, 0.03);
        assert_eq!(fit["prediction"], false);
        let [low, high] = [0, 1].map(|i| fit["ic50_nm"]["ci95"][i].as_f64().unwrap());
        assert!(low < value("ic50_nm") && value("ic50_nm") < high);
        let speed = ran.fit("speed_um_per_h");
        assert_eq!(speed["prediction"], true);
        common::close(
            engine,
            speed["midpoint_nm"]["value"].as_f64().unwrap(),
            8.7,
            0.1,
        );
        // No cell divides or dies in two hours worth speaking of.
        assert!(ran.fit("cell_count")["not_determined"].is_string());
    }
}

#[test]
fn bands_follow_the_means_within_the_stated_noise() {
    let ran = run(SERIES, "cpu", 2, &[]);
    let response = ran.table("dose_response.csv");
    let mut errors = Vec::new();
    for row in ran.table("blot.csv") {
        let mean = number(&row, "mean");
        if row["protein"] == "fak" {
            assert_eq!(mean, 1.0);
        } else {
            let same = |other: &&HashMap<String, String>| {
                other["readout"] == row["protein"]
                    && ["time_h", "dose_nm"]
                        .iter()
                        .all(|key| other[*key] == row[*key])
            };
            let source = response.iter().find(same).unwrap();
            assert_eq!(number(source, "mean"), mean);
        }
        errors.push(number(&row, "intensity") / mean - 1.0);
    }
    let n = errors.len() as f64;
    assert_eq!(n, 2.0 * 7.0 * 5.0);
    let rms = (errors.iter().map(|e| e * e).sum::<f64>() / n).sqrt();
    // The standard error of an SD of 70 draws is 8.5 %.
    assert!((0.075..0.125).contains(&rms), "{rms}");
    assert!(errors.iter().all(|e| e.abs() < 0.35), "{errors:?}");
    // Without assay error the blot is the model, and another seed has another error.
    let quiet = run(SERIES, "cpu", 2, &["--set", "parameters.cv_blot=0"]);
    for row in quiet.table("blot.csv") {
        assert_eq!(row["mean"], row["intensity"]);
    }
    let first = |ran: &Ran| ran.table("blot.csv")[4]["intensity"].clone();
    assert_ne!(first(&ran), first(&run(SERIES, "cpu", 2, &["--seed", "8"])));
}

fn picture(path: &Path) -> image::RgbaImage {
    image::open(path).unwrap().to_rgba8()
}

#[test]
fn figures_are_whole() {
    let ran = run(SERIES, "cpu", 2, &[]);
    for name in [
        "pfak",
        "pcas",
        "pakt",
        "perk",
        "adhesions",
        "speed_um_per_h",
        "cell_count",
    ] {
        for time in ["0.350", "2.000"] {
            let svg =
                std::fs::read_to_string(ran.path(&format!("curves/{name}_{time}.svg"))).unwrap();
            assert_eq!(svg.contains("PREDICTION"), name != "pfak", "{name}");
            assert!(svg.contains("design choices (D)") && svg.contains("(nM)"));
            let png = picture(&ran.path(&format!("curves/{name}_{time}.png")));
            assert_eq!(png.dimensions(), (1280, 800));
            assert!(png.pixels().all(|p| p.0[3] == 255));
            // Ink everywhere that should have some: heading, plot, legend, foot.
            for [x0, y0, x1, y1] in [
                [40, 20, 400, 60],
                [112, 112, 860, 632],
                [900, 100, 1240, 200],
                [40, 730, 900, 790],
            ] {
                let dark = (x0..x1).flat_map(|x| (y0..y1).map(move |y| (x, y)));
                let dark = dark
                    .filter(|(x, y)| png.get_pixel(*x, *y).0[0] < 128)
                    .count();
                assert!(dark > 50, "{name} {time} in {x0} {y0}: {dark}");
            }
        }
    }
    // Darkness of the pFAK bands of the control and of 1 µM, lane by lane.
    let svg = std::fs::read_to_string(ran.path("blots/all_2.000.svg")).unwrap();
    assert!(svg.contains("SIMULATED BLOT"));
    let png = picture(&ran.path("blots/all_2.000.png"));
    let lane = (1160.0 - 190.0) / 7.0;
    let grey = |lane_ix: f64| {
        let x = (190.0 + (lane_ix + 0.5) * lane) as u32;
        let near = (x - 10..x + 10).map(|x| f64::from(png.get_pixel(x, 179).0[0]));
        near.sum::<f64>() / 20.0
    };
    assert!(
        grey(0.0) < 90.0 && grey(6.0) > 170.0,
        "{} {}",
        grey(0.0),
        grey(6.0)
    );
}

/// `invado check` on SERIES with one text replaced: exit code 2 and every part of the message.
fn refuses(from: &str, to: &str, parts: &[&str]) {
    assert!(SERIES.contains(from), "{from}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.toml");
    std::fs::write(&path, SERIES.replacen(from, to, 1)).unwrap();
    let mut assert = invado()
        .args(["check", path.to_str().unwrap()])
        .assert()
        .code(2);
    for part in parts {
        assert = assert.stderr(contains(*part));
    }
    assert.stderr(contains("error: ").and(contains("panicked").not()));
}

#[test]
fn mistakes_are_named() {
    let all = r#"["1 uM", "0 nM", "3 nM", "10 nM", "30 nM", "100 nM", "300 nM"]"#;
    refuses(all, "[]", &["s.toml:17: dose.series", "0 doses", "2 to 24"]);
    refuses(all, r#"["0 nM"]"#, &["s.toml:17: dose.series", "1 doses"]);
    refuses(all, r#"["0 nM", "-3 nM"]"#, &["s.toml:17", "negative"]);
    refuses(
        all,
        r#"["0 nM", "10 nM", "0.01 uM"]"#,
        &["s.toml:17", "\"0.01 uM\"", "twice"],
    );
    refuses(all, r#"["0 nM", "10"]"#, &["s.toml:17", "has no unit"]);
    refuses(
        all,
        r#"["0 nM", "10 um"]"#,
        &["s.toml:17", "another dimension"],
    );
    refuses(
        "[dose]",
        "[dose]\nbath = \"1 nM\"",
        &["give exactly one of bath, oral, infusion and series"],
    );
    refuses(
        "replicates = 2",
        "replicates = 0",
        &["s.toml:5: replicates", "from 1 to 96"],
    );
    refuses(
        "replicates = 2",
        "replicates = 1.5",
        &["replicates", "whole number"],
    );
    refuses(
        "replicates = 2",
        "replicate = 2",
        &["Did you mean 'replicates'?"],
    );
    refuses(
        r#"["2 h", "21 min"]"#,
        "[]",
        &["s.toml:18: dose.times", "0 times"],
    );
    refuses(
        r#"["2 h", "21 min"]"#,
        r#"["3 h"]"#,
        &["dose.times", "up to time.duration"],
    );
    refuses(
        r#"["2 h", "21 min"]"#,
        r#"["1 h", "60 min"]"#,
        &["dose.times", "twice"],
    );
    refuses(
        r#"["2 h", "21 min"]"#,
        r#"["0 h"]"#,
        &["dose.times", "greater than 0"],
    );
    refuses(
        &format!("series = {all}"),
        "bath = \"1 nM\"",
        &["dose.times", "belongs to the series of [dose]"],
    );
    refuses(
        "times = ",
        "[[dose.with]]\ncompound = \"docetaxel\"\nbath = \"3 ng/mL\"\ntimes = ",
        &[
            "s.toml:21: dose.with.0.times",
            "belongs to the series of [dose]",
        ],
    );
    let cells = &SERIES[SERIES.find("[[cells]]").unwrap()..SERIES.find("[dose]").unwrap()];
    refuses(cells, "", &["dose.series", "no cells", "add [[cells]]"]);
}

#[test]
fn check_explains_the_wells() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.toml");
    std::fs::write(&path, SERIES).unwrap();
    invado()
        .args(["check", path.to_str().unwrap(), "blot"])
        .env("RAYON_NUM_THREADS", "2")
        .assert()
        .success()
        .stdout(
            contains("series of baths: 0 nM, 3 nM, 10 nM")
                .and(contains(
                    "7 doses × 2 replicates = 14 wells with 16800 steps",
                ))
                .and(contains("2 side by side on the CPU"))
                .and(contains("cv_blot")),
        );
}

/// A well that outgrows its limit ends the series, and what was finished stays.
#[test]
fn a_failing_well_is_named() {
    let text = SERIES
        .replace("division = \"0 /h\"", "division = \"1 /h\"")
        .replace("seed = 3", "seed = 3\nmost_cells = 22");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.toml");
    std::fs::write(&path, text).unwrap();
    let out = folder.path().join("out");
    invado()
        .args(["run", path.to_str().unwrap(), "--engine", "cpu", "--out"])
        .arg(&out)
        .assert()
        .code(1)
        .stderr(contains("well ").and(contains("outgrew its capacity of 22")));
    let json: Value =
        serde_json::from_str(&std::fs::read_to_string(out.join("run.json")).unwrap()).unwrap();
    assert_eq!(json["status"], "failed");
    let wells = json["wells"].as_array().unwrap();
    assert!(wells.iter().any(|well| well["status"] == "failed"));
    assert!(out.join("wells.csv").is_file());
}

#[cfg(unix)]
#[test]
fn after_an_interrupt_finished_wells_are_readable() {
    let text = SERIES
        .replace("duration = \"2 h\"", "duration = \"40 h\"")
        .replace("replicates = 2", "replicates = 96");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.toml");
    std::fs::write(&path, text).unwrap();
    let out = folder.path().join("out");
    let child = std::process::Command::new(env!("CARGO_BIN_EXE_invado"))
        .args(["run", path.to_str().unwrap(), "--engine", "cpu", "--out"])
        .arg(&out)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    for _ in 0..1200 {
        if out.join("wells.csv").is_file() {
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
        said.contains("of 672 wells finished") && said.contains("wells.csv"),
        "{said}"
    );
    let json: Value =
        serde_json::from_str(&std::fs::read_to_string(out.join("run.json")).unwrap()).unwrap();
    assert_eq!(json["status"], "interrupted");
    let wells = json["wells"].as_array().unwrap();
    assert!(!wells.is_empty() && wells.len() < 672);
    let mut table = csv::Reader::from_path(out.join("wells.csv")).unwrap();
    let rows: Vec<HashMap<String, String>> = table.deserialize().map(Result::unwrap).collect();
    for well in wells {
        let mut its = rows.iter().filter(|row| row["well"] == well["well"]);
        let last = its.next_back().map(|row| number(row, "time_h"));
        let steps = well["steps"].as_f64().unwrap();
        assert!((last.unwrap() - steps / 600.0).abs() < 1e-9, "{well}");
    }
    assert_eq!(wells[0]["status"], "finished");
    assert!(!out.join("dose_response.csv").exists());
}

/// A record of a series runs again to the same bits, well by well, and a changed record is seen.
#[test]
fn a_series_is_replayed() {
    let ran = run(SERIES, "cpu", 2, &["--until", "30 min"]);
    // Cut short, it compares the time that it lives to see.
    let table = ran.table("dose_response.csv");
    assert!(table.iter().all(|row| row["time_h"] == "0.35"));
    let out = ran.path("");
    let replay = || {
        let mut command = invado();
        command.arg("replay").arg(&out);
        command.assert()
    };
    replay()
        .success()
        .stdout(contains("the same state hash in each of 14 wells"));
    let record = std::fs::read_to_string(out.join("run.json")).unwrap();
    let spoilt = |from: &str, to: &str| {
        assert!(record.contains(from));
        std::fs::write(out.join("run.json"), record.replacen(from, to, 1)).unwrap();
    };
    let hash = ran.json()["wells"][3]["state_hash"].to_string();
    spoilt(&hash, "\"0123\"");
    replay()
        .code(1)
        .stderr(contains("well 3nM-2, is in another state"));
    spoilt("\"well\": \"3nM-2\"", "\"well\": \"4nM-2\"");
    replay()
        .code(2)
        .stderr(contains("its well '4nM-2' is none of its scenario's"));
}

/// On a nominal axis the IC50 is that of the free drug over the free fraction.
#[test]
fn the_nominal_ic50_shifts_by_the_free_fraction() {
    let text = SERIES.replace("[dose]", "[dose]\naxis = \"nominal\"\nunbound = 0.25");
    let ran = run(&text, "cpu", 2, &["--set", "replicates=1"]);
    let ic50 = ran.fit("pfak")["ic50_nm"]["value"].as_f64().unwrap();
    common::close("nominal IC50", ic50, 12.7 / 0.25, 0.03);
    let svg = std::fs::read_to_string(ran.path("curves/pfak_2.000.svg")).unwrap();
    assert!(svg.contains("Nominal defactinib in the medium (nM)"));
    let row = &ran.table("wells.csv")[6];
    common::close(
        "free",
        number(row, "bath_nm"),
        0.25 * number(row, "dose_nm"),
        1e-12,
    );
}

/// A curve of another compound is a prediction, of pFAK too, and says whose it is.
#[test]
fn a_compound_of_ones_own_has_no_published_curve() {
    let text = SERIES.replace(
        "[dose]",
        "[compounds.mine]\nlike = \"defactinib\"\n[dose]\ncompound = \"mine\"",
    );
    let more = ["--set", "replicates=1", "--until", "30 min"];
    let ran = run(&text, "cpu", 2, &more);
    let fit = ran.fit("pfak");
    assert_eq!(
        (&fit["prediction"], &fit["compound"]),
        (&Value::Bool(true), &Value::from("mine"))
    );
    let svg = std::fs::read_to_string(ran.path("curves/pfak_0.350.svg")).unwrap();
    assert!(svg.contains("PREDICTION") && svg.contains("h of mine") && !svg.contains("defactinib"));
}

/// One dish of cells that crawl, divide and die, without a series.
fn dish(more: &str) -> String {
    let at = SERIES.find("[dose]").unwrap();
    let text = SERIES[..at].replace("replicates = 2\n", "");
    text.replace("division = \"0 /h\"", "division = \"0.3 /h\"") + more
}

/// Replicates are runs with seeds one apart, bit for bit, and their table holds mean, SD and Student's interval.
#[test]
fn replicates_are_single_runs_and_have_a_spread() {
    let ran = run(&dish(""), "cpu", 2, &["--replicates", "3"]);
    let json = ran.json();
    let wells = json["wells"].as_array().unwrap();
    let names: Vec<&str> = wells.iter().map(|w| w["well"].as_str().unwrap()).collect();
    assert_eq!(names, ["replicate-1", "replicate-2", "replicate-3"]);
    assert!(wells[0].get("dose_nm").is_none());
    let single = run(&dish(""), "cpu", 2, &["--seed", "5"]);
    assert_eq!(wells[2]["state_hash"], single.json()["state_hash"]);
    assert_ne!(wells[1]["state_hash"], wells[2]["state_hash"]);

    let rows = ran.table("wells.csv");
    assert_eq!(rows.len(), 3 * 5);
    let counts: Vec<f64> = (rows.iter().filter(|row| row["time_h"] == "2"))
        .map(|row| number(row, "cell_count"))
        .collect();
    let mean = counts.iter().sum::<f64>() / 3.0;
    let sd = (counts.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 2.0).sqrt();
    assert!(sd > 0.0);
    // t of two degrees of freedom.
    let half = 4.302_652_73 * sd / 3f64.sqrt();
    let spread = ran.table("replicates.csv");
    let row = (spread.iter())
        .find(|row| row["observable"] == "cell_count" && row["time_h"] == "2")
        .unwrap();
    assert_eq!(row["n"], "3");
    common::close("mean", number(row, "mean"), mean, 1e-12);
    common::close("sd", number(row, "sd"), sd, 1e-9);
    common::close("low", number(row, "ci95_low"), mean - half, 1e-6);
    common::close("high", number(row, "ci95_high"), mean + half, 1e-6);
    let means = ran.table("observables.csv");
    common::close("row", number(&means[4], "cell_count"), mean, 1e-12);

    for name in ["mean_squared_displacement_um2", "cell_count"] {
        let svg = std::fs::read_to_string(ran.path(&format!("replicates/{name}.svg"))).unwrap();
        assert!(
            svg.contains("mean of 3 wells") && svg.contains("fill-opacity"),
            "{name}"
        );
        assert!(!svg.contains("PREDICTION"), "no drug, {name}");
        let png = picture(&ran.path(&format!("replicates/{name}.png")));
        assert_eq!(png.dimensions(), (1280, 800));
    }
    // What is the same throughout has no figure.
    assert!(!ran.path("replicates/deaths_necrosis.svg").exists());
    assert!(!ran.path("dose_response.csv").exists());
    invado()
        .arg("replay")
        .arg(ran.path(""))
        .assert()
        .success()
        .stdout(contains("each of 3 wells"));
    invado().arg("report").arg(ran.path("")).assert().success();
    let page = std::fs::read_to_string(ran.path("report.html")).unwrap();
    assert!(page.contains("3 of 3 replicates that were begun are finished"));
}

/// Every arm has its replicates, and the table of the arms their means.
#[test]
fn arms_have_replicates_too() {
    let arms = "[[arm]]\nname = \"slow\"\nset = { \"cells.0.speed\" = \"3 um/h\" }\n[[arm]]\nname = \"fast\"\n";
    let ran = run(
        &dish(arms),
        "cpu",
        2,
        &["--replicates", "2", "--until", "30 min"],
    );
    let table = ran.table("arms.csv");
    for (row, arm) in table.iter().zip(["slow", "fast"]) {
        let spread = Ran::table(&ran, &format!("{arm}/replicates.csv"));
        let its = spread
            .iter()
            .rfind(|row| row["observable"] == "mean_speed_um_per_h")
            .unwrap();
        assert_eq!(row["arm"], arm);
        assert_eq!(row["mean_speed_um_per_h"], its["mean"]);
    }
    assert!(ran.path("fast/wells/replicate-2/observables.csv").is_file());
}
