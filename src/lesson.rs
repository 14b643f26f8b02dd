//! What a scenario expects to come of it, and whether it came.

use crate::error::UsageError;
use crate::observe::Row;
use crate::scenario::Scenario;
use crate::spread::Replicates;

/// One expectation of `[[lesson.expect]]`.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Expectation {
    /// Column of the last report.
    pub column: String,
    /// The arm that it is of, where the scenario has arms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arm: Option<String>,
    /// The arm whose value it is divided by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<String>,
    /// The dose of a series, nM on its axis, whose mean is divided by that of the lowest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dose_nm: Option<f64>,
    /// Lowest and highest value.
    pub range: [f64; 2],
}

/// How a run, or an arm, ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ending {
    /// The last report; of replicates their mean, of a dose series that of the lowest dose.
    pub row: Row,
    /// The mean last report of each dose of a series, nM, ascending.
    pub doses: Vec<(f64, Row)>,
}

impl From<Row> for Ending {
    fn from(row: Row) -> Self {
        Self {
            row,
            doses: Vec::new(),
        }
    }
}

impl From<&[Replicates]> for Ending {
    fn from(all: &[Replicates]) -> Self {
        let last = |of: &Replicates| of.means().last();
        Self {
            row: all.first().and_then(last).unwrap_or_default(),
            doses: (all.iter())
                .filter_map(|of| Some((of.dose_nm?, last(of)?)))
                .collect(),
        }
    }
}

impl Ending {
    /// A column: of the last report, or at a dose over that at the lowest.
    fn value(&self, column: &str, dose_nm: Option<f64>) -> Option<f64> {
        let Some(dose_nm) = dose_nm else {
            return self.row.get(column);
        };
        // A hair's width for units that are not exact in binary.
        let is_it = |nm: f64| (nm - dose_nm).abs() <= 1e-9 * dose_nm;
        let (_, at) = self.doses.iter().find(|(nm, _)| is_it(*nm))?;
        let (_, lowest) = self.doses.first()?;
        Some(at.get(column)? / lowest.get(column)?)
    }
}

/// An expectation with what came.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Judged {
    /// What was expected.
    pub expectation: Expectation,
    /// What came; `None` where there is no such number.
    pub found: Option<f64>,
}

impl Judged {
    /// Whether it came as expected.
    pub fn holds(&self) -> bool {
        let [low, high] = self.expectation.range;
        self.found
            .is_some_and(|found| (low..=high).contains(&found))
    }
}

impl std::fmt::Display for Expectation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.column)?;
        if let Some(nm) = self.dose_nm {
            write!(f, " at {nm} nM over that at the lowest dose")?;
        }
        if let Some(arm) = &self.arm {
            write!(f, " of '{arm}'")?;
        }
        if let Some(over) = &self.over {
            write!(f, " over that of '{over}'")?;
        }
        write!(f, " between {} and {}", self.range[0], self.range[1])
    }
}

impl std::fmt::Display for Judged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verdict = if self.holds() {
            "as expected"
        } else {
            "NOT as expected"
        };
        match self.found {
            Some(found) => write!(f, "{}: {found:.4}, {verdict}", self.expectation),
            None => write!(f, "{}: there is no such number", self.expectation),
        }
    }
}

/// The expectations of a scenario.
///
/// # Errors
/// A range upside down, or an arm that the scenario does not have; with place.
pub fn expectations(scenario: &Scenario) -> Result<Vec<Expectation>, UsageError> {
    let Some(lesson) = &scenario.file.lesson else {
        return Ok(Vec::new());
    };
    let arms: Vec<&str> = (scenario.file.arm.iter())
        .map(|arm| arm.get_ref().name.get_ref().as_str())
        .collect();
    let mut expectations = Vec::new();
    for (i, entry) in lesson.expect.iter().enumerate() {
        let file = entry.get_ref();
        let wrong = |why: &str| {
            let key = format!("lesson.expect.{i}");
            scenario.error(&key, Some(entry.span()), why)
        };
        let [low, high] = file.range;
        if low.is_nan() || high.is_nan() || low > high {
            return Err(wrong("the range must go from its lower to its higher end"));
        }
        if arms.is_empty() != file.arm.is_none() {
            return Err(wrong(
                "name an arm where the scenario has arms, and only there",
            ));
        }
        for arm in file.arm.iter().chain(&file.over) {
            if !arms.contains(&arm.as_str()) {
                let why = crate::scenario::unknown("arm", arm, arms.iter().copied());
                return Err(wrong(&why));
            }
        }
        let dose_nm = match &file.dose {
            Some(_) if file.over.is_some() => {
                return Err(wrong(
                    "a dose is compared with the lowest, an arm with another; give one of dose and over",
                ));
            }
            Some(raw) => {
                let key = format!("lesson.expect.{i}.dose");
                Some(scenario.quantity(&key, raw, "nM")?)
            }
            None => None,
        };
        expectations.push(Expectation {
            dose_nm,
            column: file.column.clone(),
            arm: file.arm.clone(),
            over: file.over.clone(),
            range: file.range,
        });
    }
    Ok(expectations)
}

