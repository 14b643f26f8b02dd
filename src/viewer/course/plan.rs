//! [`Plan`]: the arms that a scenario is played in.

use std::sync::Arc;

use crate::error::UsageError;
use crate::model::Model;
use crate::scenario::Scenario;

/// One arm before it is played.
#[derive(Clone, Debug)]
pub struct ArmPlan {
    /// Name, e.g. `Vehicle`.
    pub name: String,
    /// The scenario that it runs.
    pub scenario: Scenario,
    /// Its meaning.
    pub model: Arc<Model>,
    /// Whether the FAK inhibitor is withheld from the first step on, as a live change to 0 nM.
    pub withheld: bool,
}

/// A scenario as it is played: its arms, all from one seed and on one clock.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The scenario as it was read.
    pub scenario: Scenario,
    /// At least one; the last is the one that is looked at first.
    pub arms: Vec<ArmPlan>,
}

impl Plan {
    /// The arms that a scenario names; else, where it gives a FAK inhibitor, its vehicle beside it; else itself alone.
    ///
    /// # Errors
    /// The scenario or an arm makes no sense; with place.
    pub fn new(scenario: &Scenario) -> Result<Self, UsageError> {
        if !scenario.file.arm.is_empty() {
            let arms = scenario.arms()?.into_iter().map(|(name, scenario)| {
                let model = Arc::new(Model::try_from(&scenario)?);
                Ok(ArmPlan {
                    name,
                    scenario,
                    model,
                    withheld: false,
                })
            });
            return Ok(Self {
                scenario: scenario.clone(),
                arms: arms.collect::<Result<_, UsageError>>()?,
            });
        }
        let mut plan = Self::single(scenario)?;
        let treated = &plan.arms[0];
        if treated.model.dose().is_given() {
            let vehicle = ArmPlan {
                name: vehicle_name(&treated.model),
                withheld: true,
                ..treated.clone()
            };
            plan.arms.insert(0, vehicle);
        }
        Ok(plan)
    }

    /// The scenario alone, without its arms.
    ///
    /// # Errors
    /// The scenario makes no sense; with place.
    pub fn single(scenario: &Scenario) -> Result<Self, UsageError> {
        let model = Arc::new(Model::try_from(scenario)?);
        let name = if model.dose().is_given() {
            "Treated"
        } else {
            "Run"
        };
        Ok(Self {
            scenario: scenario.clone(),
            arms: vec![ArmPlan {
                name: name.to_string(),
                scenario: scenario.clone(),
                model,
                withheld: false,
            }],
        })
    }

    /// The same under another seed.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        for arm in &mut self.arms {
            arm.model = Arc::new((*arm.model).clone().with_seed(seed));
        }
        self
    }

    /// Seed of every arm.
    pub fn seed(&self) -> u64 {
        self.arms[0].model.seed()
    }
}

/// What the arm without FAK inhibitor is: a vehicle only where nothing else is given.
fn vehicle_name(model: &Model) -> String {
    match (model.dose().treatments().len(), model.dose().inhibitor()) {
        (2.., Some(inhibitor)) => format!("Without {}", inhibitor.compound),
        _ => "Vehicle".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(scenario: &str) -> Vec<(String, bool)> {
        let scenario = Scenario::load(scenario, &[]).unwrap();
        let arms = Plan::new(&scenario).unwrap().arms.into_iter();
        arms.map(|arm| (arm.name, arm.withheld)).collect()
    }

    #[test]
    fn a_dose_gets_its_vehicle_and_arms_stay_as_they_are() {
        let expected = [("Vehicle", true), ("Treated", false)];
        assert_eq!(names("scratch"), expected.map(|(n, w)| (n.to_string(), w)));
        let pdac = names("pdac");
        assert_eq!(pdac.len(), 4);
        assert!(pdac[0].0 == "vehicle" && pdac.iter().all(|(_, withheld)| !withheld));
    }
}
