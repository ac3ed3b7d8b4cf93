//! One bet against one null, for losses anywhere in `[0, 1]`, and the lists of bets that engines mix.
//!
//! All tests are brought to one form. A *gain* `Y` in `[0, 1]` is `1 - L` where evidence is sought that the
//! risk is low, and `L` where it is sought that the risk is high; the null is "the mean gain is at most `r`".
//! A bet stakes the fraction `c` in `(0, 1]` of what may be staked without debt: a gain multiplies the wealth
//! by `(1 - c) + c Y / r`, that is `1 + lambda (Y - r)` with `lambda = c / r` (Waudby-Smith and Ramdas 2024).
//! No term is negative, so nothing cancels. An unanswered draw is a gain of 0 either way.
//!
//! Invariant: bets are functions of the null and of constants of the plan, never of the data.

use super::Observation;
use super::wealth::{LogWealth, Product};

/// What the evidence is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toward {
    /// A low risk: the gain is `1 - L`.
    Low,
    /// A high risk: the gain is `L`.
    High,
}

impl Toward {
    /// The gain of a draw. A loss outside `[0, 1]` counts as the end that it lies beyond, one that is not a
    /// number as unanswered.
    pub fn gain(self, observation: Observation) -> f64 {
        match (observation, self) {
            (Observation::Loss(loss), _) if loss.is_nan() => 0.0,
            (Observation::Loss(loss), Self::Low) => 1.0 - loss.clamp(0.0, 1.0),
            (Observation::Loss(loss), Self::High) => loss.clamp(0.0, 1.0),
            (Observation::Unanswered, _) => 0.0,
            (Observation::Between(low, high), _) if low.is_nan() || high.is_nan() => 0.0,
            (Observation::Between(_, high), Self::Low) => 1.0 - high.clamp(0.0, 1.0),
            (Observation::Between(low, _), Self::High) => low.clamp(0.0, 1.0),
        }
    }

    /// The null for the mean gain that stands for the null `m` for the risk.
    pub fn null(self, m: f64) -> f64 {
        match self {
            Self::Low => 1.0 - m,
            Self::High => m,
        }
    }
}

/// How many gains there were of each kind.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    /// Gains of 0.
    pub none: u64,
    /// Gains of 1.
    pub full: u64,
    /// Gains in between.
    pub between: u64,
}

/// A constant bet and its share of the starting wealth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bet {
    /// The logarithm of its share.
    pub log_share: f64,
    /// The fraction `c` of the largest stake, in `(0, 1]`.
    pub fraction: f64,
}

impl Bet {
    /// A bet.
    pub fn new(share: f64, fraction: f64) -> Self {
        Self { log_share: libm::log(share), fraction }
    }

    /// What a gain in between multiplies the wealth by, times `r`: in `[0, 1]`, within two units in the last
    /// place.
    #[inline]
    pub fn factor(self, r: f64, gain: f64) -> f64 {
        r * (1.0 - self.fraction) + self.fraction * gain
    }

    /// The wealth of this bet against the null `r` in `(0, 1)`; `log_product` is the logarithm of the product
    /// of [`Bet::factor`] over the gains in between.
    pub fn wealth(self, r: f64, tally: Tally, log_product: f64) -> LogWealth {
        let c = self.fraction;
        let times = |count: u64, log: f64| if count == 0 { 0.0 } else { count as f64 * log };
        let terms = [
            self.log_share,
            times(tally.none, libm::log1p(-c)),
            times(tally.full, libm::log1p(c * (1.0 - r) / r)),
            log_product,
            times(tally.between, -libm::log(r)),
        ];
        LogWealth::sum(&terms, tally.none + tally.full + tally.between)
    }

    /// The logarithm of the product of [`Bet::factor`] over some gains.
    pub fn log_product(self, r: f64, gains: impl Iterator<Item = f64>) -> f64 {
        let mut product = Product::new();
        for gain in gains {
            product.multiply(self.factor(r, gain));
        }
        product.log()
    }
}

/// The number of bets of [`fallback`].
const FALLBACK: i32 = 10;

/// The bets that do not depend on the null: the fractions 1, 1/2, 1/4, ..., 0.015 of the wealth on each. For
/// each of them alone the wealth rises with the null of the risk, as `(1 - c) + c Y / r` falls in `r`.
pub fn fallback() -> impl Iterator<Item = Bet> {
    (0..FALLBACK).map(|halvings| Bet::new(0.015, libm::ldexp(1.0, -halvings)))
}

/// The bets against a null at distance `m = 1 - r` from a gain of 1: those of [`fallback`], then those aimed
/// at `precision`. With variance `v` the best bet at that precision is about `precision / v`, and `v` is at
/// most `m (1 - m)`; so the smallest bet is `precision / (m (1 - m))`, a fraction `precision / m`, and takes
/// 0.4 of the wealth; it and its doublings up to the largest bet divide 0.45 evenly.
pub fn aimed(m: f64, precision: f64) -> Vec<Bet> {
    let first = (precision / m).min(1.0);
    let mut fractions = vec![first];
    let mut next = 2.0 * first;
    while next < 1.0 {
        fractions.push(next);
        next *= 2.0;
    }
    if first < 1.0 {
        fractions.push(1.0);
    }
    let (even, extra) = (0.45 / fractions.len() as f64, 0.4);
    let shares = std::iter::once(even + extra).chain(std::iter::repeat(even));
    fallback().chain(shares.zip(fractions).map(|(share, fraction)| Bet::new(share, fraction))).collect()
}
