//! The distributions of the absolute error and of the shift.

use super::*;

const SHARES: [f64; 5] = [0.01, 0.25, 0.5, 0.9, 0.999];

#[test]
fn distributions_as_simulated() {
    let example = examples::regression(40);
    let (model, rows, targets) = (&example.model, &example.rows, &example.targets);
    let clean: Vec<f64> = rows.iter().map(|row| model.value(row)).collect();
    for noise in noises() {
        let (q, shift) = (0.6, 0.2);
        let quantile = absolute_error_quantile(model, rows, targets, noise, 0.9).unwrap();
        let shift_90 = shift_quantile(model, noise, 0.9).unwrap();
        let truths = [
            absolute_error_within(model, rows, targets, noise, q),
            shift_within(model, noise, shift),
            Some(0.9),
            Some(0.9),
        ];
        simulate(rows, noise, truths, |i, x| {
            let (error, moved) = ((model.value(x) - targets[i]).abs(), (model.value(x) - clean[i]).abs());
            [one(error <= q), one(moved <= shift), one(error <= quantile), one(moved <= shift_90)]
        });
    }
}

#[test]
fn a_quantile_is_the_first_to_reach_its_share() {
    let example = examples::regression(40);
    let (model, rows, targets) = (&example.model, &example.rows, &example.targets);
    for noise in noises() {
        for share in SHARES {
            let within = |q| absolute_error_within(model, rows, targets, noise, q).unwrap();
            let q = absolute_error_quantile(model, rows, targets, noise, share).unwrap();
            assert!(within(q) >= share && within(q * (1.0 - 1e-9)) < share, "{share}: {q}");
            let within = |q| shift_within(model, noise, q).unwrap();
            let q = shift_quantile(model, noise, share).unwrap();
            assert!(within(q) >= share && within(q * (1.0 - 1e-9)) < share, "{share}: {q}");
        }
    }
}

#[test]
fn the_shift_is_the_error_against_the_clean_answers() {
    let example = examples::regression(40);
    let (model, rows) = (&example.model, &example.rows);
    let clean: Vec<f64> = rows.iter().map(|row| model.value(row)).collect();
    for noise in noises() {
        for share in SHARES {
            let quantile = absolute_error_quantile(model, rows, &clean, noise, share).unwrap();
            near(quantile, shift_quantile(model, noise, share).unwrap(), 1e-12);
        }
    }
    // Phi^-1(0.975) standard deviations; uniform noise reaches 2 on the column with weight 1.
    let deviation = 0.2 * f64::sqrt(examples::WEIGHTS.iter().map(|weight| weight * weight).sum());
    near(shift_quantile(model, gaussian(0.2, ALL), 0.95).unwrap(), 1.959_963_984_540_054 * deviation, 1e-12);
    near(shift_quantile(model, uniform(2.0, &[0]), 0.95).unwrap(), 1.9, 1e-12);
}

#[test]
fn without_noise_the_quantile_is_one_of_the_errors() {
    let example = examples::regression(40);
    let (model, rows, targets) = (&example.model, &example.rows, &example.targets);
    let mut errors: Vec<f64> =
        rows.iter().zip(targets).map(|(row, target)| (model.value(row) - target).abs()).collect();
    errors.sort_by(f64::total_cmp);
    for (share, place) in [(0.001, 0), (0.025, 0), (0.5, 19), (0.51, 20), (0.9, 35), (0.999, 39)] {
        let quantile = absolute_error_quantile(model, rows, targets, gaussian(0.0, ALL), share);
        assert_eq!(quantile, Some(errors[place]), "{share}");
    }
    assert_eq!(shift_quantile(model, gaussian(0.0, ALL), 0.9), Some(0.0));
}

#[test]
fn what_is_no_share_or_has_no_form_has_no_quantile() {
    let example = examples::regression(10);
    let (model, rows, targets) = (&example.model, &example.rows, &example.targets);
    for share in [0.0, 1.0, -0.5, 2.0, f64::NAN] {
        assert_eq!(absolute_error_quantile(model, rows, targets, gaussian(0.5, ALL), share), None);
        assert_eq!(shift_quantile(model, gaussian(0.5, ALL), share), None);
    }
    assert_eq!(absolute_error_quantile(model, rows, targets, uniform(0.5, ALL), 0.5), None);
    assert_eq!(shift_quantile(model, uniform(0.5, ALL), 0.5), None);
    assert_eq!(absolute_error_quantile(model, &[], &[], gaussian(0.5, ALL), 0.5), None);
    assert_eq!(absolute_error_quantile(model, rows, &[f64::NAN; 10], gaussian(0.5, ALL), 0.5), None);
    assert_eq!(absolute_error_within(model, rows, targets, gaussian(0.5, ALL), -0.1), Some(0.0));
    assert_eq!(shift_within(model, gaussian(0.5, ALL), -0.1), Some(0.0));
}
