//! Reads the reference values under `tests/vectors`, for tests.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

/// The cases of one file.
pub fn cases<T: DeserializeOwned>(json: &str) -> Vec<T> {
    let cases: Vec<T> = serde_json::from_str(json).expect("committed vectors parse");
    assert!(cases.len() >= 30, "too few cases to mean anything: {}", cases.len());
    cases
}

/// The named samples of losses that some files refer to.
pub fn losses() -> BTreeMap<String, Vec<f64>> {
    serde_json::from_str(include_str!("../../tests/vectors/losses.json")).expect("committed vectors parse")
}

/// Whether a logarithm of a wealth is the reference value; none stands for minus infinity.
pub fn same_log(found: f64, expected: Option<f64>) -> bool {
    match expected {
        None => found == f64::NEG_INFINITY,
        Some(expected) => (found - expected).abs() <= 1e-8 * expected.abs().max(1.0),
    }
}
