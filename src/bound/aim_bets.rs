//! Limits on a mean of losses anywhere in `[0, 1]`: a mixture of constant bets for each null, from small bets
//! aimed at the precision up to the largest that is possible (the lists stand in the module `bet`).
//!
//! The bets depend on the null, so the wealth need not rise in it steadily. Limits are therefore taken from a
//! fixed mesh of nulls `m_i = i * precision / 100` by a pointer, which starts at 1 and moves down by one for as
//! long as the null just below it is rejected now. The true risk `theta` is passed only if the mesh's highest
//! null not above `theta` is rejected at some time, which by Ville's inequality has probability at most `alpha`;
//! no monotonicity is needed, and the pointer is the running intersection itself. The lower limit is the same
//! with losses mirrored.
//!
//! Invariant: every null at or above a published upper limit on the mesh was rejected in exact arithmetic
//! when the pointer passed it.

use super::bet::{self, Bet, Tally, Toward};
use super::mesh::{Mesh, usable};
use super::tight;
use super::wealth::{LogWealth, hurdle, mirrored};
use super::{Bound, Interval, Observation};

/// Where more bets than this were needed to reject, they are put in a new order.
const FEW: usize = 4;

/// The logarithm of the wealth against "the risk is at least `m`" (toward low) or "at most `1 - m`" (toward
/// high), after the given losses; `m` in (0, 1), the losses in `[0, 1]`.
pub fn log_e(losses: &[f64], toward_low: bool, m: f64, precision: f64) -> LogWealth {
    let mut all = Losses::default();
    for &loss in losses {
        all.observe(Observation::Loss(loss));
    }
    let toward = if toward_low { Toward::Low } else { Toward::High };
    let parts: Vec<_> =
        bet::aimed(m, precision).iter().map(|bet| all.wealth(toward, *bet, 1.0 - m)).collect();
    LogWealth::total(&parts)
}

/// All losses so far: those that are exactly 0 or 1 as counts, the others one by one.
#[derive(Debug, Clone, Default)]
struct Losses {
    zeros: u64,
    ones: u64,
    unanswered: u64,
    between: Vec<f64>,
    /// Draws that stayed unanswered but whose loss lies between two known numbers.
    apart: Vec<(f64, f64)>,
}

impl Losses {
    fn observe(&mut self, observation: Observation) {
        match observation {
            Observation::Loss(loss) if loss <= 0.0 => self.zeros += 1,
            Observation::Loss(loss) if loss >= 1.0 => self.ones += 1,
            Observation::Loss(loss) if !loss.is_nan() => tight::push(&mut self.between, loss),
            Observation::Between(low, high) if !(low.is_nan() || high.is_nan()) => {
                tight::push(&mut self.apart, (low.clamp(0.0, 1.0), high.clamp(0.0, 1.0)));
            }
            Observation::Loss(_) | Observation::Unanswered | Observation::Between(..) => {
                self.unanswered += 1;
            }
        }
    }

    /// The wealth of one bet against the null "the mean gain is at most `r`".
    fn wealth(&self, toward: Toward, bet: Bet, r: f64) -> LogWealth {
        let between = (self.between.len() + self.apart.len()) as u64;
        let (losses, apart) = (self.between.iter(), self.apart.iter());
        let (none, full, log_product) = match toward {
            Toward::Low => {
                let gains = losses.map(|loss| 1.0 - loss).chain(apart.map(|(_, high)| 1.0 - high));
                (self.ones, self.zeros, bet.log_product(r, gains))
            }
            Toward::High => {
                let gains = losses.copied().chain(apart.map(|(low, _)| *low));
                (self.zeros, self.ones, bet.log_product(r, gains))
            }
        };
        bet.wealth(r, Tally { none: none + self.unanswered, full, between }, log_product)
    }
}

/// One limit, and how it is moved.
#[derive(Debug, Clone)]
struct Pointer {
    toward: Toward,
    precision: f64,
    hurdle: f64,
    mesh: Mesh,
    /// Places of the bets, those first that won most when last looked at. Only the speed depends on it: the
    /// part of the wealth that is enough to reject is enough whatever the rest is.
    order: Vec<usize>,
}

