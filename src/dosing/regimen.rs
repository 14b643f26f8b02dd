//! Regimens by mouth and by vein: one compartment in closed form, superposed over the doses.

/// How a dose gets into plasma.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Route {
    /// By mouth: first-order absorption after a lag.
    Mouth {
        /// Absorption rate, /min.
        k_a: f64,
        /// Lag, for instance by food, min.
        lag_min: f64,
    },
    /// By vein, at a constant rate.
    Vein {
        /// Duration of an infusion, min.
        over_min: f64,
    },
}

/// A dose that the schedule holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Intake {
    /// When it is due, min.
    pub at_min: f64,
    /// What is given, mg.
    pub amount_mg: f64,
    /// What of it is absorbed, mg: 0 of a missed dose.
    pub absorbed_mg: f64,
    /// Whether it is taken.
    pub taken: bool,
}

/// Doses of one compound into one compartment. Illustrative, not clinical.
#[derive(Clone, Debug, PartialEq)]
pub struct Regimen {
    /// How each dose gets into plasma.
    pub route: Route,
    /// Elimination rate CL/V, /min.
    pub k_e: f64,
    /// Volume V/F, L.
    pub volume_l: f64,
    /// Time between doses, min; infinite for a single one.
    pub every_min: f64,
    /// Doses in order of time.
    pub intakes: Vec<Intake>,
    /// Whether absorption saturates.
    pub saturable: bool,
}

/// What a dose of the schedule makes of the plasma level until the next one is due, or the run ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Number of the dose, from 1.
    pub dose: usize,
    /// The dose.
    pub intake: Intake,
    /// Highest plasma level, ng/mL.
    pub cmax_ng_ml: f64,
    /// When after the dose, h.
    pub tmax_h: f64,
    /// Plasma level at the end, ng/mL.
    pub trough_ng_ml: f64,
    /// Area under the plasma level, ng·h/mL.
    pub auc_ng_h_per_ml: f64,
    /// Trough over the first one that is not 0.
    pub accumulation: f64,
}

/// What is absorbed of a dose D where absorption saturates, mg: D/(1 + (D/D_sat)⁴) gives the published order of exposures
/// (Jones 2015).
pub fn saturable_mg(amount_mg: f64, d_sat_mg: f64) -> f64 {
    amount_mg / (1.0 + (amount_mg / d_sat_mg).powi(4))
}

/// ng/mL of 1 mg in 1 L.
const NG_ML_PER_MG_L: f64 = 1000.0;

impl Regimen {
    /// Plasma level at a time, ng/mL.
    pub fn plasma_ng_ml(&self, time_min: f64) -> f64 {
        self.begun(time_min)
            .map(|intake| intake.absorbed_mg * self.level_of_1_mg(time_min - intake.at_min))
            .sum()
    }

    fn begun(&self, time_min: f64) -> impl Iterator<Item = &Intake> {
        self.intakes
            .iter()
            .take_while(move |intake| intake.at_min <= time_min)
    }

    /// Plasma level a time after 1 mg, ng/mL.
    fn level_of_1_mg(&self, since_min: f64) -> f64 {
        let k_e = self.k_e;
        match self.route {
            Route::Mouth { k_a, lag_min } => {
                let since = (since_min - lag_min).max(0.0);
                // (e^(−k_e t) − e^(−k_a t))/(k_a − k_e), also where the two rates are equal.
                let (slow, fast) = (k_e.min(k_a), k_e.max(k_a));
                let x = (fast - slow) * since;
                let ratio = if x > 0.0 { -(-x).exp_m1() / x } else { 1.0 };
                let bateman = (-slow * since).exp() * since * ratio;
                NG_ML_PER_MG_L / self.volume_l * k_a * bateman
            }
            Route::Vein { over_min } => {
                let during = since_min.clamp(0.0, over_min);
                let after = (since_min - over_min).max(0.0);
                let rise = -(-k_e * during).exp_m1() * (-k_e * after).exp();
                NG_ML_PER_MG_L / (self.volume_l * k_e * over_min) * rise
            }
        }
    }

