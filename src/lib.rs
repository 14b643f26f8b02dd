//! invado simulates a tumour's microenvironment under the FAK inhibitor defactinib: matrix, drug and FAK activity on a
//! grid, and particle cells that sense, crawl, adhere, divide and die in it.
//!
//! # How a run flows
//!
//! 1. A TOML file becomes a [`scenario::Scenario`]: what was typed, with places. [`quantity`] reads the units,
//!    [`parameters`] holds every default with its evidence, [`compounds`] those of a compound.
//! 2. [`model::Model`] is what it means. Every check is there; what exists is valid and in µm, min and nM.
//! 3. [`coefficients::Coefficients`] are the model's numbers as both engines multiply by them.
//! 4. [`simulation::Simulation`] steps a model on an [`simulation::Engine`]: [`cpu::CpuEngine`] in plain Rust or
//!    [`gpu::GpuEngine`] in WGSL, both by the one list [`pass::Pass::STEP`]. [`dosing`] says what is in the bath, the
//!    border or the vessels at each step, [`event`] what is done by hand between two of them.
//! 5. [`state::HostState`] is the currency between all of them: initial state, upload, download, comparison.
//! 6. [`observe`] measures it (between reports from its [`state::Bodies`] alone), [`dose_response`] compares the wells of a series and [`spread`] says how far replicates differ, [`ledger`] checks that no mass is lost, [`export`] and [`record`] write it, [`render`] paints it, [`report`] tells of it, and [`command`] ties these
//!    together for the command line in [`cli`]. [`verify`] holds the whole against closed forms, published data and the other engine;
//!    [`lesson`] a scenario against what it says to expect.
//!
//! Randomness comes from [`rng`] alone, keyed by seed, cell and step, so that results never depend on threads.

#![warn(clippy::unwrap_used)]

pub mod bench;
pub mod cli;
pub mod coefficients;
pub mod command;
pub mod compounds;
pub mod cpu;
pub mod dose_response;
pub mod dosing;
pub mod error;
pub mod event;
pub mod export;
pub mod gpu;
pub mod hierarchy;
pub mod ledger;
pub mod lesson;
pub mod model;
pub mod observe;
pub mod parameters;
pub mod pass;
pub mod quantity;
pub mod record;
pub mod render;
pub mod report;
pub mod rng;
pub mod scenario;
pub mod simulation;
pub mod spread;
pub mod state;
pub mod verify;
#[cfg(feature = "viewer")]
pub mod viewer;
