//! The models that are deployed when nothing else is asked for.

use std::sync::Arc;

use super::{
    Coin, Constant, Element, Flipped, Input, LinearClassifier, LinearRegression, Model, Network, Output,
    Recast, photo,
};
use crate::examples::{BIAS, COIN, WEIGHTS, classifier, classifier_b};

const DIGITS: &str = include_str!("../../models/digits.json");
const DIABETES: &str = include_str!("../../models/diabetes.json");

/// The names of the classes of `several`.
const DIGIT_NAMES: [&str; 10] =
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/// `digits`, `diabetes`, `linear-classifier`, `linear-classifier-b`, `linear-classifier-coin`,
/// `linear-regression`, `constant` and `coin`.
///
/// The networks take 64 and 10 values and count in 32 bits, the others take 4 and count in 64. The second
/// classifier errs more than the first; that with the coin is the first, each answer turned over with
/// probability 0.05. `constant` gives all its score to class 1 of 2, `coin` does so with probability 0.25.
///
/// After them come the classifiers of `recast`.
///
/// # Panics
///
/// Never: that the committed networks can be read is tested.
pub fn builtin() -> Vec<Arc<dyn Model>> {
    let network =
        |text| Network::from_json(text).expect("the committed networks can be read, as a test shows");
    let width = WEIGHTS.len();
    let digits = Arc::new(network(DIGITS));
    let with_coin = LinearClassifier::new("linear-classifier-coin", WEIGHTS.to_vec(), BIAS);
    let mut models: Vec<Arc<dyn Model>> = vec![
        Arc::clone(&digits) as Arc<dyn Model>,
        Arc::new(network(DIABETES)),
        Arc::new(classifier()),
        Arc::new(classifier_b()),
        Arc::new(Flipped::new(with_coin, COIN)),
        Arc::new(LinearRegression::new("linear-regression", WEIGHTS.to_vec(), BIAS)),
        Arc::new(Constant::class("constant", width, 2, 1)),
        Arc::new(Coin::new("coin", width, 0.25)),
    ];
    models.extend(recast(&(digits as Arc<dyn Model>)).map(|model| Arc::new(model) as Arc<dyn Model>));
    models
}

/// The digits as deployed models have them:
///
/// - `pixels`, `photo`: with a picture of 8 by 8, as bytes from 0 to 255, and as a PNG file;
/// - `half`, `image`: asked with 16-bit floats, and with an image of 8 by 8 bytes;
/// - `lone`: without a batch dimension;
/// - `gated`: with a second input `gate`, which turns answers over where it is not 0, and a third, `bias`, that
///   may be left out;
/// - `ids`: with an `id` of 64 bits, which turns answers over where it is odd: a neighbour is not good enough;
/// - `words`: with a text `word`, which does so where it is `other`;
/// - `several`: with the class as a number and as a name beside the scores, and names for the classes;
/// - `asked`: turned over where the request says so by the parameter `turned`.
fn recast(digits: &Arc<dyn Model>) -> [Recast; 10] {
    let of = |name: &str| Recast::new(name, Arc::clone(digits));
    let gate = Input::new("gate", Element::Int32, &[1]);
    let bias = Input { optional: true, ..Input::new("bias", Element::Fp32, &[1]) };
    [
        of("half").typed(Element::Fp16, &[64]),
        of("image").typed(Element::Uint8, &[8, 8]),
        of("lone").lone(),
        of("pixels").typed(Element::Uint8, &[8, 8, 1]).seen(photo::of_pixels),
        of("photo").typed(Element::Bytes, &[1]).seen(photo::of_file),
        of("gated").input(gate).input(bias).turned(|row, _| row[1].whole() != Some(0)),
        of("ids")
            .input(Input::new("id", Element::Int64, &[1]))
            .turned(|row, _| row[1].whole().is_none_or(|id| id % 2 != 0)),
        of("words")
            .input(Input::new("word", Element::Bytes, &[1]))
            .turned(|row, _| row[1].text() == Some(b"other")),
        of("several")
            .output(Output::new("class", Element::Int64, 1))
            .output(Output::new("name", Element::Bytes, 1))
            .labels(&DIGIT_NAMES),
        of("asked").turned(|_, request| request.parameter("turned").is_some_and(|turned| turned == true)),
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
    fn the_second_classifier_is_another_and_the_coin_turns_the_first_over() {
        let find = |name: &str| builtin().into_iter().find(|model| model.signature().name == name).unwrap();
        let class = |model: &dyn Model, x: &[f64], request| {
            usize::from(model.predict(x, &mut Context::new(3, request))[1] > 0.5)
        };
        let example = crate::examples::classification(200);
        let (first, second) = (find("linear-classifier"), find("linear-classifier-b"));
        let other = example.rows.iter().filter(|x| class(&*first, x, 0) != class(&*second, x, 0)).count();
        assert!((10..100).contains(&other), "{other} of 200 rows");
        let (coin, row) = (find("linear-classifier-coin"), &example.rows[0]);
        let turned = (0..20_000).filter(|&i| class(&*coin, row, i) != class(&*first, row, i)).count();
        // Five standard errors of a share of 0.05 in 20000 throws.
        assert!((turned as f64 / 20_000.0 - COIN).abs() < 0.0078, "{turned}");
    }

    #[test]
    fn no_two_models_share_a_name() {
        let names: std::collections::BTreeSet<_> =
            builtin().iter().map(|model| model.signature().name.clone()).collect();
        assert_eq!(names.len(), builtin().len());
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
            let element = model.signature().inputs[0].element;
            let x: Vec<f64> = x.into_iter().map(|value| element.round(value)).collect();
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
