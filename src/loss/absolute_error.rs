//! `absolute-error`: the distance from the target; the risk is the mean absolute error.

use noisebound_adapters::Prediction;

use super::numbers::{NEEDS, mean_distance};
use super::{Loss, LossError, Needs, Range, Target};

/// The difference of prediction and target without its sign; for several numbers a row, the mean over
/// them. In the unit of the target.
#[derive(Debug, Clone, Copy)]
pub(super) struct AbsoluteError {
    pub(super) range: Range,
}

impl Loss for AbsoluteError {
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
        mean_distance(prediction, target, f64::abs)
    }
}
