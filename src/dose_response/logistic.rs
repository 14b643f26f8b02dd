//! The four-parameter logistic curve (Hill 1910; DeLean et al. 1978) and its fit by least squares.
//!
//! Fitted by Levenberg–Marquardt in the plateaus and the logarithms of midpoint and slope, because those are nearly
//! normal; intervals are of 95 %, from the covariance of the linearised fit and Student's t.

use levenberg_marquardt::{LeastSquaresProblem, LevenbergMarquardt};
use nalgebra::storage::Owned;
use nalgebra::{DVector, Dyn, Matrix4, OMatrix, U4, Vector4};
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, FisherSnedecor, StudentsT};

/// Distinct doses that a curve of four parameters needs at least (D).
const LEAST_DOSES: usize = 5;
/// Chance of calling data without an effect a response (D).
const LEVEL: f64 = 0.01;
/// Share of the mean below which values are equal, some roundings of f32.
const EQUAL: f64 = 1e-6;
/// Share of the span that the response must have left behind at the highest dose, and must not have at the lowest:
/// beyond the bend, so that the plateau is seen and not extrapolated (D, after the Assay Guidance Manual, NCBI).
const PLATEAU: f64 = 0.8;
/// Hill slopes that a dose ladder can tell (D).
const SLOPES: [f64; 2] = [0.1, 10.0];
/// How far an interval may reach beyond the tested doses, as a factor (D).
const BEYOND: f64 = 10.0;

/// A response that falls (or rises) from `top` without drug to `bottom` at saturating dose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Logistic {
    /// Response without drug, in the read-out's unit.
    pub top: f64,
    /// Response at saturating dose, in the read-out's unit.
    pub bottom: f64,
    /// Dose of the half-way response, nM: the relative IC50.
    pub midpoint_nm: f64,
    /// Hill slope, positive.
    pub hill: f64,
}

impl Logistic {
    /// Share of the span between the plateaus that is left at a dose, 1 without drug.
    pub fn share(&self, dose_nm: f64) -> f64 {
        // Powers of 0 and of infinity are what is meant.
        1.0 / (1.0 + (dose_nm / self.midpoint_nm).powf(self.hill))
    }

    /// The response at a dose in nM.
    pub fn at(&self, dose_nm: f64) -> f64 {
        self.bottom + (self.top - self.bottom) * self.share(dose_nm)
    }

    /// Derivatives of [`Self::at`] by top, bottom, ln midpoint and ln slope.
    fn gradient(&self, dose_nm: f64) -> Vector4<f64> {
        let s = self.share(dose_nm);
        let steep = (self.top - self.bottom) * s * (1.0 - s);
        // Without drug nothing depends on midpoint and slope.
        let z = if dose_nm > 0.0 {
            self.hill * (dose_nm / self.midpoint_nm).ln()
        } else {
            0.0
        };
        Vector4::new(s, 1.0 - s, steep * self.hill, -steep * z)
    }

    fn parameters(&self) -> Vector4<f64> {
        Vector4::new(self.top, self.bottom, self.midpoint_nm.ln(), self.hill.ln())
    }

    fn from_parameters(p: &Vector4<f64>) -> Self {
        Self {
            top: p[0],
            bottom: p[1],
            midpoint_nm: p[2].exp(),
            hill: p[3].exp(),
        }
    }
}

/// A number with its interval of 95 %.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The best value.
    pub value: f64,
    /// Lower and upper end.
    pub ci95: [f64; 2],
}

/// A fitted curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The best curve.
    pub curve: Logistic,
    /// Standard deviation of the data around it, in the read-out's unit.
    pub residual_sd: f64,
    /// Data.
    pub n: usize,
    highest_nm: f64,
    /// Of top, bottom, ln midpoint, ln slope.
    covariance: Matrix4<f64>,
    /// Quantile of Student's t for an interval of 95 %.
    t: f64,
}

impl Fit {
    fn half_width(&self, gradient: &Vector4<f64>) -> f64 {
        let variance = (gradient.transpose() * self.covariance * gradient)[0];
        self.t * variance.max(0.0).sqrt()
    }

    /// An estimate whose logarithm has a gradient.
    fn logarithmic(&self, value: f64, gradient: &Vector4<f64>) -> Estimate {
        let factor = self.half_width(gradient).exp();
        Estimate {
            value,
            ci95: [value / factor, value * factor],
        }
    }

    /// Dose of the half-way response, nM: the relative IC50 of the Assay Guidance Manual.
    pub fn midpoint_nm(&self) -> Estimate {
        self.logarithmic(self.curve.midpoint_nm, &Vector4::new(0.0, 0.0, 1.0, 0.0))
    }

    /// Hill slope.
    pub fn hill(&self) -> Estimate {
        self.logarithmic(self.curve.hill, &Vector4::new(0.0, 0.0, 0.0, 1.0))
    }

