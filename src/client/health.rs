//! How an endpoint did at the start, and how often it was left alone since: what one run of an audit leaves to the next.
//!
//! What is measured, and what is held against it, is left to `watch`. The invariant: within a run what is known only
//! grows.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is known of an endpoint so far, in all runs of an audit.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    /// How often it was left alone because it failed, or did worse than at the start.
    #[serde(default)]
    pub openings: u32,
    /// The share of the first requests that failed; absent where there were too few.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failures: Option<f64>,
    /// How long the first requests of so many rows took, by that number; none of those of which there were too few.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub latencies: Vec<Latency>,
}

/// How long the first requests of so many rows took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Latency {
    /// The rows of each.
    pub rows: u64,
    /// The median, in seconds.
    #[serde(with = "crate::config::conduct::seconds")]
    #[schemars(with = "f64")]
    pub median: Duration,
    /// The most requests that were in flight with them; among more, each may take longer.
    pub concurrency: usize,
    /// How many such requests there were up to here.
    pub requests: u64,
}

/// How the endpoint did at the start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Baseline {
    /// The median time that a request took, failed ones included but for those that timed out.
    pub latency: Duration,
    /// The rows of those requests, the number that most requests have.
    pub rows: u64,
    /// The share of requests that failed.
    pub failures: f64,
}

impl Health {
    /// How the endpoint did at the start, in requests of as many rows as most have; `None` where too few were sent.
    pub fn baseline(&self) -> Option<Baseline> {
        let usual = self.latencies.iter().max_by_key(|latency| (latency.requests, latency.rows))?;
        Some(Baseline { latency: usual.median, rows: usual.rows, failures: self.failures? })
    }

    /// Whether more is known than was in this run before; that there were more requests is not.
    pub fn adds_to(&self, before: &Self) -> bool {
        self.openings != before.openings
            || self.failures.is_some() != before.failures.is_some()
            || self.latencies.len() != before.latencies.len()
    }
}
