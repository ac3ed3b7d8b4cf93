//! Whether an endpoint does worse than it did at the start: more failures, or slower answers.
//!
//! The first [`FEW`] requests for predictions are the baseline of failures, the first [`FEW`] of so many rows that of
//! the latency of requests of so many rows; the last [`FEW`] are held against it. What an earlier run of the audit has
//! learned stays the baseline. What follows is left to the breaker.
//!
//! The invariants: nothing is said before both are complete, so that a single slow or failed request never counts;
//! and requests are held only against others of as many rows, with no fewer in flight, as more may take longer. One
//! that timed out has failed, and tells no time: of many in flight those end together, and would be the last [`FEW`].

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::health::{Health, Latency};

/// So many requests are the baseline, and so many are held against it.
pub(super) const FEW: usize = 50;

/// Answers that are slower by less than this are not slow, whatever the baseline.
const NOTICEABLE: Duration = Duration::from_millis(50);

/// How much worse than the baseline is too much; none for either is "however much".
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tolerance {
    /// How far the share of failed requests may be above that of the baseline, from 0 to 1.
    pub failures: Option<f64>,
    /// How many times the median latency of the baseline the recent one may be, above 1.
    pub latency: Option<f64>,
}

/// What is known of requests so far.
pub(super) struct Watch {
    tolerance: Tolerance,
    /// Whether each failed.
    failures: Series<bool, f64>,
    /// How long each took, by how many rows it had.
    times: BTreeMap<u64, Times>,
    /// The most requests in flight.
    concurrency: usize,
}

/// How long requests of so many rows took.
struct Times {
    series: Series<Duration, Duration>,
    /// The most that were in flight with the first of them.
    concurrency: usize,
}

/// The last requests, and what the first came to.
struct Series<T, S> {
    recent: VecDeque<T>,
    baseline: Option<S>,
    noted: u64,
}

impl<T, S: Copy> Series<T, S> {
    /// What the first came to, where that is known, and how many there were.
    fn new(baseline: Option<S>, noted: u64) -> Self {
        Self { recent: VecDeque::with_capacity(FEW), baseline, noted }
    }

    /// Takes one more. What the last ones come to, and what the first did, once both are complete.
    fn note(&mut self, one: T, sum: impl Fn(&VecDeque<T>) -> S) -> Option<(S, S)> {
        self.noted = self.noted.saturating_add(1);
        if self.recent.len() == FEW {
            self.recent.pop_front();
        }
        self.recent.push_back(one);
        if self.recent.len() < FEW {
            return None;
        }
        let now = sum(&self.recent);
        if self.baseline.is_none() {
            self.baseline = Some(now);
            self.recent.clear();
            return None;
        }
        self.baseline.map(|before| (now, before))
    }
}

impl Watch {
    /// Goes on from what earlier runs have learned. Times with fewer requests in flight say nothing of this run.
    pub(super) fn new(tolerance: Tolerance, concurrency: usize, before: &Health) -> Self {
        let comparable = before.latencies.iter().filter(|latency| latency.concurrency >= concurrency);
        let times = |latency: &Latency| Times {
            series: Series::new(Some(latency.median), latency.requests),
            concurrency: latency.concurrency,
        };
        Self {
            tolerance,
            failures: Series::new(before.failures, 0),
            times: comparable.map(|latency| (latency.rows, times(latency))).collect(),
            concurrency,
        }
    }

    /// What is known, of an endpoint that was left alone so often.
    pub(super) fn health(&self, openings: u32) -> Health {
        let latency = |(rows, times): (&u64, &Times)| {
            let Times { series, concurrency } = times;
            let median = series.baseline?;
            Some(Latency { rows: *rows, median, concurrency: *concurrency, requests: series.noted })
        };
        let latencies = self.times.iter().filter_map(latency).collect();
        Health { openings, failures: self.failures.baseline, latencies }
    }

