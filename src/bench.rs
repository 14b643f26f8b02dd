//! Timing of every pass: warm-up, median and spread, work per second, and achieved against counted bytes.

mod traffic;

use serde::Serialize;

use crate::coefficients::Coefficients;
use crate::error::UsageError;
use crate::model::Model;
use crate::parameters::Parameters;
use crate::pass::Pass;
use crate::simulation::{Engine, EngineError, StepInput};

pub use traffic::{Work, traffic};

/// Figures of one pass.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Timing {
    /// Name of the pass.
    pub pass: &'static str,
    /// Median time, ms.
    pub median_ms: f64,
    /// Shortest, ms.
    pub min_ms: f64,
    /// Tenth percentile, ms.
    pub p10_ms: f64,
    /// Ninetieth percentile, ms.
    pub p90_ms: f64,
    /// What is counted: voxel updates, cell steps or bins.
    pub unit: &'static str,
    /// Of those, how many a second at the median.
    pub per_second: f64,
    /// Bytes that the pass must move, by count.
    pub bytes: u64,
    /// Those bytes over the median time, GB/s.
    pub gb_per_second: f64,
}

/// Figures of a scene on an engine.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Program version.
    pub version: &'static str,
    /// `cpu` or `gpu`.
    pub engine: String,
    /// Adapter and driver, or threads.
    pub description: String,
    /// Voxels of the grid.
    pub n_voxels: u64,
    /// Cells at the start.
    pub n_cells: u64,
    /// Timed repetitions.
    pub repetitions: usize,
    /// A row a pass.
    pub passes: Vec<Timing>,
    /// Sum of the medians of one step without `fate`, ms.
    pub step_ms: f64,
}

/// A confluent 2-D scene with drug, matrix, FAK and attractant: `n` voxels a side, one cell for each `10·n²/cells` voxels or so.
///
/// # Errors
/// The machine's memory does not hold it.
pub fn scene(n: u32, cells: u32) -> Result<Model, UsageError> {
    let size = 10 * n;
    Model::from_toml(&format!(
        r#"
title = "bench"
seed = 1
[domain]
size = ["{size} um", "{size} um"]
voxel = "10 um"
[time]
duration = "1000 h"
[fields.drug]
diffusivity = "20 um^2/s"
[fields.ecm]
initial = 0.5
[fields.fak]
[fields.attractant]
diffusivity = "20 um^2/s"
initial = {{ linear = {{ axis = "x", from = "0 nM", to = "100 nM" }} }}
[[cells]]
type = "pc-3"
place = {{ rectangle = {{ from = ["0 um", "0 um"], to = ["{size} um", "{size} um"], count = {cells} }} }}
[dose]
bath = "100 nM"
"#
    ))
}

/// Confluent tissue of about `cells` cells in 2 or 3 dimensions, in matrix under drug: at the density at which division
/// stops, placed at random.
///
/// # Errors
/// The machine's memory does not hold it.
pub fn tissue(dimensions: u32, cells: u32) -> Result<Model, UsageError> {
    let capacity = Parameters::default().value(if dimensions == 3 { "K_3d" } else { "K_2d" });
    let voxels = (f64::from(cells) / capacity).powf(1.0 / f64::from(dimensions)) / 20.0;
    let size = 20 * voxels.round().max(1.0) as u64;
    let corner = |um: u64| vec![format!("\"{um} um\""); dimensions as usize].join(", ");
    Model::from_toml(&format!(
        r#"
title = "tissue"
seed = 1
[domain]
size = [{0}]
voxel = "20 um"
[time]
duration = "1000 h"
[fields.drug]
initial = "10 nM"
[fields.ecm]
initial = 0.5
[[cells]]
type = "pc-3"
place = {{ rectangle = {{ from = [{1}], to = [{0}], count = {cells} }} }}
"#,
        corner(size),
        corner(0)
    ))
}

