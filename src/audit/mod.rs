//! The audit itself.

pub mod record;

pub use record::{DrawId, Ending, Query, Record, Seen};
