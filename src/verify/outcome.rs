//! What a case hands back: curves to plot, and checks that hold or do not.

use serde::Serialize;

/// One expected value and what we got.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Where, in the plot's x unit; the index of the category where the axis has names.
    pub x: f64,
    /// What is expected; not a number where there is nothing to expect.
    pub expected: f64,
    /// What we got.
    pub got: f64,
    /// How far apart the two may be, in the y unit; 0: the point is shown and not judged.
    pub allowed: f64,
}

/// Points that belong together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Series {
    /// What they are.
    pub label: String,
    /// The points, in order of x.
    pub points: Vec<Point>,
    /// Whether expectations are single measurements, drawn with their bounds, and not a curve.
    pub measured: bool,
}

impl Series {
    /// A series against a curve.
    pub fn new(label: impl Into<String>, points: Vec<Point>) -> Self {
        Self {
            label: label.into(),
            points,
            measured: false,
        }
    }

    /// A bound as a line through some places, with nothing of ours.
    pub fn bound(label: impl Into<String>, at: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let point = |(x, expected)| Point {
            x,
            expected,
            got: f64::NAN,
            allowed: 0.0,
        };
        Self::new(label, at.into_iter().map(point).collect())
    }

    /// A series against measurements.
    pub fn measured(label: impl Into<String>, points: Vec<Point>) -> Self {
        Self {
            measured: true,
            ..Self::new(label, points)
        }
    }
}

/// An axis of a plot.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Axis {
    /// Quantity and unit.
    pub label: String,
    /// Whether it is logarithmic.
    pub log: bool,
    /// Names of the places 0, 1, 2, …, if it has names and no numbers.
    pub names: Vec<String>,
}

impl Axis {
    /// A linear axis.
    pub fn linear(label: &str) -> Self {
        Self {
            label: label.to_string(),
            ..Self::default()
        }
    }

    /// A logarithmic axis.
    pub fn log(label: &str) -> Self {
        Self {
            log: true,
            ..Self::linear(label)
        }
    }

    /// An axis of names.
    pub fn named<S: Into<String>>(label: &str, names: impl IntoIterator<Item = S>) -> Self {
        Self {
            names: names.into_iter().map(Into::into).collect(),
            ..Self::linear(label)
        }
    }
}

/// A picture: what is expected and what we got, with the residual below.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plot {
    /// What it shows.
    pub title: String,
    /// Horizontal axis.
    pub x: Axis,
    /// Vertical axis.
    pub y: Axis,
    /// What is drawn.
    pub series: Vec<Series>,
}

/// One comparison that holds or does not.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// What is compared.
    pub what: String,
    /// What is expected, where it is a number.
    pub expected: Option<f64>,
    /// What we got.
    pub got: f64,
    /// The least that is allowed.
    pub low: Option<f64>,
    /// The most that is allowed.
    pub high: Option<f64>,
    /// Unit, empty for a bare number.
    pub unit: &'static str,
}

impl Check {
    /// Within a distance of an expected value.
    pub fn within(
        what: impl Into<String>,
        got: f64,
        expected: f64,
        allowed: f64,
        unit: &'static str,
    ) -> Self {
        Self {
            what: what.into(),
            expected: Some(expected),
            got,
            low: Some(expected - allowed),
            high: Some(expected + allowed),
            unit,
        }
    }

    /// At most so much.
    pub fn most(what: impl Into<String>, got: f64, high: f64, unit: &'static str) -> Self {
        Self {
            what: what.into(),
            expected: None,
            got,
            low: None,
            high: Some(high),
            unit,
        }
    }

    /// At least so much.
    pub fn least(what: impl Into<String>, got: f64, low: f64, unit: &'static str) -> Self {
        Self {
            what: what.into(),
            expected: None,
            got,
            low: Some(low),
            high: None,
            unit,
        }
    }

    /// Whether it holds; what is no number holds nothing.
    pub fn holds(&self) -> bool {
        self.got.is_finite()
            && self.low.is_none_or(|low| self.got >= low)
            && self.high.is_none_or(|high| self.got <= high)
    }

