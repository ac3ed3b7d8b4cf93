//! Whether the endpoint as a whole is failing.
//!
//! After [`OPENS_AT`] failures in a row, of any request, the breaker opens: requests wait, and one at a
//! time is let through as a probe, after growing delays. A failure counts there only if its request was sent after the
//! last answer came: of many that are sent together those that time out end last, and an answer has come since. It
//! opens, too, when the endpoint does worse than it did at the start ([`watch`](super::watch)); then only the answer to
//! a probe closes it again, and else any answer. [`PROBES`] probes that fail in a row end the audit, and so does the
//! [`OPENINGS`]th time that it opens in one run; whoever resumes an audit gives its endpoint another chance. Waiting is
//! left to the caller. The one invariant: while it is open, at most one request is under way as a probe.

use std::time::Duration;

use noisebound_adapters::{Failure, FailureKind};
use tokio::time::Instant;

use super::Stop;
use super::delays::Delays;
use super::health::Health;
use super::policy::{shows_life, shows_trouble};
use super::watch::{Tolerance, Watch};

/// So many failures in a row open the breaker.
pub(super) const OPENS_AT: u32 = 10;
/// So many failed probes end the audit.
pub(super) const PROBES: u32 = 5;
/// The audit ends when it opens so many times in one run.
pub(super) const OPENINGS: u32 = 5;
/// So many failed connections in a row end an audit to which the endpoint has never answered a row.
pub(super) const NEVER_REACHED: u32 = 3;
const FIRST_PROBE: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The state of the endpoint as its failures show it.
pub(super) struct Breaker {
    consecutive: u32,
    /// When the last answer came.
    answered: Option<Instant>,
    /// Whether a request for predictions was ever answered.
    predicted: bool,
    open: Option<Open>,
    /// How often it opened in this run.
    openings: u32,
    /// How often it opened in earlier runs.
    earlier: u32,
    watch: Watch,
    seed: u64,
}

struct Open {
    next: Instant,
    probing: bool,
    failed: u32,
    delays: Delays,
    /// It was opened because the endpoint does worse than at the start, and not because nothing is answered.
    worse: bool,
}

/// Why a request has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// For so long.
    For(Duration),
    /// Until a request under way is settled.
    UntilSettled,
}

impl Breaker {
    /// A closed breaker, with so many requests in flight at most, which knows what earlier runs have learned.
    pub(super) fn new(tolerance: Tolerance, concurrency: usize, seed: u64, before: &Health) -> Self {
        Self {
            consecutive: 0,
            answered: None,
            predicted: false,
            open: None,
            openings: 0,
            earlier: before.openings,
            watch: Watch::new(tolerance, concurrency, before),
            seed,
        }
    }

    /// How the endpoint did at the start, and how often the breaker opened since, in all runs.
    pub(super) fn health(&self) -> Health {
        self.watch.health(self.earlier.saturating_add(self.openings))
    }

    /// Whether a request may be sent now.
    pub(super) fn ready(&self, now: Instant) -> Result<(), Wait> {
        match &self.open {
            Some(open) if open.probing => Err(Wait::UntilSettled),
            Some(open) if open.next > now => Err(Wait::For(open.next - now)),
            _ => Ok(()),
        }
    }

    /// Notes that a request is sent, after [`Breaker::ready`] allowed it; `true` if it is the probe.
    pub(super) fn enter(&mut self) -> bool {
        self.open.as_mut().is_some_and(|open| {
            open.probing = true;
            true
        })
    }

    /// Notes an answer.
    pub(super) fn answered(&mut self, probe: bool, now: Instant) {
        self.answered = Some(now);
        self.consecutive = 0;
        if probe || self.open.as_ref().is_some_and(|open| !open.worse) {
            self.open = None;
        }
    }

    /// Holds how a request for predictions of so many rows ended, and after what time unless it timed out, against the
    /// start; why the audit ends, where it does.
    pub(super) fn compare(
        &mut self,
        failed: bool,
        rows: u64,
        took: Option<Duration>,
        now: Instant,
    ) -> Result<(), Stop> {
        self.predicted |= !failed;
        if self.open.is_some() {
            return Ok(());
        }
        let Some(why) = self.watch.note(failed, rows, took) else { return Ok(()) };
        if self.openings + 1 >= OPENINGS {
            // It is not left alone again, and those in flight may end so too: this is no opening.
            let said = format!("{why}; it was left alone {} times before", self.openings);
            return Err(Stop::Worse(Failure::new(FailureKind::Overloaded, said, "the endpoint")));
        }
        self.opens(true, &why, now);
        Ok(())
    }

    /// Opens it, because nothing is answered or because of what is worse, and says why.
    fn opens(&mut self, worse: bool, why: &str, now: Instant) {
        self.openings += 1;
        self.watch.forget();
        let mut delays = Delays::new(FIRST_PROBE, LONGEST_WAIT, self.seed.wrapping_add(self.openings.into()));
        let next = now + delays.next_delay();
        tracing::warn!("the endpoint is left alone for {:.1?} and then probed: {why}", next - now);
        self.open = Some(Open { next, probing: false, failed: 0, delays, worse });
    }

