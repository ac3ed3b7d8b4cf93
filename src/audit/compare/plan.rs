//! What a comparison can state, with the shares of the error budget, and the plan of each endpoint's fold.
//!
//! Limits of the risks and of the differences are one half of the budget, the sign tests and the margins a quarter
//! each; what is not asked for leaves its part to the rest, as in an audit.

use super::super::plan::Plan;
use super::super::subject::Subject;
use super::super::track::{Kind, TrackPlan};
use crate::bound::checkpoint::{Checkpoints, first_checkpoint};
use crate::bound::engine::{Engine, Engines, IntervalSpec};
use crate::bound::gate::GateSpec;
use crate::bound::ledger::{self, Blocks};
use crate::bound::{Claim, Quantity, Side};
use crate::comparison::{ComparedClaim, ComparedQuantity};
use crate::config::question::{EndpointId, Relation};

/// The plan of a comparison.
#[derive(Debug, Clone)]
pub struct ComparisonPlan {
    /// By how much a risk may be above that of the reference, in units of the loss, where that is to be decided.
    pub margin: Option<f64>,
    /// Every statement that the comparison can make.
    pub claims: Vec<ComparedClaim>,
    /// The plan of each endpoint's fold; the first is the reference.
    pub endpoints: Vec<Plan>,
    /// The levels that are drawn, in charging order, as in each endpoint's plan.
    pub levels: Vec<PairedLevel>,
}

/// A level that is drawn.
#[derive(Debug, Clone)]
pub struct PairedLevel {
    /// The noise level; 0 is clean.
    pub level: f64,
    /// How each endpoint but the first is compared with the first.
    pub pairs: Vec<PairPlan>,
}

/// How an endpoint is compared with the reference at a level.
#[derive(Debug, Clone)]
pub struct PairPlan {
    /// The limits of the difference.
    pub track: TrackPlan,
    /// The share of the sign test, where losses are 0 or 1.
    pub sign: Option<f64>,
    /// The test of the margin, where there is one.
    pub margin: Option<GateSpec>,
}

/// The name of an endpoint by its place: A, B, C and so on.
pub fn name(place: usize) -> String {
    char::from(b'A' + (place % 26) as u8).to_string()
}

impl ComparisonPlan {
    /// The plan for these endpoints, given the plan of an audit of the first: one with a precision, a loss in a
    /// range, and nothing asked but limits of the risk.
    pub fn new(audit: &Plan, endpoints: &[EndpointId], margin: Option<f64>, engines: &dyn Engines) -> Self {
        let claims = claims(audit, endpoints.len(), margin);
        let share = |endpoint: &str, quantity, level: f64, side| {
            let of = |claim: &&ComparedClaim| {
                (claim.endpoint.as_str(), claim.quantity, claim.side) == (endpoint, quantity, side)
                    && claim.level == level
            };
            claims.iter().find(of).map(|claim| claim.alpha)
        };
        let pair = |place: usize, level: f64| {
            let endpoint = name(place);
            let side = |side| share(&endpoint, ComparedQuantity::Difference, level, side);
            let verdict = |quantity| share(&endpoint, quantity, level, Side::Verdict);
            PairPlan {
                track: difference(audit, &endpoint, side(Side::Lower), side(Side::Upper)),
                sign: verdict(ComparedQuantity::Sign),
                margin: margin
                    .zip(verdict(ComparedQuantity::Margin))
                    .map(|(margin, share)| test(audit, margin, share)),
            }
        };
        let levels: Vec<PairedLevel> = audit
            .levels
            .iter()
            .map(|level| PairedLevel {
                level: level.level,
                pairs: (1..endpoints.len()).map(|place| pair(place, level.level)).collect(),
            })
            .collect();
        let first = levels.iter().flat_map(|level| &level.pairs).find_map(|pair| match pair.track.kind {
            Kind::Mean(_, spec) => spec,
            _ => None,
        });
        let checkpoints = Checkpoints::new(first_checkpoint(engines, first.as_ref(), &[]));
        let endpoints = endpoints
            .iter()
            .enumerate()
            .map(|(place, id)| {
                let risk = |level: f64, side| share(&name(place), ComparedQuantity::Risk, level, side);
                let mut plan = audit.clone().with_claims(risks(audit, risk), engines);
                plan.question.endpoint = id.clone();
                plan.levels.iter_mut().for_each(|level| level.checkpoints = checkpoints.clone());
                plan
            })
            .collect();
        Self { margin, claims, endpoints, levels }.with_methods()
    }

