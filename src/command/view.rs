//! `invado view`: the window, and the record that it leaves.

use std::cell::RefCell;
use std::process::ExitCode;

use crate::cli::ViewArgs;
use crate::cpu::CpuEngine;
use crate::gpu::{GpuContext, GpuEngine};
use crate::model::Model;
use crate::record::make_folder;
use crate::simulation::{Engine, EngineError};
use crate::viewer::{self, Start};

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
        session.record(folder, &scenario, &chosen.reason)?;
    }
    Ok(ExitCode::SUCCESS)
}
