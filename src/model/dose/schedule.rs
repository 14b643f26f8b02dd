//! The doses of a regimen, one by one.

use std::ops::Range;

use toml::Spanned;

use super::Around;
use crate::dosing::regimen::{Intake, saturable_mg};
use crate::error::UsageError;
use crate::scenario::Raw;

/// What a regimen says of its doses.
pub(super) struct Schedule<'a> {
    /// `oral` or `infusion`.
    pub name: &'static str,
    /// Where it stands.
    pub span: Range<usize>,
    /// One amount for every dose, or one for each.
    pub amounts_mg: &'a [f64],
    /// Where the list of amounts stands, if it is one.
    pub list: Option<Range<usize>>,
    /// Dose of half absorption where it saturates, mg.
    pub d_sat: Option<f64>,
    pub start: Option<&'a Raw>,
    pub every: Option<&'a Raw>,
    pub doses: Option<&'a Spanned<u64>>,
    /// Days on and days off.
    pub days: [Option<&'a Spanned<u64>>; 2],
    pub skip: &'a [Spanned<u64>],
    /// How long one dose takes, min.
    pub lasts_min: f64,
}

/// Doses at most: three a day for most of a year.
const MOST_DOSES: usize = 1000;
/// Days of a cycle at most.
const MOST_DAYS: u64 = 3650;
/// Hours of a day, in min.
const DAY_MIN: f64 = 1440.0;

/// Time between doses, min (infinite where there is one dose), and the doses that are due before the end of the run.
pub(super) fn schedule(around: &Around, file: &Schedule) -> Result<(f64, Vec<Intake>), UsageError> {
    let name = |value: &str| format!("{}.{value}", file.name);
    let end_min = around.end_min;
    let start_min = match file.start {
        Some(raw) => around.time("treatment", &name("start"), raw)?,
        None => 0.0,
    };
    let every_min = every_min(around, file)?;
    let (on, cycle) = days(around, file)?;
    let (n_doses, n_place) = number(around, file)?;
    if every_min.is_infinite() && n_doses.is_some_and(|n| n > 1) {
        let why = "several doses need every, the time between two of them, for instance \"12 h\"";
        return around.wrong(file.name, file.span.clone(), why);
    }
    let mut intakes: Vec<Intake> = Vec::new();
    let mut slot = 0.0;
    let last_min = loop {
        let since_min = if slot > 0.0 { slot * every_min } else { 0.0 };
        let at_min = start_min + since_min;
        if n_doses.is_some_and(|n| intakes.len() as u64 == n) || at_min >= end_min {
            break at_min;
        }
        if intakes.len() == MOST_DOSES || slot > 1e6 {
            let why = format!(
                "more than {MOST_DOSES} doses before the end of the run; give a longer every, or doses"
            );
            return around.wrong(file.name, file.span.clone(), &why);
        }
        let day = (since_min / DAY_MIN + 1e-9).floor();
        if day % cycle < on {
            let amount_mg = match file.amounts_mg {
                [every] => *every,
                each => each.get(intakes.len()).copied().unwrap_or(0.0),
            };
            intakes.push(Intake {
                at_min,
                amount_mg,
                absorbed_mg: file.d_sat.map_or(amount_mg, |d| saturable_mg(amount_mg, d)),
                taken: true,
            });
        }
        slot += 1.0;
    };
    let hours = |minutes: f64| minutes / 60.0;
    if let (Some(n), true) = (n_doses, n_doses > Some(intakes.len() as u64)) {
        let why = format!(
            "the run ends at {} h, before dose {} of {n} at {} h; give fewer doses or raise time.duration",
            hours(end_min),
            intakes.len() + 1,
            hours(last_min)
        );
        return around.wrong(&name(n_place.0), n_place.1, &why);
    }
    // Without a number of doses they go on beyond the end of the run; the first has to fit.
    let stated = match n_doses {
        Some(_) => intakes.last(),
        None => intakes.first(),
    };
    if let Some(ends_min) = stated.map(|intake| intake.at_min + file.lasts_min)
        && ends_min > end_min
    {
        let why = format!(
            "the treatment ends at {} h and the run at {} h; shorten it or raise time.duration",
            hours(ends_min),
            hours(end_min)
        );
        return around.wrong(&name("duration"), file.span.clone(), &why);
    }
    miss(around, file, &mut intakes)?;
    Ok((every_min, intakes))
}

