//! Logarithms of betting wealth that know how far rounding may have moved them.
//!
//! Every engine bets against a null and rejects it once the wealth reaches `1 / alpha` (Ville's inequality).
//! This module does the arithmetic; what to bet on is left to the engines. Invariant: the exact wealth lies
//! within `error` of `value`, so what [`LogWealth::rejects`] accepts is rejected in exact arithmetic too.

/// How much each term of a sum, and each draw behind it, may be off: 32 units in the last place. The longest
/// chain of operations behind one term or one factor has fewer than ten roundings of half a unit each.
const SLACK: f64 = 1.0 / (1_u64 << 48) as f64;

/// Products are turned into logarithms before they come near the smallest normal number.
const TINY: f64 = 3.054_936_363_499_605e-151;

/// The logarithm of a wealth and a bound on its rounding error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogWealth {
    /// The logarithm; minus infinity when all was lost.
    pub value: f64,
    /// The exact logarithm lies within `value - error ..= value + error`.
    pub error: f64,
}

impl LogWealth {
    /// Nothing is left.
    pub const NOTHING: Self = Self { value: f64::NEG_INFINITY, error: 0.0 };

    /// The sum of the terms, of which some are sums over `draws` draws.
    pub fn sum(terms: &[f64], draws: u64) -> Self {
        let value: f64 = terms.iter().sum();
        if !value.is_finite() {
            return Self::NOTHING;
        }
        let size: f64 = terms.iter().map(|term| term.abs()).sum();
        Self { value, error: SLACK * (size + draws as f64) }
    }

    /// The same, with more room for error.
    pub fn give_or_take(self, more: f64) -> Self {
        Self { error: self.error + more, ..self }
    }

    /// The wealth of all parts together. Their shares are part of their logarithms.
    pub fn total(parts: &[Self]) -> Self {
        let top = parts.iter().map(|part| part.value).fold(f64::NEG_INFINITY, f64::max);
        if top == f64::NEG_INFINITY {
            return Self::NOTHING;
        }
        let sum: f64 = parts.iter().map(|part| libm::exp(part.value - top)).sum();
        let value = top + libm::log(sum);
        // A logarithm of a sum of exponentials moves by no more than the largest move of an exponent.
        let error = parts.iter().map(|part| part.error).fold(0.0, f64::max);
        Self { value, error: error + SLACK * (1.0 + value.abs()) }
    }

    /// Whether the wealth has reached the hurdle for certain.
    pub fn rejects(self, hurdle: f64) -> bool {
        self.value - self.error >= hurdle + SLACK * hurdle.abs()
    }
}

/// The logarithm of the wealth at which a null is rejected with error probability `alpha`.
pub fn hurdle(alpha: f64) -> f64 {
    -libm::log(alpha)
}

/// `1 - limit`, rounded down: the lower limit that mirrors an upper one in `[0, 1]`.
pub fn mirrored(limit: f64) -> f64 {
    let mirror = 1.0 - limit;
    // Where the subtraction rounds, `mirror` is at least 1/2, and taking it from 1 is exact.
    if 1.0 - mirror < limit { mirror.next_down() } else { mirror }
}

/// A running product of factors in `[0, 1]`, kept as a logarithm without one logarithm for each factor.
#[derive(Debug, Clone)]
pub struct Product {
    log: f64,
    pending: f64,
}

impl Product {
    /// The empty product.
    pub fn new() -> Self {
        Self { log: 0.0, pending: 1.0 }
    }

    /// Takes one more factor. One below 2^-500 counts as 0, which can only lower the wealth; so no product
    /// leaves the normal numbers, and each factor adds half a unit in the last place at most.
    #[inline]
    pub fn multiply(&mut self, factor: f64) {
        if factor < TINY {
            self.log = f64::NEG_INFINITY;
            return;
        }
        self.pending *= factor;
        if self.pending < TINY {
            self.log += libm::log(self.pending);
            self.pending = 1.0;
        }
    }

    /// The logarithm of the product.
    pub fn log(&self) -> f64 {
        self.log + libm::log(self.pending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiny_is_two_to_the_minus_500() {
        assert_eq!(TINY, 2_f64.powi(-500));
    }

    #[test]
    fn a_mirrored_limit_is_never_too_high() {
        // 1 - 1e-17 rounds to 1, which would claim more than is known.
        assert_eq!(mirrored(1e-17), 1.0_f64.next_down());
        assert_eq!(mirrored(0.25), 0.75);
        assert_eq!(mirrored(1.0), 0.0);
        assert_eq!(mirrored(0.0), 1.0);
        for limit in [0.1, 0.3, 1e-3, 0.007, 0.499_999_9] {
            assert!(1.0 - mirrored(limit) >= limit, "{limit}");
            assert!(1.0 - mirrored(limit) - limit < 1e-15, "{limit}");
        }
    }

    #[test]
    fn a_product_survives_many_small_factors() {
        let mut product = Product::new();
        for _ in 0..10_000 {
            product.multiply(1e-120);
        }
        let exact = -1_200_000.0 * std::f64::consts::LN_10;
        assert!((product.log() - exact).abs() < 1e-6, "{}", product.log());
    }

    #[test]
    fn a_factor_of_zero_loses_everything_for_good() {
        let mut product = Product::new();
        product.multiply(0.5);
        product.multiply(0.0);
        product.multiply(1.0);
        assert_eq!(product.log(), f64::NEG_INFINITY);
        // Below the normal numbers digits are lost, and rounding could add wealth.
        let mut product = Product::new();
        product.multiply(f64::MIN_POSITIVE / 8.0);
        assert_eq!(product.log(), f64::NEG_INFINITY);
    }

    #[test]
    fn parts_that_lost_everything_do_not_spoil_the_total() {
        let one = LogWealth::sum(&[1.0, 2.0], 10);
        let total = LogWealth::total(&[LogWealth::NOTHING, one, LogWealth::NOTHING]);
        assert!((total.value - 3.0).abs() < 1e-15);
        assert!(total.error >= one.error);
        assert_eq!(LogWealth::total(&[]), LogWealth::NOTHING);
        assert_eq!(LogWealth::total(&[LogWealth::NOTHING]), LogWealth::NOTHING);
    }

    #[test]
    fn wealth_just_at_the_hurdle_does_not_reject() {
        let bar = hurdle(0.05);
        assert!(!LogWealth::sum(&[bar], 100).rejects(bar), "rounding may have lifted it there");
        assert!(LogWealth::sum(&[bar + 1e-11], 100).rejects(bar));
        assert!(!LogWealth::NOTHING.rejects(bar));
        assert!(!LogWealth::sum(&[1e9], 1).rejects(hurdle(0.0)), "no wealth is enough for alpha = 0");
        assert!(!LogWealth::sum(&[1e9], 1).rejects(f64::NAN));
    }
}
