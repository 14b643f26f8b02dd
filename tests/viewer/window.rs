//! The program in a real window, with a real mouse.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::screen::Screen;

/// A display and an adapter, or a loud word that there is none. The lock keeps windows from sharing two cores.
fn screen() -> Option<(Screen, MutexGuard<'static, ()>)> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let turn = ONE_AT_A_TIME
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    let missing = if invado::gpu::adapters().is_empty() {
        Some("no Vulkan adapter")
    } else if Command::new("Xvfb").arg("-help").output().is_err() {
        Some("no Xvfb")
    } else {
        None
    };
    if let Some(what) = missing {
        let required = std::env::var("INVADO_REQUIRE_GPU").is_ok_and(|value| value == "1");
        assert!(!required, "{what}, and INVADO_REQUIRE_GPU=1 asks for one");
        eprintln!("NOT RUN: {what}, so no window was opened");
        return None;
    }
    Some((Screen::start().expect("Xvfb starts"), turn))
}

/// The running program and what it logs.
struct Program {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    window: u32,
}

impl Program {
    fn start(screen: &Screen, scale: &str, args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_invado"))
            .arg("view")
            .args(args)
            .env("DISPLAY", &screen.display)
            .env_remove("WAYLAND_DISPLAY")
            .env("WINIT_X11_SCALE_FACTOR", scale)
            .env("RUST_LOG", "error,invado::viewer=debug,wgpu_hal=off")
            .env("XDG_RUNTIME_DIR", std::env::temp_dir())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let sink = lines.clone();
        let log = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in log.lines().map_while(Result::ok) {
                sink.lock().unwrap().push(line);
            }
        });
        let mut program = Self {
            child,
            lines,
            window: 0,
        };
        program.wait("its window", |p| {
            p.window = screen.window("invado — ").unwrap_or(0);
            p.window != 0 && p.control("keys").is_some()
        });
        program.settle();
        program
    }

    /// Waits for something at most 240 s (a software adapter on two cores), and fails if the program ends before.
    fn wait(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> bool) {
        let start = Instant::now();
        while !done(self) {
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none() && start.elapsed() < Duration::from_secs(240),
                "waited for {what}; ended: {ended:?}; log:\n{}",
                self.lines.lock().unwrap().join("\n")
            );
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// Lets a few frames reach the display.
    fn settle(&self) {
        std::thread::sleep(Duration::from_millis(500));
    }

    fn press(&self, screen: &Screen, control: &str) {
        let rect = self
            .control(control)
            .unwrap_or_else(|| panic!("a control called {control}"));
        screen.click(self.window, rect);
    }

    fn shot(&self, screen: &Screen, name: &str) -> image::RgbImage {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/viewer-shots");
        screen.shot(self.window, &folder.join(format!("{name}.png")))
    }

    /// Numbers of the newest log line of a kind.
    fn newest(&self, kind: &str) -> Option<Vec<f64>> {
        let lines = self.lines.lock().unwrap();
        let text = lines
            .iter()
            .rev()
            .find_map(|line| line.split_once(&format!("] {kind} ")).map(|parts| parts.1))?;
        Some(text.split(' ').map(|word| word.parse().unwrap()).collect())
    }

    /// Numbers of every log line of a kind.
    fn all(&self, kind: &str) -> Vec<Vec<f64>> {
        let lines = self.lines.lock().unwrap();
        let sought = format!("] {kind} ");
        let texts = lines.iter().filter_map(|line| line.split_once(&sought));
        let numbers = |text: &str| text.split(' ').map(|word| word.parse().unwrap()).collect();
        texts.map(|(_, text)| numbers(text)).collect()
    }

    fn count(&self, kind: &str) -> usize {
        self.all(kind).len()
    }

    fn control(&self, name: &str) -> Option<[i32; 4]> {
        let rect = self.newest(&format!("control {name}"))?;
        Some([0, 1, 2, 3].map(|i| rect[i] as i32))
    }

    /// Time, h, and mean pFAK of the newest sample of an arm.
    fn sample_of(&self, arm: &str) -> [f64; 2] {
        let sample = self.newest(&format!("sample {arm}"));
        sample.map_or([-1.0, 1.0], |sample| [sample[0], sample[1]])
    }

    /// The same of the treated arm.
    fn sample(&self) -> [f64; 2] {
        self.sample_of("treated")
    }

    fn wait_until_h(&mut self, time_h: f64) -> [f64; 2] {
        self.wait(&format!("{time_h:.2} h"), |p| p.sample()[0] >= time_h);
        self.sample()
    }

    /// Closes the window and checks that the program ends well.
    fn close(mut self, screen: &Screen) {
        screen.close(self.window);
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                start.elapsed() < Duration::from_secs(120),
                "the window does not close"
            );
            std::thread::sleep(Duration::from_millis(30));
        };
        let log = self.lines.lock().unwrap().join("\n");
        assert!(status.success(), "{status}; log:\n{log}");
        assert!(!log.contains("ERROR") && !log.contains("panicked"), "{log}");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Pixel of a concentration on the dose slider, 0…10 µM; see `src/viewer/panel/dose.rs`.
