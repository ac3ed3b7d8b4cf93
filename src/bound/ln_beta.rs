//! The regularised incomplete beta function, as logarithms that are good far into both tails.
//!
//! `I_x(a, b)` is the probability that a Beta(a, b) variate is at most `x`. What stands before the continued
//! fraction is written with deviances and Stirling errors (Loader 2000, "Fast and accurate computation of
//! binomial probabilities"), so that no two large logarithms are subtracted. The fraction is that of DiDonato and
//! Morris (1992, ACM TOMS 708), evaluated from the front (Lentz 1976) for the tail on the far side of the mean;
//! its terms are positive for whole shapes, so that nothing cancels and two neighbouring convergents enclose
//! the value. The other tail is one minus this one.
//!
//! Invariant: the exact logarithm lies within `error` of `value`, or nothing is returned.

use super::wealth::LogWealth;

/// The fraction is given up after so many terms. For whole shapes it takes about six times the cube root of the
/// smaller one near the mean, and fewer elsewhere: this is enough for shapes up to ten thousand million.
const TERMS: u32 = 20_000;

/// The fraction has settled when a term changes it by less than four units in the last place.
const SETTLED: f64 = 1.0 / (1_u64 << 50) as f64;

/// From here on the series for the Stirling error is good to the last digit.
const LARGE: f64 = 10.0;

/// Logarithms of both tails of a Beta distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tails {
    /// The logarithm of `I_x(a, b)`.
    pub below: LogWealth,
    /// The logarithm of `1 - I_x(a, b)`.
    pub above: LogWealth,
}

/// The tails of Beta(a, b) on both sides of `x`, taken as the exact numbers that they are. Nothing where a
/// shape is not positive and finite, `x` is not in (0, 1), or the fraction does not settle.
pub fn tails(a: f64, b: f64, x: f64) -> Option<Tails> {
    let inside = a > 0.0 && b > 0.0 && (a + b).is_finite() && x > 0.0 && x < 1.0;
    if !inside {
        return None;
    }
    let y = 1.0 - x;
    // One rounding, however near `x` is to the mean.
    let above_mean = libm::fma(-(a + b), x, a);
    let density = ln_density(a, b, (a + b) * x, (a + b) * y, above_mean);
    let (fraction, terms) = if above_mean >= 0.0 {
        fraction(a, b, x, y, above_mean)?
    } else {
        fraction(b, a, y, x, -above_mean)?
    };
    let mut parts = density.to_vec();
    parts.push(-libm::log(fraction));
    let near = LogWealth::sum(&parts, u64::from(terms) + 1);
    let far = complement(near)?;
    Some(if above_mean >= 0.0 {
        Tails { below: near, above: far }
    } else {
        Tails { below: far, above: near }
    })
}

/// The logarithm of the probability of at most `k` among `n` independent draws, each 1 with probability `m`.
pub fn ln_binomial_cdf(k: u64, n: u64, m: f64) -> Option<LogWealth> {
    if k >= n {
        return Some(LogWealth { value: 0.0, error: 0.0 });
    }
    tails(k as f64 + 1.0, (n - k) as f64, m).map(|tails| tails.above)
}

/// The logarithm of one minus a probability.
fn complement(ln: LogWealth) -> Option<LogWealth> {
    let probability = libm::exp(ln.value);
    let rest = 1.0 - probability;
    if rest.is_nan() || rest <= 0.0 {
        return None;
    }
    let odds = probability / rest;
    let LogWealth { value, error } = LogWealth::sum(&[libm::log1p(-probability)], 1);
    // To first order the error is multiplied by the odds; doubled for what is beyond.
    (ln.error * (1.0 + odds) < 0.1)
        .then_some(LogWealth { value, error: error * (1.0 + odds) + 2.0 * odds * ln.error })
}

/// The terms of `ln(x^a y^b / B(a, b))`, where `nx = (a + b) x`, `ny = (a + b) y` and `d = a - nx = ny - b`.
fn ln_density(a: f64, b: f64, nx: f64, ny: f64, d: f64) -> [f64; 8] {
    let n = a + b;
    let scale = libm::log(a / n * b / std::f64::consts::TAU) / 2.0;
    let [a_near, a_far] = deviance(a, nx, d);
    let [b_near, b_far] = deviance(b, ny, -d);
    [scale, stirling_error(n), -stirling_error(a), -stirling_error(b), -a_near, -a_far, -b_near, -b_far]
}

/// `a ln(a / mean) + mean - a` with `d = a - mean`, as two terms of which the second is 0 near the mean.
fn deviance(a: f64, mean: f64, d: f64) -> [f64; 2] {
    if d.abs() >= 0.1 * (a + mean) {
        return [a * libm::log(a / mean), -d];
    }
    let v = d / (a + mean);
    let mut sum = d * v;
    let mut power = 2.0 * a * v;
    for j in 1..=10 {
        power *= v * v;
        sum += power / f64::from(2 * j + 1);
    }
    [sum, 0.0]
}

/// `ln(gamma(a + 1))` minus Stirling's formula for it.
fn stirling_error(a: f64) -> f64 {
    if a < LARGE {
        return libm::lgamma(a + 1.0) - (a + 0.5) * libm::log(a) + a - libm::log(std::f64::consts::TAU) / 2.0;
    }
    let series = [691.0 / 360_360.0, 1.0 / 1188.0, 1.0 / 1680.0, 1.0 / 1260.0, 1.0 / 360.0, 1.0 / 12.0];
    series.iter().fold(0.0, |sum, term| term - sum / (a * a)) / a
}

/// The fraction by which `x^a y^b / B(a, b)` is to be divided to give `I_x(a, b)`, for `x` at or below the mean,
/// and the number of its terms; `d = a - (a + b) x`.
fn fraction(a: f64, b: f64, x: f64, y: f64, d: f64) -> Option<(f64, u32)> {
    debug_assert!(d >= 0.0 && y > 0.0, "beyond the mean");
    let denominator = |m: f64| {
        m + m * (b - m) * x / (a + 2.0 * m - 1.0) + (a + m) * (d + 1.0 + m * (1.0 + y)) / (a + 2.0 * m + 1.0)
    };
    let mut value = a * (d + 1.0) / (a + 1.0);
    let (mut c, mut inverse) = (value, 0.0);
    for term in 1..=TERMS {
        let m = f64::from(term);
        let root = a + 2.0 * m - 1.0;
        let numerator = (a + m - 1.0) / root * (a + b + m - 1.0) / root * m * (b - m) * x * x;
        let below = denominator(m);
        inverse = 1.0 / (below + numerator * inverse);
        c = below + numerator / c;
        let change = c * inverse;
        value *= change;
        if (change - 1.0).abs() <= SETTLED {
            return (value > 0.0 && value.is_finite()).then_some((value, term));
        }
    }
    None
}

#[cfg(test)]
mod tests;
