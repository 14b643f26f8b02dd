//! `invado report`: what a page says of a folder, whatever state the folder is in.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;

fn invado() -> Command {
    Command::new(env!("CARGO_BIN_EXE_invado"))
}

/// A title that would run and leave its place if nobody minded it.
const TITLE: &str = r#"<script>alert(1)</script> & "quoted" '--></style>"#;

fn scenario(dose: &str) -> String {
    format!(
        r#"
title = '''{TITLE}'''
question = "Is <b>everything</b> escaped?"
seed = 3
[domain]
size = ["200 um", "150 um"]
voxel = "10 um"
[time]
duration = "1 h"
report = "12 min"
[fields.fak]
[[cells]]
type = "pc-3"
place = {{ rectangle = {{ from = ["0 um", "0 um"], to = ["200 um", "150 um"], count = 20 }} }}
{dose}
"#
    )
}

const BATH: &str = "[dose]\nbath = [{ at = \"0 h\", level = \"30 nM\" }, { at = \"30 min\", level = \"7 nM\", over = \"6 min\" }]";

/// Runs a scenario into `out` of a folder.
fn run(folder: &Path, text: &str, args: &[&str]) -> PathBuf {
    std::fs::write(folder.join("s.toml"), text).unwrap();
    invado()
        .current_dir(folder)
        .args([
            "run", "s.toml", "--out", "out", "--engine", "cpu", "--quiet",
        ])
        .args(args)
        .assert()
        .success();
    folder.join("out")
}

/// The page of a folder, checked for what holds of every page.
#[track_caller]
fn page(folder: &Path) -> String {
    let path = folder.join("report.html");
    let arguments = ["report", &folder.to_string_lossy(), "--force"];
    invado()
        .args(arguments)
        .assert()
        .success()
        .stdout(contains("report.html"));
    let page = std::fs::read_to_string(path).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"));
    // Without what is data: its letters make any word.
    let mut parts = page.split(";base64,");
    let mut written = parts.next().unwrap().to_string();
    written.extend(parts.map(|part| part.trim_start_matches(|c: char| c != '"')));
    for word in [
        "<script", "http://", "https://", "<link", "NaN", "src=\"/", "url(",
    ] {
        let found = written
            .match_indices(word)
            .map(|(at, _)| written[at..].chars().take(60).collect::<String>());
        // Names of XML are not addresses that anybody goes to.
        let found: Vec<String> = found
            .filter(|text| !text.starts_with("http://www.w3.org/"))
            .collect();
        assert!(found.is_empty(), "{word}: {found:?}");
    }
    page
}

/// A run that all tests read and none changes: with a dose, a picture by image, and a checkpoint.
static RUN: LazyLock<PathBuf> = LazyLock::new(|| {
    // Nothing drops a static; a folder of the build is there again next time.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    run(&folder, &scenario(BATH), &["--images", "30 min"])
});

/// A copy of [`RUN`] to be spoilt.
fn copy() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("out");
    copy_folder(&RUN, &to);
    (folder, to)
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &to);
        } else {
            std::fs::copy(&path, to).unwrap();
        }
    }
}

/// Sets keys of run.json.
fn edit(folder: &Path, change: impl FnOnce(&mut serde_json::Value)) {
    let path = folder.join("run.json");
    let mut json = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    change(&mut json);
    std::fs::write(path, json.to_string()).unwrap();
}

