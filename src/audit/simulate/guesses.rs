//! What is guessed before an audit: the risk at each of its levels.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::law::widest;
use crate::audit::plan::Plan;
use crate::results::{Report, Split};

/// What a guess at one level is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Guess {
    /// The level; 0 is clean.
    pub level: f64,
    /// The risk, in units of the loss; absent where nothing was guessed, and the loss has no range to take it from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<f64>,
    /// The level that it was guessed for, where that is another one; 0 is clean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guessed_for: Option<f64>,
    /// How the losses of rows with noise hang together with those without, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Kept>,
}

/// How often noise leaves rows as they were, for losses that are 0 or 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Kept {
    /// The probability that a row that is wrong without noise is wrong with it.
    pub stays_wrong: f64,
    /// The probability that a row that is right without noise is wrong with it.
    pub becomes_wrong: f64,
}

/// What is guessed, for clean and for every level of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Guesses {
    /// The clean risk.
    pub clean: Guess,
    /// The risks at the levels of the question, in their order.
    pub levels: Vec<Guess>,
    /// The standard deviation of a loss at any level, where it was guessed.
    pub sd: Option<f64>,
}

/// A guess that cannot be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Misguess {
    /// The risk is not in the range of the loss.
    #[error("a risk of {risk} was guessed, and the loss lies in {low} to {high}")]
    Outside {
        /// The guess.
        risk: f64,
        /// The range of the loss.
        low: f64,
        /// See `low`.
        high: f64,
    },
    /// No loss in the range has that spread.
    #[error("a loss in {low} to {high} whose mean is {risk} has a standard deviation below {most}, not {sd}")]
    Spread {
        /// The guess of the standard deviation.
        sd: f64,
        /// That of the risk.
        risk: f64,
        /// The range of the loss.
        low: f64,
        /// See `low`.
        high: f64,
        /// The end of what can be.
        most: f64,
    },
    /// A loss of 0 or 1 has the spread that its mean gives it.
    #[error("the loss is 0 or 1, and its mean tells how it varies; leave the standard deviation out")]
    Needless,
}

/// Guesses by level: the risk, and how rows keep their losses.
type ByLevel = BTreeMap<u64, (f64, Option<Kept>)>;

/// The part of the range that is assumed where nothing is guessed.
const ASSUMED: f64 = 0.1;

impl Guesses {
    /// The guesses for a plan. `typed` are pairs of a level, 0 for clean, and its risk; they go before those of an
    /// earlier report. A level without a guess has that of the nearest lower level, clean among them, or else of
    /// the lowest that was guessed for. Where there is none at all it is a tenth of the range, and without a range
    /// there is no guess.
    pub fn new(
        plan: &Plan,
        typed: &[(f64, f64)],
        report: Option<&Report>,
        sd: Option<f64>,
    ) -> Result<Self, Misguess> {
        let mut known = report.map_or_else(ByLevel::new, of_report);
        known.extend(typed.iter().map(|(level, risk)| (level.to_bits(), (*risk, None))));
        if plan.needs.clean {
            // A row against its own clean answer: nothing can be guessed, and nothing follows for other levels.
            known.remove(&0);
        }
        let (low, high) = plan.range;
        if known.is_empty() && plan.bounded() {
            known.insert(0, (low + ASSUMED * (high - low), None));
        }
        let guess = |level: f64| {
            let near = known.range(..=level.to_bits()).next_back().or_else(|| known.iter().next());
            let Some((of, (risk, kept))) = near else {
                return Guess { level, risk: None, guessed_for: None, kept: None };
            };
            let guessed_for = Some(f64::from_bits(*of)).filter(|of| *of != level);
            Guess { level, risk: Some(*risk), guessed_for, kept: kept.filter(|_| guessed_for.is_none()) }
        };
        let mut clean = guess(0.0);
        if plan.needs.clean {
            clean = Guess { level: 0.0, risk: Some(0.0), guessed_for: None, kept: None };
        }
        let levels = plan.question.levels.iter().map(|level| guess(*level)).collect();
        let guesses = Self { clean, levels, sd };
        guesses.check(plan)?;
        Ok(guesses)
    }

    /// The worst there is for a plan: losses at both ends of the range, equally often, and never that of the
    /// clean row.
    pub fn worst(plan: &Plan) -> Option<Self> {
        let (low, high) = plan.range;
        let kept = Some(Kept { stays_wrong: 0.0, becomes_wrong: 1.0 }).filter(|_| plan.pairs);
        let at = |level: f64| Guess { level, risk: Some(low.midpoint(high)), guessed_for: None, kept };
        let levels = plan.question.levels.iter().map(|level| at(*level)).collect();
        plan.bounded().then(|| Self { clean: at(0.0), levels, sd: None })
    }

    /// The guess at a level by its place in the grid, 0 for clean.
    pub fn at(&self, id: u32) -> &Guess {
        (id as usize).checked_sub(1).and_then(|place| self.levels.get(place)).unwrap_or(&self.clean)
    }

    fn check(&self, plan: &Plan) -> Result<(), Misguess> {
        let (low, high) = plan.range;
        if self.sd.is_some() && plan.binary {
            return Err(Misguess::Needless);
        }
        let clean = Some(&self.clean).filter(|_| !plan.needs.clean);
        for risk in self.levels.iter().chain(clean).filter_map(|guess| guess.risk) {
            if !(low..=high).contains(&risk) || !risk.is_finite() {
                return Err(Misguess::Outside { risk, low, high });
            }
            let most = widest((low, high), risk);
            // At an end of the range nothing varies, whatever is guessed for the rest.
            if let Some(sd) = self.sd.filter(|sd| plan.bounded() && most > 0.0 && *sd >= most) {
                return Err(Misguess::Spread { sd, risk, low, high, most });
            }
        }
        Ok(())
    }
}

fn of_report(report: &Report) -> ByLevel {
    let clean = report.results.clean.risk.estimate.map(|risk| (0, (risk, None)));
    let levels = report.results.levels.iter().filter_map(|level| {
        Some((level.level.to_bits(), (level.risk.estimate?, level.split.as_ref().and_then(kept))))
    });
    clean.into_iter().chain(levels).collect()
}

/// None where a kind of row was not seen.
fn kept(split: &Split) -> Option<Kept> {
    let share = |part: u64, rest: u64| (part + rest > 0).then(|| part as f64 / (part + rest) as f64);
    Some(Kept {
        stays_wrong: share(split.was_wrong, split.became_right)?,
        becomes_wrong: share(split.became_wrong, split.stayed_right)?,
    })
}
