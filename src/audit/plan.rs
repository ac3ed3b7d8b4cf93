//! What the fold needs to know before the first query: the levels that are drawn, what is followed at each, the
//! claims, the checkpoints, and how clean answers are come by.

mod tracks;

use std::sync::Arc;

use super::track::TrackPlan;
use crate::bound::asymptotic::START;
use crate::bound::checkpoint::{Checkpoints, FARTHEST, first_checkpoint};
use crate::bound::engine::{Engine, Engines, IntervalSpec};
use crate::bound::gate::{Gate, GateSpec};
use crate::bound::ledger::{self, Blocks};
use crate::bound::{Claim, QuantileBound, Quantity, Side, replicates};
use crate::config::Question;
use crate::config::question::{GateQuantity, Measured, Route, Scope};
use crate::loss::{Needs, Range};

use super::subject::Subject;

/// The rows of the check at the start, at most.
pub const CHECK_ROWS: u64 = 64;

/// How clean answers are come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CleanPlan {
    /// Every row is asked before the first noisy draw; the clean risk is then known.
    Pass,
    /// There are too many rows, or they are a sample: clean is a level with draws, limits and claims.
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
    /// What is followed; the first is the risk of all rows, whose precision stops the level.
    pub tracks: Vec<TrackPlan>,
    /// When its bounds are read.
    pub checkpoints: Checkpoints,
    /// The most draws that it can have; absent where there is no end.
    pub most: Option<u64>,
    /// The statements that it has a part in.
    pub gates: Vec<GatePart>,
    /// The passes over the whole data set, where it is drawn so.
    pub passes: Option<PassPlan>,
}

/// Which statement a level has a part in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statement {
    /// A gate, by its place in the question.
    Gate(usize),
    /// That of the critical level.
    Critical,
}

/// One level's part in a gate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GatePart {
    /// Which.
    pub statement: Statement,
    /// What is tested of each draw, or of each pass.
    pub about: About,
    /// The test.
    pub test: GateSpec,
}

/// What a gate tests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum About {
    /// The mean of a number of each draw.
    Draws(Subject),
    /// Whether the mean loss of a pass is above this.
    PassAbove(f64),
}

/// Passes over the whole data set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PassPlan {
    /// The rows of one.
    pub rows: u64,
    /// How many there must be for the limit; 0 where there is none, but gates alone.
    pub planned: u64,
    /// The share of passes that the limit is for.
    pub share: f64,
}

/// The plan of an audit, a function of the question and the loss alone.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What is asked.
    pub question: Question,
    /// Whether every loss is 0 or 1.
    pub binary: bool,
    /// The range of the loss; the upper end is infinite where it has none.
    pub range: (f64, f64),
    /// What the loss needs.
    pub needs: Needs,
    /// The numbers that are measured beside the loss.
    pub measured: Vec<Measured>,
    /// Whether each draw is paired with the clean loss of its row.
    pub pairs: bool,
    /// Every statement that the audit can make.
    pub claims: Vec<Claim>,
    /// How clean answers are come by.
    pub clean: CleanPlan,
    /// How the risk is come by.
    pub route: Route,
    /// The levels that are drawn, in charging order.
    pub levels: Vec<LevelPlan>,
    /// The slice of each row; empty where there are none.
    pub slices: Arc<[u32]>,
}

impl Plan {
    /// The plan of a question, given what its loss is like.
    pub fn new(question: Question, range: Range, needs: Needs, engines: &dyn Engines) -> Self {
        let (binary, range) = match range {
            Range::ZeroOne => (true, (0.0, 1.0)),
            Range::Between(low, high) => (false, (low, high)),
            Range::Unbounded => (false, (0.0, question.loss.cap.unwrap_or(f64::INFINITY))),
        };
        let clean = if needs.clean {
            CleanPlan::OnDemand
        } else if question.scope == Scope::DataSet && question.data.rows <= question.clean_pass {
            CleanPlan::Pass
        } else {
            CleanPlan::Level
        };
        let route = if clean == CleanPlan::Pass { question.route } else { Route::Direct };
        let mut measured: Vec<Measured> = question.quantiles.iter().map(|quantile| quantile.of).collect();
        measured.extend(question.gates.iter().filter_map(|gate| match gate.quantity {
            GateQuantity::Quantile(quantile) => Some(quantile.of),
            _ => None,
        }));
        measured.sort_unstable();
        measured.dedup();
        let mut plan = Self {
            question,
            binary,
            range,
            needs,
            measured,
            pairs: false,
            claims: Vec::new(),
            clean,
            route,
            levels: Vec::new(),
            slices: Arc::default(),
        };
        plan.pairs = plan.paired() || route == Route::Differences;
        plan.claims = ledger::claims(plan.blocks(), plan.question.confidence);
        plan.lay_out(engines);
        plan
    }