#[test]
fn a_page_says_what_was_run_and_what_came_of_it() {
    let (_folder, out) = copy();
    let page = page(&out);
    let json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(out.join("run.json")).unwrap()).unwrap();
    let text = |key: &str| json[key].as_str().unwrap().to_string();
    let n_unverified = json["unverified_parameters"].as_array().unwrap().len();
    for part in [
        text("state_hash"),
        text("engine_reason"),
        format!("cpu on {}", text("engine_description")),
        text("platform"),
        text("notice"),
        format!("invado {}", text("version")),
        format!("{n_unverified} of "),
        "<dt>Seed</dt><dd>3</dd>".to_string(),
        "200 × 150 µm, 20 × 15 voxels of 10 µm".to_string(),
        "20 × pc-3 (speed".to_string(),
        "bath planned at 30 nM defactinib (free)".to_string(),
        "bath planned at 7 nM defactinib (free) over 0.1 h".to_string(),
        "finished after 600 steps".to_string(),
        "invado run scenario.toml --engine cpu".to_string(),
        format!("invado replay {}", out.display()),
        "at 1.000 h (images/1.000.png)".to_string(),
        "data:image/png;base64,".to_string(),
        "Time (h)".to_string(),
        "Mean speed (µm/h)".to_string(),
        "Level (nM)".to_string(),
    ] {
        assert!(page.contains(&part), "{part}");
    }
    // In order of time.
    let at = |part: &str| page.find(part).unwrap();
    assert!(at("bath planned at 30 nM") < at("bath planned at 7 nM"));
    assert!(at("bath planned at 7 nM") < at("finished after 600 steps"));
    // Every parameter that is not verified is marked, and no other.
    let marked = page.matches("tr class=\"unverified\"").count();
    assert_eq!(marked, n_unverified);
    // Read-outs of cells under a drug are predictions, the dose is none.
    let caption = |title: &str| {
        let from = page.find(&format!("<figcaption>{title}")).expect(title);
        page[from..]
            .split("</figcaption>")
            .next()
            .unwrap()
            .to_string()
    };
    assert!(caption("Cell speed").contains("prediction"));
    assert!(caption("Signalling").contains("prediction, but for pFAK"));
    assert!(!caption("Drug levels").contains("prediction"));
    // The numbers are those of the table.
    let mut table = csv::Reader::from_path(out.join("observables.csv")).unwrap();
    let names = table.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    assert!(page.contains(&format!("Numbers of {} reports", rows.len())));
    let shown = |text: &str| invado::render::annotation::number(text.parse().unwrap());
    for (i, name) in names
        .iter()
        .enumerate()
        .filter(|(_, name)| *name != "time_h")
    {
        let [first, last] = [&rows[0], rows.last().unwrap()].map(|row| shown(&row[i]));
        let row = format!(
            "<code>{name}</code></td><td class=\"value\">{first}</td><td class=\"value\">{last}</td>"
        );
        assert!(page.contains(&row), "{row}");
    }
    // The date is the record's, and pages of one folder are one.
    assert!(page.contains("Record written"));
    assert_eq!(page, self::page(&out));
}

#[test]
fn what_a_file_says_stays_text() {
    let (_folder, out) = copy();
    // Hostile names of columns, errors, events and pictures, too.
    let path = out.join("observables.csv");
    let table = std::fs::read_to_string(&path).unwrap();
    let hostile = "\"</text><script>alert(2)</script>_um\"";
    std::fs::write(&path, table.replacen("nearest_neighbour_um", hostile, 1)).unwrap();
    edit(&out, |json| {
        json["status"] = "failed".into();
        json["error"] = "</pre><script>alert(3)</script>".into();
        json["engine_description"] = "<img src=x onerror=alert(4)>".into();
        json["scenario_folder"] = "\"><script>alert(5)</script>".into();
        json["parent"] = serde_json::json!({
            "folder": "</code><script>alert(6)</script>", "step": 1, "time_h": 0.5, "state_hash": "<b>"
        });
    });
    std::fs::remove_dir_all(out.join("images")).unwrap();
    std::fs::create_dir(out.join("images")).unwrap();
    std::fs::write(out.join("images/9.000.png"), "<svg onload='alert(7)'/>").unwrap();
    let page = page(&out);
    for part in [
        "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quoted&quot;",
        "&lt;/text&gt;&lt;script&gt;alert(2)",
        "&lt;/pre&gt;&lt;script&gt;alert(3)",
        "&lt;img src=x onerror=alert(4)&gt;",
        "&lt;/code&gt;&lt;script&gt;alert(6)",
        "Is &lt;b&gt;everything&lt;/b&gt; escaped?",
        "painted for this page from the last checkpoint",
        "default-src 'none'",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("onload='alert(7)'"));
    edit(&out, |json| json["parent"] = serde_json::Value::Null);
    assert!(self::page(&out).contains("&quot;&gt;&lt;script&gt;alert(5)"));
}

