//! What the fold needs to know before the first query: the levels that are drawn, their claims and their
//! checkpoints, and how clean answers are come by.

use crate::bound::checkpoint::{Checkpoints, first_checkpoint};
use crate::bound::engine::{Engine, Engines, IntervalSpec, method};
use crate::bound::gate::{Gate, GateSpec};
use crate::bound::ledger::{self, LedgerRequest, share_for_one_of};
use crate::bound::{Bound, Claim, Quantity, Side};
use crate::config::Question;
use crate::loss::{Needs, Range};

/// The rows of the check at the start, at most.
pub const CHECK_ROWS: u64 = 64;

/// How clean answers are come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CleanPlan {
    /// Every row is asked before the first noisy draw; the clean risk is then known.
    Pass,
    /// There are too many rows: clean is a level with draws, limits and claims.
    Level,
    /// The loss is against the clean answer, which is asked when a draw first needs it.
    OnDemand,
}

/// A level that is drawn.
#[derive(Debug, Clone)]
pub struct LevelPlan {
    /// Its place in the grid; 0 is clean.
    pub id: u32,
    /// The noise level; 0 is clean.
    pub level: f64,
    /// The shares of its lower and upper limit, where claimed.
    pub lower: Option<f64>,
    /// See `lower`.
    pub upper: Option<f64>,
    /// When its bounds are read.
    pub checkpoints: Checkpoints,
    /// The gates that it has a part in: place in the plan's gates, and the shares for holding and failing.
    pub gates: Vec<GatePart>,
}

/// One level's part in a gate.
#[derive(Debug, Clone, Copy)]
pub struct GatePart {
    /// The place of the gate in the question.
    pub gate: usize,
    /// The share with which this level may be shown to hold.
    pub holds: f64,
    /// The share with which it may be shown to fail.
    pub fails: f64,
}

/// The plan of an audit, a function of the question and the loss alone.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What is asked.
    pub question: Question,
    /// Whether every loss is 0 or 1.
    pub binary: bool,
    /// The range of the loss.
    pub range: (f64, f64),
    /// What the loss needs.
    pub needs: Needs,
    /// Every statement that the audit can make.
    pub claims: Vec<Claim>,
    /// How clean answers are come by.
    pub clean: CleanPlan,
    /// The levels that are drawn, in charging order.
    pub levels: Vec<LevelPlan>,
}

impl Plan {
    /// The plan of a question, given what its loss is like.
    pub fn new(question: Question, range: Range, needs: Needs, engines: &dyn Engines) -> Self {
        let (binary, range) = match range {
            Range::ZeroOne => (true, (0.0, 1.0)),
            Range::Between(low, high) => (false, (low, high)),
            Range::Unbounded => (false, (0.0, question.loss.cap.unwrap_or(f64::MAX))),
        };
        let clean = if needs.clean {
            CleanPlan::OnDemand
        } else if question.data.rows <= question.clean_pass {
            CleanPlan::Pass
        } else {
            CleanPlan::Level
        };
        let claims = ledger::claims(&LedgerRequest {
            confidence: question.confidence,
            levels: question.levels.clone(),
            clean: clean == CleanPlan::Level,
            intervals: question.precision.map(|_| question.side),
            gates: question.gates.iter().map(|gate| (gate.text.clone(), gate.level)).collect(),
            binary,
        });
        let mut plan = Self { question, binary, range, needs, claims, clean, levels: Vec::new() };
        plan.levels = plan.level_plans(engines);
        plan
    }

