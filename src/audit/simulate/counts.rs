//! What many paths add up to.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::path::PathEnd;
use crate::audit::plan::Plan;
use crate::results::{Stopped, Verdict};

/// A number of which so many in a hundred paths stay at or below.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Percentiles {
    /// Half of them.
    pub median: f64,
    /// 90 of 100.
    pub p90: f64,
    /// 99 of 100.
    pub p99: f64,
}

impl Percentiles {
    /// Of these numbers: each the smallest that so many are at or below. All 0 where there are none.
    pub fn of(numbers: impl IntoIterator<Item = u64>) -> Self {
        let mut sorted: Vec<u64> = numbers.into_iter().collect();
        sorted.sort_unstable();
        let at = |hundredths: usize| {
            let rank = (sorted.len() * hundredths).div_ceil(100);
            sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default() as f64
        };
        Self { median: at(50), p90: at(90), p99: at(99) }
    }

    /// The same in another unit; `change` must not fall.
    #[must_use]
    pub fn map(self, change: impl Fn(f64) -> f64) -> Self {
        Self { median: change(self.median), p90: change(self.p90), p99: change(self.p99) }
    }
}

/// The shares of paths with each verdict; they add up to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Chances {
    /// That it holds.
    pub holds: f64,
    /// That it fails.
    pub fails: f64,
    /// That it is undecided.
    pub undecided: f64,
}

/// One drawn level over all paths.
#[derive(Debug, Clone, PartialEq)]
pub struct LevelCounts {
    /// The place in the grid; 0 is clean.
    pub id: u32,
    /// The level.
    pub level: f64,
    /// Its draws.
    pub draws: Percentiles,
    /// What stopped it, with the share of paths, the most frequent first.
    pub stopped: Vec<(Stopped, f64)>,
}

/// All paths.
#[derive(Debug, Clone, PartialEq)]
pub struct Paths {
    ends: Vec<PathEnd>,
    levels: Vec<(u32, f64)>,
}

impl Paths {
    pub(super) fn new(plan: &Plan, ends: Vec<PathEnd>) -> Self {
        Self { ends, levels: plan.levels.iter().map(|level| (level.id, level.level)).collect() }
    }

    /// How each path ended, in order.
    pub fn ends(&self) -> &[PathEnd] {
        &self.ends
    }

    /// Charged queries.
    pub fn queries(&self) -> Percentiles {
        Percentiles::of(self.ends.iter().map(|end| end.queries))
    }

    /// Requests.
    pub fn requests(&self) -> Percentiles {
        Percentiles::of(self.ends.iter().map(|end| end.requests))
    }

    /// The share of paths of which this is true.
    pub fn share(&self, of: impl Fn(&PathEnd) -> bool) -> f64 {
        self.ends.iter().filter(|end| of(end)).count() as f64 / self.ends.len().max(1) as f64
    }

    /// The drawn levels.
    pub fn levels(&self) -> Vec<LevelCounts> {
        let level = |(place, (id, level)): (usize, &(u32, f64))| {
            let of = || self.ends.iter().filter_map(move |end| end.levels.get(place).copied());
            let mut stopped: Vec<(Stopped, f64)> = Vec::new();
            for (_, why) in of() {
                match stopped.iter_mut().find(|(known, _)| *known == why) {
                    Some((_, count)) => *count += 1.0,
                    None => stopped.push((why, 1.0)),
                }
            }
            for (_, count) in &mut stopped {
                *count /= self.ends.len() as f64;
            }
            stopped.sort_by(|(_, a), (_, b)| b.total_cmp(a));
            LevelCounts {
                id: *id,
                level: *level,
                draws: Percentiles::of(of().map(|(draws, _)| draws)),
                stopped,
            }
        };
        self.levels.iter().enumerate().map(level).collect()
    }

    /// What is decided about a gate, by its place in the question.
    pub fn gate(&self, gate: usize) -> Chances {
        self.chances(|end| end.gates.get(gate).copied().unwrap_or_default())
    }

    /// What is decided about the critical level: at the first level that does not hold, or at the last.
    pub fn critical(&self) -> Chances {
        self.chances(|end| end.critical.as_ref().map_or(Verdict::Undecided, |found| found.verdict))
    }

    /// How often each level is found to be the critical one; 0 for none.
    pub fn critical_levels(&self) -> Vec<(f64, f64)> {
        let mut found: BTreeMap<u64, u64> = BTreeMap::new();
        for critical in self.ends.iter().filter_map(|end| end.critical.as_ref()) {
            *found.entry(critical.level.unwrap_or_default().to_bits()).or_default() += 1;
        }
        let share = |count: u64| count as f64 / self.ends.len() as f64;
        found.into_iter().map(|(level, count)| (f64::from_bits(level), share(count))).collect()
    }

    fn chances(&self, verdict: impl Fn(&PathEnd) -> Verdict) -> Chances {
        let share = |wanted: Verdict| self.share(|end| verdict(end) == wanted);
        Chances {
            holds: share(Verdict::Holds),
            fails: share(Verdict::Fails),
            undecided: share(Verdict::Undecided),
        }
    }
}
