//! The reports of a comparison: `compare.json`, the text on the terminal, and the trade-off as a picture.
//!
//! The invariant is that of all reports: nothing is printed that is not claimed, and a limit, as printed, still holds.

pub mod json;
pub mod schema;
pub mod sentence;
pub mod text;

use std::path::Path;

use super::{WriteError, write_whole};
use crate::comparison::Comparison;

/// One file of the folder of a comparison.
pub struct Output {
    /// The name of the file.
    pub file: &'static str,
    /// Makes its text.
    pub render: fn(&Comparison) -> String,
}

/// Every file that is made from a comparison, in the order in which they are written.
pub const OUTPUTS: &[Output] = &[Output { file: "compare.json", render: json::render }];

/// Writes every output into the folder of the comparison, which must exist.
///
/// # Errors
/// At the first file that cannot be written; those before it are complete.
pub fn write_all(comparison: &Comparison, dir: &Path) -> Result<(), WriteError> {
    OUTPUTS.iter().try_for_each(|output| write_whole(&dir.join(output.file), &(output.render)(comparison)))
}