    /// The name of the engine.
    pub fn method(&self) -> &'static str {
        method(self.binary)
    }

    /// The width of the range of the loss.
    pub fn width(&self) -> f64 {
        self.range.1 - self.range.0
    }

    /// A loss, scaled to `[0, 1]`.
    pub fn scaled(&self, loss: f64) -> f64 {
        ((loss - self.range.0) / self.width()).clamp(0.0, 1.0)
    }

    /// The precision, scaled to the range; absent when only gates are asked.
    pub fn precision(&self) -> Option<f64> {
        self.question.precision.map(|precision| (precision / self.width()).min(0.5))
    }

    /// How near to its threshold a gate stops undecided, scaled to the range.
    pub fn resolution(&self, gate: usize) -> f64 {
        let threshold = self.scaled(self.question.gates[gate].threshold);
        match self.question.gate_resolution {
            Some(resolution) => resolution / self.width(),
            None => (threshold / 20.0).max(0.002),
        }
    }

    /// What the interval of a level is to be; absent when it has none.
    pub fn interval(&self, level: &LevelPlan) -> Option<IntervalSpec> {
        self.interval_spec(level.lower, level.upper)
    }

    /// A fresh bound for a level; absent when it has no interval claim.
    pub fn bound(&self, level: &LevelPlan, engines: &dyn Engines) -> Option<Box<dyn Bound>> {
        self.interval(level).map(|spec| engines.interval(&spec))
    }

    /// A fresh test for a level's part in a gate.
    pub fn gate(&self, part: &GatePart) -> Gate {
        Gate::new(&self.gate_spec(part))
    }

    fn level_plans(&self, engines: &dyn Engines) -> Vec<LevelPlan> {
        let clean = (self.clean == CleanPlan::Level).then_some((0, 0.0));
        let noisy = self.question.levels.iter().enumerate().map(|(i, level)| (i as u32 + 1, *level));
        clean
            .into_iter()
            .chain(noisy)
            .map(|(id, level)| {
                let lower = self.share(level, Side::Lower);
                let upper = self.share(level, Side::Upper);
                let gates = if id == 0 { Vec::new() } else { self.gate_parts(level) };
                let tests: Vec<GateSpec> = gates.iter().map(|part| self.gate_spec(part)).collect();
                let first = first_checkpoint(engines, self.interval_spec(lower, upper).as_ref(), &tests);
                LevelPlan { id, level, lower, upper, checkpoints: Checkpoints::new(first), gates }
            })
            // A clean level without a claim is not drawn.
            .filter(|plan| plan.lower.is_some() || plan.upper.is_some() || !plan.gates.is_empty())
            .collect()
    }

    fn share(&self, level: f64, side: Side) -> Option<f64> {
        self.claims
            .iter()
            .find(|claim| {
                claim.quantity == Quantity::Risk && claim.level == Some(level) && claim.side == side
            })
            .map(|claim| claim.alpha)
    }

    /// A gate at one level is used in full for each of its verdicts, as only one of the two can be wrong.
    /// At all levels, holding needs every level at the full share, failing one level at its part of it.
    fn gate_parts(&self, level: f64) -> Vec<GatePart> {
        let shares = self.claims.iter().filter(|claim| claim.quantity == Quantity::Gate);
        let levels = self.question.levels.len() as u64;
        self.question
            .gates
            .iter()
            .zip(shares)
            .enumerate()
            .filter(|(_, (gate, _))| gate.level.is_none_or(|at| at == level))
            .map(|(i, (gate, claim))| {
                let fails =
                    if gate.level.is_some() { claim.alpha } else { share_for_one_of(levels, claim.alpha) };
                GatePart { gate: i, holds: claim.alpha, fails }
            })
            .collect()
    }

    fn interval_spec(&self, lower: Option<f64>, upper: Option<f64>) -> Option<IntervalSpec> {
        let precision = self.precision()?;
        let claimed = lower.is_some() || upper.is_some();
        claimed.then_some(IntervalSpec { engine: Engine::plain(self.binary), precision, lower, upper })
    }

    fn gate_spec(&self, part: &GatePart) -> GateSpec {
        let gate = &self.question.gates[part.gate];
        GateSpec {
            binary: self.binary,
            threshold: (gate.threshold - self.range.0) / self.width(),
            relation: gate.relation,
            alpha_holds: part.holds,
            alpha_fails: part.fails,
            resolution: self.resolution(part.gate),
        }
    }
}
