use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::bound::mesh::FINENESS;
use crate::bound::vectors::{cases, same_log};

#[derive(Deserialize)]
struct Case {
    modulus: u64,
    ones: u64,
    complemented: bool,
    draws: u64,
    precision: f64,
    alpha: f64,
    m: f64,
    horizon: u64,
    critical: u64,
    share: f64,
    log_e: f64,
}

/// A string of losses without any pattern that the engine could see.
fn losses(modulus: u64, ones: u64, complemented: bool, draws: u64) -> impl Iterator<Item = bool> {
    (1..=draws).map(move |i| ((7 * i * i + 3 * i) % modulus < ones) != complemented)
}

#[test]
fn the_wealth_is_the_reference_wealth() {
    for case in cases::<Case>(include_str!("../../../tests/vectors/aim_d_log_e.json")) {
        let place = format!("{} of {} at {}, {} draws", case.ones, case.modulus, case.m, case.draws);
        let horizon = Horizons::new(case.precision, case.alpha).at(case.m).unwrap();
        assert_eq!((horizon.draws, horizon.critical), (case.horizon, case.critical), "{place}");
        let size = libm::exp(horizon.ln_size.value);
        assert!((size / case.share - 1.0).abs() < 1e-9, "{place}: {size}, {}", case.share);
        let losses = losses(case.modulus, case.ones, case.complemented, case.draws);
        let found = log_e(losses, case.m, case.precision, case.alpha);
        assert!(same_log(found.value, Some(case.log_e)), "{place}: {found:?}, {}", case.log_e);
        assert!((found.value - case.log_e).abs() <= found.error, "{place}: {found:?}, {}", case.log_e);
        assert!(found.error < 1e-8 * case.log_e.abs().max(1.0), "{place}: {found:?}");
    }
}

/// A null that the engine publishes as a limit, the test at its horizon, and by how much the exact logarithm of the
/// wealth exceeds the hurdle there.
#[derive(Deserialize)]
struct Rejected {
    modulus: u64,
    ones: u64,
    complemented: bool,
    draws: u64,
    precision: f64,
    alpha: f64,
    limit: f64,
    horizon: u64,
    critical: u64,
    log_e: f64,
    excess: f64,
}

#[test]
fn every_published_limit_is_rejected_in_exact_arithmetic() {
    for case in cases::<Rejected>(include_str!("../../../tests/vectors/aim_d_rejected.json")) {
        let losses = || losses(case.modulus, case.ones, case.complemented, case.draws);
        let place = format!("{} of {}, {} draws", case.ones, case.modulus, case.draws);
        let found = after(case.precision, case.alpha, losses()).read().upper;
        assert_eq!(found, case.limit, "{place}: run tests/vectors/rejected.py on the new limit");
        let horizon = Horizons::new(case.precision, case.alpha).at(case.limit).unwrap();
        assert_eq!((horizon.draws, horizon.critical), (case.horizon, case.critical), "{place}");
        assert!(case.excess >= 0.0, "{place}: {}", case.excess);
        let wealth = log_e(losses(), case.limit, case.precision, case.alpha);
        assert!((wealth.value - case.log_e).abs() <= wealth.error, "{place}: {wealth:?}");
    }
}

fn after(precision: f64, alpha: f64, losses: impl Iterator<Item = bool>) -> AimD {
    let mut bound = AimD::new(precision, Some(alpha), Some(alpha));
    losses.for_each(|loss| bound.observe(Observation::Loss(f64::from(u8::from(loss)))));
    bound
}

#[test]
fn every_null_down_to_the_limit_is_rejected_and_the_next_is_not() {
    for (modulus, ones, draws) in [(101, 20, 700), (101, 3, 400), (97, 0, 150), (89, 45, 1_200)] {
        let mut bound = after(0.05, 0.05, losses(modulus, ones, false, draws));
        let interval = bound.read();
        let sides = [(false, interval.upper), (true, 1.0 - interval.lower)];
        for (complemented, limit) in sides {
            let rejected = |place: f64| {
                let m = place * 0.05 / FINENESS;
                let losses = losses(modulus, ones, complemented, draws);
                log_e(losses, m, 0.05, 0.05).rejects(hurdle(0.05))
            };
            let place = (limit * FINENESS / 0.05).round();
            let top = FINENESS / 0.05;
            let open = (place as u64..top as u64).find(|&place| !rejected(place as f64));
            assert_eq!(open, None, "{ones} of {modulus} after {draws}, complemented: {complemented}");
            assert!(place <= 1.0 || !rejected(place - 1.0), "{ones} of {modulus} after {draws}");
        }
        assert!(interval.upper < 1.0 && (interval.lower > 0.0 || ones == 0), "{interval:?}");
    }
}