    /// The same with the slice of each row.
    #[must_use]
    pub fn sliced(mut self, slices: Vec<u32>) -> Self {
        self.slices = slices.into();
        self
    }

    /// The same where the clean answers do not repeat, so that the clean risk is not known.
    #[must_use]
    pub fn fresh(mut self, engines: &dyn Engines) -> Self {
        if self.route == Route::Differences {
            self.route = Route::Direct;
            self.pairs = self.paired();
            self.lay_out(engines);
        }
        self
    }

    /// The same with these claims in place of its own; nothing is followed against clean losses.
    #[must_use]
    pub fn with_claims(mut self, claims: Vec<Claim>, engines: &dyn Engines) -> Self {
        self.claims = claims;
        self.pairs = false;
        self.lay_out(engines);
        self
    }

    /// The name of the engine of the risk.
    pub fn method(&self, level: &LevelPlan) -> String {
        let claim = self.claim(&level.tracks[0].name, level.level, Side::Upper);
        let claim = claim.or_else(|| self.claim(&level.tracks[0].name, level.level, Side::Lower));
        match (claim, level.passes) {
            (Some(claim), _) => claim.method.clone(),
            (None, Some(_)) => "replicates".to_owned(),
            (None, None) => Engine::plain(self.binary).name().to_owned(),
        }
    }

    /// Whether losses have an upper end.
    pub fn bounded(&self) -> bool {
        self.range.1.is_finite()
    }

    /// The width of the range of the loss.
    pub fn width(&self) -> f64 {
        self.range.1 - self.range.0
    }

    /// A loss, scaled to `[0, 1]`.
    pub fn scaled(&self, loss: f64) -> f64 {
        ((loss - self.range.0) / self.width()).clamp(0.0, 1.0)
    }

    /// The loss as it is averaged.
    pub fn capped(&self, loss: f64) -> f64 {
        self.question.loss.cap.map_or(loss, |cap| loss.min(cap))
    }

    /// The precision, scaled to the range; absent when only gates are asked.
    pub fn precision(&self) -> Option<f64> {
        self.question.precision.map(|precision| (precision / self.width()).min(0.5))
    }

    /// Whether draws need the clean prediction of their row.
    pub fn predictions(&self) -> bool {
        self.needs.clean || self.measured.contains(&Measured::Shift)
    }

    /// The passes over the whole data set, where the audit makes such.
    pub fn passes(&self) -> Option<PassPlan> {
        let gates = self.question.gates.iter().any(|g| matches!(g.quantity, GateQuantity::DataSet(_)));
        let share = self.question.replicates;
        if share.is_none() && !gates {
            return None;
        }
        let claim = self.claims.iter().find(|claim| claim.quantity == Quantity::DataSet);
        let planned = share.zip(claim).and_then(|(share, claim)| replicates::passes(share, claim.alpha));
        let planned = planned.unwrap_or(0);
        Some(PassPlan { rows: self.question.data.rows, planned, share: share.unwrap_or(0.0) })
    }

    /// The claim of this name on one side at a level.
    pub fn claim(&self, name: &str, level: f64, side: Side) -> Option<&Claim> {
        let id = ledger::limit(name, Quantity::Risk, level, side).id;
        self.claims.iter().find(|claim| claim.id == id)
    }

    /// A fresh test for a level's part in a statement.
    pub fn gate(part: &GatePart) -> Gate {
        Gate::new(&part.test)
    }

