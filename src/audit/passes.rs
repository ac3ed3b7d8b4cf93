//! Passes over the whole data set: the mean loss of each, and the limit that holds for most of them.
//!
//! Each pass is one fresh draw of all noise, and passes are independent, so the largest of `R` mean losses is
//! below the quantile of the share `q` with probability at most `q^R`. Nothing is stated before all `R` are
//! complete, as `R` is what the probability is for.

use super::plan::PassPlan;
use crate::bound::{Observation, replicates};
use crate::results::{Bounded, DataSetLoss};

/// The mean loss of one pass: the least and the most that it can be, the same where every row was answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pass {
    low: f64,
    high: f64,
}

impl Pass {
    /// Whether it is above a threshold, as a gate takes it.
    pub fn above(self, threshold: f64) -> Observation {
        match (self.low > threshold, self.high > threshold) {
            (true, _) => Observation::Loss(1.0),
            (false, false) => Observation::Loss(0.0),
            (false, true) => Observation::Unanswered,
        }
    }
}

/// The passes so far.
#[derive(Debug, Clone)]
pub struct Passes {
    plan: PassPlan,
    rows: u64,
    sum: f64,
    missing: u64,
    whole: Vec<Pass>,
    limit: replicates::Passes,
}

impl Passes {
    /// Before the first draw.
    pub fn new(plan: PassPlan) -> Self {
        Self {
            plan,
            rows: 0,
            sum: 0.0,
            missing: 0,
            whole: Vec::new(),
            limit: replicates::Passes::new(plan.planned),
        }
    }

    /// Takes the loss of the next row; gives the pass that it completes. `range` is that of the loss.
    pub fn commit(&mut self, loss: Option<f64>, range: (f64, f64)) -> Option<Pass> {
        self.rows += 1;
        match loss {
            Some(loss) => self.sum += loss,
            None => self.missing += 1,
        }
        if self.rows < self.plan.rows {
            return None;
        }
        let missing = self.missing as f64;
        let with = |end: f64| {
            let added = if self.missing == 0 { 0.0 } else { missing * end };
            (self.sum + added) / self.plan.rows as f64
        };
        let pass = Pass { low: with(range.0), high: with(range.1) };
        self.whole.push(pass);
        self.limit.observe(Some(pass.high).filter(|high| high.is_finite()));
        (self.rows, self.sum, self.missing) = (0, 0.0, 0);
        Some(pass)
    }

    /// Whether all passes that the limit needs are complete; `None` where no limit is claimed.
    pub fn complete(&self) -> Option<bool> {
        (self.plan.planned > 0).then_some(self.whole.len() as u64 >= self.plan.planned)
    }

    /// What is reported of them.
    pub fn result(&self, limits: bool) -> DataSetLoss {
        let count = self.whole.len() as f64;
        let mean = |end: fn(&Pass) -> f64| self.whole.iter().map(end).sum::<f64>() / count;
        let (low, high) = (mean(|pass| pass.low), mean(|pass| pass.high));
        let sure = low == high;
        let finite = |v: f64| Some(v).filter(|v| v.is_finite());
        let upper = if limits && self.complete() == Some(true) { self.largest() } else { None };
        let estimate = if sure { finite(low) } else { finite(low + (high - low) / 2.0) };
        DataSetLoss {
            passes: self.whole.len() as u64,
            planned: self.plan.planned,
            share: self.plan.share,
            mean: Bounded {
                estimate,
                upper: upper.and_then(finite),
                lower: None,
                estimate_range: (!sure && low.is_finite() && high.is_finite()).then_some((low, high)),
            },
        }
    }

    /// The largest mean loss of the first planned passes, moved outward by more than its sum can have rounded.
    fn largest(&self) -> Option<f64> {
        let largest = self.limit.limit()?;
        Some(largest + largest.abs() * self.plan.rows as f64 * f64::EPSILON)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: PassPlan = PassPlan { rows: 2, planned: 3, share: 0.5 };

    fn fed(losses: &[Option<f64>], range: (f64, f64)) -> Passes {
        let mut passes = Passes::new(PLAN);
        for loss in losses {
            passes.commit(*loss, range);
        }
        passes
    }

    #[test]
    fn the_limit_is_the_largest_of_the_planned_passes_and_stands_only_when_all_are_there() {
        let losses = [1.0, 3.0, 0.0, 2.0, 5.0, 1.0].map(Some);
        for count in 0..6 {
            let passes = fed(&losses[..count], (0.0, 10.0));
            assert_eq!(passes.result(true).mean.upper, None, "{count}");
            assert_eq!(passes.complete(), Some(false));
        }
        let result = fed(&losses, (0.0, 10.0)).result(true);
        let upper = result.mean.upper.unwrap();
        assert!((3.0..3.000_001).contains(&upper), "{upper}");
        assert_eq!((result.passes, result.mean.estimate), (3, Some(2.0)));
        assert_eq!(fed(&losses, (0.0, 10.0)).result(false).mean.upper, None);
        let more = [losses.as_slice(), &[Some(9.0); 2]].concat();
        let later = fed(&more, (0.0, 10.0)).result(true).mean.upper.unwrap();
        assert!(later < 3.1, "a pass after the planned ones is no part of the limit");
    }

    #[test]
    fn a_missing_row_counts_with_the_worst_loss_and_without_an_end_leaves_no_limit() {
        let losses = [Some(1.0), None, Some(0.0), Some(0.0), Some(0.0), Some(0.0)];
        let result = fed(&losses, (0.0, 10.0)).result(true);
        assert!((5.5..5.501).contains(&result.mean.upper.unwrap()));
        assert_eq!(result.mean.estimate_range, Some((0.5 / 3.0, 5.5 / 3.0)));
        let result = fed(&losses, (0.0, f64::INFINITY)).result(true);
        assert_eq!((result.mean.upper, result.mean.estimate, result.mean.estimate_range), (None, None, None));
    }

    #[test]
    fn a_pass_that_may_be_above_a_threshold_is_unanswered_for_a_gate() {
        let pass = Pass { low: 1.0, high: 3.0 };
        assert_eq!(pass.above(0.5), Observation::Loss(1.0));
        assert_eq!(pass.above(2.0), Observation::Unanswered);
        assert_eq!(pass.above(3.0), Observation::Loss(0.0));
    }
}
