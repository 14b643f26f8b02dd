//! `invado export`: what a run left, in other programs' formats.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

fn invado() -> Command {
    Command::new(env!("CARGO_BIN_EXE_invado"))
}

/// Two types of one preset, a field with a unit and one without, and cells that are born and die.
const FLAT: &str = r#"
title = "a <small> dish"
question = "Does it read back?"
seed = 4
[domain]
size = ["240 um", "180 um"]
voxel = "7.5 um"
[time]
step = "6 s"
duration = "1 h"
report = "10 min"
[fields.drug]
initial = { gaussian = { center = ["90 um", "60 um"], sigma = "40 um", amplitude = "100 nM" } }
[fields.ecm]
initial = 0.5
[fields.fak]
[[cells]]
type = "pc-3"
division = "0.5 /h"
death = "0.3 /h"
place = { rectangle = { from = ["0 um", "0 um"], to = ["240 um", "180 um"], count = 40 } }
[[cells]]
type = "pc-3"
speed = "5 um/h"
place = { rectangle = { from = ["0 um", "0 um"], to = ["240 um", "180 um"], count = 20 } }
[dose]
bath = "30 nM"
"#;

const DEEP: &str = r#"
title = "a small ball"
question = "Does it read back?"
[domain]
size = ["60 um", "50 um", "40 um"]
voxel = "10 um"
[time]
step = "6 s"
duration = "2 min"
report = "1 min"
[fields.oxygen]
initial = { linear = { axis = "z", from = "5 mmHg", to = "38 mmHg" } }
[[cells]]
type = "mcf-7"
place = { ball = { center = ["30 um", "25 um", "20 um"], radius = "15 um", count = 3 } }
"#;

/// Runs a scenario into `run` of a new folder, with everything that can be asked for this often.
fn run(text: &str, every: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("s.toml"), text).unwrap();
    let mut command = invado();
    command.current_dir(folder.path());
    command.args([
        "run", "s.toml", "--engine", "cpu", "--quiet", "--out", "run",
    ]);
    for part in ["--cells", "--fields", "--images"] {
        command.args([part, every]);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    folder
}

/// A run that every test may read and none may change.
static RUN: LazyLock<tempfile::TempDir> = LazyLock::new(|| run(FLAT, "10 min"));

/// Its moments, as files are called.
const HOURS: [&str; 7] = [
    "0.000", "0.167", "0.333", "0.500", "0.667", "0.833", "1.000",
];

fn flat() -> PathBuf {
    RUN.path().join("run")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn export(run: &Path, to: &str, args: &[&str]) -> Output {
    let mut command = invado();
    command.arg("export").arg(run).args(["--to", to]).args(args);
    command.output().unwrap()
}

fn succeeds(run: &Path, to: &str, args: &[&str]) {
    let output = export(run, to, args);
    assert!(output.status.success(), "{to} {args:?}: {}", said(&output));
}

/// The message of a command that is wrong.
fn fails(run: &Path, to: &str, args: &[&str]) -> String {
    let output = export(run, to, args);
    assert_eq!(output.status.code(), Some(2), "{to} {args:?}");
    said(&output)
}

/// A new folder and a path in it, for a test's own export.
fn elsewhere(name: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name).to_string_lossy().into_owned();
    (folder, path)
}

