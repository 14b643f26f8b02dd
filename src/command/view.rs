//! `invado view`: the window, and the record that it leaves.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use crate::cli::ViewArgs;
use crate::cpu::CpuEngine;
use crate::gpu::{GpuContext, GpuEngine};
use crate::model::Model;
use crate::record::make_folder;
use crate::scenario::Scenario;
use crate::simulation::{Engine, EngineError};
use crate::viewer::{self, Closed, DeviceSource, EngineMaker, Plan, Session, Start};

/// Opens the window on a scenario or on the gallery; when it closes, leaves a record of the session if one was asked for.
pub(super) fn view(args: &ViewArgs) -> anyhow::Result<ExitCode> {
    let plan = plan(args)?;
    if let Some(folder) = &args.out {
        make_folder(folder, false)?;
    }
    let device = super::engine::device(&args.engine)?;
    let bound = device.context.is_some();
    // The CPU engine is drawn by whatever adapter there is.
    let context = device.context.map_or_else(|| GpuContext::new(None), Ok)?;
    let source = device_source(context, args.engine.adapter.clone());
    let Closed { played, failure } = viewer::open(Start {
        plan,
        make_engine: engine_maker(bound.then(|| source.clone())),
        device: source,
        bound,
    })?;
    if let Some(folder) = &args.out {
        for (ix, sessions) in played.iter().enumerate() {
            // The scenario that was played last is the one that is asked for.
            let folder = match played.len() - 1 - ix {
                0 => folder.clone(),
                before => folder.join(format!("before-{before}")),
            };
            record(sessions, &folder, &device.reason)?;
        }
    }
    match failure {
        Some(failure) => Err(failure.into()),
        None => Ok(ExitCode::SUCCESS),
    }
}

fn plan(args: &ViewArgs) -> anyhow::Result<Option<Plan>> {
    let Some(name) = &args.scenario else {
        return Ok(None);
    };
    let mut sets = args.overrides.sets.clone();
    sets.extend(args.overrides.seed.map(|n| format!("seed={n}")));
    let scenario = Scenario::load(name, &sets)?;
    Ok(Some(match args.single {
        true => Plan::single(&scenario)?,
        false => Plan::new(&scenario)?,
    }))
}

/// A device that is opened anew when it is asked for after it was lost.
pub(super) fn device_source(context: GpuContext, adapter: Option<String>) -> DeviceSource {
    let slot = Mutex::new(context);
    Arc::new(move || {
        let mut context = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if context.probe().is_err() {
            *context = GpuContext::new(adapter.as_deref())?;
        }
        Ok(context.clone())
    })
}

/// Makes engines on a device, or on the CPU.
pub(super) fn engine_maker(device: Option<DeviceSource>) -> EngineMaker {
    Arc::new(
        move |model: &Model| -> Result<Box<dyn Engine>, EngineError> {
            let Some(device) = &device else {
                return Ok(Box::new(CpuEngine::new(model)));
            };
            let context = device().map_err(|why| EngineError::Device(why.to_string()))?;
            Ok(Box::new(GpuEngine::new(&context, model)?))
        },
    )
}

/// The last arm in the folder itself, each other arm and what forks left behind in a folder within.
fn record(sessions: &[Session], folder: &Path, reason: &str) -> anyhow::Result<()> {
    let names: Vec<&str> = sessions.iter().map(|s| s.name.as_str()).collect();
    let n_arms = (1..names.len()).find(|n| names[..*n].contains(&names[*n]));
    let n_arms = n_arms.unwrap_or(names.len());
    for (ix, session) in sessions.iter().enumerate() {
        let place: PathBuf = match ix {
            ix if ix + 1 == n_arms => folder.to_path_buf(),
            ix if ix < n_arms => folder.join(&session.name),
            ix => folder.join(format!("before-fork-{}", ix - n_arms + 1)),
        };
        session.record(&place, reason)?;
    }
    Ok(())
}
