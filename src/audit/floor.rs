//! The noise floor: how often the endpoint, asked the same row twice without noise, contradicts itself.
//!
//! After every 50 charged draws one clean query is due; every two of them ask one row, taken at random from a
//! stream of its own, so that the pairs are independent.

use std::collections::HashMap;

use noisebound_adapters::Prediction;

use super::clean::Sameness;
use super::plan::Plan;
use super::subject::{Settled, Subject};
use super::track::{Kind, Track, TrackPlan};
use crate::bound::engine::{Engine, Engines, IntervalSpec};
use crate::bound::{Quantity, Side};
use crate::noise::{Seed, row_of, stream};
use crate::results::NoiseFloor;

/// One query is due for so many charged draws.
pub const DRAWS: u64 = 50;

/// The half-width that the limits are aimed at.
const PRECISION: f64 = 0.05;

/// Indices of rows for the floor: far from those of draws.
const FIRST: u64 = 1 << 63;

/// The state of the noise floor.
pub struct Floor {
    sameness: Sameness,
    answers: HashMap<u64, Option<Prediction>>,
    /// The queries that were handed out.
    pub sent: u64,
    /// The queries that are charged.
    pub charged: u64,
    track: Track,
}

impl Floor {
    /// Before the first query; none where it was not asked for.
    pub fn new(plan: &Plan, sameness: Sameness, engines: &dyn Engines) -> Option<Self> {
        let share = |side| plan.claim("noise-floor", 0.0, side).map(|claim| claim.alpha);
        let (lower, upper) = (share(Side::Lower), share(Side::Upper));
        let spec = IntervalSpec { engine: Engine::Aim, precision: PRECISION, lower, upper };
        let plan = TrackPlan {
            quantity: Quantity::NoiseFloor,
            name: "noise-floor".to_owned(),
            kind: Kind::Mean(Subject::Loss, Some(spec)),
            slice: None,
        };
        (lower.is_some() || upper.is_some()).then(|| Self {
            sameness,
            answers: HashMap::new(),
            sent: 0,
            charged: 0,
            track: Track::new(plan, (0.0, 1.0), engines),
        })
    }

    /// The row of a query.
    pub fn row(seed: Seed, query: u64, rows: u64) -> u64 {
        row_of(&mut stream(seed, FIRST + query / 2), rows as usize) as u64
    }

    /// Takes the answer to a query.
    pub fn settle(&mut self, query: u64, answer: Option<Prediction>) {
        if query >= self.charged {
            self.answers.insert(query, answer);
        }
    }

    /// Whether the next query to be charged has ended.
    pub fn ended(&self) -> bool {
        self.answers.contains_key(&self.charged)
    }

    /// How many queries ended and are not charged.
    pub fn surplus(&self) -> u64 {
        self.answers.keys().filter(|query| **query >= self.charged).count() as u64
    }

    /// Charges the next query, which has ended; the second of a pair tells whether the two answers differ.
    pub fn commit(&mut self) {
        let query = self.charged;
        self.charged += 1;
        if query.is_multiple_of(2) {
            return;
        }
        let (one, two) = (self.answers.remove(&(query - 1)), self.answers.remove(&query));
        let differ = match (one.flatten(), two.flatten()) {
            (Some(one), Some(two)) => Some(f64::from(u8::from(!self.sameness.holds(&one, &two)))),
            _ => None,
        };
        let draw = Settled { loss: differ, whole: differ, measured: &[], clean: None, slice: None };
        self.track.commit(&draw, (0.0, 1.0));
        self.track.read();
    }

    /// Whether the limits contradict each other.
    pub fn contradicts(&self) -> bool {
        self.track.contradicts()
    }

    /// What was found.
    pub fn result(&self, limits: bool) -> NoiseFloor {
        NoiseFloor {
            pairs: self.track.draws(),
            unanswered: self.track.unanswered(),
            differ: self.track.bounded(limits),
        }
    }
}
