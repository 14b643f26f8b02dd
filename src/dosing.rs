//! What is given, and what it makes of the medium, the border or the vessels: baths and regimens of one or several
//! compounds, and live changes of the dose.

pub mod bath;
pub mod regimen;

use crate::compounds::{LevelUnit, Target};
use crate::event::{Act, Event};
use crate::parameters::Need;
use bath::Bath;
use regimen::{Regimen, Route};

/// What cells and tissue are exposed to in one step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Levels {
    /// Free FAK inhibitor, nM.
    pub inhibitor_nm: f64,
    /// Strength of MEK inhibition m_MEK by compounds: free level over IC50.
    pub mek: f64,
    /// Free docetaxel, ng/mL.
    pub docetaxel_ng_ml: f64,
    /// Share of PD-1 that is blocked, 0…1.
    pub anti_pd1: f64,
}

/// How a compound is given.
#[derive(Clone, Debug, PartialEq)]
pub enum Exposure {
    /// In the medium.
    Bath(Bath),
    /// By mouth or vein; the free plasma level is that of the medium, the border or the vessels. Illustrative.
    Regimen(Regimen),
}

/// One compound as it is given.
#[derive(Clone, Debug, PartialEq)]
pub struct Treatment {
    /// Name of the compound.
    pub compound: String,
    /// What it acts on.
    pub target: Target,
    /// How it is given.
    pub exposure: Exposure,
    /// Free share of the nominal level: of the medium for a bath, of plasma for a regimen.
    pub unbound: f64,
    /// Whether the levels of a bath are nominal.
    pub nominal_axis: bool,
    /// Share of the medium that is serum, 0…1.
    pub serum: f64,
    /// Molar mass, g/mol.
    pub molar_mass: f64,
    /// Free level of half effect, nM; 0 where the model has the effect elsewhere.
    pub ic50_nm: f64,
}

impl Treatment {
    /// Free level at a time, nM, as the scenario plans it.
    pub fn free_nm(&self, time_min: f64) -> f64 {
        match &self.exposure {
            Exposure::Bath(bath) if self.nominal_axis => bath.level_nm(time_min) * self.unbound,
            Exposure::Bath(bath) => bath.level_nm(time_min),
            Exposure::Regimen(regimen) => self.free_of(regimen, time_min),
        }
    }

    fn free_of(&self, regimen: &Regimen, time_min: f64) -> f64 {
        regimen.plasma_ng_ml(time_min) / self.ng_ml_per_nm() * self.unbound
    }

    /// Free level in a step that begins at a time, nM, after what was done to it by hand: a level that was set holds until
    /// the next one, a dose that was missed is not in the plasma.
    pub fn free_nm_after(&self, time_min: f64, step: u64, events: &[Event]) -> f64 {
        let so_far = || events.iter().filter(|event| event.step <= step);
        let set = so_far().rev().find_map(|event| match &event.act {
            Act::BathNm(nm) if self.target == Target::Fak => Some(*nm),
            Act::Level(level) if level.compound == self.compound => Some(level.free_nm),
            _ => None,
        });
        if let Some(nm) = set {
            return nm;
        }
        let by_hand = so_far().filter_map(|event| match &event.act {
            Act::Intake(intake) if intake.compound == self.compound => Some(intake),
            _ => None,
        });
        let mut by_hand = by_hand.peekable();
        match &self.exposure {
            Exposure::Regimen(planned) if by_hand.peek().is_some() => {
                let mut regimen = planned.clone();
                for change in by_hand {
                    let ix = change.dose.wrapping_sub(1);
                    if let Some(intake) = regimen.intakes.get_mut(ix) {
                        *intake = planned.intakes[ix];
                        if !change.taken {
                            (intake.taken, intake.absorbed_mg) = (false, 0.0);
                        }
                    }
                }
                self.free_of(&regimen, time_min)
            }
            _ => self.free_nm(time_min),
        }
    }

    /// 1 nM = MW ng/L.
    fn ng_ml_per_nm(&self) -> f64 {
        self.molar_mass / 1000.0
    }

    /// Whether the treatment has what a value of its compound needs to matter; only needs of a treatment can be met.
    pub fn has(&self, need: Need) -> bool {
        let regimen = self.regimen();
        match need {
            Need::Oral => regimen.is_some_and(|r| matches!(r.route, Route::Mouth { .. })),
            Need::Plasma => regimen.is_some(),
            Need::Protein => regimen.is_some() || self.serum > 0.0,
            Need::Saturable => regimen.is_some_and(|r| r.saturable),
            _ => false,
        }
    }