impl Pointer {
    fn new(toward: Toward, precision: f64, alpha: f64) -> Self {
        Self { toward, precision, hurdle: hurdle(alpha), mesh: Mesh::new(precision), order: Vec::new() }
    }

    fn advance(&mut self, losses: &Losses) {
        for bet in bet::fallback() {
            self.leap(losses, bet);
        }
        while self.mesh.index > 1 && self.rejects(losses, self.mesh.index - 1) {
            self.mesh.index -= 1;
        }
    }

    /// Moves to the lowest null that this bet rejects on its own. The wealth of a fallback bet rises with the
    /// null, so all the nulls in between are rejected as well.
    fn leap(&mut self, losses: &Losses, bet: Bet) {
        let mesh = self.mesh;
        self.mesh.leap(0, |index| losses.wealth(self.toward, bet, 1.0 - mesh.at(index)).rejects(self.hurdle));
    }

    /// Whether the null at this place of the mesh is rejected by the bets together.
    fn rejects(&mut self, losses: &Losses, index: u64) -> bool {
        let m = self.mesh.at(index);
        let bets = bet::aimed(m, self.precision);
        self.order.retain(|&place| place < bets.len());
        // New ones go first: those that depend on the null are the likeliest to win.
        let known = self.order.len();
        self.order.splice(0..0, (known..bets.len()).rev());
        let mut parts = Vec::with_capacity(bets.len());
        let mut rejected = false;
        for &place in &self.order {
            parts.push(losses.wealth(self.toward, bets[place], 1.0 - m));
            rejected = LogWealth::total(&parts).rejects(self.hurdle);
            if rejected {
                break;
            }
        }
        if !rejected || parts.len() > FEW {
            self.rank(&parts);
        }
        rejected
    }

    /// Puts the bets just looked at in the order of their wealth.
    fn rank(&mut self, parts: &[LogWealth]) {
        let mut looked_at: Vec<_> = self.order.iter().copied().zip(parts).collect();
        looked_at.sort_by(|(_, a), (_, b)| b.value.total_cmp(&a.value));
        let ranked: Vec<_> = looked_at.into_iter().map(|(place, _)| place).collect();
        self.order[..ranked.len()].copy_from_slice(&ranked);
    }
}

/// The bound for losses in a range. All losses that are neither 0 nor 1 are kept.
///
/// A draw that stayed unanswered is a loss of 1 for the upper limit and of 0 for the lower; so is a loss that
/// is not a number. A loss outside `[0, 1]` counts as the end of the range that it lies beyond.
#[derive(Debug, Clone)]
pub struct AimBets {
    losses: Losses,
    lower: Option<Pointer>,
    upper: Option<Pointer>,
}

impl AimBets {
    /// A bound with the given half-width in mind, in units of the risk, and for each claimed side the
    /// probability with which it may be wrong.
    pub fn new(precision: f64, lower: Option<f64>, upper: Option<f64>) -> Self {
        let precision = usable(precision);
        Self {
            losses: Losses::default(),
            lower: lower.map(|alpha| Pointer::new(Toward::High, precision, alpha)),
            upper: upper.map(|alpha| Pointer::new(Toward::Low, precision, alpha)),
        }
    }
}

impl Bound for AimBets {
    fn observe(&mut self, observation: Observation) {
        self.losses.observe(observation);
    }

    fn read(&mut self) -> Interval {
        for pointer in [&mut self.lower, &mut self.upper].into_iter().flatten() {
            pointer.advance(&self.losses);
        }
        Interval {
            lower: self.lower.as_ref().map_or(0.0, |pointer| mirrored(pointer.mesh.limit())),
            upper: self.upper.as_ref().map_or(1.0, |pointer| pointer.mesh.limit()),
        }
    }
}

#[cfg(test)]
mod tests;
