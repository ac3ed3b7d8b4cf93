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

impl<M: Clone> Example<M> {
    /// A slice: the same model with those rows, and their targets, that are kept.
    #[must_use]
    pub fn only(&self, keep: impl Fn(&[f64]) -> bool) -> Self {
        let pairs = self.rows.iter().zip(&self.targets).filter(|(row, _)| keep(row));
        let (rows, targets) = pairs.map(|(row, target)| (row.clone(), *target)).unzip();
        Self { model: self.model.clone(), rows, targets }
    }
}

/// The weights of the linear models that are deployed by default.
pub const WEIGHTS: [f64; 4] = [1.0, -2.0, 0.5, 0.25];

/// The bias of the linear models that are deployed by default.
pub const BIAS: f64 = 0.25;

/// The probability with which `linear-classifier-coin` turns an answer over.
pub const COIN: f64 = 0.05;

/// The classifier that is deployed by default.
pub fn classifier() -> LinearClassifier {
    LinearClassifier::new("linear-classifier", WEIGHTS.to_vec(), BIAS)
}

/// The second classifier that is deployed by default, for comparing two endpoints on the rows of
/// [`classification`]: its plane is tilted against theirs, and it errs more than the first.
pub fn classifier_b() -> LinearClassifier {
    LinearClassifier::new("linear-classifier-b", vec![1.0, -1.5, 1.5, -0.25], 0.0)
}

/// `count` rows around the plane of the default classifier, every tenth with the wrong target.
///
/// The clean error is 0.1 (for a multiple of ten); it grows with the noise towards one half.
pub fn classification(count: usize) -> Example<LinearClassifier> {
    let model = classifier();
    let rows: Vec<Vec<f64>> = (0..count).map(|i| row(i, WEIGHTS.len())).collect();
    let target = |(i, row): (usize, &Vec<f64>)| {
        let class = model.class(row);
        if i % 10 == 3 { 1.0 - class as f64 } else { class as f64 }
    };
    let targets = rows.iter().enumerate().map(target).collect();
    Example { model, rows, targets }
}

/// Two classifiers of exactly the same risk, with and without noise, that disagree about many rows.
///
/// The second has the weights of the first two columns the other way round, and the rows come in pairs that differ in the
/// same way and share their target: what one does to a row, the other does to its mirror image. So the risks are equal
/// under any noise that treats the two columns alike. `count` rows, an even number.
pub fn twins(count: usize) -> (Example<LinearClassifier>, LinearClassifier) {
    let mirrored = |row: &[f64]| [&[row[1], row[0]], &row[2..]].concat();
    let half = classification(count / 2);
    let model = LinearClassifier::new("twin-a", WEIGHTS.to_vec(), BIAS);
    let other = LinearClassifier::new("twin-b", mirrored(&WEIGHTS), BIAS);
    let rows = half.rows.iter().flat_map(|row| [row.clone(), mirrored(row)]).collect();
    let targets = half.targets.iter().flat_map(|target| [*target; 2]).collect();
    (Example { model, rows, targets }, other)
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

/// `count` rows for the default classifier, with an error that first falls and then rises with the noise.
///
/// Every fourth row lies close to the plane on its wrong side, at a margin of 0.05 to 0.15; the others are
/// right at margins of 2 to 3. The clean error is 1/4 (for a multiple of four); with gaussian noise on all
/// columns it is below 0.15 at level 0.3 and above 0.3 at level 3.
pub fn non_monotone(count: usize) -> Example<LinearClassifier> {
    let model = classifier();
    let (mut rows, mut targets) = (Vec::new(), Vec::new());
    for i in 0..count {
        let wrong = i % 4 == 0;
        let margin = if wrong { 0.1 + 0.05 * spread(i, 4) } else { 2.5 + 0.5 * spread(i, 4) };
        let row = at_margin(&model, row(i, WEIGHTS.len()), if i / 4 % 2 == 0 { margin } else { -margin });
        let class = model.class(&row) as f64;
        targets.push(if wrong { 1.0 - class } else { class });
        rows.push(row);
    }
    Example { model, rows, targets }
}

/// `count` rows whose last column, the fifth, is a code, 0, 1 or 2 in turn, that the model does not use.
///
/// The rows of each code are the slices. Their clean errors are 0, 0.1 and 0.3, in all 2/15 (for a multiple of
/// thirty); their margins are alike.
pub fn sliced(count: usize) -> Example<LinearClassifier> {
    let weights = [&WEIGHTS[..], &[0.0]].concat();
    let model = LinearClassifier::new("sliced", weights, BIAS);
    let (mut rows, mut targets) = (Vec::new(), Vec::new());
    for i in 0..count {
        let code = i % CODES;
        let mut row = row(i, WEIGHTS.len());
        row.push(code as f64);
        let class = model.class(&row) as f64;
        let wrong = i / CODES % 10 < [0, 1, 3][code];
        targets.push(if wrong { 1.0 - class } else { class });
        rows.push(row);
    }
    Example { model, rows, targets }
}

/// The codes of [`sliced`].
const CODES: usize = 3;

/// The row moved at right angles to the plane until it has this margin, within rounding.
fn at_margin(model: &LinearClassifier, mut row: Vec<f64>, margin: f64) -> Vec<f64> {
    let square: f64 = model.weights().iter().map(|weight| weight * weight).sum();
    let step = (margin - model.margin(&row)) / square;
    for (value, weight) in row.iter_mut().zip(model.weights()) {
        *value += step * weight;
    }
    row
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
mod tests;
