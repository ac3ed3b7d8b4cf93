//! The risks of the linear regression. The residual of a draw is m + v, m that of the row without noise.

use super::noise::{Added, Noise, mean};
use crate::models::LinearRegression;

/// The mean squared error: the mean of m^2, and the variance of what is added. Exact for any columns.
///
/// The variance is what the noise costs: the same for all rows, so also the degradation of each slice.
pub fn squared_error(
    model: &LinearRegression,
    rows: &[Vec<f64>],
    targets: &[f64],
    noise: Noise<'_>,
) -> Option<f64> {
    let squares = residuals(model, rows, targets).map(|residual| Some(residual * residual));
    Some(mean(squares)? + noise.variance(model.weights()))
}

/// The mean absolute error, E|m + v|.
///
/// Gaussian: the mean of a folded normal, s sqrt(2/pi) exp(-m^2 / 2s^2) + m erf(m / (s sqrt 2)).
/// Uniform through one column: (m^2 + a^2) / 2a where |m| < a, else |m|.
pub fn absolute_error(
    model: &LinearRegression,
    rows: &[Vec<f64>],
    targets: &[f64],
    noise: Noise<'_>,
) -> Option<f64> {
    mean_of(model, rows, targets, noise, Added::absolute)
}

/// The mean of min(L, cap) for the squared error L; the cap is finite and at least 0, else `None`.
///
/// Gaussian, with c the root of the cap, A = (-c - m) / s, B = (c - m) / s and P = Phi(B) - Phi(A):
/// (m^2 + s^2) P + s ((m - c) phi(A) - (m + c) phi(B)) + cap (1 - P). Uniform through one column: the mean of
/// the capped square over `[m - a, m + a]`, by its integral. The derivations stand beside the code.
pub fn capped_squared_error(
    model: &LinearRegression,
    rows: &[Vec<f64>],
    targets: &[f64],
    noise: Noise<'_>,
    cap: f64,
) -> Option<f64> {
    if !cap.is_finite() || cap < 0.0 {
        return None;
    }
    mean_of(model, rows, targets, noise, |added, residual| added.capped_square(residual, cap))
}

/// The chance that the squared error is above the cap, which is at least 0, else `None`.
///
/// Gaussian, with c the root of the cap: Phi(-(c - m) / s) + Phi(-(c + m) / s), averaged over the rows.
pub fn squared_error_above(
    model: &LinearRegression,
    rows: &[Vec<f64>],
    targets: &[f64],
    noise: Noise<'_>,
    cap: f64,
) -> Option<f64> {
    if cap.is_nan() || cap < 0.0 {
        return None;
    }
    mean_of(model, rows, targets, noise, |added, residual| added.outside(residual, cap.sqrt()))
}

/// The mean over the rows of a function of the residual without noise and of what the noise adds.
pub(super) fn mean_of(
    model: &LinearRegression,
    rows: &[Vec<f64>],
    targets: &[f64],
    noise: Noise<'_>,
    risk: impl Fn(Added, f64) -> f64,
) -> Option<f64> {
    let added = noise.added(model.weights())?;
    mean(residuals(model, rows, targets).map(|residual| Some(risk(added, residual))))
}

/// What the model answers without noise minus what it should, for each row.
pub(super) fn residuals(
    model: &LinearRegression,
    rows: &[Vec<f64>],
    targets: &[f64],
) -> impl Iterator<Item = f64> {
    rows.iter().zip(targets).map(|(row, target)| model.value(row) - target)
}
