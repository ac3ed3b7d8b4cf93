//! The three-way test of a gate: does the risk keep to a threshold, does it not, or is it too close to tell?
//!
//! Evidence that the gate holds is wealth won against "the risk is at the threshold or on the wrong side of
//! it", evidence that it fails is wealth won against "at the threshold or on the right side". Only one of the
//! two verdicts can be wrong for a given risk, so each may use the whole share of the claim. All four tests of a
//! gate are constant mixtures of bets against one null (module `evidence`).
//!
//! Thresholds at the ends of the range: `risk <= 1` and `risk >= 0` hold at once, without a draw, as does what
//! lies beyond; `risk <= 0` and `risk >= 1` can never be shown to hold, and fail with the first draw whose loss
//! is certain to differ from the threshold. A threshold that is not a number is never decided.
//!
//! Invariant: a verdict once given stays.

use crate::config::question::Relation;

use super::Observation;
use super::bet::{Bet, Toward, aimed};
use super::evidence::Evidence;

/// What a gate is to be tested with. Losses, threshold and resolution are scaled to `[0, 1]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GateSpec {
    /// Whether every loss is 0 or 1.
    pub binary: bool,
    /// The threshold.
    pub threshold: f64,
    /// On which side of it the risk is to be.
    pub relation: Relation,
    /// The probability with which "holds" may be wrong.
    pub alpha_holds: f64,
    /// The probability with which "fails" may be wrong.
    pub alpha_fails: f64,
    /// Within what distance of the threshold the test gives up; never more than half the distance of the threshold
    /// from the nearer end of the range.
    pub resolution: f64,
}

/// Where a gate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateReading {
    /// The risk keeps to the threshold. Final.
    Holds,
    /// The risk does not keep to the threshold. Final.
    Fails,
    /// Undecided, and the risk was shown to be within the resolution of the threshold, so that there is no
    /// point in asking more. Should draws come nevertheless, a verdict may still follow.
    Hopeless,
    /// Undecided.
    Open,
}

/// A gate and the evidence on it so far.
#[derive(Debug, Clone)]
pub struct Gate {
    holds: Evidence,
    fails: Evidence,
    /// That the risk is below the threshold plus the resolution, and above it minus the resolution. A rule to
    /// stop by, not a claim.
    near: [Evidence; 2],
    /// Which of `near` were shown.
    shown: [bool; 2],
    verdict: Option<GateReading>,
}

impl Gate {
    /// A gate without evidence.
    pub fn new(spec: &GateSpec) -> Self {
        let tau = spec.threshold;
        let (good, bad, trivial) = match spec.relation {
            Relation::AtMost => (Toward::Low, Toward::High, tau >= 1.0),
            Relation::AtLeast => (Toward::High, Toward::Low, tau <= 0.0),
        };
        let evidence = |toward: Toward, alpha: f64, bets: fn(bool, f64) -> Vec<Bet>| {
            Evidence::new(toward, tau, alpha, |r| bets(spec.binary, r))
        };
        // A resolution that reaches past an end of the range would give up on a spotless model: that the risk is not
        // beyond the end needs no showing, so half of the question would be answered from the start.
        let room = tau.min(1.0 - tau) / 2.0;
        let resolution = spec.resolution.min(room).max(f64::EPSILON);
        let near = |toward: Toward, null: f64, alpha: f64| {
            Evidence::new(toward, null, alpha, |r| aimed(1.0 - r, resolution))
        };
        let (alpha_low, alpha_high) = match spec.relation {
            Relation::AtMost => (spec.alpha_holds, spec.alpha_fails),
            Relation::AtLeast => (spec.alpha_fails, spec.alpha_holds),
        };
        Self {
            holds: if trivial { Evidence::Sure } else { evidence(good, spec.alpha_holds, holding_bets) },
            fails: evidence(bad, spec.alpha_fails, failing_bets),
            near: [
                near(Toward::Low, tau + resolution, alpha_low),
                near(Toward::High, tau - resolution, alpha_high),
            ],
            shown: [false; 2],
            verdict: None,
        }
    }

    /// Takes the next charged draw, in draw order.
    pub fn observe(&mut self, observation: Observation) {
        self.holds.observe(observation);
        self.fails.observe(observation);
        self.near.iter_mut().for_each(|test| test.observe(observation));
    }

    /// Where the gate stands after the draws so far; to be read at checkpoints.
    pub fn read(&mut self) -> GateReading {
        if let Some(verdict) = self.verdict {
            return verdict;
        }
        self.verdict = if self.holds.rejects() {
            Some(GateReading::Holds)
        } else if self.fails.rejects() {
            Some(GateReading::Fails)
        } else {
            None
        };
        for (shown, test) in self.shown.iter_mut().zip(&self.near) {
            *shown |= test.rejects();
        }
        let open = if self.shown == [true; 2] { GateReading::Hopeless } else { GateReading::Open };
        self.verdict.unwrap_or(open)
    }
}

/// The distances in log odds between the threshold and the risks that a test for 0/1 losses bets on.
fn distances() -> impl Iterator<Item = f64> {
    (0..14).map(|j| 4.0 * root_half(j))
}

/// The fractions that a test for other losses stakes: 20 of them, from the largest stake down to 0.0014 of it.
/// As every one is the alternative for some variance, they are spread as evenly as the distances.
fn stakes() -> impl Iterator<Item = f64> {
    (0..20).map(root_half)
}

/// `2^(-j/2)`.
pub(super) fn root_half(j: i32) -> f64 {
    let whole = libm::ldexp(1.0, -(j / 2));
    if j % 2 == 0 { whole } else { whole * std::f64::consts::FRAC_1_SQRT_2 }
}

/// The stake against the null `r` that is the likelihood ratio of a mean gain `distance` higher in log odds.
pub(super) fn stake(r: f64, distance: f64) -> f64 {
    let x = r * libm::expm1(distance);
    x / (1.0 + x)
}

/// For the verdict "holds": a quarter of the wealth stakes everything (for 0/1 losses: on the risk 0, which
/// is what most good models have), the rest is spread evenly.
pub(super) fn holding_bets(binary: bool, r: f64) -> Vec<Bet> {
    let rest: Vec<f64> =
        if binary { distances().map(|d| stake(r, d)).collect() } else { stakes().skip(1).collect() };
    let even = 0.75 / rest.len() as f64;
    let all = Bet::new(0.25, 1.0);
    std::iter::once(all).chain(rest.into_iter().map(|fraction| Bet::new(even, fraction))).collect()
}

/// For the verdict "fails": spread evenly.
fn failing_bets(binary: bool, r: f64) -> Vec<Bet> {
    let stakes: Vec<f64> =
        if binary { distances().map(|d| stake(r, d)).collect() } else { stakes().collect() };
    let even = 1.0 / stakes.len() as f64;
    stakes.into_iter().map(|fraction| Bet::new(even, fraction)).collect()
}

#[cfg(test)]
mod tests;
