//! `[compounds]` and `[dose]`: which compounds there are, and how they are given.

mod schedule;

use toml::Spanned;

use super::read::Reader;
use super::series;
use crate::compounds::{COMPOUNDS, Compound, DEFAULT, Library, Target};
use crate::dosing::bath::{Bath, BathEvent};
use crate::dosing::regimen::{Regimen, Route};
use crate::dosing::{Dosing, Exposure, Treatment};
use crate::error::UsageError;
use crate::parameters::{Entry, Need, Parameters};
use crate::scenario::{
    BathEventFile, BathFile, DoseFile, InfusionFile, OralFile, Raw, quantity_of, unknown,
};
use schedule::{Schedule, schedule};

/// A compound that the scenario gives, and how.
pub(super) struct Given<'a> {
    pub compound: Compound,
    key: String,
    file: &'a DoseFile,
}

/// The compounds of the program and those of the scenario.
///
/// # Errors
/// A compound is like none, or a value is unknown, of another dimension or out of range; with place.
pub(super) fn library(read: &Reader) -> Result<Library, UsageError> {
    let mut library = COMPOUNDS.clone();
    for (name, file) in &read.scenario.file.compounds {
        let key = |value: &str| format!("compounds.{name}.{value}");
        let like = file.get_ref().get("like");
        let base = match like.map(|raw| (raw.get_ref().as_str(), raw.span())) {
            Some((Some(like), span)) => COMPOUNDS
                .get(like)
                .map_err(|why| read.scenario.error(&key("like"), Some(span), &why))?,
            Some((None, span)) => {
                let why = "must be the name of a compound, for instance \"defactinib\"";
                return Err(read.scenario.error(&key("like"), Some(span), why));
            }
            None => COMPOUNDS.get(name).map_err(|_| {
                let names: Vec<&str> = COMPOUNDS.all().iter().map(|c| c.name.as_str()).collect();
                let why = format!(
                    "a new compound needs like = \"…\", the one that it takes all other values from: {}",
                    names.join(", ")
                );
                let span = Some(file.span());
                read.scenario.error(&format!("compounds.{name}"), span, &why)
            })?,
        };
        let mut compound = base.clone();
        compound.name = name.clone();
        for (value, raw) in file.get_ref() {
            if value != "like" {
                library
                    .set(&mut compound, value, raw.get_ref())
                    .map_err(|why| read.scenario.error(&key(value), Some(raw.span()), &why))?;
            }
        }
        library.put(compound);
    }
    Ok(library)
}

/// The compounds that a scenario gives, in order.
///
/// # Errors
/// A compound is unknown, or two act on one target; with place.
pub(super) fn given<'a>(
    read: &Reader<'a>,
    library: &Library,
) -> Result<Vec<Given<'a>>, UsageError> {
    let mut all: Vec<Given> = Vec::new();
    let Some(first) = &read.scenario.file.dose else {
        return Ok(all);
    };
    let others = first.with.iter().map(Some).enumerate();
    let named = others.map(|(i, with)| (format!("dose.with.{i}"), with));
    for (key, with) in [("dose".to_string(), None)].into_iter().chain(named) {
        let file = with.map_or(first, Spanned::get_ref);
        if let Some(nested) = with.and_then(|with| with.get_ref().with.first()) {
            let why = "write further compounds as [[dose.with]], not inside one of them";
            let key = format!("{key}.with");
            return Err(read.scenario.error(&key, Some(nested.span()), why));
        }
        let name = file.compound.as_ref();
        let compound_key = format!("{key}.compound");
        let span = name.map(Spanned::span).or(with.map(Spanned::span));
        let wrong = |why: &str| read.scenario.error(&compound_key, span.clone(), why);
        let compound = library
            .get(name.map_or(DEFAULT, |name| name.get_ref()))
            .map_err(|why| wrong(&why))?;
        if let Some(twin) = all.iter().find(|g| g.compound.target == compound.target) {
            let why = if twin.compound.name == compound.name {
                format!(
                    "{} is given by {} already; give it once, with all its events",
                    compound.name, twin.key
                )
            } else {
                format!(
                    "{} and {} of {} both act on {}; a model has one compound for each target",
                    compound.name,
                    twin.compound.name,
                    twin.key,
                    compound.target.name()
                )
            };
            return Err(wrong(&why));
        }
        all.push(Given {
            compound: compound.clone(),
            key,
            file,
        });
    }
    Ok(all)
}