/// Judges the last reports of the arms, or of the run itself under any name.
pub fn judge(expectations: &[Expectation], last: &[(String, Ending)]) -> Vec<Judged> {
    let value = |arm: &Option<String>, expectation: &Expectation| {
        let mut endings = last.iter();
        let ending = endings.find(|(name, _)| arm.as_ref().is_none_or(|arm| arm == name));
        ending.and_then(|(_, ending)| ending.value(&expectation.column, expectation.dose_nm))
    };
    (expectations.iter())
        .map(|expectation| {
            let mut found = value(&expectation.arm, expectation);
            if expectation.over.is_some() {
                let over = value(&expectation.over, expectation);
                found = found.zip(over).map(|(a, b)| a / b);
            }
            Judged {
                expectation: expectation.clone(),
                found,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const TEXT: &str = r#"
title = "t"
[domain]
size = ["10 um", "10 um"]
voxel = "10 um"
[time]
duration = "1 h"
[[arm]]
name = "a"
set = { seed = 1 }
[[arm]]
name = "b"
set = { seed = 2 }
[lesson]
explanation = "e"
look_for = "l"
[[lesson.expect]]
column = "x"
arm = "b"
over = "a"
range = [0.5, 2]
"#;

    fn read(text: &str) -> Result<Vec<Expectation>, String> {
        let scenario = Scenario::parse("t", "t", Path::new("."), text, &[]);
        expectations(&scenario.unwrap()).map_err(|why| why.to_string())
    }

    #[test]
    fn a_ratio_is_judged() {
        let expected = read(TEXT).unwrap();
        let rows = |a: f64, b: f64| {
            let row = |x: f64| Ending::from(Row(vec![("x".to_string(), x)]));
            [("a".to_string(), row(a)), ("b".to_string(), row(b))]
        };
        let judged = judge(&expected, &rows(2.0, 3.0));
        assert_eq!(judged[0].found, Some(1.5));
        assert!(judged[0].holds());
        assert!(!judge(&expected, &rows(1.0, 3.0))[0].holds());
        let missing = &judge(&expected, &rows(1.0, 3.0)[..1])[0];
        assert!(!missing.holds() && missing.to_string().contains("no such number"));
    }

    #[test]
    fn a_dose_is_judged_against_the_lowest() {
        let expected = read(&TEXT.replace("over = \"a\"", "dose = \"1 uM\"")).unwrap();
        let row = |x: f64| Row(vec![("x".to_string(), x)]);
        let ending = Ending {
            row: row(8.0),
            doses: vec![(0.0, row(8.0)), (1000.0, row(6.0))],
        };
        let judged = judge(&expected, &[("b".to_string(), ending)]);
        assert_eq!(judged[0].found, Some(0.75));
        assert!(
            judged[0].to_string().contains("at 1000 nM over"),
            "{}",
            judged[0]
        );
        let without = judge(&expected, &[("b".to_string(), row(8.0).into())]);
        assert_eq!(without[0].found, None);
    }

    #[test]
    fn mistakes_are_named() {
        for (from, to, part) in [
            ("[0.5, 2]", "[2, 0.5]", "lower to its higher"),
            ("over = \"a\"", "over = \"c\"", "called 'c'"),
            ("arm = \"b\"", "", "name an arm"),
            (
                "over = \"a\"",
                "over = \"a\"\ndose = \"1 nM\"",
                "one of dose and over",
            ),
            ("over = \"a\"", "dose = \"1 um\"", "another dimension"),
        ] {
            let why = read(&TEXT.replace(from, to)).unwrap_err();
            assert!(
                why.contains("lesson.expect.0") && why.contains(part),
                "{why}"
            );
        }
    }
}
