use proptest::prelude::*;
use serde::Deserialize;
use statrs::distribution::{Beta, ContinuousCDF};

use super::*;
use crate::bound::vectors::cases;

#[derive(Deserialize)]
struct Case {
    a: f64,
    b: f64,
    x: f64,
    below: f64,
    above: f64,
}

#[test]
fn both_tails_are_the_reference_tails_within_the_stated_error() {
    for Case { a, b, x, below, above } in cases(include_str!("../../../tests/vectors/ln_beta.json")) {
        let found = tails(a, b, x).unwrap();
        for (found, exact) in [(found.below, below), (found.above, above)] {
            let place = format!("{a}, {b} at {x}: {found:?}, reference {exact}");
            // The reference is itself rounded.
            let rounding = exact.abs() * f64::EPSILON;
            assert!((found.value - exact).abs() <= found.error + rounding, "{place}");
            assert!(found.error <= 1e-11 * exact.abs().max(1.0), "{place}");
        }
    }
}

#[test]
fn the_reference_reaches_far_tails_and_balanced_large_shapes() {
    let all: Vec<Case> = cases(include_str!("../../../tests/vectors/ln_beta.json"));
    assert!(all.iter().any(|case| case.below < -690.0) && all.iter().any(|case| case.above < -690.0));
    assert!(all.iter().any(|case| case.a == 1e6 && case.b == 1e6 && case.x == 0.5));
}

#[test]
fn half_of_a_balanced_distribution_lies_on_either_side() {
    for shape in [0.5, 1.0, 3.0, 1e3, 1e5, 1e6, 1e7] {
        let Tails { below, above } = tails(shape, shape, 0.5).unwrap();
        for tail in [below, above] {
            let exact = -std::f64::consts::LN_2;
            assert!((tail.value - exact).abs() <= tail.error.min(1e-11), "{shape}: {tail:?}");
        }
    }
}

#[test]
fn few_draws_are_counted_by_hand() {
    let close = |k, n, m: f64, p: f64| {
        let found = ln_binomial_cdf(k, n, m).unwrap();
        assert!((found.value - p.ln()).abs() <= 1e-13, "{k} of {n} at {m}: {found:?}");
    };
    close(0, 3, 0.25, 27.0 / 64.0);
    close(1, 3, 0.25, 54.0 / 64.0);
    close(2, 3, 0.25, 63.0 / 64.0);
    close(0, 1, 0.9, 0.1);
    assert_eq!(ln_binomial_cdf(3, 3, 0.25), Some(LogWealth { value: 0.0, error: 0.0 }));
    assert_eq!(ln_binomial_cdf(0, 0, 0.25), Some(LogWealth { value: 0.0, error: 0.0 }));
}

#[test]
fn what_has_no_answer_or_takes_too_long_gives_none() {
    let odd = [0.0, -1.0, f64::NAN, f64::INFINITY];
    for odd in odd {
        assert_eq!(tails(odd, 2.0, 0.5), None, "{odd}");
        assert_eq!(tails(2.0, odd, 0.5), None, "{odd}");
        assert_eq!(tails(2.0, 2.0, odd), None, "{odd}");
    }
    assert_eq!(tails(2.0, 2.0, 1.0), None);
    assert_eq!(tails(1e12, 1e12, 0.5), None);
    assert_eq!(ln_binomial_cdf(2, 4, 0.0), None);
}

proptest! {
    #[test]
    fn the_tails_agree_with_another_library_where_that_is_good(
        a in 0.5_f64..2e3, b in 0.5_f64..2e3, place in -5.0_f64..5.0,
    ) {
        let mean = a / (a + b);
        let x = (mean + place * (mean * (1.0 - mean) / (a + b + 1.0)).sqrt()).clamp(1e-3, 0.999);
        let Tails { below, above } = tails(a, b, x).unwrap();
        let other = Beta::new(a, b).unwrap();
        prop_assert!((libm::exp(below.value) - other.cdf(x)).abs() < 1e-9);
        prop_assert!((libm::exp(above.value) - other.sf(x)).abs() < 1e-9);
    }

    #[test]
    fn the_tails_mirror(a in 0.5_f64..1e4, b in 0.5_f64..1e4, eighths in 1_u32..8) {
        let x = f64::from(eighths) / 8.0;
        let (one, other) = (tails(a, b, x).unwrap(), tails(b, a, 1.0 - x).unwrap());
        prop_assert!((one.below.value - other.above.value).abs() <= one.below.error + other.above.error);
        prop_assert!((one.above.value - other.below.value).abs() <= one.above.error + other.below.error);
    }

    #[test]
    fn the_binomial_tail_is_its_sum(n in 1_u64..60, share in 0.0_f64..1.0, m in 0.01_f64..0.99) {
        let k = ((n as f64 * share) as u64).min(n - 1);
        let mut mass = libm::pow(1.0 - m, n as f64);
        let mut sum = mass;
        for i in 1..=k {
            mass *= (n - i + 1) as f64 / i as f64 * m / (1.0 - m);
            sum += mass;
        }
        let found = ln_binomial_cdf(k, n, m).unwrap();
        prop_assert!((found.value - libm::log(sum)).abs() <= 1e-11 * libm::log(sum).abs().max(1.0), "{found:?} {sum}");
    }
}
