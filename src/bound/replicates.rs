//! How many complete passes over the data set a limit on a quantile of the data-set risk takes, and the limit.
//!
//! A pass asks every row once with fresh noise, and gives one number: the mean loss over the data set. Passes are
//! independent and alike, so the largest of `R` of them lies below the `theta`-quantile with a chance of at most
//! `theta^R`, whatever the distribution (Wilks 1941). This holds for an `R` fixed before the first query, and for that
//! `R` alone: there is no limit before all passes are complete, and passes beyond are not looked at.
//!
//! Invariant: for the `R` of [`passes`], `theta^R <= alpha` in exact arithmetic.

/// Below this the rest of a product may be too small for a number.
const SMALL: f64 = 1e-280;

/// The smallest number of passes whose largest number is an upper limit of the `theta`-quantile that is wrong with
/// a chance of at most `alpha`; none where `theta` is not in (0, 1) or cannot be told from 1, or `alpha` is below
/// 1e-280.
pub fn passes(theta: f64, alpha: f64) -> Option<u64> {
    if !(theta > 0.0 && theta < 1.0 && alpha >= SMALL) {
        return None;
    }
    let theta = at_least_typed(theta);
    let (mut few, mut enough) = (0, 1);
    while power_rounded_up(theta, enough) > alpha {
        few = enough;
        // Next to 1 all powers are rounded up to where they were.
        enough = enough.checked_mul(2)?;
    }
    while enough - few > 1 {
        let middle = few + (enough - few) / 2;
        if power_rounded_up(theta, middle) > alpha {
            few = middle;
        } else {
            enough = middle;
        }
    }
    Some(enough)
}

/// A number that the decimal that was typed is not above: the next one, but for multiples of 1/4096, which are
/// typed and stored alike.
fn at_least_typed(theta: f64) -> f64 {
    if (theta * 4096.0).fract() == 0.0 { theta } else { theta.next_up() }
}

/// `base^exponent`, or a little more where it must be rounded; `base` is in [0, 1].
fn power_rounded_up(base: f64, mut exponent: u64) -> f64 {
    let (mut power, mut square) = (1.0, base);
    while exponent > 0 {
        if exponent % 2 == 1 {
            power = product_rounded_up(power, square);
        }
        square = product_rounded_up(square, square);
        exponent /= 2;
    }
    power
}

fn product_rounded_up(a: f64, b: f64) -> f64 {
    let product = a * b;
    // A fused product rounds once, so its sign is that of the exact difference.
    if product < SMALL || libm::fma(a, b, -product) > 0.0 { product.next_up() } else { product }
}

/// The passes over the data set, as many as were fixed beforehand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Passes {
    needed: u64,
    complete: u64,
    largest: f64,
}

impl Passes {
    /// No pass yet of the `needed` ones: as many as [`passes`] gives, or more.
    pub fn new(needed: u64) -> Self {
        Self { needed, complete: 0, largest: 0.0 }
    }

    /// Takes the number of the next complete pass, in order; none where it is not known because of unanswered draws,
    /// which a number that is not finite counts as, too. Passes beyond those needed change nothing.
    pub fn observe(&mut self, number: Option<f64>) {
        if self.complete == self.needed {
            return;
        }
        let number = number.filter(|number| number.is_finite()).unwrap_or(f64::INFINITY);
        self.largest = if self.complete == 0 { number } else { self.largest.max(number) };
        self.complete += 1;
    }

    /// How many passes are complete, at most those needed.
    pub fn complete(&self) -> u64 {
        self.complete
    }

