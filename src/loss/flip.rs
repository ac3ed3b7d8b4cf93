//! `flip`: whether the noise changed the class; the risk is the share of changed predictions.

use noisebound_adapters::Prediction;

use super::{Loss, LossError, Needs, Range, Target, class_of};

/// 1 where the class differs from that of the clean prediction of the same row, else 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flip {
    pub(super) threshold: f64,
}

impl Loss for Flip {
    fn range(&self) -> Range {
        Range::ZeroOne
    }

    fn needs(&self) -> Needs {
        Needs { target: false, clean: true }
    }

    fn of(
        &self,
        prediction: &Prediction,
        clean: Option<&Prediction>,
        _target: Option<&Target>,
    ) -> Result<f64, LossError> {
        let Some(clean) = clean else {
            return Err(LossError::Unfit("the row has no clean prediction to compare with".into()));
        };
        let same = class_of(prediction, self.threshold)? == class_of(clean, self.threshold)?;
        Ok(f64::from(u8::from(!same)))
    }
}
