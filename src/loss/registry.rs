//! The losses by name.

use super::absolute_error::AbsoluteError;
use super::error::ErrorLoss;
use super::flip::Flip;
use super::squared_error::SquaredError;
use super::{Loss, Range};
use crate::nearest::nearest;

/// One loss, as it is chosen by `--loss`.
pub struct LossKind {
    /// Its name.
    pub name: &'static str,
    /// One line about it, for help.
    pub about: &'static str,
    /// Whether it has no range of its own, so that the user can promise one; else it is 0 or 1. Without the
    /// promise it is at least 0.
    pub ranged: bool,
    build: fn(range: Range, threshold: f64) -> Box<dyn Loss>,
}

impl LossKind {
    /// What it is computed from, besides the prediction.
    pub fn needs(&self) -> super::Needs {
        (self.build)(Range::Unbounded, 0.5).needs()
    }
}

/// Every loss.
pub const LOSSES: &[LossKind] = &[
    LossKind {
        name: "error",
        about: "1 where the class differs from the target, else 0",
        ranged: false,
        build: |_, threshold| Box::new(ErrorLoss { threshold }),
    },
    LossKind {
        name: "flip",
        about: "1 where the class differs from that of the clean row, else 0",
        ranged: false,
        build: |_, threshold| Box::new(Flip { threshold }),
    },
    LossKind {
        name: "squared-error",
        about: "the squared difference of prediction and target; has no range of its own",
        ranged: true,
        build: |range, _| Box::new(SquaredError { range }),
    },
    LossKind {
        name: "absolute-error",
        about: "the absolute difference of prediction and target; has no range of its own",
        ranged: true,
        build: |range, _| Box::new(AbsoluteError { range }),
    },
];

/// Why there is no such loss.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ChoiceError {
    /// No loss has this name.
    #[error("--loss: there is no loss `{name}`; {hint}")]
    Unknown {
        /// What was typed.
        name: String,
        /// What there is, or what is most like it.
        hint: String,
    },
    /// The loss is 0 or 1 anyway.
    #[error("--loss-range: the loss `{0}` is 0 or 1 by itself; drop the range")]
    NeedlessRange(&'static str),
    /// The promised range is not a range.
    #[error("--loss-range: found {0},{1}, expected two finite numbers, the lower one first")]
    Range(f64, f64),
    /// The threshold is not a number.
    #[error("--threshold: found {0}, expected a finite number")]
    Threshold(f64),
}

/// The loss of this name. `range` is promised by the user, for losses that are not 0 or 1; without it they have
/// no upper end. `threshold` is the score from which a single-score prediction is class 1.
pub fn loss(name: &str, range: Option<(f64, f64)>, threshold: f64) -> Result<Box<dyn Loss>, ChoiceError> {
    let Some(kind) = LOSSES.iter().find(|kind| kind.name == name) else {
        let names = || LOSSES.iter().map(|kind| kind.name);
        let hint = nearest(name, names()).map_or_else(
            || format!("expected one of {}", names().collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        return Err(ChoiceError::Unknown { name: name.to_owned(), hint });
    };
    if !threshold.is_finite() {
        return Err(ChoiceError::Threshold(threshold));
    }
    let range = match range {
        None if kind.ranged => Range::Unbounded,
        Some(_) if !kind.ranged => return Err(ChoiceError::NeedlessRange(kind.name)),
        None => Range::ZeroOne,
        Some((low, high)) if low.is_finite() && high.is_finite() && low < high => Range::Between(low, high),
        Some((low, high)) => return Err(ChoiceError::Range(low, high)),
    };
    Ok((kind.build)(range, threshold))
}