    /// Takes how a request of so many rows ended, and after what time; `None` where it timed out. What is worse than it
    /// may be, in words.
    pub(super) fn note(&mut self, failed: bool, rows: u64, took: Option<Duration>) -> Option<String> {
        let failures = self.failures.note(failed, share);
        let concurrency = self.concurrency;
        let none = || Times { series: Series::new(None, 0), concurrency };
        let times =
            took.and_then(|took| self.times.entry(rows).or_insert_with(none).series.note(took, median));
        let percent = |share: f64| (share * 100.0).round();
        if let Some((now, before)) = failures
            && self.tolerance.failures.is_some_and(|more| now > before + more)
        {
            let (now, before) = (percent(now), percent(before));
            return Some(format!("{now} % of the last {FEW} requests failed, {before} % at the start"));
        }
        if let Some((now, before)) = times
            && self.tolerance.latency.is_some_and(|times| now.as_secs_f64() > before.as_secs_f64() * times)
            && now > before.saturating_add(NOTICEABLE)
        {
            let of = if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
            return Some(format!(
                "the last {FEW} requests of {of} took {now:.1?} in the median, {before:.1?} at the start"
            ));
        }
        None
    }

    /// Begins to look anew.
    pub(super) fn forget(&mut self) {
        self.failures.recent.clear();
        self.times.values_mut().for_each(|times| times.series.recent.clear());
    }
}

fn share(failed: &VecDeque<bool>) -> f64 {
    failed.iter().filter(|failed| **failed).count() as f64 / failed.len().max(1) as f64
}

