//! Which draws may be sent: as far as the budget surely covers them, in charging order, and what each costs.

use std::collections::HashSet;

use super::core::Core;
use super::record::{DrawId, Query};
use crate::results::CleanAnswers;

impl Core {
    pub(super) fn next_draw(&mut self) -> Option<Query> {
        if let Some(query) = self.ready.pop_front() {
            return Some(query);
        }
        let (limits, left) = self.limits();
        // What is sent ahead may never be charged, but stays within the budget all the same.
        let ahead = self.ahead.min(left / (self.most_cost() * self.levels.len() as u64));
        for ahead in [0, ahead] {
            for (at, limit) in &limits {
                while self.levels[*at].sent < limit.saturating_add(ahead) {
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
            return Some(Query::Twin(id));
        }
        let row = self.row_of(index);
        if self.is_clean_level(id) {
            return self.clean.ask(row);
        }
        if let Some(answer) = self.clean.kept(row) {
            return answer.prediction.is_some().then_some(Query::Draw(id));
        }
        self.waiting.entry(row).or_default().push(id);
        self.clean.ask(row)
    }

    pub(super) fn waits_for_clean(&self, id: DrawId) -> bool {
        self.plan.needs.clean || self.is_clean_level(id)
    }

    /// Up to which draw each open level may be sent, in charging order: as far as the budget covers its
    /// round with every earlier undecided round charged. Beside it, what is then left of the budget.
    fn limits(&self) -> (Vec<(usize, u64)>, u64) {
        let mut left = self.budget.saturating_sub(self.charged);
        let mut limits = Vec::with_capacity(self.levels.len());
        let order = (self.turn..self.levels.len()).chain(0..self.turn);
        for at in order.filter(|at| self.levels[*at].stopped.is_none()) {
            let level = &self.levels[at];
            let most = (level.target() - level.committed).saturating_mul(self.most_cost());
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
        if self.plan.needs.clean { 2 } else { 1 }
    }

    /// How many draws of a level's round are covered by what is left.
    fn fitting(&self, at: usize, left: u64) -> u64 {
        let level = &self.levels[at];
        let mut rows = HashSet::new();
        let mut cost = 0;
        for index in level.committed..level.target() {
            let id = DrawId { level: level.plan.id, index };
            cost += self.cost(id, |row| !rows.insert(row));
            if cost > left {
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
}
