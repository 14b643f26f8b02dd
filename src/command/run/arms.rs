//! The arms of a scenario: each a run in its own folder, and one table of how they ended.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::{Outcome, one};
use crate::cli::RunArgs;
use crate::compounds::Target;
use crate::error::UsageError;
use crate::export::write_atomically;
use crate::lesson::{self, Ending};
use crate::model::Model;
use crate::observe::Row;
use crate::scenario::{Scenario, unknown};

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
    let control = control(scenario)?;
    make_folder(folder, args.force)?;
    let mut rows: Vec<(String, Ending)> = Vec::new();
    for (i, (name, arm, model)) in arms.iter().enumerate() {
        if !args.quiet {
            crate::command::print(&format!("arm {} of {}: {name}\n", i + 1, arms.len()))?;
        }
        let Outcome { finished, last } = one(args, arm, model, &folder.join(name), stop, None)?;
        let doses = last.doses;
        let row = row(model, last.row);
        rows.push((name.clone(), Ending { row, doses }));
        index(&mut rows, control);
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

/// The arm without a coat that a transwell assay names.
///
/// # Errors
/// There is no such arm; with place.
fn control(scenario: &Scenario) -> Result<Option<&str>, UsageError> {
    let transwell = scenario.file.assay.transwell.as_ref();
    let Some(control) = transwell.and_then(|file| file.get_ref().control.as_ref()) else {
        return Ok(None);
    };
    let arms = || {
        scenario
            .file
            .arm
            .iter()
            .map(|arm| arm.get_ref().name.get_ref().as_str())
    };
    let name = control.get_ref().as_str();
    if !arms().any(|arm| arm == name) {
        let why = unknown("arm", name, arms());
        return Err(scenario.error("assay.transwell.control", Some(control.span()), &why));
    }
    Ok(Some(name))
}

/// Cells below the membrane over those of the control, so far as that is done: migrated through the coat over migrated
/// without one.
fn index(rows: &mut [(String, Ending)], control: Option<&str>) {
    let below = |row: &Row| row.get("cells_below");
    let Some((_, without)) = rows.iter().find(|(name, _)| Some(name.as_str()) == control) else {
        return;
    };
    let without = below(&without.row);
    for (_, Ending { row, .. }) in rows {
        if let (Some(with), Some(without), None) = (below(row), without, row.get("invasion_index"))
        {
            row.0.push(("invasion_index".to_string(), with / without));
        }
    }
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
fn write(path: &Path, rows: &[(String, Ending)]) -> anyhow::Result<()> {
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in rows.iter().flat_map(|(_, ending)| &ending.row.0) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    write_atomically(path, |out| {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(std::iter::once("arm").chain(names.iter().copied()))?;
        for (arm, ending) in rows {
            let values = names.iter().map(|name| ending.row.get(name));
            let shown = values.map(|value| value.map_or(String::new(), |v| v.to_string()));
            csv.write_record(std::iter::once(arm.clone()).chain(shown))?;
        }
        csv.flush()?;
        Ok(())
    })
}
