//! `invado`: parse, run, print one error with its remedy.

use std::process::ExitCode;

use clap::Parser;
use invado::cli::Cli;
use invado::error::UsageError;

fn main() -> ExitCode {
    env_logger::Builder::from_env(
        env_logger::Env::default().default_filter_or("error,wgpu_hal=off"),
    )
    .init();
    match invado::command::run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            // 2: the command or the scenario is wrong; 1: the run failed.
            ExitCode::from(if error.is::<UsageError>() { 2 } else { 1 })
        }
    }
}
