//! A model that always answers the same: risk 0 or 1 at every level.

use super::{Context, Model, Precision, Signature, Task};

/// Always the same answer, whatever the row.
#[derive(Debug, Clone)]
pub struct Constant {
    answer: Vec<f64>,
    signature: Signature,
}

impl Constant {
    /// A regression of rows with `width` values that answers `answer`, whose values may be NaN.
    pub fn new(name: &str, width: usize, answer: Vec<f64>) -> Self {
        let signature = Signature::plain(name, Task::Regression, Precision::Double, width, answer.len());
        Self { answer, signature }
    }

    /// A classifier of `classes` classes that gives all its score to `class`.
    pub fn class(name: &str, width: usize, classes: usize, class: usize) -> Self {
        let answer = (0..classes).map(|c| f64::from(u8::from(c == class))).collect();
        let signature = Signature::plain(name, Task::Classification, Precision::Double, width, classes);
        Self { answer, signature }
    }
}

impl Model for Constant {
    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn predict(&self, _: &[f64], _: &mut Context) -> Vec<f64> {
        self.answer.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_gets_the_same_answer() {
        let mut context = Context::new(0, 0);
        let model = Constant::class("m", 2, 3, 1);
        assert_eq!(model.predict(&[1.0, 2.0], &mut context), [0.0, 1.0, 0.0]);
        let model = Constant::new("m", 1, vec![7.5]);
        assert_eq!(model.predict(&[1.0], &mut context), model.predict(&[-1e9], &mut context));
    }
}
