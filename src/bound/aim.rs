//! Limits on a mean of losses that are 0 or 1: bets aimed at the precision that the user asked for.
//!
//! Against the null "the risk is at least `m`" the wealth is a fixed mixture of three likelihood ratios:
//! 0.7 on the risk `m - precision` (or `m / 2` where that is small), 0.1 on the risk 0, and 0.2 on the
//! Beta(1/2, 1/2) mixture over all risks (Robbins 1970). Each is a martingale at `m` and falls as the risk
//! rises above `m`, so by Ville's inequality the wealth ever reaches `1 / alpha` with probability at most
//! `alpha`. The logarithm rises in `m` above the mean of the losses, so the nulls that are rejected are all
//! those above one limit, which is found by bisection.
//!
//! Invariant: every published limit is itself rejected in exact arithmetic (or is 0 or 1, which claim
//! nothing).

use super::wealth::{LogWealth, hurdle, mirrored};
use super::{Bound, Interval, Observation};

/// Bisection ends when the bracket is this narrow, relative to the distance of its upper end from 0 and 1.
const CLOSE: f64 = 1e-12;

/// More halvings than any bracket of 64-bit numbers needs to become [`CLOSE`] or empty.
const HALVINGS: u32 = 1_100;

/// What `lgamma` may add to the error, beyond its share of the rounding of the terms.
const GAMMA_ERROR: f64 = 1e-9;

/// The logarithm of the wealth against "the risk is at least `m`", after `ones` losses of 1 and `zeros`
/// losses of 0. `m` is in (0, 1), elsewhere there is no bet and nothing is won; `precision` is in units of
/// the risk.
pub fn log_e(ones: u64, zeros: u64, m: f64, precision: f64) -> LogWealth {
    Counts::new(ones, zeros).log_e(m, precision, SHARES)
}

/// The smallest `m` above the mean of the losses that is rejected at `alpha`, rounded up; 1 if there is none.
pub fn upper(ones: u64, zeros: u64, precision: f64, alpha: f64) -> f64 {
    Counts::new(ones, zeros).tighten(1.0, precision, hurdle(alpha))
}

/// What is bet on the aimed risk, on the risk 0, and on the Beta(1/2, 1/2) mixture.
const SHARES: [f64; 3] = [0.7, 0.1, 0.2];

/// Counts of losses, and the part of the wealth that depends on them alone.
pub(super) struct Counts {
    ones: f64,
    zeros: f64,
    draws: u64,
    ln_beta: [f64; 3],
}

impl Counts {
    pub(super) fn new(ones: u64, zeros: u64) -> Self {
        let draws = ones.saturating_add(zeros);
        let (ones, zeros) = (ones as f64, zeros as f64);
        let ln_beta =
            [libm::lgamma(0.5 + ones), libm::lgamma(0.5 + zeros), -libm::lgamma(1.0 + ones + zeros)];
        Self { ones, zeros, draws, ln_beta }
    }

    /// The logarithm of the wealth that these shares have become; it rises in `m` above the mean of the losses.
    pub(super) fn log_e(&self, m: f64, precision: f64, shares: [f64; 3]) -> LogWealth {
        if !(m > 0.0 && m < 1.0) {
            return LogWealth::NOTHING;
        }
        // 1 - q is made from 1 - m, so that neither loses digits where m is near 1.
        let rest = 1.0 - m;
        let (q, rest_of_q) =
            if m > 2.0 * precision { (m - precision, rest + precision) } else { (m / 2.0, 1.0 - m / 2.0) };
        let (ln_m, ln_rest) = (libm::log(m), libm::log1p(-m));
        let unaimed = -self.zeros * ln_rest;
        let aimed =
            [libm::log(shares[0]), self.ones * libm::log(q / m), self.zeros * libm::log(rest_of_q), unaimed];
        let spotless = [libm::log(shares[1]), unaimed];
        let [first, second, third] = self.ln_beta;
        let spread = [
            libm::log(shares[2]),
            first,
            second,
            third,
            -libm::log(std::f64::consts::PI),
            -self.ones * ln_m,
            unaimed,
        ];
        let spotless =
            if self.ones == 0.0 { LogWealth::sum(&spotless, self.draws) } else { LogWealth::NOTHING };
        LogWealth::total(&[
            LogWealth::sum(&aimed, self.draws),
            spotless,
            LogWealth::sum(&spread, self.draws).give_or_take(GAMMA_ERROR),
        ])
    }

    /// Moves an upper limit down as far as the losses reject.
    fn tighten(&self, limit: f64, precision: f64, hurdle: f64) -> f64 {
        if self.draws == 0 || self.zeros == 0.0 {
            return limit;
        }
        let rejects = |m: f64| self.log_e(m, precision, SHARES).rejects(hurdle);
        let mut open = self.ones / (self.ones + self.zeros);
        let mut shut = limit;
        // A limit below the mean contradicts the losses; that is for the reader of the interval to see.
        if shut <= open || (shut < 1.0 && !rejects(shut)) {
            return limit;
        }
        for _ in 0..HALVINGS {
            let middle = open + (shut - open) / 2.0;
            if shut - open <= CLOSE * shut.min(1.0 - shut) || middle <= open || middle >= shut {
                break;
            }
            if rejects(middle) {
                shut = middle;
            } else {
                open = middle;
            }
        }
        shut
    }
}

/// The bound for losses that are 0 or 1. Only counts are kept.
///
/// A draw that stayed unanswered is a loss of 1 for the upper limit and of 0 for the lower. So is, to stay on
/// the safe side, a loss that is neither 0 nor 1.
#[derive(Debug, Clone)]
pub struct Aim {
    precision: f64,
    lower_hurdle: Option<f64>,
    upper_hurdle: Option<f64>,
    zeros: u64,
    ones: u64,
    unknown: u64,
    /// The upper limit, and the upper limit on one minus the risk.
    limits: (f64, f64),
}

impl Aim {
    /// A bound with the given half-width in mind, in units of the risk, and for each claimed side the
    /// probability with which it may be wrong.
    pub fn new(precision: f64, lower: Option<f64>, upper: Option<f64>) -> Self {
        Self {
            // Not a number becomes 0, which is no use and no harm: the aimed bet then stakes nothing.
            precision: if precision > 0.0 { precision.min(1.0) } else { 0.0 },
            lower_hurdle: lower.map(hurdle),
            upper_hurdle: upper.map(hurdle),
            zeros: 0,
            ones: 0,
            unknown: 0,
            limits: (1.0, 1.0),
        }
    }
}

impl Bound for Aim {
    fn observe(&mut self, observation: Observation) {
        match observation {
            Observation::Loss(0.0) => self.zeros += 1,
            Observation::Loss(1.0) => self.ones += 1,
            // A loss that is not sure, or neither 0 nor 1, is the worst for either limit.
            Observation::Loss(_) | Observation::Unanswered | Observation::Between(..) => self.unknown += 1,
        }
    }

    fn read(&mut self) -> Interval {
        let (upper, mirror) = &mut self.limits;
        if let Some(hurdle) = self.upper_hurdle {
            let counts = Counts::new(self.ones + self.unknown, self.zeros);
            *upper = counts.tighten(*upper, self.precision, hurdle);
        }
        if let Some(hurdle) = self.lower_hurdle {
            let counts = Counts::new(self.zeros + self.unknown, self.ones);
            *mirror = counts.tighten(*mirror, self.precision, hurdle);
        }
        Interval { lower: mirrored(*mirror), upper: *upper }
    }
}

#[cfg(test)]
mod tests;