/// What a scenario gives until `end_min`, the end of its run.
///
/// # Errors
/// What is wrong, where, what is allowed, and what to do.
pub(super) fn dosing(
    read: &Reader,
    given: &[Given],
    parameters: &Parameters,
    end_min: f64,
) -> Result<Dosing, UsageError> {
    let treatments = given.iter().map(|given| {
        // Those of the FAK inhibitor are parameters of the model, which a scenario may have set.
        let of_model = parameters.entries().iter();
        let entries: Vec<_> = match given.compound.target {
            Target::Fak => of_model.collect(),
            _ => given.compound.entries.iter().collect(),
        };
        let value = |name: &str| entries.iter().find(|e| e.name == name).map(|e| e.value);
        let around = Around {
            read,
            given,
            value: &value,
            end_min,
        };
        around.treatment()
    });
    Ok(Dosing::new(treatments.collect::<Result<_, _>>()?))
}

/// What the treatments besides that with a FAK inhibitor read of their compounds, named `compound.value`.
pub(super) fn entries_in_use(given: &[Given], dosing: &Dosing, cells: bool) -> Vec<Entry> {
    let pairs = given.iter().zip(dosing.treatments());
    pairs
        .filter(|(given, _)| given.compound.target != Target::Fak)
        .flat_map(|(given, treatment)| {
            let matters = move |need: &Need| match need {
                Need::Cells => cells,
                need => treatment.has(*need),
            };
            let entries = given.compound.entries.iter();
            entries
                .filter(move |entry| entry.needs.iter().all(matters))
                .map(|entry| Entry {
                    name: format!("{}.{}", given.compound.name, entry.name),
                    ..entry.clone()
                })
        })
        .collect()
}

/// One treatment and what it is read in.
struct Around<'a> {
    read: &'a Reader<'a>,
    given: &'a Given<'a>,
    /// A value of its compound, internal units.
    value: &'a dyn Fn(&str) -> Option<f64>,
    end_min: f64,
}

/// Largest dose, mg: a kilogram is a slip of the pen.
const MOST_MG: f64 = 1e6;

