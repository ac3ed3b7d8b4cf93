//! A comparison of endpoints: the same draws to each, and bounds on the differences of their risks.
//!
//! Each endpoint has a fold of its own, which waits at the end of each round. [`Leader`] pairs the losses of the
//! round, reads the differences, and says for all folds whether the level goes on. Like a fold it knows no clock, no
//! network and no file, and results do not depend on the order of arrival. [`ComparisonPlan`] lists the claims;
//! [`Compare`] runs it against endpoints.

mod forecast;
mod leader;
mod listed;
mod outcome;
mod pair;
mod plan;
mod refold;
mod run;
#[cfg(test)]
mod tests;

pub use forecast::Forecast;
pub use leader::Leader;
pub use listed::listed;
pub use outcome::{answered, compared, fails};
pub use plan::{ComparisonPlan, name};
pub use refold::{Refolded, of_one_model_each, refold};
pub use run::{Compare, exit_code};
