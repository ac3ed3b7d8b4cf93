//! Numbers that a draw has beside its loss: how far the prediction is from the target, and from the clean one.

use noisebound_adapters::Prediction;

use super::numbers::{finite, mean_distance, only};
use super::{LossError, Target};
use crate::config::question::Measured;

/// The number; for several values a row, the mean over them. At least 0, in units of the target.
pub fn measure(
    of: Measured,
    prediction: &Prediction,
    clean: Option<&Prediction>,
    target: Option<&Target>,
) -> Result<f64, LossError> {
    match of {
        Measured::AbsoluteError => mean_distance(prediction, target, f64::abs),
        Measured::Shift => {
            let Some(Prediction::Tensors(outputs)) = clean else {
                let why = "the shift needs numbers as the clean prediction, expected a tensor";
                return Err(LossError::Unfit(why.into()));
            };
            let clean = Target::Values(finite(only(outputs)?)?.into());
            mean_distance(prediction, Some(&clean), f64::abs)
        }
    }
}
