use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::bound::mesh::FINENESS;
use crate::bound::vectors::{self, cases, same_log};

#[derive(Deserialize)]
struct Case {
    losses: String,
    precision: f64,
    alpha: f64,
    lower: f64,
    upper: f64,
}

fn after(precision: f64, alpha: f64, losses: &[f64], unanswered: u64) -> AimBets {
    let mut bound = AimBets::new(precision, Some(alpha), Some(alpha));
    for &loss in losses {
        bound.observe(Observation::Loss(loss));
    }
    (0..unanswered).for_each(|_| bound.observe(Observation::Unanswered));
    bound
}

#[test]
fn limits_are_the_first_of_the_mesh_beyond_the_reference_roots() {
    let samples = vectors::losses();
    for case in cases::<Case>(include_str!("../../../tests/vectors/aim_bets.json")) {
        let interval = after(case.precision, case.alpha, &samples[&case.losses], 0).read();
        let place = format!("{}, {}: {interval:?}", case.losses, case.precision);
        let step = case.precision / FINENESS + 1e-12;
        assert!(interval.upper >= case.upper - 1e-15 && interval.upper <= case.upper + step, "{place}");
        assert!(interval.lower <= case.lower + 1e-15 && interval.lower >= case.lower - step, "{place}");
    }
}

#[test]
fn the_wealth_at_the_reference_roots_is_the_hurdle() {
    let samples = vectors::losses();
    for case in cases::<Case>(include_str!("../../../tests/vectors/aim_bets.json")) {
        let losses = &samples[&case.losses];
        for (toward_low, root, m) in [(true, case.upper, case.upper), (false, case.lower, 1.0 - case.lower)] {
            let at = |m: f64| log_e(losses, toward_low, m, case.precision).value - hurdle(case.alpha);
            // The root is known to half a unit in the last place, so the hurdle lies between its neighbours.
            let wide = root * 1e-9 + 1e-15;
            if root > 0.0 && root < 1.0 {
                assert!(at(m + wide) > 0.0 && at(m - wide) < 0.0, "{} at {root}", case.losses);
            }
        }
    }
}

#[derive(Deserialize)]
struct LogCase {
    losses: String,
    precision: f64,
    m: f64,
    at_least: Option<f64>,
    at_most: Option<f64>,
}

#[test]
fn the_wealth_is_the_reference_wealth() {
    let samples = vectors::losses();
    for case in cases::<LogCase>(include_str!("../../../tests/vectors/aim_bets_log_e.json")) {
        let losses = &samples[&case.losses];
        let low = log_e(losses, true, case.m, case.precision).value;
        let high = log_e(losses, false, 1.0 - case.m, case.precision).value;
        assert!(same_log(low, case.at_least), "{} at {}: {low}", case.losses, case.m);
        assert!(same_log(high, case.at_most), "{} at {}: {high}", case.losses, case.m);
    }
}

#[derive(Deserialize)]
struct Rejected {
    losses: String,
    toward_low: bool,
    precision: f64,
    alpha: f64,
    limit: f64,
    log_e: f64,
    excess: f64,
}

#[test]
fn every_published_limit_is_rejected_in_exact_arithmetic() {
    let samples = vectors::losses();
    for case in cases::<Rejected>(include_str!("../../../tests/vectors/aim_bets_rejected.json")) {
        let losses = &samples[&case.losses];
        let mut bound = after(case.precision, case.alpha, losses, 0);
        bound.read();
        let pointer =
            if case.toward_low { bound.upper } else { bound.lower }.expect("both sides are claimed");
        let place = format!("{}, toward low: {}", case.losses, case.toward_low);
        assert_eq!(
            pointer.mesh.limit(),
            case.limit,
            "{place}: run tests/vectors/rejected.py on the new limit"
        );
        assert!(case.excess >= 0.0, "{place}: {}", case.excess);
        let wealth = log_e(losses, case.toward_low, case.limit, case.precision);
        assert!((wealth.value - case.log_e).abs() <= wealth.error, "{place}: {wealth:?}");
    }
}

#[test]
fn the_pointer_does_not_pass_a_null_that_is_not_rejected() {
    // The number of bets changes at m = 0.32: below it some nulls are rejected, just above it none is.
    let mut losses = vec![0.0; 47];
    losses.extend([1.0; 3]);
    let rejects = |m: f64| log_e(&losses, true, m, 0.005).rejects(hurdle(0.005));
    assert!(rejects(0.3185) && !rejects(0.3205) && rejects(0.3219), "the trap is gone; find another");
    let upper = after(0.005, 0.005, &losses, 0).read().upper;
    assert!(upper > 0.3217 && upper < 0.3218, "{upper}");
}

