//! The command line, types only.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Simulates a tumour's microenvironment under the FAK inhibitor defactinib, on any GPU or on the CPU.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = cfg!(not(feature = "viewer")))]
pub struct Cli {
    /// Without a command the window opens on the gallery of scenarios.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the window; the dose can be changed while it runs.
    #[cfg(feature = "viewer")]
    View(ViewArgs),
    /// Draw the window's pictures for the README and for slides, without a display.
    #[cfg(feature = "viewer")]
    Screenshots(ScreenshotsArgs),
    /// Run a scenario without a window and leave a folder of results.
    Run(Box<RunArgs>),
    /// Run a recorded run or session again, live changes and strokes of the brush included, and compare the state hashes.
    Replay(ReplayArgs),
    /// Write one HTML page of a run folder: what was run, curves, the last picture, evidence, how to run it again.
    Report(ReportArgs),
    /// Convert what a run left into files for ParaView, napari, pandas or Simularium, or its pictures into a film.
    Export(ExportArgs),
    /// Check scenarios and explain them: sizes, memory, steps, substeps, unverified parameters.
    Check(CheckArgs),
    /// List built-in scenarios, adapters, compounds or parameters.
    List {
        /// What to list; everything but parameters and the values of compounds by default.
        what: Option<Listed>,
    },
    /// Time every pass.
    Bench(BenchArgs),
    /// Compare the model with closed forms, published data and its other engine, and leave a report.
    Verify(VerifyArgs),
}

/// What `list` can list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Listed {
    /// Built-in scenarios.
    Scenarios,
    /// GPUs and software adapters.
    Adapters,
    /// Compounds with potency, transport, binding and pharmacokinetics, evidence and source.
    Compounds,
    /// Every default with unit, range, evidence and source.
    Parameters,
}

/// Where to compute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum EngineChoice {
    /// A hardware GPU if there is one, else the CPU.
    #[default]
    Auto,
    /// The GPU engine, on a software adapter if there is nothing else.
    Gpu,
    /// The CPU engine.
    Cpu,
}

/// Engine options shared by commands.
#[derive(Clone, Debug, Default, Args)]
pub struct EngineArgs {
    /// Where to compute.
    #[arg(long, value_enum, default_value_t, value_name = "ENGINE")]
    pub engine: EngineChoice,
    /// Adapter by index or part of its name, see `invado list adapters`.
    #[arg(long, value_name = "NAME|INDEX")]
    pub adapter: Option<String>,
}

/// Scenario options shared by commands.
#[derive(Clone, Debug, Args)]
pub struct ScenarioArgs {
    /// Seed of the random generator, instead of the scenario's.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Override a key, e.g. --set 'dose.bath=1 uM' or --set 'cells.0.speed=20 um/h'. Can be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub sets: Vec<String>,
}

/// `invado run`
#[derive(Clone, Debug, Args)]
pub struct RunArgs {
    /// Path of a scenario, or the name of a built-in one.
    #[arg(required_unless_present = "resume", conflicts_with = "resume")]
    pub scenario: Option<String>,
    /// Go on from the newest checkpoint in this run folder; with --set or --out as a fork in a folder of its own.
    #[arg(long, value_name = "DIR")]
    pub resume: Option<PathBuf>,
    /// Write checkpoints this often; one is written at the end and at an interrupt in any case, and two are kept.
    #[arg(long, value_name = "TIME")]
    pub checkpoint: Option<String>,
    /// Run folder; default invado-runs/SCENARIO-SEED.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// End, e.g. '24 h', instead of the scenario's duration.
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Time between rows of observables.csv.
    #[arg(long, value_name = "TIME")]
    pub report: Option<String>,
    /// Write cells/HOURS.csv this often, and at the start and the end.
    #[arg(long, value_name = "TIME")]
    pub cells: Option<String>,
    /// Write fields/NAME_HOURS.npy this often, and at the start and the end.
    #[arg(long, value_name = "TIME")]
    pub fields: Option<String>,
    /// Write images/HOURS.png this often, and at the start and the end.
    #[arg(long, value_name = "TIME")]
    pub images: Option<String>,
    /// Replace the run that is in the folder.
    #[arg(long)]
    pub force: bool,
    /// Print errors only.
    #[arg(long)]
    pub quiet: bool,
    /// Run N times (each dose of a series N times) with seeds one apart, and give mean, SD and 95 % confidence.
    #[arg(long, value_name = "N", conflicts_with = "resume")]
    pub replicates: Option<u32>,
    #[command(flatten)]
    /// Scenario options.
    pub overrides: ScenarioArgs,
    #[command(flatten)]
    /// Engine options.
    pub engine: EngineArgs,
}

/// `invado view`
#[cfg(feature = "viewer")]
#[derive(Clone, Debug, Args)]
pub struct ViewArgs {
    /// Path of a scenario, or the name of a built-in one; without it the gallery opens.
    pub scenario: Option<String>,
    /// Run the scenario alone: without its arms, and without its vehicle beside it.
    #[arg(long, requires = "scenario")]
    pub single: bool,
    /// Leave a record of the session (every arm, dose changes and forks included) in this folder when the window closes.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    /// Scenario options.
    pub overrides: ScenarioArgs,
    #[command(flatten)]
    /// Engine options.
    pub engine: EngineArgs,
}

