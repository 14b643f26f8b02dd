//! [`Arm`]: one simulation of a course and what was observed of it.

use std::sync::Arc;

use crate::event::{Act, Event};
use crate::ledger::{Balance, Ledger};
use crate::model::Model;
use crate::observe::{Baseline, Row, checked, observe};
use crate::simulation::{ActError, Engine, EngineError, Simulation};
use crate::state::HostState;

use super::{ArmPlan, Kept};

/// Steps that kept samples are apart at least, as a share of the whole run; the newest is always there.
const KEPT_ROWS: u64 = 2880;

/// Rows in order of time; cheap to hand to another thread.
pub type Rows = Arc<Vec<Arc<Row>>>;

/// A simulation on its way.
pub struct Arm {
    plan: ArmPlan,
    simulation: Simulation,
    baseline: Baseline,
    state: Arc<HostState>,
    rows: Rows,
    /// Step of the newest row, and of the last one that stays.
    row_step: u64,
    kept_step: u64,
    /// A stroke has changed the state since it was looked at.
    is_stale: bool,
}

impl Arm {
    /// Seeds the model and loads it into an engine.
    ///
    /// # Errors
    /// The engine cannot hold the model.
    pub fn begin(plan: ArmPlan, engine: Box<dyn Engine>) -> Result<Self, EngineError> {
        let mut simulation = Simulation::new((*plan.model).clone(), engine)?;
        if plan.withheld {
            simulation.set_bath_nm(0.0);
        }
        let state = Arc::new(simulation.snapshot()?);
        let baseline = Baseline::new(&plan.model, &state);
        let mut arm = Self {
            plan,
            simulation,
            baseline,
            state,
            rows: Rows::default(),
            row_step: 0,
            kept_step: 0,
            is_stale: false,
        };
        let balances = arm.baseline.balances(arm.model(), &arm.state, &[]);
        arm.observe(&balances);
        Ok(arm)
    }

    /// What it was planned as.
    pub fn plan(&self) -> &ArmPlan {
        &self.plan
    }
    /// The model.
    pub fn model(&self) -> &Model {
        &self.plan.model
    }
    /// The simulation.
    pub fn simulation(&self) -> &Simulation {
        &self.simulation
    }
    /// The state that was last looked at.
    pub fn state(&self) -> &Arc<HostState> {
        &self.state
    }
    /// What was observed.
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// Sets the bath from the next step on, nM.
    pub fn set_bath_nm(&mut self, bath_nm: f64) {
        if bath_nm != self.simulation.bath_nm() {
            self.simulation.set_bath_nm(bath_nm);
        }
    }

    /// Does something by hand.
    ///
    /// # Errors
    /// It makes no sense here and nothing has changed, or the engine failed.
    pub fn act(&mut self, act: Act) -> Result<(), ActError> {
        let is_stroke = !act.is_dose();
        self.simulation.act(act)?;
        self.is_stale |= is_stroke;
        Ok(())
    }

    /// Runs steps.
    ///
    /// # Errors
    /// The engine failed.
    pub fn run(&mut self, n: u64) -> Result<(), EngineError> {
        self.simulation.run(n)
    }

    /// Copies the present state out, unless that was done already.
    ///
    /// # Errors
    /// The engine failed.
    pub fn look(&mut self) -> Result<(), EngineError> {
        if self.simulation.step() != self.state.step || self.is_stale {
            self.state = Arc::new(self.simulation.snapshot()?);
        }
        Ok(())
    }

    /// What was booked so far.
    ///
    /// # Errors
    /// The engine failed.
    pub fn ledgers(&mut self) -> Result<Vec<Ledger>, EngineError> {
        self.simulation.ledgers()
    }

    /// Observes the present state, unless that was done already.
    ///
    /// # Errors
    /// The engine failed, or mass is lost.
    pub fn sample(&mut self) -> Result<(), EngineError> {
        if self.simulation.step() == self.row_step && !self.is_stale {
            return self.look();
        }
        let (state, balances) = checked(&mut self.simulation, &self.baseline)?;
        self.state = Arc::new(state);
        self.is_stale = false;
        self.observe(&balances);
        Ok(())
    }

    fn observe(&mut self, balances: &[Balance]) {
        let row = observe(
            self.simulation.model(),
            &self.state,
            balances,
            self.simulation.events(),
            &self.baseline,
        );
        log::debug!(
            "sample {} {:.4} {:.6}",
            self.plan.name.to_lowercase().replace(' ', "_"),
            row.get("time_h").unwrap_or(f64::NAN),
            row.get("mean_pfak").unwrap_or(f64::NAN)
        );
        // The newest row takes the place of the one before, until that is far enough from the last one kept.
        let apart = (self.model().n_steps() / KEPT_ROWS).max(1);
        let rows = Arc::make_mut(&mut self.rows);
        if !rows.is_empty() && self.row_step == self.state.step {
            // A stroke without a step.
            rows.pop();
        } else if rows.len() > 1 && self.row_step < self.kept_step + apart {
            rows.pop();
        } else {
            self.kept_step = self.row_step;
        }
        rows.push(Arc::new(row));
        self.row_step = self.state.step;
    }

    /// Goes back to a state that was kept; later rows and events go.
    ///
    /// # Errors
    /// The engine failed.
    pub fn rewind(
        self,
        engine: impl FnOnce(Box<dyn Engine>) -> Result<Box<dyn Engine>, EngineError>,
        kept: &Kept,
    ) -> Result<Self, EngineError> {
        let state = &kept.state;
        let step = state.step;
        let events = before(self.simulation.events(), kept, self.plan.withheld);
        let engine = engine(self.simulation.into_engine())?;
        let model = (*self.plan.model).clone();
        let simulation = Simulation::resume(model, engine, state, events, kept.booked.clone())?;
        let end_h = self.plan.model.time_h(step) * (1.0 + 1e-12);
        let is_past = |row: &Arc<Row>| row.get("time_h").is_some_and(|h| h <= end_h);
        let rows: Vec<_> = self
            .rows
            .iter()
            .filter(|row| is_past(row))
            .cloned()
            .collect();
        let row_step = rows.last().map_or(0, |row| {
            let min = row.get("time_h").unwrap_or(0.0) * 60.0;
            (min / self.plan.model.dt_min()).round() as u64
        });
        Ok(Self {
            simulation,
            state: state.clone(),
            rows: Arc::new(rows),
            row_step,
            kept_step: row_step,
            is_stale: false,
            ..self
        })
    }
}

/// What was done by hand before a state was kept; a dose that was changed at its very step belongs to what followed, and
/// one that is withheld stays withheld.
fn before(events: &[Event], kept: &Kept, withheld: bool) -> Vec<Event> {
    let step = kept.state.step;
    let is_seen = |(ix, event): &(usize, &Event)| {
        let stroke_at_step = event.step == step && *ix < kept.n_events && !event.act.is_dose();
        event.step < step || stroke_at_step || (withheld && *ix == 0)
    };
    let events = events.iter().enumerate().filter(is_seen);
    events.map(|(_, event)| event.clone()).collect()
}
