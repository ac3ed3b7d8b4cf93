//! What is followed at a level, with which engine, and the level's part in each statement.

use std::collections::HashMap;

use super::super::subject::Subject;
use super::super::track::{Kind, TrackPlan};
use super::{About, CleanPlan, GatePart, Plan, Statement};
use crate::bound::choose::choose;
use crate::bound::engine::{Engine, IntervalSpec};
use crate::bound::gate::GateSpec;
use crate::bound::ledger::{self, critical_shares, share_for_one_of};
use crate::bound::{Claim, Quantity, Side};
use crate::config::question::{GateQuantity, QuantileSpec, Relation, Route};

/// Engines that were chosen, by precision and shares: the choice takes a moment, and most levels are alike.
#[derive(Default)]
pub struct Chosen(HashMap<(u64, Option<u64>, Option<u64>), Engine>);

impl Chosen {
    fn engine(&mut self, precision: f64, lower: Option<f64>, upper: Option<f64>) -> Engine {
        let key = (precision.to_bits(), lower.map(f64::to_bits), upper.map(f64::to_bits));
        *self.0.entry(key).or_insert_with(|| choose(true, precision, lower, upper, None))
    }
}

/// A quantity that is followed at a level: what claims on it are called, and its slice.
struct Followed {
    quantity: Quantity,
    name: String,
    slice: Option<(u32, String)>,
    what: What,
}

enum What {
    Mean(Subject),
    Quantile(QuantileSpec),
}

impl Plan {
    /// The claims on one level's quantities, without shares.
    pub(super) fn wanted(&self, level: f64) -> Vec<Claim> {
        if let Some(share) = self.question.replicates {
            let name = format!("data-set {share}");
            let claim = ledger::limit(&name, Quantity::DataSet, level, Side::Upper);
            return if level > 0.0 { vec![claim] } else { Vec::new() };
        }
        // Quantiles need no range, and are claimed where the loss has none.
        let claimed = self.followed(level).into_iter().filter(|followed| {
            self.limits_claimed() || (!self.bounded() && followed.quantity == Quantity::Quantile)
        });
        let sides = ledger::sides(self.question.side);
        let claims = claimed.flat_map(|followed| {
            sides.iter().map(move |side| Claim {
                slice: followed.slice.as_ref().map(|(_, value)| value.clone()),
                ..ledger::limit(&followed.name, followed.quantity, level, *side)
            })
        });
        claims.collect()
    }

    /// What is followed at a level: the risk first.
    fn followed(&self, level: f64) -> Vec<Followed> {
        let mean = |quantity, name: &str, subject| Followed {
            quantity,
            name: name.to_owned(),
            slice: None,
            what: What::Mean(subject),
        };
        let risk = match self.route {
            Route::Differences if level > 0.0 => Subject::Difference,
            _ => Subject::Loss,
        };
        let mut all = vec![mean(Quantity::Risk, "risk", risk)];
        let noisy = level > 0.0;
        if noisy && self.clean == CleanPlan::Level && self.question.replicates.is_none() {
            all.push(mean(Quantity::Degradation, "degradation", Subject::Difference));
        }
        // Without noise no tail is reported, so that none is claimed.
        let cap = self.question.loss.cap.filter(|_| noisy);
        if let Some(cap) = cap {
            all.push(mean(Quantity::Tail, "tail", Subject::Above(cap)));
        }
        if noisy {
            all.extend(self.question.quantiles.iter().map(|quantile| Followed {
                quantity: Quantity::Quantile,
                name: quantile.to_string(),
                slice: None,
                what: What::Quantile(*quantile),
            }));
        }
        let values = self.question.slice.iter().flat_map(|slice| &slice.values);
        all.extend((0..).zip(values).flat_map(|(at, value)| {
            let of = move |followed| Followed { slice: Some((at, value.clone())), ..followed };
            let risk = mean(Quantity::Risk, &format!("risk[{value}]"), Subject::Loss);
            let tail = cap.map(|cap| mean(Quantity::Tail, &format!("tail[{value}]"), Subject::Above(cap)));
            std::iter::once(risk).chain(tail).map(of)
        }));
        all
    }

    /// What is followed at a level, with the engines.
    pub(super) fn tracks(&self, level: f64, chosen: &mut Chosen) -> Vec<TrackPlan> {
        let plan = |followed: Followed| {
            let share = |side| self.claim(&followed.name, level, side).map(|claim| claim.alpha);
            let (lower, upper) = (share(Side::Lower), share(Side::Upper));
            let kind = match followed.what {
                What::Quantile(quantile) => {
                    let place = self.place(quantile);
                    Kind::Quantile(place, quantile.percent / 100.0, lower, upper)
                }
                What::Mean(subject) if !self.bounded() && self.limits_claimed() => {
                    Kind::Asymptotic(subject, self.question.precision.unwrap_or(0.0), lower, upper)
                }
                What::Mean(subject) => Kind::Mean(subject, self.spec(subject, lower, upper, chosen)),
            };
            TrackPlan {
                quantity: followed.quantity,
                name: followed.name,
                kind,
                slice: followed.slice.map(|(at, _)| at),
            }
        };
        self.followed(level).into_iter().map(plan).collect()
    }

    fn spec(
        &self,
        subject: Subject,
        lower: Option<f64>,
        upper: Option<f64>,
        chosen: &mut Chosen,
    ) -> Option<IntervalSpec> {
        if lower.is_none() && upper.is_none() {
            return None;
        }
        // A tail has no precision of its own; it is aimed at that of the risk, as a part of the range.
        let precision = match subject {
            Subject::Difference => self.precision()? / 2.0,
            _ => self.precision()?,
        };
        let engine = if subject.binary(self.binary) {
            chosen.engine(precision, lower, upper)
        } else {
            Engine::AimBets
        };
        Some(IntervalSpec { engine, precision, lower, upper })
    }

