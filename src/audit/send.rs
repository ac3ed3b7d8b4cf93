//! Which draws may be sent: as far as the budget surely covers them, in charging order, and what each costs.

use std::collections::HashSet;

use super::core::Core;
use super::floor::DRAWS;
use super::record::{DrawId, Query};
use super::sentinel::{QUERIES, Sentinels};
use crate::results::CleanAnswers;

impl Core {
    pub(super) fn next_draw(&mut self) -> Option<Query> {
        if let Some(query) = self.ready.pop_front() {
            return Some(query);
        }
        let (limits, left) = self.limits();
        if let Some(query) = self.next_floor(&limits).or_else(|| self.next_sentinel(&limits)) {
            return Some(query);
        }
        // What is sent ahead may never be charged; it is no more than what is left of the budget by then.
        let ahead = self.ahead.min(left / (self.most_cost() * self.levels.len() as u64));
        for ahead in [0, ahead] {
            for (at, limit) in &limits {
                let limit = limit.saturating_add(ahead);
                let limit = self.levels[*at].plan.most.map_or(limit, |most| limit.min(most));
                while self.levels[*at].sent < limit {
                    let index = self.levels[*at].sent;
                    self.levels[*at].sent += 1;
                    if let Some(query) = self.hand_out(*at, index) {
                        return Some(query);
                    }
                }
            }
        }
        None
    }

    /// The query that a draw starts with; `None` when it waits for a clean answer that is on its way, has
    /// ended before, or needs no query of its own.
    fn hand_out(&mut self, at: usize, index: u64) -> Option<Query> {
        let level = &self.levels[at];
        let id = DrawId { level: level.plan.id, index };
        if level.pending.contains_key(&index) || index < level.committed {
            return None;
        }
        if !self.waits_for_clean(id) {
            return Some(Query::Draw(id));
        }
        if self.answers == Some(CleanAnswers::Fresh) {
            return match self.twins.get(&id) {
                None => Some(Query::Twin(id)),
                // It was answered in an earlier run.
                Some(twin) => {
                    (twin.prediction.is_some() || !self.plan.predictions()).then_some(Query::Draw(id))
                }
            };
        }
        let row = self.row_of(index);
        if self.is_clean_level(id) {
            return self.clean.ask(row);
        }
        if let Some(answer) = self.clean.kept(row) {
            return (answer.prediction.is_some() || !self.plan.predictions()).then_some(Query::Draw(id));
        }
        self.waiting.entry(row).or_default().push(id);
        self.clean.ask(row)
    }

    pub(super) fn waits_for_clean(&self, id: DrawId) -> bool {
        (id.level > 0 && (self.plan.predictions() || self.plan.pairs)) || self.is_clean_level(id)
    }

    /// Up to which draw each open level may be sent, in charging order: as far as the budget covers its
    /// round with every earlier undecided round charged. Beside it, what is then left of the budget.
    fn limits(&self) -> (Vec<(usize, u64)>, u64) {
        let mut left = self.budget.saturating_sub(self.charged);
        let mut limits = Vec::with_capacity(self.levels.len());
        let order = (self.turn..self.levels.len()).chain(0..self.turn);
        for at in order.filter(|at| self.levels[*at].stopped.is_none()) {
            let level = &self.levels[at];
            let draws = level.target() - level.committed;
            let floor = if self.floor.is_some() { draws / DRAWS + 1 } else { 0 };
            let most = draws.saturating_mul(self.most_cost()).saturating_add(floor);
            let sentinels = if self.sentinels.is_some() { most / QUERIES + 1 } else { 0 };
            let most = most.saturating_add(sentinels);
            if self.resting(at) {
                // What is before it may wake it, and it is charged before what is behind it.
                left = if limits.is_empty() { left } else { left.saturating_sub(most) };
                continue;
            }
            if most > left {
                // Only the round whose turn it is has a certain cut; later ones wait for it.
                if limits.is_empty() {
                    limits.push((at, level.committed + self.fitting(at, left)));
                }
                return (limits, 0);
            }
            left -= most;
            limits.push((at, level.target()));
        }
        (limits, left)
    }

    /// The most that one draw can be charged: itself, and a clean query.
    pub(super) fn most_cost(&self) -> u64 {
        if self.plan.predictions() || self.plan.pairs { 2 } else { 1 }
    }