    /// Area under the plasma level from the start to a time, ng·h/mL: what came in and is not there is cleared.
    pub fn auc_ng_h_per_ml(&self, time_min: f64) -> f64 {
        let came: f64 = self
            .begun(time_min)
            .map(|intake| intake.absorbed_mg * self.share_in(time_min - intake.at_min))
            .sum();
        let cleared = NG_ML_PER_MG_L * came / self.volume_l - self.plasma_ng_ml(time_min);
        cleared / self.k_e / 60.0
    }

    /// Share of a dose that has got into plasma a time after it.
    fn share_in(&self, since_min: f64) -> f64 {
        match self.route {
            Route::Mouth { k_a, lag_min } => -(-k_a * (since_min - lag_min).max(0.0)).exp_m1(),
            Route::Vein { over_min } => (since_min / over_min).clamp(0.0, 1.0),
        }
    }

    /// Highest plasma level between two times, ng/mL, and when, min.
    pub fn peak(&self, from_min: f64, to_min: f64) -> (f64, f64) {
        const POINTS: usize = 240;
        let step = (to_min - from_min) / POINTS as f64;
        let level = |time: f64| (self.plasma_ng_ml(time), time);
        let higher = |a: (f64, f64), b: (f64, f64)| if b.0 > a.0 { b } else { a };
        let grid = (0..=POINTS).map(|i| level(from_min + step * i as f64));
        // The level has a corner where a lag or an infusion ends.
        let turn = match self.route {
            Route::Mouth { lag_min, .. } => lag_min,
            Route::Vein { over_min } => over_min,
        };
        let corners = self.intakes.iter().map(|intake| intake.at_min + turn);
        let corners = corners.filter(|time| (from_min..=to_min).contains(time));
        let best = grid
            .chain(corners.map(level))
            .fold((f64::MIN, from_min), higher);
        // Golden section around the highest point.
        let ratio = 0.5 * (5f64.sqrt() - 1.0);
        let (mut low, mut high) = ((best.1 - step).max(from_min), (best.1 + step).min(to_min));
        for _ in 0..60 {
            let (a, b) = (high - ratio * (high - low), low + ratio * (high - low));
            if self.plasma_ng_ml(a) >= self.plasma_ng_ml(b) {
                high = b;
            } else {
                low = a;
            }
        }
        higher(best, level(0.5 * (low + high)))
    }

