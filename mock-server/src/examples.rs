//! Ready-made models with data whose risk under noise is known exactly.
//!
//! Everything is a fixed function of the arguments: no file, no generator, the same bits everywhere.

use crate::models::{LinearClassifier, LinearRegression};

/// A model with rows and a target for each.
#[derive(Debug, Clone)]
pub struct Example<M> {
    /// The model.
    pub model: M,
    /// The rows, each as wide as the model's input.
    pub rows: Vec<Vec<f64>>,
    /// A class or a number for each row.
    pub targets: Vec<f64>,
}

/// The weights of the linear models that are deployed by default.
pub const WEIGHTS: [f64; 4] = [1.0, -2.0, 0.5, 0.25];

/// The bias of the linear models that are deployed by default.
pub const BIAS: f64 = 0.25;

/// `count` rows around the plane of the default classifier, every tenth with the wrong target.
///
/// The clean error is 0.1 (for a multiple of ten); it grows with the noise towards one half.
pub fn classification(count: usize) -> Example<LinearClassifier> {
    let model = LinearClassifier::new("linear-classifier", WEIGHTS.to_vec(), BIAS);
    let rows: Vec<Vec<f64>> = (0..count).map(|i| row(i, WEIGHTS.len())).collect();
    let target = |(i, row): (usize, &Vec<f64>)| {
        let class = model.class(row);
        if i % 10 == 3 { 1.0 - class as f64 } else { class as f64 }
    };
    let targets = rows.iter().enumerate().map(target).collect();
    Example { model, rows, targets }
}

/// `count` rows for the default regression, with residuals spread evenly over -1 to 1.
pub fn regression(count: usize) -> Example<LinearRegression> {
    let model = LinearRegression::new("linear-regression", WEIGHTS.to_vec(), BIAS);
    let rows: Vec<Vec<f64>> = (0..count).map(|i| row(i, WEIGHTS.len())).collect();
    let targets = rows.iter().enumerate().map(|(i, row)| model.value(row) - spread(i, 4)).collect();
    Example { model, rows, targets }
}

/// A classifier of one column whose error first falls and then rises with the noise.
///
/// A quarter of the rows lies close to the plane on its wrong side: little noise puts half of their answers
/// right while the other rows, far away, still stand.
pub fn near_boundary() -> Example<LinearClassifier> {
    let model = LinearClassifier::new("near-boundary", vec![1.0], 0.0);
    let rows = vec![vec![0.05], vec![1.0], vec![1.2], vec![-1.1]];
    Example { model, rows, targets: vec![0.0, 1.0, 1.0, 0.0] }
}

/// A row of `width` values in (-1, 1).
fn row(index: usize, width: usize) -> Vec<f64> {
    (0..width).map(|column| spread(index, column)).collect()
}

/// A number in (-1, 1): the multiples of an irrational number, of another for each column, without their
/// whole parts. They fill the interval evenly and repeat nothing.
fn spread(index: usize, column: usize) -> f64 {
    const STEPS: [f64; 5] = [
        0.414_213_562_373_095_1,
        0.732_050_807_568_877_2,
        0.236_067_977_499_789_8,
        0.645_751_311_064_590_6,
        0.316_624_790_355_399_8,
    ];
    let step = STEPS[column % STEPS.len()];
    2.0 * ((index as f64 + 0.5) * step).fract() - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tenth_target_is_wrong_and_both_classes_occur() {
        let example = classification(200);
        let wrong = example.rows.iter().zip(&example.targets);
        let wrong = wrong.filter(|(row, target)| example.model.class(row) as f64 != **target).count();
        assert_eq!(wrong, 20);
        let ones = example.targets.iter().filter(|target| **target == 1.0).count();
        assert!((60..140).contains(&ones), "{ones}");
    }

    #[test]
    fn residuals_spread_over_their_range() {
        let example = regression(1000);
        let residual = |(row, target): (&Vec<f64>, &f64)| example.model.value(row) - target;
        let residuals: Vec<f64> = example.rows.iter().zip(&example.targets).map(residual).collect();
        assert!(residuals.iter().all(|r| r.abs() < 1.0));
        let square = residuals.iter().map(|r| r * r).sum::<f64>() / 1000.0;
        assert!((square - 1.0 / 3.0).abs() < 0.02, "{square}");
    }
}
