//! Each closed form against a simulation of a million draws, within five standard errors.

mod classifier;
mod coin;
mod data_set;
mod quantile;
mod regression;
mod slice;

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::simulate::perturb;
use super::*;
use crate::examples;

const DRAWS: usize = 1_000_000;

const ALL: &[usize] = &[0, 1, 2, 3];

fn gaussian(level: f64, columns: &[usize]) -> Noise<'_> {
    Noise { family: Family::Gaussian, level, columns }
}

fn uniform(level: f64, columns: &[usize]) -> Noise<'_> {
    Noise { family: Family::Uniform, level, columns }
}

/// The noises with a closed form for every loss.
fn noises() -> Vec<Noise<'static>> {
    vec![gaussian(0.2, ALL), gaussian(0.7, &[1, 2]), uniform(0.3, &[1]), uniform(2.0, &[0])]
}

/// Draws rows in turn, perturbs them, and demands that the mean of each loss is its truth. All losses see the
/// same noisy row.
fn simulate<const N: usize>(
    rows: &[Vec<f64>],
    noise: Noise<'_>,
    truths: [Option<f64>; N],
    losses: impl Fn(usize, &[f64]) -> [f64; N],
) {
    let mut rng = ChaCha8Rng::seed_from_u64(20_260_101);
    let (mut sums, mut squares) = ([0.0; N], [0.0; N]);
    let draws = DRAWS / rows.len() * rows.len();
    let mut noisy = Vec::new();
    for draw in 0..draws {
        let index = draw % rows.len();
        noisy.clone_from(&rows[index]);
        perturb(&mut noisy, noise, &mut rng);
        for (which, loss) in losses(index, &noisy).into_iter().enumerate() {
            sums[which] += loss;
            squares[which] += loss * loss;
        }
    }
    for (which, truth) in truths.into_iter().enumerate() {
        let told = format!("loss {which} under {noise:?}");
        let truth = truth.expect(&told);
        let mean = sums[which] / draws as f64;
        let error = ((squares[which] / draws as f64 - mean * mean) / draws as f64).sqrt();
        assert!(error > 0.0, "{told} does not vary: the test shows nothing");
        assert!((mean - truth).abs() < 5.0 * error, "{told}: simulated {mean} +- {error}, truth {truth}");
    }
}

fn one(happened: bool) -> f64 {
    f64::from(u8::from(happened))
}

#[track_caller]
fn near(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance, "{a} and {b} differ by {}", (a - b).abs());
}
