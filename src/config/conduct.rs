//! How it is asked. Nothing in here has any effect on results of levels that stopped by themselves, but
//! for the budget `queries`.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The conduct of an audit, validated. It may change on resume.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Conduct {
    /// Requests a second; absent when there is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// The most requests in flight.
    pub concurrency: usize,
    /// The most rows in one request.
    pub batch: usize,
    /// The most charged queries, that is rows, clean ones included.
    pub queries: u64,
    /// The most requests sent, of any kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_requests: Option<u64>,
    /// The most that may be spent, in the currency of `cost_per_query`, on everything that is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_cost: Option<f64>,
    /// What one row costs to ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_per_query: Option<f64>,
    /// The longest that the audit may take.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "seconds_or_none")]
    #[schemars(with = "Option<f64>")]
    pub max_time: Option<Duration>,
    /// How often a failed request is tried again.
    pub retries: u32,
    /// How far the share of failed requests may rise above that of the start before the endpoint is left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaker_failures: Option<f64>,
    /// How many times the median latency of the start the recent one may be before the endpoint is left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaker_latency: Option<f64>,
    /// How long to wait for an answer.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub timeout: Duration,
    /// How many draws a level may be sent ahead when there is no rate limit.
    pub ahead: u64,
    /// Whether the journal keeps nothing of the predictions for noisy rows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub privacy: bool,
}

impl Conduct {
    /// The most requests that are sent for those in flight before any of them ends, or a second has passed: each once, and
    /// again as often as retries allow, or as a connection that is refused is tried again in that time.
    pub fn most_untold(&self) -> u64 {
        (self.concurrency as u64).saturating_mul(1 + u64::from(self.retries).max(3))
    }

    /// The most rows that may be sent for what may be spent; absent where there is no limit.
    pub fn max_rows(&self) -> Option<u64> {
        let (most, each) = (self.max_cost?, self.cost_per_query?);
        // A quotient that is whole but for its rounding is meant to be whole.
        (each > 0.0).then(|| libm::floor(most / each * (1.0 + 4.0 * f64::EPSILON)) as u64)
    }
}

/// Durations as a number of seconds.
pub(crate) mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(value: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(value.as_secs_f64())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

/// Durations as a number of seconds, where there may be none.
mod seconds_or_none {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "the signature that serde calls")]
    pub fn serialize<S: Serializer>(value: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
        value.map(|value| value.as_secs_f64()).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
        Option::<f64>::deserialize(from)?
            .map(|seconds| Duration::try_from_secs_f64(seconds).map_err(serde::de::Error::custom))
            .transpose()
    }
}