    /// Whether a difference to the clean loss is wanted draw by draw.
    fn paired(&self) -> bool {
        let gate = |gate: &crate::config::question::GateSpec| gate.quantity == GateQuantity::Degradation;
        let claimed = self.clean == CleanPlan::Level && self.limits_claimed();
        !self.needs.clean && (claimed || self.question.gates.iter().any(gate))
    }

    /// Whether limits of the risk are claimed.
    fn limits_claimed(&self) -> bool {
        self.question.precision.is_some() && (self.bounded() || self.question.asymptotic)
    }

    /// Every claim, before the shares.
    fn blocks(&self) -> Blocks {
        let question = &self.question;
        let mut blocks = Blocks::default();
        let clean = (self.clean == CleanPlan::Level).then_some(0.0);
        for level in clean.into_iter().chain(question.levels.iter().copied()) {
            blocks.intervals.extend(self.wanted(level));
        }
        let verdict = |text: &str, level| ledger::verdict(text, Quantity::Gate, level);
        blocks.gates = question.gates.iter().map(|gate| verdict(&gate.text, gate.level)).collect();
        if let Some(critical) = &question.critical {
            let text = format!("critical {}", critical.text);
            blocks.gates.push(ledger::verdict(&text, Quantity::Critical, None));
        }
        if question.noise_floor {
            let sides = ledger::sides(question.side).iter();
            let claims = sides.map(|side| ledger::limit("noise-floor", Quantity::NoiseFloor, 0.0, *side));
            blocks.floor = claims.collect();
        }
        blocks
    }

    /// The levels, with engines and checkpoints; tells each claim its method.
    fn lay_out(&mut self, engines: &dyn Engines) {
        let mut chosen = tracks::Chosen::default();
        let clean = (self.clean == CleanPlan::Level).then_some((0, 0.0));
        let noisy = self.question.levels.iter().enumerate().map(|(i, level)| (i as u32 + 1, *level));
        let grid: Vec<(u32, f64)> = clean.into_iter().chain(noisy).collect();
        let levels = grid.into_iter().map(|(id, level)| {
            let tracks = self.tracks(level, &mut chosen);
            let gates = if id == 0 { Vec::new() } else { self.gate_parts(level) };
            let passes = self.passes().filter(|_| id > 0);
            let checkpoints = match &passes {
                Some(passes) => Checkpoints::every(passes.rows),
                None if !self.bounded() && self.question.asymptotic => Checkpoints::new(START),
                None => {
                    let tests: Vec<GateSpec> = gates.iter().map(|part| part.test).collect();
                    let spec = interval(&tracks);
                    let alone = quantiles_settle(&tracks).filter(|_| spec.is_none() && tests.is_empty());
                    Checkpoints::new(
                        alone.unwrap_or_else(|| first_checkpoint(engines, spec.as_ref(), &tests)),
                    )
                }
            };
            let population = (self.question.scope == Scope::Population).then_some(self.question.data.rows);
            let planned =
                passes.filter(|passes| passes.planned > 0).map(|p| p.planned.saturating_mul(p.rows));
            LevelPlan { id, level, tracks, checkpoints, most: population.or(planned), gates, passes }
        });
        // A clean level without a claim is not drawn.
        let drawn = |level: &LevelPlan| level.id > 0 || self.limits_claimed();
        let levels: Vec<LevelPlan> = levels.filter(drawn).collect();
        self.levels = levels;
        self.name_methods();
    }
}

/// After how many draws every quantile is settled on which limits are claimed; absent where none is.
fn quantiles_settle(tracks: &[TrackPlan]) -> Option<u64> {
    let fewest = |track: &TrackPlan| match track.kind {
        super::track::Kind::Quantile(_, p, lower, upper) if lower.is_some() || upper.is_some() => {
            Some(QuantileBound::fewest(p, lower, upper, FARTHEST))
        }
        _ => None,
    };
    tracks.iter().filter_map(fewest).max()
}

/// What the interval of the risk is to be; absent when it has none.
pub fn interval(tracks: &[TrackPlan]) -> Option<IntervalSpec> {
    match tracks.first()?.kind {
        super::track::Kind::Mean(_, spec) => spec,
        super::track::Kind::Quantile(..) | super::track::Kind::Asymptotic(..) => None,
    }
}
