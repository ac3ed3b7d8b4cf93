//! The models that are deployed when nothing else is asked for.

use std::sync::Arc;

use super::{Coin, Constant, LinearClassifier, LinearRegression, Model, Network};
use crate::examples::{BIAS, WEIGHTS};

const DIGITS: &str = include_str!("../../models/digits.json");
const DIABETES: &str = include_str!("../../models/diabetes.json");

/// `digits`, `diabetes`, `linear-classifier`, `linear-regression`, `constant` and `coin`.
///
/// The networks take 64 and 10 values and count in 32 bits, the others take 4 and count in 64. `constant` gives
/// all its score to class 1 of 2, `coin` does so with probability 0.25.
///
/// # Panics
///
/// Never: that the committed networks can be read is tested.
pub fn builtin() -> Vec<Arc<dyn Model>> {
    let network =
        |text| Network::from_json(text).expect("the committed networks can be read, as a test shows");
    let width = WEIGHTS.len();
    vec![
        Arc::new(network(DIGITS)),
        Arc::new(network(DIABETES)),
        Arc::new(LinearClassifier::new("linear-classifier", WEIGHTS.to_vec(), BIAS)),
        Arc::new(LinearRegression::new("linear-regression", WEIGHTS.to_vec(), BIAS)),
        Arc::new(Constant::class("constant", width, 2, 1)),
        Arc::new(Coin::new("coin", width, 0.25)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::Context;

    #[test]
    fn every_model_answers_with_the_shape_it_states() {
        for model in builtin() {
            let signature = model.signature();
            let answer = model.predict(&vec![1.0; signature.width()], &mut Context::new(0, 0));
            assert_eq!(answer.len(), signature.answer_width(), "{}", signature.name);
        }
    }

    #[test]
    fn the_networks_have_the_shapes_of_their_data() {
        let shapes: Vec<_> = builtin()
            .iter()
            .map(|model| {
                let signature = model.signature();
                (
                    signature.name.clone(),
                    signature.width(),
                    signature.outputs[0].name.clone(),
                    signature.answer_width(),
                )
            })
            .collect();
        assert_eq!(shapes[0], ("digits".into(), 64, "probabilities".into(), 10));
        assert_eq!(shapes[1], ("diabetes".into(), 10, "prediction".into(), 1));
    }

    /// The figures stand in the README beside the weights.
    #[test]
    fn diabetes_has_the_error_of_its_training() {
        let rows = include_str!("../../../examples/data/diabetes.csv").lines().skip(1);
        let model = &builtin()[1];
        let (mut count, mut squares) = (0.0, 0.0);
        for row in rows {
            let mut x: Vec<f64> = row.split(',').map(|value| value.parse().unwrap()).collect();
            let target = x.pop().unwrap();
            let x: Vec<f64> = x.into_iter().map(|value| model.signature().precision.round(value)).collect();
            squares += (model.predict(&x, &mut Context::new(0, 0))[0] - target).powi(2);
            count += 1.0;
        }
        assert_eq!(count, 221.0);
        assert!((squares / count - 2913.5f64).abs() < 0.05, "{}", squares / count);
    }

    #[test]
    fn the_scores_of_an_image_sum_to_one() {
        let answer = builtin()[0].predict(&[8.0; 64], &mut Context::new(0, 0));
        assert!((answer.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}