/// What follows the header of an NPY file.
fn values(run: &Path, name: &str) -> Vec<u8> {
    let bytes = std::fs::read(run.join("fields").join(name)).unwrap();
    let header = 10 + usize::from(bytes[8]) + 256 * usize::from(bytes[9]);
    bytes[header..].to_vec()
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn vtk_holds_the_bytes_of_the_fields_in_place_and_time() {
    let (_folder, out) = elsewhere("vtk");
    succeeds(&flat(), "vtk", &["--out", &out]);
    let out = Path::new(&out);
    let file = std::fs::read(out.join("fields/0.500.vti")).unwrap();
    let text = String::from_utf8_lossy(&file);
    let place = "WholeExtent=\"0 32 0 24 0 0\" Origin=\"0 0 0\" Spacing=\"7.5 7.5 7.5\"";
    assert!(text.contains(place), "{text}");
    let mark = b"<AppendedData encoding=\"raw\">\n_";
    let begin = file.windows(mark.len()).position(|part| part == mark);
    let data = &file[begin.unwrap() + mark.len()..];
    let mut at = 0;
    for (name, field) in [("drug_nM", "drug"), ("ecm", "ecm"), ("fak", "fak")] {
        let expected = values(&flat(), &format!("{field}_0.500.npy"));
        let array =
            format!("Name=\"{name}\" NumberOfComponents=\"1\" format=\"appended\" offset=\"{at}\"");
        assert!(text.contains(&array), "{array}");
        assert_eq!(data[at..at + 8], (expected.len() as u64).to_ne_bytes());
        assert!(data[at + 8..at + 8 + expected.len()] == expected, "{name}");
        at += 8 + expected.len();
    }
    let series = std::fs::read_to_string(out.join("cells.pvd")).unwrap();
    assert_eq!(series.matches("<DataSet").count(), 7);
    assert!(series.contains("<DataSet timestep=\"0.5\" part=\"0\" file=\"cells/0.500.vtp\"/>"));
}

#[test]
fn zarr_holds_the_bytes_of_the_fields_with_axes_in_units() {
    for (folder, drug) in [
        (None, "drug_0.500.npy"),
        (Some(run(DEEP, "1 min")), "oxygen_0.017.npy"),
    ] {
        let run = folder
            .as_ref()
            .map_or_else(flat, |folder| folder.path().join("run"));
        let (_folder, out) = elsewhere("f.zarr");
        succeeds(&run, "zarr", &["--out", &out]);
        let out = Path::new(&out);
        let (array, group) = (json(&out.join("0/zarr.json")), json(&out.join("zarr.json")));
        let n_axes = array["shape"].as_array().unwrap().len();
        let (chunk, nth) = match n_axes {
            4 => ("0/c/3/0/0/0", "[7,3,24,32]"),
            _ => ("0/c/1/0/0/0/0", "[3,1,4,5,6]"),
        };
        assert_eq!(array["shape"].to_string(), nth);
        let file = std::fs::File::open(out.join(chunk)).unwrap();
        assert!(zstd::decode_all(file).unwrap() == values(&run, drug));
        let ome = &group["attributes"]["ome"];
        assert_eq!(ome["version"], "0.5");
        let image = &ome["multiscales"][0];
        assert_eq!(image["axes"].as_array().unwrap().len(), n_axes);
        assert_eq!(image["axes"][0]["unit"], "hour");
        assert_eq!(image["axes"][n_axes - 1]["unit"], "micrometer");
    }
}

#[test]
fn uneven_times_have_no_scale() {
    let folder = run(FLAT, "40 min");
    let (_folder, out) = elsewhere("f.zarr");
    succeeds(&folder.path().join("run"), "zarr", &["--out", &out]);
    let group = json(&Path::new(&out).join("zarr.json"));
    let times = &group["attributes"]["invado"]["time_h"];
    assert_eq!(times.as_array().unwrap().len(), 3);
    assert_eq!((&times[0], &times[2]), (&0.0.into(), &1.0.into()));
    let image = &group["attributes"]["ome"]["multiscales"][0];
    assert_eq!(image["axes"][0].get("unit"), None);
    assert_eq!(
        image["datasets"][0]["coordinateTransformations"][0]["scale"][0],
        1.0
    );
}

#[test]
fn simularium_shows_every_cell_around_the_middle_of_the_box() {
    let (_folder, out) = elsewhere("c.simularium");
    succeeds(&flat(), "simularium", &["--out", &out]);
    let file = json(Path::new(&out));
    let frames = file["spatialData"]["bundleData"].as_array().unwrap();
    assert_eq!(frames.len(), 7);
    let (mut kinds, mut phases) = (Vec::new(), Vec::new());
    for (frame, hours) in frames.iter().zip(HOURS) {
        let cells = csv::Reader::from_path(flat().join(format!("cells/{hours}.csv")));
        let cells: Vec<csv::StringRecord> = cells.unwrap().records().map(Result::unwrap).collect();
        let data = frame["data"].as_array().unwrap();
        assert_eq!(data.len(), 11 * cells.len());
        for (body, cell) in data.chunks(11).zip(&cells) {
            assert_eq!(body[1].to_string(), cell[0]);
            for (axis, half) in [120.0, 90.0, 3.75].iter().enumerate() {
                let at = body[3 + axis].as_f64().unwrap() + half;
                assert_eq!((at as f32).to_string(), cell[2 + axis]);
            }
            let kind = file["trajectoryInfo"]["typeMapping"][body[2].to_string()]["name"].clone();
            assert_eq!(kind, format!("{}#{}", &cell[1], &cell[14]));
            kinds.push(cell[1].to_string());
            phases.push(cell[14].to_string());
        }
    }
    // The run must be one in which it matters.
    assert!(kinds.contains(&"pc-3".to_string()) && kinds.contains(&"pc-3_2".to_string()));
    assert!(phases.contains(&"apoptosis".to_string()));
    let plots = file["plotData"]["data"].as_array().unwrap();
    assert_eq!(plots[0]["layout"]["title"], "cell_count");
}

/// Pictures of a GIF as they are seen, one after another, with their delays.
fn film(path: &Path) -> Vec<(image::RgbaImage, u16)> {
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options
        .read_info(std::fs::File::open(path).unwrap())
        .unwrap();
    let mut seen = image::RgbaImage::new(decoder.width().into(), decoder.height().into());
    let mut pictures = Vec::new();
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        for (i, pixel) in frame.buffer.chunks_exact(4).enumerate() {
            let (x, y) = (i % usize::from(frame.width), i / usize::from(frame.width));
            if pixel[3] > 0 {
                let at = [
                    x as u32 + u32::from(frame.left),
                    y as u32 + u32::from(frame.top),
                ];
                seen.put_pixel(at[0], at[1], image::Rgba(pixel.try_into().unwrap()));
            }
        }
        pictures.push((seen.clone(), frame.delay));
    }
    pictures
}