    /// What each dose that is due before `end_min` makes of the level.
    pub fn intervals(&self, end_min: f64) -> Vec<Interval> {
        let due = self.intakes.iter().filter(|i| i.at_min < end_min);
        let mut first_trough = None;
        due.enumerate()
            .map(|(i, intake)| {
                let next = self.intakes.get(i + 1).map(|next| next.at_min);
                let to = next.unwrap_or(intake.at_min + self.every_min).min(end_min);
                let (cmax_ng_ml, at) = self.peak(intake.at_min, to);
                let trough_ng_ml = self.plasma_ng_ml(to);
                if trough_ng_ml > 0.0 {
                    first_trough.get_or_insert(trough_ng_ml);
                }
                Interval {
                    dose: i + 1,
                    intake: *intake,
                    cmax_ng_ml,
                    tmax_h: (at - intake.at_min) / 60.0,
                    trough_ng_ml,
                    auc_ng_h_per_ml: self.auc_ng_h_per_ml(to) - self.auc_ng_h_per_ml(intake.at_min),
                    accumulation: first_trough.map_or(0.0, |first: f64| trough_ng_ml / first),
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const H: f64 = 60.0;

    fn regimen(route: Route, times_h: &[f64]) -> Regimen {
        let intake = |at_h: &f64| Intake {
            at_min: at_h * H,
            amount_mg: 200.0,
            absorbed_mg: 200.0,
            taken: true,
        };
        Regimen {
            route,
            k_e: 96.6 / 1254.0 / H,
            volume_l: 1254.0,
            every_min: 12.0 * H,
            intakes: times_h.iter().map(intake).collect(),
            saturable: false,
        }
    }

    fn mouth(k_a_per_h: f64, lag_h: f64) -> Route {
        Route::Mouth {
            k_a: k_a_per_h / H,
            lag_min: lag_h * H,
        }
    }

    fn close(got: f64, expected: f64, share: f64) {
        assert!(
            (got - expected).abs() <= share * expected.abs(),
            "{got} against {expected}"
        );
    }

    /// Euler steps of 0.36 s of depot and compartment: no closed form in it.
    fn by_steps(regimen: &Regimen, end_h: f64) -> (f64, f64) {
        let dt = 0.006;
        let (mut depot, mut central, mut auc) = (0.0, 0.0, 0.0);
        let mut done = 0;
        for i in 0..(end_h * H / dt).round() as u64 {
            let t = i as f64 * dt;
            let mut flow = 0.0;
            for (n, intake) in regimen.intakes.iter().enumerate() {
                match regimen.route {
                    Route::Mouth { lag_min, .. } if n == done && intake.at_min + lag_min <= t => {
                        depot += intake.absorbed_mg;
                        done += 1;
                    }
                    Route::Vein { over_min }
                        if (intake.at_min..intake.at_min + over_min).contains(&t) =>
                    {
                        flow += intake.absorbed_mg / over_min;
                    }
                    _ => {}
                }
            }
            if let Route::Mouth { k_a, .. } = regimen.route {
                flow = k_a * depot;
                depot -= flow * dt;
            }
            auc += central * dt / H;
            central += (flow - regimen.k_e * central) * dt;
        }
        let scale = 1000.0 / regimen.volume_l;
        (central * scale, auc * scale)
    }

    #[test]
    fn closed_forms_follow_small_steps() {
        for route in [
            mouth(1.0, 0.0),
            mouth(1.0, 1.5),
            mouth(96.6 / 1254.0, 0.0), // both rates equal
            mouth(0.01, 0.0),          // absorption slower than elimination
            Route::Vein { over_min: 90.0 },
        ] {
            let regimen = regimen(route, &[0.0, 12.0, 24.0]);
            for end_h in [0.5, 3.0, 11.0, 13.0, 30.0] {
                let (level, auc) = by_steps(&regimen, end_h);
                close(regimen.plasma_ng_ml(end_h * H), level, 2e-3);
                close(regimen.auc_ng_h_per_ml(end_h * H), auc, 2e-3);
            }
        }
    }

    #[test]
    fn doses_superpose() {
        let all = regimen(mouth(1.0, 0.0), &[0.0, 12.0, 31.0]);
        for hour in 0..60 {
            let time = f64::from(hour) * H;
            let one_by_one: f64 = [0.0, 12.0, 31.0]
                .iter()
                .map(|at| regimen(mouth(1.0, 0.0), &[*at]).plasma_ng_ml(time))
                .sum();
            close(all.plasma_ng_ml(time), one_by_one, 1e-12);
        }
    }

    #[test]
    fn the_peak_is_found() {
        let single = regimen(mouth(1.0, 2.0), &[0.0]);
        let k_e: f64 = 96.6 / 1254.0;
        let (level, at) = single.peak(0.0, 12.0 * H);
        close(at / H, 2.0 + k_e.recip().ln() / (1.0 - k_e), 1e-6);
        assert!(level > single.plasma_ng_ml(at - 1.0) && level > single.plasma_ng_ml(at + 1.0));
        let (_, at) = regimen(Route::Vein { over_min: 77.0 }, &[0.0]).peak(0.0, 12.0 * H);
        assert_eq!(at, 77.0, "the end of the infusion");
    }

    #[test]
    fn absorption_saturates_in_the_published_order() {
        let order = [750.0, 300.0, 500.0, 425.0].map(|mg| saturable_mg(mg, 500.0));
        assert!(order[2] < order[3], "500 mg below 425 mg");
        assert!(order[0] < order[1], "750 mg below 300 mg");
        assert!(saturable_mg(100.0, 500.0) < saturable_mg(200.0, 500.0));
    }
}