    /// Dose that halves the response without drug, nM: the absolute IC50. `None` where the tested doses do not.
    pub fn ic50_nm(&self) -> Option<Estimate> {
        let Logistic {
            top, bottom, hill, ..
        } = self.curve;
        let left = top - 2.0 * bottom;
        if top <= 0.0 || left <= 0.0 {
            return None;
        }
        let ln_odds = (top / left).ln();
        let value = self.curve.midpoint_nm * (ln_odds / hill).exp();
        let gradient = Vector4::new(
            (1.0 / top - 1.0 / left) / hill,
            2.0 / left / hill,
            1.0,
            -ln_odds / hill,
        );
        let estimate = self.logarithmic(value, &gradient);
        (estimate.ci95[1] <= self.highest_nm).then_some(estimate)
    }

    /// The interval of 95 % of the mean response at a dose, in the read-out's unit.
    pub fn band(&self, dose_nm: f64) -> [f64; 2] {
        let half = self.half_width(&self.curve.gradient(dose_nm));
        let middle = self.curve.at(dose_nm);
        [middle - half, middle + half]
    }
}

/// Why data hold no curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undetermined {
    /// Too few doses or values.
    #[error("too few doses (five at least)")]
    TooFew,
    /// No effect that stands out from the scatter.
    #[error("no effect of dose")]
    Flat,
    /// The plateau on either side was not reached.
    #[error("no plateau in the tested doses")]
    NoPlateau,
    /// The interval reaches far beyond the tested doses, or the slope is out of range.
    #[error("too uncertain")]
    Uncertain,
}

/// The least-squares problem, values scaled to about 1.
struct Problem<'a> {
    points: &'a [(f64, f64)],
    parameters: Vector4<f64>,
}

impl LeastSquaresProblem<f64, Dyn, U4> for Problem<'_> {
    type ResidualStorage = Owned<f64, Dyn>;
    type JacobianStorage = Owned<f64, Dyn, U4>;
    type ParameterStorage = Owned<f64, U4>;

    fn set_params(&mut self, parameters: &Vector4<f64>) {
        self.parameters = *parameters;
    }

    fn params(&self) -> Vector4<f64> {
        self.parameters
    }

    fn residuals(&self) -> Option<DVector<f64>> {
        let curve = Logistic::from_parameters(&self.parameters);
        let residuals = self.points.iter().map(|&(c, y)| curve.at(c) - y);
        let residuals = DVector::from_iterator(self.points.len(), residuals);
        residuals.iter().all(|r| r.is_finite()).then_some(residuals)
    }

    fn jacobian(&self) -> Option<OMatrix<f64, Dyn, U4>> {
        let curve = Logistic::from_parameters(&self.parameters);
        let rows: Vec<_> = (self.points.iter())
            .map(|&(c, _)| curve.gradient(c).transpose())
            .collect();
        let jacobian = OMatrix::<f64, Dyn, U4>::from_rows(&rows);
        jacobian.iter().all(|j| j.is_finite()).then_some(jacobian)
    }
}

/// Fits a curve to doses (nM, 0 or more) and responses; responses that are not finite are left out.
///
/// # Errors
/// The data do not hold one.
pub fn fit(data: &[(f64, f64)]) -> Result<Fit, Undetermined> {
    let mut points: Vec<(f64, f64)> = (data.iter().copied())
        .filter(|(_, y)| y.is_finite())
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let means = means(&points);
    let n = points.len();
    if means.len() < LEAST_DOSES || n < LEAST_DOSES {
        return Err(Undetermined::TooFew);
    }
    let scale = points.iter().fold(0.0f64, |most, (_, y)| most.max(y.abs()));
    let mean = points.iter().map(|(_, y)| y).sum::<f64>() / n as f64;
    let total: f64 = points.iter().map(|(_, y)| (y - mean).powi(2)).sum();
    if total.sqrt() <= EQUAL * scale * (n as f64).sqrt() {
        return Err(Undetermined::Flat);
    }
    for (_, y) in &mut points {
        *y /= scale;
    }
    let (curve, squares) = best(&points, &means, scale).ok_or(Undetermined::Uncertain)?;
    let freedom = (n - 4) as f64;
    let total = total / (scale * scale);
    if !stands_out(total, squares, freedom) {
        return Err(Undetermined::Flat);
    }
    let jacobian = Problem {
        points: &points,
        parameters: curve.parameters(),
    }
    .jacobian()
    .ok_or(Undetermined::Uncertain)?;
    let information = (jacobian.transpose() * &jacobian).cholesky();
    let variance = squares / freedom;
    let unit = Matrix4::from_diagonal(&Vector4::new(scale, scale, 1.0, 1.0));
    let covariance = information.ok_or(Undetermined::Uncertain)?.inverse() * variance;
    let fit = Fit {
        curve: Logistic {
            top: scale * curve.top,
            bottom: scale * curve.bottom,
            ..curve
        },
        residual_sd: scale * variance.sqrt(),
        n,
        highest_nm: means[means.len() - 1].0,
        covariance: unit * covariance * unit,
        t: StudentsT::new(0.0, 1.0, freedom)
            .map_err(|_| Undetermined::TooFew)?
            .inverse_cdf(0.975),
    };
    determined(&fit, &means).map(|()| fit)
}

