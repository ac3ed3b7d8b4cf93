//! One question from start to end: send, judge, send again, split.
//!
//! When a request may leave is left to the gate, what follows from a failure to the policy. The one
//! invariant: what was answered is handed out, whatever happens to the rest of the question.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use noisebound_adapters::{Answer, Described, Description, Endpoint, Failure, FailureKind, Prediction, Row};
use tokio::time::{Instant, timeout};

use super::delays::Delays;
use super::pace::{Pace, Purpose};
use super::policy::{Step, Tries};
use super::{Asked, Counts, Exchange, Health, Limits, Open, Stop};

const FIRST_DELAY: Duration = Duration::from_millis(250);
const LONGEST_DELAY: Duration = Duration::from_secs(8);
/// How often credentials are read again before they are taken for wrong.
const RENEWALS: u32 = 2;
/// The most steps of a description; every protocol needs far fewer.
const DESCRIBE_STEPS: usize = 32;

/// An endpoint, asked within limits. All methods may be called from many tasks at once.
pub struct Client {
    pub(super) endpoint: Arc<dyn Endpoint>,
    limits: Limits,
    pace: Pace,
    credentials: Mutex<Credentials>,
    started: Instant,
    jitter_seed: u64,
    asked: AtomicU64,
}

/// How far the credentials were read and worked.
#[derive(Default)]
struct Credentials {
    /// How often they were read again.
    renewals: u32,
    /// How often since a request succeeded.
    unproved: u32,
}

impl Credentials {
    /// Notes that a request succeeded which was sent after so many renewals.
    fn prove(&mut self, renewals: u32) {
        if renewals == self.renewals {
            self.unproved = 0;
        }
    }
}

/// A request that is settled.
pub(super) struct Settled<T> {
    pub(super) outcome: Result<T, Failure>,
    pub(super) attempts: u32,
    pub(super) sent: Instant,
    pub(super) took: Duration,
}

impl Client {
    /// A client that has sent nothing yet. `jitter_seed` decides the jitter of its delays.
    pub fn new(endpoint: Arc<dyn Endpoint>, limits: Limits, jitter_seed: u64) -> Self {
        Self::after(endpoint, limits, jitter_seed, Counts::default(), &Health::default())
    }

    /// A client that counts on from what earlier runs sent, and holds the endpoint against what they learned of it. The
    /// most requests are those of all runs; how often the endpoint may be left alone counts anew.
    pub fn after(
        endpoint: Arc<dyn Endpoint>,
        limits: Limits,
        jitter_seed: u64,
        sent: Counts,
        health: &Health,
    ) -> Self {
        let started = Instant::now();
        Self {
            endpoint,
            limits,
            pace: Pace::new(&limits, jitter_seed, started, sent, health),
            credentials: Mutex::default(),
            started,
            jitter_seed,
            asked: AtomicU64::new(0),
        }
    }

    /// Learns about the model. A failure that remains after retries is a stop. What is known without a
    /// request counts as none, and tells nothing about the endpoint.
    pub async fn describe(&self) -> Result<Description, Stop> {
        if let Some(description) = self.endpoint.known() {
            return Ok(description);
        }
        for _ in 0..DESCRIBE_STEPS {
            let step = self
                .settle(0, || self.endpoint.describe(), Described::pushback, || "the endpoint".into())
                .await?;
            match step.outcome {
                Ok(Described::More { .. }) => {}
                Ok(Described::Done { description, .. }) => return Ok(description),
                Err(failure) => return Err(self.pace.halt(Stop::Endpoint(failure))),
            }
        }
        let said = format!("its description has more than {DESCRIBE_STEPS} parts");
        let failure = Failure::new(FailureKind::Unsupported, said, "the endpoint");
        Err(self.pace.halt(Stop::Endpoint(failure)))
    }

    /// Asks for the predictions of these rows, in one request if possible. Returns when every row is
    /// settled or the client is stopped.
    pub async fn ask(&self, rows: Vec<Row>) -> Asked {
        let mut asked = Asked::default();
        let mut open = Some(Open::new(rows));
        while let Some(question) = open {
            let (part, rest) = self.go_on(question).await;
            asked.exchanges.extend(part.exchanges);
            asked.stop = part.stop;
            open = rest;
        }
        asked
    }

    /// Goes on with a question by one request, and gives what is left of it: several rows whose request failed for
    /// good are asked one by one, and each answer is handed out before the next row is asked.
    pub async fn go_on(&self, mut open: Open) -> (Asked, Option<Open>) {
        let all = open.rows.len();
        let range = open.next.map_or(0..all, |row| row..row + 1);
        if range.is_empty() || range.end > all {
            return (Asked::default(), None);
        }
        match self.exchange(&open, range).await {
            Err(stop) => (Asked { exchanges: Vec::new(), stop: Some(stop) }, None),
            // One row may have spoilt it for the others.
            Ok(whole) if whole.outcome.is_err() && whole.rows.len() > 1 => {
                open.next = Some(0);
                (Asked::default(), Some(open))
            }
            Ok(exchange) => {
                open.next = Some(exchange.rows.end);
                let rest = (exchange.rows.end < all).then_some(open);
                (Asked { exchanges: vec![exchange], stop: None }, rest)
            }
        }
    }