    /// The upper limit, once all passes are complete; infinite where one of them is not known.
    pub fn limit(&self) -> Option<f64> {
        (self.complete == self.needed && self.needed > 0).then_some(self.largest)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::rngs::ChaCha8Rng;
    use rand::{RngExt, SeedableRng};

    use super::*;
    use crate::bound::coverage::alarm;

    #[test]
    fn as_many_passes_as_in_the_tables() {
        let known = [
            (0.95, 0.05, 59),
            (0.9, 0.05, 29),
            (0.99, 0.05, 299),
            (0.95, 0.01, 90),
            (0.99, 0.01, 459),
            (0.5, 0.05, 5),
            (0.999, 0.001, 6_905),
            (0.01, 0.05, 1),
        ];
        for (theta, alpha, expected) in known {
            assert_eq!(passes(theta, alpha), Some(expected), "{theta}, {alpha}");
        }
    }

    #[test]
    fn a_chance_that_is_exactly_alpha_is_enough() {
        assert_eq!(passes(0.5, 0.125), Some(3));
        assert_eq!(passes(0.5, 0.125_f64.next_down()), Some(4));
        assert_eq!(passes(0.75, 0.5625), Some(2));
        // Stored a little above 0.1 and to be trusted to neither side, so 0.1^3 is above 0.001.
        assert_eq!(passes(0.1, 0.001), Some(4));
        assert_eq!(passes(0.5, 1.0), Some(1));
    }

    #[test]
    fn what_is_no_chance_has_no_number_of_passes() {
        for odd in [0.0, 1.0, -0.5, 1.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(passes(odd, 0.05), None, "{odd}");
        }
        for odd in [0.0, -1.0, f64::NAN] {
            assert_eq!(passes(0.5, odd), None, "{odd}");
        }
        assert_eq!(passes(f64::MIN_POSITIVE, 0.05), Some(1));
        assert_eq!(passes(0.5, SMALL), Some(931));
        assert_eq!(passes(0.5, SMALL.next_down()), None);
        // The next number above is 1, of which no power is small.
        assert_eq!(passes(1.0_f64.next_down(), 0.05), None);
    }

    proptest! {
        #[test]
        fn the_chance_is_at_most_alpha_and_one_pass_fewer_is_too_few(theta in 0.001..0.9999, alpha in 1e-9..0.5) {
            let enough = passes(theta, alpha).unwrap();
            let log = |count: u64| count as f64 * libm::log(theta);
            prop_assert!(log(enough) <= libm::log(alpha) + 1e-12);
            prop_assert!(log(enough - 1) > libm::log(alpha) - 1e-9);
        }

        #[test]
        fn powers_are_rounded_up_and_hardly(base in 0.0..=1.0, exponent in 0_u64..300) {
            let power = power_rounded_up(base, exponent);
            let exact = libm::exp(exponent as f64 * libm::log(base));
            prop_assert!(exponent == 0 || exact == 0.0 || (power / exact - 1.0).abs() < 1e-10 || exact < 1e-270);
            // A product of numbers of few digits is exact.
            let short = (base * 1024.0).ceil().max(1.0) / 1024.0;
            prop_assert_eq!(power_rounded_up(short, 2), short * short);
        }
    }

    #[test]
    fn squares_are_the_exact_ones_rounded_up() {
        let whole = |number: f64, bits: i32| libm::ldexp(number, bits) as u128;
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        for _ in 0..1_000 {
            let base = rng.random_range(0.5..1.0);
            let (square, exact) = (power_rounded_up(base, 2), whole(base, 53).pow(2));
            assert!(whole(square, 106) >= exact && whole(square.next_down(), 106) < exact, "{base}");
        }
    }

    fn observed(needed: u64, numbers: &[Option<f64>]) -> Passes {
        let mut passes = Passes::new(needed);
        for &number in numbers {
            passes.observe(number);
        }
        passes
    }

    #[test]
    fn there_is_a_limit_when_all_passes_are_complete_and_not_before() {
        let numbers = [Some(2.0), Some(5.0), Some(1.0)];
        assert_eq!(observed(3, &numbers[..2]).limit(), None);
        assert_eq!(observed(3, &numbers[..2]).complete(), 2);
        assert_eq!(observed(3, &numbers).limit(), Some(5.0));
        assert_eq!(observed(0, &[]).limit(), None, "no pass limits nothing");
        assert_eq!(observed(2, &[Some(-2.0), Some(-3.0)]).limit(), Some(-2.0));
    }

    #[test]
    fn passes_beyond_change_nothing() {
        for beyond in [Some(9.0), Some(0.0), None] {
            let passes = observed(2, &[Some(2.0), Some(5.0), beyond]);
            assert_eq!((passes.limit(), passes.complete()), (Some(5.0), 2));
        }
    }

    #[test]
    fn a_pass_that_is_not_known_has_no_finite_limit() {
        for odd in [None, Some(f64::NAN), Some(f64::INFINITY), Some(f64::NEG_INFINITY)] {
            assert_eq!(observed(2, &[odd, Some(1.0)]).limit(), Some(f64::INFINITY), "{odd:?}");
            assert_eq!(observed(2, &[Some(1.0), odd]).limit(), Some(f64::INFINITY), "{odd:?}");
        }
    }

    /// In how many of 2,000 simulated audits the limit lies below the quantile.
    fn misses(needed: u64, number: impl Fn(f64) -> f64, quantile: f64) -> u64 {
        (0..2_000)
            .map(|run| {
                let mut rng = ChaCha8Rng::seed_from_u64(run);
                let mut passes = Passes::new(needed);
                (0..needed).for_each(|_| passes.observe(Some(number(rng.random::<f64>()))));
                u64::from(passes.limit().expect("all are complete") < quantile)
            })
            .sum()
    }

    #[test]
    fn the_limit_misses_as_often_as_allowed() {
        for (theta, alpha) in [(0.5, 0.0625), (0.9, 0.05), (0.95, 0.05)] {
            let needed = passes(theta, alpha).unwrap();
            let limit = alarm(2_000, alpha);
            let smooth = |needed| misses(needed, |u| -libm::log1p(-u), -libm::log1p(-theta));
            assert!(smooth(needed) < limit, "{theta}: {} misses", smooth(needed));
            // Where numbers repeat, up to 20 theta is as likely as theta, and the quantile may be the next one up.
            let steps = misses(needed, |u| (u * 20.0).floor(), (theta * 20.0).round());
            assert!(steps < limit, "{theta}: {steps} misses");
            let too_few = smooth(needed * 3 / 4);
            assert!(
                too_few >= limit,
                "{theta}: fewer passes are noticed, {too_few} misses, alarm at {limit}"
            );
        }
    }
}
