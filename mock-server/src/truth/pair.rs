//! Draws in pairs: a noisy answer beside the clean one of its row, two classifiers on the same draw.

use super::classifier::{error, flip_of, right};
use super::noise::{Noise, mean};
use crate::models::LinearClassifier;

/// The mean over the rows of the error under noise minus the error without.
pub fn degradation(
    model: &LinearClassifier,
    rows: &[Vec<f64>],
    targets: &[f64],
    noise: Noise<'_>,
) -> Option<f64> {
    Some(error(model, rows, targets, noise)? - error(model, rows, targets, noise.clean())?)
}

/// The shares of draws by what the noise did to them; the rest were right and stayed so.
///
/// `was_wrong + became_wrong` is the error, `became_wrong - became_right` the degradation, and
/// `became_wrong + became_right` the flips of a classifier of two classes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// Draws that are wrong, of rows that are wrong without noise already.
    pub was_wrong: f64,
    /// Draws that are wrong, of rows that are right without noise.
    pub became_wrong: f64,
    /// Draws that are right, of rows that are wrong without noise.
    pub became_right: f64,
}

/// The means over all rows: of the chance f that a row flips over those that are right (became wrong) and
/// those that are wrong (became right), of 1 - f over those that are wrong (was wrong).
pub fn split(
    model: &LinearClassifier,
    rows: &[Vec<f64>],
    targets: &[f64],
    noise: Noise<'_>,
) -> Option<Split> {
    let share = |of: fn(f64, bool) -> f64| {
        let pairs = rows.iter().zip(targets);
        mean(pairs.map(|(row, target)| Some(of(flip_of(model, row, noise)?, right(model, row, *target)))))
    };
    Some(Split {
        was_wrong: share(|flip, right| if right { 0.0 } else { 1.0 - flip })?,
        became_wrong: share(|flip, right| if right { flip } else { 0.0 })?,
        became_right: share(|flip, right| if right { 0.0 } else { flip })?,
    })
}

/// The mean of b's error minus a's where both answer the same noisy row. The mean of a difference is the
/// difference of the means, however the two hang together.
pub fn difference(
    a: &LinearClassifier,
    b: &LinearClassifier,
    rows: &[Vec<f64>],
    targets: &[f64],
    noise: Noise<'_>,
) -> Option<f64> {
    Some(error(b, rows, targets, noise)? - error(a, rows, targets, noise)?)
}
