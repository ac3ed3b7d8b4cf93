use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::bound::vectors::{cases, same_log};

#[derive(Deserialize)]
struct Case {
    ones: u64,
    draws: u64,
    precision: f64,
    alpha: f64,
    lower: f64,
    upper: f64,
}

fn after(precision: f64, alpha: f64, ones: u64, zeros: u64, unanswered: u64) -> Aim {
    let mut aim = Aim::new(precision, Some(alpha), Some(alpha));
    (aim.ones, aim.zeros, aim.unknown) = (ones, zeros, unanswered);
    aim
}

#[test]
fn limits_are_the_reference_limits_rounded_outward() {
    for case in cases::<Case>(include_str!("../../../tests/vectors/aim.json")) {
        let zeros = case.draws - case.ones;
        let interval = after(case.precision, case.alpha, case.ones, zeros, 0).read();
        let place = format!("{} of {}: {interval:?}", case.ones, case.draws);
        // The reference is the exact root, rounded to nearest: half a unit either way.
        assert!(interval.upper >= case.upper.next_down() && interval.upper <= case.upper + 1e-9, "{place}");
        assert!(interval.lower <= case.lower.next_up() && interval.lower >= case.lower - 1e-9, "{place}");
        assert_eq!(upper(case.ones, zeros, case.precision, case.alpha), interval.upper, "{place}");
    }
}

/// A null that the engine publishes as a limit, and by how much the exact logarithm of the wealth exceeds
/// the hurdle there.
#[derive(Deserialize)]
struct Rejected {
    ones: u64,
    zeros: u64,
    precision: f64,
    alpha: f64,
    limit: f64,
    log_e: f64,
    excess: f64,
}

#[test]
fn every_published_limit_is_rejected_in_exact_arithmetic() {
    for case in cases::<Rejected>(include_str!("../../../tests/vectors/aim_rejected.json")) {
        let place = format!("{} ones, {} zeros", case.ones, case.zeros);
        let found = upper(case.ones, case.zeros, case.precision, case.alpha);
        assert_eq!(found, case.limit, "{place}: run tests/vectors/rejected.py on the new limit");
        assert!(case.excess >= 0.0 && case.excess < 1e-3, "{place}: {}", case.excess);
        let wealth = log_e(case.ones, case.zeros, case.limit, case.precision);
        assert!(same_log(wealth.value, Some(case.log_e)), "{place}: {wealth:?}");
        assert!((wealth.value - case.log_e).abs() <= wealth.error, "{place}: {wealth:?}");
    }
}

#[test]
fn a_null_outside_the_open_range_wins_nothing() {
    for m in [-1.0, 0.0, 1.0, 2.0, f64::NAN] {
        assert_eq!(log_e(3, 5, m, 0.05), LogWealth::NOTHING, "{m}");
    }
    assert!(log_e(0, 5, f64::MIN_POSITIVE, 0.05).value.is_finite());
    assert!(log_e(1, 5, 1.0_f64.next_down(), 0.05).value.is_finite());
}

#[test]
fn before_the_first_draw_nothing_is_known() {
    assert_eq!(Aim::new(0.05, Some(0.025), Some(0.025)).read(), Interval { lower: 0.0, upper: 1.0 });
}

#[test]
fn a_side_without_a_claim_says_nothing() {
    let mut one_sided = Aim::new(0.05, None, Some(0.025));
    (0..500).for_each(|_| one_sided.observe(Observation::Loss(1.0)));
    (0..500).for_each(|_| one_sided.observe(Observation::Loss(0.0)));
    let interval = one_sided.read();
    assert_eq!(interval.lower, 0.0);
    assert!(interval.upper < 0.6);
}

#[test]
fn readings_are_intersected_and_may_contradict_each_other() {
    let mut aim = Aim::new(0.05, Some(0.025), Some(0.025));
    (0..300).for_each(|_| aim.observe(Observation::Loss(0.0)));
    let early = aim.read();
    (0..3_000).for_each(|_| aim.observe(Observation::Loss(1.0)));
    let late = aim.read();
    assert_eq!(late.upper, early.upper, "a limit never moves back");
    assert!(late.is_empty(), "{late:?}");
}

