//! The faults that can be asked for.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::When;
use crate::models::Model;

/// All that can be made to go wrong; nothing by default.
#[derive(Clone, Default, Debug)]
pub struct Faults {
    /// How long every prediction takes.
    pub latency: Latency,
    /// Requests with a row answered by this class take longer by this time.
    pub latency_if_class: Option<(usize, Duration)>,
    /// A time that depends on the row and its answer; a request takes that of its slowest row.
    pub latency_of: Option<LatencyOf>,
    /// Requests turned away before they are read; the first that falls decides.
    pub rejects: Vec<Reject>,
    /// The connection is closed before any byte of the answer.
    pub drop: When,
    /// The connection is closed half-way through the body.
    pub cut: When,
    /// The answer is whole by its length, and holds the first half of the body.
    pub truncate: When,
    /// The answer is about one row less than was asked, or about none.
    pub misshape: When,
    /// The answer says with status 200 that the model failed.
    pub complain: When,
    /// There is no answer until the client hangs up.
    pub stall: When,
    /// Bodies that fail the first time they are seen.
    pub fail_once: Option<FailOnce>,
    /// The share of rows, by their values, that the model refuses whenever they are asked.
    pub refuse_rows: f64,
    /// The status with which TorchServe's handler refuses those rows; as an exception where absent.
    pub refuse_status: Option<u16>,
    /// The share of rows, by their values, whose answer is always NaN.
    pub nan_rows: f64,
    /// Another model takes over in mid-run.
    pub swap: Option<Swap>,
}

/// How long every prediction takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Latency {
    /// No longer than it must.
    #[default]
    None,
    /// Always this long.
    Fixed(Duration),
    /// Exponentially distributed with this mean.
    Exponential(Duration),
}

impl Latency {
    /// The time for a request for which `roll` in `[0, 1)` was thrown.
    pub(crate) fn of(self, roll: f64) -> Duration {
        match self {
            Latency::None => Duration::ZERO,
            Latency::Fixed(time) => time,
            Latency::Exponential(mean) => mean.mul_f64(-libm::log1p(-roll)),
        }
    }
}

/// A function of a row and its answer.
type TimeOf = dyn Fn(&[f64], &[f64]) -> Duration + Send + Sync;

/// A time that depends on a row and its answer.
#[derive(Clone)]
pub struct LatencyOf(Arc<TimeOf>);

impl LatencyOf {
    /// The time that this function gives for a row and its answer, in that order.
    pub fn new(time: impl Fn(&[f64], &[f64]) -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(time))
    }

    pub(crate) fn of(&self, row: &[f64], answer: &[f64]) -> Duration {
        (self.0)(row, answer)
    }
}

impl fmt::Debug for LatencyOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LatencyOf")
    }
}

/// A request turned away, as by a gateway in front of the server.
#[derive(Debug, Clone, PartialEq)]
pub struct Reject {
    /// The status, 429 or 503 for overload.
    pub status: u16,
    /// On which requests.
    pub when: When,
    /// How long the client is told to wait, in whole seconds on the wire, rounded up.
    pub retry_after: Option<Duration>,
}

/// Bodies that fail the first time they are seen, chosen by their bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FailOnce {
    /// The share of bodies, in `[0, 1]`.
    pub share: f64,
    /// The status of the failure.
    pub status: u16,
}

/// Another model takes over.
#[derive(Clone)]
pub struct Swap {
    /// How many requests for predictions the old models answer.
    pub after: u64,
    /// What answers instead, for every model with the same shapes; each turns into
    /// [`Altered`](crate::models::Altered) where `None`.
    pub to: Option<Arc<dyn Model>>,
    /// The version from then on; versions stay as they are where `None`.
    pub version: Option<String>,
}

impl fmt::Debug for Swap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to = self.to.as_ref().map(|model| &model.signature().name);
        f.debug_struct("Swap")
            .field("after", &self.after)
            .field("to", &to)
            .field("version", &self.version)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponential_latency_has_its_mean() {
        let latency = Latency::Exponential(Duration::from_millis(10));
        let n = 10_000;
        let total: Duration = (0..n).map(|i| latency.of((f64::from(i) + 0.5) / f64::from(n))).sum();
        let mean = total.as_secs_f64() / f64::from(n);
        assert!((mean - 0.010).abs() < 0.000_02, "{mean}");
        assert_eq!(latency.of(0.0), Duration::ZERO);
    }
}
