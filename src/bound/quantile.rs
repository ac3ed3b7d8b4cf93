//! Limits on a quantile of a number without a range, `X >= 0`: an absolute error, or a shift against the clean answer.
//!
//! A quantile for the chance `p` is any `q` with `P(X < q) <= p <= P(X <= q)`. Whatever it is, the draws with
//! `X < q` are losses of 0 or 1 with a mean of at most `p`, and the draws with `X > q` of at most `1 - p`: two
//! fixed nulls. Each is bet against with one constant mixture of bets, as a gate does, and its wealth depends on the
//! number of draws and the count alone. So for every number of draws there is a smallest count `k` that is
//! rejected, and the limits are order statistics: the upper one is the `k`-th smallest number drawn, the lower one
//! the `k`-th largest with the other null's `k`.
//!
//! That the limit is a drawn number, and differs from reading to reading, needs no further correction. Suppose the
//! upper limit ever lies below a quantile `q`. Then the `k` smallest numbers all lie below `q`, so at least `k` draws
//! had `X < q`. Every bet gains by a draw with `X < q` and loses by one without, so the wealth rises with the
//! count, and that of the draws with `X < q` has reached `1 / alpha`. But this is one process, fixed before
//! the first draw though nobody knows `q`, and by Ville's inequality it ever does so with probability at most
//! `alpha`. No limit for another `q` is used, nothing is summed over values of `q`, and no distribution is excluded:
//! equal numbers do no harm, as the draws at `q` itself count for neither null. The interval holds all quantiles
//! where there are several. (The betting form of Howard and Ramdas 2022, theorem 1.)
//!
//! A draw without an answer counts as infinite in the upper limit and as 0 in the lower one, so it is none of those
//! that either null counts. Invariant: every published limit follows from a count that is rejected in exact
//! arithmetic, or is 0 or infinity, which claim nothing.

use super::bet::{Bet, Tally};
use super::gate::{root_half, stake};
use super::tight;
use super::wealth::{LogWealth, hurdle};

/// How many bets are mixed: likelihood ratios of means that are 4 to 0.011 higher in log odds. The last one is what
/// lets limits become better beyond 10,000 draws.
const BETS: i32 = 18;

/// Lower and upper limit of a quantile, valid together with every earlier reading of the same bound. Where
/// `lower > upper` the readings contradict each other, as for an [`Interval`](super::Interval).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuantileLimits {
    /// The lower limit; 0 when none was claimed or none is known yet.
    pub lower: f64,
    /// The upper limit; infinity when none was claimed or none is known yet.
    pub upper: f64,
}

/// A bound on a quantile. It keeps every number drawn: 8 bytes for each, 9 with the spare room of a growing list.
#[derive(Debug, Clone)]
pub struct QuantileBound {
    p: f64,
    below: Option<Counts>,
    above: Option<Counts>,
    /// The numbers drawn, in any order.
    numbers: Vec<f64>,
    draws: u64,
    limits: QuantileLimits,
}

impl QuantileBound {
    /// A bound on the `p`-quantile without draws. `lower` and `upper` are the probabilities with which the limits
    /// may be wrong, where they are claimed. For a `p` that is not in (0, 1) nothing is ever known.
    pub fn new(p: f64, lower: Option<f64>, upper: Option<f64>) -> Self {
        let usable = p > 0.0 && p < 1.0;
        // The decimal that was typed is within half a unit of `p`; both nulls are widened to hold it.
        let (at_most_below, at_most_above) = (p.next_up(), (1.0 - p.next_down()).next_up());
        let counts = |r: f64, alpha: Option<f64>| alpha.filter(|_| usable).map(|alpha| Counts::new(r, alpha));
        Self {
            p,
            below: counts(at_most_below, upper),
            above: counts(at_most_above, lower),
            numbers: Vec::new(),
            draws: 0,
            limits: QuantileLimits { lower: 0.0, upper: f64::INFINITY },
        }
    }

    /// Takes the next charged draw; none where it stayed unanswered, which an infinite number and one that is not
    /// a number count as, too. A number below 0 counts as 0.
    pub fn observe(&mut self, value: Option<f64>) {
        self.draws += 1;
        // `max` also makes a negative zero positive, which would be sorted before it.
        if let Some(number) = value.filter(|number| number.is_finite()) {
            tight::push(&mut self.numbers, number.max(0.0) + 0.0);
        }
    }

    /// The limits on what was observed so far, intersected with every earlier reading.
    pub fn read(&mut self) -> QuantileLimits {
        let Self { numbers, draws, limits, .. } = self;
        // A limit becomes better only where the numbers beyond it are already too many.
        let better = |null: &Option<Counts>, beyond: usize| null.as_ref()?.rejected(beyond as u64, *draws);
        let beyond = numbers.iter().filter(|&&number| number < limits.upper).count();
        if let Some(k) = better(&self.below, beyond) {
            limits.upper = smallest(numbers, k);
        }
        let beyond = numbers.iter().filter(|&&number| number > limits.lower).count();
        if let Some(k) = better(&self.above, beyond) {
            let rank = numbers.len() as u64 + 1 - k;
            limits.lower = smallest(numbers, rank);
        }
        *limits
    }

