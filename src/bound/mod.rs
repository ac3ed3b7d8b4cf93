//! The statistics: bounds that stay valid however often they are read and whenever the audit stops.
//!
//! Pure functions and small states: an observation goes in, a reading comes out. No input or output, no
//! clock, no async. Losses arrive scaled to `[0, 1]`; whoever builds a bound scales limits back.
//!
//! [`ledger`] lists the claims and their shares of the error budget before anything is asked; [`engine`] makes
//! bounds from them, [`aim`] and [`aim_d`] for losses that are 0 or 1, [`aim_bets`] for others, and [`choose`] says
//! which; [`gate`] decides gates, and [`sign`] which of two endpoints is better; [`checkpoint`] says when all of
//! these are read. For losses without a range there are [`quantile`], [`replicates`] and, labelled as such,
//! [`asymptotic`]. Below them, `bet`, `horizon` and `evidence` know what is staked on what, `mesh` holds limits, and
//! `wealth` and `ln_beta` do the arithmetic.

pub mod aim;
pub mod aim_bets;
pub mod aim_d;
pub mod asymptotic;
mod bet;
pub mod checkpoint;
pub mod choose;
pub mod claim;
#[cfg(test)]
mod cost;
#[cfg(test)]
pub(crate) mod coverage;
pub mod engine;
mod evidence;
pub mod gate;
mod horizon;
pub mod ledger;
mod ln_beta;
mod mesh;
mod outcomes;
pub mod quantile;
pub mod replicates;
pub mod sign;
mod tight;
#[cfg(test)]
mod vectors;
mod wealth;

pub use asymptotic::{Asymptotic, AsymptoticLimits};
pub use checkpoint::{Checkpoints, first_checkpoint};
pub use claim::{Claim, Quantity, Side};
pub use engine::{Engine, Engines, IntervalSpec, Standard};
pub use gate::{Gate, GateReading, GateSpec};
pub use quantile::{QuantileBound, QuantileLimits};
pub use replicates::{Passes, passes};
pub use sign::{Comparison, SignGate};

use serde::{Deserialize, Serialize};

/// What one charged draw contributes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Observation {
    /// The loss, scaled to `[0, 1]`.
    Loss(f64),
    /// No answer came for good: the worst loss for upper limits, the best for lower ones.
    Unanswered,
    /// No answer came for good, but the loss lies between these two: the larger for upper limits, the smaller
    /// for lower ones.
    Between(f64, f64),
}

/// Lower and upper limit of a mean of losses in `[0, 1]`, valid together with every earlier reading of the
/// same bound. Where `lower > upper` the readings contradict each other: the endpoint is not stationary,
/// or an event happened whose probability is within the error budget.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower limit; 0 when none was claimed or none is known yet.
    pub lower: f64,
    /// The upper limit; 1 when none was claimed or none is known yet.
    pub upper: f64,
}

impl Interval {
    /// Whether no value satisfies both limits.
    pub fn is_empty(&self) -> bool {
        self.lower > self.upper
    }
}

/// A bound on the mean of the observations, read at checkpoints. Built from claims; nothing else makes an
/// [`Interval`].
pub trait Bound: Send {
    /// Takes the next charged draw, in draw order.
    fn observe(&mut self, observation: Observation);

    /// The limits on what was observed so far, intersected with every earlier reading.
    fn read(&mut self) -> Interval;
}