fn median(times: &VecDeque<Duration>) -> Duration {
    let mut times: Vec<Duration> = times.iter().copied().collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::health::Baseline;
    use super::*;

    const MS: Duration = Duration::from_millis(1);
    const BOTH: Tolerance = Tolerance { failures: Some(0.2), latency: Some(3.0) };

    fn new(tolerance: Tolerance) -> Watch {
        Watch::new(tolerance, 4, &Health::default())
    }

    fn baseline(watch: &Watch) -> Option<Baseline> {
        watch.health(0).baseline()
    }

    /// The first request after which something was said, of `count` that each end in this way.
    fn said(watch: &mut Watch, count: usize, each: impl Fn(usize) -> (bool, u32)) -> Option<(usize, String)> {
        (0..count).find_map(|n| {
            let (failed, millis) = each(n);
            Some((n, watch.note(failed, 1, Some(MS * millis))?))
        })
    }

    fn used_to(each: impl Fn(usize) -> (bool, u32)) -> Watch {
        let mut watch = new(BOTH);
        assert_eq!(said(&mut watch, FEW, each), None);
        assert!(baseline(&watch).is_some());
        watch
    }

    #[test]
    fn an_endpoint_that_stays_as_it_is_is_never_spoken_of() {
        let as_ever = |n: usize| (n.is_multiple_of(3), 10 + n as u32 % 7);
        let mut watch = used_to(as_ever);
        assert_eq!(said(&mut watch, 5000, as_ever), None);
        assert_eq!(baseline(&watch).unwrap().failures, 17.0 / 50.0);
    }

    #[test]
    fn failures_beyond_the_tolerance_are_told_and_fewer_are_not() {
        let every = |n: usize| move |i: usize| (i.is_multiple_of(n), 10);
        assert_eq!(said(&mut used_to(every(10)), 500, every(4)), None, "25 % after 10 %");
        let (after, told) = said(&mut used_to(every(10)), 500, every(3)).unwrap();
        assert_eq!(after, FEW - 1);
        assert_eq!(told, "34 % of the last 50 requests failed, 10 % at the start");
    }

    #[test]
    fn slower_answers_are_told_where_a_person_would_notice() {
        let takes = |millis: u32| move |_: usize| (false, millis);
        assert_eq!(said(&mut used_to(takes(40)), 500, takes(120)), None, "three times is what may be");
        let (_, told) = said(&mut used_to(takes(40)), 500, takes(130)).unwrap();
        assert_eq!(told, "the last 50 requests of 1 row took 130.0ms in the median, 40.0ms at the start");
        assert_eq!(said(&mut used_to(takes(1)), 500, takes(40)), None, "nobody minds 40 ms");
        // A few slow ones are no slow endpoint.
        assert_eq!(
            said(&mut used_to(takes(40)), 500, |n| (false, if n.is_multiple_of(3) { 9000 } else { 40 })),
            None
        );
    }

    /// Five milliseconds a row: the check asks one row at a time, what follows full requests.
    #[test]
    fn requests_are_held_against_those_of_as_many_rows() {
        let mut watch = used_to(|_| (false, 5));
        let mut full = |count, millis| (0..count).find_map(|_| watch.note(false, 32, Some(MS * millis)));
        assert_eq!(full(1000, 160), None);
        let told = full(50, 500).unwrap();
        assert_eq!(told, "the last 50 requests of 32 rows took 500.0ms in the median, 160.0ms at the start");
        assert_eq!(baseline(&watch), Some(Baseline { latency: 160 * MS, rows: 32, failures: 0.0 }));
    }

    /// Of many in flight those that time out end together; they are failures, and fewer than may be.
    #[test]
    fn a_request_that_timed_out_is_not_a_slow_answer() {
        let mut watch = used_to(|_| (false, 5));
        for _ in 0..20 {
            assert!((0..200).all(|_| watch.note(false, 1, Some(5 * MS)).is_none()));
            // They are too few to be a large share of the failures, and more than half of the last times.
            assert!((0..10).all(|_| watch.note(true, 1, None).is_none()));
        }
        let mut wary = Watch::new(Tolerance { failures: None, ..BOTH }, 4, &watch.health(0));
        assert!((0..500).all(|_| wary.note(true, 1, None).is_none()), "they are nothing but failures");
        assert_eq!(wary.health(0).latencies, watch.health(0).latencies);
    }

    #[test]
    fn a_run_that_goes_on_is_held_against_the_first() {
        let mut first = used_to(|n| (n.is_multiple_of(10), 40));
        assert_eq!(said(&mut first, 10, |_| (false, 40)), None);
        let health = first.health(2);
        let latency = Latency { rows: 1, median: 40 * MS, concurrency: 4, requests: 60 };
        assert_eq!(health, Health { openings: 2, failures: Some(0.1), latencies: vec![latency] });
        let mut second = Watch::new(BOTH, 4, &health);
        assert_eq!(second.health(2), health, "nothing is lost");
        let (after, told) = said(&mut second, 500, |_| (false, 130)).unwrap();
        assert_eq!(after, FEW - 1);
        assert!(told.ends_with("130.0ms in the median, 40.0ms at the start"), "{told}");
        let (_, told) = said(&mut Watch::new(BOTH, 2, &health), 500, |_| (true, 40)).unwrap();
        assert!(told.ends_with("10 % at the start"), "{told}");
        // With more in flight each may take longer, but no more may fail.
        let mut crowded = Watch::new(BOTH, 5, &health);
        assert_eq!(said(&mut crowded, 500, |_| (false, 130)), None);
        assert_eq!(crowded.health(0).latencies[0].median, 130 * MS);
        assert!(said(&mut crowded, 500, |_| (true, 130)).is_some());
    }

    #[test]
    fn a_tolerance_may_be_as_large_as_a_number_can_be() {
        let endless = Tolerance { latency: Some(f64::MAX), ..BOTH };
        assert_eq!(said(&mut new(endless), 500, |n| (false, if n < 60 { 40 } else { 9000 })), None);
    }

    #[test]
    fn without_a_tolerance_nothing_is_told() {
        let mut watch = new(Tolerance::default());
        assert_eq!(said(&mut watch, 500, |n| (n > 60, if n > 60 { 9000 } else { 1 })), None);
    }
}
