//! What noisebound is compared with: published methods, each implemented as its paper gives it. None of this is
//! part of the product.
//!
//! Those that may be read at any time are [`Bound`]s, and are read more often than noisebound reads its own: after
//! every draw up to 200, then at every half percent more. Invariant: where a paper leaves something open, what
//! favours the method is chosen.

pub mod bernstein;
pub mod beta;
pub mod betting;
pub mod fixed;
pub mod mixture;
pub mod provero;

use noisebound::bound::{Bound, Engines, Interval, IntervalSpec, Observation, first_checkpoint};

use crate::losses::Losses;
use crate::measure::{Measured, Run, follow, measure};

/// A way to make bounds, whatever the claims.
struct Making<F>(F);

impl<F: Fn() -> Box<dyn Bound> + Send + Sync> Engines for Making<F> {
    fn interval(&self, spec: &IntervalSpec) -> Box<dyn Bound> {
        if spec.lower.is_some() { self.0() } else { Box::new(UpperAlone(self.0())) }
    }
}

/// A bound whose lower limit is not asked for.
struct UpperAlone(Box<dyn Bound>);

impl Bound for UpperAlone {
    fn observe(&mut self, observation: Observation) {
        self.0.observe(observation);
    }

    fn read(&mut self) -> Interval {
        Interval { lower: 0.0, ..self.0.read() }
    }
}

/// The draws from `first` to `cap` at which rivals are read.
pub fn readings(first: u64, cap: u64) -> impl Iterator<Item = u64> {
    std::iter::successors(Some(first), |t: &u64| Some(t + (t / 200).max(1))).take_while(move |t| *t <= cap)
}

/// What a bound needs until it is as tight as was asked, in at most `cap` draws. Like noisebound's it is first read
/// at the fewest draws at which it can be.
pub fn interval(
    spec: &IntervalSpec,
    losses: Losses,
    runs: u64,
    cap: u64,
    make: impl Fn() -> Box<dyn Bound> + Send + Sync,
) -> Measured {
    let engines = Making(make);
    let first = first_checkpoint(&engines, Some(spec), &[]);
    let stops = |interval, mean| spec.reached(interval, mean).then_some(());
    measure(runs, |run| {
        let stopped = follow(engines.interval(spec), losses, run, readings(first, cap), stops);
        Run { draws: stopped.map(|(draws, ())| draws), right: true }
    })
}
