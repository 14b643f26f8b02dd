//! What is done to a run by hand between two steps: a dose that is changed, a tablet that is missed, a stroke of a
//! brush. Every act is recorded, so that a session can be replayed to the same bits.

use serde::{Deserialize, Serialize};

use crate::compounds::Target;
use crate::model::{FieldKind, Model, Stroke};

/// An act and when it was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The first step that sees it.
    pub step: u64,
    /// What was done.
    #[serde(flatten)]
    pub act: Act,
}

/// What can be done to a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Free FAK inhibitor in the bath, the border or the vessels from then on, nM, whatever the scenario gives.
    BathNm(f64),
    /// The level of another compound that the scenario gives.
    Level(Level),
    /// A dose of a regimen that is missed, or taken after all.
    Intake(Intake),
    /// A field set to a value under a brush.
    Paint(Paint),
    /// Cells set down under a brush.
    Seed(Seed),
    /// Cells taken away under a brush.
    Cut(Stroke),
}

/// See [`Act::Level`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Name of the compound.
    pub compound: String,
    /// Its free level from then on, nM.
    pub free_nm: f64,
}

/// See [`Act::Intake`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intake {
    /// Name of the compound.
    pub compound: String,
    /// Number of the dose, from 1.
    pub dose: usize,
    /// Whether it is taken.
    pub taken: bool,
}

/// See [`Act::Paint`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paint {
    /// Name of the field.
    pub field: String,
    /// What its voxels are set to, in the field's unit.
    pub value: f32,
    /// Where.
    pub stroke: Stroke,
}

/// See [`Act::Seed`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// Index into the model's cell types.
    pub type_ix: usize,
    /// How many; fewer where there is no more room between the cells that are there.
    pub count: u32,
    /// Where.
    pub stroke: Stroke,
}

/// Cells that one stroke sets down at most.
pub const MOST_SEEDS: u32 = 10_000;

impl Act {
    /// Whether it changes levels and not the state.
    pub fn is_dose(&self) -> bool {
        matches!(self, Act::BathNm(_) | Act::Level(_) | Act::Intake(_))
    }

    /// Whether `later`, done between the same two steps, takes its place.
    pub(crate) fn yields_to(&self, later: &Act) -> bool {
        match (self, later) {
            (Act::BathNm(_), Act::BathNm(_)) => true,
            (Act::Level(a), Act::Level(b)) => a.compound == b.compound,
            (Act::Intake(a), Act::Intake(b)) => a.compound == b.compound && a.dose == b.dose,
            _ => false,
        }
    }

    /// One line for people.
    pub fn told(&self) -> String {
        let number = crate::render::annotation::number;
        match self {
            Act::BathNm(level) => format!("bath at {} nM (free)", number(*level)),
            Act::Level(level) => {
                format!("{} at {} nM (free)", level.compound, number(level.free_nm))
            }
            Act::Intake(intake) => {
                let taken = if intake.taken { "taken" } else { "missed" };
                format!("dose {} of {} {taken}", intake.dose, intake.compound)
            }
            Act::Paint(paint) => {
                let unit = kind(&paint.field).map_or("", FieldKind::unit);
                let value = number(f64::from(paint.value));
                format!("{} painted at {value} {unit}", paint.field)
                    .trim_end()
                    .to_string()
            }
            Act::Seed(seed) => format!("up to {} cells set down", seed.count),
            Act::Cut(_) => "cells cut away".to_string(),
        }
    }

    /// Whether the act makes sense at a step of a model.
    ///
    /// # Errors
    /// A sentence that names what is wrong and what is allowed.
    pub fn check(&self, model: &Model, step: u64) -> Result<(), String> {
        let level = |what: &str, nm: f64| match nm.is_finite() && nm >= 0.0 {
            true => Ok(()),
            false => Err(format!(
                "{what} of {nm} nM is no level; allowed: 0 nM or more"
            )),
        };
        match self {
            Act::BathNm(nm) => level("a bath", *nm),
            Act::Level(Level { compound, free_nm }) => {
                if treatment(model, compound)?.target == Target::Fak {
                    return Err(format!(
                        "{compound} inhibits FAK; give its level as bath_nm"
                    ));
                }
                level(compound, *free_nm)
            }
            Act::Intake(intake) => check_intake(intake, model, step),
            Act::Paint(paint) => {
                let name = &paint.field;
                let named = model.fields().iter().find(|f| f.kind.name() == name);
                if named.is_none() {
                    let names = model.fields().iter().map(|f| f.kind.name());
                    return Err(crate::scenario::unknown("field of this run", name, names));
                }
                if !(paint.value.is_finite() && paint.value >= 0.0) {
                    let value = paint.value;
                    return Err(format!("{name} of {value} cannot be; allowed: 0 or more"));
                }
                paint.stroke.check(model.grid())
            }
            Act::Seed(seed) => {
                let types = model.cell_types().len();
                if seed.type_ix >= types {
                    return Err(format!(
                        "cell type {} does not exist; the run has {types}, counted from 0",
                        seed.type_ix
                    ));
                }
                if !(1..=MOST_SEEDS).contains(&seed.count) {
                    return Err(format!(
                        "a stroke cannot set down {} cells; allowed: 1 to {MOST_SEEDS}",
                        seed.count
                    ));
                }
                seed.stroke.check(model.grid())
            }
            Act::Cut(_) if model.cell_types().is_empty() => {
                Err("the run has no cells to cut".to_string())
            }
            Act::Cut(stroke) => stroke.check(model.grid()),
        }
    }
}

/// A field by its name.
pub(crate) fn kind(name: &str) -> Option<FieldKind> {
    FieldKind::ALL.into_iter().find(|kind| kind.name() == name)
}

fn treatment<'a>(model: &'a Model, compound: &str) -> Result<&'a crate::dosing::Treatment, String> {
    let all = model.dose().treatments();
    if all.is_empty() {
        return Err(format!(
            "this run gives no compound, and so not {compound}; add [dose] to its scenario"
        ));
    }
    all.iter().find(|t| t.compound == compound).ok_or_else(|| {
        let names = all.iter().map(|t| t.compound.as_str());
        crate::scenario::unknown("compound of this run", compound, names)
    })
}

/// What is in the body cannot be taken back, and a dose that the scenario leaves out was never bought.
fn check_intake(intake: &Intake, model: &Model, step: u64) -> Result<(), String> {
    let Intake { compound, dose, .. } = intake;
    let regimen = treatment(model, compound)?.regimen();
    let regimen = regimen.ok_or_else(|| format!("{compound} is not given by doses"))?;
    let n = regimen.intakes.len();
    let planned = dose.checked_sub(1).and_then(|ix| regimen.intakes.get(ix));
    let planned =
        planned.ok_or_else(|| format!("{compound} has no dose {dose}; allowed: 1 to {n}"))?;
    if !planned.taken {
        return Err(format!("the scenario leaves dose {dose} of {compound} out"));
    }
    if planned.at_min < model.dt_min() * step as f64 {
        let hours = planned.at_min / 60.0;
        return Err(format!(
            "dose {dose} of {compound} was due at {hours} h, which is over; change one to come"
        ));
    }
    Ok(())
}

/// Refuses events that no session records.
///
/// # Errors
/// A sentence without place.
pub fn check(events: &[Event], model: &Model) -> Result<(), String> {
    if !events.is_sorted_by_key(|event| event.step) {
        return Err("its events are damaged: steps must rise; run the scenario again".to_string());
    }
    for (i, event) in events.iter().enumerate() {
        (event.act.check(model, event.step))
            .map_err(|why| format!("its event {}: {why}", i + 1))?;
    }
    Ok(())
}
