//! The exact risk of the linear models under noise, in closed form.
//!
//! Pure functions of rows, targets and the noise; each is checked against a simulation. Let m be the margin
//! or the residual of a row without noise and v the noise that reaches the sum: gaussian noise gives
//! v ~ N(0, s^2) with s = level * |w over the perturbed columns|; uniform noise on one column gives
//! v ~ U(-a, a) with a = level * |w_j|. A risk that has no closed form here is `None`, never a guess.

use std::f64::consts::{PI, SQRT_2};

use crate::models::{LinearClassifier, LinearRegression};

/// A family of noise with independent columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Normal; the level is the standard deviation.
    Gaussian,
    /// Even on `[-level, level]`.
    Uniform,
}

/// The noise that is added to each row.
#[derive(Debug, Clone, Copy)]
pub struct Noise<'a> {
    /// The distribution.
    pub family: Family,
    /// The strength, at least 0; 0 is clean.
    pub level: f64,
    /// The columns that are perturbed, each once; a column that the model does not have counts for nothing.
    pub columns: &'a [usize],
}

/// What the noise adds to the sum `w . x`.
enum Added {
    /// Normal with this standard deviation.
    Normal(f64),
    /// Even on plus and minus this number.
    Even(f64),
}

impl Noise<'_> {
    fn reach<'w>(&self, weights: &'w [f64]) -> impl Iterator<Item = f64> + use<'_, 'w> {
        self.columns.iter().filter_map(|&column| weights.get(column)).map(|weight| weight * self.level)
    }

    /// The variance of what is added.
    fn variance(&self, weights: &[f64]) -> f64 {
        let squares: f64 = self.reach(weights).map(|reach| reach * reach).sum();
        match self.family {
            Family::Gaussian => squares,
            Family::Uniform => squares / 3.0,
        }
    }

    fn added(&self, weights: &[f64]) -> Option<Added> {
        match self.family {
            Family::Gaussian => Some(Added::Normal(self.variance(weights).sqrt())),
            Family::Uniform => match self.columns {
                [_] => Some(Added::Even(self.reach(weights).map(f64::abs).sum())),
                _ => None,
            },
        }
    }
}

/// The chance that the class of one row differs from its clean class.
///
/// Gaussian: Phi(-|m| / s). Uniform on one column: (a - |m|) / 2a where |m| < a, else 0.
pub fn flip_of(model: &LinearClassifier, row: &[f64], noise: Noise<'_>) -> Option<f64> {
    let margin = model.margin(row).abs();
    Some(match noise.added(model.weights())? {
        Added::Normal(deviation) if deviation > 0.0 => 0.5 * libm::erfc(margin / deviation / SQRT_2),
        Added::Even(reach) if reach > margin => (reach - margin) / (2.0 * reach),
        Added::Normal(_) | Added::Even(_) => 0.0,
    })
}

/// The mean over the rows of [`flip_of`].
pub fn flip(model: &LinearClassifier, rows: &[Vec<f64>], noise: Noise<'_>) -> Option<f64> {
    mean(rows.iter().map(|row| flip_of(model, row, noise)))
}

/// The error rate: a row that is right without noise errs when it flips, one that is wrong when it does not.
pub fn error(model: &LinearClassifier, rows: &[Vec<f64>], targets: &[f64], noise: Noise<'_>) -> Option<f64> {
    mean(rows.iter().zip(targets).map(|(row, target)| {
        let flip = flip_of(model, row, noise)?;
        Some(if model.class(row) as f64 == *target { flip } else { 1.0 - flip })
    }))
}

/// The rate of wrong answers when each answer is turned over with probability `coin` besides.
pub fn with_coin(rate: f64, coin: f64) -> f64 {
    rate * (1.0 - coin) + (1.0 - rate) * coin
}

/// The mean squared error: the mean of m^2, and the variance of what is added. Exact for any columns.
pub fn squared_error(
    model: &LinearRegression,
    rows: &[Vec<f64>],
    targets: &[f64],
    noise: Noise<'_>,
) -> Option<f64> {
    let clean = mean(rows.iter().zip(targets).map(|(row, target)| {
        let residual = model.value(row) - target;
        Some(residual * residual)
    }))?;
    Some(clean + noise.variance(model.weights()))
}

/// The mean absolute error.
///
/// Gaussian: the mean of a folded normal, s sqrt(2/pi) exp(-m^2 / 2s^2) + m erf(m / (s sqrt 2)).
/// Uniform on one column: (m^2 + a^2) / 2a where |m| < a, else |m|.
pub fn absolute_error(
    model: &LinearRegression,
    rows: &[Vec<f64>],
    targets: &[f64],
    noise: Noise<'_>,
) -> Option<f64> {
    mean(rows.iter().zip(targets).map(|(row, target)| {
        let residual = (model.value(row) - target).abs();
        Some(match noise.added(model.weights())? {
            Added::Normal(deviation) if deviation > 0.0 => {
                let z = residual / deviation;
                deviation * (2.0 / PI).sqrt() * libm::exp(-z * z / 2.0) + residual * libm::erf(z / SQRT_2)
            }
            Added::Even(reach) if reach > residual => (residual * residual + reach * reach) / (2.0 * reach),
            Added::Normal(_) | Added::Even(_) => residual,
        })
    }))
}

/// The mean of what is known; `None` for no rows, or where one is unknown.
fn mean(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let mut sum = 0.0;
    let mut count = 0u64;
    for value in values {
        sum += value?;
        count += 1;
    }
    (count > 0).then(|| sum / count as f64)
}

#[cfg(test)]
mod tests;
