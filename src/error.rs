//! Errors that are the user's to mend. `main` prints one error, once, and turns this kind into exit code 2.

/// The command or the scenario is wrong. The message says what, where, what is allowed and what to do.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(pub String);

impl UsageError {
    /// From anything that prints.
    pub fn new(message: impl std::fmt::Display) -> Self {
        Self(message.to_string())
    }
}
