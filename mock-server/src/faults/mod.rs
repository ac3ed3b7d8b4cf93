//! What goes wrong, on demand.
//!
//! Faults fall on requests for predictions alone, never on health or metadata. Whether one falls is a function
//! of the seed of the server and of either the number of the request in order of arrival ([`When`]), or of what
//! was sent (the body, the row): the latter do not depend on order, concurrency or batch.

mod dice;
mod layer;
mod options;
mod when;

pub(crate) use dice::{Dice, hash_row};
pub(crate) use layer::{Cut, Outcome, befall};
pub use options::{FailOnce, Faults, Latency, LatencyOf, Reject, Swap};
pub use when::{ParseWhenError, When};
