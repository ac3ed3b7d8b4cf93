//! How many queries an audit will take, told before the first noisy one.
//!
//! The fold's own level states are fed made-up losses: those of the clean answers, as if noise changed
//! nothing, and the two ends of the range in turn, the worst there is.

use std::fmt;
use std::time::Duration;

use statrs::distribution::{ContinuousCDF, Normal};

use super::core::Core;
use super::level::LevelState;
use super::plan::{LevelPlan, Plan};
use super::subject::Settled;
use crate::bound::engine::Engines;
use crate::config::Conduct;
use crate::config::question::Measured;

/// What is expected of an audit.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// Queries if noise changes nothing.
    pub likely: u64,
    /// Queries that nine of ten such audits stay below; the same as `likely` where losses are not 0 or 1.
    pub nine_of_ten: u64,
    /// Queries at worst: where each level's losses vary as much as they can, and all are answered; the
    /// budget where there are gates.
    pub most: u64,
    /// The budget.
    pub budget: u64,
    /// How long the worst takes at the rate; absent without one.
    pub longest: Option<Duration>,
}

impl Forecast {
    /// The forecast from what is known after the clean answers.
    pub fn new(core: &Core, conduct: &Conduct, engines: &dyn Engines) -> Self {
        let plan = core.plan();
        let losses = core.clean_losses();
        let mean = losses.iter().sum::<f64>() / losses.len().max(1) as f64;
        let room = conduct.queries.saturating_sub(core.charged());
        let spent = |draws: u64| {
            let queries = core.most_cost_of(draws);
            (core.charged() + queries + core.sentinels_due(queries)).min(conduct.queries)
        };
        let sum = |source: &dyn Fn(u64) -> f64, worst: bool| {
            spent(plan.levels.iter().map(|level| draws(plan, level, engines, room, source, worst)).sum())
        };
        let total = |source: &dyn Fn(u64) -> f64| sum(source, false);
        let (likely, nine_of_ten) = if plan.binary {
            (total(&|t| steady(mean, 0.0, t)), total(&|t| steady(mean, quantile(0.9), t)))
        } else {
            let cycle =
                |t: u64| losses.get(t as usize % losses.len().max(1)).copied().unwrap_or(plan.range.0);
            let draws = total(&cycle);
            (draws, draws)
        };
        // A risk at its own threshold may keep a gate open to the end.
        let gated = plan.levels.iter().any(|level| !level.gates.is_empty());
        let worst = sum(&|t| if t % 2 == 0 { plan.range.0 } else { plan.range.1 }, true);
        let most = if gated { conduct.queries } else { worst.max(likely) };
        let requests = |queries: u64| queries.div_ceil(conduct.batch as u64) as f64;
        let longest =
            conduct.rate.and_then(|rate| Duration::try_from_secs_f64((requests(most) / rate).round()).ok());
        let nine_of_ten = nine_of_ten.clamp(likely, most.max(likely));
        Self { likely, nine_of_ten, most, budget: conduct.queries, longest }
    }
}

impl fmt::Display for Forecast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "forecast: about {} queries if noise changes nothing", self.likely)?;
        if self.nine_of_ten > self.likely {
            write!(f, " (9 of 10 times at most {})", self.nine_of_ten)?;
        }
        match self.most {
            most if most == self.budget => write!(f, "; at most {most}")?,
            most => write!(f, "; about {most} at worst, never more than {}", self.budget)?,
        }
        match self.longest {
            Some(longest) => write!(f, ", which takes {} at this rate", Spoken(longest)),
            None => write!(f, ", without a rate limit"),
        }
    }
}

/// A duration as a person would say it.
pub(super) struct Spoken(pub Duration);

impl fmt::Display for Spoken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
            (0, 0, seconds) => write!(f, "{seconds} s"),
            (0, minutes, seconds) => write!(f, "{minutes} min {seconds} s"),
            (hours, minutes, _) => write!(f, "{hours} h {minutes} min"),
        }
    }
}

/// What is measured of a draw on which noise has no effect: no shift, and the error that its loss tells.
fn unchanged(plan: &Plan, loss: f64) -> Vec<f64> {
    let error = match plan.question.loss.name.as_str() {
        "absolute-error" => loss,
        "squared-error" => loss.max(0.0).sqrt(),
        _ => 0.0,
    };
    let of = |of: &Measured| if *of == Measured::AbsoluteError { error } else { 0.0 };
    plan.measured.iter().map(of).collect()
}

/// How many draws a level takes when its losses come from `source`, at most `room`. The clean loss of a row is
/// taken to be that of the draw, or at worst the other end of the range.
fn draws(
    plan: &Plan,
    level: &LevelPlan,
    engines: &dyn Engines,
    room: u64,
    source: &dyn Fn(u64) -> f64,
    worst: bool,
) -> u64 {
    let mut state = LevelState::new(level.clone(), plan, engines);
    loop {
        while state.committed < state.target() {
            if state.committed >= room {
                return room;
            }
            let loss = source(state.committed);
            let measured = unchanged(plan, loss);
            let loss = Some(loss);
            let clean = if worst { loss.map(|loss| plan.range.0 + plan.range.1 - loss) } else { loss };
            let draw = Settled { loss, whole: loss, measured: &measured, clean, slice: None };
            state.commit(plan, &draw);
        }
        let open = state.read().iter().any(|(_, reading)| *reading == crate::bound::gate::GateReading::Open);
        state.checkpoint += 1;
        if state.decide(open).is_some() {
            return state.committed;
        }
    }
}

/// Zeros and ones whose running sum follows `t p + z sqrt(t p (1 - p))`.
fn steady(p: f64, z: f64, t: u64) -> f64 {
    let sum = |t: u64| {
        let t = t as f64;
        z.mul_add((t * p * (1.0 - p)).sqrt(), t * p).round().clamp(0.0, t)
    };
    (sum(t + 1) - sum(t)).clamp(0.0, 1.0)
}

/// The quantile of the standard normal law.
fn quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}

#[cfg(test)]
mod tests;