    /// The regimen, if it is one.
    pub fn regimen(&self) -> Option<&Regimen> {
        match &self.exposure {
            Exposure::Regimen(regimen) => Some(regimen),
            Exposure::Bath(_) => None,
        }
    }
}

/// Everything that a scenario gives; one compound for each target at most.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dosing {
    treatments: Vec<Treatment>,
}

impl Dosing {
    /// Treatments, each of another target.
    pub fn new(treatments: Vec<Treatment>) -> Self {
        Self { treatments }
    }

    /// The same with the first treatment as a constant bath (nM, on its axis).
    #[must_use]
    pub fn in_bath(mut self, level_nm: f64) -> Self {
        if let Some(first) = self.treatments.first_mut() {
            first.exposure = Exposure::Bath(Bath::constant(level_nm));
        }
        self
    }

    /// The treatments in the order of the scenario.
    pub fn treatments(&self) -> &[Treatment] {
        &self.treatments
    }

    /// The treatment with a FAK inhibitor, if there is one.
    pub fn inhibitor(&self) -> Option<&Treatment> {
        self.treatments.iter().find(|t| t.target == Target::Fak)
    }

    /// Whether the scenario gives a FAK inhibitor: without one the field `drug` exchanges with nothing.
    pub fn is_given(&self) -> bool {
        self.inhibitor().is_some()
    }

    /// Whether any level follows from a regimen, so that the axes of time and exposure are illustrative.
    pub fn is_clinical(&self) -> bool {
        self.treatments.iter().any(|t| t.regimen().is_some())
    }

    /// Free FAK inhibitor at a time, nM. A bath that was set by hand holds from its step until the next one, also where the
    /// scenario gives none.
    pub fn bath_nm(&self, time_min: f64, step: u64, events: &[Event]) -> f64 {
        if let Some(inhibitor) = self.inhibitor() {
            return inhibitor.free_nm_after(time_min, step, events);
        }
        let so_far = events.iter().rev().filter(|event| event.step <= step);
        let mut set = so_far.filter_map(|event| match event.act {
            Act::BathNm(nm) => Some(nm),
            _ => None,
        });
        set.next().unwrap_or(0.0)
    }

    /// What a step that begins at a time is exposed to.
    pub fn levels(&self, time_min: f64, step: u64, events: &[Event]) -> Levels {
        let mut levels = Levels {
            inhibitor_nm: self.bath_nm(time_min, step, events),
            ..Levels::default()
        };
        for treatment in &self.treatments {
            let free = treatment.free_nm_after(time_min, step, events);
            match treatment.target {
                Target::Fak => {}
                Target::Mek => levels.mek = free / treatment.ic50_nm,
                Target::Microtubules => levels.docetaxel_ng_ml = free * treatment.ng_ml_per_nm(),
                Target::Pd1 => levels.anti_pd1 = free / (free + treatment.ic50_nm),
            }
        }
        levels
    }

    /// The levels as columns of `observables.csv`, free and nominal: `bath_nm`, with a FAK inhibitor `bath_nominal_nm` and
    /// for its regimen `plasma_ng_ml`; those of other compounds by their names.
    pub fn columns(&self, time_min: f64, step: u64, events: &[Event]) -> Vec<(String, f64)> {
        let bath_nm = self.bath_nm(time_min, step, events);
        let mut columns = vec![("bath_nm".to_string(), bath_nm)];
        if let Some(inhibitor) = self.inhibitor() {
            let nominal = bath_nm / inhibitor.unbound;
            columns.push(("bath_nominal_nm".to_string(), nominal));
            if inhibitor.regimen().is_some() {
                let plasma = nominal * inhibitor.ng_ml_per_nm();
                columns.push(("plasma_ng_ml".to_string(), plasma));
            }
        }
        for treatment in self.treatments.iter().filter(|t| t.target != Target::Fak) {
            let unit = treatment.target.level_unit();
            let factor = match unit {
                LevelUnit::Nm => 1.0,
                LevelUnit::NgPerMl => treatment.ng_ml_per_nm(),
            };
            let free = factor * treatment.free_nm_after(time_min, step, events);
            let (name, unit) = (&treatment.compound, unit.suffix());
            columns.push((format!("{name}_{unit}"), free));
            columns.push((format!("{name}_nominal_{unit}"), free / treatment.unbound));
        }
        columns
    }
}

