//! Each closed form against a simulation of a million draws, within five standard errors.

use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};

use super::*;
use crate::examples;

const DRAWS: usize = 1_000_000;

fn uniform(rng: &mut ChaCha8Rng) -> f64 {
    ((rng.next_u64() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}

/// One column's noise at level 1; the normal by the transform of Box and Muller.
fn standard(family: Family, rng: &mut ChaCha8Rng) -> f64 {
    match family {
        Family::Gaussian => (-2.0 * uniform(rng).ln()).sqrt() * (2.0 * PI * uniform(rng)).cos(),
        Family::Uniform => 2.0 * uniform(rng) - 1.0,
    }
}

/// Draws rows in turn, perturbs them, and demands that the mean loss is the truth.
fn simulate(rows: &[Vec<f64>], noise: Noise<'_>, truth: f64, loss: impl Fn(usize, &[f64]) -> f64) {
    let mut rng = ChaCha8Rng::seed_from_u64(20_260_101);
    let (mut sum, mut squares) = (0.0, 0.0);
    let draws = DRAWS / rows.len() * rows.len();
    let mut noisy = Vec::new();
    for draw in 0..draws {
        let index = draw % rows.len();
        noisy.clone_from(&rows[index]);
        for &column in noise.columns {
            noisy[column] += noise.level * standard(noise.family, &mut rng);
        }
        let loss = loss(index, &noisy);
        sum += loss;
        squares += loss * loss;
    }
    let mean = sum / draws as f64;
    let error = ((squares / draws as f64 - mean * mean) / draws as f64).sqrt();
    assert!(error > 0.0, "the loss does not vary: the test shows nothing");
    assert!((mean - truth).abs() < 5.0 * error, "{noise:?}: simulated {mean} +- {error}, truth {truth}");
}

const ALL: &[usize] = &[0, 1, 2, 3];

/// The noises with a closed form for every loss.
fn noises() -> Vec<Noise<'static>> {
    let gaussian = |level, columns| Noise { family: Family::Gaussian, level, columns };
    let uniform = |level, columns| Noise { family: Family::Uniform, level, columns };
    vec![gaussian(0.2, ALL), gaussian(0.7, &[1, 2]), uniform(0.3, &[1]), uniform(2.0, &[0])]
}

#[test]
fn flips_and_errors_of_a_classifier() {
    let example = examples::classification(40);
    let (model, rows, targets) = (&example.model, &example.rows, &example.targets);
    for noise in noises() {
        let clean: Vec<usize> = rows.iter().map(|row| model.class(row)).collect();
        let truth = flip(model, rows, noise).unwrap();
        simulate(rows, noise, truth, |i, x| f64::from(u8::from(model.class(x) != clean[i])));
        let truth = error(model, rows, targets, noise).unwrap();
        simulate(rows, noise, truth, |i, x| f64::from(u8::from(model.class(x) as f64 != targets[i])));
    }
}

#[test]
fn squared_and_absolute_errors_of_a_regression() {
    let example = examples::regression(40);
    let (model, rows, targets) = (&example.model, &example.rows, &example.targets);
    for noise in noises() {
        let truth = squared_error(model, rows, targets, noise).unwrap();
        simulate(rows, noise, truth, |i, x| (model.value(x) - targets[i]).powi(2));
        let truth = absolute_error(model, rows, targets, noise).unwrap();
        simulate(rows, noise, truth, |i, x| (model.value(x) - targets[i]).abs());
    }
    let several = Noise { family: Family::Uniform, level: 0.5, columns: ALL };
    let truth = squared_error(model, rows, targets, several).unwrap();
    simulate(rows, several, truth, |i, x| (model.value(x) - targets[i]).powi(2));
}

#[test]
fn an_answer_turned_over_by_a_coin_errs_as_told() {
    let noise = Noise { family: Family::Gaussian, level: 0.2, columns: ALL };
    let example = examples::classification(40);
    let rate = error(&example.model, &example.rows, &example.targets, noise).unwrap();
    assert_eq!(with_coin(rate, 0.0), rate);
    assert!((with_coin(rate, 0.5) - 0.5).abs() < 1e-15);
    assert!((with_coin(0.2, 0.1) - 0.26).abs() < 1e-15);
}

#[test]
fn without_noise_the_risk_is_the_clean_one() {
    let example = examples::classification(40);
    for family in [Family::Gaussian, Family::Uniform] {
        let noise = Noise { family, level: 0.0, columns: &[0] };
        assert_eq!(flip(&example.model, &example.rows, noise), Some(0.0));
        assert_eq!(error(&example.model, &example.rows, &example.targets, noise), Some(0.1));
    }
}

#[test]
fn what_has_no_closed_form_is_not_answered() {
    let noise = Noise { family: Family::Uniform, level: 0.5, columns: &[0, 1] };
    let example = examples::regression(10);
    assert_eq!(flip(&examples::classification(10).model, &example.rows, noise), None);
    assert_eq!(absolute_error(&example.model, &example.rows, &example.targets, noise), None);
    assert!(squared_error(&example.model, &example.rows, &example.targets, noise).is_some());
    assert_eq!(squared_error(&example.model, &[], &[], noise), None);
}

#[test]
fn the_error_near_the_boundary_falls_before_it_rises() {
    let example = examples::near_boundary();
    let at = |level| {
        let noise = Noise { family: Family::Gaussian, level, columns: &[0] };
        error(&example.model, &example.rows, &example.targets, noise).unwrap()
    };
    assert_eq!(at(0.0), 0.25);
    assert!(at(0.3) < 0.15, "{}", at(0.3));
    assert!(at(3.0) > 0.3, "{}", at(3.0));
}
