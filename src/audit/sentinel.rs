//! Sentinels: clean rows that are asked again on the way, so that a model that is exchanged in mid-audit is noticed.
//!
//! One is due for every 200 charged queries, each a row of the check in turn. Beside these there are guards, which are
//! not charged: one before anything else where a run goes on that was resumed, and one after the last draw. All of them
//! say something only where clean answers repeat. Invariant: which sentinels are charged depends on what else is
//! charged alone; guards change no result but for the model that they find.

use std::collections::{BTreeMap, VecDeque};

use super::clean::{CleanAnswer, CleanBook, Sameness};
use super::record::{Ending, Query};
use crate::results::{Identity, Sentinels as Found};

/// One is due for so many other charged queries.
pub const QUERIES: u64 = 200;

/// Of so many good ones it is kept which they were: more than are ever in flight, among which the last one that was sent is.
const KEPT: usize = 1024;

/// So many rows are asked until one of them is answered, where a guard is wanted.
const TRIES: u32 = 3;

/// A clean row is answered otherwise than at the start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "row {row} without noise is answered otherwise than at the start: the model was exchanged in mid-audit, or does not \
     repeat its answers"
)]
pub struct Changed {
    /// The sentinel or guard.
    pub query: Query,
    /// The row of the data set, from 0.
    pub row: u64,
    /// Those that were answered as at the start.
    pub good: Vec<Query>,
}

/// The state of the sentinels.
#[derive(Debug)]
pub struct Sentinels {
    sameness: Sameness,
    /// The rows that are asked in turn.
    rows: Vec<u64>,
    /// Whether each that is not charged was answered, as at the start, by its place.
    ended: BTreeMap<u64, bool>,
    /// The last that were answered, as at the start, guards among them; [`KEPT`] at most.
    good: VecDeque<Query>,
    /// Those that were handed out.
    pub sent: u64,
    /// Those that are charged.
    pub charged: u64,
    unanswered: u64,
    /// Those beside the count.
    pub guards: Guards,
}

/// The state of the guards, of which there is never more than one under way.
#[derive(Debug, Default)]
pub struct Guards {
    /// How many rows may still be asked until one is answered; 0 where none is wanted.
    tries: u32,
    under_way: bool,
    /// Whether that after the last draw was wanted.
    closing: bool,
    /// The place of the next one.
    next: u64,
    asked: u64,
    unanswered: u64,
}

impl Guards {
    /// Wants one before anything else.
    pub fn want(&mut self) {
        self.tries = TRIES;
    }

    /// Wants the one after the last draw, unless it was wanted before.
    pub fn close(&mut self) {
        if !std::mem::replace(&mut self.closing, true) {
            self.want();
        }
    }

    /// Whether nothing else may be sent before one has ended.
    pub fn wanted(&self) -> bool {
        self.tries > 0
    }

    /// The next one that is wanted; `None` while it is under way.
    pub fn next(&mut self) -> Option<Query> {
        let wanted = self.wanted() && !self.under_way;
        self.under_way |= wanted;
        wanted.then_some(Query::Guard(self.next))
    }

    fn settle(&mut self, place: u64, answered: bool) {
        self.next = self.next.max(place.saturating_add(1));
        self.under_way = false;
        self.asked += 1;
        self.unanswered += u64::from(!answered);
        self.tries = if answered { 0 } else { self.tries.saturating_sub(1) };
    }
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
            good: VecDeque::new(),
            sent: 0,
            charged: 0,
            unanswered: 0,
            guards: Guards::default(),
        })
    }

    /// The row of a sentinel or a guard; guards begin with the rows that come last to sentinels.
    pub fn row(&self, query: Query) -> u64 {
        let rows = self.rows.len() as u64;
        let at = match query {
            Query::Sentinel(place) => place % rows,
            Query::Guard(place) => rows - 1 - place % rows,
            _ => 0,
        };
        self.rows[at as usize]
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

    /// Takes how one, or a guard, ended; what it shows, if the model is another one.
    pub fn settle(&mut self, query: Query, ending: &Ending, clean: &CleanBook) -> Option<Changed> {
        let row = self.row(query);
        let then = clean.kept(row).and_then(|answer| answer.prediction.as_ref());
        let now = CleanAnswer::of(ending).prediction;
        let same = then.zip(now.as_ref()).map(|(then, now)| self.sameness.holds(then, now));
        match same {
            Some(false) => return Some(Changed { query, row, good: self.good.iter().copied().collect() }),
            Some(true) => {
                if self.good.len() == KEPT {
                    self.good.pop_front();
                }
                self.good.push_back(query);
            }
            None => {}
        }
        match query {
            Query::Sentinel(place) if place >= self.charged => drop(self.ended.insert(place, same.is_some())),
            Query::Guard(place) => self.guards.settle(place, same.is_some()),
            _ => {}
        }
        None
    }

    /// Whether this one, or this guard, was answered as at the start.
    pub fn good(&self, query: Query) -> bool {
        matches!(query, Query::Sentinel(_) | Query::Guard(_)) && self.good.contains(&query)
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
            let answered = self.ended.remove(&self.charged) == Some(true);
            self.unanswered += u64::from(!answered);
            self.charged += 1;
        }
    }

    /// How many ended and are not charged.
    pub fn surplus(&self) -> u64 {
        self.ended.len() as u64
    }

    /// What is reported of those that are charged.
    pub fn found(&self) -> Option<Found> {
        (self.charged > 0).then_some(Found { asked: self.charged, unanswered: self.unanswered })
    }

    /// What is reported of the guards, and of so many answers that count and came after the last good one of all.
    pub fn identity(&self, unconfirmed: u64) -> Identity {
        let Guards { asked, unanswered, .. } = self.guards;
        Identity { asked, unanswered, unconfirmed }
    }
}
