//! The questions that are measured, one file for each table: which cells it has, who competes, and how it is
//! printed.

pub mod gates;
pub mod intervals;
pub mod ranges;
pub mod sent;

/// One minus the confidence of the whole audit.
const ALPHA: f64 = 0.05;

/// How many levels the budget of errors is divided over.
const LEVELS: [u64; 2] = [1, 10];

/// Hedged betting takes long to compute, so there are fewer runs of it.
pub const HEDGED_RUNS: u64 = 51;

/// How many runs there are of a cell in which about `draws` are needed: many where they are cheap, as the counts
/// scatter most where they are small.
fn runs(quick: bool, draws: u64) -> u64 {
    if quick { 101 } else { (4_000_000 / draws.max(1)).clamp(100, 1000) | 1 }
}
