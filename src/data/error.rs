//! Why a data set cannot be used.

use std::io;

/// Why a data set cannot be used. Rows and elements are counted from 0, lines from 1; a line of a table
/// is a line of its text, so that an editor finds it.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The text does not name something that can be read as data, or the parts do not go together.
    #[error("`{given}`: {why}")]
    Source {
        /// What was typed.
        given: String,
        /// What was expected, and what to do.
        why: String,
    },
    /// The file is missing, or the system does not let it be read.
    #[error("{at}: cannot be read: {why}")]
    Unreadable {
        /// The file.
        at: String,
        /// What the system said.
        why: io::Error,
    },
    /// The bytes are not a whole, valid file of their format.
    #[error("{at}: {what}")]
    Malformed {
        /// The file, or the member of it.
        at: String,
        /// What is wrong with it.
        what: String,
    },
    /// The file is valid and holds something that cannot be audited: objects, texts, no rows.
    #[error("{at}: {what}")]
    Unsupported {
        /// The file, or the member of it.
        at: String,
        /// What it holds, what was expected, and what to do.
        what: String,
    },
    /// One value is unusable.
    #[error("{at}: {place}: {what}")]
    Value {
        /// The file, or the member of it.
        at: String,
        /// The line and column, or the row and element.
        place: String,
        /// What was found, what was expected, and what to do.
        what: String,
    },
}

impl DataError {
    pub(super) fn source(given: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Source { given: given.into(), why: why.into() }
    }

    pub(super) fn malformed(at: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Malformed { at: at.into(), what: what.into() }
    }

    pub(super) fn unsupported(at: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Unsupported { at: at.into(), what: what.into() }
    }

    pub(super) fn value(at: impl Into<String>, place: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Value { at: at.into(), place: place.into(), what: what.into() }
    }
}