    /// Tells each claim the method that its limit is come by.
    pub(super) fn name_methods(&mut self) {
        for level in &self.levels {
            for track in &level.tracks {
                let method = match track.kind {
                    Kind::Quantile(..) => "quantile",
                    Kind::Asymptotic(..) => "asymptotic",
                    Kind::Mean(Subject::Difference, Some(_)) if track.quantity == Quantity::Risk => {
                        "differences"
                    }
                    Kind::Mean(_, Some(spec)) => spec.engine.name(),
                    Kind::Mean(_, None) => continue,
                };
                for side in [Side::Lower, Side::Upper] {
                    let id = ledger::limit(&track.name, track.quantity, level.level, side).id;
                    for claim in self.claims.iter_mut().filter(|claim| claim.id == id) {
                        method.clone_into(&mut claim.method);
                    }
                }
            }
        }
        for claim in &mut self.claims {
            match claim.quantity {
                Quantity::DataSet => "replicates".clone_into(&mut claim.method),
                Quantity::NoiseFloor => Engine::Aim.name().clone_into(&mut claim.method),
                _ => {}
            }
        }
    }

    /// The part of a level in each statement. A gate at one level is used in full for each of its verdicts, as
    /// only one of the two can be wrong. At all levels, holding needs every level at the full share, failing one
    /// level at its part of it.
    pub(super) fn gate_parts(&self, level: f64) -> Vec<GatePart> {
        let levels = self.question.levels.len() as u64;
        let shares = self.claims.iter().filter(|claim| claim.quantity == Quantity::Gate);
        let mut parts: Vec<GatePart> = self
            .question
            .gates
            .iter()
            .zip(shares)
            .enumerate()
            .filter(|(_, (gate, _))| gate.level.is_none_or(|at| at == level))
            .map(|(i, (gate, claim))| {
                let fails =
                    if gate.level.is_some() { claim.alpha } else { share_for_one_of(levels, claim.alpha) };
                let relation = gate.relation;
                let (about, test) = self.test(gate.quantity, relation, gate.threshold, (claim.alpha, fails));
                GatePart { statement: Statement::Gate(i), about, test }
            })
            .collect();
        let claim = self.claims.iter().find(|claim| claim.quantity == Quantity::Critical);
        if let (Some(critical), Some(claim)) = (&self.question.critical, claim) {
            let shares = critical_shares(levels, claim.alpha);
            let (about, test) = self.test(GateQuantity::Risk, critical.relation, critical.threshold, shares);
            parts.push(GatePart { statement: Statement::Critical, about, test });
        }
        parts
    }

    /// What a gate on this quantity tests, with these shares for holding and failing.
    fn test(
        &self,
        quantity: GateQuantity,
        relation: Relation,
        threshold: f64,
        (alpha_holds, alpha_fails): (f64, f64),
    ) -> (About, GateSpec) {
        let (about, relation) = match (quantity, relation) {
            // Against the clean answer itself the clean risk is 0.
            (GateQuantity::Degradation, _) if self.needs.clean => (About::Draws(Subject::Loss), relation),
            (GateQuantity::Degradation, _) => (About::Draws(Subject::Difference), relation),
            (GateQuantity::Risk, _) => (About::Draws(Subject::Loss), relation),
            // A quantile is at most a number when few enough draws are above it, and at least that number when
            // enough are that or more.
            (GateQuantity::Quantile(of), Relation::AtMost) => {
                (About::Draws(Subject::MeasuredAbove(self.place(of), threshold)), relation)
            }
            (GateQuantity::Quantile(of), Relation::AtLeast) => {
                (About::Draws(Subject::MeasuredFrom(self.place(of), threshold)), relation)
            }
            (GateQuantity::DataSet(_), _) => (About::PassAbove(threshold), Relation::AtMost),
        };
        let rest = match quantity {
            GateQuantity::Quantile(of) => Some(1.0 - of.percent / 100.0),
            GateQuantity::DataSet(share) => Some(1.0 - share),
            GateQuantity::Risk | GateQuantity::Degradation => None,
        };
        let (low, high) = match about {
            About::Draws(subject) => subject.range(self.range),
            About::PassAbove(_) => (0.0, 1.0),
        };
        let scaled = rest.unwrap_or((threshold - low) / (high - low));
        // The resolution is in units of the loss, which the share of a quantile is not.
        let asked = self.question.gate_resolution.filter(|_| rest.is_none());
        let resolution = match asked {
            Some(resolution) => resolution / (high - low),
            None => match about {
                // The threshold of a difference is small beside its range, not beside the middle of it.
                About::Draws(Subject::Difference) => (threshold.abs() / 20.0 / (high - low)).max(0.001),
                _ => (scaled.clamp(0.0, 1.0) / 20.0).max(0.002),
            },
        };
        let binary = match about {
            About::Draws(subject) => subject.binary(self.binary),
            About::PassAbove(_) => true,
        };
        (about, GateSpec { binary, threshold: scaled, relation, alpha_holds, alpha_fails, resolution })
    }

    /// The place of what a quantile is of among the measured numbers.
    fn place(&self, quantile: QuantileSpec) -> usize {
        self.measured.iter().position(|of| *of == quantile.of).unwrap_or(usize::MAX)
    }
}
