//! What a scenario expects to come of it, and whether it came.

use crate::error::UsageError;
use crate::observe::Row;
use crate::scenario::Scenario;

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
    /// Lowest and highest value.
    pub range: [f64; 2],
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
        expectations.push(Expectation {
            column: file.column.clone(),
            arm: file.arm.clone(),
            over: file.over.clone(),
            range: file.range,
        });
    }
    Ok(expectations)
}

/// Judges the last reports of the arms, or of the run itself under any name.
pub fn judge(expectations: &[Expectation], last: &[(String, Row)]) -> Vec<Judged> {
    let value = |arm: &Option<String>, column: &str| {
        let mut rows = last.iter();
        let row = rows.find(|(name, _)| arm.as_ref().is_none_or(|arm| arm == name));
        row.and_then(|(_, row)| row.get(column))
    };
    (expectations.iter())
        .map(|expectation| {
            let mut found = value(&expectation.arm, &expectation.column);
            if expectation.over.is_some() {
                let over = value(&expectation.over, &expectation.column);
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
            let row = |x: f64| Row(vec![("x".to_string(), x)]);
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
    fn mistakes_are_named() {
        for (from, to, part) in [
            ("[0.5, 2]", "[2, 0.5]", "lower to its higher"),
            ("over = \"a\"", "over = \"c\"", "called 'c'"),
            ("arm = \"b\"", "", "name an arm"),
        ] {
            let why = read(&TEXT.replace(from, to)).unwrap_err();
            assert!(
                why.contains("lesson.expect.0") && why.contains(part),
                "{why}"
            );
        }
    }
}
