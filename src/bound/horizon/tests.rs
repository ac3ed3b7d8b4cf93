use statrs::distribution::{ContinuousCDF, Normal};

use super::*;

#[test]
fn the_quantile_is_the_normal_one() {
    let normal = Normal::standard();
    for p in [0.4, 0.1, 0.025, 0.001, 1e-6, 1e-12, 1e-100] {
        assert!((upper_quantile(p) + normal.inverse_cdf(p)).abs() < 1e-9, "{p}");
    }
    assert_eq!(upper_quantile(0.7), upper_quantile(0.5));
}

#[test]
fn the_critical_count_is_the_largest_within_the_share() {
    for (precision, alpha) in [(0.02, 0.025), (0.05, 0.2), (0.3, 1e-9), (0.01, 1e-200)] {
        let horizons = Horizons::new(precision, alpha);
        for m in [0.004, 0.02, 0.06, 0.3, 0.5, 0.81, 0.999] {
            let horizon = horizons.at(m).unwrap();
            let chance = |count| ln_binomial_cdf(count, horizon.draws, m).unwrap().value;
            let place = format!("{m}, {precision}, {alpha}: {horizon:?}");
            assert_eq!(horizon.ln_size.value, chance(horizon.critical), "{place}");
            assert!(chance(horizon.critical) <= libm::log(0.72 * alpha), "{place}");
            assert!(chance(horizon.critical + 1) > libm::log(0.72 * alpha), "{place}");
        }
    }
}

#[test]
fn the_finest_precision_has_its_tests_too() {
    let horizons = Horizons::new(1e-5, 0.025);
    for m in [1e-7, 1e-3, 0.5, 0.999_999_9] {
        let horizon = horizons.at(m).unwrap();
        assert!(horizon.ln_size.error < 1e-9, "{horizon:?}");
    }
}

#[test]
fn what_no_test_can_be_made_for_has_none() {
    for alpha in [0.0, -1.0, 3.0, f64::NAN] {
        assert_eq!(Horizons::new(0.05, alpha).at(0.5), None, "{alpha}");
    }
    assert_eq!(Horizons::new(0.05, 0.025).at(0.0), None);
}

/// The martingale is fair: before any draw it is 1, and each next value averages to the present one.
#[test]
fn each_draw_is_a_fair_bet_at_the_null() {
    let m = 0.3;
    let horizon = Horizons::new(0.1, 0.05).at(m).unwrap();
    let mut outcomes = Outcomes::default();
    assert_eq!(horizon.log_e(&outcomes).value, 0.0);
    for i in 0..horizon.draws + 3 {
        let now = libm::exp(horizon.log_e(&outcomes).value);
        let next = |bad| {
            let mut outcomes = outcomes.clone();
            outcomes.push(bad);
            libm::exp(horizon.log_e(&outcomes).value)
        };
        let mean = m * next(true) + (1.0 - m) * next(false);
        assert!((mean - now).abs() <= 1e-10 * now, "after {i}: {now}, then {mean}");
        outcomes.push(i % 5 == 0);
    }
    assert_eq!(horizon.log_e(&outcomes).value, -horizon.ln_size.value, "it should have rejected");
}

#[test]
fn what_comes_after_the_horizon_changes_nothing() {
    let horizon = Horizons::new(0.1, 0.05).at(0.3).unwrap();
    for every in [10, 2] {
        let mut outcomes = Outcomes::default();
        (0..horizon.draws).for_each(|i| outcomes.push(i % every == 0));
        let due = horizon.log_e(&outcomes);
        assert_eq!(due == LogWealth::NOTHING, every == 2);
        for bad in [true, false] {
            let mut outcomes = outcomes.clone();
            (0..500).for_each(|_| outcomes.push(bad));
            assert_eq!(horizon.log_e(&outcomes), due);
        }
    }
}