    /// Makes every task that waits return [`Stop::Interrupted`]. Requests in flight are finished, and their
    /// answers handed out.
    pub fn stop(&self) {
        self.pace.halt(Stop::Interrupted);
    }

    /// Changes the most requests a second, from now on; a client that was made without such a limit has none.
    /// What the server asked for stays in force.
    pub fn set_rate(&self, rate: f64) {
        self.pace.set_rate(rate);
    }

    /// How the endpoint did at the start, where that is known, and how often it was left alone because it failed or
    /// did worse, in all runs.
    pub fn health(&self) -> Health {
        self.pace.health()
    }

    /// What was sent so far.
    pub fn counts(&self) -> Counts {
        self.pace.counts()
    }

    /// The time since the client was made, as in [`Exchange::sent`].
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    async fn exchange(&self, open: &Open, range: Range<usize>) -> Result<Exchange, Stop> {
        let rows = &open.rows[range.clone()];
        let at = || self.endpoint.preview(rows).map_or_else(|failure| failure.at, |wire| wire.url.into());
        let send = || -> BoxFuture<'_, Result<Answer, Failure>> {
            Box::pin(async {
                let answer = self.endpoint.ask(rows).await;
                let answer = answer.and_then(|answer| complete(answer, rows.len(), at));
                answer.map_err(|failure| if open.private { failure.without_answer() } else { failure })
            })
        };
        let settled = self.settle(rows.len() as u64, send, |answer: &Answer| answer.pushback, at).await?;
        let (outcome, version) = match settled.outcome {
            Ok(answer) => (Ok(answer.predictions), answer.version),
            Err(failure) => (Err(failure), None),
        };
        Ok(Exchange {
            rows: range,
            outcome,
            attempts: settled.attempts,
            sent: settled.sent.saturating_duration_since(self.started),
            took: settled.took,
            version,
        })
    }

    /// Sends until it is answered or has failed for good.
    pub(super) async fn settle<'a, T>(
        &self,
        rows: u64,
        send: impl Fn() -> BoxFuture<'a, Result<T, Failure>>,
        pushback: impl Fn(&T) -> Option<Duration>,
        at: impl Fn() -> Box<str>,
    ) -> Result<Settled<T>, Stop> {
        let mut tries = Tries::new(self.limits.retries);
        let mut delays = self.delays();
        let mut attempts = 0;
        loop {
            let pass = self.pace.enter(Purpose { rows, again: attempts > 0 }).await?;
            attempts += 1;
            let sent = pass.sent;
            let renewals = self.credentials().renewals;
            let outcome = timeout(self.limits.timeout, send()).await.unwrap_or_else(|_| {
                let said = format!("no answer within {:?}", self.limits.timeout);
                Err(Failure::new(FailureKind::TimedOut, said, at()))
            });
            let took = sent.elapsed();
            let failure = match outcome {
                Ok(answer) => {
                    pass.answered(pushback(&answer));
                    self.credentials().prove(renewals);
                    tracing::debug!(attempts, took_ms = took.as_millis(), rows, "answered");
                    return Ok(Settled { outcome: Ok(answer), attempts, sent, took });
                }
                Err(failure) => failure,
            };
            tracing::info!(attempts, took_ms = took.as_millis(), "failed: {failure}");
            let open = pass.failed(&failure)?;
            match tries.judge(&failure, open) {
                Step::Again => {}
                Step::Settle => return Ok(Settled { outcome: Err(failure), attempts, sent, took }),
                Step::Renew if self.renew(renewals) => {}
                Step::Renew | Step::Stop => return Err(self.pace.halt(Stop::Endpoint(failure))),
                Step::GiveUp => {
                    return Err(self.pace.halt(Stop::Failing { last: failure, consecutive: attempts }));
                }
            }
            self.pace.pause(delays.next_delay()).await?;
        }
    }

    fn delays(&self) -> Delays {
        let nth = self.asked.fetch_add(1, Ordering::Relaxed);
        Delays::new(FIRST_DELAY, LONGEST_DELAY, self.jitter_seed.wrapping_add(nth))
    }

    /// Reads the credentials again, twice if they do not work the first time, as an old key may die a moment before the
    /// new one can be read; whether to send once more. A request that was sent with older ones is simply sent again.
    fn renew(&self, renewals: u32) -> bool {
        let mut credentials = self.credentials();
        if renewals < credentials.renewals {
            return true;
        }
        if credentials.unproved == RENEWALS {
            return false;
        }
        self.endpoint.renew();
        credentials.renewals += 1;
        credentials.unproved += 1;
        true
    }

    fn credentials(&self) -> MutexGuard<'_, Credentials> {
        self.credentials.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answer, if it holds one prediction for each row, and something in each.
pub(super) fn complete(answer: Answer, rows: usize, at: impl Fn() -> Box<str>) -> Result<Answer, Failure> {
    let found = answer.predictions.len();
    let said = if found != rows {
        format!("expected one prediction for each of {rows} rows, found {found}")
    } else if let Some(row) = answer.predictions.iter().position(Prediction::is_empty) {
        format!("expected a prediction for each of {rows} rows, found nothing for that at place {row}")
    } else {
        return Ok(answer);
    };
    Err(Failure::new(FailureKind::Malformed, said, at()))
}
