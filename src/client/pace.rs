//! The gate that every request passes, and the counts of what passed.
//!
//! A request first takes one of the places in flight, then its turn at the head of the queue, and then
//! waits until the breaker, the server's own wish and the rate, or without one the crowd, let it go. All of these are read and
//! changed under one lock, so that a request is counted exactly when it is let through. What to send, and
//! whether to send it again, is left to `ask`. The one invariant: once halted, nothing is let through.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use noisebound_adapters::{Failure, FailureKind};
use tokio::sync::{Notify, Semaphore, SemaphorePermit, watch};
use tokio::time::{Instant, sleep};

use super::breaker::{Breaker, Wait};
use super::crowd::Crowd;
use super::health::Health;
use super::limiter::Limiter;
use super::policy::shows_trouble;
use super::{Counts, Limits, Stop};

/// The longest that a server's wish to wait is obeyed as told, an hour; a longer one counts as an hour.
const LONGEST_PUSHBACK: Duration = Duration::from_secs(3600);

/// A person is told of a wait that is longer.
const NOTICEABLE: Duration = Duration::from_secs(10);

/// The gate.
pub(super) struct Pace {
    /// One permit for each request in flight.
    places: Semaphore,
    /// Held by the one request that waits to be let through, so that requests go in the order they came.
    turn: tokio::sync::Mutex<()>,
    state: Mutex<State>,
    /// Told when a request was settled: whoever has the turn then looks again.
    settled: Notify,
    /// The first stop.
    halted: watch::Sender<Option<Stop>>,
}

struct State {
    limiter: Option<Limiter>,
    crowd: Crowd,
    breaker: Breaker,
    /// Until when the server asked to wait.
    held: Instant,
    max_requests: u64,
    max_rows: u64,
    counts: Counts,
}

/// What a request is for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Purpose {
    /// It asks for predictions for so many rows; for none where it is about the model.
    pub rows: u64,
    /// It was sent before and failed.
    pub again: bool,
}

