//! The arms of a scenario: each a run in its own folder, and one table of how they ended.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::{Outcome, one};
use crate::cli::RunArgs;
use crate::compounds::Target;
use crate::error::UsageError;
use crate::export::write_atomically;
use crate::lesson;
use crate::model::Model;
use crate::observe::Row;
use crate::scenario::Scenario;

/// The table of the arms.
const TABLE: &str = "arms.csv";

/// Runs every arm; true when all came to their end.
pub(super) fn run(
    args: &RunArgs,
    scenario: &Scenario,
    folder: &Path,
    stop: &AtomicBool,
) -> anyhow::Result<bool> {
    // All are checked before the first is run.
    let mut arms = Vec::new();
    for (name, arm) in scenario.arms()? {
        let model = Model::try_from(&arm)?;
        arms.push((name, arm, model));
    }
    let expectations = lesson::expectations(scenario)?;
    make_folder(folder, args.force)?;
    let mut rows: Vec<(String, Row)> = Vec::new();
    for (i, (name, arm, model)) in arms.iter().enumerate() {
        if !args.quiet {
            crate::command::print(&format!("arm {} of {}: {name}\n", i + 1, arms.len()))?;
        }
        let Outcome { finished, last } = one(args, arm, model, &folder.join(name), stop, None)?;
        rows.push((name.clone(), row(model, last)));
        write(&folder.join(TABLE), &rows)?;
        if !finished {
            return Ok(false);
        }
    }
    if !args.quiet && scenario.file.time.until.is_none() {
        for judged in lesson::judge(&expectations, &rows) {
            crate::command::print(&format!("lesson: {judged}\n"))?;
        }
    }
    if !args.quiet {
        crate::command::print(&format!("{} in {}\n", TABLE, folder.display()))?;
    }
    Ok(true)
}

/// The folder of all arms: new, empty, or with `force` one that held arms.
fn make_folder(folder: &Path, force: bool) -> anyhow::Result<()> {
    let shown = folder.display();
    let mut there = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => {
            return std::fs::create_dir_all(folder).map_err(|why| {
                UsageError::new(format!(
                    "cannot write to '{shown}': {why}. Choose another --out"
                ))
                .into()
            });
        }
        Err(why) => {
            let why = format!("cannot write to '{shown}': {why}. Choose another --out");
            return Err(UsageError::new(why).into());
        }
    };
    if there.next().is_none() {
        return Ok(());
    }
    let why = if !force {
        "exists and is not empty; choose another --out, or replace the arms in it with --force"
    } else if !folder.join(TABLE).is_file() {
        "holds no arms of invado, so --force does not touch it; choose another --out"
    } else {
        return Ok(std::fs::remove_file(folder.join(TABLE))?);
    };
    Err(UsageError::new(format!("'{shown}' {why}")).into())
}

/// How an arm ended: plasma level and exposure over the whole run where there is a regimen, and the last report.
fn row(model: &Model, last: Row) -> Row {
    let mut row = Row::default();
    let end_min = model.dt_min() * model.n_steps() as f64;
    for treatment in model.dose().treatments() {
        let Some(regimen) = treatment.regimen() else {
            continue;
        };
        let compound = match treatment.target {
            Target::Fak => String::new(),
            _ => format!("{}_", treatment.compound),
        };
        let (cmax, _) = regimen.peak(0.0, end_min);
        row.0.push((format!("{compound}plasma_cmax_ng_ml"), cmax));
        row.0.push((
            format!("{compound}plasma_auc_ng_h_per_ml"),
            regimen.auc_ng_h_per_ml(end_min),
        ));
    }
    row.0.extend(last.0);
    row
}

/// Every column that any arm has; empty where an arm has none.
fn write(path: &Path, rows: &[(String, Row)]) -> anyhow::Result<()> {
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in rows.iter().flat_map(|(_, row)| &row.0) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    write_atomically(path, |out| {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(std::iter::once("arm").chain(names.iter().copied()))?;
        for (arm, row) in rows {
            let values = names.iter().map(|name| row.get(name));
            let shown = values.map(|value| value.map_or(String::new(), |v| v.to_string()));
            csv.write_record(std::iter::once(arm.clone()).chain(shown))?;
        }
        csv.flush()?;
        Ok(())
    })
}
