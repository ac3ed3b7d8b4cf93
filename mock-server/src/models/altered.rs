//! Another model under the same name: what a silent redeployment in mid-audit looks like.

use std::sync::Arc;

use super::{Context, Model, Signature, Values};

/// A model with the shapes of another and other answers: several values move on by one place, so that a
/// class c becomes c + 1; a single value changes its sign.
pub struct Altered(pub Arc<dyn Model>);

impl Model for Altered {
    fn signature(&self) -> &Signature {
        self.0.signature()
    }

    fn predict(&self, x: &[f64], request: &mut Context) -> Vec<f64> {
        altered(self.0.predict(x, request))
    }

    fn answer(&self, row: &[Values], request: &mut Context) -> Vec<f64> {
        altered(self.0.answer(row, request))
    }
}

fn altered(mut answer: Vec<f64>) -> Vec<f64> {
    match answer.as_mut_slice() {
        [value] => *value = -*value,
        values => {
            if !values.is_empty() {
                values.rotate_right(1);
            }
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::Constant;

    #[test]
    fn no_answer_stays_as_it_was() {
        let mut context = Context::new(0, 0);
        let class = Altered(Arc::new(Constant::class("m", 1, 3, 2)));
        assert_eq!(class.predict(&[0.0], &mut context), [1.0, 0.0, 0.0]);
        let value = Altered(Arc::new(Constant::new("m", 1, vec![2.0])));
        assert_eq!(value.predict(&[0.0], &mut context), [-2.0]);
    }
}