#[test]
fn a_gif_shows_the_pictures_at_their_pace() {
    let (_folder, out) = elsewhere("f.gif");
    succeeds(
        &flat(),
        "gif",
        &["--out", &out, "--fps", "6", "--size", "1280x960"],
    );
    let film = film(Path::new(&out));
    assert_eq!(film.len(), 7);
    // 7/6 s in hundredths.
    assert_eq!(
        film.iter().map(|(_, delay)| u32::from(*delay)).sum::<u32>(),
        117
    );
    let pictures = HOURS.map(|hours| {
        let picture = image::open(flat().join(format!("images/{hours}.png")));
        picture.unwrap().into_rgba8()
    });
    for (i, (seen, _)) in film.iter().enumerate() {
        let (mean, worst) = apart(seen, &pictures[i]);
        // What is not drawn anew is up to 10 off, and 31 colours stand for all that is: least well for single pixels between a
        // dark rim and a light ground.
        assert!(
            mean < 5.0 && worst < 130,
            "{i}: mean {mean:.2}, worst {worst}"
        );
        let (other, _) = apart(seen, &pictures[if i == 0 { 1 } else { i - 1 }]);
        assert!(
            mean < other,
            "{i}: {mean:.2} from its picture, {other:.2} from another"
        );
    }
}

/// Distance of two pictures in the worst of three bytes, mean and largest over pixels.
fn apart(a: &image::RgbaImage, b: &image::RgbaImage) -> (f64, u8) {
    let distance = |(a, b): (&image::Rgba<u8>, &image::Rgba<u8>)| {
        (0..3).map(|c| a[c].abs_diff(b[c])).max().unwrap()
    };
    let all: Vec<u8> = a.pixels().zip(b.pixels()).map(distance).collect();
    let sum: f64 = all.iter().copied().map(f64::from).sum();
    (sum / all.len() as f64, *all.iter().max().unwrap())
}

#[test]
fn an_mp4_needs_ffmpeg_and_says_so() {
    let (_folder, out) = elsewhere("f.mp4");
    let mut without = invado();
    without.env("PATH", "/nowhere").arg("export").arg(flat());
    let output = without
        .args(["--to", "mp4", "--out", &out])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let message = said(&output);
    assert!(
        message.contains("apt-get install ffmpeg") && message.contains("--to gif"),
        "{message}"
    );
    assert!(!Path::new(&out).exists());
    let Ok(_) = Command::new("ffmpeg").arg("-version").output() else {
        return absent("an_mp4_needs_ffmpeg_and_says_so", "there is no ffmpeg");
    };
    succeeds(
        &flat(),
        "mp4",
        &["--out", &out, "--fps", "7", "--size", "401x301"],
    );
    let mut probe = Command::new("ffprobe");
    probe.args(["-v", "error", "-count_frames", "-show_entries"]);
    probe.args([
        "stream=codec_name,width,height,nb_read_frames:format=duration",
        "-of",
        "csv=p=0",
        &out,
    ]);
    let told = String::from_utf8(probe.output().unwrap().stdout).unwrap();
    assert_eq!(
        told.split_whitespace().collect::<Vec<_>>(),
        ["h264,400,300,7", "1.000000"]
    );
}

