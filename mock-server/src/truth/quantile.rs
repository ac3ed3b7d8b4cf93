//! How the absolute error and the shift of the linear regression are distributed.
//!
//! The shift is |v|, the noisy answer against the clean one. It is the absolute error where each target is the
//! clean answer, and the same for all rows. Quantiles are found by bisection, to the last bit.

use super::noise::Noise;
use super::regression::{mean_of, residuals};
use crate::models::LinearRegression;

/// P(|m + v| <= q), averaged over the rows; 0 for q below 0.
///
/// Gaussian: Phi((q - m) / s) - Phi((-q - m) / s). Uniform through one column: the share of
/// `[m - a, m + a]` in `[-q, q]`. Without noise: the share of rows with |m| <= q.
pub fn absolute_error_within(
    model: &LinearRegression,
    rows: &[Vec<f64>],
    targets: &[f64],
    noise: Noise<'_>,
    q: f64,
) -> Option<f64> {
    let within = |outside: f64| if q >= 0.0 { 1.0 - outside } else { 0.0 };
    mean_of(model, rows, targets, noise, |added, residual| within(added.outside(residual, q)))
}

/// The smallest q with [`absolute_error_within`] of at least `share`, which lies between 0 and 1, both
/// excluded.
pub fn absolute_error_quantile(
    model: &LinearRegression,
    rows: &[Vec<f64>],
    targets: &[f64],
    noise: Noise<'_>,
    share: f64,
) -> Option<f64> {
    let start = residuals(model, rows, targets).map(f64::abs).fold(0.0, f64::max);
    smallest(start, share, |q| absolute_error_within(model, rows, targets, noise, q))
}

/// P(|v| <= q) of the shift; 0 for q below 0.
///
/// Gaussian: 1 - 2 Phi(-q / s). Uniform through one column: q / a, up to 1.
pub fn shift_within(model: &LinearRegression, noise: Noise<'_>, q: f64) -> Option<f64> {
    let added = noise.added(model.weights())?;
    Some(if q >= 0.0 { 1.0 - added.outside(0.0, q) } else { 0.0 })
}

/// The smallest q with [`shift_within`] of at least `share`, which lies between 0 and 1, both excluded.
pub fn shift_quantile(model: &LinearRegression, noise: Noise<'_>, share: f64) -> Option<f64> {
    smallest(0.0, share, |q| shift_within(model, noise, q))
}

/// The smallest number of 0 or more at which a distribution reaches `share`; `start` is where to look first.
fn smallest(start: f64, share: f64, within: impl Fn(f64) -> Option<f64>) -> Option<f64> {
    if share.is_nan() || share <= 0.0 || share >= 1.0 {
        return None;
    }
    let within = |q| within(q).filter(|reached| !reached.is_nan());
    if within(0.0)? >= share {
        return Some(0.0);
    }
    let (mut below, mut reached) = (0.0, start.max(f64::MIN_POSITIVE));
    while within(reached)? < share {
        (below, reached) = (reached, 2.0 * reached);
        if !reached.is_finite() {
            return None;
        }
    }
    // Halved until no number lies between: `below` never reaches the share, `reached` always does.
    loop {
        let middle = below + (reached - below) / 2.0;
        if middle <= below || middle >= reached {
            return Some(reached);
        }
        if within(middle)? >= share { reached = middle } else { below = middle }
    }
}
