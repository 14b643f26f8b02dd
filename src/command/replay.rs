//! `invado replay`: a record again, without a window, to the same bits.

use std::process::ExitCode;
use std::time::Instant;

use crate::cli::{EngineArgs, EngineChoice, ReplayArgs};
use crate::dosing::DoseEvent;
use crate::error::UsageError;
use crate::model::Model;
use crate::record::{RunJson, checkpoint};
use crate::scenario::Scenario;
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
    let scenario = Scenario::parse(
        &record.scenario,
        &format!("{place}, scenario_toml"),
        std::path::Path::new(&record.scenario_folder),
        &record.scenario_toml,
        &[],
    )?;
    let model = Model::try_from(&scenario)?;
    if record.steps > model.n_steps() {
        let why = format!(
            "it claims {} steps and its scenario has {}; run the scenario again",
            record.steps,
            model.n_steps()
        );
        return Err(wrong(why).into());
    }
    check(&record.events).map_err(&wrong)?;
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
    let chosen = super::engine::choose(&choice, &model)?;
    let description = chosen.engine.description();
    super::print(&format!(
        "{} (seed {}), {} steps, {} live changes of the dose\nengine {} on {description}\n",
        model.title(),
        model.seed(),
        record.steps,
        record.events.len(),
        record.engine
    ))?;
    let start = Instant::now();
    let mut simulation = match &record.parent {
        None => Simulation::new(model, chosen.engine)?,
        Some(parent) => {
            let begin = checkpoint::read(&args.folder.join(checkpoint::PARENT))?;
            if begin.header.state_hash != parent.state_hash {
                let why = format!(
                    "{} is not the state that it left its parent in",
                    checkpoint::PARENT
                );
                return Err(wrong(why).into());
            }
            let (state, ledgers) = (&begin.state, begin.ledgers);
            Simulation::resume(model, chosen.engine, state, Vec::new(), ledgers)?
        }
    };
    simulation.replay(record.events.clone());
    let bar = super::run::progress(false, record.steps);
    while simulation.step() < record.steps {
        let left = record.steps - simulation.step();
        simulation.run(left.min(STRIDE))?;
        bar.set_position(simulation.step());
    }
    bar.finish_and_clear();
    let found = simulation.snapshot()?.hash();
    if found != *hash {
        anyhow::bail!(
            "the replay of '{place}' ends in another state: hash {found}, recorded {hash}. Recorded on {} ({}), replayed on {description}: engines and devices may differ in the last bits, and a file that the scenario names may have changed",
            record.engine_description,
            record.platform
        );
    }
    super::print(&format!(
        "the same state hash {hash} after {:.3} h in {:.1} s\n",
        simulation.time_h(),
        start.elapsed().as_secs_f64()
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Events as a session records them: in order of step, at concentrations.
fn check(events: &[DoseEvent]) -> Result<(), String> {
    let ordered = events.is_sorted_by(|a, b| a.step < b.step);
    let levels = events
        .iter()
        .all(|e| e.bath_nm.is_finite() && e.bath_nm >= 0.0);
    if ordered && levels {
        return Ok(());
    }
    Err("its events are damaged: steps must rise and levels be 0 nM or more; run the scenario again".to_string())
}