/// The passes that the model needs, in the order of a step; one that has two turns in it stands twice.
fn passes(model: &Model) -> Vec<Pass> {
    let coefficients = Coefficients::new(model);
    Pass::STEP
        .into_iter()
        .filter(|pass| pass.is_needed(&coefficients))
        .collect()
}

/// Times every pass in the order of a step, `repetitions` times after `warm_up` whole steps.
///
/// # Errors
/// The engine failed.
pub fn measure(
    engine: &mut dyn Engine,
    model: &Model,
    warm_up: u64,
    repetitions: usize,
) -> Result<Report, EngineError> {
    engine.load(&crate::model::initial_state(model))?;
    let input = |step| StepInput::bathed(step, 100.0);
    engine.run(&(0..warm_up).map(input).collect::<Vec<_>>())?;
    let needed = passes(model);
    let mut times = vec![Vec::with_capacity(repetitions); needed.len()];
    for repetition in 0..repetitions {
        for (slot, pass) in needed.iter().copied().enumerate() {
            let took = engine.timed(pass, input(warm_up + repetition as u64))?;
            times[slot].push(took.as_secs_f64());
        }
    }
    let n_cells = engine.download()?.cells.len() as u64;
    let passes: Vec<Timing> = needed
        .into_iter()
        .zip(times)
        .map(|(pass, mut times)| {
            times.sort_by(f64::total_cmp);
            let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
            let work = traffic(pass, model, n_cells);
            let median = at(0.5).max(1e-9);
            Timing {
                pass: pass.name(),
                median_ms: 1e3 * median,
                min_ms: 1e3 * times[0],
                p10_ms: 1e3 * at(0.1),
                p90_ms: 1e3 * at(0.9),
                unit: work.unit,
                per_second: work.count as f64 / median,
                bytes: work.bytes,
                gb_per_second: work.bytes as f64 / median / 1e9,
            }
        })
        .collect();
    let step_ms = passes
        .iter()
        .filter(|t| t.pass != Pass::Fate.name())
        .map(|t| t.median_ms)
        .sum();
    Ok(Report {
        version: env!("CARGO_PKG_VERSION"),
        engine: engine.name().to_string(),
        description: engine.description(),
        n_voxels: model.grid().n_voxels() as u64,
        n_cells,
        repetitions,
        passes,
        step_ms,
    })
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "invado {} · engine {} on {}",
            self.version, self.engine, self.description
        )?;
        writeln!(
            f,
            "{} voxels, {} cells, {} repetitions",
            self.n_voxels, self.n_cells, self.repetitions
        )?;
        writeln!(
            f,
            "{:<9} {:>10} {:>10} {:>10} {:>10}  {:>24} {:>9} {:>8}",
            "pass", "median ms", "min", "p10", "p90", "work", "MB moved", "GB/s"
        )?;
        for t in &self.passes {
            writeln!(
                f,
                "{:<9} {:>10.4} {:>10.4} {:>10.4} {:>10.4}  {:>12.1} M {:<9} {:>9.2} {:>8.2}",
                t.pass,
                t.median_ms,
                t.min_ms,
                t.p10_ms,
                t.p90_ms,
                t.per_second / 1e6,
                format!("{}/s", t.unit),
                t.bytes as f64 / 1e6,
                t.gb_per_second
            )?;
        }
        write!(
            f,
            "a step without fate: {:.3} ms, {:.1} M cell-steps/s",
            self.step_ms,
            self.n_cells as f64 / self.step_ms / 1e3
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pass_is_timed() {
        let model = scene(32, 100).unwrap();
        let mut engine = crate::cpu::CpuEngine::new(&model);
        let report = measure(&mut engine, &model, 2, 3).unwrap();
        assert_eq!(report.passes.len(), passes(&model).len());
        for timing in &report.passes {
            assert!(timing.median_ms > 0.0 && timing.bytes > 0, "{timing:?}");
            assert!(timing.min_ms <= timing.median_ms && timing.median_ms <= timing.p90_ms);
        }
    }
}
