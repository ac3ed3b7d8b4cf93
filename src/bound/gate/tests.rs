use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::bound::vectors::{self, cases, same_log};

const AT_MOST: GateSpec = GateSpec {
    binary: true,
    threshold: 0.05,
    relation: Relation::AtMost,
    alpha_holds: 0.05,
    alpha_fails: 0.05,
    resolution: 0.0025,
};

fn fed(spec: &GateSpec, losses: impl IntoIterator<Item = f64>) -> Gate {
    let mut gate = Gate::new(spec);
    losses.into_iter().for_each(|loss| gate.observe(Observation::Loss(loss)));
    gate
}

fn log_e(evidence: &Evidence) -> f64 {
    match evidence {
        Evidence::Wealth(wealth) => wealth.log_e().value,
        other => panic!("no wealth: {other:?}"),
    }
}

fn ones_and_zeros(ones: u64, draws: u64) -> impl Iterator<Item = f64> {
    (0..draws).map(move |i| if i < ones { 1.0 } else { 0.0 })
}

#[derive(Deserialize)]
struct Case {
    threshold: f64,
    ones: u64,
    draws: u64,
    log_e_holds: f64,
    log_e_fails: f64,
    reading: String,
}

#[test]
fn evidence_and_verdicts_are_those_of_the_reference() {
    for case in cases::<Case>(include_str!("../../../tests/vectors/gate.json")) {
        let place = format!("{} of {} against {}", case.ones, case.draws, case.threshold);
        // Without a resolution worth mention, so that nothing is given up.
        let at_most = GateSpec { threshold: case.threshold, resolution: 1e-9, ..AT_MOST };
        let at_least = GateSpec { threshold: 1.0 - case.threshold, relation: Relation::AtLeast, ..at_most };
        let losses = || ones_and_zeros(case.ones, case.draws);
        for mut gate in [fed(&at_most, losses()), fed(&at_least, losses().map(|loss| 1.0 - loss))] {
            assert!(same_log(log_e(&gate.holds), Some(case.log_e_holds)), "{place}: {}", log_e(&gate.holds));
            assert!(same_log(log_e(&gate.fails), Some(case.log_e_fails)), "{place}: {}", log_e(&gate.fails));
            let reading = match gate.read() {
                GateReading::Holds => "holds",
                GateReading::Fails => "fails",
                GateReading::Hopeless => "hopeless",
                GateReading::Open => "open",
            };
            assert_eq!(reading, case.reading, "{place}");
        }
    }
}

#[derive(Deserialize)]
struct EvenCase {
    losses: String,
    alpha: f64,
    lower: f64,
    upper: f64,
}

#[test]
fn evenly_spread_stakes_reach_the_hurdle_at_the_reference_roots() {
    let samples = vectors::losses();
    for case in cases::<EvenCase>(include_str!("../../../tests/vectors/even_bets.json")) {
        for (toward, root, outward) in [(Toward::High, case.lower, -1e-9), (Toward::Low, case.upper, 1e-9)] {
            let excess = |null: f64| {
                let mut evidence = Evidence::new(toward, null, case.alpha, |r| failing_bets(false, r));
                if !matches!(evidence, Evidence::Wealth(_)) {
                    return None;
                }
                samples[&case.losses].iter().for_each(|&loss| evidence.observe(Observation::Loss(loss)));
                Some(log_e(&evidence) + libm::log(case.alpha))
            };
            let Some(at) = excess(root) else { continue };
            assert!(at.abs() < 1e-8, "{} at {root}: {at}", case.losses);
            assert!(excess(root + outward).is_some_and(|excess| excess > 0.0), "{} at {root}", case.losses);
            assert!(excess(root - outward).is_some_and(|excess| excess < 0.0), "{} at {root}", case.losses);
        }
    }
}

#[test]
fn no_fault_in_75_draws_is_enough_and_in_74_is_not() {
    assert_eq!(fed(&AT_MOST, vec![0.0; 74]).read(), GateReading::Open);
    assert_eq!(fed(&AT_MOST, vec![0.0; 75]).read(), GateReading::Holds);
}

#[test]
fn each_verdict_has_its_own_share() {
    let strict = GateSpec { alpha_holds: 0.005, ..AT_MOST };
    assert_eq!(fed(&strict, vec![0.0; 75]).read(), GateReading::Open);
    let fails = |alpha_fails| fed(&GateSpec { alpha_fails, ..AT_MOST }, vec![1.0; 3]).read();
    assert_eq!(fails(0.05), GateReading::Fails);
    assert_eq!(fails(1e-9), GateReading::Open);
}

