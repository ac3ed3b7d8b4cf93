//! Runs, and what they come to: medians and 90th percentiles of the draws at which a method stops.
//!
//! Invariant: what is measured depends on the numbers of the runs alone, not on how many threads there are.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use noisebound::bound::{Bound, Observation};

use crate::losses::Losses;

/// How one run ended.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// The draws at which it stopped; `None` when it was given up before.
    pub draws: Option<u64>,
    /// Whether what it then stated is true.
    pub right: bool,
}

/// What runs come to. A percentile is absent where that run was given up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// The 40th percentile of the draws.
    pub p40: Option<u64>,
    /// Their median.
    pub median: Option<u64>,
    /// Their 90th percentile.
    pub p90: Option<u64>,
    /// The share of runs that stated something true, among those that stated anything.
    pub right: f64,
}

/// So many runs that are all given up are enough to see that the others will be.
const HOPELESS: usize = 11;

/// The outcome of runs 0 to `runs - 1`.
pub fn measure(runs: u64, one: impl Fn(u64) -> Run) -> Measured {
    let mut all: Vec<Run> = Vec::new();
    for run in 0..runs {
        all.push(one(run));
        if all.len() == HOPELESS && all.iter().all(|run| run.draws.is_none()) {
            break;
        }
    }
    let mut draws: Vec<u64> = all.iter().map(|run| run.draws.unwrap_or(u64::MAX)).collect();
    draws.sort_unstable();
    let at = |rank: usize| draws.get(rank).copied().filter(|&draws| draws < u64::MAX);
    let stopped = all.iter().filter(|run| run.draws.is_some()).count();
    let right = all.iter().filter(|run| run.draws.is_some() && run.right).count();
    Measured {
        p40: at(draws.len() * 2 / 5),
        median: at(draws.len() / 2),
        p90: at(draws.len() * 9 / 10),
        right: if stopped == 0 { 1.0 } else { right as f64 / stopped as f64 },
    }
}

/// Feeds a bound the losses of a run, reads it at each of `readings`, ascending, and gives the draws and whatever
/// `stops` made of the first reading at which it gave something. It is told the limits and the mean so far.
pub fn follow<T>(
    mut bound: Box<dyn Bound>,
    losses: Losses,
    run: u64,
    readings: impl Iterator<Item = u64>,
    stops: impl Fn(noisebound::bound::Interval, f64) -> Option<T>,
) -> Option<(u64, T)> {
    let mut draw = losses.stream(run);
    let (mut draws, mut sum) = (0, 0.0);
    for reading in readings {
        while draws < reading {
            let loss = draw();
            sum += loss;
            draws += 1;
            bound.observe(Observation::Loss(loss));
        }
        if let Some(what) = stops(bound.read(), sum / draws as f64) {
            return Some((draws, what));
        }
    }
    None
}

/// A piece of work that threads share.
pub type Job<'a, T> = Box<dyn Fn() -> T + Send + Sync + 'a>;

/// Does all jobs, each on whatever processor is free; the results in the order of the jobs.
pub fn all<T: Send>(jobs: &[Job<'_, T>]) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((place, job)) = {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    jobs.get(place).map(|job| (place, job))
                } {
                    let result = job();
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((place, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}