/// Mean response of each dose, by ascending dose.
fn means(sorted: &[(f64, f64)]) -> Vec<(f64, f64)> {
    sorted
        .chunk_by(|a, b| a.0 == b.0)
        .map(|same| {
            let sum: f64 = same.iter().map(|(_, y)| y).sum();
            (same[0].0, sum / same.len() as f64)
        })
        .collect()
}

/// The best curve over starts with the midpoint at each dose, and its sum of squares.
fn best(points: &[(f64, f64)], means: &[(f64, f64)], scale: f64) -> Option<(Logistic, f64)> {
    let (top, bottom) = (means[0].1 / scale, means[means.len() - 1].1 / scale);
    let mut best: Option<(Logistic, f64)> = None;
    for &(dose, _) in means.iter().filter(|(dose, _)| *dose > 0.0) {
        let start = Logistic {
            top,
            bottom,
            midpoint_nm: dose,
            hill: 1.0,
        };
        let (end, report) = LevenbergMarquardt::new().minimize(Problem {
            points,
            parameters: start.parameters(),
        });
        let squares = 2.0 * report.objective_function;
        let curve = Logistic::from_parameters(&end.parameters);
        if squares.is_finite() && best.is_none_or(|(_, least)| squares < least) {
            best = Some((curve, squares));
        }
    }
    best
}

/// Whether a curve explains more than chance: the extra sum of squares against a constant, by Fisher's F.
fn stands_out(total: f64, squares: f64, freedom: f64) -> bool {
    if squares <= 0.0 {
        return total > 0.0;
    }
    let f = ((total - squares) / 3.0).max(0.0) / (squares / freedom);
    FisherSnedecor::new(3.0, freedom).is_ok_and(|distribution| distribution.sf(f) < LEVEL)
}

