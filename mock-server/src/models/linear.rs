//! The two linear models, whose risk under noise [`crate::truth`] gives in closed form.

use super::{Context, Model, Precision, Signature, Task, affine};

/// A classifier of two classes, split by a plane: class 1 where `w . x + b > 0`.
///
/// It answers the scores `[1 - p, p]`, where p is the logistic function of `w . x + b`.
#[derive(Debug, Clone)]
pub struct LinearClassifier {
    weights: Vec<f64>,
    bias: f64,
    signature: Signature,
}

impl LinearClassifier {
    /// The classifier with these weights, one for each value of a row.
    pub fn new(name: &str, weights: Vec<f64>, bias: f64) -> Self {
        let signature = Signature::plain(name, Task::Classification, Precision::Double, weights.len(), 2);
        Self { weights, bias, signature }
    }

    /// The weights, one for each value of a row.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// `w . x + b`, positive where the class is 1.
    pub fn margin(&self, x: &[f64]) -> f64 {
        affine(&self.weights, self.bias, x)
    }

    /// The class of a row, 0 or 1.
    pub fn class(&self, x: &[f64]) -> usize {
        usize::from(self.margin(x) > 0.0)
    }
}

impl Model for LinearClassifier {
    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn predict(&self, x: &[f64], _: &mut Context) -> Vec<f64> {
        let margin = self.margin(x);
        vec![logistic(-margin), logistic(margin)]
    }
}

/// `1 / (1 + e^-z)`.
fn logistic(z: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-z))
}

/// The regression `w . x + b`, with one value for an answer.
#[derive(Debug, Clone)]
pub struct LinearRegression {
    weights: Vec<f64>,
    bias: f64,
    signature: Signature,
}

impl LinearRegression {
    /// The regression with these weights, one for each value of a row.
    pub fn new(name: &str, weights: Vec<f64>, bias: f64) -> Self {
        let signature = Signature::plain(name, Task::Regression, Precision::Double, weights.len(), 1);
        Self { weights, bias, signature }
    }

    /// The weights, one for each value of a row.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// `w . x + b`.
    pub fn value(&self, x: &[f64]) -> f64 {
        affine(&self.weights, self.bias, x)
    }
}

impl Model for LinearRegression {
    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn predict(&self, x: &[f64], _: &mut Context) -> Vec<f64> {
        vec![self.value(x)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_score_is_the_side_of_the_plane() {
        let model = LinearClassifier::new("m", vec![2.0, -1.0], 0.5);
        for x in [[0.0, 0.0], [0.0, 1.0], [1.0, 2.4], [1.0, 2.6], [-300.0, 400.0], [300.0, -400.0]] {
            let scores = model.predict(&x, &mut Context::new(0, 0));
            assert_eq!(usize::from(scores[1] > scores[0]), model.class(&x), "{x:?} {scores:?}");
            assert!((scores[0] + scores[1] - 1.0).abs() < 1e-15, "{scores:?}");
        }
        assert_eq!(model.class(&[0.0, 0.0]), 1);
        assert_eq!(model.class(&[0.0, 1.0]), 0);
    }

    #[test]
    fn a_regression_answers_its_sum() {
        let model = LinearRegression::new("m", vec![2.0, -1.0], 0.5);
        assert_eq!(model.predict(&[3.0, 4.0], &mut Context::new(0, 0)), [2.5]);
    }
}
