//! Limits on a mean of losses that are 0 or 1, aimed at the precision and at the number of draws where that can be
//! had.
//!
//! Against the null "the risk is at least `m`" the wealth is a fixed mixture: 0.72 on a fixed-sample test with a
//! horizon of its own (module `horizon`), and the three likelihood ratios of [`aim`](super::aim), 0.17 on the
//! aimed risk, 0.06 on the risk 0 and 0.05 on the Beta(1/2, 1/2) mixture. At the horizon a rejecting test is
//! enough alone. The wealth is a supermartingale while the risk is `m` or more, so by Ville's inequality it ever
//! reaches `1 / alpha` with probability at most `alpha`.
//!
//! It depends on the order of the draws, and it need not rise in `m`. Limits come from a fixed mesh of nulls by a
//! pointer, which starts at 1 and moves down by one for as long as the null just below it is rejected now; so only
//! the highest null of the mesh that is not above the risk matters. The lower limit is the same with losses
//! mirrored.
//!
//! Invariant: every null at or above a published upper limit on the mesh was rejected in exact arithmetic
//! when the pointer passed it.

use super::aim::Counts;
use super::horizon::{self, Horizon, Horizons};
use super::mesh::{Mesh, usable};
use super::outcomes::Outcomes;
use super::wealth::{LogWealth, hurdle, mirrored};
use super::{Bound, Interval, Observation};

/// What is bet on the aimed risk, on the risk 0, and on the Beta(1/2, 1/2) mixture.
const SHARES: [f64; 3] = [0.17, 0.06, 0.05];

/// The logarithm of the wealth against "the risk is at least `m`" after draws with these losses, each 1 where it
/// is bad; `m` in (0, 1), `alpha` the claim's share.
pub fn log_e(bad: impl Iterator<Item = bool>, m: f64, precision: f64, alpha: f64) -> LogWealth {
    let mut outcomes = Outcomes::default();
    bad.for_each(|bad| outcomes.push(bad));
    let horizon = Horizons::new(precision, alpha).at(m);
    LogWealth::total(&[staked(horizon, &outcomes), counts(&outcomes).log_e(m, precision, SHARES)])
}

fn counts(outcomes: &Outcomes) -> Counts {
    Counts::new(outcomes.bad(), outcomes.draws() - outcomes.bad())
}

/// What has become of the bet on the test at the horizon.
fn staked(horizon: Option<Horizon>, outcomes: &Outcomes) -> LogWealth {
    let won = horizon.map_or(LogWealth::NOTHING, |horizon| horizon.log_e(outcomes));
    LogWealth::sum(&[libm::log(horizon::SHARE), won.value], 1).give_or_take(won.error)
}

/// One limit, and how it is moved.
#[derive(Debug, Clone)]
struct Pointer {
    precision: f64,
    hurdle: f64,
    horizons: Horizons,
    mesh: Mesh,
    /// The test of the null just below the pointer, once it was needed.
    next: Option<(u64, Option<Horizon>)>,
    outcomes: Outcomes,
}

impl Pointer {
    fn new(precision: f64, alpha: f64) -> Self {
        Self {
            precision,
            hurdle: hurdle(alpha),
            horizons: Horizons::new(precision, alpha),
            mesh: Mesh::new(precision),
            next: None,
            outcomes: Outcomes::default(),
        }
    }

    fn advance(&mut self) {
        let counts = counts(&self.outcomes);
        self.leap(&counts);
        while self.mesh.index > 1 && self.rejects(&counts, self.mesh.index - 1) {
            self.mesh.index -= 1;
        }
    }

    /// Moves to the lowest null above the mean that is rejected without the test at its horizon: that part of the
    /// wealth rises with the null, so all the nulls in between are rejected as well.
    fn leap(&mut self, counts: &Counts) {
        let mesh = self.mesh;
        let mean = self.outcomes.bad() as f64 / self.outcomes.draws().max(1) as f64;
        self.mesh.leap(mesh.place(mean), |index| {
            counts.log_e(mesh.at(index), self.precision, SHARES).rejects(self.hurdle)
        });
    }

    fn rejects(&mut self, counts: &Counts, index: u64) -> bool {
        let m = self.mesh.at(index);
        let horizon = match self.next {
            Some((place, horizon)) if place == index => horizon,
            _ => self.horizons.at(m),
        };
        self.next = Some((index, horizon));
        let parts = [staked(horizon, &self.outcomes), counts.log_e(m, self.precision, SHARES)];
        LogWealth::total(&parts).rejects(self.hurdle)
    }
}

/// The bound for losses that are 0 or 1. One bit for each draw and each claimed side is kept.
///
/// A draw that stayed unanswered is a loss of 1 for the upper limit and of 0 for the lower. So is, to stay on
/// the safe side, a loss that is neither 0 nor 1.
#[derive(Debug, Clone)]
pub struct AimD {
    lower: Option<Pointer>,
    upper: Option<Pointer>,
}

impl AimD {
    /// A bound with the given half-width in mind, in units of the risk, and for each claimed side the
    /// probability with which it may be wrong.
    pub fn new(precision: f64, lower: Option<f64>, upper: Option<f64>) -> Self {
        let pointer = |alpha| Pointer::new(usable(precision), alpha);
        Self { lower: lower.map(pointer), upper: upper.map(pointer) }
    }
}

impl Bound for AimD {
    fn observe(&mut self, observation: Observation) {
        if let Some(upper) = &mut self.upper {
            upper.outcomes.push(observation != Observation::Loss(0.0));
        }
        if let Some(lower) = &mut self.lower {
            lower.outcomes.push(observation != Observation::Loss(1.0));
        }
    }

    fn read(&mut self) -> Interval {
        for pointer in [&mut self.lower, &mut self.upper].into_iter().flatten() {
            pointer.advance();
        }
        Interval {
            lower: self.lower.as_ref().map_or(0.0, |pointer| mirrored(pointer.mesh.limit())),
            upper: self.upper.as_ref().map_or(1.0, |pointer| pointer.mesh.limit()),
        }
    }
}

#[cfg(test)]
mod tests;
