//! The numbers of a prediction, and the mean over their distances from the target.

use noisebound_adapters::{Dtype, Prediction, Tensor};

use super::{LossError, Needs, Target};

/// What the losses on numbers need.
pub(super) const NEEDS: Needs = Needs { target: true, clean: false };

/// The only output of a prediction. Several come from JSON alone; of other models one is chosen before they are asked.
pub(super) fn only(outputs: &[Tensor]) -> Result<&Tensor, LossError> {
    match outputs {
        [output] => Ok(output),
        [] => Err(LossError::Unfit("the prediction holds no output, expected one".into())),
        several => {
            let names: Vec<&str> = several.iter().map(|output| &*output.name).collect();
            let names = names.join(", ");
            Err(LossError::Unfit(format!(
                "the model has several outputs ({names}); choose one of them with --answer"
            )))
        }
    }
}

/// The numbers of an output, all of them finite.
pub(super) fn finite(output: &Tensor) -> Result<Vec<f64>, LossError> {
    let values = &output.values;
    if values.dtype() == Dtype::Bytes {
        return Err(LossError::Unfit(format!("the output `{}` holds texts, expected numbers", output.name)));
    }
    let numbers: Vec<f64> = (0..values.len()).filter_map(|i| values.number(i)).collect();
    if numbers.iter().all(|v| v.is_finite()) { Ok(numbers) } else { Err(LossError::NonFinite) }
}

/// The mean of `distance(predicted - target)` over the elements, in their order.
///
/// One finite prediction may be so far off that its distance overflows; it is then the largest finite
/// number, which no promised range holds.
pub(super) fn mean_distance(
    prediction: &Prediction,
    target: Option<&Target>,
    distance: impl Fn(f64) -> f64,
) -> Result<f64, LossError> {
    let Prediction::Tensors(outputs) = prediction else {
        return Err(LossError::Unfit(
            "the prediction holds labels, expected numbers; use the loss `error` or `flip`".into(),
        ));
    };
    let output = only(outputs)?;
    let predicted = finite(output)?;
    let wanted = match target {
        Some(Target::Number(v)) => std::slice::from_ref(v),
        Some(Target::Values(values)) => values,
        Some(Target::Name(name)) => {
            return Err(LossError::Unfit(format!(
                "the target is the name `{name}`, expected a number; use the loss `error`"
            )));
        }
        None => return Err(LossError::Unfit("the row has no target, expected a number".into())),
    };
    if predicted.len() != wanted.len() || wanted.is_empty() {
        return Err(LossError::Unfit(format!(
            "the output `{}` holds {} numbers a row, the target {}; expected as many",
            output.name,
            predicted.len(),
            wanted.len()
        )));
    }
    let sum: f64 = predicted.iter().zip(wanted).map(|(p, t)| distance(p - t)).sum();
    Ok((sum / wanted.len() as f64).min(f64::MAX))
}
