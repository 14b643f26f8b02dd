//! `invado export`: the files of a finished run in a format that other programs open.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

use crate::cli::{ExportArgs, ExportFormat};
use crate::error::UsageError;
use crate::export::{
    Export, Gif, Moment, Mp4, ObservablesCsv, OmeZarr, Pace, Part, Saved, SavedMoment, Simularium,
    Target, Vtk,
};
use crate::model::Model;
use crate::observe::Row;
use crate::record::RunJson;

/// Largest size of a film, px, if none is asked for: a GIF is for a page, an MP4 shows every pixel.
const GIF_FRAME: [u32; 2] = [480, 480];
/// Most pictures a second that a film has of itself.
const MOST_FPS_GIF: f64 = 10.0;
const MOST_FPS_MP4: f64 = 25.0;

/// Converts what a folder holds.
pub(super) fn export(args: &ExportArgs) -> anyhow::Result<ExitCode> {
    check(args)?;
    let run = Saved::open(&args.folder, model(&args.folder)?)?;
    let moments = moments(args, &run)?;
    let pace = Pace::new(moments.len(), args.fps.map(f64::from), most_fps(args.to));
    let path = match &args.out {
        Some(path) => path.clone(),
        None => args.folder.join(args.to.file_name()),
    };
    let target = Target::new(&path, args.to.own(), args.force)?;
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))
        .context("cannot watch for Ctrl-C")?;
    let cannot = || format!("cannot make '{}'", path.display());
    let mut format = open(args, &target.place(), &run, &moments, pace).with_context(cannot)?;
    let taken = taken(&moments, pace.stride);
    let bar = super::run::progress(args.quiet, taken.len() as u64);
    for moment in &taken {
        if stop.load(Ordering::Relaxed) {
            bar.finish_and_clear();
            eprintln!("interrupted: '{}' is as it was", path.display());
            return Ok(ExitCode::from(1));
        }
        format.write(*moment).with_context(cannot)?;
        bar.inc(1);
    }
    format.finish().with_context(cannot)?;
    drop(format);
    target.keep().with_context(cannot)?;
    bar.finish_and_clear();
    if !args.quiet {
        let what = match args.to {
            ExportFormat::Gif | ExportFormat::Mp4 => {
                format!("{} pictures at {} a second", taken.len(), pace.fps)
            }
            _ => format!("{} moments", taken.len()),
        };
        super::print(&format!("{what} in {}\n", path.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What belongs to films only.
fn check(args: &ExportArgs) -> Result<(), UsageError> {
    let is_film = matches!(args.to, ExportFormat::Gif | ExportFormat::Mp4);
    for (option, is_given) in [
        ("--fps", args.fps.is_some()),
        ("--size", args.size.is_some()),
    ] {
        if is_given && !is_film {
            return Err(UsageError::new(format!(
                "{option} is for films, --to gif or mp4; leave it out"
            )));
        }
    }
    // GIF counts in hundredths of a second, and browsers take one of them for ten.
    if args.to == ExportFormat::Gif && args.fps.is_some_and(|fps| fps > 50) {
        return Err(UsageError::new(
            "--fps: a GIF shows at most 50 pictures a second",
        ));
    }
    Ok(())
}

fn most_fps(format: ExportFormat) -> f64 {
    match format {
        ExportFormat::Gif => MOST_FPS_GIF,
        _ => MOST_FPS_MP4,
    }
}

/// The model of the run in a folder; a well's stands two folders above it.
fn model(folder: &Path) -> anyhow::Result<Model> {
    let parent = (folder.canonicalize().ok())
        .and_then(|folder| Some(folder.parent()?.to_path_buf()))
        .filter(|parent| parent.file_name().is_some_and(|name| name == "wells"));
    let home = match parent.as_deref().and_then(Path::parent) {
        Some(series) if !folder.join("run.json").exists() => series.to_path_buf(),
        _ => folder.to_path_buf(),
    };
    let record = RunJson::read(&home)?;
    if !record.wells.is_empty() && home == folder {
        let why = format!(
            "'{}' holds wells; give one of them, such as '{}'",
            folder.display(),
            folder.join("wells").join(&record.wells[0].well).display()
        );
        return Err(UsageError::new(why).into());
    }
    let place = home.join("run.json");
    let scenario = record.scenario(&format!("{}, scenario_toml", place.display()))?;
    Ok(Model::try_from(&scenario)?)
}

/// The moments that a format is made of; an error that says which option leaves them, if there are none.
fn moments<'a>(args: &ExportArgs, run: &'a Saved) -> Result<Vec<SavedMoment<'a>>, UsageError> {
    let parts = args.to.parts();
    let moments = run.moments(parts);
    let has_fields = !run.model().fields().is_empty();
    if args.to == ExportFormat::Zarr && !has_fields {
        return Err(UsageError::new(
            "the scenario has no fields, and OME-Zarr holds nothing else",
        ));
    }
    // Reports are there without any of these.
    if moments.is_empty() && args.to != ExportFormat::Parquet {
        let options: Vec<String> = (parts.iter())
            .filter(|part| has_fields || **part != Part::Fields)
            .map(|part| format!("--{} TIME", part.name()))
            .collect();
        let folders: Vec<&str> = parts.iter().map(|part| part.name()).collect();
        return Err(UsageError::new(format!(
            "'{}' has no files in {}, which {} is made of; run the scenario again with {}",
            args.folder.display(),
            folders.join(" or "),
            args.to.file_name(),
            options.join(" or ")
        )));
    }
    Ok(moments)
}

/// Every stride-th moment, and the last.
fn taken<'a>(moments: &'a [SavedMoment<'a>], stride: usize) -> Vec<&'a SavedMoment<'a>> {
    let mut taken: Vec<&SavedMoment> = moments.iter().step_by(stride).collect();
    if !moments.is_empty() && !(moments.len() - 1).is_multiple_of(stride) {
        taken.extend(moments.last());
    }
    taken
}

fn open(
    args: &ExportArgs,
    place: &Path,
    run: &Saved,
    moments: &[SavedMoment],
    pace: Pace,
) -> anyhow::Result<Box<dyn Export>> {
    let model = run.model();
    let frame = |usual| args.size.unwrap_or(usual);
    Ok(match args.to {
        ExportFormat::Vtk => Box::new(Vtk::new(place)?),
        ExportFormat::Zarr => Box::new(OmeZarr::new(place, model)?),
        ExportFormat::Parquet => parquet(place, model, &rows(&args.folder)?, !moments.is_empty())?,
        ExportFormat::Simularium => Box::new(Simularium::new(place, model, rows(&args.folder)?)?),
        ExportFormat::Gif => Box::new(Gif::new(place, frame(GIF_FRAME), pace)?),
        ExportFormat::Mp4 => {
            let first = moments.first().map(Moment::picture).transpose()?;
            let size = first.map_or([1, 1], |picture| picture.dimensions().into());
            Box::new(Mp4::new(place, frame(size), pace)?)
        }
    })
}

fn rows(folder: &Path) -> Result<Vec<Row>, UsageError> {
    ObservablesCsv::read(&folder.join("observables.csv"))
}

#[cfg(feature = "parquet")]
fn parquet(
    place: &Path,
    model: &Model,
    rows: &[Row],
    with_cells: bool,
) -> anyhow::Result<Box<dyn Export>> {
    if !with_cells {
        eprintln!("no cells: the run was not given --cells TIME, so there is no cells.parquet");
    }
    let parquet = crate::export::Parquet::new(place, model, rows, with_cells)?;
    Ok(Box::new(parquet))
}

#[cfg(not(feature = "parquet"))]
fn parquet(_: &Path, _: &Model, _: &[Row], _: bool) -> anyhow::Result<Box<dyn Export>> {
    Err(UsageError::new(
        "this invado is built without Parquet; build it with `cargo build --release --features parquet`",
    )
    .into())
}

impl ExportFormat {
    /// What it is made of.
    fn parts(self) -> &'static [Part] {
        match self {
            ExportFormat::Vtk => &[Part::Cells, Part::Fields],
            ExportFormat::Zarr => &[Part::Fields],
            ExportFormat::Parquet | ExportFormat::Simularium => &[Part::Cells],
            ExportFormat::Gif | ExportFormat::Mp4 => &[Part::Images],
        }
    }

    /// Its file or folder in the run folder.
    pub(crate) const fn file_name(self) -> &'static str {
        match self {
            ExportFormat::Vtk => "vtk",
            ExportFormat::Zarr => "fields.ome.zarr",
            ExportFormat::Parquet => "parquet",
            ExportFormat::Simularium => "cells.simularium",
            ExportFormat::Gif => "film.gif",
            ExportFormat::Mp4 => "film.mp4",
        }
    }

    /// The names in its folder; none for a file.
    fn own(self) -> &'static [&'static str] {
        match self {
            ExportFormat::Vtk => &["fields", "cells", "fields.pvd", "cells.pvd"],
            ExportFormat::Zarr => &["zarr.json", "0"],
            ExportFormat::Parquet => &["observables.parquet", "cells.parquet"],
            ExportFormat::Simularium | ExportFormat::Gif | ExportFormat::Mp4 => &[],
        }
    }
}
