//! `error`: whether the class is wrong; the risk is the error rate.

use noisebound_adapters::Prediction;

use super::class::{Known, decide};
use super::{Class, Loss, LossError, Needs, Range, Target};

/// 1 where the class differs from the target, else 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct ErrorLoss {
    pub(super) threshold: f64,
}

impl Loss for ErrorLoss {
    fn range(&self) -> Range {
        Range::ZeroOne
    }

    fn needs(&self) -> Needs {
        Needs { target: true, clean: false }
    }

    fn of(
        &self,
        prediction: &Prediction,
        _clean: Option<&Prediction>,
        target: Option<&Target>,
    ) -> Result<f64, LossError> {
        let wanted = wanted(target)?;
        let (class, known) = decide(prediction, self.threshold)?;
        comparable(&wanted, &class, known)?;
        Ok(f64::from(u8::from(class != wanted)))
    }
}

fn wanted(target: Option<&Target>) -> Result<Class, LossError> {
    let found = match target {
        None => "the row has no target".into(),
        Some(target) => match (target.class(), target) {
            (Some(class), _) => return Ok(class),
            (None, Target::Values(values)) => format!("the target holds {} numbers", values.len()),
            (None, Target::Number(v)) => format!("the target is {v}"),
            (None, Target::Name(name)) => format!("the target is `{name}`"),
        },
    };
    Err(LossError::Unfit(format!("{found}, expected one class: a whole number or a name")))
}

/// A target that the model can never answer would count as an error for ever; it is a mistake in the
/// audit, not of the model.
fn comparable(wanted: &Class, class: &Class, known: Known) -> Result<(), LossError> {
    let unfit = match (wanted, known) {
        (_, Known::Anything) | (Class::Number(_), Known::Numbers) | (Class::Name(_), Known::Names) => {
            return Ok(());
        }
        (Class::Number(number), Known::Below(classes)) => {
            if usize::try_from(*number).is_ok_and(|number| number < classes) {
                return Ok(());
            }
            let last = classes.saturating_sub(1);
            format!(
                "the target is class {number}, but the prediction has the classes 0 to {last} ({classes})"
            )
        }
        (Class::Name(name), Known::Below(_) | Known::Numbers) => {
            format!(
                "the target is the name `{name}`, but the model answers class numbers, here {class}; number the targets"
            )
        }
        (Class::Number(number), Known::Names) => {
            format!(
                "the target is class {number}, but the model answers names, here `{class}`; name the targets"
            )
        }
    };
    Err(LossError::Unfit(unfit))
}
