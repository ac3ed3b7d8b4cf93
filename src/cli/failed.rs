//! A command that ends without a result: what is printed, and the exit code.

use std::fmt;

use crate::audit::AuditError;
use crate::config::Problems;
use crate::data::DataError;

/// Why a command ended.
#[derive(Debug)]
pub struct Failed {
    message: String,
    hint: Option<String>,
    exit_code: u8,
}

impl Failed {
    /// Bad usage, plan or input.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, exit_code: 2 }
    }

    /// A failure with an exit code of its own.
    pub fn with_code(exit_code: u8, message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, exit_code }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The exit code.
    pub fn exit_code(&self) -> u8 {
        self.exit_code
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl From<Problems> for Failed {
    fn from(problems: Problems) -> Self {
        Self { message: problems.to_string(), hint: None, exit_code: problems.exit_code() }
    }
}

impl From<DataError> for Failed {
    fn from(error: DataError) -> Self {
        Self::usage(chain(&error))
    }
}

impl From<AuditError> for Failed {
    fn from(error: AuditError) -> Self {
        let failed = Self::with_code(error.exit_code(), chain(&error));
        match error.hint() {
            Some(hint) => failed.hint(hint),
            None => failed,
        }
    }
}

/// An error with everything that caused it, as far as its own words do not say it already.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let words = cause.to_string();
        if !told.contains(&words) {
            told = format!("{told}: {words}");
        }
        source = cause.source();
    }
    told
}