impl Around<'_> {
    fn key(&self, name: &str) -> String {
        format!("{}.{name}", self.given.key)
    }

    fn wrong<T>(
        &self,
        name: &str,
        span: std::ops::Range<usize>,
        why: &str,
    ) -> Result<T, UsageError> {
        Err(self.read.scenario.error(&self.key(name), Some(span), why))
    }

    /// A value that every compound has: `compounds.rs` refuses a table without.
    fn needed(&self, name: &str) -> f64 {
        (self.value)(name).unwrap_or(f64::NAN)
    }

    fn treatment(&self) -> Result<Treatment, UsageError> {
        let file = self.given.file;
        let spans = [
            file.bath.as_ref().map(Spanned::span),
            file.oral.as_ref().map(Spanned::span),
            file.infusion.as_ref().map(Spanned::span),
            file.series.as_ref().map(Spanned::span),
        ];
        let exposure = match (&file.bath, &file.oral, &file.infusion, &file.series) {
            (Some(bath), None, None, None) => Exposure::Bath(self.bath(bath)?),
            (None, Some(oral), None, None) => Exposure::Regimen(self.oral(oral)?),
            (None, None, Some(infusion), None) => Exposure::Regimen(self.infusion(infusion)?),
            // The scenario itself is its first well: the window shows the control.
            (None, None, None, Some(list)) if self.given.key == "dose" => {
                Exposure::Bath(Bath::constant(series::doses_nm(self.read, list)?[0]))
            }
            (None, None, None, Some(list)) => {
                let why = "a series is of the compound of [dose] itself";
                return self.wrong("series", list.span(), why);
            }
            _ => {
                let span = spans.into_iter().flatten().nth(1);
                let why = "give exactly one of bath, oral, infusion and series";
                return Err(self.read.scenario.error(&self.given.key, span, why));
            }
        };
        let (unbound, serum) = self.binding(&exposure)?;
        Ok(Treatment {
            compound: self.given.compound.name.clone(),
            target: self.given.compound.target,
            nominal_axis: self.nominal_axis(&exposure, unbound)?,
            exposure,
            unbound,
            serum,
            molar_mass: self.needed("MW"),
            ic50_nm: (self.value)("IC50").unwrap_or(0.0),
        })
    }

    /// Free share of the nominal level, and the share of the medium that is serum.
    fn binding(&self, exposure: &Exposure) -> Result<(f64, f64), UsageError> {
        let file = self.given.file;
        let f_u = self.needed("f_u");
        let share = |name: &str, raw: &Raw| {
            let value = self.read.positive_or_zero(&self.key(name), raw, "1")?;
            if value > 1.0 {
                let why = format!("{value} is more than all of it; allowed: 0 to 1");
                return self.wrong(name, raw.span(), &why);
            }
            Ok(value)
        };
        let own = [("serum", &file.serum), ("unbound", &file.unbound)];
        let own: Vec<_> = own
            .iter()
            .filter_map(|(name, raw)| Some((*name, raw.as_ref()?)))
            .collect();
        if let (Exposure::Regimen(_), Some((name, raw))) = (exposure, own.first()) {
            let why = "is for a bath; what plasma binds is the compound's f_u, which [parameters] sets for a FAK inhibitor and [compounds] for any";
            return self.wrong(name, raw.span(), why);
        }
        match own[..] {
            [] if matches!(exposure, Exposure::Regimen(_)) => Ok((f_u, 0.0)),
            [] => Ok((1.0, 0.0)),
            [("unbound", raw)] => match share("unbound", raw)? {
                0.0 => self.wrong("unbound", raw.span(), "must be greater than 0, up to 1"),
                unbound => Ok((unbound, 0.0)),
            },
            [(_, raw)] => {
                // Binding in proportion to the protein that is there: serum binds as plasma does.
                let serum = share("serum", raw)?;
                Ok((1.0 / (1.0 + serum * (1.0 / f_u - 1.0)), serum))
            }
            [_, (_, raw), ..] => {
                let why = "give serum or unbound, not both";
                self.wrong("unbound", raw.span(), why)
            }
        }
    }

    fn nominal_axis(&self, exposure: &Exposure, unbound: f64) -> Result<bool, UsageError> {
        let Some(axis) = &self.given.file.axis else {
            return Ok(false);
        };
        let nominal = match axis.get_ref().as_str() {
            "free" => false,
            "nominal" => true,
            other => {
                let why = unknown("axis", other, ["free", "nominal"].into_iter());
                return self.wrong("axis", axis.span(), &why);
            }
        };
        if matches!(exposure, Exposure::Regimen(_)) {
            let why = "is for a bath; a regimen gives milligrams";
            return self.wrong("axis", axis.span(), why);
        }
        if nominal && unbound == 1.0 {
            let why = "nothing in this medium binds the compound; give serum, for instance 0.1, or unbound";
            return self.wrong("axis", axis.span(), why);
        }
        Ok(nominal)
    }

    fn bath(&self, file: &Spanned<BathFile>) -> Result<Bath, UsageError> {
        match file.get_ref() {
            BathFile::Level(value) => {
                let raw = Spanned::new(file.span(), value.clone());
                Ok(Bath::constant(self.level_nm("bath", &raw)?))
            }
            BathFile::Events(list) if list.is_empty() => {
                let why =
                    "the list is empty; give at least one { at = \"0 h\", level = \"100 nM\" }";
                self.wrong("bath", file.span(), why)
            }
            BathFile::Events(list) => {
                let mut events: Vec<BathEvent> = Vec::new();
                for (i, event) in list.iter().enumerate() {
                    events.push(self.bath_event(i, event, events.last())?);
                }
                Ok(Bath::new(events))
            }
        }
    }

    fn bath_event(
        &self,
        i: usize,
        event: &Spanned<BathEventFile>,
        before: Option<&BathEvent>,
    ) -> Result<BathEvent, UsageError> {
        let file = event.get_ref();
        let name = |value: &str| format!("bath.{i}.{value}");
        let at_min = self.time("bath event", &name("at"), &file.at)?;
        let over_min = match &file.over {
            Some(raw) => self
                .read
                .positive_or_zero(&self.key(&name("over")), raw, "min")?,
            None => 0.0,
        };
        if let (Some(raw), true) = (&file.over, at_min + over_min > self.end_min) {
            let why = format!(
                "the ramp ends at {} h and the run at {} h; shorten it or raise time.duration",
                (at_min + over_min) / 60.0,
                self.end_min / 60.0
            );
            return self.wrong(&name("over"), raw.span(), &why);
        }
        if let Some(before) = before {
            let free_from = before.at_min + before.over_min;
            if at_min <= before.at_min || at_min < free_from {
                let why = format!(
                    "events overlap: this one begins at {} h, the one before at {} h and ends at {} h; give them in order of time, each after the end of the one before",
                    at_min / 60.0,
                    before.at_min / 60.0,
                    free_from / 60.0
                );
                return self.wrong(&name("at"), file.at.span(), &why);
            }
        }
        Ok(BathEvent {
            at_min,
            over_min,
            level_nm: self.level_nm(&name("level"), &file.level)?,
        })
    }

    /// A time before the end of the run, min.
    fn time(&self, what: &str, name: &str, raw: &Raw) -> Result<f64, UsageError> {
        let time = self.read.positive_or_zero(&self.key(name), raw, "min")?;
        if time >= self.end_min {
            let why = format!(
                "the {what} begins at {} h and the run ends at {} h; begin earlier or raise time.duration",
                time / 60.0,
                self.end_min / 60.0
            );
            return self.wrong(name, raw.span(), &why);
        }
        Ok(time)
    }

    /// A level in nM or in mass per volume, nM.
    fn level_nm(&self, name: &str, raw: &Raw) -> Result<f64, UsageError> {
        let key = self.key(name);
        if quantity_of(raw.get_ref(), "ng/mL").is_err() {
            return self.read.positive_or_zero(&key, raw, "nM");
        }
        let level = self.read.positive_or_zero(&key, raw, "ng/mL")? * 1000.0 / self.needed("MW");
        if level > f64::from(f32::MAX) {
            return self.wrong(name, raw.span(), "is too large to compute with");
        }
        Ok(level)
    }

    fn amount_mg(&self, name: &str, raw: &Raw) -> Result<f64, UsageError> {
        let amount = self.read.positive_or_zero(&self.key(name), raw, "mg")?;
        self.plausible_mg(name, raw, amount)
    }

    fn plausible_mg(&self, name: &str, raw: &Raw, amount: f64) -> Result<f64, UsageError> {
        if amount > MOST_MG {
            let why = format!("a dose of {amount:e} mg; allowed: up to {MOST_MG:e} mg");
            return self.wrong(name, raw.span(), &why);
        }
        Ok(amount)
    }

    /// Elimination rate, /min, and volume, L.
    fn compartment(&self) -> (f64, f64) {
        let volume_l = self.needed("V_F");
        (self.needed("CL_F") / volume_l, volume_l)
    }

    fn oral(&self, file: &Spanned<OralFile>) -> Result<Regimen, UsageError> {
        let (span, file) = (file.span(), file.get_ref());
        let lacks = |what: &str, remedy: &str| {
            let name = &self.given.compound.name;
            let why =
                format!("{name} has no {what}; {remedy}, or give {what} in [compounds.{name}]");
            self.wrong("oral", span.clone(), &why)
        };
        let Some(k_a) = (self.value)("k_a") else {
            return lacks("k_a", "it is not taken by mouth: use infusion");
        };
        let d_sat = match (file.saturable, (self.value)("D_sat")) {
            (false, _) => None,
            (true, Some(d_sat)) => Some(d_sat),
            (true, None) => return lacks("D_sat", "remove saturable"),
        };
        let amounts_mg = match file.amount.get_ref().as_array() {
            None => vec![self.amount_mg("oral.amount", &file.amount)?],
            Some(list) if list.is_empty() => {
                return self.wrong("oral.amount", file.amount.span(), "the list is empty");
            }
            Some(list) => list
                .iter()
                .map(|value| {
                    let raw = Spanned::new(file.amount.span(), value.clone());
                    self.amount_mg("oral.amount", &raw)
                })
                .collect::<Result<_, _>>()?,
        };
        let lag_min = match &file.food_delay {
            Some(raw) => self
                .read
                .positive_or_zero(&self.key("oral.food_delay"), raw, "min")?,
            None => 0.0,
        };
        let (every_min, intakes) = schedule(
            self,
            &Schedule {
                name: "oral",
                span: span.clone(),
                amounts_mg: &amounts_mg,
                list: file.amount.get_ref().is_array().then(|| file.amount.span()),
                d_sat,
                start: file.start.as_ref(),
                every: file.every.as_ref(),
                doses: file.doses.as_ref(),
                days: [file.days_on.as_ref(), file.days_off.as_ref()],
                skip: &file.skip,
                lasts_min: 0.0,
            },
        )?;
        let (k_e, volume_l) = self.compartment();
        Ok(Regimen {
            route: Route::Mouth { k_a, lag_min },
            k_e,
            volume_l,
            every_min,
            intakes,
            saturable: file.saturable,
        })
    }

    fn infusion(&self, file: &Spanned<InfusionFile>) -> Result<Regimen, UsageError> {
        let (span, file) = (file.span(), file.get_ref());
        let over_min = self
            .read
            .positive(&self.key("infusion.duration"), &file.duration, "min")?;
        let amount_mg = match (&file.amount, &file.rate) {
            (Some(raw), None) => self.amount_mg("infusion.amount", raw)?,
            (None, Some(raw)) => {
                let key = self.key("infusion.rate");
                let amount = over_min * self.read.positive_or_zero(&key, raw, "mg/min")?;
                self.plausible_mg("infusion.rate", raw, amount)?
            }
            _ => return self.wrong("infusion", span, "give either amount or rate"),
        };
        let (every_min, intakes) = schedule(
            self,
            &Schedule {
                name: "infusion",
                span,
                amounts_mg: &[amount_mg],
                list: None,
                d_sat: None,
                start: file.start.as_ref(),
                every: file.every.as_ref(),
                doses: file.doses.as_ref(),
                days: [None, None],
                skip: &file.skip,
                lasts_min: over_min,
            },
        )?;
        let (k_e, volume_l) = self.compartment();
        Ok(Regimen {
            route: Route::Vein { over_min },
            k_e,
            volume_l,
            every_min,
            intakes,
            saturable: false,
        })
    }
}
