//! Reports: one file for each output, made from a [`Report`](crate::results::Report) and nothing else.

mod json;

pub use json::results_bytes;

use std::path::{Path, PathBuf};

use crate::results::Report;

/// A report that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be written: {source}")]
pub struct ReportError {
    /// The file.
    path: PathBuf,
    /// What stood in the way.
    source: std::io::Error,
}

/// Writes every report into a run folder.
pub fn write_all(report: &Report, folder: &Path) -> Result<(), ReportError> {
    let path = folder.join("report.json");
    std::fs::write(&path, json::bytes(report)).map_err(|source| ReportError { path, source })
}
