//! How many queries a comparison will take at most, told before the first noisy one.
//!
//! A pair is fed the losses of which the difference varies most: the two ends of the range, in turn for either endpoint.

use std::fmt;
use std::time::Duration;

use super::super::core::Core;
use super::super::forecast::Spoken;
use super::pair::Pair;
use super::plan::{ComparisonPlan, PairedLevel};
use crate::bound::checkpoint::Checkpoints;
use crate::bound::engine::Engines;
use crate::config::Conduct;

/// What is expected of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// How many endpoints there are.
    pub endpoints: u64,
    /// Queries of each at worst: where differences vary as much as they can, and all are answered; the budget where
    /// there is a margin, which a difference near to it may keep open to the end.
    pub most: u64,
    /// The budget of each.
    pub budget: u64,
    /// How long the worst takes at the rate, which each endpoint has for itself; absent without one.
    pub longest: Option<Duration>,
}

impl Forecast {
    /// The forecast for endpoints of which one, `core`, is about to be asked for noisy draws.
    pub fn new(plan: &ComparisonPlan, core: &Core, conduct: &Conduct, engines: &dyn Engines) -> Self {
        let budget = conduct.queries;
        let room = budget.saturating_sub(core.charged());
        let worst = plan.levels.iter().zip(&core.plan().levels).map(|(level, drawn)| {
            let most = drawn.most.map_or(room, |most| most.min(room));
            draws(level, plan, &drawn.checkpoints, engines, most)
        });
        let most = match plan.margin {
            Some(_) => budget,
            None => core.most_cost_of(worst.sum()).saturating_add(core.charged()).min(budget),
        };
        let requests = most.div_ceil(conduct.batch as u64) as f64;
        let longest =
            conduct.rate.and_then(|rate| Duration::try_from_secs_f64((requests / rate).round()).ok());
        Self { endpoints: plan.endpoints.len() as u64, most, budget, longest }
    }
}

impl fmt::Display for Forecast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = |each: u64| each.saturating_mul(self.endpoints);
        let (most, budget) = (self.most, self.budget);
        match most {
            most if most == budget => {
                write!(
                    f,
                    "forecast: at most {most} queries for each of {} endpoints, {} in all",
                    self.endpoints,
                    all(most)
                )?;
            }
            _ => write!(
                f,
                "forecast: about {most} queries at worst for each of {} endpoints, {} in all, never more than {}",
                self.endpoints,
                all(most),
                all(budget)
            )?,
        }
        match self.longest {
            Some(longest) => write!(f, "; {} at this rate for each", Spoken(longest)),
            None => write!(f, "; without a rate limit"),
        }
    }
}

/// How many draws of a level the first pair takes at worst, at most `room`; the others are alike.
fn draws(
    level: &PairedLevel,
    plan: &ComparisonPlan,
    at: &Checkpoints,
    engines: &dyn Engines,
    room: u64,
) -> u64 {
    let reference = &plan.endpoints[0];
    let (low, high) = reference.range;
    let Some(pair) = level.pairs.first() else { return 0 };
    let mut pair = Pair::new(pair, reference, engines);
    let mut drawn = 0;
    for checkpoint in 1.. {
        while drawn < at.at(checkpoint) {
            if drawn >= room {
                return room;
            }
            let (one, two) = if drawn % 2 == 0 { (low, high) } else { (high, low) };
            pair.commit(Some(one), Some(two));
            drawn += 1;
        }
        pair.read();
        if pair.settled() {
            break;
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_each_and_all() {
        let longest = Some(Duration::from_secs(60));
        let of = |most| Forecast { endpoints: 3, most, budget: 1000, longest }.to_string();
        assert_eq!(
            of(400),
            "forecast: about 400 queries at worst for each of 3 endpoints, 1200 in all, never more than 3000; \
             1 min 0 s at this rate for each"
        );
        assert!(
            of(1000)
                .starts_with("forecast: at most 1000 queries for each of 3 endpoints, 3000 in all; 1 min")
        );
    }
}