/// Says that a test did not run, or fails where CI demands the readers.
fn absent(test: &str, why: &str) {
    assert!(
        std::env::var("INVADO_REQUIRE_READERS").as_deref() != Ok("1"),
        "INVADO_REQUIRE_READERS=1, but {test} cannot run: {why}"
    );
    eprintln!("*** NOT RUN: {test}: {why} ***");
}

#[test]
fn real_readers_find_the_same_bits() {
    let python = std::env::var("INVADO_READERS_PYTHON").unwrap_or_else(|_| "python3".to_string());
    let imports =
        "import numpy, pandas, pyarrow, zarr, ome_zarr_models, simulariumio, vtkmodules.vtkIOXML";
    let found = Command::new(&python).args(["-c", imports]).output();
    if !found.is_ok_and(|found| found.status.success()) {
        let why = format!("{python} lacks packages of tests/readers/requirements.txt");
        return absent("real_readers_find_the_same_bits", &why);
    }
    let mut formats = vec!["vtk", "zarr", "simularium"];
    if cfg!(feature = "parquet") {
        formats.push("parquet");
    }
    for folder in [run(FLAT, "10 min"), run(DEEP, "1 min")] {
        let run = folder.path().join("run");
        for format in &formats {
            succeeds(&run, format, &["--quiet"]);
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers/read_back.py");
        let mut read = Command::new(&python);
        let output = read.arg(script).arg(&run).args(&formats).output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{told}{}", said(&output));
        assert_eq!(
            told.matches("read back to the same bits").count(),
            formats.len(),
            "{told}"
        );
        // A reader that is content with anything would be no test.
        let damaged = run
            .join("fields")
            .read_dir()
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path();
        let mut bytes = std::fs::read(&damaged).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(&damaged, bytes).unwrap();
        let output = Command::new(&python)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers/read_back.py"))
            .arg(&run)
            .arg("vtk")
            .output()
            .unwrap();
        assert!(
            !output.status.success() && said(&output).contains("other values"),
            "{}",
            said(&output)
        );
    }
}

#[cfg(not(feature = "parquet"))]
#[test]
fn without_parquet_the_error_says_how_to_build_it() {
    let (_folder, out) = elsewhere("parquet");
    let message = fails(&flat(), "parquet", &["--out", &out]);
    assert!(message.contains("--features parquet"), "{message}");
}

#[test]
fn what_is_there_is_replaced_only_when_asked_and_ours() {
    let (folder, out) = elsewhere("vtk");
    succeeds(&flat(), "vtk", &["--out", &out]);
    let message = fails(&flat(), "vtk", &["--out", &out]);
    assert!(message.contains("--force"), "{message}");
    succeeds(&flat(), "vtk", &["--out", &out, "--force"]);
    std::fs::write(Path::new(&out).join("mine.txt"), "mine").unwrap();
    let message = fails(&flat(), "vtk", &["--out", &out, "--force"]);
    assert!(message.contains("no export of this format"), "{message}");
    assert!(Path::new(&out).join("mine.txt").exists());
    let message = fails(&flat(), "gif", &["--out", &out, "--force"]);
    assert!(message.contains("no export of this format"), "{message}");
    // Nothing half-made is left beside it.
    assert_eq!(folder.path().read_dir().unwrap().count(), 1);
}

#[test]
fn what_is_missing_is_named_with_the_option_that_leaves_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("s.toml"), DEEP).unwrap();
    let mut command = invado();
    command.current_dir(folder.path());
    let output = command
        .args([
            "run", "s.toml", "--engine", "cpu", "--quiet", "--out", "run",
        ])
        .output();
    assert!(output.unwrap().status.success());
    let run = folder.path().join("run");
    for (format, option) in [
        ("vtk", "--cells TIME or --fields TIME"),
        ("zarr", "--fields TIME"),
        ("simularium", "--cells TIME"),
        ("gif", "--images TIME"),
        ("mp4", "--images TIME"),
    ] {
        let message = fails(&run, format, &[]);
        assert!(message.contains(option), "{format}: {message}");
    }
    let message = fails(folder.path(), "vtk", &[]);
    assert!(message.contains("run.json"), "{message}");
    let message = fails(&run, "vtx", &[]);
    assert!(message.contains("vtk"), "{message}");
    for (args, part) in [
        (["--fps", "10"], "--fps is for films"),
        (["--size", "640x480"], "--size is for films"),
        (["--size", "640"], "WIDTHxHEIGHT"),
    ] {
        let message = fails(&run, "vtk", &args);
        assert!(message.contains(part), "{message}");
    }
    let message = fails(&run, "gif", &["--fps", "60"]);
    assert!(message.contains("at most 50"), "{message}");
}

