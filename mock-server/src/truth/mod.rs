//! The exact risk of the linear models under noise, in closed form.
//!
//! Pure functions of rows, targets and the noise; each is checked against a simulation. Let m be the margin
//! or the residual of a row without noise and v the noise that reaches the sum: gaussian noise gives
//! v ~ N(0, s^2) with s = level * |w over the perturbed columns|; uniform noise that reaches the sum through
//! one column gives v ~ U(-a, a) with a = level * |w_j|. A risk that has no closed form here is `None`, never
//! a guess; so is one of no rows.
//!
//! Rows and targets go in pairs. Every risk here is a mean over the rows that it is given and conditional on
//! them: the risk of a slice is that of its rows alone ([`crate::examples::Example::only`]), and the mean of
//! the slices' risks, each weighted by its rows, is the risk of all.

mod classifier;
mod coin;
mod critical;
mod data_set;
mod noise;
mod pair;
mod quantile;
mod regression;
mod simulate;

pub use classifier::{error, flip, flip_of};
pub use coin::{disagreement, fresh_flip, with_coin};
pub use critical::critical_level;
pub use data_set::{Moments, data_set_mse, data_set_mse_replays};
pub use noise::{Family, Noise};
pub use pair::{Split, degradation, difference, split};
pub use quantile::{absolute_error_quantile, absolute_error_within, shift_quantile, shift_within};
pub use regression::{absolute_error, capped_squared_error, squared_error, squared_error_above};

#[cfg(test)]
mod tests;
