//! One function a command.

mod bench;
mod check;
mod engine;
mod export;
mod figures;
mod list;
mod measure;
mod plate;
mod replay;
mod report;
mod run;
#[cfg(feature = "viewer")]
mod screenshots;
mod verify;
#[cfg(feature = "viewer")]
mod view;

use std::process::ExitCode;

use crate::cli::{Cli, Command};
use crate::error::UsageError;
use crate::model::Model;
use crate::scenario::Scenario;

pub use engine::Chosen;

/// Does what the command line asks.
///
/// # Errors
/// A [`UsageError`] where the command or the scenario is wrong, anything else where the run failed.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        #[cfg(feature = "viewer")]
        None => view::view(&crate::cli::ViewArgs {
            scenario: None,
            single: false,
            out: None,
            overrides: crate::cli::ScenarioArgs {
                seed: None,
                sets: Vec::new(),
            },
            engine: crate::cli::EngineArgs::default(),
        }),
        // clap shows the help where there is no window to open.
        #[cfg(not(feature = "viewer"))]
        None => Ok(ExitCode::from(2)),
        #[cfg(feature = "viewer")]
        Some(Command::View(args)) => view::view(&args),
        #[cfg(feature = "viewer")]
        Some(Command::Screenshots(args)) => screenshots::screenshots(&args),
        Some(Command::Run(args)) => run::run(&args),
        Some(Command::Replay(args)) => replay::replay(&args),
        Some(Command::Report(args)) => report::report(&args),
        Some(Command::Export(args)) => export::export(&args),
        Some(Command::Check(args)) => check::check(&args),
        Some(Command::List { what }) => list::list(what),
        Some(Command::Bench(args)) => bench::bench(&args),
        Some(Command::Verify(args)) => verify::verify(&args),
    }
}

/// Prints to standard output; a reader who has seen enough (`| head`) is no error.
fn print(text: &str) -> std::io::Result<()> {
    use std::io::Write;
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(why) if why.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Loads a scenario with its overrides and gives it its meaning.
fn load(name: &str, sets: &[String]) -> Result<(Scenario, Model), UsageError> {
    let scenario = Scenario::load(name, sets)?;
    let model = Model::try_from(&scenario)?;
    Ok((scenario, model))
}
