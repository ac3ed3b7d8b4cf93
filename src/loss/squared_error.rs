//! `squared-error`: the squared distance from the target; the risk is the mean squared error.

use noisebound_adapters::Prediction;

use super::numbers::{NEEDS, mean_distance};
use super::{Loss, LossError, Needs, Range, Target};

/// The squared difference of prediction and target; for several numbers a row, the mean over them. In the
/// squared unit of the target.
#[derive(Debug, Clone, Copy)]
pub(super) struct SquaredError {
    pub(super) range: Range,
}

impl Loss for SquaredError {
    fn range(&self) -> Range {
        self.range
    }

    fn needs(&self) -> Needs {
        NEEDS
    }

    fn of(
        &self,
        prediction: &Prediction,
        _clean: Option<&Prediction>,
        target: Option<&Target>,
    ) -> Result<f64, LossError> {
        mean_distance(prediction, target, |difference| difference * difference)
    }
}
