//! `report.json`: every number reads back to the same bits.
//!
//! Equal [`Results`] give equal bytes, whatever the rest of the report says. What the fields mean is
//! left to [`crate::results`].

use std::path::{Path, PathBuf};

use crate::results::{Report, Results};

/// The text of `report.json`, with a newline at the end.
///
/// # Panics
/// Never: all keys of a report are text.
pub fn render(report: &Report) -> String {
    let mut text = serde_json::to_string_pretty(report).expect("a report has only text as keys");
    text.push('\n');
    text
}

/// The `results` block alone, indented as a document of its own: what two runs of one question agree on
/// to the byte.
///
/// # Panics
/// Never: all keys of results are text.
pub fn results_bytes(results: &Results) -> Vec<u8> {
    serde_json::to_vec_pretty(results).expect("results have only text as keys")
}

/// Why a report could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file is missing or not readable.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is no report of this format.
    #[error("{}: expected a report of format `{}`, found {found}", path.display(), Report::FORMAT)]
    Format {
        /// The file.
        path: PathBuf,
        /// The format that it names, in words.
        found: String,
    },
    /// It does not have the fields of a report, or is no JSON at all.
    #[error("{}: not a report: {source}; it may be cut short or edited, so write it again with `noisebound audit --resume` and its folder", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
}

impl ReadError {
    /// Whether the file is not there.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound)
    }
}

/// Reads a `report.json`.
///
/// # Errors
/// When the file cannot be read, names another format, or lacks a field.
pub fn read(path: &Path) -> Result<Report, ReadError> {
    let bytes = std::fs::read(path).map_err(|source| ReadError::Io { path: path.to_owned(), source })?;
    let content = |source| ReadError::Content { path: path.to_owned(), source };
    let head: Head = serde_json::from_slice(&bytes).map_err(content)?;
    match head.format {
        Some(format) if format == Report::FORMAT => serde_json::from_slice(&bytes).map_err(content),
        Some(format) => Err(ReadError::Format {
            path: path.to_owned(),
            found: format!("`{}`", super::text::clean(&format)),
        }),
        None => Err(ReadError::Format { path: path.to_owned(), found: "no `format` field".into() }),
    }
}

/// As much of a report as tells its format.
#[derive(serde::Deserialize)]
struct Head {
    format: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn a_report_reads_back_to_the_same_bits() {
        let folder = tempfile::tempdir().unwrap();
        for (name, mut report) in samples::all() {
            // Neighbours of round numbers, a subnormal and a huge number: a printer or parser that is off in the last bit shows.
            report.results.levels[0].risk.estimate = Some(0.1_f64.next_up());
            report.results.levels[0].level = 5e-324;
            report.results.range = Some((-1.797_693_134_862_315_7e308, 2.0_f64.sqrt() / 3.0));
            let path = folder.path().join(name);
            std::fs::write(&path, render(&report)).unwrap();
            let back = read(&path).unwrap();
            assert_eq!(back, report, "{name}");
            assert_eq!(back.results.range.unwrap().1.to_bits(), report.results.range.unwrap().1.to_bits());
            assert_eq!(render(&back), render(&report), "{name}");
        }
    }

    #[test]
    fn results_do_not_depend_on_the_run() {
        let one = samples::precise();
        let mut other = one.clone();
        other.run.started = "2031-01-01T00:00:00Z".into();
        other.conduct.concurrency += 7;
        assert_eq!(results_bytes(&one.results), results_bytes(&other.results));
        other.results.levels[0].draws += 1;
        assert_ne!(results_bytes(&one.results), results_bytes(&other.results));
    }

    #[test]
    fn the_results_block_of_the_report_is_those_bytes() {
        let report = samples::precise();
        let block = String::from_utf8(results_bytes(&report.results)).unwrap().replace('\n', "\n  ");
        assert!(render(&report).contains(&format!("\"results\": {block},")));
    }

    #[test]
    fn an_absent_quantity_is_absent_and_not_null() {
        for (name, report) in samples::all() {
            assert!(!render(&report).contains("null"), "{name}");
        }
    }

    #[test]
    fn what_is_no_report_is_refused_with_the_file_and_the_place() {
        let folder = tempfile::tempdir().unwrap();
        let said = |text: &str| {
            let path = folder.path().join("report.json");
            std::fs::write(&path, text).unwrap();
            read(&path).unwrap_err().to_string()
        };
        assert!(said("{\"format\": \"noisebound.report/1\",").contains("line 1 column"));
        assert!(said("{\"format\": \"noisebound.report/9\"}").ends_with("found `noisebound.report/9`"));
        assert!(said("{}").ends_with("found no `format` field"));
        assert!(said("{\"format\": \"noisebound.report/1\"}").contains("missing field `question`"));
        assert!(said("").contains("report.json"));
        let missing = read(&folder.path().join("none.json")).unwrap_err().to_string();
        assert!(missing.starts_with("cannot read") && missing.contains("none.json"), "{missing}");
    }
}
