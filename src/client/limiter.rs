//! The rate: when the next request may be sent.
//!
//! `governor` decides (GCRA without bursts), on a clock that is set before each question to the time that
//! has passed at tokio's clock, scaled by the share of the user's rate that is in force. A share of one
//! half thus halves the rate for everyone who waits, without a second limiter that would let one request
//! through at once. Sleeping is left to the caller. The one invariant: in any stretch of time `w` at most
//! `rate * (w + LATE) + 1` requests are admitted, for the user's rate.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::Instant;

/// How late a waiting request may wake up without the rate falling behind; timers are a millisecond coarse.
const LATE: Duration = Duration::from_millis(5);
/// What an answered request gives back of the user's rate after a halving.
const RECOVERY: f64 = 0.02;
/// The smallest share of the user's rate.
const LEAST: f64 = 1.0 / 32.0;
/// The longest time between two requests; a rate that is not above 0 ends here.
const LONGEST_PERIOD: Duration = Duration::from_secs(86_400);

/// The clock that `governor` reads: nanoseconds of paced time.
#[derive(Clone, Default)]
struct Dial(Arc<AtomicU64>);

impl Dial {
    fn set(&self, paced: Duration) {
        self.0.store(u64::try_from(paced.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

impl Clock for Dial {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }
}

/// A rate of requests that can slow down and recover.
pub(super) struct Limiter {
    gcra: RateLimiter<NotKeyed, InMemoryState, Dial, NoOpMiddleware<Duration>>,
    dial: Dial,
    /// The user's rate at the start, and how many times that it is now.
    rate: f64,
    speed: f64,
    /// The share of the user's rate in force.
    share: f64,
    /// When the share last changed, and the paced time at that moment.
    since: (Instant, Duration),
    /// The paced time at which the next request is due.
    due: Duration,
    /// When the rate was last halved.
    halved: Option<Instant>,
}

impl Limiter {
    /// At most `rate` requests a second, without bursts.
    pub(super) fn new(rate: f64, now: Instant) -> Self {
        let period = if rate > 0.0 {
            Duration::try_from_secs_f64(1.0 / rate)
                .map_or(LONGEST_PERIOD, |period| period.min(LONGEST_PERIOD))
        } else {
            LONGEST_PERIOD
        };
        let quota = Quota::with_period(period.max(Duration::from_nanos(1)))
            .expect("the period is longer than zero")
            .allow_burst(NonZeroU32::MIN);
        let dial = Dial::default();
        Self {
            gcra: RateLimiter::direct_with_clock(quota, dial.clone()),
            dial,
            rate,
            speed: 1.0,
            share: 1.0,
            since: (now, Duration::ZERO),
            due: Duration::ZERO,
            halved: None,
        }
    }

    /// Admits one request now, or says how long to wait before asking again.
    pub(super) fn admit(&mut self, now: Instant) -> Result<(), Duration> {
        let paced = self.paced(now);
        // Someone who wakes up a little late is served as if in time, so that lateness does not add up.
        let served = |due: Duration| if paced.saturating_sub(due) <= LATE { due.min(paced) } else { paced };
        loop {
            self.dial.set(served(self.due));
            let Err(not_until) = self.gcra.check() else { return Ok(()) };
            // Later than what the dial shows, so that the second question is the last.
            self.due = not_until.earliest_possible();
            let wait = self.due.saturating_sub(paced);
            if !wait.is_zero() {
                return Err(wait.div_f64(self.share * self.speed));
            }
        }
    }

    /// Halves the rate, unless it was halved after the request that asks for it was sent.
    pub(super) fn slow_down(&mut self, sent: Instant, now: Instant) {
        if self.halved.is_none_or(|halved| sent >= halved) {
            self.set_share(self.share / 2.0, now);
            self.halved = Some(now);
        }
    }

    /// Gives back a little of the user's rate.
    pub(super) fn speed_up(&mut self, now: Instant) {
        if self.share < 1.0 {
            self.set_share(self.share + RECOVERY, now);
        }
    }

    /// Changes the user's rate, from now on. A rate that is not above 0 is not taken.
    pub(super) fn set_rate(&mut self, rate: f64, now: Instant) {
        let speed = rate / self.rate;
        if speed.is_finite() && speed > 0.0 {
            self.since = (now, self.paced(now));
            self.speed = speed.clamp(1e-6, 1e6);
        }
    }

    fn set_share(&mut self, share: f64, now: Instant) {
        self.since = (now, self.paced(now));
        self.share = share.clamp(LEAST, 1.0);
    }

    fn paced(&self, now: Instant) -> Duration {
        let (since, paced) = self.since;
        paced + now.saturating_duration_since(since).mul_f64(self.share * self.speed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Admits `count` requests, each as soon as the limiter says, woken up `late`; the time of each.
    fn admissions(limiter: &mut Limiter, from: Instant, count: usize, late: Duration) -> Vec<Duration> {
        let mut now = from;
        (0..count)
            .map(|_| {
                while let Err(wait) = limiter.admit(now) {
                    now += wait + late;
                }
                now - from
            })
            .collect()
    }

    #[tokio::test(start_paused = true)]
    async fn requests_are_evenly_spaced_from_the_first() {
        let now = Instant::now();
        let times = admissions(&mut Limiter::new(10.0, now), now, 21, Duration::ZERO);
        assert_eq!(times[1], Duration::from_millis(100));
        assert_eq!(times[20], Duration::from_secs(2));
    }

    #[tokio::test(start_paused = true)]
    async fn waking_up_late_does_not_slow_the_rate() {
        for rate in [3.0, 30.0, 700.0, 5000.0] {
            let now = Instant::now();
            let n = (rate * 2.0) as usize + 1;
            let last = admissions(&mut Limiter::new(rate, now), now, n, Duration::from_micros(1100))[n - 1];
            let early = Duration::from_micros(1);
            assert!(last + early + LATE >= Duration::from_secs(2), "{rate}/s: {last:?}");
            assert!(last <= Duration::from_secs(2) + LATE, "{rate}/s: {last:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_that_changes_holds_from_then_on() {
        let start = Instant::now();
        let mut limiter = Limiter::new(10.0, start);
        let mut now = start;
        for (rate, gap) in [(10.0, 100), (50.0, 20), (2.0, 500), (40.0, 25)] {
            limiter.set_rate(rate, now);
            let times = admissions(&mut limiter, now, 9, Duration::ZERO);
            // The first may still be due at the rate before.
            let gap = Duration::from_millis(gap);
            for pair in times[1..].windows(2) {
                assert!(
                    pair[1].saturating_sub(pair[0]).abs_diff(gap) < Duration::from_micros(2),
                    "{rate}/s: {times:?}"
                );
            }
            now += times[8];
        }
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            limiter.set_rate(rate, now);
            assert!(limiter.admit(now + Duration::from_secs(1)).is_ok());
            now += Duration::from_secs(1);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn idle_time_gives_no_burst() {
        let now = Instant::now();
        let mut limiter = Limiter::new(10.0, now);
        admissions(&mut limiter, now, 1, Duration::ZERO);
        let later = now + Duration::from_secs(60);
        assert_eq!(admissions(&mut limiter, later, 3, Duration::ZERO)[2], Duration::from_millis(200));
    }

    #[tokio::test(start_paused = true)]
    async fn halving_acts_at_once_and_only_once_for_requests_sent_before_it() {
        let now = Instant::now();
        let mut limiter = Limiter::new(10.0, now);
        admissions(&mut limiter, now, 1, Duration::ZERO);
        let later = now + Duration::from_secs(1);
        limiter.slow_down(now, later);
        limiter.slow_down(now, later);
        let times = admissions(&mut limiter, later, 6, Duration::ZERO);
        assert_eq!(times[0], Duration::ZERO);
        assert_eq!(times[5], Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn recovery_is_gradual_and_ends_at_the_rate_of_the_user() {
        let now = Instant::now();
        let mut limiter = Limiter::new(10.0, now);
        limiter.slow_down(now, now);
        limiter.speed_up(now);
        assert_eq!(limiter.share, 0.52);
        for _ in 0..100 {
            limiter.speed_up(now);
        }
        assert_eq!(limiter.share, 1.0);
        for _ in 0..100 {
            limiter.slow_down(now, now);
        }
        assert_eq!(limiter.share, LEAST);
    }

    #[tokio::test(start_paused = true)]
    async fn rates_beyond_all_measure_do_no_harm() {
        let now = Instant::now();
        for rate in [f64::NAN, 0.0, -1.0, 1e-300] {
            let mut limiter = Limiter::new(rate, now);
            assert_eq!(limiter.admit(now), Ok(()));
            assert_eq!(limiter.admit(now), Err(LONGEST_PERIOD), "{rate}");
        }
        for rate in [1e300, f64::INFINITY] {
            let mut limiter = Limiter::new(rate, now);
            assert_eq!(limiter.admit(now), Ok(()));
            assert_eq!(limiter.admit(now), Err(Duration::from_nanos(1)));
        }
    }
}