    /// The most that so many draws can be charged. Clean answers that are kept are charged once for each row.
    pub(super) fn most_cost_of(&self, draws: u64) -> u64 {
        let most = draws.saturating_mul(self.most_cost());
        if self.answers != Some(CleanAnswers::Recorded) {
            return most;
        }
        let clean = self.plan.question.data.rows.saturating_sub(self.charged_rows.len() as u64);
        most.min(draws.saturating_add(clean))
    }

    /// How many draws of a level's round are covered by what is left.
    fn fitting(&self, at: usize, left: u64) -> u64 {
        let level = &self.levels[at];
        let mut rows = HashSet::new();
        let mut cost = 0;
        for index in level.committed..level.target() {
            let id = DrawId { level: level.plan.id, index };
            let before = self.due(index - level.committed, cost);
            cost += self.cost(id, |row| !rows.insert(row));
            if cost + before > left {
                return index - level.committed;
            }
        }
        level.target() - level.committed
    }

    /// What a draw is charged: itself, and the clean query that no earlier one has charged.
    pub(super) fn cost(&self, id: DrawId, mut charged_here: impl FnMut(u64) -> bool) -> u64 {
        let mut clean = || {
            let row = self.row_of(id.index);
            u64::from(!self.charged_rows.contains(&row) && !charged_here(row))
        };
        match (self.answers, self.waits_for_clean(id)) {
            (_, false) => 1,
            (Some(CleanAnswers::Fresh), true) => 2,
            (_, true) if self.is_clean_level(id) => clean(),
            (_, true) => 1 + clean(),
        }
    }

    /// The queries of the noise floor and the sentinels that are due before the draw that comes after so many more,
    /// for which, with their clean queries, so much was charged.
    pub(super) fn due(&self, draws: u64, queries: u64) -> u64 {
        let due =
            |floor: &super::floor::Floor| ((self.drawn() + draws) / DRAWS).saturating_sub(floor.charged);
        let floor = self.floor.as_ref().map_or(0, due);
        floor + self.sentinels_due(queries + floor)
    }

    /// The sentinels that are due once so many more queries are charged.
    pub(super) fn sentinels_due(&self, more: u64) -> u64 {
        let others = |sentinels: &Sentinels| self.charged() - sentinels.charged;
        self.sentinels.as_ref().map_or(0, |sentinels| sentinels.due(others(sentinels) + more))
    }

    /// Whether the next so many sentinels have ended.
    pub(super) fn sentinels_ended(&self, count: u64) -> bool {
        self.sentinels.as_ref().is_none_or(|sentinels| sentinels.ended(count))
    }

    /// Charges the next so many sentinels, which have ended.
    pub(super) fn commit_sentinels(&mut self, count: u64) {
        if let Some(sentinels) = &mut self.sentinels {
            sentinels.commit(count);
            self.charged += count;
        }
    }

    /// The next sentinel, once queries that are sure to be charged make it due.
    fn next_sentinel(&mut self, limits: &[(usize, u64)]) -> Option<Query> {
        let mut sure = 0;
        let mut draws = 0;
        for (at, limit) in limits {
            let level = &self.levels[*at];
            draws += limit - level.committed;
            // A clean answer that is kept costs nothing.
            sure += if level.plan.id == 0 { 0 } else { limit - level.committed };
        }
        // The last query of all is not followed by one.
        let due = if draws > 0 { self.sentinels_due(sure.saturating_sub(1)) } else { 0 };
        let charged = self.sentinels.as_ref()?.charged;
        self.next_sentinel_of(charged + due)
    }

    /// The next of the first `most` sentinels that was not sent.
    pub(super) fn next_sentinel_of(&mut self, most: u64) -> Option<Query> {
        self.sentinels.as_mut()?.next(most).map(Query::Sentinel)
    }

    /// The next query of the noise floor, once draws that are sure to be charged make it due.
    fn next_floor(&mut self, limits: &[(usize, u64)]) -> Option<Query> {
        let sure: u64 = limits.iter().map(|(at, limit)| limit - self.levels[*at].committed).sum();
        // The last draw of all is not followed by one.
        let due = (self.drawn() + sure).saturating_sub(1) / DRAWS;
        let floor = self.floor.as_mut()?;
        while floor.sent < due {
            floor.sent += 1;
            if !floor.settled(floor.sent - 1) {
                return Some(Query::Floor(floor.sent - 1));
            }
        }
        None
    }
}
