//! `invado view`: the window, and the record that it leaves.

use std::cell::RefCell;
use std::process::ExitCode;

use crate::cli::ViewArgs;
use crate::cpu::CpuEngine;
use crate::export::ObservablesCsv;
use crate::gpu::{GpuContext, GpuEngine};
use crate::model::Model;
use crate::record::{RunJson, Status, make_folder};
use crate::scenario::Scenario;
use crate::simulation::{Engine, EngineError};
use crate::viewer::{self, Session, Start};

/// Opens the window on a scenario; when it closes, leaves a record of the session if one was asked for.
pub(super) fn view(args: &ViewArgs) -> anyhow::Result<ExitCode> {
    let mut sets = args.overrides.sets.clone();
    sets.extend(args.overrides.seed.map(|n| format!("seed={n}")));
    let (scenario, model) = super::load(&args.scenario, &sets)?;
    if let Some(folder) = &args.out {
        make_folder(folder, false)?;
    }
    let chosen = super::engine::choose(&args.engine, &model)?;
    let computes_on = chosen.context.clone();
    // The CPU engine is drawn by whatever adapter there is.
    let context = chosen.context.map_or_else(|| GpuContext::new(None), Ok)?;
    let first = RefCell::new(Some(chosen.engine));
    let make_engine = move |model: &Model| -> Result<Box<dyn Engine>, EngineError> {
        if let Some(engine) = first.borrow_mut().take() {
            return Ok(engine);
        }
        Ok(match &computes_on {
            Some(context) => Box::new(GpuEngine::new(context, model)?),
            None => Box::new(CpuEngine::new(model)),
        })
    };
    let session = viewer::open(Start {
        model,
        make_engine: Box::new(make_engine),
        context,
    })?;
    if let Some(folder) = &args.out {
        record(folder, scenario, &session, &chosen.reason)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn record(
    folder: &std::path::Path,
    scenario: Scenario,
    session: &Session,
    reason: &str,
) -> anyhow::Result<()> {
    // The window may have begun again with another seed since the scenario was read.
    let seed = format!("seed={}", session.model.seed());
    let resolved = Scenario::parse(
        &scenario.name,
        &scenario.place,
        &scenario.folder,
        &scenario.text,
        &[seed],
    )?;
    let mut json = RunJson::begin(&resolved, &session.model, session.engine.clone(), reason);
    json.status = match &session.error {
        Some(_) => Status::Failed,
        None if session.state.step == session.model.n_steps() => Status::Finished,
        None => Status::Interrupted,
    };
    json.error = session.error.as_ref().map(ToString::to_string);
    json.wall_time_s = session.wall_time.as_secs_f64();
    json.steps = session.state.step;
    json.time_h = session.model.time_h(session.state.step);
    json.events = session.events.clone();
    json.state_hash = Some(session.state.hash());
    json.write(folder)?;
    ObservablesCsv::new(folder.join("observables.csv")).add_all(session.series.iter().cloned())
}