#[test]
fn damaged_files_are_named_and_nothing_is_left() {
    let folder = run(DEEP, "1 min");
    let run = folder.path().join("run");
    let (elsewhere, out) = elsewhere("out");
    let damage = |name: &str, bytes: &[u8]| {
        let path = run.join(name);
        let before = std::fs::read(&path).unwrap();
        std::fs::write(&path, bytes).unwrap();
        (path, before)
    };
    let whole = std::fs::read_to_string(run.join("cells/0.017.csv")).unwrap();
    let npy = std::fs::read(run.join("fields/oxygen_0.017.npy")).unwrap();
    let png = std::fs::read(run.join("images/0.017.png")).unwrap();
    let cut = |bytes: &[u8]| bytes[..bytes.len() - 9].to_vec();
    for (name, bytes, format, parts) in [
        (
            "fields/oxygen_0.017.npy",
            cut(&npy),
            "vtk",
            vec!["oxygen_0.017.npy", "ends early"],
        ),
        (
            "fields/oxygen_0.017.npy",
            b"nothing".to_vec(),
            "zarr",
            vec!["oxygen_0.017.npy", "not an NPY file"],
        ),
        (
            "cells/0.017.csv",
            whole.replace("mcf-7", "mcf-8").into_bytes(),
            "vtk",
            vec!["0.017.csv", "mcf-8", "line 2"],
        ),
        (
            "cells/0.017.csv",
            whole.replace(",cycling", ",NaN").into_bytes(),
            "simularium",
            vec!["phase 'NaN'"],
        ),
        (
            "cells/0.017.csv",
            whole.replace("radius_um", "radius").into_bytes(),
            "simularium",
            vec!["columns"],
        ),
        (
            "cells/0.017.csv",
            b"\xff\xfe".to_vec(),
            "simularium",
            vec!["0.017.csv"],
        ),
        (
            "images/0.017.png",
            cut(&png[..100]),
            "gif",
            vec!["0.017.png"],
        ),
    ] {
        let (path, before) = damage(name, &bytes);
        let output = export(&run, format, &["--out", &out]);
        let message = said(&output);
        assert!(
            !output.status.success() && !message.contains("panicked"),
            "{message}"
        );
        for part in parts {
            assert!(message.contains(part), "{name}: {message}");
        }
        assert_eq!(elsewhere.path().read_dir().unwrap().count(), 0, "{name}");
        std::fs::write(path, before).unwrap();
    }
    std::fs::remove_file(run.join("fields/oxygen_0.017.npy")).unwrap();
    // Only that moment is gone.
    succeeds(&run, "zarr", &["--out", &out]);
    let message = fails(&run, "vtk", &["--out", "/nowhere/vtk"]);
    assert!(message.contains("/nowhere"), "{message}");
}

#[test]
fn a_well_of_a_series_is_exported_by_itself() {
    let text = DEEP
        .replace("[fields.oxygen]\ninitial = { linear = { axis = \"z\", from = \"5 mmHg\", to = \"38 mmHg\" } }", "[fields.drug]\ninitial = \"0 nM\"")
        + "[dose]\nseries = [\"0 nM\", \"10 nM\"]\n";
    let text = format!("replicates = 1\n{text}");
    let folder = run(&text, "1 min");
    let run = folder.path().join("run");
    let message = fails(&run, "zarr", &[]);
    assert!(
        message.contains("holds wells") && message.contains("wells"),
        "{message}"
    );
    let mut wells: Vec<_> = run
        .join("wells")
        .read_dir()
        .unwrap()
        .map(|w| w.unwrap().path())
        .collect();
    wells.sort();
    assert_eq!(wells.len(), 2);
    succeeds(&wells[0], "vtk", &[]);
    succeeds(&wells[0], "simularium", &[]);
    assert!(wells[0].join("vtk/cells.pvd").exists());
}