#[test]
fn a_verdict_stays_whatever_comes_after() {
    let mut gate = fed(&AT_MOST, vec![0.0; 75]);
    assert_eq!(gate.read(), GateReading::Holds);
    (0..10_000).for_each(|_| gate.observe(Observation::Loss(1.0)));
    assert_eq!(gate.read(), GateReading::Holds);
}

#[test]
fn a_risk_at_the_threshold_is_given_up_in_both_kinds() {
    for binary in [true, false] {
        for relation in [Relation::AtMost, Relation::AtLeast] {
            let spec = GateSpec { binary, relation, threshold: 0.5, resolution: 0.05, ..AT_MOST };
            let mut gate = fed(&spec, (0..4_000).map(|i| f64::from(i % 2)));
            assert_eq!(gate.read(), GateReading::Hopeless, "{relation:?}");
            let far = GateSpec { resolution: 0.001, ..spec };
            assert_eq!(fed(&far, (0..4_000).map(|i| f64::from(i % 2))).read(), GateReading::Open);
        }
    }
}

#[test]
fn a_threshold_smaller_than_the_resolution_can_be_decided() {
    for (relation, threshold, loss) in [(Relation::AtMost, 0.001, 0.0), (Relation::AtLeast, 0.999, 1.0)] {
        let mut gate = Gate::new(&GateSpec { threshold, relation, resolution: 0.002, ..AT_MOST });
        while gate.read() == GateReading::Open {
            gate.observe(Observation::Loss(loss));
        }
        assert_eq!(gate.read(), GateReading::Holds, "{relation:?}");
    }
}

#[test]
fn what_was_given_up_may_still_be_decided() {
    let spec = GateSpec { threshold: 0.5, resolution: 0.05, ..AT_MOST };
    let mut gate = fed(&spec, (0..4_000).map(|i| f64::from(i % 2)));
    assert_eq!(gate.read(), GateReading::Hopeless);
    gate.observe(Observation::Loss(0.0));
    assert_eq!(gate.read(), GateReading::Hopeless);
    (0..4_000).for_each(|_| gate.observe(Observation::Loss(0.0)));
    assert_eq!(gate.read(), GateReading::Holds);
}

#[test]
fn what_was_shown_once_on_the_way_to_giving_up_stays_shown() {
    let spec = GateSpec { threshold: 0.5, resolution: 0.2, ..AT_MOST };
    let mut gate = Gate::new(&spec);
    while !gate.shown[0] {
        gate.observe(Observation::Loss(0.0));
        assert_eq!(gate.read(), GateReading::Open);
    }
    while gate.read() == GateReading::Open {
        gate.observe(Observation::Loss(1.0));
    }
    assert!(!gate.near[0].rejects(), "the first half would still hold by itself");
    assert_eq!(gate.read(), GateReading::Hopeless);
}

#[test]
fn at_least_mirrors_at_most_in_everything() {
    let at_most =
        GateSpec { alpha_holds: 1e-9, alpha_fails: 0.2, threshold: 0.25, resolution: 0.125, ..AT_MOST };
    let at_least = GateSpec { threshold: 0.75, relation: Relation::AtLeast, ..at_most };
    let (mut one, mut other) = (Gate::new(&at_most), Gate::new(&at_least));
    for i in 0..1_600 {
        let loss = f64::from(u8::from(i % 4 == 0));
        one.observe(Observation::Loss(loss));
        other.observe(Observation::Loss(1.0 - loss));
        assert_eq!(one.read(), other.read(), "{i}");
        assert_eq!([one.shown[0], one.shown[1]], [other.shown[1], other.shown[0]], "{i}");
    }
    assert_eq!(one.read(), GateReading::Hopeless);
}

#[test]
fn an_unanswered_draw_speaks_against_either_verdict() {
    for binary in [true, false] {
        for relation in [Relation::AtMost, Relation::AtLeast] {
            let spec = GateSpec { binary, relation, threshold: 0.5, resolution: 1e-9, ..AT_MOST };
            let mut silent = Gate::new(&spec);
            (0..1_000).for_each(|_| silent.observe(Observation::Unanswered));
            assert_eq!(silent.read(), GateReading::Open);
            for loss in [0.0, 1.0] {
                let decided = fed(&spec, vec![loss; 12]).read();
                assert!(matches!(decided, GateReading::Holds | GateReading::Fails), "{decided:?}");
                let mut doubtful = fed(&spec, vec![loss; 12]);
                (0..12).for_each(|_| doubtful.observe(Observation::Unanswered));
                assert_eq!(doubtful.read(), GateReading::Open);
            }
        }
    }
}

