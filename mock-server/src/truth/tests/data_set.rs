//! The error of a whole data set.

use super::*;

/// Mean and variance of the replays within five of their standard errors, that of the variance by the fourth
/// moment of the replays themselves.
#[test]
fn replays_have_the_moments() {
    let example = examples::regression(8);
    let (model, rows, targets) = (&example.model, &example.rows, &example.targets);
    let mut cases = noises();
    // A fourth cumulant that is left out or of the wrong sign shows only where one column rules.
    cases.extend([uniform(1.0, ALL), uniform(3.0, &[1])]);
    for noise in cases {
        let exact = data_set_mse(model, rows, targets, noise).unwrap();
        let replays = data_set_mse_replays(model, rows, targets, noise, 60_000, 11);
        let count = replays.len() as f64;
        let mean = replays.iter().sum::<f64>() / count;
        let moment = |power| replays.iter().map(|value| (value - mean).powi(power)).sum::<f64>() / count;
        let variance = moment(2);
        near(mean, exact.mean, 5.0 * (variance / count).sqrt());
        near(variance, exact.variance, 5.0 * ((moment(4) - variance * variance) / count).sqrt());
    }
}

#[test]
fn a_single_row_by_hand() {
    let model = crate::models::LinearRegression::new("m", vec![2.0], 0.0);
    let (rows, targets) = (vec![vec![1.0]], vec![-1.0]);
    // m = 3, s = 1: 9 + 1, 4 x 9 + 2.
    let moments = data_set_mse(&model, &rows, &targets, gaussian(0.5, &[0])).unwrap();
    assert_eq!(moments, Moments { mean: 10.0, variance: 38.0 });
    // a = 3: v has the variance 3, v^2 the variance a^4 (1/5 - 1/9).
    let moments = data_set_mse(&model, &rows, &targets, uniform(1.5, &[0])).unwrap();
    near(moments.mean, 12.0, 1e-12);
    near(moments.variance, 4.0 * 9.0 * 3.0 + 81.0 * (1.0 / 5.0 - 1.0 / 9.0), 1e-12);
}

#[test]
fn the_seed_decides_the_replays() {
    let example = examples::regression(8);
    let (model, rows, targets) = (&example.model, &example.rows, &example.targets);
    let replays = |count, seed| data_set_mse_replays(model, rows, targets, gaussian(0.5, ALL), count, seed);
    assert_eq!(replays(5, 1), replays(5, 1));
    assert_eq!(replays(5, 1)[..3], replays(3, 1));
    assert_ne!(replays(5, 1), replays(5, 2));
    let clean = squared_error(model, rows, targets, gaussian(0.0, ALL)).unwrap();
    let still = data_set_mse_replays(model, rows, targets, gaussian(0.0, ALL), 2, 1);
    assert_eq!(still, [clean, clean]);
    assert_eq!(data_set_mse(model, &[], &[], gaussian(0.5, ALL)), None);
    assert!(data_set_mse_replays(model, &[], &[], gaussian(0.5, ALL), 3, 1).is_empty());
}
