//! `compare.json`: every number reads back to the same bits.

use std::path::Path;

use crate::comparison::{Compared, Comparison};

/// The text of `compare.json`, with a newline at the end.
///
/// # Panics
/// Never: all keys of a comparison are text.
pub fn render(comparison: &Comparison) -> String {
    let mut text = serde_json::to_string_pretty(comparison).expect("a comparison has only text as keys");
    text.push('\n');
    text
}

/// The `results` block alone: what two runs of one comparison agree on to the byte.
///
/// # Panics
/// Never: all keys of results are text.
pub fn results_bytes(results: &Compared) -> Vec<u8> {
    serde_json::to_vec_pretty(results).expect("results have only text as keys")
}

/// Why a comparison could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file is missing or not readable.
    #[error("cannot read {0}: {1}")]
    Io(String, #[source] std::io::Error),
    /// It is no comparison of this format.
    #[error("{0}: expected a comparison of format `{format}`, found {1}", format = Comparison::FORMAT)]
    Format(String, String),
    /// It does not have the fields of a comparison, or is no JSON at all.
    #[error("{0}: not a comparison: {1}; it may be cut short or edited")]
    Content(String, #[source] serde_json::Error),
}

/// Reads a `compare.json`.
///
/// # Errors
/// When the file cannot be read, names another format, or lacks a field.
pub fn read(path: &Path) -> Result<Comparison, ReadError> {
    let place = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| ReadError::Io(place.clone(), error))?;
    let value: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|error| ReadError::Content(place.clone(), error))?;
    match value.get("format").and_then(serde_json::Value::as_str) {
        Some(Comparison::FORMAT) => {}
        Some(other) => {
            return Err(ReadError::Format(place, format!("`{}`", super::super::text::clean(other))));
        }
        None => return Err(ReadError::Format(place, "no `format` field".to_owned())),
    }
    // From the bytes again: a value in between would not keep every number.
    serde_json::from_slice(&bytes).map_err(|error| ReadError::Content(place, error))
}
