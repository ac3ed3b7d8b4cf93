//! The fixed-sample test that lies in wait behind one null: at how many draws it is due, how few bad ones it
//! rejects at, and the chance that it still will.
//!
//! The horizon is about the number of draws at which an interval of the asked precision can be had when the risk
//! is one precision below the null. Under the null, the chance of a rejection at the horizon given the draws so
//! far, divided by that before the first draw, is a martingale of mean 1; where the risk is higher than the null
//! it only falls. From the horizon on it stays what it was there.
//!
//! Invariant: horizon and critical count depend on the null, the precision and the share only.

use super::ln_beta::ln_binomial_cdf;
use super::outcomes::Outcomes;
use super::wealth::LogWealth;

/// The part of a claim's share that a test may use: what is staked on it, so that it rejects alone at its horizon.
pub const SHARE: f64 = 0.72;

/// The part of that for which horizons are made: counts are whole, so a test seldom uses its share in full.
const TIGHTER: f64 = 0.9;

/// No level has this many draws.
const MOST: f64 = 9e15;

/// What the plan fixes for all nulls of one claim.
#[derive(Debug, Clone, Copy)]
pub struct Horizons {
    precision: f64,
    /// The error probability of the test at the horizon, as a logarithm.
    ln_share: f64,
    /// The same, a little less, for which horizons are made.
    ln_tight: f64,
    /// The normal quantile that goes with it.
    z: f64,
}

/// The test of one null.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Horizon {
    m: f64,
    /// The number of draws at which the test is due.
    pub draws: u64,
    /// It rejects at this many bad draws or fewer.
    pub critical: u64,
    /// The logarithm of the probability of that under the null.
    pub ln_size: LogWealth,
}

impl Horizons {
    /// For a claim with the share `alpha`, in (0, 1); `precision` in units of the risk.
    pub fn new(precision: f64, alpha: f64) -> Self {
        let tight = TIGHTER * SHARE * alpha;
        Self {
            precision,
            ln_share: libm::log(SHARE * alpha),
            ln_tight: libm::log(tight),
            z: upper_quantile(tight),
        }
    }

    /// The test of the null `m`, in (0, 1). None where its size cannot be computed: there is no test then, and
    /// nothing is won by it.
    pub fn at(&self, m: f64) -> Option<Horizon> {
        let draws = self.draws(m)?;
        let critical = self.critical(m, draws)?;
        Some(Horizon { m, draws, critical, ln_size: ln_binomial_cdf(critical, draws, m)? })
    }

    /// The variance is taken at the risk aimed at, and a little more for where the draws may lead; no fewer draws
    /// than the test needs to reject when none is bad.
    fn draws(&self, m: f64) -> Option<u64> {
        let eps = self.precision;
        let variance = if m < 2.0 * eps {
            m * (1.0 - m)
        } else {
            let aim = m - eps;
            aim * (1.0 - aim) + eps * (1.0 - 2.0 * aim).abs()
        };
        let wide = 1.03 * self.z * self.z * variance / (eps * eps) + 1.0 / eps;
        let draws = wide.max(self.ln_tight / libm::log1p(-m)).ceil();
        (1.0..MOST).contains(&draws).then_some(draws as u64)
    }

    /// The largest count whose probability, or that of fewer, is at most the share. The claim stays valid whatever
    /// count is taken, as the size is computed from it, so rounding does not matter here.
    fn critical(&self, m: f64, draws: u64) -> Option<u64> {
        let fits = |count: u64| Some(ln_binomial_cdf(count, draws, m)?.value <= self.ln_share);
        let n = draws as f64;
        let skew = (self.z * self.z - 1.0) * (1.0 - 2.0 * m) / 6.0;
        let guess = (n * m - self.z * (n * m * (1.0 - m)).sqrt() + skew).clamp(0.0, n) as u64;
        // A bracket around the guess, doubled until it holds the answer.
        let (mut open, mut reach) = (guess, 2);
        while fits(open)? {
            if open == draws {
                return None;
            }
            open = open.saturating_add(reach).min(draws);
            reach *= 2;
        }
        let (mut shut, mut reach) = (open, 2);
        while !fits(shut)? {
            if shut == 0 {
                return None;
            }
            open = shut;
            shut = shut.saturating_sub(reach);
            reach *= 2;
        }
        while open - shut > 1 {
            let middle = shut + (open - shut) / 2;
            if fits(middle)? {
                shut = middle;
            } else {
                open = middle;
            }
        }
        Some(shut)
    }
}

impl Horizon {
    /// The logarithm of the martingale after the given draws.
    pub fn log_e(&self, outcomes: &Outcomes) -> LogWealth {
        let seen = outcomes.draws().min(self.draws);
        let Some(to_spare) = self.critical.checked_sub(outcomes.bad_among_first(seen)) else {
            return LogWealth::NOTHING;
        };
        let Some(chance) = ln_binomial_cdf(to_spare, self.draws - seen, self.m) else {
            return LogWealth::NOTHING;
        };
        LogWealth::sum(&[chance.value, -self.ln_size.value], 1)
            .give_or_take(chance.error + self.ln_size.error)
    }
}

/// The point that a standard normal variate exceeds with this probability, or 0 where that is more than a half.
fn upper_quantile(probability: f64) -> f64 {
    let (mut low, mut high) = (0.0, 40.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if libm::erfc(middle / std::f64::consts::SQRT_2) / 2.0 > probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests;
