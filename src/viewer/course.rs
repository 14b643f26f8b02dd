//! [`Course`]: the arms of a scenario on one clock, with a time line to go back on. No thread and no window in it.

mod arm;
mod plan;
mod timeline;

use std::sync::Arc;

use crate::event::Act;
use crate::simulation::{ActError, Engine, EngineError};

pub use arm::{Arm, Rows};
pub use plan::{ArmPlan, Plan};
pub use timeline::{Kept, Snapshot, Timeline};

use super::{EngineMaker, Session};

/// What an arm came to before the course was forked.
#[derive(Clone, Debug)]
pub struct Future {
    /// Which arm.
    pub arm: usize,
    /// Steps done where the course left it.
    pub fork_step: u64,
    /// What was observed, from the start to where it ended.
    pub rows: Rows,
    /// All of it, to be recorded.
    pub session: Arc<Session>,
}

/// Arms that run side by side. All are at the same step whenever a method has returned well.
pub struct Course {
    plan: Plan,
    make_engine: EngineMaker,
    arms: Vec<Arm>,
    timeline: Timeline,
    futures: Vec<Future>,
}

impl Course {
    /// Seeds every arm and takes the first snapshot.
    ///
    /// # Errors
    /// An engine cannot be made or cannot hold its model.
    pub fn begin(plan: Plan, make_engine: EngineMaker) -> Result<Self, EngineError> {
        let arms = (plan.arms.iter())
            .map(|arm| Arm::begin(arm.clone(), make_engine(&arm.model)?))
            .collect::<Result<Vec<_>, _>>()?;
        let mut course = Self {
            timeline: Timeline::new(plan.arms[0].model.n_steps()),
            plan,
            make_engine,
            arms,
            futures: Vec::new(),
        };
        course.keep_if_due()?;
        Ok(course)
    }

    /// The arms.
    pub fn arms(&self) -> &[Arm] {
        &self.arms
    }
    /// The kept states.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }
    /// What was left behind by forks.
    pub fn futures(&self) -> &[Future] {
        &self.futures
    }
    /// Steps done.
    pub fn step(&self) -> u64 {
        self.arms[0].simulation().step()
    }
    /// Steps of the whole run.
    pub fn n_steps(&self) -> u64 {
        self.arms[0].model().n_steps()
    }
    /// Whether every step is done.
    pub fn is_finished(&self) -> bool {
        self.step() >= self.n_steps()
    }

    /// Sets the bath of an arm from the next step on, nM.
    pub fn set_bath_nm(&mut self, arm: usize, bath_nm: f64) {
        if let Some(arm) = self.arms.get_mut(arm) {
            arm.set_bath_nm(bath_nm);
        }
    }

    /// Does something by hand to an arm, or to all of them so that they stay twins.
    ///
    /// # Errors
    /// It makes no sense here and nothing has changed, or an engine failed.
    pub fn act(&mut self, arm: Option<usize>, act: &Act) -> Result<(), ActError> {
        let step = self.step();
        let all = self.arms.iter_mut().enumerate();
        let mut meant: Vec<&mut Arm> = all
            .filter(|(ix, _)| arm.is_none_or(|arm| arm == *ix))
            .map(|(_, each)| each)
            .collect();
        // What one arm refuses is done to none: arms of a scenario may differ in what they have.
        for each in &meant {
            act.check(each.model(), step).map_err(ActError::Refused)?;
        }
        meant.iter_mut().try_for_each(|each| each.act(act.clone()))
    }

    /// Runs every arm up to `n` steps: no farther than the end or the next snapshot, so that snapshots are where they are
    /// due however fast the course is played.
    ///
    /// # Errors
    /// An engine failed; the arms may then be at different steps, and only [`Course::rewind`] brings them together.
    pub fn run(&mut self, n: u64) -> Result<(), EngineError> {
        let step = self.step();
        let end = (step + n)
            .min(self.n_steps())
            .min(self.timeline.next_due(step));
        for arm in &mut self.arms {
            arm.run(end - step)?;
        }
        self.keep_if_due()
    }

    /// Copies the present states out, to be seen.
    ///
    /// # Errors
    /// An engine failed.
    pub fn look(&mut self) -> Result<(), EngineError> {
        self.arms.iter_mut().try_for_each(Arm::look)
    }

    /// Observes the present states.
    ///
    /// # Errors
    /// An engine failed, or mass is lost.
    pub fn sample(&mut self) -> Result<(), EngineError> {
        self.arms.iter_mut().try_for_each(Arm::sample)
    }

    fn keep_if_due(&mut self) -> Result<(), EngineError> {
        if !self.timeline.is_due(self.step()) {
            return Ok(());
        }
        let mut arms = Vec::new();
        for arm in &mut self.arms {
            arm.look()?;
            arms.push(Kept {
                state: arm.state().clone(),
                booked: arm.ledgers()?,
                n_events: arm.simulation().events().len(),
            });
        }
        self.timeline.push(Snapshot {
            step: self.step(),
            arms,
        });
        Ok(())
    }

