//! What is measured: one row of named numbers per report, and what a scenario's `[observe]` asks for besides. Every name
//! ends in its unit, or is a bare count or fraction.

pub mod depth;
pub mod motility;
pub mod pairs;
pub mod profile;
mod spheroid;
pub mod tracks;
mod transwell;
mod wound;

use crate::event::Event;
use crate::ledger::{self, Balance, Ledger, Start};
use crate::model::{CellType, Model, Signalling};
use crate::simulation::{EngineError, Simulation};
use crate::state::{Cells, HostState, NO_PARENT, Phase, signal};
use depth::Depth;
use wound::Wound;

/// What later states are compared with.
#[derive(Clone, Debug)]
pub struct Baseline {
    /// Positions at time zero; the index is the id.
    start_um: Vec<[f64; 3]>,
    /// Steady control pFAK.
    control_pfak: f64,
    wound: Option<Wound>,
    open_at_start: f64,
    masses: Start,
    depth: Option<Depth>,
}

impl Baseline {
    /// The baseline of a run from its state at time zero.
    pub fn new(model: &Model, start: &HostState) -> Self {
        let wound = model.assays().scratch.map(Wound::new);
        Self {
            start_um: start.cells.position_radius.iter().map(xyz).collect(),
            control_pfak: Signalling::new(model.parameters()).control().pfak,
            open_at_start: wound.as_ref().map_or(0.0, |w| w.open_share(&start.cells)),
            wound,
            masses: Start::new(model, start),
            depth: Depth::new(model),
        }
    }

    /// The books of every field with a ledger, for a state and what its engine booked up to it.
    pub fn balances(&self, model: &Model, state: &HostState, ledgers: &[Ledger]) -> Vec<Balance> {
        ledger::balances(model, &self.masses, state, ledgers)
    }
}

fn xyz(position: &glam::Vec4) -> [f64; 3] {
    [position.x, position.y, position.z].map(f64::from)
}

/// Named numbers in column order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row(pub Vec<(String, f64)>);

impl Row {
    /// The value of a column.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| *value)
    }

    /// Whether any drug is there, in the bath or in plasma.
    pub fn is_drugged(&self) -> bool {
        self.0.iter().any(|(name, value)| {
            let is_level = ["_nm", "_ng_ml"].iter().any(|unit| name.ends_with(unit));
            is_level && !name.starts_with("mean_") && *value > 0.0
        })
    }

    /// Puts a column behind those of the cells, which end where `bath_nm` stands.
    pub fn put_with_cells(&mut self, name: impl Into<String>, value: f64) {
        let end = self.0.iter().position(|(name, _)| name == "bath_nm");
        self.0
            .insert(end.unwrap_or(self.0.len()), (name.into(), value));
    }

    fn put(&mut self, name: impl Into<String>, value: f64) {
        self.0.push((name.into(), value));
    }
}

/// A simulation's present state, once the books of its fields are seen to close, and those books.
///
/// # Errors
/// The engine failed, or mass is lost.
pub fn checked(
    simulation: &mut Simulation,
    baseline: &Baseline,
) -> Result<(HostState, Vec<Balance>), EngineError> {
    let (state, ledgers) = (simulation.snapshot()?, simulation.ledgers()?);
    let balances = baseline.balances(simulation.model(), &state, &ledgers);
    ledger::guard(simulation.model(), &balances, state.step)?;
    Ok((state, balances))
}

/// Measures a state under the live changes of the dose so far. Sums run in f64 and in storage order, so that equal states give equal rows.
pub fn observe(
    model: &Model,
    state: &HostState,
    balances: &[Balance],
    events: &[Event],
    baseline: &Baseline,
) -> Row {
    let mut row = Row::default();
    row.put("time_h", model.time_h(state.step));
    if !model.cell_types().is_empty() {
        observe_cells(model, state, baseline, &mut row);
    }
    let time_min = model.dt_min() * state.step as f64;
    for (name, level) in model.dose().columns(time_min, state.step, events) {
        row.put(name, level);
    }
    for (kind, values) in &state.fields {
        let sum: f64 = values.iter().map(|&v| f64::from(v)).sum();
        let unit = if kind.unit() == "nM" { "_nm" } else { "" };
        row.put(
            format!("mean_{}{unit}", kind.name()),
            sum / values.len() as f64,
        );
    }
    if let Some(depth) = &baseline.depth {
        for (kind, values) in &state.fields {
            row.put(format!("depth_{}_um", kind.name()), depth.of_field(values));
        }
    }
    for balance in balances {
        let (name, unit) = (balance.kind.name(), ledger::unit(model, balance.kind));
        for (what, amount) in [
            ("mass", balance.mass),
            ("sources", balance.amounts.sources),
            ("sinks", balance.amounts.sinks),
            ("boundary", balance.amounts.boundary),
            ("rounding", balance.amounts.rounding),
            ("rest", balance.rest()),
        ] {
            row.put(format!("{name}_{what}_{unit}"), amount);
        }
    }
    row
}