#[test]
fn thresholds_at_the_ends_of_the_range() {
    use GateReading::{Fails, Holds, Open};
    use Relation::{AtLeast, AtMost};
    let table = [
        // Relation, threshold; before any draw, after a loss of 0, of 1, of 1/2, after no answer.
        (AtMost, 1.0, [Holds; 5]),
        (AtMost, 1.5, [Holds; 5]),
        (AtLeast, 0.0, [Holds; 5]),
        (AtLeast, -0.5, [Holds; 5]),
        (AtMost, 0.0, [Open, Open, Fails, Fails, Open]),
        (AtLeast, 1.0, [Open, Fails, Open, Fails, Open]),
        (AtMost, -0.5, [Fails; 5]),
        (AtLeast, 1.5, [Fails; 5]),
        (AtMost, f64::NAN, [Open; 5]),
        (AtLeast, f64::NAN, [Open; 5]),
    ];
    let draws = [None, Some(0.0), Some(1.0), Some(0.5)].map(|loss| loss.map(Observation::Loss));
    for (relation, threshold, expected) in table {
        let spec = GateSpec { binary: false, relation, threshold, ..AT_MOST };
        for (draw, expected) in draws.into_iter().chain([Some(Observation::Unanswered)]).zip(expected) {
            let mut gate = Gate::new(&spec);
            if let Some(draw) = draw {
                gate.observe(draw);
            }
            // Whatever the next draw does not tell, it does not take back.
            gate.observe(Observation::Unanswered);
            assert_eq!(gate.read(), expected, "{relation:?} {threshold} after {draw:?}");
        }
    }
}

#[test]
fn thresholds_next_to_the_ends_are_no_trap() {
    for threshold in [f64::MIN_POSITIVE, 1e-300, 1e-20, 1e-9, 1.0 - 1e-9, 1.0_f64.next_down()] {
        for binary in [true, false] {
            for relation in [Relation::AtMost, Relation::AtLeast] {
                let spec = GateSpec { binary, threshold, relation, ..AT_MOST };
                for loss in [0.0, 1.0] {
                    let reading = fed(&spec, vec![loss; 200]).read();
                    let keeps = (loss < 0.5) == (relation == Relation::AtMost);
                    let wrong = if keeps { GateReading::Fails } else { GateReading::Holds };
                    assert_ne!(reading, wrong, "{threshold} {relation:?} {loss}");
                }
            }
        }
    }
}

#[test]
fn small_losses_are_told_from_rare_ones() {
    // The same risk, but next to no variance: a test that only counts would need far more draws.
    let spec = GateSpec { binary: false, ..AT_MOST };
    assert_eq!(fed(&spec, vec![0.04; 1_000]).read(), GateReading::Holds);
    assert_eq!(fed(&spec, vec![0.06; 1_000]).read(), GateReading::Fails);
    assert_eq!(fed(&AT_MOST, ones_and_zeros(40, 1_000)).read(), GateReading::Open);
}

#[test]
fn shares_of_the_wealth_sum_to_1_at_most() {
    for binary in [true, false] {
        for r in [1e-9, 0.05, 0.5, 0.95] {
            for bets in [holding_bets(binary, r), failing_bets(binary, r)] {
                let sum: f64 = bets.iter().map(|bet| libm::exp(bet.log_share)).sum();
                assert!((sum - 1.0).abs() < 1e-12, "{sum}");
                assert!(bets.iter().all(|bet| bet.fraction > 0.0 && bet.fraction <= 1.0));
            }
        }
    }
}

proptest! {
    #[test]
    fn a_verdict_agrees_with_the_mean(
        ones in 0_u64..400, zeros in 0_u64..400, threshold in 0.0_f64..1.0, binary: bool,
    ) {
        let spec = GateSpec { binary, threshold, ..AT_MOST };
        let mean = ones as f64 / (ones + zeros).max(1) as f64;
        match fed(&spec, ones_and_zeros(ones, ones + zeros)).read() {
            GateReading::Holds => prop_assert!(mean < threshold),
            GateReading::Fails => prop_assert!(mean > threshold),
            GateReading::Hopeless | GateReading::Open => {}
        }
    }
}