#[test]
fn a_loss_that_is_neither_0_nor_1_counts_against_both_limits() {
    for odd in [0.5, f64::NAN, 2.0, -1.0] {
        let mut aim = after(0.05, 0.025, 3, 90, 0);
        aim.observe(Observation::Loss(odd));
        assert_eq!(aim.read(), after(0.05, 0.025, 3, 90, 1).read(), "{odd}");
    }
}

#[test]
fn a_useless_precision_does_no_harm() {
    for precision in [f64::NAN, -1.0, 0.0, 7.0, f64::INFINITY] {
        let mut aim = Aim::new(precision, Some(0.025), Some(0.025));
        (aim.ones, aim.zeros) = (50, 950);
        let interval = aim.read();
        assert!(interval.lower < 0.05 && interval.upper > 0.05 && interval.upper < 0.2, "{interval:?}");
    }
}

proptest! {
    #[test]
    fn limits_keep_their_order_and_range(
        ones in 0_u64..3_000, zeros in 0_u64..3_000, unanswered in 0_u64..50,
        precision in 0.001_f64..0.3, alpha in 1e-6_f64..0.2,
    ) {
        let interval = after(precision, alpha, ones, zeros, unanswered).read();
        let draws = (ones + zeros + unanswered).max(1) as f64;
        prop_assert!((0.0..=1.0).contains(&interval.lower) && (0.0..=1.0).contains(&interval.upper));
        prop_assert!(interval.lower <= ones as f64 / draws);
        prop_assert!(interval.upper >= (ones + unanswered) as f64 / draws);
    }

    #[test]
    fn limits_mirror_with_the_losses(
        ones in 0_u64..3_000, zeros in 0_u64..3_000, unanswered in 0_u64..50, precision in 0.001_f64..0.3,
    ) {
        let one = after(precision, 0.025, ones, zeros, unanswered).read();
        let other = after(precision, 0.025, zeros, ones, unanswered).read();
        prop_assert_eq!(one.lower, mirrored(other.upper));
        prop_assert_eq!(other.lower, mirrored(one.upper));
    }

    #[test]
    fn an_answer_lost_never_narrows(
        ones in 1_u64..500, zeros in 1_u64..500, lost in 1_u64..20, precision in 0.001_f64..0.3,
    ) {
        let (lost_ones, lost_zeros) = (lost.min(ones), lost.min(zeros));
        let whole = after(precision, 0.025, ones, zeros, 0).read();
        for (ones, zeros, lost) in
            [(ones - lost_ones, zeros, lost_ones), (ones, zeros - lost_zeros, lost_zeros)]
        {
            let less = after(precision, 0.025, ones, zeros, lost).read();
            prop_assert!(less.lower <= whole.lower + 1e-11 && less.upper >= whole.upper - 1e-11);
        }
    }

    #[test]
    fn a_smaller_share_never_narrows(ones in 0_u64..500, zeros in 0_u64..500, alpha in 1e-6_f64..0.1) {
        let strict = after(0.05, alpha / 2.0, ones, zeros, 0).read();
        let lenient = after(0.05, alpha, ones, zeros, 0).read();
        prop_assert!(strict.lower <= lenient.lower + 1e-11 && strict.upper >= lenient.upper - 1e-11);
    }

    #[test]
    fn limits_only_move_inward(
        losses in prop::collection::vec(prop::bool::weighted(0.2), 1..400), precision in 0.01_f64..0.2,
    ) {
        let mut aim = Aim::new(precision, Some(0.1), Some(0.1));
        let mut before = aim.read();
        for loss in losses {
            aim.observe(Observation::Loss(f64::from(u8::from(loss))));
            let now = aim.read();
            prop_assert!(now.lower >= before.lower && now.upper <= before.upper);
            before = now;
        }
    }

    #[test]
    fn the_wealth_rises_with_the_null_above_the_mean(
        ones in 0_u64..2_000, zeros in 1_u64..2_000, precision in 0.001_f64..0.3, a in 0.0_f64..1.0, b in 0.0_f64..1.0,
    ) {
        let mean = ones as f64 / (ones + zeros) as f64;
        let (low, high) = (a.min(b), a.max(b));
        let at = |x: f64| log_e(ones, zeros, mean + x * (1.0 - mean), precision);
        prop_assume!(low > 0.0 && high < 1.0);
        prop_assert!(at(high).value >= at(low).value - at(high).error - at(low).error);
    }
}
