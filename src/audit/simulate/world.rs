//! A made-up endpoint that answers as the guesses say, for ever the same to the same query.
//!
//! A clean row has one loss; a draw has one number for all levels, so that what is hard at one level is hard at
//! the next. Where a draw is compared with its clean row the two are independent, unless an earlier report tells
//! how they hang together: that is more than most models vary, so it errs on the side of more queries.

use std::collections::HashMap;

use noisebound_adapters::Prediction;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::guesses::{Guesses, Kept};
use super::law::Law;
use crate::audit::plan::{About, Plan};
use crate::audit::record::{DrawId, Ending, Query, Seen};
use crate::audit::subject::Subject;
use crate::config::question::{Measured, Relation};

/// What all paths share.
pub struct World {
    /// By the place in the grid; 0 is clean.
    laws: Vec<(Law, Option<Kept>)>,
    middle: f64,
    range: (f64, f64),
    against_clean: bool,
    pairs: bool,
    /// For each measured number and level, how it comes about.
    measured: Vec<Vec<Number>>,
}

/// How a measured number comes about.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Number {
    /// It is the loss.
    Loss,
    /// It is the root of the loss.
    Root,
    /// An exponential law with this mean.
    Exponential(f64),
}

impl World {
    /// The world of these guesses.
    pub fn new(plan: &Plan, guesses: &Guesses) -> Self {
        let ids = 0..=guesses.levels.len() as u32;
        let law = |id: u32| {
            let guess = guesses.at(id);
            let law =
                guess.risk.map_or_else(|| unguessed(plan), |risk| Law::new(plan.range, risk, guesses.sd));
            (law, guess.kept)
        };
        let number = |place: usize, of: Measured| {
            let guessed = |id| guesses.at(id).risk.is_some();
            ids.clone().map(|id| number(plan, place, of, id, guessed(id))).collect()
        };
        Self {
            laws: ids.clone().map(law).collect(),
            middle: plan.range.0.midpoint(plan.range.1),
            range: plan.range,
            against_clean: plan.needs.clean,
            pairs: plan.pairs,
            measured: plan.measured.iter().enumerate().map(|(place, of)| number(place, *of)).collect(),
        }
    }

    /// The answers of one path, all from this generator.
    pub fn answers(&self, rng: ChaCha8Rng) -> Answers<'_> {
        Answers { world: self, rng, rows: HashMap::new(), draws: Vec::new() }
    }
}

/// The loss where nothing was guessed and there is no range, so that no precision is ever reached: what can be
/// said of it is -n.
fn unguessed(plan: &Plan) -> Law {
    Law::Ends { low: 0.0, high: plan.question.precision.unwrap_or(0.0) * FAR, chance: 0.5 }
}

/// Losses of so many precisions vary by more than any number of draws narrows down.
const FAR: f64 = 1e9;

/// Which measured numbers follow from no guess, so that `number` makes them up; `guessed` tells whether the risk
/// was.
pub fn made_up(plan: &Plan, of: Measured, guessed: bool) -> bool {
    let of_loss = matches!(plan.question.loss.name.as_str(), "absolute-error" | "squared-error");
    !(guessed && of_loss && of == Measured::AbsoluteError)
}

/// The absolute error follows from a loss that measures it, where that was guessed. What else is measured is made up:
/// it is as if the first gate on it at the level held with room, half as many draws beyond its threshold as it allows.
fn number(plan: &Plan, place: usize, of: Measured, id: u32, guessed: bool) -> Number {
    match plan.question.loss.name.as_str() {
        _ if made_up(plan, of, guessed) => {}
        "absolute-error" => return Number::Loss,
        "squared-error" => return Number::Root,
        _ => {}
    }
    let parts = plan.levels.iter().filter(|level| level.id == id).flat_map(|level| &level.gates);
    let beyond = |allowed: f64, relation: Relation| match relation {
        Relation::AtMost => allowed / 2.0,
        Relation::AtLeast => allowed.midpoint(1.0),
    };
    let mut means = parts.filter_map(|part| match part.about {
        About::Draws(Subject::MeasuredAbove(at, threshold)) if at == place => {
            Some(threshold / -beyond(part.test.threshold, Relation::AtMost).ln())
        }
        About::Draws(Subject::MeasuredFrom(at, threshold)) if at == place => {
            Some(threshold / -beyond(part.test.threshold, Relation::AtLeast).ln())
        }
        _ => None,
    });
    Number::Exponential(means.find(|mean| mean.is_finite()).unwrap_or(1.0))
}

/// The answers of one path.
pub struct Answers<'a> {
    world: &'a World,
    rng: ChaCha8Rng,
    rows: HashMap<u64, f64>,
    draws: Vec<f64>,
}

impl Answers<'_> {
    /// How a query about a row ends.
    pub fn ending(&mut self, query: Query, row: u64) -> Ending {
        match query {
            Query::Draw(id) if id.level > 0 => self.draw(id, row),
            _ => {
                let loss = if self.world.against_clean { None } else { Some(self.clean(row)) };
                // No more of a prediction than that there is one, always the same.
                let seen = Seen::Whole(Prediction::Labels(Vec::new()));
                Ending::Answered { loss, measured: Box::default(), seen }
            }
        }
    }

    fn draw(&mut self, id: DrawId, row: u64) -> Ending {
        let u = self.number(id.index);
        let Some((law, kept)) = self.world.laws.get(id.level as usize) else { return Ending::Unanswered };
        let loss = match kept.filter(|_| self.world.pairs) {
            None => law.at(u),
            Some(kept) => {
                let wrong = self.clean(row) > self.world.middle;
                let chance = if wrong { kept.stays_wrong } else { kept.becomes_wrong };
                let (low, high) = self.world.range;
                if u < chance { high } else { low }
            }
        };
        let number = |numbers: &Vec<Number>| match numbers.get(id.level as usize) {
            Some(Number::Loss) | None => loss,
            Some(Number::Root) => loss.max(0.0).sqrt(),
            Some(Number::Exponential(mean)) => -mean * u.max(f64::MIN_POSITIVE).ln(),
        };
        let measured = self.world.measured.iter().map(number).collect();
        Ending::Answered { loss: Some(loss), measured, seen: Seen::Nothing }
    }

    /// The loss of a row without noise.
    fn clean(&mut self, row: u64) -> f64 {
        let (law, rng) = (&self.world.laws[0].0, &mut self.rng);
        *self.rows.entry(row).or_insert_with(|| law.at(rng.random()))
    }

    /// The number of the draws with this index.
    fn number(&mut self, index: u64) -> f64 {
        while self.draws.len() as u64 <= index {
            self.draws.push(self.rng.random());
        }
        self.draws[index as usize]
    }
}