/// `invado screenshots`
#[cfg(feature = "viewer")]
#[derive(Clone, Debug, Args)]
pub struct ScreenshotsArgs {
    /// Folder of the pictures; those of the same names in it are replaced.
    #[arg(long, value_name = "DIR", default_value = "invado-screenshots")]
    pub out: PathBuf,
    /// How far the scenarios are played.
    #[arg(long, value_name = "TIME", default_value = "12 h")]
    pub until: String,
    /// Size of the pictures, px.
    #[arg(long, value_name = "WxH", value_parser = size, default_value = "1280x800")]
    pub size: [u32; 2],
    #[command(flatten)]
    /// Engine options.
    pub engine: EngineArgs,
}

/// `invado replay`
#[derive(Clone, Debug, Args)]
pub struct ReplayArgs {
    /// Folder that `invado run` or `invado view --out` left.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

/// `invado report`
#[derive(Clone, Debug, Args)]
pub struct ReportArgs {
    /// Folder that `invado run` or `invado view --out` left; one with arms or a dose series, too.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// The page; default DIR/report.html.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace the page that is there.
    #[arg(long)]
    pub force: bool,
}

/// `invado export`
#[derive(Clone, Debug, Args)]
pub struct ExportArgs {
    /// Folder that `invado run` left; of a dose series, that of a well.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// What to make of it.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub to: ExportFormat,
    /// File or folder to make; by default in the run folder: vtk, fields.ome.zarr, parquet, cells.simularium, film.gif or
    /// film.mp4.
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// Replace the export that is there.
    #[arg(long)]
    pub force: bool,
    /// Pictures a second, all of them; by default a film lasts ten seconds, and leaves pictures out if there are many.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub fps: Option<u32>,
    /// Size that a film fits into, px; by default 480x480 for a GIF and that of the pictures for an MP4.
    #[arg(long, value_name = "WxH", value_parser = size)]
    pub size: Option<[u32; 2]>,
    /// Print errors only.
    #[arg(long)]
    pub quiet: bool,
}

/// Formats of `invado export`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// Cells and fields for ParaView: series .pvd of .vtp and .vti files.
    Vtk,
    /// Fields for napari: OME-Zarr 0.5.
    Zarr,
    /// Cells and observables for pandas and polars (needs the cargo feature parquet).
    Parquet,
    /// Cells for the web viewer of Simularium, observables as plots.
    Simularium,
    /// A film of the pictures.
    Gif,
    /// A film of the pictures (needs the program ffmpeg).
    Mp4,
}

/// Two lengths of 16 to 8192 px, such as 1280x960.
fn size(text: &str) -> Result<[u32; 2], String> {
    let sides = text.split_once('x').and_then(|(width, height)| {
        let side = |text: &str| text.parse().ok().filter(|n| (16..=8192).contains(n));
        Some([side(width)?, side(height)?])
    });
    sides.ok_or_else(|| "not WIDTHxHEIGHT, each 16 to 8192, such as 1280x960".to_string())
}

/// `invado check`
#[derive(Clone, Debug, Args)]
pub struct CheckArgs {
    /// Paths of scenarios, or names of built-in ones.
    #[arg(required = true)]
    pub scenarios: Vec<String>,
    /// Override a key in each of them.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub sets: Vec<String>,
    /// Write every shader module as the GPU gets it into this folder.
    #[arg(long, value_name = "DIR")]
    pub dump_shaders: Option<PathBuf>,
}

/// `invado bench`
#[derive(Clone, Debug, Args)]
pub struct BenchArgs {
    /// Scene: 256² voxels and 10 000 cells, 1024² and 100 000, or 2048² and 1 000 000.
    #[arg(long, value_enum, default_value_t)]
    pub size: BenchSize,
    /// Also write the figures as JSON.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    #[command(flatten)]
    /// Engine options.
    pub engine: EngineArgs,
}

/// Scenes of `invado bench`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum BenchSize {
    /// 256² voxels, 10 000 cells: fits any cache; launch costs show.
    #[default]
    Small,
    /// 1024² voxels, 100 000 cells: a well at confluence.
    Medium,
    /// 2048² voxels, 1 000 000 cells: beyond every cache.
    Large,
}

/// `invado verify`
#[derive(Clone, Debug, Args)]
pub struct VerifyArgs {
    /// Cases by name, e.g. A1 B2; all of them by default.
    #[arg(value_name = "CASE")]
    pub cases: Vec<String>,
    /// List the cases with what they claim, and those that are not built.
    #[arg(long)]
    pub list: bool,
    /// Within a minute on two cores: fewer cells, shorter times, and without the longest cases.
    #[arg(long)]
    pub quick: bool,
    /// Folder of verify.html and verify.json.
    #[arg(long, value_name = "DIR", default_value = "invado-verify")]
    pub out: PathBuf,
    /// Replace the report that is in the folder.
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    /// Engine options.
    pub engine: EngineArgs,
}
