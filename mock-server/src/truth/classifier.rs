//! The risks of the linear classifier.

use super::noise::{Noise, mean};
use crate::models::LinearClassifier;

/// The chance that the class of one row differs from its clean class.
///
/// Gaussian: Phi(-|m| / s). Uniform through one column: (a - |m|) / 2a where |m| < a, else 0.
pub fn flip_of(model: &LinearClassifier, row: &[f64], noise: Noise<'_>) -> Option<f64> {
    Some(noise.added(model.weights())?.above(model.margin(row).abs()))
}

/// The mean over the rows of [`flip_of`].
pub fn flip(model: &LinearClassifier, rows: &[Vec<f64>], noise: Noise<'_>) -> Option<f64> {
    mean(rows.iter().map(|row| flip_of(model, row, noise)))
}

/// The error rate: a row that is right without noise errs when it flips, one that is wrong when it does not.
pub fn error(model: &LinearClassifier, rows: &[Vec<f64>], targets: &[f64], noise: Noise<'_>) -> Option<f64> {
    mean(rows.iter().zip(targets).map(|(row, target)| {
        let flip = flip_of(model, row, noise)?;
        Some(if right(model, row, *target) { flip } else { 1.0 - flip })
    }))
}

/// Whether the class of a row is its target.
pub(super) fn right(model: &LinearClassifier, row: &[f64], target: f64) -> bool {
    model.class(row) as f64 == target
}