#[test]
fn the_order_of_the_draws_matters_and_batches_do_not() {
    let mut one_by_one = AimD::new(0.05, Some(0.05), Some(0.05));
    let all: Vec<bool> = losses(101, 20, false, 600).collect();
    for &loss in &all {
        one_by_one.observe(Observation::Loss(f64::from(u8::from(loss))));
    }
    assert_eq!(one_by_one.read(), after(0.05, 0.05, all.iter().copied()).read());
    // All the ones at the end, beyond the horizons of the nulls in question.
    let (zeros, ones): (Vec<bool>, Vec<bool>) = all.iter().partition(|loss| !**loss);
    let late = after(0.05, 0.05, zeros.into_iter().chain(ones)).read();
    assert!(late.upper < one_by_one.read().upper, "{late:?}");
}

#[test]
fn an_unanswered_draw_is_the_worst_for_each_side() {
    let base = || after(0.05, 0.05, losses(101, 20, false, 500));
    let with = |observation| {
        let mut bound = base();
        (0..30).for_each(|_| bound.observe(observation));
        bound.read()
    };
    let unanswered = with(Observation::Unanswered);
    assert_eq!(unanswered.upper, with(Observation::Loss(1.0)).upper);
    assert_eq!(unanswered.lower, with(Observation::Loss(0.0)).lower);
    for odd in [0.5, -1.0, 2.0, f64::NAN] {
        assert_eq!(with(Observation::Loss(odd)), unanswered, "{odd}");
    }
    assert_eq!(with(Observation::Loss(-0.0)), with(Observation::Loss(0.0)));
}

#[test]
fn a_side_that_is_not_claimed_has_no_limit() {
    let run = |lower, upper| {
        let mut bound = AimD::new(0.05, lower, upper);
        losses(101, 50, false, 500)
            .for_each(|loss| bound.observe(Observation::Loss(f64::from(u8::from(loss)))));
        bound.read()
    };
    let both = run(Some(0.05), Some(0.05));
    assert_eq!(run(Some(0.05), None), Interval { upper: 1.0, ..both });
    assert_eq!(run(None, Some(0.05)), Interval { lower: 0.0, ..both });
    assert!(both.lower > 0.3 && both.upper < 0.7, "{both:?}");
}

#[test]
fn a_useless_precision_does_no_harm() {
    for precision in [f64::NAN, -1.0, 0.0, 7.0, f64::INFINITY] {
        let interval = after(precision, 0.025, losses(101, 20, false, 400)).read();
        assert!(interval.lower <= 0.19 && interval.upper >= 0.21, "{precision}: {interval:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn limits_mirror_with_the_losses(
        losses in prop::collection::vec(any::<bool>(), 0..300), precision in 0.02_f64..0.3,
    ) {
        let one = after(precision, 0.05, losses.iter().copied()).read();
        let other = after(precision, 0.05, losses.iter().map(|loss| !loss)).read();
        prop_assert_eq!(one.lower, mirrored(other.upper));
        prop_assert_eq!(other.lower, mirrored(one.upper));
    }

    #[test]
    fn limits_only_move_inward_and_are_always_on_the_mesh(
        losses in prop::collection::vec(prop::bool::weighted(0.3), 1..300), precision in 0.02_f64..0.2,
    ) {
        let mut bound = AimD::new(precision, Some(0.1), Some(0.1));
        let mut before = bound.read();
        prop_assert_eq!(before, Interval { lower: 0.0, upper: 1.0 });
        for loss in losses {
            bound.observe(Observation::Loss(f64::from(u8::from(loss))));
            let now = bound.read();
            prop_assert!(now.lower >= before.lower && now.upper <= before.upper);
            let place = now.upper * FINENESS / precision;
            prop_assert!(now.upper == 1.0 || (place - place.round()).abs() < 1e-6);
            before = now;
        }
    }
}
