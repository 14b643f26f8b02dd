//! Dose regimens and what they make of the bath.

use crate::parameters::Parameters;

/// A live change of the bath, recorded so that a session can be replayed.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct DoseEvent {
    /// The first step that sees it.
    pub step: u64,
    /// Free drug in the bath from then on, nM.
    pub bath_nm: f64,
}

/// How drug is given.
#[derive(Clone, Debug, PartialEq)]
pub enum Dose {
    /// The scenario gives none: fields do not exchange with a bath.
    None,
    /// A constant bath, nM free drug.
    Bath(f64),
    /// Tablets; the free plasma level drives the bath. Illustrative, not clinical.
    Oral(Oral),
}

/// Equal tablets at equal intervals into one compartment with first-order absorption.
#[derive(Clone, Debug, PartialEq)]
pub struct Oral {
    /// A tablet, mg.
    pub amount_mg: f64,
    /// Interval, min.
    pub every_min: f64,
    /// Tablets that are missed, counted from 1.
    pub skip: Vec<u32>,
    /// Absorption rate, /min.
    pub k_a: f64,
    /// Elimination rate CL/V, /min.
    pub k_e: f64,
    /// Apparent volume V/F, L.
    pub volume_l: f64,
    /// Free nM for each ng/mL of plasma level.
    pub free_nm_per_ng_ml: f64,
}

impl Oral {
    /// A regimen with the table's pharmacokinetics.
    pub fn new(amount_mg: f64, every_min: f64, skip: Vec<u32>, parameters: &Parameters) -> Self {
        let volume_l = parameters.value("V_F");
        Self {
            amount_mg,
            every_min,
            skip,
            k_a: parameters.value("k_a"),
            k_e: parameters.value("CL_F") / volume_l,
            volume_l,
            // 1 ng/mL = 1 µg/L = 1000/MW nM.
            free_nm_per_ng_ml: parameters.value("f_u") * 1000.0 / parameters.value("MW"),
        }
    }

    /// Plasma level at a time, ng/mL: the closed form of one dose, summed over the tablets taken so far.
    pub fn plasma_ng_ml(&self, time_min: f64) -> f64 {
        if time_min < 0.0 {
            return 0.0;
        }
        let taken = (time_min / self.every_min).floor() as u32;
        let scale = 1000.0 * self.amount_mg * self.k_a / (self.volume_l * (self.k_a - self.k_e));
        (0..=taken)
            .filter(|tablet| !self.skip.contains(&(tablet + 1)))
            .map(|tablet| {
                let since = time_min - f64::from(tablet) * self.every_min;
                scale * ((-self.k_e * since).exp() - (-self.k_a * since).exp())
            })
            .sum()
    }
}

impl std::fmt::Display for Dose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Dose::None => write!(f, "none"),
            Dose::Bath(nm) => write!(f, "bath of {nm} nM free drug"),
            Dose::Oral(oral) => write!(
                f,
                "{} mg by mouth every {} h, missed: {:?} (illustrative, not clinical)",
                oral.amount_mg,
                oral.every_min / 60.0,
                oral.skip
            ),
        }
    }
}

impl Dose {
    /// Whether the scenario gives drug at all.
    pub fn is_given(&self) -> bool {
        !matches!(self, Dose::None)
    }

    /// Free drug in the bath at a time, nM. A live event holds from its step until the next one.
    pub fn bath_nm(&self, time_min: f64, step: u64, events: &[DoseEvent]) -> f64 {
        if let Some(event) = events.iter().rev().find(|event| event.step <= step) {
            return event.bath_nm;
        }
        match self {
            Dose::None => 0.0,
            Dose::Bath(nm) => *nm,
            Dose::Oral(oral) => oral.plasma_ng_ml(time_min) * oral.free_nm_per_ng_ml,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const H: f64 = 60.0;

    fn bid(skip: Vec<u32>) -> Oral {
        Oral::new(200.0, 12.0 * H, skip, &Parameters::default())
    }

    fn close(got: f64, expected: f64) {
        assert!(
            (got / expected - 1.0).abs() < 1e-3,
            "{got} against {expected}"
        );
    }

    /// 200 mg every 12 h at steady state (day 20): Cmax, its time, trough, accumulation, trough after a missed tablet.
    #[test]
    fn twice_daily_reaches_its_closed_form() {
        let (start, oral) = (480.0 * H, bid(vec![]));
        let level = |h: f64| oral.plasma_ng_ml(start + h * H);
        let (at, peak) = (0..1200)
            .map(|i| f64::from(i) * 0.01)
            .map(|h| (h, level(h)))
            .fold(
                (0.0, 0.0),
                |best, next| if next.1 > best.1 { next } else { best },
            );
        close(peak, 222.7);
        assert!((at - 2.23).abs() < 0.011, "{at}");
        close(level(11.9999), 113.7);
        close(1.0 / (1.0 - (-oral.k_e * 12.0 * H).exp()), 1.658);
        // Tablet 41 is due at 480 h; the next trough comes before tablet 42.
        close(bid(vec![41]).plasma_ng_ml(start + 11.9999 * H), 45.1);
    }

    #[test]
    fn an_event_holds_until_the_next() {
        let events = [
            DoseEvent {
                step: 5,
                bath_nm: 10.0,
            },
            DoseEvent {
                step: 9,
                bath_nm: 0.0,
            },
        ];
        let at = |step| Dose::Bath(3.0).bath_nm(0.0, step, &events);
        assert_eq!([at(4), at(5), at(8), at(9)], [3.0, 10.0, 10.0, 0.0]);
    }
}
