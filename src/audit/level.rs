//! One level of the audit: its draws in order, what they add up to, and when it stops.

use std::collections::BTreeMap;

use super::plan::{GatePart, LevelPlan, Plan};
use crate::bound::engine::Engines;
use crate::bound::gate::{Gate, GateReading};
use crate::bound::{Bound, Interval, Observation};
use crate::results::{Bounded, Stopped};

/// The state of one level. Draws arrive in any order and are committed in theirs.
pub struct LevelState {
    /// What is planned for it.
    pub plan: LevelPlan,
    /// Draws that have ended and are not committed: the loss, or none when unanswered.
    pub pending: BTreeMap<u64, Option<f64>>,
    /// How many draws are committed: those with an index below.
    pub committed: u64,
    /// The next draw to be sent.
    pub sent: u64,
    /// The place of the checkpoint that the round under way ends at, from 1.
    pub checkpoint: usize,
    /// What stopped it.
    pub stopped: Option<Stopped>,
    bound: Option<Box<dyn Bound>>,
    gates: Vec<(GatePart, Gate)>,
    interval: Option<Interval>,
    sum: f64,
    unanswered: u64,
}

impl LevelState {
    /// A level before its first draw.
    pub fn new(level: LevelPlan, plan: &Plan, engines: &dyn Engines) -> Self {
        Self {
            bound: plan.bound(&level, engines),
            gates: level.gates.iter().map(|part| (*part, plan.gate(part))).collect(),
            plan: level,
            pending: BTreeMap::new(),
            committed: 0,
            sent: 0,
            checkpoint: 1,
            stopped: None,
            interval: None,
            sum: 0.0,
            unanswered: 0,
        }
    }

    /// How many draws the round under way ends at.
    pub fn target(&self) -> u64 {
        self.plan.checkpoints.at(self.checkpoint)
    }

    /// Commits the next draw: its loss in units of the loss, or none.
    pub fn commit(&mut self, plan: &Plan, loss: Option<f64>) {
        let observation = loss.map_or(Observation::Unanswered, |loss| Observation::Loss(plan.scaled(loss)));
        if let Some(bound) = &mut self.bound {
            bound.observe(observation);
        }
        for (_, gate) in &mut self.gates {
            gate.observe(observation);
        }
        match loss {
            Some(loss) => self.sum += loss,
            None => self.unanswered += 1,
        }
        self.committed += 1;
    }

    /// Reads the bounds and tells the gates that this level has decided, or cannot.
    pub fn read(&mut self) -> Vec<(GatePart, GateReading)> {
        self.interval = self.bound.as_mut().map(|bound| bound.read());
        self.gates.iter_mut().map(|(part, gate)| (*part, gate.read())).collect()
    }

    /// Whether the level is done at this checkpoint. `open` tells whether a gate is still to be decided
    /// here.
    pub fn decide(&self, plan: &Plan, open: bool) -> Option<Stopped> {
        if self.interval.is_some_and(|interval| interval.is_empty()) {
            return Some(Stopped::Inconsistent);
        }
        let precise = self.precise(plan);
        if precise != Some(false) && !open {
            return Some(if precise.is_some() { Stopped::Precision } else { Stopped::Gate });
        }
        // The two streams are further apart than the limits may be: no number of draws would help.
        let reach = plan.precision().unwrap_or_else(|| self.resolution(plan));
        let hopeless = self.unanswered as f64 > 2.0 * reach * self.committed as f64;
        (hopeless && self.committed >= 4 * self.plan.checkpoints.at(1)).then_some(Stopped::Unanswered)
    }

    /// Whether the limits are as tight as was asked; `None` without interval claims.
    fn precise(&self, plan: &Plan) -> Option<bool> {
        let estimate = self.estimate(plan).map_or(0.0, |estimate| plan.scaled(estimate));
        Some(plan.interval(&self.plan)?.reached(self.interval?, estimate))
    }

    fn resolution(&self, plan: &Plan) -> f64 {
        self.gates.iter().map(|(part, _)| plan.resolution(part.gate)).fold(f64::INFINITY, f64::min)
    }

    /// The mean of the losses, unanswered draws counted in the middle, moved into the limits.
    fn estimate(&self, plan: &Plan) -> Option<f64> {
        let (low, high) = self.estimate_range(plan)?;
        let middle = if self.unanswered == 0 { low } else { low + (high - low) / 2.0 };
        let bounds = self.limits(plan);
        let middle = bounds.0.map_or(middle, |lower| middle.max(lower));
        Some(bounds.1.map_or(middle, |upper| middle.min(upper)))
    }

    /// The mean if each unanswered draw had the best, and the worst, loss.
    fn estimate_range(&self, plan: &Plan) -> Option<(f64, f64)> {
        let draws = self.committed as f64;
        let missing = self.unanswered as f64;
        (self.committed > 0).then(|| {
            ((self.sum + missing * plan.range.0) / draws, (self.sum + missing * plan.range.1) / draws)
        })
    }

    /// The claimed limits in units of the loss, rounded outward.
    fn limits(&self, plan: &Plan) -> (Option<f64>, Option<f64>) {
        // Without a draw nothing was learnt, and nothing is stated.
        let known = self.interval.filter(|interval| self.committed > 0 && !interval.is_empty());
        let Some(interval) = known else {
            return (None, None);
        };
        let lower = self.plan.lower.map(|_| outward(plan, interval.lower, -1.0).max(plan.range.0));
        let upper = self.plan.upper.map(|_| outward(plan, interval.upper, 1.0).min(plan.range.1));
        (lower, upper)
    }

    /// The risk as it is reported.
    pub fn risk(&self, plan: &Plan, limits: bool) -> Bounded {
        let (lower, upper) = if limits { self.limits(plan) } else { (None, None) };
        Bounded {
            estimate: self.estimate(plan),
            lower,
            upper,
            estimate_range: (self.unanswered > 0).then(|| self.estimate_range(plan)).flatten(),
        }
    }

    /// How many committed draws stayed unanswered.
    pub fn unanswered(&self) -> u64 {
        self.unanswered
    }
}

/// A limit in units of the loss, moved in the direction of `away`: by `2^-50` of the range, as scaling a
/// loss rounds twice, each time by at most `2^-53` of the range; and by one more step of the result, as
/// scaling the limit back rounds that.
pub(super) fn outward(plan: &Plan, limit: f64, away: f64) -> f64 {
    if plan.range == (0.0, 1.0) {
        return limit;
    }
    let limit = (limit + away * 2f64.powi(-50)).mul_add(plan.width(), plan.range.0);
    if away > 0.0 { limit.next_up() } else { limit.next_down() }
}