#[test]
fn the_pointer_stops_where_single_steps_would() {
    let mut losses: Vec<f64> = (0..150).map(|i| f64::from(i * i % 89) / 400.0).collect();
    losses.extend([0.0, 0.0, 1.0]);
    for toward in [Toward::Low, Toward::High] {
        let mut all = Losses::default();
        for &loss in &losses {
            all.observe(Observation::Loss(loss));
        }
        let mut leaping = Pointer::new(toward, 0.01, 0.01);
        let mut stepping = leaping.clone();
        leaping.advance(&all);
        let rejected = |m: f64| log_e(&losses, toward == Toward::Low, m, 0.01).rejects(hurdle(0.01));
        let mesh = &mut stepping.mesh;
        while mesh.index > 1 && rejected(mesh.at(mesh.index - 1)) {
            mesh.index -= 1;
        }
        assert_eq!(leaping.mesh.index, stepping.mesh.index, "{toward:?}");
        assert!(leaping.mesh.limit() < 1.0, "{toward:?}");
    }
}

#[test]
fn a_leap_ends_at_the_lowest_null_that_the_bet_rejects() {
    let mut all = Losses::default();
    (0..300).for_each(|i| all.observe(Observation::Loss(f64::from(i % 7) / 60.0)));
    for bet in bet::fallback().take(6) {
        let mut pointer = Pointer::new(Toward::Low, 0.01, 0.01);
        pointer.leap(&all, bet);
        let rejects =
            |index| all.wealth(Toward::Low, bet, 1.0 - pointer.mesh.at(index)).rejects(pointer.hurdle);
        assert!(rejects(pointer.mesh.index) && !rejects(pointer.mesh.index - 1), "{bet:?}");
        assert!(pointer.mesh.limit() < 0.9, "{bet:?}");
    }
}

#[test]
fn odd_losses_never_help() {
    let base: Vec<f64> = (0..100).map(|i| f64::from(i % 10) / 20.0).collect();
    let plain = |extra: f64| {
        let mut bound = after(0.05, 0.05, &base, 0);
        bound.observe(Observation::Loss(extra));
        bound.read()
    };
    assert_eq!(plain(1.5), plain(1.0));
    assert_eq!(plain(-0.5), plain(0.0));
    assert_eq!(plain(f64::NAN), after(0.05, 0.05, &base, 1).read());
    assert!(plain(f64::MIN_POSITIVE / 4.0).upper >= plain(0.0).upper);
}

#[test]
fn a_useless_precision_does_no_harm() {
    for precision in [f64::NAN, -1.0, 0.0, 7.0, f64::INFINITY] {
        let interval = after(precision, 0.025, &[0.1; 400], 0).read();
        assert!(interval.lower <= 0.1 && interval.upper >= 0.1, "{precision}: {interval:?}");
    }
}

fn loss() -> impl Strategy<Value = f64> {
    prop_oneof![2 => Just(0.0), 1 => Just(1.0), 5 => (0_u32..=64).prop_map(|n| f64::from(n) / 64.0)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn limits_keep_their_order_and_range(
        losses in prop::collection::vec(loss(), 0..200), unanswered in 0_u64..10, precision in 0.005_f64..0.3,
    ) {
        let interval = after(precision, 0.05, &losses, unanswered).read();
        let draws = (losses.len() as f64 + unanswered as f64).max(1.0);
        let sum: f64 = losses.iter().sum();
        prop_assert!((0.0..=1.0).contains(&interval.lower) && (0.0..=1.0).contains(&interval.upper));
        prop_assert!(interval.lower <= sum / draws + 1e-12);
        prop_assert!(interval.upper >= (sum + unanswered as f64) / draws - 1e-12);
    }

    #[test]
    fn limits_mirror_with_the_losses(
        losses in prop::collection::vec(loss(), 0..200), unanswered in 0_u64..10, precision in 0.005_f64..0.3,
    ) {
        // Sixty-fourths are exact under 1 - L.
        let mirror: Vec<f64> = losses.iter().map(|loss| 1.0 - loss).collect();
        let one = after(precision, 0.05, &losses, unanswered).read();
        let other = after(precision, 0.05, &mirror, unanswered).read();
        prop_assert_eq!(one.lower, mirrored(other.upper));
        prop_assert_eq!(other.lower, mirrored(one.upper));
    }

    #[test]
    fn an_answer_lost_never_narrows(
        losses in prop::collection::vec(loss(), 20..200), lost in 1_usize..20, precision in 0.005_f64..0.3,
    ) {
        let whole = after(precision, 0.05, &losses, 0).read();
        let less = after(precision, 0.05, &losses[lost..], lost as u64).read();
        prop_assert!(less.lower <= whole.lower && less.upper >= whole.upper);
    }

    #[test]
    fn limits_only_move_inward_and_are_always_on_the_mesh(
        losses in prop::collection::vec(loss(), 1..100), precision in 0.01_f64..0.2,
    ) {
        let mut bound = AimBets::new(precision, Some(0.2), Some(0.2));
        let mut before = bound.read();
        for loss in losses {
            bound.observe(Observation::Loss(loss));
            let now = bound.read();
            prop_assert!(now.lower >= before.lower && now.upper <= before.upper);
            let place = now.upper * FINENESS / precision;
            prop_assert!(now.upper == 1.0 || (place - place.round()).abs() < 1e-6);
            before = now;
        }
    }
}
