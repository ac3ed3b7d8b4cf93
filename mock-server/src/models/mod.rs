//! The models that can be deployed: closed forms whose robustness is known exactly, and small trained
//! networks.
//!
//! A model maps one row to its outputs and knows nothing of protocols, batches or faults. The one
//! invariant: but for the coins, the same row gives the same bits, whoever asks and in whatever batch.

mod altered;
mod builtin;
mod coin;
mod constant;
mod context;
mod element;
mod linear;
mod network;
mod photo;
mod recast;
mod signature;

pub use altered::Altered;
pub use builtin::builtin;
pub use coin::{Coin, Flipped};
pub use constant::Constant;
pub use context::Context;
pub use element::{Element, Values};
pub use linear::{LinearClassifier, LinearRegression};
pub use network::{Network, NetworkError};
pub use recast::Recast;
pub use signature::{Batch, Input, Output, Precision, Signature, Task};

/// A model that can be asked, one row at a time.
pub trait Model: Send + Sync {
    /// Its name, and the shapes and types of what goes in and comes out.
    fn signature(&self) -> &Signature;

    /// The answer for one row of numbers, which are those of the first input.
    ///
    /// `x` holds exactly `signature().width()` values. The answer holds the values of all outputs, one
    /// output after the other in the order of the signature, `signature().answer_width()` in all.
    fn predict(&self, x: &[f64], request: &mut Context) -> Vec<f64>;

    /// The answer for one row of any types: the values for each input, in the order of the signature; none for
    /// an optional input that was left out. A model with one input of numbers leaves this as it is.
    fn answer(&self, row: &[Values], request: &mut Context) -> Vec<f64> {
        self.predict(&row.first().map(Values::numbers).unwrap_or_default(), request)
    }
}

/// `w . x + b`, summed in index order.
pub(crate) fn affine(weights: &[f64], bias: f64, x: &[f64]) -> f64 {
    weights.iter().zip(x).fold(bias, |sum, (weight, value)| sum + weight * value)
}