#[test]
fn a_broken_folder_gives_a_page_that_says_so() {
    let (_folder, out) = copy();
    edit(&out, |json| {
        json["status"] = "running".into();
        json["state_hash"] = serde_json::Value::Null;
    });
    let text = page(&out);
    assert!(text.contains("This run has no end yet") && !text.contains("invado replay"));
    assert!(text.contains("invado run --resume"));
    edit(&out, |json| {
        json["status"] = "interrupted".into();
        json["time_h"] = 0.25.into();
    });
    let text = page(&out);
    assert!(text.contains("This run was interrupted by the user"));
    assert!(text.contains("bath planned at 7 nM defactinib (free) over 0.1 h, not reached"));
    // A fork has the plan from where it begins.
    edit(&out, |json| {
        json["parent"] = serde_json::json!({
            "folder": "elsewhere", "step": 400, "time_h": 40.0 / 60.0, "state_hash": "0"
        });
        json["time_h"] = 1.0.into();
    });
    let text = page(&out);
    assert!(text.contains("0.667 h</td><td>left its parent") && !text.contains("planned at 30 nM"));
    assert!(text.contains("0.667 h</td><td>bath planned at 7 nM"));
    edit(&out, |json| json["parent"] = serde_json::Value::Null);
    // Nothing but the record.
    for name in ["observables.csv", "images", "checkpoints"] {
        let path = out.join(name);
        std::fs::remove_dir_all(&path)
            .or_else(|_| std::fs::remove_file(&path))
            .unwrap();
    }
    edit(&out, |json| {
        json["status"] = "failed".into();
        json["error"] = "the device is lost".into();
        json["scenario_toml"] = "title = 3".into();
        json["events"] = serde_json::json!([{ "step": 300, "bath_nm": 12.5 }]);
    });
    let text = page(&out);
    for part in [
        "stopped by an error",
        "the device is lost",
        "observables.csv&#39; cannot be read",
        "no picture",
        "cannot be given its meaning here",
        "0.500 h",
        "live change: bath at 12.5 nM (free)",
        "unverified parameters",
    ] {
        assert!(
            text.contains(part) || text.contains(&part.replace("&#39;", "'")),
            "{part}"
        );
    }
    // Without a record there is no page, and the error is the user's to mend.
    std::fs::write(out.join("run.json"), "{").unwrap();
    let report = |folder: &Path| {
        let folder = folder.to_string_lossy().into_owned();
        invado()
            .args(["report", &folder, "--force"])
            .assert()
            .code(2)
    };
    report(&out).stderr(contains("is damaged"));
    report(&out.join("nowhere")).stderr(contains("cannot read").and(contains("invado run")));
}

