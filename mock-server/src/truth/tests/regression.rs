//! The regression: squared and absolute errors, capped ones, and the tail.

use super::*;
use crate::models::LinearRegression;

#[test]
fn squared_absolute_and_capped_errors() {
    let example = examples::regression(40);
    let (model, rows, targets) = (&example.model, &example.rows, &example.targets);
    let cap = 0.4;
    for noise in noises() {
        let truths = [
            squared_error(model, rows, targets, noise),
            absolute_error(model, rows, targets, noise),
            capped_squared_error(model, rows, targets, noise, cap),
            squared_error_above(model, rows, targets, noise, cap),
        ];
        simulate(rows, noise, truths, |i, x| {
            let error = model.value(x) - targets[i];
            let square = error * error;
            [square, error.abs(), square.min(cap), one(square > cap)]
        });
    }
}

#[test]
fn a_squared_error_is_known_for_any_columns() {
    let example = examples::regression(40);
    let (model, rows, targets) = (&example.model, &example.rows, &example.targets);
    let several = uniform(0.5, ALL);
    simulate(rows, several, [squared_error(model, rows, targets, several)], |i, x| {
        [(model.value(x) - targets[i]).powi(2)]
    });
    assert_eq!(absolute_error(model, rows, targets, several), None);
    assert_eq!(capped_squared_error(model, rows, targets, several, 1.0), None);
    assert_eq!(squared_error_above(model, rows, targets, several, 1.0), None);
    assert_eq!(squared_error(model, &[], &[], several), None);
}

/// One row with the residual m.
fn one_row(m: f64) -> (LinearRegression, Vec<Vec<f64>>, Vec<f64>) {
    (LinearRegression::new("m", vec![1.0], 0.0), vec![vec![m]], vec![0.0])
}

/// E[min(L, B)] is the integral of P(L > b) over b from 0 to B: by Simpson's rule over c, with b = c^2.
#[test]
fn the_capped_error_is_the_integral_of_the_tail() {
    for m in [-2.0, -0.3, 0.0, 0.5, 3.0] {
        let (model, rows, targets) = one_row(m);
        for noise in [gaussian(0.1, &[0]), gaussian(1.5, &[0]), uniform(1.5, &[0])] {
            for cap in [0.05, 1.0, 9.0] {
                let steps = 20_000;
                let width = f64::sqrt(cap) / f64::from(steps);
                let at = |step: i32| {
                    let c = f64::from(step) * width;
                    2.0 * c * squared_error_above(&model, &rows, &targets, noise, c * c).unwrap()
                };
                let inner: f64 =
                    (1..steps).map(|step| if step % 2 == 1 { 4.0 } else { 2.0 } * at(step)).sum();
                let integral = (at(0) + inner + at(steps)) * width / 3.0;
                let exact = capped_squared_error(&model, &rows, &targets, noise, cap).unwrap();
                // The tail of the uniform has corners, where the rule is of second order only.
                let tolerance = if noise.family == Family::Gaussian { 1e-11 } else { 1e-6 };
                near(exact, integral, tolerance);
            }
        }
    }
}

#[test]
fn the_cap_at_its_ends() {
    let example = examples::regression(40);
    let (model, rows, targets) = (&example.model, &example.rows, &example.targets);
    for noise in noises() {
        let capped = |cap| capped_squared_error(model, rows, targets, noise, cap);
        let above = |cap| squared_error_above(model, rows, targets, noise, cap);
        near(capped(0.0).unwrap(), 0.0, 1e-14);
        near(above(0.0).unwrap(), 1.0, 1e-14);
        near(capped(1e6).unwrap(), squared_error(model, rows, targets, noise).unwrap(), 1e-9);
        assert_eq!((above(1e6), above(f64::INFINITY)), (Some(0.0), Some(0.0)));
        for cap in [-1.0, f64::NAN] {
            assert_eq!((capped(cap), above(cap)), (None, None));
        }
        assert_eq!(capped(f64::INFINITY), None);
    }
}

#[test]
fn without_noise_the_losses_are_the_clean_ones() {
    let example = examples::regression(40);
    let (model, rows, targets) = (&example.model, &example.rows, &example.targets);
    let clean = |loss: fn(f64) -> f64| {
        let losses = rows.iter().zip(targets).map(|(row, target)| loss(model.value(row) - target));
        losses.sum::<f64>() / rows.len() as f64
    };
    for noise in [gaussian(0.0, ALL), uniform(0.0, ALL)] {
        assert_eq!(squared_error(model, rows, targets, noise), Some(clean(|m| m * m)));
        assert_eq!(absolute_error(model, rows, targets, noise), Some(clean(f64::abs)));
        let capped = capped_squared_error(model, rows, targets, noise, 0.25);
        assert_eq!(capped, Some(clean(|m| (m * m).min(0.25))));
        let above = squared_error_above(model, rows, targets, noise, 0.25);
        assert_eq!(above, Some(clean(|m| one(m * m > 0.25))));
    }
}
