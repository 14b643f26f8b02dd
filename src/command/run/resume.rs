//! Going on from a checkpoint: the same run to its end, or a fork of it on another way.

use std::path::{Path, PathBuf};

use crate::cli::RunArgs;
use crate::error::UsageError;
use crate::export::{ObservablesCsv, TEMPORARY};
use crate::model::Model;
use crate::observe::Row;
use crate::record::checkpoint::{self, Checkpoint};
use crate::record::{Parent, RunJson, Status};
use crate::scenario::Scenario;

/// A checkpoint to go on from, and what lay around it.
pub(in crate::command) struct Resumed {
    pub checkpoint: Checkpoint,
    /// The run's folder.
    pub from: PathBuf,
    /// Reports that are there.
    pub rows: Vec<Row>,
    /// Where a fork comes from; `None` where the run itself goes on.
    pub parent: Option<Parent>,
}

/// What is run, where, and from where on: a scenario from its start, or a run that goes on.
pub(super) type Begun = (Scenario, Model, PathBuf, Option<Resumed>);

/// What `--resume DIR` asks for: scenario, model and folder of the run that follows, and where it begins.
///
/// # Errors
/// There is no whole checkpoint, or `--set` changes what a state depends on; with place and remedy.
pub(super) fn resume(args: &RunArgs, from: &Path) -> anyhow::Result<Begun> {
    let mut checkpoint = checkpoint::newest(from, &mut |warning| eprintln!("{warning}"))?;
    let wrong = |why: String| UsageError::new(format!("--resume {}: {why}", from.display()));
    if args.overrides.seed.is_some() {
        let why = "a state keeps the seed that it grew from; leave --seed out".to_string();
        return Err(wrong(why).into());
    }
    let mut sets = args.overrides.sets.clone();
    sets.extend(args.until.as_ref().map(|t| format!("time.until={t}")));
    sets.extend(args.report.as_ref().map(|t| format!("time.report={t}")));
    let old = &checkpoint.scenario;
    let scenario = Scenario::parse(&old.name, &old.place, &old.folder, &old.text, &sets)?;
    let model = Model::try_from(&scenario)?;
    checkpoint.fits(&model).map_err(|what| {
        wrong(format!(
            "--set changes {what}, which the state is made of; change doses, parameters and rates only, or run the scenario from its start"
        ))
    })?;
    let sets = &args.overrides.sets;
    let is_fork = !sets.is_empty() || args.out.is_some();
    let (done, end) = (checkpoint.state.step, model.n_steps());
    // Killed between its last checkpoint and its end, a run has all its steps and lacks what is written after them.
    let lacks_its_end = done == end && !is_fork && RunJson::read(from)?.status != Status::Finished;
    if done >= end && !lacks_its_end {
        let why = format!(
            "its checkpoint is at {:.3} h and the run ends at {:.3} h; give a later --until",
            model.time_h(done),
            model.time_h(end)
        );
        return Err(wrong(why).into());
    }
    let mut rows = ObservablesCsv::read(&from.join("observables.csv"))?;
    let now = checkpoint.header.time_h;
    // A report of the moment of an interrupt is none of those that the run asks for.
    let of_cadence = |row: &Row| {
        let steps = row.get("time_h").unwrap_or(f64::NAN) * 60.0 / model.dt_min();
        (steps.round() as u64).is_multiple_of(model.report_steps())
    };
    rows.retain(|row| {
        row.get("time_h").is_some_and(|h| h < now) || of_cadence(row) || lacks_its_end
    });
    let (folder, parent) = if is_fork {
        let folder = args.out.clone().unwrap_or_else(|| free_name(from));
        if folder
            .canonicalize()
            .is_ok_and(|f| from.canonicalize().is_ok_and(|g| f == g))
        {
            let why = "a fork needs a folder of its own; choose another --out, or leave --set and --out out to go on in this one";
            return Err(wrong(why.to_string()).into());
        }
        rows.retain(|row| row.get("time_h").is_some_and(|h| h <= now + 1e-9));
        // A dose that is set holds from here on, whatever was changed live before.
        if sets.iter().any(|set| set.starts_with("dose")) {
            checkpoint
                .header
                .events
                .retain(|event| !event.act.is_dose());
        }
        let parent = Parent {
            folder: std::path::absolute(from)?,
            step: done,
            time_h: now,
            state_hash: checkpoint.header.state_hash.clone(),
            events: checkpoint.header.events.len(),
        };
        (folder, Some(parent))
    } else {
        sweep(from);
        sweep(&checkpoint::folder(from));
        (from.to_path_buf(), None)
    };
    let resumed = Resumed {
        checkpoint,
        from: from.to_path_buf(),
        rows,
        parent,
    };
    Ok((scenario, model, folder, Some(resumed)))
}

/// Removes what a killed process was writing beside its name. Left as it is where that fails: it harms nobody.
fn sweep(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(TEMPORARY.0) && name.ends_with(TEMPORARY.1) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// The run's name with the first number that is free.
fn free_name(run: &Path) -> PathBuf {
    let named = |n: u32| {
        let mut name = run.as_os_str().to_owned();
        name.push(format!("-fork-{n}"));
        PathBuf::from(name)
    };
    // Some number below 2³² is free.
    (1..)
        .map(named)
        .find(|path| !path.exists())
        .unwrap_or_else(|| named(0))
}
