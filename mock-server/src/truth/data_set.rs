//! The mean squared error of the whole data set, every row sent once with noise of its own: a random number.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::noise::Noise;
use super::regression::{residuals, squared_error};
use super::simulate::perturb;
use crate::models::LinearRegression;

/// The mean and the variance of a random number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// Its mean.
    pub mean: f64,
    /// Its variance.
    pub variance: f64,
}

/// The moments of M, the mean over the n rows of (m_r + v_r)^2 with a v_r of its own for each. Exact for any
/// columns.
///
/// Mean: [`squared_error`]. Variance: as v is even, Var((m + v)^2) = 4 m^2 s^2 + Var(v^2), with s^2 = Var(v) and
/// Var(v^2) = 2 s^4 + k, where k is the fourth cumulant of v, 0 for gaussian noise; their sum over the rows
/// is divided by n^2, since rows are independent.
pub fn data_set_mse(
    model: &LinearRegression,
    rows: &[Vec<f64>],
    targets: &[f64],
    noise: Noise<'_>,
) -> Option<Moments> {
    let variance = noise.variance(model.weights());
    let of_square = 2.0 * variance * variance + noise.fourth_cumulant(model.weights());
    let of_row = residuals(model, rows, targets).map(|m| 4.0 * m * m * variance + of_square);
    let count = rows.len().min(targets.len()) as f64;
    let mean = squared_error(model, rows, targets, noise)?;
    Some(Moments { mean, variance: of_row.sum::<f64>() / (count * count) })
}

/// `replays` values of M, each from one pass over the rows with fresh noise; the same seed, the same values.
///
/// It perturbs the columns and asks the model, so it shares nothing with the formula but the noise. Without
/// rows there are no values.
pub fn data_set_mse_replays(
    model: &LinearRegression,
    rows: &[Vec<f64>],
    targets: &[f64],
    noise: Noise<'_>,
    replays: usize,
    seed: u64,
) -> Vec<f64> {
    let count = rows.len().min(targets.len());
    if count == 0 {
        return Vec::new();
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut noisy = Vec::new();
    let mut replay = || {
        let squares = rows.iter().zip(targets).map(|(row, target)| {
            noisy.clone_from(row);
            perturb(&mut noisy, noise, &mut rng);
            (model.value(&noisy) - target).powi(2)
        });
        squares.sum::<f64>() / count as f64
    };
    (0..replays).map(|_| replay()).collect()
}