    /// Notes that a request sent at `sent`, for predictions or not, failed; whether the breaker is open then, or why the audit ends.
    pub(super) fn failed(
        &mut self,
        failure: &Failure,
        probe: bool,
        predicts: bool,
        sent: Instant,
        now: Instant,
    ) -> Result<bool, Stop> {
        if shows_life(failure.kind) {
            self.answered(probe, now);
            return Ok(self.open.is_some());
        }
        if !shows_trouble(failure.kind) {
            self.abandon(probe);
            return Ok(self.open.is_some());
        }
        if self.answered.is_none_or(|answered| sent >= answered) {
            self.consecutive = self.consecutive.saturating_add(1);
        }
        let failing = Stop::Failing { last: failure.clone(), consecutive: self.consecutive };
        // That other places answer says nothing about rows.
        let reached = if predicts { self.predicted } else { self.answered.is_some() };
        if !reached && failure.kind == FailureKind::Unreachable && self.consecutive >= NEVER_REACHED {
            return Err(failing);
        }
        match &mut self.open {
            Some(open) if probe => {
                open.probing = false;
                open.failed += 1;
                open.next = now + open.delays.next_delay();
                if open.failed >= PROBES { Err(failing) } else { Ok(true) }
            }
            Some(_) => Ok(true),
            None if self.consecutive >= OPENS_AT => {
                if self.openings + 1 >= OPENINGS {
                    return Err(failing);
                }
                let why = format!("{} failures in a row, the last one {failure}", self.consecutive);
                self.opens(false, &why, now);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Notes that a request ended without telling anything about the endpoint.
    pub(super) fn abandon(&mut self, probe: bool) {
        if let Some(open) = self.open.as_mut().filter(|_| probe) {
            open.probing = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(kind: FailureKind) -> Failure {
        Failure::new(kind, "said", "at")
    }

    fn closed() -> Breaker {
        Breaker::new(Tolerance::default(), 1, 1, &Health::default())
    }

    fn opened(now: Instant) -> Breaker {
        let mut breaker = closed();
        breaker.answered(false, now);
        assert_eq!(breaker.compare(false, 1, Some(Duration::ZERO), now), Ok(()));
        for i in 1..OPENS_AT {
            assert_eq!(
                breaker.failed(&failure(FailureKind::Transient), false, true, now, now),
                Ok(false),
                "{i}"
            );
        }
        assert_eq!(breaker.failed(&failure(FailureKind::Unreachable), false, true, now, now), Ok(true));
        breaker
    }

    fn wait(breaker: &Breaker, now: Instant) -> Duration {
        match breaker.ready(now) {
            Err(Wait::For(wait)) => wait,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_probe_at_a_time_after_growing_waits_until_the_end() {
        let mut now = Instant::now();
        let mut breaker = opened(now);
        let mut waits = Vec::new();
        for n in 1..=PROBES {
            waits.push(wait(&breaker, now));
            now += waits[waits.len() - 1];
            assert_eq!(breaker.ready(now), Ok(()));
            assert!(breaker.enter());
            assert_eq!(breaker.ready(now), Err(Wait::UntilSettled));
            let after = breaker.failed(&failure(FailureKind::TimedOut), true, true, now, now);
            if n < PROBES {
                assert_eq!(after, Ok(true));
            } else {
                let last = failure(FailureKind::TimedOut);
                assert_eq!(after, Err(Stop::Failing { last, consecutive: OPENS_AT + PROBES }));
            }
        }
        assert!(waits[4] > waits[0] * 4, "{waits:?}");
        assert!(waits.iter().sum::<Duration>() < Duration::from_secs(120));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_about_the_request_closes_it_and_other_news_does_not() {
        let now = Instant::now();
        for kind in [FailureKind::Rejected, FailureKind::NonFinite, FailureKind::ModelFailed] {
            let mut breaker = opened(now);
            assert_eq!(breaker.failed(&failure(kind), false, true, now, now), Ok(false));
            assert_eq!(breaker.ready(now), Ok(()));
            assert!(!breaker.enter());
        }
        let mut breaker = opened(now);
        let later = now + wait(&breaker, now);
        assert!(breaker.enter());
        assert_eq!(breaker.failed(&failure(FailureKind::Auth), true, true, later, later), Ok(true));
        assert_eq!(breaker.ready(later), Ok(()), "the next probe may go");
        breaker.answered(false, now);
        assert!(!breaker.enter());
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_in_between_starts_the_count_anew() {
        let now = Instant::now();
        let mut breaker = closed();
        for _ in 0..5 {
            for _ in 1..OPENS_AT {
                assert_eq!(
                    breaker.failed(&failure(FailureKind::Transient), false, true, now, now),
                    Ok(false)
                );
            }
            breaker.answered(false, now);
        }
    }

    /// Of sixty that are sent at once, those that are answered are answered first.
    #[tokio::test(start_paused = true)]
    async fn requests_sent_before_the_last_answer_do_not_open_it_and_later_ones_do() {
        let sent = Instant::now();
        let mut breaker = closed();
        let answered = sent + Duration::from_millis(5);
        breaker.answered(false, answered);
        let late = sent + Duration::from_secs(1);
        for _ in 0..3 * OPENS_AT {
            assert_eq!(breaker.failed(&failure(FailureKind::TimedOut), false, true, sent, late), Ok(false));
        }
        for _ in 1..OPENS_AT {
            assert_eq!(
                breaker.failed(&failure(FailureKind::TimedOut), false, true, answered, late),
                Ok(false)
            );
        }
        assert_eq!(breaker.failed(&failure(FailureKind::TimedOut), false, true, answered, late), Ok(true));
    }

    #[tokio::test(start_paused = true)]
    async fn an_endpoint_that_was_never_reached_ends_it_soon() {
        let now = Instant::now();
        let mut breaker = closed();
        // That it has told about its model says nothing about rows.
        breaker.answered(false, now);
        for _ in 1..NEVER_REACHED {
            assert_eq!(breaker.failed(&failure(FailureKind::Unreachable), false, true, now, now), Ok(false));
        }
        assert!(breaker.failed(&failure(FailureKind::Unreachable), false, true, now, now).is_err());
    }
}