    /// Goes back to the snapshot at a step, or to the last one before it, to go on from there. Where the course has gone on
    /// since, what `fork` names is kept as a [`Future`].
    ///
    /// # Errors
    /// An engine failed; every arm is then lost, and the course must be begun again.
    pub fn rewind(self, step: u64, fork: Option<usize>, fresh: bool) -> Result<Self, EngineError> {
        let snapshots = self.timeline.snapshots().iter().rev();
        let Some(snapshot) = snapshots.clone().find(|s| s.step <= step).cloned() else {
            return Ok(self);
        };
        let Self {
            plan,
            make_engine,
            arms,
            mut timeline,
            mut futures,
        } = self;
        if let Some(arm) = fork.and_then(|ix| arms.get(ix))
            && arm.simulation().step() > snapshot.step
        {
            futures.push(Future {
                arm: fork.unwrap_or(0),
                fork_step: snapshot.step,
                rows: arm.rows().clone(),
                session: Arc::new(Session::of(arm)),
            });
        }
        let arms = arms.into_iter().zip(&snapshot.arms);
        let arms = arms.map(|(arm, kept)| {
            let model = arm.plan().model.clone();
            // An engine that failed may be on a device that is gone.
            let engine = |old: Box<dyn Engine>| match fresh {
                true => make_engine(&model),
                false => Ok(old),
            };
            arm.rewind(engine, kept)
        });
        let arms = arms.collect::<Result<Vec<_>, _>>()?;
        timeline.cut(snapshot.step);
        Ok(Self {
            plan,
            make_engine,
            arms,
            timeline,
            futures,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::CpuEngine;
    use crate::scenario::Scenario;

    const SETS: [&str; 3] = [
        "domain={ size = [\"190 um\", \"190 um\"], voxel = \"9.5 um\" }",
        "cells=[{ type = \"pc-3\", place = { rectangle = { from = [\"0 um\", \"0 um\"], to = [\"190 um\", \"190 um\"], count = 30 } } }]",
        "assay={}",
    ];

    fn course() -> Course {
        let mut sets: Vec<String> = SETS.map(String::from).to_vec();
        sets.push("time.duration=2 h".to_string());
        let plan = Plan::new(&Scenario::load("scratch", &sets).unwrap()).unwrap();
        Course::begin(plan, Arc::new(|model| Ok(Box::new(CpuEngine::new(model))))).unwrap()
    }

    fn to(course: &mut Course, step: u64) {
        while course.step() < step {
            course.run((step - course.step()).min(7)).unwrap();
        }
        course.sample().unwrap();
    }

    fn hashes(course: &Course) -> Vec<String> {
        course.arms().iter().map(|arm| arm.state().hash()).collect()
    }

    #[test]
    fn the_vehicle_has_no_drug_and_the_treated_arm_is_a_plain_run() {
        let mut course = course();
        to(&mut course, 100);
        let [vehicle, treated] = course.arms() else {
            panic!("two arms")
        };
        assert_eq!(vehicle.simulation().bath_nm(), 0.0);
        assert_eq!(treated.simulation().bath_nm(), 100.0);
        assert_ne!(vehicle.state().hash(), treated.state().hash());
        let drug = vehicle.rows().last().unwrap().get("mean_drug_nm");
        assert_eq!(drug, Some(0.0));
        let model = (*treated.plan().model).clone();
        let engine = Box::new(CpuEngine::new(&model));
        let mut plain = crate::simulation::Simulation::new(model, engine).unwrap();
        plain.run(100).unwrap();
        assert_eq!(plain.snapshot().unwrap().hash(), treated.state().hash());
    }

    #[test]
    fn a_fork_goes_on_to_the_bits_of_a_run_that_never_went_back() {
        let mut course = course();
        to(&mut course, 200);
        let once = hashes(&course);
        course.set_bath_nm(1, 1000.0);
        to(&mut course, 300);
        let high = hashes(&course);
        // Back to where it was before the change: the same future again, and the other one is kept.
        let mut course = course.rewind(200, Some(1), false).unwrap();
        assert_eq!((course.step(), hashes(&course)), (200, once));
        assert_eq!(course.arms()[1].simulation().bath_nm(), 100.0);
        assert_eq!(course.futures().len(), 1);
        assert_eq!(course.futures()[0].session.state.hash(), high[1]);
        course.set_bath_nm(1, 1000.0);
        to(&mut course, 300);
        assert_eq!(hashes(&course), high);
        let mut course = course.rewind(200, Some(1), true).unwrap();
        to(&mut course, 300);
        assert_eq!(hashes(&course)[0], high[0], "the vehicle does not change");
        assert_ne!(hashes(&course)[1], high[1], "the dose does");
        let steps = course.arms()[1].rows().iter().map(|row| row.get("time_h"));
        assert!(steps.is_sorted());
    }

    #[test]
    fn what_one_arm_refuses_is_done_to_none() {
        let mut sets: Vec<String> = SETS.map(String::from).to_vec();
        // Only the first arm has a matrix to paint.
        sets.push("fields={ drug = {}, ecm = { initial = 0.5 }, fak = {} }".to_string());
        sets.push(
            "arm=[{ name = \"with\" }, { name = \"without\", set = { fields = { drug = {} } } }]"
                .to_string(),
        );
        let plan = Plan::new(&Scenario::load("scratch", &sets).unwrap()).unwrap();
        let make: EngineMaker = Arc::new(|model| Ok(Box::new(CpuEngine::new(model))));
        let mut course = Course::begin(plan, make).unwrap();
        let stroke = crate::model::Stroke {
            path_um: vec![[50.0, 50.0, 0.0]],
            radius_um: 20.0,
        };
        let paint = |field: &str| {
            Act::Paint(crate::event::Paint {
                field: field.to_string(),
                value: 3.0,
                stroke: stroke.clone(),
            })
        };
        let start = hashes(&course);
        let refused = course.act(None, &paint("ecm"));
        assert!(matches!(refused, Err(ActError::Refused(_))), "{refused:?}");
        course.look().unwrap();
        assert_eq!(hashes(&course), start);
        assert!(
            course
                .arms()
                .iter()
                .all(|arm| arm.simulation().events().is_empty())
        );
        course.act(None, &paint("drug")).unwrap();
        course.look().unwrap();
        assert!(hashes(&course).iter().zip(&start).all(|(a, b)| a != b));
    }
}
