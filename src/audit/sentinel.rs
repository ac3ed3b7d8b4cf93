//! Sentinels: clean rows that are asked again on the way, so that a model that is exchanged in mid-audit is noticed.
//!
//! One is due for every 200 charged queries, each a row of the check in turn. They say something only where clean
//! answers repeat. Invariant: which sentinels are charged depends on what else is charged alone.

use std::collections::BTreeMap;

use super::clean::{CleanBook, Sameness};
use super::record::Ending;
use crate::results::Sentinels as Found;

/// One is due for so many other charged queries.
pub const QUERIES: u64 = 200;

/// A clean row is answered otherwise than at the start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "row {row} without noise is answered otherwise than at the start: the model was exchanged in mid-audit, or does not \
     repeat its answers"
)]
pub struct Changed {
    /// The place of the sentinel.
    pub place: u64,
    /// The row of the data set, from 0.
    pub row: u64,
    /// The places of sentinels that were answered as at the start, the last of those that are charged among them.
    pub good: Vec<u64>,
}

/// The state of the sentinels.
#[derive(Debug)]
pub struct Sentinels {
    sameness: Sameness,
    /// The rows that are asked in turn.
    rows: Vec<u64>,
    /// Whether each that is not charged was answered, as at the start, by its place.
    ended: BTreeMap<u64, bool>,
    /// The last charged one that was answered.
    good: Option<u64>,
    /// Those that were handed out.
    pub sent: u64,
    /// Those that are charged.
    pub charged: u64,
    unanswered: u64,
}

impl Sentinels {
    /// Before the first one, of the rows of the check that were answered; none where no row was.
    pub fn new(clean: &CleanBook, sameness: Sameness) -> Option<Self> {
        let answered = |row: &u64| clean.kept(*row).is_some_and(|answer| answer.prediction.is_some());
        let rows: Vec<u64> = clean.check_rows().iter().copied().filter(answered).collect();
        (!rows.is_empty()).then(|| Self {
            sameness,
            rows,
            ended: BTreeMap::new(),
            good: None,
            sent: 0,
            charged: 0,
            unanswered: 0,
        })
    }

    /// The row of a sentinel.
    pub fn row(&self, place: u64) -> u64 {
        self.rows[(place % self.rows.len() as u64) as usize]
    }

    /// How many are due and not charged once so many other queries are charged.
    pub fn due(&self, queries: u64) -> u64 {
        (queries / QUERIES).saturating_sub(self.charged)
    }

    /// The next one to be sent, of the first `most`.
    pub fn next(&mut self, most: u64) -> Option<u64> {
        while self.sent < most {
            self.sent += 1;
            if !self.settled(self.sent - 1) {
                return Some(self.sent - 1);
            }
        }
        None
    }

    /// Takes how one ended; what it shows, if the model is another one.
    pub fn settle(&mut self, place: u64, ending: &Ending, clean: &CleanBook) -> Option<Changed> {
        let row = self.row(place);
        let then = clean.kept(row).and_then(|answer| answer.prediction.as_ref());
        let now = super::clean::CleanAnswer::of(ending).prediction;
        let same = then.zip(now.as_ref()).map(|(then, now)| self.sameness.holds(then, now));
        if same == Some(false) {
            let good = self.ended.iter().filter(|(_, answered)| **answered).map(|(place, _)| *place);
            return Some(Changed { place, row, good: self.good.into_iter().chain(good).collect() });
        }
        if place >= self.charged {
            self.ended.insert(place, same.is_some());
        }
        None
    }

    fn settled(&self, place: u64) -> bool {
        place < self.charged || self.ended.contains_key(&place)
    }

    /// Whether the next so many to be charged have ended.
    pub fn ended(&self, count: u64) -> bool {
        (self.charged..self.charged + count).all(|place| self.settled(place))
    }

    /// Charges the next so many, which have ended.
    pub fn commit(&mut self, count: u64) {
        for _ in 0..count {
            match self.ended.remove(&self.charged) {
                Some(true) => self.good = Some(self.charged),
                _ => self.unanswered += 1,
            }
            self.charged += 1;
        }
    }

    /// How many ended and are not charged.
    pub fn surplus(&self) -> u64 {
        self.ended.len() as u64
    }

    /// What is reported of them.
    pub fn found(&self) -> Option<Found> {
        (self.charged > 0).then_some(Found { asked: self.charged, unanswered: self.unanswered })
    }
}
