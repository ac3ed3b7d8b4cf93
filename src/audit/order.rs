//! Which row a draw is of.

use super::plan::Plan;
use crate::config::question::Scope;
use crate::noise::{Seed, permutation, row_of, stream};

/// The order in which rows are drawn, the same at every level.
pub struct Order {
    seed: Seed,
    rows: u64,
    how: How,
}

enum How {
    /// Each draw at random, with replacement.
    Random,
    /// Each row once, in this order.
    Once(Vec<u64>),
    /// All rows in turn, again and again.
    Passes,
}

impl Order {
    /// The order of an audit.
    pub fn of(plan: &Plan) -> Self {
        let (seed, rows) = (Seed(plan.question.seed), plan.question.data.rows);
        let how = match plan.question.scope {
            _ if plan.passes().is_some() => How::Passes,
            Scope::Population => How::Once(permutation(seed, rows as usize)),
            Scope::DataSet => How::Random,
        };
        Self { seed, rows, how }
    }

    /// The row of the draws with this index.
    pub fn row(&self, index: u64) -> u64 {
        match &self.how {
            How::Random => row_of(&mut stream(self.seed, index), self.rows as usize) as u64,
            How::Once(order) => {
                let place = index % self.rows.max(1);
                order.get(place as usize).copied().unwrap_or_default()
            }
            How::Passes => index % self.rows.max(1),
        }
    }
}
