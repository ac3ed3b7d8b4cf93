//! Reports: one file for each output, made from a [`Report`] and nothing else.
//!
//! Each entry of [`OUTPUTS`] turns a report into the text of one file; [`write_all`] puts them into a run
//! folder, each whole or not at all. [`table`] is what goes to the terminal, [`sentence`] the guarantee in
//! words, [`Progress`] the bar while the audit runs. How the numbers came about, and when to report, is
//! left to others.
//!
//! The invariant: nothing is printed that the report does not claim, and a limit, as printed, still holds
//! (limits are rounded outward).

mod across;
mod axis;
pub mod comparison;
pub mod curve;
mod hints;
pub mod json;
mod numbers;
mod palette;
pub mod progress;
pub mod realised;
#[cfg(test)]
mod samples;
pub mod schema;
pub mod sentence;
mod svg;
pub mod table;
pub(crate) mod text;
pub mod trade_off;
mod walk;
mod write;

pub use progress::{Progress, Snapshot};
pub use write::{WriteError, check_writable, write_all, write_whole};

use crate::results::Report;

/// One file of a run folder.
pub struct Output {
    /// The name of the file.
    pub file: &'static str,
    /// Makes its text.
    pub render: fn(&Report) -> String,
}

/// Every file that is made from a report, in the order in which they are written.
pub const OUTPUTS: &[Output] = &[
    Output { file: "report.json", render: json::render },
    Output { file: "curve.svg", render: curve::render },
];