    /// Whether there were draws enough for the claimed limits to lie within half of the smaller tail: those of the 90 %
    /// quantile between the 85 % and the 95 % quantile of the draws. The number of draws alone decides.
    pub fn settled(&self) -> bool {
        let tail = self.p.min(1.0 - self.p) / 2.0;
        let near = |null: &Option<Counts>, chance: f64| {
            let count = ((chance + tail) * self.draws as f64) as u64;
            null.as_ref().is_none_or(|null| null.rejects(count, self.draws))
        };
        self.draws > 0 && near(&self.below, self.p) && near(&self.above, 1.0 - self.p)
    }

    /// The fewest draws after which it is [settled](Self::settled), up to `most`.
    pub fn fewest(p: f64, lower: Option<f64>, upper: Option<f64>, most: u64) -> u64 {
        let mut bound = Self::new(p, lower, upper);
        let mut settles = |draws: u64| {
            bound.draws = draws;
            bound.settled()
        };
        let (mut open, mut shut) = (0, 1);
        while shut < most && !settles(shut) {
            (open, shut) = (shut, shut * 2);
        }
        while shut - open > 1 {
            let middle = open + (shut - open) / 2;
            if settles(middle) {
                shut = middle;
            } else {
                open = middle;
            }
        }
        shut.min(most)
    }

    /// The quantile of the draws so far, moved into the limits last read; none without draws. Where draws are
    /// unanswered it is the middle of [`Self::estimate_range`], and none where that has no end. Works on a copy of the
    /// numbers.
    pub fn estimate(&self) -> Option<f64> {
        let (low, high) = self.estimate_range().filter(|(_, high)| high.is_finite())?;
        let middle = if low == high { low } else { low / 2.0 + high / 2.0 };
        let QuantileLimits { lower, upper } = self.limits;
        Some(if lower <= upper { middle.clamp(lower, upper) } else { middle })
    }

    /// The quantile of the draws so far with the unanswered ones at 0, and with them at infinity; none without draws.
    pub fn estimate_range(&self) -> Option<(f64, f64)> {
        if self.draws == 0 || !(self.p > 0.0 && self.p < 1.0) {
            return None;
        }
        // The smallest number that at least `p` of the draws keep to. The product may have been rounded past a whole.
        let rank = (self.p * self.draws as f64 * (1.0 - 4.0 * f64::EPSILON)).ceil() as u64;
        let answered = self.numbers.len() as u64;
        let unanswered = self.draws - answered;
        let mut numbers = self.numbers.clone();
        let low = if rank > unanswered { smallest(&mut numbers, rank - unanswered) } else { 0.0 };
        let high = if rank > answered { f64::INFINITY } else { smallest(&mut numbers, rank) };
        Some((low, high))
    }
}

/// The `rank`-th smallest of some numbers, counted from 1; `rank` is at least 1 and at most their number.
fn smallest(numbers: &mut [f64], rank: u64) -> f64 {
    *numbers.select_nth_unstable_by(rank as usize - 1, f64::total_cmp).1
}

/// Which counts are too high for the null "each draw counts with chance at most `r`".
#[derive(Debug, Clone)]
struct Counts {
    r: f64,
    hurdle: f64,
    bets: Vec<Bet>,
}

impl Counts {
    fn new(r: f64, alpha: f64) -> Self {
        let share = 1.0 / f64::from(BETS);
        let bets = (0..BETS).map(|j| Bet::new(share, stake(r, 4.0 * root_half(j)))).collect();
        Self { r, hurdle: hurdle(alpha), bets }
    }

    /// Whether a count among so many draws is too high. Then all higher ones are, in exact arithmetic.
    fn rejects(&self, count: u64, draws: u64) -> bool {
        let tally = Tally { none: draws - count, full: count, between: 0 };
        let parts: Vec<_> = self.bets.iter().map(|bet| bet.wealth(self.r, tally, 0.0)).collect();
        LogWealth::total(&parts).rejects(self.hurdle)
    }

    /// The smallest count above 0 and up to `most` that is too high; none where `most` is not.
    fn rejected(&self, most: u64, draws: u64) -> Option<u64> {
        if most == 0 || !self.rejects(most, draws) {
            return None;
        }
        let (mut open, mut shut) = (0, most);
        while shut - open > 1 {
            let middle = open + (shut - open) / 2;
            if self.rejects(middle, draws) {
                shut = middle;
            } else {
                open = middle;
            }
        }
        Some(shut)
    }
}

#[cfg(test)]
mod tests;
