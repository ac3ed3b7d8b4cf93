//! Pacing, retries and budget over any endpoint; decides by the kind of a failure, never by a status code.
//!
//! A [`Client`] sends every request, whatever it is for, through one gate: at most so many in flight, at
//! most so many a second, at most so many in all, none while the server asks to wait or is failing. It
//! sends again what may succeed the next time, and says which rows stay unanswered. What to ask, and what
//! an answer means, is left to others. The one invariant: no request leaves without having passed the
//! gate and having been counted.
//!
//! - `ask`: one question from start to end; `policy` says what follows from a failure; `look`: the same for people who
//!   look at an endpoint;
//! - `pace`: the gate, made of `limiter` (the rate), `crowd` (how many are in flight, where there is no rate), `breaker`
//!   (a failing endpoint, or one that does worse than at the start, as `watch` tells) and the counts;
//! - `health`: what is known of the endpoint, from which a later run goes on;
//! - `delays`: how long to wait before sending again.

mod ask;
mod breaker;
mod crowd;
mod delays;
mod health;
mod limiter;
mod look;
mod pace;
mod policy;
#[cfg(test)]
mod tests;
mod watch;

pub use ask::Client;
pub use health::{Baseline, Health, Latency};
pub use look::Shown;
pub use watch::Tolerance;

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use noisebound_adapters::{Failure, Prediction, Row};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a client keeps to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Requests a second, above 0; absent for no limit.
    pub rate: Option<f64>,
    /// The most requests in flight; 0 counts as 1.
    pub concurrency: usize,
    /// The most requests sent, of any kind; absent for no limit.
    pub max_requests: Option<u64>,
    /// The most rows sent, those that are sent again included; absent for no limit.
    pub max_rows: Option<u64>,
    /// How often a failed request is sent again.
    pub retries: u32,
    /// How long to wait for the answer to one request.
    pub timeout: Duration,
    /// How much worse than at the start the endpoint may do before it is left alone.
    pub tolerance: Tolerance,
}

/// What came of a question. Rows that are in no exchange are not settled: `stop` says why, and they may be
/// asked again in a later run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Asked {
    /// The requests that are settled, in the order of their rows; no row is in two of them.
    pub exchanges: Vec<Exchange>,
    /// Why there is nothing more.
    pub stop: Option<Stop>,
}

/// A question that is not settled yet; see [`Client::go_on`].
#[derive(Debug)]
pub struct Open {
    rows: Vec<Row>,
    /// The row that is asked next by itself; absent while all are asked together.
    next: Option<usize>,
    /// Whether nothing of an answer may be quoted.
    private: bool,
}

impl Open {
    /// These rows, of which none was asked yet.
    pub fn new(rows: Vec<Row>) -> Self {
        Self { rows, next: None, private: false }
    }

    /// The same, and where `private`, no failure quotes anything of an answer, wherever it is told.
    #[must_use]
    pub fn private(mut self, private: bool) -> Self {
        self.private = private;
        self
    }
}

/// A request that is settled: answered, or without an answer for good.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// Which of the rows it carried.
    pub rows: Range<usize>,
    /// One prediction for each row, in their order; or the last failure. A request that failed for good
    /// had one row: several are sent again one by one first.
    pub outcome: Result<Vec<Prediction>, Failure>,
    /// How often it was sent, at least 1.
    pub attempts: u32,
    /// When it was sent the last time, since the start of the client.
    pub sent: Duration,
    /// How long the last answer took.
    pub took: Duration,
    /// The model version that answered, where the answer tells.
    pub version: Option<Box<str>>,
}

/// What was sent so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Requests of any kind.
    pub requests: u64,
    /// Requests that asked for predictions.
    pub predictions: u64,
    /// Rows in these.
    #[serde(default)]
    pub rows: u64,
    /// Requests sent again after a failure.
    pub retries: u64,
    /// Requests that failed.
    pub failures: u64,
    /// Failed requests by the name of the kind of their failure.
    pub kinds: BTreeMap<String, u64>,
}

/// Why a client sends nothing more. The first stop is the stop of every later question too.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// No request can succeed: credentials, a wrong address, or something that is not supported.
    #[error("{0}")]
    Endpoint(Failure),
    /// The endpoint fails again and again, with no answer in between.
    #[error("the endpoint fails, {consecutive} requests in a row; the last one: {last}")]
    Failing {
        /// The last failure.
        last: Failure,
        /// How many requests in a row failed.
        consecutive: u32,
    },
    /// The endpoint does worse than at the start, again and again.
    #[error("{0}")]
    Worse(Failure),
    /// As many requests were sent as are allowed.
    #[error("all requests that are allowed were sent (--max-requests)")]
    MaxRequests,
    /// As many rows were sent as are paid for.
    #[error("what may be spent was spent (--max-cost)")]
    MaxCost,
    /// [`Client::stop`] was called.
    #[error("interrupted")]
    Interrupted,
}
