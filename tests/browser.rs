//! Pages in a real browser without a network: every plot is laid out, nothing overflows, nothing is complained of.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What a browser says of a page once it is laid out, written where `--dump-dom` shows it.
const PROBE: &str = r#"<script>
const complaints = [];
addEventListener("error", e => complaints.push(String(e.message || e.target.src || e.target.href)), true);
addEventListener("load", () => {
  const boxes = [...document.querySelectorAll("svg, img")].map(plot => {
    const box = plot.getBoundingClientRect();
    return [box.width, box.height, plot.querySelectorAll("path, polyline, circle, line, rect").length];
  });
  const root = document.documentElement;
  const found = { boxes, complaints, overflow: root.scrollWidth - root.clientWidth };
  root.setAttribute("data-probe", JSON.stringify(found));
});
</script>"#;

/// A headless Chromium, or a loud word that there is none.
fn browser() -> Option<&'static str> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let there = |name: &&str| Command::new(name).arg("--version").output().is_ok();
    let found = names.into_iter().find(there);
    if found.is_none() {
        let required = std::env::var("INVADO_REQUIRE_BROWSER").as_deref() == Ok("1");
        assert!(
            !required,
            "INVADO_REQUIRE_BROWSER=1, but there is no Chromium"
        );
        eprintln!("*** NOT RUN: no Chromium to open pages in ***");
    }
    found
}

/// What the browser found on a page, and what it wrote to its console.
fn opened(browser: &str, page: &str, folder: &Path) -> (Value, Vec<String>) {
    let probed = page.replacen("<head>", &format!("<head>{PROBE}"), 1);
    assert_ne!(probed, page, "the page has a head");
    let path = folder.join("probed.html");
    std::fs::write(&path, probed).unwrap();
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        // Containers have little shared memory.
        .arg("--disable-dev-shm-usage")
        .args([
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--window-size=1280,800",
        ])
        .args(["--enable-logging=stderr", "--virtual-time-budget=4000"])
        .arg(format!(
            "--user-data-dir={}",
            folder.join("profile").display()
        ))
        .arg(format!("file://{}", path.display()))
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    let console = log.lines().filter(|line| line.contains(":CONSOLE"));
    let console = console.map(str::to_string).collect();
    let dom = String::from_utf8_lossy(&output.stdout);
    let found = dom.split_once("data-probe=\"");
    let found = found.and_then(|(_, rest)| rest.split_once('"'));
    let (found, _) = found.unwrap_or_else(|| panic!("the page was not laid out:\n{log}"));
    (
        serde_json::from_str(&found.replace("&quot;", "\"")).unwrap(),
        console,
    )
}

/// Opens a page and holds what must hold of every page.
fn holds(browser: &str, path: &Path, plots: usize) {
    let folder = tempfile::tempdir().unwrap();
    let page = std::fs::read_to_string(path).unwrap();
    let (found, console) = opened(browser, &page, folder.path());
    assert!(console.is_empty(), "{console:?}");
    assert_eq!(found["complaints"], serde_json::json!([]));
    assert_eq!(found["overflow"], 0, "something is wider than the window");
    let boxes = found["boxes"].as_array().unwrap();
    assert!(boxes.len() >= plots, "{} plots", boxes.len());
    for plot in boxes {
        let [width, height] = [0, 1].map(|i| plot[i].as_f64().unwrap());
        assert!(width > 40.0 && height > 10.0, "{width} by {height} px");
    }
    let drawn = boxes.iter().filter(|plot| plot[2].as_u64() > Some(3));
    assert!(drawn.count() >= plots, "{boxes:?}");
}

fn invado(folder: &Path, args: &[&str]) {
    let done = Command::new(env!("CARGO_BIN_EXE_invado"))
        .current_dir(folder)
        .args(args)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{args:?}: {told}");
}

/// The book: a plot for each case.
#[test]
fn the_book_shows_all_its_plots() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let cases = ["A5", "A12", "A15", "B6", "B9"];
    let args = ["verify", "--quick", "--engine", "cpu", "--out", "book"];
    invado(folder.path(), &[&args[..], &cases].concat());
    let page: PathBuf = folder.path().join("book/verify.html");
    holds(browser, &page, cases.len());
}

/// The report of a run.
#[test]
fn a_report_shows_all_its_plots() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let args = [
        "run", "bypass", "--until", "1 h", "--quiet", "--engine", "cpu",
    ];
    invado(folder.path(), &[&args[..], &["--out", "run"]].concat());
    invado(folder.path(), &["report", "run"]);
    holds(browser, &folder.path().join("run/report.html"), 2);
}

/// The probe sees what is wrong.
#[test]
fn a_page_that_asks_for_a_network_is_seen() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let page = "<!DOCTYPE html><html><head></head><body><p style=\"width:3000px\">wide</p>\
                <img src=\"http://invado.invalid/plot.png\"><script>console.error('lost')</script></body></html>";
    let (found, console) = opened(browser, page, folder.path());
    assert!(found["overflow"].as_f64() > Some(1000.0), "{found}");
    assert_eq!(found["complaints"][0], "http://invado.invalid/plot.png");
    assert!(
        console.iter().any(|line| line.contains("lost")),
        "{console:?}"
    );
}
