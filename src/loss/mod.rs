//! Losses: a number for each draw, from the prediction and the target or the clean prediction.
//!
//! The only place that takes an argmax ([`class_of`]). A loss never guesses: a prediction or target of
//! another form than it reads is an error that says what was found.

mod absolute_error;
mod class;
mod error;
mod flip;
mod measure;
mod numbers;
mod registry;
mod squared_error;
mod target;

#[cfg(test)]
mod tests;

pub use class::{Class, class_of};
pub use measure::measure;
pub use registry::{ChoiceError, LOSSES, LossKind, loss};
pub use target::Target;

use noisebound_adapters::Prediction;

/// Where the values of a loss lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Range {
    /// Exactly 0 or 1.
    ZeroOne,
    /// Anywhere between the two, which the user promised.
    Between(f64, f64),
    /// At least 0, without an upper end.
    Unbounded,
}

/// What a loss is computed from, besides the prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// The target of the row.
    pub target: bool,
    /// The clean prediction of the same row.
    pub clean: bool,
}

/// Why a prediction has no loss.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LossError {
    /// The prediction has not the form that the loss needs; the same for every row, so the audit cannot go on.
    #[error("{0}")]
    Unfit(String),
    /// This one prediction is not a number.
    #[error("the prediction is not finite")]
    NonFinite,
}

/// A loss.
pub trait Loss: Send + Sync {
    /// Where the values lie.
    fn range(&self) -> Range;
    /// What it is computed from.
    fn needs(&self) -> Needs;
    /// The loss of one prediction, in units of the loss; finite. It may leave [`Loss::range`] when the user's
    /// promise is wrong; whoever commits the draw checks that.
    fn of(
        &self,
        prediction: &Prediction,
        clean: Option<&Prediction>,
        target: Option<&Target>,
    ) -> Result<f64, LossError>;
}