    /// Tells each claim on a risk its method, which the fold's plan chose.
    fn with_methods(mut self) -> Self {
        for (place, plan) in self.endpoints.iter().enumerate() {
            let endpoint = name(place);
            for level in &plan.levels {
                let method = plan.method(level);
                let of = |claim: &&mut ComparedClaim| {
                    claim.endpoint == endpoint
                        && claim.quantity == ComparedQuantity::Risk
                        && claim.level == level.level
                };
                self.claims.iter_mut().filter(of).for_each(|claim| claim.method.clone_from(&method));
            }
        }
        self
    }
}

const SIDES: [Side; 2] = [Side::Lower, Side::Upper];

/// Every claim with its share.
fn claims(audit: &Plan, endpoints: usize, margin: Option<f64>) -> Vec<ComparedClaim> {
    let (mut limits, mut verdicts) = (Vec::new(), Vec::new());
    for level in audit.levels.iter().map(|level| level.level) {
        for place in 0..endpoints {
            let endpoint = name(place);
            for side in SIDES {
                let text = format!("{endpoint} risk");
                limits.push(limit(&text, &endpoint, ComparedQuantity::Risk, level, side));
            }
            if place == 0 {
                continue;
            }
            let less = format!("{endpoint} - {}", name(0));
            for side in SIDES {
                limits.push(limit(&less, &endpoint, ComparedQuantity::Difference, level, side));
            }
            let place = if level == 0.0 { "clean".to_owned() } else { level.to_string() };
            if audit.binary {
                let text = format!("{endpoint} against {}@{place}", name(0));
                verdicts.push(verdict(text, &endpoint, ComparedQuantity::Sign, level));
            }
            if let Some(margin) = margin {
                let text = format!("{less}@{place} <= {margin}");
                verdicts.push(verdict(text, &endpoint, ComparedQuantity::Margin, level));
            }
        }
    }
    let blank = |claims: &[ComparedClaim]| {
        claims.iter().map(|claim| ledger::verdict(&claim.id, Quantity::Gate, None)).collect()
    };
    // Sign tests and margins are as many, so that each of the two has half of the gates' part.
    let blocks = Blocks { intervals: blank(&limits), gates: blank(&verdicts), floor: Vec::new() };
    let shares = ledger::claims(blocks, audit.question.confidence);
    let claims = limits.into_iter().chain(verdicts);
    claims.zip(shares).map(|(claim, share)| ComparedClaim { alpha: share.alpha, ..claim }).collect()
}

fn limit(name: &str, endpoint: &str, quantity: ComparedQuantity, level: f64, side: Side) -> ComparedClaim {
    let id = ledger::limit(name, Quantity::Risk, level, side).id;
    let method = Engine::AimBets.name().to_owned();
    ComparedClaim { id, endpoint: endpoint.to_owned(), quantity, level, side, alpha: 0.0, method }
}

fn verdict(id: String, endpoint: &str, quantity: ComparedQuantity, level: f64) -> ComparedClaim {
    let method = if quantity == ComparedQuantity::Sign { "sign" } else { "gate" };
    ComparedClaim {
        id,
        endpoint: endpoint.to_owned(),
        quantity,
        level,
        side: Side::Verdict,
        alpha: 0.0,
        method: method.to_owned(),
    }
}

/// The claims of one endpoint's fold.
fn risks(audit: &Plan, share: impl Fn(f64, Side) -> Option<f64>) -> Vec<Claim> {
    let levels = audit.levels.iter().map(|level| level.level);
    let sides = levels.flat_map(|level| SIDES.map(|side| (level, side)));
    sides
        .filter_map(|(level, side)| {
            let alpha = share(level, side)?;
            Some(Claim { alpha, ..ledger::limit("risk", Quantity::Risk, level, side) })
        })
        .collect()
}

/// The limits of a difference: the number that a fold subtracts the clean loss for, with the loss of the reference
/// in its place. The precision is that of the risk, in units of the loss.
fn difference(audit: &Plan, endpoint: &str, lower: Option<f64>, upper: Option<f64>) -> TrackPlan {
    let precision = audit.precision().unwrap_or(0.5) / 2.0;
    let spec = IntervalSpec { engine: Engine::AimBets, precision, lower, upper };
    TrackPlan {
        quantity: Quantity::Degradation,
        name: endpoint.to_owned(),
        kind: Kind::Mean(Subject::Difference, Some(spec)),
        slice: None,
    }
}

/// The test of a margin, with its whole share for each verdict, as only one of the two can be wrong.
fn test(audit: &Plan, margin: f64, share: f64) -> GateSpec {
    let (low, high) = Subject::Difference.range(audit.range);
    let resolution = match audit.question.gate_resolution {
        Some(resolution) => resolution / (high - low),
        None => (margin.abs() / 20.0 / (high - low)).max(0.001),
    };
    GateSpec {
        binary: false,
        threshold: (margin - low) / (high - low),
        relation: Relation::AtMost,
        alpha_holds: share,
        alpha_fails: share,
        resolution,
    }
}