    /// How much of the tolerance is used: 0 at what is expected, 1 at the bound, more beyond.
    pub fn used(&self) -> f64 {
        let used = match (self.expected, self.low, self.high) {
            (Some(expected), Some(low), Some(high)) => {
                let half = if self.got < expected {
                    expected - low
                } else {
                    high - expected
                };
                (self.got - expected).abs() / half
            }
            (_, None, Some(high)) => self.got / high,
            (_, Some(low), _) => low / self.got,
            (_, None, None) => 0.0,
        };
        // 0/0: nothing is allowed and nothing is off.
        match (self.holds(), used.is_finite()) {
            (_, true) => used,
            (true, false) => 0.0,
            (false, false) => f64::INFINITY,
        }
    }
}

/// What a case hands back.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Outcome {
    /// Pictures.
    pub plots: Vec<Plot>,
    /// Comparisons.
    pub checks: Vec<Check>,
}

impl Outcome {
    /// One picture, each judged series of which becomes a check at its worst point.
    pub fn of(plot: Plot, unit: &'static str) -> Self {
        let mut outcome = Self::default();
        outcome.add(plot, unit);
        outcome
    }

    /// Adds a picture, each judged series of which becomes a check at its worst point.
    pub fn add(&mut self, plot: Plot, unit: &'static str) {
        for series in &plot.series {
            let judged = series.points.iter().filter(|p| p.allowed > 0.0);
            let off = |p: &&Point| {
                let off = (p.got - p.expected).abs() / p.allowed;
                if off.is_nan() { f64::INFINITY } else { off }
            };
            if let Some(worst) = judged.max_by(|a, b| off(a).total_cmp(&off(b))) {
                let at = match plot.x.names.get(worst.x as usize) {
                    Some(name) => name.clone(),
                    None => {
                        // "time (s)" is at "time 30 s".
                        let (name, of) =
                            plot.x.label.split_once(" (").unwrap_or((&plot.x.label, ""));
                        let unit = of.split(')').next().unwrap_or_default();
                        let at = crate::render::annotation::number(worst.x);
                        format!("{name} {at} {unit}").trim_end().to_string()
                    }
                };
                let label = [series.label.as_str(), at.as_str()].join(", ");
                self.checks.push(Check::within(
                    label.trim_start_matches(", "),
                    worst.got,
                    worst.expected,
                    worst.allowed,
                    unit,
                ));
            }
        }
        self.plots.push(plot);
    }

    /// Adds a comparison.
    pub fn check(&mut self, check: Check) {
        self.checks.push(check);
    }

    /// The comparison that is nearest to its bound or farthest beyond, the first of equals.
    pub fn worst(&self) -> Option<&Check> {
        self.checks
            .iter()
            .rev()
            .max_by(|a, b| a.used().total_cmp(&b.used()))
    }

    /// Whether every comparison holds, and there is one.
    pub fn holds(&self) -> bool {
        !self.checks.is_empty() && self.checks.iter().all(Check::holds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(points: Vec<Point>) -> Plot {
        Plot {
            title: String::new(),
            x: Axis::linear("time (s)"),
            y: Axis::linear("y"),
            series: vec![Series::new("ours", points)],
        }
    }

    fn point(x: f64, got: f64) -> Point {
        Point {
            x,
            expected: 10.0,
            got,
            allowed: 1.0,
        }
    }

    #[test]
    fn the_worst_point_is_the_check() {
        let outcome = Outcome::of(plot(vec![point(0.0, 10.2), point(5.0, 8.5)]), "nM");
        assert_eq!(outcome.checks.len(), 1);
        assert_eq!(outcome.checks[0].what, "ours, time 5 s");
        assert!(!outcome.holds());
        assert_eq!(outcome.checks[0].used(), 1.5);
        assert!(Outcome::of(plot(vec![point(0.0, 10.9)]), "nM").holds());
    }

    #[test]
    fn what_is_no_number_does_not_hold() {
        for bad in [f64::NAN, f64::INFINITY] {
            assert!(!Outcome::of(plot(vec![point(0.0, 10.0), point(1.0, bad)]), "").holds());
            assert!(!Check::most("x", bad, 1.0, "").holds());
            assert_eq!(Check::least("x", f64::NAN, 1.0, "").used(), f64::INFINITY);
        }
        assert!(
            !Outcome::default().holds(),
            "nothing compared is nothing shown"
        );
    }

    #[test]
    fn points_without_tolerance_are_not_judged() {
        let free = Point {
            allowed: 0.0,
            ..point(0.0, 99.0)
        };
        let outcome = Outcome::of(plot(vec![free, point(1.0, 10.5)]), "");
        assert!(outcome.holds());
    }
}
