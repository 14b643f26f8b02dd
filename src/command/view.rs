//! `invado view`

use std::process::ExitCode;
use std::time::Instant;

use crate::cli::ViewArgs;
use crate::cpu::CpuEngine;
use crate::export::ObservablesCsv;
use crate::gpu::{GpuContext, GpuEngine};
use crate::model::Model;
use crate::record::{RunJson, Status, make_folder};
use crate::render::View;
use crate::simulation::Engine;
use crate::viewer::{EngineFactory, Looks, Session, open};

/// Opens the window; writes the session's record when it closes, if asked to.
pub(super) fn view(args: &ViewArgs) -> anyhow::Result<ExitCode> {
    let mut sets = args.overrides.sets.clone();
    sets.extend(args.overrides.seed.map(|n| format!("seed={n}")));
    let (scenario, model) = super::load(&args.scenario, &sets)?;
    let chosen = super::engine::choose(&args.engine, &model)?;
    if let Some(folder) = &args.out {
        make_folder(folder, false)?;
    }
    let on_gpu = chosen.context.clone();
    // The window needs an adapter to draw with, also where the CPU computes.
    let context = match &on_gpu {
        Some(context) => context.clone(),
        None => GpuContext::new(None)?,
    };
    let description = (chosen.engine.name(), chosen.engine.description());
    let looks = Looks {
        view: View::of(&model, [960, 800]),
        machine: format!(
            "Engine: {} on {}. Drawn by {}.",
            description.0,
            description.1,
            context.summary().name
        ),
    };
    let factory: EngineFactory = match on_gpu {
        Some(context) => Box::new(move |model: &Model| {
            let engine = GpuEngine::new(&context, model)?;
            Ok(Box::new(engine) as Box<dyn Engine>)
        }),
        None => Box::new(|model: &Model| Ok(Box::new(CpuEngine::new(model)) as Box<dyn Engine>)),
    };
    let start = Instant::now();
    let session = open(Session::new(model, factory)?, looks, context)?;
    if let Some(folder) = &args.out {
        let mut json = RunJson::begin(&scenario, session.model(), description, &chosen.reason);
        json.status = if session.failure().is_some() {
            Status::Failed
        } else {
            Status::Finished
        };
        json.error = session.failure().map(str::to_string);
        json.wall_time_s = start.elapsed().as_secs_f64();
        json.steps = session.state().step;
        json.time_h = session.model().time_h(json.steps);
        json.events = session.simulation().events().to_vec();
        json.state_hash = Some(session.state().hash());
        let mut table = ObservablesCsv::new(folder.join("observables.csv"));
        for row in session.samples() {
            table.add(row.clone())?;
        }
        json.write(folder)?;
    }
    Ok(ExitCode::SUCCESS)
}
