//! `invado replay`: a record again, without a window, to the same bits.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use super::measure::hashes;
use crate::cli::{EngineArgs, EngineChoice, ReplayArgs};
use crate::error::UsageError;
use crate::event;
use crate::model::Model;
use crate::record::{RunJson, WellJson, checkpoint};
use crate::simulation::Simulation;

/// Steps between two moves of the progress bar.
const STRIDE: u64 = 60;

/// Runs what a folder records on the engine that it names, and compares the state hashes.
pub(super) fn replay(args: &ReplayArgs) -> anyhow::Result<ExitCode> {
    let record = RunJson::read(&args.folder)?;
    let place = args.folder.join("run.json").display().to_string();
    let wrong = |why: String| UsageError::new(format!("{place}: {why}"));
    let Some(hash) = &record.state_hash else {
        let why = format!(
            "there is no state to compare with, the run is {:?}; let it finish first",
            record.status
        );
        return Err(wrong(why).into());
    };
    let scenario = record.scenario(&format!("{place}, scenario_toml"))?;
    let model = Model::try_from(&scenario)?;
    let parts = parts(&record, &model, hash).map_err(&wrong)?;
    let n_steps = parts.iter().map(|part| part.steps).sum();
    event::check(&record.events, &model).map_err(&wrong)?;
    let engine = match record.engine.as_str() {
        "cpu" => EngineChoice::Cpu,
        "gpu" => EngineChoice::Gpu,
        other => {
            let why = crate::scenario::unknown("engine", other, ["cpu", "gpu"].into_iter());
            return Err(wrong(why).into());
        }
    };
    let choice = EngineArgs {
        engine,
        adapter: None,
    };
    let device = super::engine::device(&choice)?;
    let description = device.engine(&model)?.description();
    super::print(&format!(
        "{} (seed {}), {} steps, {} live changes\nengine {} on {description}\n",
        model.title(),
        model.seed(),
        n_steps,
        record.events.len(),
        record.engine
    ))?;
    let start = Instant::now();
    let bar = super::run::progress(false, n_steps);
    let mut reports = 0;
    for part in &parts {
        let engine = device.engine(&part.model)?;
        let mut simulation = match &record.parent {
            None => Simulation::new(part.model.clone(), engine)?,
            Some(parent) => {
                let begin = checkpoint::read(&args.folder.join(checkpoint::PARENT))?;
                let is_its = begin.header.state_hash == parent.state_hash;
                if !is_its || begin.fits(&part.model).is_err() {
                    let why = format!(
                        "{} is not the state at which it left its parent; fork it again with invado run --resume {}",
                        checkpoint::PARENT,
                        parent.folder.display()
                    );
                    return Err(wrong(why).into());
                }
                let (model, state) = (part.model.clone(), &begin.state);
                let seen = record.events.iter().take(parent.events).cloned().collect();
                Simulation::resume(model, engine, state, seen, begin.ledgers)?
            }
        };
        simulation.replay(record.events.clone())?;
        let mut moments = hashes(&args.folder.join(&part.folder), part.steps)?;
        moments.retain(|(step, _)| *step >= simulation.step() && *step < part.steps);
        moments.push((part.steps, part.hash.clone()));
        for (step, hash) in &moments {
            while simulation.step() < *step {
                let stride = (step - simulation.step()).min(STRIDE);
                simulation.run(stride)?;
                bar.inc(stride);
            }
            let found = simulation.snapshot()?.hash();
            if found == *hash {
                continue;
            }
            bar.finish_and_clear();
            anyhow::bail!(
                "the replay of '{place}'{} is in another state at {:.3} h: hash {found}, recorded {hash}. Recorded on {} ({}), replayed on {description}: engines and devices may differ in the last bits, and a file that the scenario names may have changed",
                part.name,
                part.model.time_h(*step),
                record.engine_description,
                record.platform
            );
        }
        reports += moments.len();
    }
    bar.finish_and_clear();
    let what = match parts.len() {
        1 => format!("state hash {hash} after {:.3} h", model.time_h(n_steps)),
        wells => format!("state hash in each of {wells} wells"),
    };
    let compared = match reports {
        1 => "at the end".to_string(),
        n => format!("at {n} moments"),
    };
    super::print(&format!(
        "the same {what}, compared {compared}, in {:.1} s\n",
        start.elapsed().as_secs_f64()
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// One simulation of a record.
struct Part {
    /// What errors call it; nothing where there is but one.
    name: String,
    /// Within the run's.
    folder: PathBuf,
    model: Model,
    steps: u64,
    hash: String,
}

/// The run itself, or every well that was begun.
fn parts(record: &RunJson, model: &Model, hash: &str) -> Result<Vec<Part>, String> {
    let within = |steps: u64| match steps > model.n_steps() {
        true => Err(format!(
            "it claims {steps} steps and its scenario has {}; run the scenario again",
            model.n_steps()
        )),
        false => Ok(steps),
    };
    let wells = model.wells();
    if wells.is_empty() {
        return Ok(vec![Part {
            name: String::new(),
            folder: PathBuf::new(),
            model: model.clone(),
            steps: within(record.steps)?,
            hash: hash.to_string(),
        }]);
    }
    let part = |recorded: &WellJson| {
        let well = wells.iter().find(|well| well.name == recorded.well);
        let (Some(well), Some(hash)) = (well, &recorded.state_hash) else {
            return Err(format!(
                "its well '{}' is none of its scenario's, or has no state; run the scenario again",
                recorded.well
            ));
        };
        Ok(Part {
            name: format!(", well {},", well.name),
            folder: Path::new("wells").join(&well.name),
            model: model.in_well(well),
            steps: within(recorded.steps)?,
            hash: hash.clone(),
        })
    };
    record.wells.iter().map(part).collect()
}