fn observe_cells(model: &Model, state: &HostState, baseline: &Baseline, row: &mut Row) {
    let cells = &state.cells;
    let phases = || cells.identity.iter().map(|identity| Phase::of(identity[3]));
    let living: Vec<usize> = phases()
        .enumerate()
        .filter(|(_, phase)| !phase.is_dying())
        .map(|(ix, _)| ix)
        .collect();
    row.put("cell_count", living.len() as f64);
    row.put("dying_count", (cells.len() - living.len()) as f64);
    if model.cell_types().iter().any(CellType::goes_or_grows) {
        for phase in [Phase::Going, Phase::Growing] {
            let count = phases().filter(|p| *p == phase).count();
            row.put(format!("{}_count", phase.name()), count as f64);
        }
    }
    let tally = &state.tally;
    row.put("births", tally.births as f64);
    row.put("deaths", tally.all_deaths() as f64);
    for (cause, count) in Phase::CAUSES.iter().zip(tally.deaths) {
        if *cause != Phase::Killed || model.has_killers() {
            row.put(format!("deaths_{}", cause.name()), count as f64);
        }
    }
    if !model.recruits().is_empty() {
        row.put("arrivals", tally.arrivals as f64);
    }
    if model.has_killers() {
        let attached = phases().filter(|p| *p == Phase::Attached).count();
        row.put("attached_count", attached as f64);
    }
    row.put("removals", tally.removals as f64);
    row.put("limited_moves", tally.limited as f64);
    if let Some(wound) = &baseline.wound {
        let closed = 1.0 - wound.open_share(cells) / baseline.open_at_start;
        row.put("wound_closure_percent", 100.0 * closed);
        row.put(
            "relative_wound_density",
            wound.relative_density(model, cells),
        );
    }
    if let Some(assay) = &model.assays().transwell {
        transwell::observe(assay, cells, &living, row);
    }
    if let Some(assay) = &model.assays().spheroid {
        spheroid::observe(model, assay, cells, &living, row);
    }
    let first = row.0.len();
    observe_signals(cells, &living, "", row);
    let pfak = row.0[first].1;
    if model.placements().iter().any(|placement| placement.plated) {
        let attached = row.get("mean_adhesions").unwrap_or(f64::NAN);
        row.put("attached_fraction", attached);
    }
    row.put("mean_pfak_relative", pfak / baseline.control_pfak);
    observe_displacement(model, state, baseline, row);
    let labels = model.type_labels();
    for (type_ix, label) in labels.iter().enumerate() {
        let of_type = |ix: &usize| cells.identity[*ix][1] as usize == type_ix;
        let members: Vec<usize> = living.iter().copied().filter(of_type).collect();
        if labels.len() > 1 {
            row.put(format!("count_{label}"), members.len() as f64);
            observe_signals(cells, &members, &format!("_{label}"), row);
        }
        if let Some(depth) = &baseline.depth {
            let um = depth.of_cells(model, state, &members);
            row.put(format!("depth_{label}_um"), um);
        }
    }
    row.put(
        "nearest_neighbour_um",
        pairs::nearest_neighbour_um(model.grid(), &cells.position_radius),
    );
}

/// Means over some cells of what they signal and how fast they crawl; `suffix` tells groups of cells apart.
fn observe_signals(cells: &Cells, members: &[usize], suffix: &str, row: &mut Row) {
    let n = members.len() as f64;
    let mean = |r: usize| {
        let states = members.iter().map(|&ix| f64::from(cells.signals[r][ix]));
        states.sum::<f64>() / n
    };
    row.put(format!("mean_pfak{suffix}"), mean(signal::PFAK));
    row.put(format!("mean_pcas{suffix}"), mean(signal::PCAS));
    row.put(format!("mean_pakt{suffix}"), mean(signal::PAKT));
    row.put(format!("mean_perk{suffix}"), mean(signal::PERK));
    row.put(
        format!("mean_adhesions{suffix}"),
        mean(signal::FA_NASCENT) + mean(signal::FA_MATURE),
    );
    let speeds = members
        .iter()
        .map(|&ix| f64::from(cells.polarity_speed[ix].w));
    let speed: f64 = speeds.sum();
    row.put(format!("mean_speed{suffix}_um_per_h"), 60.0 * speed / n);
}

/// Mean displacement of the founders that still live, with its standard error. On a periodic axis a cell that has gone
/// around counts as where it is, so that displacements beyond half the box are wrong there.
fn observe_displacement(model: &Model, state: &HostState, baseline: &Baseline, row: &mut Row) {
    let cells = &state.cells;
    let moved: Vec<[f64; 3]> = cells
        .identity
        .iter()
        .zip(&cells.position_radius)
        .filter(|(identity, _)| identity[2] == NO_PARENT && !Phase::of(identity[3]).is_dying())
        .filter_map(|(identity, now)| {
            let start = baseline.start_um.get(identity[0] as usize)?;
            let now = xyz(now);
            Some([0, 1, 2].map(|axis| now[axis] - start[axis]))
        })
        .collect();
    let n = moved.len() as f64;
    for (axis, name) in ["x", "y", "z"]
        .iter()
        .enumerate()
        .take(model.grid().dimensions as usize)
    {
        let mean = moved.iter().map(|d| d[axis]).sum::<f64>() / n;
        let variance = moved.iter().map(|d| (d[axis] - mean).powi(2)).sum::<f64>() / (n - 1.0);
        row.put(format!("mean_displacement_{name}_um"), mean);
        row.put(
            format!("mean_displacement_{name}_se_um"),
            (variance / n).sqrt(),
        );
    }
    let squares: f64 = moved
        .iter()
        .map(|d| d.iter().map(|x| x * x).sum::<f64>())
        .sum();
    row.put("mean_squared_displacement_um2", squares / n);
}
