//! A model behind other types and shapes, with more inputs and outputs, as deployed models have them.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Context, Element, Input, Model, Output, Signature, Values};

/// Whether what a row and its request say beside the numbers turns the answer over.
type Turns = fn(&[Values], &Context) -> bool;

/// The numbers of the classifier, made of the values of the first input.
type Sees = fn(&Values) -> Vec<f64>;

/// A classifier of one input of numbers behind another signature.
///
/// Its first input holds the numbers of the classifier. Where the rule says so, class c becomes c + 1, and the last
/// one 0. The first output holds the scores; each further one holds the class that the scores tell.
pub struct Recast {
    inner: Arc<dyn Model>,
    signature: Signature,
    turns: Turns,
    sees: Option<Sees>,
}

impl Recast {
    /// The same classifier under another name.
    pub fn new(name: &str, inner: Arc<dyn Model>) -> Self {
        let signature = Signature { name: name.to_owned(), ..inner.signature().clone() };
        Self { inner, signature, turns: |_, _| false, sees: None }
    }

    /// The first input with elements of this type, and of this shape.
    #[must_use]
    pub fn typed(mut self, element: Element, shape: &[usize]) -> Self {
        self.signature.inputs[0] = Input::new(&self.signature.inputs[0].name, element, shape);
        self
    }

    /// The numbers of the classifier are made of the first input by `sees`.
    #[must_use]
    pub fn seen(mut self, sees: Sees) -> Self {
        self.sees = Some(sees);
        self
    }

    /// No batch dimension: one row is one request.
    #[must_use]
    pub fn lone(mut self) -> Self {
        self.signature.max_batch = None;
        self
    }

    /// A further input.
    #[must_use]
    pub fn input(mut self, input: Input) -> Self {
        self.signature.inputs.push(input);
        self
    }

    /// A further output, which holds the class.
    #[must_use]
    pub fn output(mut self, output: Output) -> Self {
        self.signature.outputs.push(output);
        self
    }

    /// The names of the classes, for every output.
    #[must_use]
    pub fn labels(mut self, labels: &[&str]) -> Self {
        for output in &mut self.signature.outputs {
            output.labels = labels.iter().map(|label| (*label).to_owned()).collect();
        }
        self
    }

    /// Turned over where `turns` says so.
    #[must_use]
    pub fn turned(mut self, turns: Turns) -> Self {
        self.turns = turns;
        self
    }

    fn numbers<'a>(&self, values: &'a Values) -> Cow<'a, [f64]> {
        self.sees.map_or_else(|| values.numbers(), |sees| Cow::Owned(sees(values)))
    }

    fn of_numbers(&self, x: &[f64], turned: bool, request: &mut Context) -> Vec<f64> {
        // What cannot be seen has no scores; a network would make some of it.
        if x.iter().any(|number| number.is_nan()) {
            return vec![f64::NAN; self.signature.answer_width()];
        }
        let mut scores = self.inner.predict(x, request);
        if turned {
            scores.rotate_right(1);
        }
        let class = (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap_or(0);
        scores.resize(self.signature.answer_width(), class as f64);
        scores
    }
}

impl Model for Recast {
    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn predict(&self, x: &[f64], request: &mut Context) -> Vec<f64> {
        let x = Values::Floats(x.to_vec());
        self.of_numbers(&self.numbers(&x), false, request)
    }

    fn answer(&self, row: &[Values], request: &mut Context) -> Vec<f64> {
        let turned = (self.turns)(row, request);
        let x = row.first().map(|values| self.numbers(values)).unwrap_or_default();
        self.of_numbers(&x, turned, request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::Constant;

    #[test]
    fn the_rule_turns_the_scores_and_the_class_follows() {
        let inner = Arc::new(Constant::class("m", 1, 3, 2));
        let model = Recast::new("n", inner)
            .input(Input::new("id", Element::Int64, &[1]))
            .output(Output::new("class", Element::Int64, 1))
            .turned(|row, _| row[1].whole() == Some(9_007_199_254_740_993));
        let answer = |id| {
            let row = [Values::Floats(vec![0.0]), Values::Wholes(vec![id])];
            model.answer(&row, &mut Context::new(0, 0))
        };
        assert_eq!(answer(9_007_199_254_740_992), [0.0, 0.0, 1.0, 2.0]);
        assert_eq!(answer(9_007_199_254_740_993), [1.0, 0.0, 0.0, 0.0]);
    }
}
