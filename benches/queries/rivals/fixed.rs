//! Sample sizes that are fixed beforehand, and what no method can do with less. The limits at such a size hold
//! there and nowhere else: whoever looks before and stops because it looks good has none.
//!
//! Hoeffding's size is enough whatever the risk. That of Clopper and Pearson (1934) is an oracle's: it knows the
//! risk, takes the count of losses that is most expected for granted, and so is enough every second time.

use statrs::distribution::{Beta, Binomial, ContinuousCDF, DiscreteCDF, Normal};

/// Hoeffding's draws for limits within `precision` of the mean, `alpha` for each side.
pub fn hoeffding(precision: f64, alpha: f64) -> u64 {
    (-alpha.ln() / (2.0 * precision * precision)).ceil() as u64
}

/// The draws at which the central limit theorem gives that width, with the variance known.
pub fn central_limit(precision: f64, alpha: f64, variance: f64) -> u64 {
    let z = Normal::standard().inverse_cdf(1.0 - alpha);
    (z * z * variance / (precision * precision)).round() as u64
}

/// What a sequential test with error `alpha` needs on average at least to tell `risk` from `threshold` (Wald).
pub fn information(risk: f64, threshold: f64, alpha: f64) -> u64 {
    let part = |p: f64, q: f64| if p > 0.0 { p * (p / q).ln() } else { 0.0 };
    (-alpha.ln() / (part(risk, threshold) + part(1.0 - risk, 1.0 - threshold))).round() as u64
}

/// The fewest draws at which exact limits, at the count of losses that is expected, are as tight as `precision`.
pub fn clopper_pearson(precision: f64, alpha: f64, two_sided: bool, risk: f64) -> u64 {
    let tight = |draws: u64| {
        let n = draws as f64;
        let ones = (risk * n).round();
        let upper = limit(ones + 1.0, n - ones, 1.0 - alpha);
        let width = if two_sided {
            let lower = if ones > 0.0 { limit(ones, n - ones + 1.0, alpha) } else { 0.0 };
            (upper - lower) / 2.0
        } else {
            upper - ones / n
        };
        width <= precision
    };
    // The width is a saw: it falls with the draws and jumps up with each loss. A tooth is at most `1 / risk` long.
    let mut shut = hoeffding(precision, alpha) * 2;
    let mut open = 0;
    while shut - open > 1 {
        let middle = u64::midpoint(open, shut);
        if tight(middle) {
            shut = middle;
        } else {
            open = middle;
        }
    }
    let teeth = if risk > 0.0 { (3.0 / risk).ceil() as u64 } else { 0 };
    (shut.saturating_sub(teeth).max(1)..=shut).find(|&draws| tight(draws)).unwrap_or(shut)
}

fn limit(a: f64, b: f64, share: f64) -> f64 {
    Beta::new(a, b).expect("the shapes are positive").inverse_cdf(share)
}

/// The fewest draws at which an exact test decides at least every second time, of a risk that it knows.
pub fn exact_test(risk: f64, threshold: f64, alpha: f64) -> u64 {
    let rejects = |draws: u64| {
        let found = Binomial::new(risk, draws).expect("the risk is a probability");
        let null = Binomial::new(threshold, draws).expect("the threshold is a probability");
        let expected = (risk * draws as f64).floor() as u64;
        let median = if found.cdf(expected) >= 0.5 { expected } else { expected + 1 };
        if risk < threshold { null.cdf(median) <= alpha } else { null.sf(median.max(1) - 1) <= alpha }
    };
    (1..u64::MAX).find(|&draws| rejects(draws)).unwrap_or(u64::MAX)
}
