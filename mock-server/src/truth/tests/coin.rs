//! Rates with a coin.

use super::*;
use crate::models::{Context, Flipped, LinearClassifier, Model};

#[test]
fn an_answer_turned_over_by_a_coin_errs_as_told() {
    let example = examples::classification(40);
    let rate = error(&example.model, &example.rows, &example.targets, gaussian(0.2, ALL)).unwrap();
    assert_eq!(with_coin(rate, 0.0), rate);
    near(with_coin(rate, 0.5), 0.5, 1e-15);
    near(with_coin(0.2, 0.1), 0.26, 1e-15);
}

#[test]
fn two_answers_with_a_coin_differ_as_told() {
    near(disagreement(0.05), 0.095, 1e-15);
    near(fresh_flip(0.2, 0.05), 0.2 * 0.905 + 0.8 * 0.095, 1e-15);
    assert_eq!((fresh_flip(0.2, 0.0), fresh_flip(0.0, 0.1)), (0.2, disagreement(0.1)));
    near(fresh_flip(0.2, 0.5), 0.5, 1e-15);
}

/// The noisy row and its clean one are asked in requests of their own, as an audit does.
#[test]
fn a_fresh_clean_answer_differs_as_simulated() {
    let coin = 0.15;
    let example = examples::classification(40);
    let plain = LinearClassifier::new("m", examples::WEIGHTS.to_vec(), examples::BIAS);
    let model = Flipped::new(plain, coin);
    let noise = gaussian(0.3, ALL);
    let truth = fresh_flip(flip(&example.model, &example.rows, noise).unwrap(), coin);
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let class = |x: &[f64], request| model.predict(x, &mut Context::new(5, request))[1] > 0.5;
    let draws = 100_000u64;
    let (mut noisy_differs, mut clean_differs) = (0.0, 0.0);
    for draw in 0..draws {
        let row = &example.rows[draw as usize % example.rows.len()];
        let mut noisy = row.clone();
        perturb(&mut noisy, noise, &mut rng);
        let clean = class(row, 3 * draw);
        noisy_differs += one(class(&noisy, 3 * draw + 1) != clean);
        clean_differs += one(class(row, 3 * draw + 2) != clean);
    }
    // Five standard errors of a share of at most one half.
    let tolerance = 5.0 * 0.5 / (draws as f64).sqrt();
    near(noisy_differs / draws as f64, truth, tolerance);
    near(clean_differs / draws as f64, disagreement(coin), tolerance);
    assert!((truth - with_coin(flip(&example.model, &example.rows, noise).unwrap(), coin)).abs() > tolerance);
}