impl std::fmt::Display for Dosing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.treatments.is_empty() {
            return write!(f, "none");
        }
        for (i, treatment) in self.treatments.iter().enumerate() {
            let and = if i == 0 { "" } else { "; " };
            write!(f, "{and}{treatment}")?;
        }
        Ok(())
    }
}

impl std::fmt::Display for Treatment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let regimen = match &self.exposure {
            Exposure::Bath(bath) => return self.show_bath(bath, f),
            Exposure::Regimen(regimen) => regimen,
        };
        let first = regimen.intakes.first();
        let amounts = (regimen.intakes.iter().map(|i| i.amount_mg))
            .fold([f64::MAX, 0.0], |[low, high], mg| {
                [low.min(mg), high.max(mg)]
            });
        match amounts {
            [low, high] if low < high => write!(f, "{low} to {high} mg")?,
            [_, mg] => write!(f, "{mg} mg")?,
        }
        match regimen.route {
            Route::Mouth { .. } => write!(f, " of {} by mouth", self.compound)?,
            Route::Vein { over_min } => {
                write!(f, " of {} by vein in {} h", self.compound, over_min / 60.0)?;
            }
        }
        if regimen.every_min.is_finite() {
            write!(f, " every {} h", regimen.every_min / 60.0)?;
        }
        let start = first.map_or(0.0, |intake| intake.at_min / 60.0);
        let missed = (regimen.intakes.iter().enumerate()).filter(|(_, intake)| !intake.taken);
        let missed: Vec<usize> = missed.map(|(i, _)| i + 1).collect();
        write!(
            f,
            " from {start} h, {} doses, missed: {missed:?} (illustrative, not clinical)",
            regimen.intakes.len()
        )
    }
}

impl Treatment {
    fn show_bath(&self, bath: &Bath, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let axis = if self.nominal_axis {
            "nominal"
        } else {
            "free drug"
        };
        match bath.events() {
            [event] if event.at_min == 0.0 && event.over_min == 0.0 => {
                write!(f, "bath of {} nM {axis}", event.level_nm)?;
            }
            events => {
                let most = events.iter().map(|e| e.level_nm).fold(0.0, f64::max);
                let n = events.len();
                write!(f, "bath of up to {most} nM {axis} in {n} events")?;
            }
        }
        write!(f, ", {}", self.compound)?;
        if self.unbound < 1.0 {
            write!(f, ", {:.4} of it unbound in the medium", self.unbound)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bath(target: Target, level_nm: f64, ic50_nm: f64) -> Treatment {
        Treatment {
            compound: target.name().to_string(),
            target,
            exposure: Exposure::Bath(Bath::constant(level_nm)),
            unbound: 0.25,
            nominal_axis: false,
            serum: 0.0,
            molar_mass: 500.0,
            ic50_nm,
        }
    }

    #[test]
    fn an_event_holds_until_the_next() {
        let events = [(5, 10.0), (9, 0.0)].map(|(step, nm)| Event {
            step,
            act: Act::BathNm(nm),
        });
        let dosing = Dosing::new(vec![bath(Target::Fak, 3.0, 0.0)]);
        let at = |step| dosing.bath_nm(0.0, step, &events);
        assert_eq!([at(4), at(5), at(8), at(9)], [3.0, 10.0, 10.0, 0.0]);
    }

    #[test]
    fn each_target_has_its_own_level() {
        let dosing = Dosing::new(vec![
            bath(Target::Fak, 3.0, 0.0),
            bath(Target::Mek, 6.0, 2.0),
            bath(Target::Microtubules, 40.0, 0.0),
            bath(Target::Pd1, 9.0, 3.0),
        ]);
        let levels = dosing.levels(0.0, 0, &[]);
        let expected = Levels {
            inhibitor_nm: 3.0,
            mek: 3.0,
            docetaxel_ng_ml: 20.0,
            anti_pd1: 0.75,
        };
        assert_eq!(levels, expected);
        assert_eq!(Dosing::default().levels(0.0, 0, &[]), Levels::default());
    }

    #[test]
    fn both_axes_are_shown() {
        let mut inhibitor = bath(Target::Fak, 8.0, 0.0);
        let columns = |treatment: &Treatment| {
            let dosing = Dosing::new(vec![treatment.clone()]);
            dosing.columns(0.0, 0, &[]).into_iter().map(|(_, v)| v)
        };
        assert!(
            columns(&inhibitor).eq([8.0, 32.0]),
            "free is what was typed"
        );
        inhibitor.nominal_axis = true;
        assert!(columns(&inhibitor).eq([2.0, 8.0]), "nominal is");
    }
}
