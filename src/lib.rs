//! invado
pub mod coefficients;
pub mod cpu;
pub mod dosing;
pub mod error;
pub mod gpu;
pub mod model;
pub mod parameters;
pub mod pass;
pub mod quantity;
pub mod render;
pub mod rng;
pub mod scenario;
pub mod simulation;
pub mod state;
