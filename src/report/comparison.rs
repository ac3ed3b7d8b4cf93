//! The reports of a comparison: `compare.json`, the text on the terminal, and the trade-off as a picture.
//!
//! The invariant is that of all reports: nothing is printed that is not claimed, and a limit, as printed, still holds.

pub mod json;
pub mod reports;
#[cfg(test)]
mod samples;
pub mod schema;
pub mod sentence;
pub mod text;

use std::path::Path;

use super::trade_off::{self, TradeOffPoint};
use super::{WriteError, write_whole};
use crate::comparison::{ComparedSummary, Comparison};

/// One file of the folder of a comparison.
pub struct Output {
    /// The name of the file.
    pub file: &'static str,
    /// Makes its text.
    pub render: fn(&Comparison) -> String,
}

/// Every file that is made from a comparison, in the order in which they are written.
pub const OUTPUTS: &[Output] = &[
    Output { file: "compare.json", render: json::render },
    Output { file: "trade-off.svg", render: picture },
];

/// Accuracy and robustness of each endpoint as a picture.
fn picture(comparison: &Comparison) -> String {
    let model = |name: &str| {
        let endpoint = comparison.endpoints.iter().find(|endpoint| endpoint.name == name);
        endpoint.and_then(|endpoint| endpoint.told.model.clone())
    };
    let point = |of: &ComparedSummary| TradeOffPoint {
        name: model(&of.endpoint)
            .map_or_else(|| of.endpoint.clone(), |model| format!("{}: {model}", of.endpoint)),
        clean: of.clean.risk,
        index: of.index.unwrap_or_default(),
    };
    trade_off::render(&comparison.results.endpoints.iter().map(point).collect::<Vec<_>>())
}

/// Writes every output into the folder of the comparison, which must exist.
///
/// # Errors
/// At the first file that cannot be written; those before it are complete.
pub fn write_all(comparison: &Comparison, dir: &Path) -> Result<(), WriteError> {
    OUTPUTS.iter().try_for_each(|output| write_whole(&dir.join(output.file), &(output.render)(comparison)))
}

#[cfg(test)]
mod tests;