/// Whether the data hold the curve's midpoint.
fn determined(fit: &Fit, means: &[(f64, f64)]) -> Result<(), Undetermined> {
    let lowest = means[0].0;
    let lowest_given = means.iter().map(|(dose, _)| *dose).find(|d| *d > 0.0);
    // Five distinct doses have one that is positive.
    let lowest_given = lowest_given.unwrap_or(fit.highest_nm);
    let (curve, [low, high]) = (&fit.curve, fit.midpoint_nm().ci95);
    let seen = curve.share(lowest) >= PLATEAU && curve.share(fit.highest_nm) <= 1.0 - PLATEAU;
    if !seen || !(lowest_given..=fit.highest_nm).contains(&curve.midpoint_nm) {
        return Err(Undetermined::NoPlateau);
    }
    let bounded = low >= lowest_given / BEYOND && high <= fit.highest_nm * BEYOND;
    if !bounded || !(SLOPES[0]..=SLOPES[1]).contains(&curve.hill) {
        return Err(Undetermined::Uncertain);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{self, Stream};

    const DOSES: [f64; 10] = [0.0, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1e3, 3e3, 1e4];
    const TRUTH: Logistic = Logistic {
        top: 0.8,
        bottom: 0.1,
        midpoint_nm: 40.0,
        hill: 1.3,
    };

    /// Three replicates of a curve at each dose, with normal noise from two uniform words (Box–Muller).
    fn noisy(curve: &Logistic, sd: f64, set: u32) -> Vec<(f64, f64)> {
        let mut points = Vec::new();
        for replicate in 0..3 {
            for (i, &dose) in DOSES.iter().enumerate() {
                let words = rng::draw([9, 0], Stream::Assay, set, replicate, i as u32);
                let [u, v] = [words[0], words[1]].map(|w| (f64::from(w) + 0.5) / 2f64.powi(32));
                let normal = (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos();
                points.push((dose, curve.at(dose) + sd * normal));
            }
        }
        points
    }

    #[test]
    fn the_jacobian_is_the_derivative_of_the_residuals() {
        let points = noisy(&TRUTH, 0.05, 1);
        let mut problem = Problem {
            points: &points,
            parameters: Logistic { hill: 0.7, ..TRUTH }.parameters(),
        };
        let numeric = levenberg_marquardt::differentiate_numerically(&mut problem).unwrap();
        let analytic = problem.jacobian().unwrap();
        assert!((numeric - analytic).abs().max() < 1e-6);
    }

    #[test]
    fn exact_data_give_their_parameters_back() {
        for rises in [false, true] {
            let mut truth = TRUTH;
            if rises {
                (truth.top, truth.bottom) = (truth.bottom, truth.top);
            }
            let curve = fit(&noisy(&truth, 0.0, 0)).unwrap().curve;
            for (got, expected) in [
                (curve.top, truth.top),
                (curve.bottom, truth.bottom),
                (curve.midpoint_nm, truth.midpoint_nm),
                (curve.hill, truth.hill),
            ] {
                assert!((got / expected - 1.0).abs() < 1e-6, "{curve:?}");
            }
        }
        // Half of 0.8 is reached where 0.3 of the span of 0.7 is left over bottom.
        let ic50 = fit(&noisy(&TRUTH, 0.0, 0)).unwrap().ic50_nm().unwrap();
        assert!((TRUTH.at(ic50.value) / 0.4 - 1.0).abs() < 1e-6);
    }

    /// Of 500 noisy sets the intervals hold the truth in 95 %, give or take three standard errors of that share.
    #[test]
    fn intervals_cover_the_truth() {
        let sets = 500;
        let mut covered = [0; 4];
        let ic50 = 40.0 * (0.8f64 / 0.6).powf(1.0 / 1.3);
        for set in 0..sets {
            let fit = fit(&noisy(&TRUTH, 0.04, set)).unwrap();
            let holds =
                |e: Estimate, truth: f64| usize::from(e.ci95[0] <= truth && truth <= e.ci95[1]);
            covered[0] += holds(fit.midpoint_nm(), TRUTH.midpoint_nm);
            covered[1] += holds(fit.hill(), TRUTH.hill);
            covered[2] += holds(fit.ic50_nm().unwrap(), ic50);
            let [low, high] = fit.band(20.0);
            covered[3] += usize::from((low..=high).contains(&TRUTH.at(20.0)));
        }
        for count in covered {
            let share = count as f64 / f64::from(sets);
            assert!((0.92..=0.98).contains(&share), "{covered:?}");
        }
    }

    /// A comparator that must fail: intervals half as wide do not cover.
    #[test]
    fn intervals_that_are_too_narrow_do_not_cover() {
        let mut covered = 0;
        for set in 0..500 {
            let fit = fit(&noisy(&TRUTH, 0.04, set)).unwrap();
            let Estimate { value, ci95 } = fit.midpoint_nm();
            let half = [ci95[0], ci95[1]].map(|end| (end * value).sqrt());
            covered += usize::from((half[0]..=half[1]).contains(&TRUTH.midpoint_nm));
        }
        assert!(covered < 460, "{covered} of 500");
    }

    #[test]
    fn flat_data_are_refused() {
        let flat = Logistic {
            bottom: TRUTH.top,
            ..TRUTH
        };
        assert_eq!(fit(&noisy(&flat, 0.0, 0)), Err(Undetermined::Flat));
        let refused = (0..200).filter(|set| fit(&noisy(&flat, 0.05, *set)).is_err());
        let refused = refused.count();
        assert!(refused >= 195, "{refused} of 200");
        // The same scatter with an effect is not.
        let fitted = (0..200).filter(|set| fit(&noisy(&TRUTH, 0.05, *set)).is_ok());
        assert_eq!(fitted.count(), 200);
    }

    #[test]
    fn what_the_doses_do_not_hold_is_refused() {
        let ladder = |midpoint_nm: f64| {
            let curve = Logistic {
                midpoint_nm,
                ..TRUTH
            };
            fit(&noisy(&curve, 0.01, 3))
        };
        assert!(ladder(100.0).is_ok());
        assert_eq!(ladder(2e4).unwrap_err(), Undetermined::NoPlateau);
        assert!(ladder(1e7).is_err(), "no effect in reach");
        let few: Vec<_> = noisy(&TRUTH, 0.0, 0)
            .into_iter()
            .filter(|(dose, _)| *dose < 20.0)
            .collect();
        assert_eq!(fit(&few).unwrap_err(), Undetermined::TooFew);
        let lost = noisy(&TRUTH, 0.0, 0)
            .into_iter()
            .map(|(c, _)| (c, f64::NAN));
        assert_eq!(
            fit(&lost.collect::<Vec<_>>()).unwrap_err(),
            Undetermined::TooFew
        );
        // Half of the control is never reached: a midpoint, but no absolute IC50.
        let shallow = Logistic {
            bottom: 0.6,
            ..TRUTH
        };
        let fit = fit(&noisy(&shallow, 0.01, 3)).unwrap();
        assert_eq!(fit.ic50_nm(), None);
        assert!((fit.midpoint_nm().value / 40.0 - 1.0).abs() < 0.2);
    }
}
