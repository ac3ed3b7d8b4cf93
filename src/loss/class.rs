//! From a prediction to a class: the one argmax.

use std::fmt;

use noisebound_adapters::{Prediction, Tensor, Values};

use super::LossError;
use super::numbers::{finite, only};

/// A class, by its number or by its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Class {
    /// A class by its number.
    Number(i64),
    /// A class by a name that is not a number.
    Name(Box<str>),
}

impl Class {
    /// The class of this name. A whole number, written as it would be printed, is the class of that number:
    /// servers that answer JSON objects write class 3 as `"3"`.
    pub fn named(name: &str) -> Self {
        match name.parse::<i64>() {
            Ok(number) if number.to_string() == name => Self::Number(number),
            _ => Self::Name(name.into()),
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// What a model can answer, as far as one prediction tells; to see targets that it never could.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// The classes 0 to one less than this.
    Below(usize),
    /// Any number.
    Numbers,
    /// Names that are no numbers.
    Names,
    /// Names, numbers among them.
    Anything,
}

/// The class that a prediction stands for:
///
/// - labels: the first, which is the best;
/// - one integer, truth value or text: that class;
/// - one float: class 1 from `threshold` on, else class 0; no class, where the threshold is that of a probability and
///   the float a whole number from 2 on;
/// - several scores, in a tensor with at most one dimension above 1: the place of the largest, the first of
///   equals.
pub fn class_of(prediction: &Prediction, threshold: f64) -> Result<Class, LossError> {
    decide(prediction, threshold).map(|(class, _)| class)
}

/// The same, with what the model can answer.
pub(super) fn decide(prediction: &Prediction, threshold: f64) -> Result<(Class, Known), LossError> {
    match prediction {
        Prediction::Tensors(outputs) => of_tensor(only(outputs)?, threshold),
        Prediction::Labels(labels) => of_labels(labels),
    }
}

fn of_labels(labels: &[(Box<str>, f64)]) -> Result<(Class, Known), LossError> {
    let Some((best, score)) = labels.first() else {
        return Err(LossError::Unfit("the prediction holds no label, expected at least one".into()));
    };
    if !score.is_finite() {
        return Err(LossError::NonFinite);
    }
    let number = |label: &(Box<str>, f64)| matches!(Class::named(&label.0), Class::Number(_));
    let known = if labels.iter().any(number) { Known::Anything } else { Known::Names };
    Ok((Class::named(best), known))
}

fn of_tensor(output: &Tensor, threshold: f64) -> Result<(Class, Known), LossError> {
    if output.shape.iter().filter(|dimension| **dimension > 1).count() > 1 {
        return Err(LossError::Unfit(format!(
            "the output `{}` has shape {:?}, expected one class or one score for each class",
            output.name, output.shape
        )));
    }
    if output.values.len() == 1 {
        return of_one(output, threshold);
    }
    let scores = finite(output)?;
    let mut best = (0_i64, f64::NEG_INFINITY);
    for (class, score) in (0_i64..).zip(&scores) {
        if *score > best.1 {
            best = (class, *score);
        }
    }
    if scores.is_empty() {
        return Err(LossError::Unfit(format!(
            "the output `{}` is empty, expected a score for each class",
            output.name
        )));
    }
    Ok((Class::Number(best.0), Known::Below(scores.len())))
}

fn of_one(output: &Tensor, threshold: f64) -> Result<(Class, Known), LossError> {
    let whole = match &output.values {
        Values::Bool(values) => values.first().map(|v| i64::from(*v)),
        Values::I8(values) => values.first().map(|v| i64::from(*v)),
        Values::I16(values) => values.first().map(|v| i64::from(*v)),
        Values::I32(values) => values.first().map(|v| i64::from(*v)),
        Values::I64(values) => values.first().copied(),
        Values::U8(values) => values.first().map(|v| i64::from(*v)),
        Values::U16(values) => values.first().map(|v| i64::from(*v)),
        Values::U32(values) => values.first().map(|v| i64::from(*v)),
        // A class number beyond 2^63 keeps its own name.
        Values::U64(values) => {
            let Some(v) = values.first() else { return Err(LossError::NonFinite) };
            return Ok((Class::named(&v.to_string()), Known::Numbers));
        }
        Values::Bytes(values) => {
            let name = values.first().and_then(|text| std::str::from_utf8(text).ok());
            return name.map(|name| (Class::named(name), Known::Anything)).ok_or_else(|| {
                LossError::Unfit(format!("the output `{}` holds bytes that are not UTF-8 text", output.name))
            });
        }
        Values::F16(_) | Values::Bf16(_) | Values::F32(_) | Values::F64(_) => None,
    };
    match (whole, finite(output)?.first()) {
        (Some(class), _) => Ok((Class::Number(class), Known::Numbers)),
        // No probability, and hardly a score of another kind: a model that answers its classes as floats.
        (None, Some(score))
            if *score >= 2.0 && score.fract() == 0.0 && threshold > 0.0 && threshold < 1.0 =>
        {
            Err(LossError::Unfit(format!(
                "the output `{}` is {score}, and a single float is read as the score of class 1 of two (--threshold \
                 {threshold}); where it is the number of a class, let the service answer whole numbers without a point, or \
                 scores; where it is a logit, give --threshold 0",
                output.name
            )))
        }
        (None, Some(score)) => Ok((Class::Number(i64::from(*score >= threshold)), Known::Below(2))),
        (None, None) => Err(LossError::NonFinite),
    }
}