impl Pace {
    /// The gate of a run after others, which have sent so much and learned so much of the endpoint.
    pub(super) fn new(limits: &Limits, seed: u64, now: Instant, counts: Counts, health: &Health) -> Self {
        let concurrency = limits.concurrency.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            places: Semaphore::new(concurrency),
            turn: tokio::sync::Mutex::new(()),
            state: Mutex::new(State {
                limiter: limits.rate.map(|rate| Limiter::new(rate, now)),
                crowd: Crowd::new(concurrency),
                breaker: Breaker::new(limits.tolerance, concurrency, seed, health),
                held: now,
                max_requests: limits.max_requests.unwrap_or(u64::MAX),
                max_rows: limits.max_rows.unwrap_or(u64::MAX),
                counts,
            }),
            settled: Notify::new(),
            halted: watch::Sender::new(None),
        }
    }

    /// Waits until one request may be sent, and counts it.
    pub(super) async fn enter(&self, purpose: Purpose) -> Result<Pass<'_>, Stop> {
        let place = self.unless_halted(self.places.acquire()).await?;
        let place = place.expect("the semaphore is never closed");
        let turn = self.unless_halted(self.turn.lock()).await?;
        loop {
            let wait = match self.state().admit(purpose, Instant::now()) {
                Ok(probe) => {
                    drop(turn);
                    let sent = Instant::now();
                    return Ok(Pass {
                        pace: self,
                        _place: place,
                        probe,
                        rows: purpose.rows,
                        sent,
                        open: true,
                    });
                }
                Err(Refused::Spent(stop)) => return Err(self.halt(stop)),
                Err(Refused::Wait(wait)) => wait,
            };
            self.unless_halted(async {
                match wait {
                    Wait::UntilSettled => self.settled.notified().await,
                    Wait::For(wait) => tokio::select! {
                        () = sleep(wait) => {}
                        () = self.settled.notified() => {}
                    },
                }
            })
            .await?;
        }
    }

    /// Sleeps, unless the client is halted.
    pub(super) async fn pause(&self, delay: Duration) -> Result<(), Stop> {
        self.unless_halted(sleep(delay)).await
    }

    /// Lets nothing through any more, and gives the stop that came first.
    pub(super) fn halt(&self, stop: Stop) -> Stop {
        let mut first = stop.clone();
        self.halted.send_if_modified(|halted| {
            let is_first = halted.is_none();
            first = halted.get_or_insert(stop).clone();
            is_first
        });
        first
    }

    /// Changes the rate, where there is one.
    pub(super) fn set_rate(&self, rate: f64) {
        if let Some(limiter) = &mut self.state().limiter {
            limiter.set_rate(rate, Instant::now());
        }
        self.settled.notify_one();
    }

    /// How the endpoint did at the start, and how often it was left alone since, in all runs.
    pub(super) fn health(&self) -> Health {
        self.state().breaker.health()
    }

    pub(super) fn counts(&self) -> Counts {
        self.state().counts.clone()
    }

    async fn unless_halted<T>(&self, work: impl Future<Output = T>) -> Result<T, Stop> {
        let mut halted = self.halted.subscribe();
        tokio::select! {
            biased;
            Ok(stop) = halted.wait_for(Option::is_some) => Err(stop.clone().unwrap_or(Stop::Interrupted)),
            done = work => Ok(done),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that holds the lock can panic half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Refused {
    Spent(Stop),
    Wait(Wait),
}

impl State {
    /// Lets one request through and counts it; `true` for a probe.
    fn admit(&mut self, purpose: Purpose, now: Instant) -> Result<bool, Refused> {
        if self.counts.requests >= self.max_requests {
            return Err(Refused::Spent(Stop::MaxRequests));
        }
        if purpose.rows > self.max_rows.saturating_sub(self.counts.rows) {
            return Err(Refused::Spent(Stop::MaxCost));
        }
        self.breaker.ready(now).map_err(Refused::Wait)?;
        if self.held > now {
            return Err(Refused::Wait(Wait::For(self.held - now)));
        }
        if self.crowd.is_full() {
            return Err(Refused::Wait(Wait::UntilSettled));
        }
        if let Some(limiter) = &mut self.limiter {
            limiter.admit(now).map_err(|wait| Refused::Wait(Wait::For(wait)))?;
        }
        self.crowd.enter();
        self.counts.requests += 1;
        self.counts.predictions += u64::from(purpose.rows > 0);
        self.counts.rows += purpose.rows;
        self.counts.retries += u64::from(purpose.again);
        Ok(self.breaker.enter())
    }

    /// Sends nothing before the server's wish to wait is over.
    fn hold(&mut self, pushback: Option<Duration>, why: Option<&Failure>, now: Instant) {
        let Some(pushback) = pushback.filter(|wait| !wait.is_zero()) else { return };
        let until = now + pushback.min(LONGEST_PUSHBACK);
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        // Of several that are turned away together, the first tells it.
        if until > self.held.max(now) + NOTICEABLE {
            tracing::warn!("nothing is sent for {:?}, as the server asks{why}", until - now);
        } else {
            tracing::info!("the server asks to wait {pushback:?}{why}");
        }
        self.held = self.held.max(until);
    }

    fn failed(&mut self, failure: &Failure, probe: bool, rows: u64, sent: Instant) -> Result<bool, Stop> {
        let now = Instant::now();
        self.counts.failures += 1;
        *self.counts.kinds.entry(failure.kind.name().to_owned()).or_default() += 1;
        self.hold(failure.pushback, Some(failure), now);
        match &mut self.limiter {
            _ if failure.kind != FailureKind::Overloaded => {}
            Some(limiter) => limiter.slow_down(sent, now),
            None => self.crowd.thin_out(sent, now),
        }
        let open = self.breaker.failed(failure, probe, rows > 0, sent, now)?;
        if rows > 0 && shows_trouble(failure.kind) {
            let took = (failure.kind != FailureKind::TimedOut).then(|| now - sent);
            self.breaker.compare(true, rows, took, now)?;
        }
        Ok(open || self.breaker.ready(now).is_err())
    }
}

/// One request that was let through. It takes a place in flight until it is settled or dropped.
pub(super) struct Pass<'a> {
    pace: &'a Pace,
    _place: SemaphorePermit<'a>,
    probe: bool,
    /// It asks for predictions for so many rows; for none where it is about the model.
    rows: u64,
    /// When it was let through.
    pub(super) sent: Instant,
    /// Not settled yet.
    open: bool,
}

impl Pass<'_> {
    /// The request was answered, and the server may have asked to wait before the next one.
    pub(super) fn answered(mut self, pushback: Option<Duration>) {
        let mut state = self.pace.state();
        let now = Instant::now();
        state.breaker.answered(self.probe, now);
        let worse = match self.rows {
            0 => Ok(()),
            rows => state.breaker.compare(false, rows, Some(now - self.sent), now),
        };
        state.hold(pushback, None, now);
        match &mut state.limiter {
            Some(limiter) => limiter.speed_up(now),
            None => state.crowd.recover(),
        }
        drop(state);
        self.open = false;
        if let Err(stop) = worse {
            // What was answered is handed out all the same; it is what comes that is not sent.
            self.pace.halt(stop);
        }
    }

    /// The request failed; whether the breaker is open then, or why the client is halted.
    pub(super) fn failed(mut self, failure: &Failure) -> Result<bool, Stop> {
        self.open = false;
        let after = self.pace.state().failed(failure, self.probe, self.rows, self.sent);
        after.map_err(|stop| self.pace.halt(stop))
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut state = self.pace.state();
        if self.open {
            state.breaker.abandon(self.probe);
        }
        state.crowd.leave();
        drop(state);
        self.pace.settled.notify_one();
    }
}
