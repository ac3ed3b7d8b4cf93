//! `report.json`.

use serde::Serialize;

use crate::results::{Report, Results};

/// The `results` alone, as bytes that are equal where the results are.
pub fn results_bytes(results: &Results) -> Vec<u8> {
    pretty(results)
}

/// The whole report.
pub fn bytes(report: &Report) -> Vec<u8> {
    pretty(report)
}

fn pretty(value: &impl Serialize) -> Vec<u8> {
    let mut bytes =
        serde_json::to_vec_pretty(value).expect("string keys and plain values, written to memory");
    bytes.push(b'\n');
    bytes
}