fn every_min(around: &Around, file: &Schedule) -> Result<f64, UsageError> {
    let Some(raw) = file.every else {
        return Ok(f64::INFINITY);
    };
    let name = format!("{}.every", file.name);
    let every_min = around.read.positive(&around.key(&name), raw, "min")?;
    if every_min < file.lasts_min {
        let why = format!(
            "infusions overlap: one takes {} h and the next begins after {} h; allowed: its duration or more",
            file.lasts_min / 60.0,
            every_min / 60.0
        );
        return around.wrong(&name, raw.span(), &why);
    }
    Ok(every_min)
}

/// Days on, and days of a whole cycle.
fn days(around: &Around, file: &Schedule) -> Result<(f64, f64), UsageError> {
    let [on, off] = match file.days {
        [None, None] => return Ok((1.0, 1.0)),
        [Some(on), Some(off)] => [on, off],
        [on, off] => {
            let given = on.or(off).map_or(file.span.clone(), Spanned::span);
            let why = "days_on and days_off belong together; give both";
            return around.wrong(file.name, given, why);
        }
    };
    for (name, days) in [("days_on", on), ("days_off", off)] {
        let name = format!("{}.{name}", file.name);
        if !(1..=MOST_DAYS).contains(days.get_ref()) {
            let why = format!("{} days; allowed: 1 to {MOST_DAYS}", days.get_ref());
            return around.wrong(&name, days.span(), &why);
        }
    }
    let (on, off) = (*on.get_ref() as f64, *off.get_ref() as f64);
    Ok((on, on + off))
}

/// Number of doses if it is stated, and which key of the regimen states it.
type Number = (Option<u64>, (&'static str, Range<usize>));

fn number(around: &Around, file: &Schedule) -> Result<Number, UsageError> {
    let listed = file
        .list
        .clone()
        .map(|span| (file.amounts_mg.len() as u64, span));
    match (file.doses, listed) {
        (Some(doses), listed) => {
            let n = *doses.get_ref();
            let name = format!("{}.doses", file.name);
            if n == 0 || n > MOST_DOSES as u64 {
                let why = format!("{n} doses; allowed: 1 to {MOST_DOSES}");
                return around.wrong(&name, doses.span(), &why);
            }
            if let Some((amounts, _)) = listed
                && amounts != n
            {
                let why = format!("{n} doses, but the list has {amounts} amounts; remove doses");
                return around.wrong(&name, doses.span(), &why);
            }
            Ok((Some(n), ("doses", doses.span())))
        }
        (None, Some((n, span))) => Ok((Some(n), ("amount", span))),
        (None, None) => Ok((None, ("doses", file.span.clone()))),
    }
}

/// Marks the doses that are missed.
fn miss(around: &Around, file: &Schedule, intakes: &mut [Intake]) -> Result<(), UsageError> {
    let n = intakes.len();
    for missed in file.skip {
        let number = *missed.get_ref();
        let intake = usize::try_from(number)
            .ok()
            .and_then(|i| i.checked_sub(1))
            .and_then(|i| intakes.get_mut(i));
        let why = match intake {
            Some(intake) if intake.taken => {
                intake.taken = false;
                intake.absorbed_mg = 0.0;
                continue;
            }
            Some(_) => format!("dose {number} is named twice"),
            None => format!("there is no dose {number}; the run has {n} of them, counted from 1"),
        };
        return around.wrong(&format!("{}.skip", file.name), missed.span(), &why);
    }
    Ok(())
}
