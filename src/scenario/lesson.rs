//! `[lesson]`: what a scenario teaches, and what is expected to come of it.

use serde::Deserialize;
use toml::Spanned;

use super::shape::Raw;

/// `[lesson]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    missing_docs,
    reason = "the keys are documented in the README's scenario reference"
)]
pub struct LessonFile {
    pub explanation: String,
    pub look_for: String,
    #[serde(default)]
    pub settled: String,
    #[serde(default)]
    pub argued: String,
    #[serde(default)]
    pub expect: Vec<Spanned<ExpectFile>>,
}

/// One entry of `[[lesson.expect]]`: the range of a column of the last report.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct ExpectFile {
    pub column: String,
    pub arm: Option<String>,
    pub over: Option<String>,
    pub dose: Option<Raw>,
    pub range: [f64; 2],
}