fn dose_px(slider: [i32; 4], nm: f64) -> [i32; 2] {
    let [x0, y0, x1, y1] = slider.map(f64::from);
    let inset = (y1 - y0) / 2.5;
    let start = 0.1 / 3.0;
    let share = (nm / start).ln() / (10_000.0_f64 / start).ln();
    let x = x0 + inset + share * (x1 - x0 - 2.0 * inset);
    [x.round() as i32, ((y0 + y1) / 2.0).round() as i32]
}

/// Drags the dose slider, as a hand does.
fn drag_dose(screen: &Screen, program: &Program, path_nm: &[f64]) {
    let slider = program.control("dose").unwrap();
    screen.point(program.window, dose_px(slider, path_nm[0]));
    screen.press();
    for nm in path_nm {
        screen.point(program.window, dose_px(slider, *nm));
    }
    screen.release();
}

#[test]
fn dragging_the_dose_while_playing_takes_pfak_down() {
    let Some((screen, _turn)) = screen() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("session");
    let mut program = Program::start(
        &screen,
        "1",
        &["scratch", "--engine", "cpu", "--out", out.to_str().unwrap()],
    );
    program.wait_until_h(0.0);
    program.shot(&screen, "opened");
    program.press(&screen, "play");
    // 100 nM, the scenario's own dose, has come to rest after 45 min.
    let before = program.wait_until_h(0.75);
    drag_dose(
        &screen,
        &program,
        &[100.0, 130.0, 200.0, 350.0, 600.0, 1000.0],
    );
    let changed_h = program.sample()[0];
    let after = program.wait_until_h(changed_h + 0.5);
    program.shot(&screen, "after_the_dose");
    assert!(
        after[0] < changed_h + 1.0,
        "a sample in the half hour: {after:?}"
    );
    assert!(
        after[1] <= 0.5 * before[1],
        "mean pFAK {} at 100 nM, {} at 1 µM",
        before[1],
        after[1]
    );
    let vehicle = program.sample_of("vehicle");
    assert!(vehicle[1] > 4.0 * before[1], "the twins part: {vehicle:?}");
    program.close(&screen);
    let twin = std::fs::read_to_string(out.join("Vehicle/run.json")).unwrap();
    let twin: serde_json::Value = serde_json::from_str(&twin).unwrap();
    assert_eq!(twin["events"][0]["bath_nm"], 0.0);

    let json = std::fs::read_to_string(out.join("run.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let events = json["events"].as_array().unwrap();
    assert_eq!(events.last().unwrap()["bath_nm"], 1000.0, "{events:?}");
    assert_eq!(json["status"], "interrupted");
    let table = std::fs::read_to_string(out.join("observables.csv")).unwrap();
    let last_h: f64 = table
        .lines()
        .last()
        .unwrap()
        .split(',')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!((last_h - json["time_h"].as_f64().unwrap()).abs() < 1e-9);
}

#[test]
fn the_gpu_engine_survives_resizing_zooming_and_closing_while_it_plays() {
    let Some((screen, _turn)) = screen() else {
        return;
    };
    let mut program = Program::start(&screen, "1.5", &["scratch", "--engine", "gpu"]);
    program.press(&screen, "play");
    program.wait_until_h(0.002);
    // Each may meet the simulating thread at work; before submissions and surfaces took turns, one in a few did.
    for size in [[1500, 900], [2100, 1350], [1080, 720], [1920, 1200]].repeat(3) {
        screen.resize(program.window, size);
        program.settle();
    }
    screen.point(program.window, [300, 300]);
    let fitted = program.shot(&screen, "gpu_fitted");
    for _ in 0..4 {
        screen.wheel(true);
    }
    screen.press();
    screen.point(program.window, [350, 330]);
    screen.release();
    let now = program.sample()[0];
    program.wait_until_h(now + 0.003);
    let zoomed = program.shot(&screen, "gpu_zoomed");
    let different = fitted
        .pixels()
        .zip(zoomed.pixels())
        .filter(|(a, b)| a != b)
        .count();
    assert!(different > 100_000, "zooming changed {different} pixels");
    program.close(&screen);
}

/// 512² voxels and 20 000 cells, twice.
const LARGE: &str = r#"
title = "A large culture"
[domain]
size = ["5120 um", "5120 um"]
voxel = "10 um"
[time]
duration = "24 h"
[fields.drug]
[fields.ecm]
initial = 0.5
[fields.fak]
[[cells]]
type = "pc-3"
place = { rectangle = { from = ["0 um", "0 um"], to = ["5120 um", "5120 um"], count = 20000 } }
[dose]
bath = "100 nM"
"#;

#[test]
fn a_large_twin_slows_the_steps_and_never_the_window() {
    let Some((screen, _turn)) = screen() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large.toml");
    std::fs::write(&file, LARGE).unwrap();
    let args = [file.to_str().unwrap(), "--engine", "cpu"];
    let mut program = Program::start(&screen, "1", &args);
    program.wait_until_h(0.0);
    program.press(&screen, "play");
    program.wait("a few steps", |p| p.sample()[0] > 0.003);
    let before = program.count("stall");
    // A hand that moves the picture while it plays: frames are asked for all the time.
    let picture = program.control("picture0").unwrap();
    let middle = [(picture[0] + picture[2]) / 2, (picture[1] + picture[3]) / 2];
    screen.point(program.window, middle);
    screen.press();
    for i in 0..60 {
        let shift = if i % 20 < 10 { i % 10 } else { 10 - i % 10 };
        screen.point(program.window, [middle[0] + 4 * shift, middle[1]]);
    }
    screen.release();
    program.wait("five seconds", |p| p.count("stall") >= before + 5);
    let mut stalls: Vec<f64> = program.all("stall")[before..]
        .iter()
        .map(|s| s[0])
        .collect();
    stalls.sort_by(f64::total_cmp);
    program.shot(&screen, "large");
    println!("longest stall of each second, ms: {stalls:?}");
    // Other tests share the cores, so that the goal of 50 ms is for a quiet machine: INVADO_STALL_MS=50.
    let most_ms = std::env::var("INVADO_STALL_MS").map_or(1000.0, |ms| ms.parse().unwrap());
    assert!(stalls[stalls.len() / 2] < most_ms, "{stalls:?}");
    program.close(&screen);
}

#[test]
fn a_class_opens_doses_picks_scrubs_forks_and_returns() {
    let Some((screen, _turn)) = screen() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("session");
    let args = ["--engine", "cpu", "--out", out.to_str().unwrap()];
    let mut program = Program::start(&screen, "1", &args);
    program.wait("the cards", |p| p.control("card_scratch").is_some());
    program.settle();
    program.shot(&screen, "gallery");
    program.press(&screen, "card_scratch");
    program.wait_until_h(0.0);
    program.settle();
    program.press(&screen, "play");
    let [at_h, _] = program.wait_until_h(0.5);
    drag_dose(&screen, &program, &[100.0, 300.0, 1000.0]);
    program.wait_until_h(at_h + 0.45);
    program.press(&screen, "play");
    program.settle();

    // The middle of the cells at the left border of the right picture, until one is hit.
    let picture = program.control("picture1").unwrap();
    for i in 0..40 {
        screen.point(
            program.window,
            [picture[0] + 10 + 3 * i, (picture[1] + picture[3]) / 2],
        );
        screen.press();
        screen.release();
        std::thread::sleep(Duration::from_millis(150));
        if program.control("copy_cell").is_some() {
            break;
        }
    }
    assert!(program.control("copy_cell").is_some(), "no cell was hit");
    program.shot(&screen, "cell");

    let line = program.control("time_line").unwrap();
    let x = line[0] + 8 + ((line[2] - line[0] - 16) as f64 * 0.41 / 48.0) as i32;
    screen.point(program.window, [x, line[1] + 13]);
    screen.press();
    screen.release();
    program.settle();
    program.shot(&screen, "scrubbed");
    let samples = program.count("sample treated");
    program.press(&screen, "fork");
    program.settle();
    drag_dose(&screen, &program, &[100.0, 30.0, 1.0]);
    program.press(&screen, "play");
    program.wait("samples after the fork", |p| {
        p.count("sample treated") > samples + 4
    });
    program.wait_until_h(0.8);
    program.press(&screen, "play");
    program.press(&screen, "layout_difference");
    program.settle();
    program.shot(&screen, "forked_difference");
    program.press(&screen, "theme");
    program.press(&screen, "keys");
    program.settle();
    program.shot(&screen, "dark_keys");
    program.press(&screen, "keys");
    program.press(&screen, "gallery");
    program.wait("the gallery", |p| {
        screen.window("invado — gallery") == Some(p.window)
    });
    program.close(&screen);

    for part in ["", "Vehicle", "before-fork-1"] {
        let replayed = Command::new(env!("CARGO_BIN_EXE_invado"))
            .arg("replay")
            .arg(out.join(part))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&replayed.stderr).into_owned();
        assert!(replayed.status.success(), "{part}: {said}");
    }
}

#[test]
fn a_wrong_file_is_told_of_in_place_and_the_program_goes_on() {
    let Some((screen, _turn)) = screen() else {
        return;
    };
    let mut program = Program::start(&screen, "1", &["--engine", "cpu"]);
    program.wait("the cards", |p| p.control("card_gradient").is_some());
    program.press(&screen, "path");
    program.settle();
    screen.write(program.window, "/tmp/none.toml");
    program.settle();
    program.shot(&screen, "typed");
    program.press(&screen, "open");
    program.wait("the error", |p| p.control("scenario_error").is_some());
    program.shot(&screen, "wrong_file");
    // No area, then another size.
    screen.resize(program.window, [1, 1]);
    program.settle();
    screen.resize(program.window, [1300, 820]);
    program.settle();
    program.close(&screen);
}

#[test]
fn a_device_that_is_destroyed_is_told_of_without_a_panic() {
    if screen().is_none() {
        return;
    }
    let context = invado::gpu::GpuContext::new(None).unwrap();
    let make_engine: invado::viewer::EngineMaker =
        Arc::new(|model| Ok(Box::new(invado::cpu::CpuEngine::new(model))));
    let mut still = invado::viewer::Still::new(&context, make_engine, [640, 400]);
    let scenario = invado::scenario::Scenario::load("gradient", &[]).unwrap();
    still
        .open(invado::viewer::Plan::new(&scenario).unwrap())
        .unwrap();
    assert!(still.shot().is_ok());
    context.device.destroy();
    let told = still.shot().unwrap_err().to_string();
    assert!(told.contains("--adapter"), "{told}");
    assert!(
        context.check().is_err(),
        "the loss is known to whom asks next"
    );
    // The course itself has lost nothing.
    let player = &mut still.stage().unwrap().player;
    player.step(3);
    assert!(player.wait_for(Duration::from_secs(240), |p| p.is_settled()
        && p.step_now() == 3));
}
