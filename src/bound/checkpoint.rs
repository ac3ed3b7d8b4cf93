//! At which counts of draws a level is read: a sequence that the plan alone fixes.
//!
//! The first checkpoint is the fewest draws at which the level can stop; from there each is 16 draws or 2 %
//! further, whichever is more. Invariant: whole numbers only, so that the sequence is the same everywhere.

use super::Observation;
use super::engine::{Engines, IntervalSpec};
use super::gate::{Gate, GateReading, GateSpec};

/// The search for the first checkpoint goes no further; a level that cannot stop earlier is first read here.
pub const FARTHEST: u64 = 1 << 20;

/// No level has as many draws as this; the sequence ends there.
const END: u64 = 1 << 53;

/// The checkpoints of a level, ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoints {
    counts: Counts,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Counts {
    Listed(Vec<u64>),
    Every(u64),
}

impl Checkpoints {
    /// The sequence with this first checkpoint, which is 1 at least.
    pub fn new(first: u64) -> Self {
        let first = first.clamp(1, END);
        let counts = std::iter::successors(Some(first), |&t| (t < END).then(|| next(t))).collect();
        Self { counts: Counts::Listed(counts) }
    }

    /// A checkpoint at the end of every `length` draws, which is 1 at least.
    pub fn every(length: u64) -> Self {
        let length = length.max(1);
        Self { counts: Counts::Every(length) }
    }

    /// The draws at checkpoint `j`, counted from 1; 0 for `j = 0`, which is before the first draw. Past the
    /// end of the sequence, `u64::MAX`.
    pub fn at(&self, j: usize) -> u64 {
        match (&self.counts, j.checked_sub(1)) {
            (_, None) => 0,
            (Counts::Listed(counts), Some(place)) => counts.get(place).copied().unwrap_or(u64::MAX),
            (Counts::Every(length), Some(_)) => length.saturating_mul(j as u64),
        }
    }
}

fn next(t: u64) -> u64 {
    (t + 16).max((102 * t).div_ceil(100))
}

/// The fewest draws at which a level can stop: at which its interval is tight enough or one of its gates is
/// decided or given up, if all losses are 0, or all are 1.
pub fn first_checkpoint(engines: &dyn Engines, interval: Option<&IntervalSpec>, gates: &[GateSpec]) -> u64 {
    let stops_at = |draws: u64| {
        [0.0, 1.0].into_iter().any(|loss| {
            interval.is_some_and(|spec| interval_stops(engines, spec, loss, draws))
                || gates.iter().any(|spec| gate_stops(spec, loss, draws))
        })
    };
    let mut shut = 1;
    while !stops_at(shut) {
        if shut >= FARTHEST {
            return FARTHEST;
        }
        shut *= 2;
    }
    let mut open = shut / 2;
    while shut - open > 1 {
        let middle = open + (shut - open) / 2;
        if stops_at(middle) {
            shut = middle;
        } else {
            open = middle;
        }
    }
    shut
}

/// Whether the interval is tight enough after `draws` equal losses. A single limit that still stands at the end
/// of the range says nothing, however near the estimate is.
fn interval_stops(engines: &dyn Engines, spec: &IntervalSpec, loss: f64, draws: u64) -> bool {
    let mut bound = engines.interval(spec);
    (0..draws).for_each(|_| bound.observe(Observation::Loss(loss)));
    let interval = bound.read();
    let informed = interval.lower > 0.0 || interval.upper < 1.0;
    informed && spec.reached(interval, loss)
}

fn gate_stops(spec: &GateSpec, loss: f64, draws: u64) -> bool {
    let mut gate = Gate::new(spec);
    (0..draws).for_each(|_| gate.observe(Observation::Loss(loss)));
    gate.read() != GateReading::Open
}

#[cfg(test)]
mod tests;