#[test]
fn a_page_that_is_there_stays() {
    let (folder, out) = copy();
    let path = out.join("report.html");
    std::fs::write(&path, "mine").unwrap();
    let out = out.to_string_lossy().into_owned();
    let report = |args: &[&str]| invado().arg("report").arg(&out).args(args).assert();
    report(&[]).code(2).stderr(contains(
        "exists; choose another --out, or replace it with --force",
    ));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    let other = folder
        .path()
        .join("other.html")
        .to_string_lossy()
        .into_owned();
    report(&["--out", &other]).success();
    report(&["--out", "no/such/folder/x.html"])
        .code(2)
        .stderr(contains("choose another --out"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    report(&["--force"]).success();
    let [one, two] = [other.as_ref(), path.as_path()].map(|p: &Path| std::fs::read(p).unwrap());
    assert_eq!(one, two);
}

#[test]
fn a_series_has_its_curves_and_blots() {
    let folder = tempfile::tempdir().unwrap();
    let dose = "[dose]\nseries = [\"0 nM\", \"3 nM\", \"10 nM\", \"30 nM\", \"100 nM\"]\ntimes = [\"12 min\", \"1 h\"]";
    let out = run(folder.path(), &scenario(dose), &["--replicates", "2"]);
    let page = page(&out);
    let n_svg = |name: &str| {
        let files = std::fs::read_dir(out.join(name)).unwrap();
        files
            .filter(|file| file.as_ref().unwrap().path().extension().unwrap() == "svg")
            .count()
    };
    let n = n_svg("curves") + n_svg("blots");
    assert!(n >= 16, "{n}");
    assert_eq!(page.matches("data:image/svg+xml;base64,").count(), n);
    for part in [
        "10 of 10 wells that were begun are finished",
        "dose series in 10 wells",
        "Observables over time, by dose",
        "\n100 nM\n</text>",
        "IC50 (nM)",
        "the control",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(out.join("run.json")).unwrap()).unwrap();
    let fits = json["fits"].as_array().unwrap();
    let predictions = fits.iter().filter(|fit| fit["prediction"] == true).count();
    let table = &page[page.find("IC50 (nM)").unwrap()..];
    let table = table.split("</table>").next().unwrap();
    assert_eq!(table.matches("prediction").count(), predictions);
    // An interrupted series has no fits, and a well that failed is named.
    edit(&out, |json| {
        json["fits"] = serde_json::json!([]);
        json["status"] = "failed".into();
        json["wells"][3]["status"] = "failed".into();
        json["wells"][3]["error"] = "mass was lost".into();
    });
    std::fs::write(out.join("wells.csv"), "well,dose_nm\n").unwrap();
    let page = self::page(&out);
    for part in [
        "No curve was fitted",
        "9 of 10 wells",
        "mass was lost",
        "its columns are not those of wells",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn arms_share_their_charts() {
    let folder = tempfile::tempdir().unwrap();
    let arm = |name: &str, nm: u32| {
        format!("[[arm]]\nname = \"{name}\"\nset = {{ \"dose.bath\" = \"{nm} nM\" }}\n")
    };
    let arms = format!("{BATH}\n{}{}", arm("b low", 1), arm("a high", 900));
    let out = run(folder.path(), &scenario(&arms), &[]);
    let page = page(&out);
    for part in [
        "run in 2 arms",
        "Observables over time, all arms",
        "bath of 900 nM free drug",
        "b low, at 1.000 h, painted for this page from the last checkpoint",
    ] {
        assert!(page.contains(part), "{part}");
    }
    // Both in each chart, in the order of arms.csv.
    let charts: Vec<&str> = page.split("<figure class=\"chart\">").skip(1).collect();
    assert!(charts.len() > 8, "{}", charts.len());
    for chart in charts {
        let at = |label: &str| {
            chart
                .find(&format!(">\n{label}\n<"))
                .or(chart.find(&format!(">{label}<")))
        };
        assert!(at("b low").unwrap() < at("a high").unwrap(), "{chart:.400}");
    }
    assert_eq!(page.matches("invado replay").count(), 2);
    // An arm without a record is named, and the others still have their page.
    std::fs::write(out.join("a high/run.json"), "{").unwrap();
    let page = self::page(&out);
    assert!(page.contains("a high: ") && page.contains("is damaged"));
    assert!(page.contains("run in 2 arms"));
    std::fs::write(out.join("b low/run.json"), "{").unwrap();
    let out = out.to_string_lossy().into_owned();
    invado()
        .args(["report", &out, "--force"])
        .assert()
        .code(2)
        .stderr(contains("is damaged"));
}
