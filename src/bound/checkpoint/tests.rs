use super::*;
use crate::bound::engine::Engine;
use crate::bound::engine::Standard;
use crate::config::question::Relation;

fn interval(binary: bool, precision: f64, lower: Option<f64>, upper: Option<f64>) -> IntervalSpec {
    IntervalSpec { engine: Engine::plain(binary), precision, lower, upper }
}

const GATE: GateSpec = GateSpec {
    binary: true,
    threshold: 0.05,
    relation: Relation::AtMost,
    alpha_holds: 0.05,
    alpha_fails: 0.05,
    resolution: 0.0025,
};

#[test]
fn steps_are_16_draws_or_2_percent_rounded_up() {
    let checkpoints = Checkpoints::new(700);
    let start: Vec<_> = (0..9).map(|j| checkpoints.at(j)).collect();
    assert_eq!(start, [0, 700, 716, 732, 748, 764, 780, 796, 812]);
    // 801 is the first count of which 2 % is more than 16: 816.02 + 1 > 817.
    assert_eq!(next(800), 816);
    assert_eq!(next(801), 818);
    assert_eq!(next(1_000), 1_020);
    assert_eq!(next(1_001), 1_022);
}

#[test]
fn the_sequence_has_a_start_and_an_end() {
    assert_eq!(Checkpoints::new(0).at(1), 1);
    let checkpoints = Checkpoints::new(1);
    let Counts::Listed(counts) = &checkpoints.counts else { panic!("a sequence") };
    let last = counts.len();
    assert!(checkpoints.at(last) >= END);
    assert_eq!(checkpoints.at(last + 1), u64::MAX);
    assert!((0..last).all(|j| checkpoints.at(j) < checkpoints.at(j + 1)));
    assert_eq!(Checkpoints::new(u64::MAX).at(1), END);
}

#[test]
fn passes_end_at_every_so_many_draws() {
    let checkpoints = Checkpoints::every(90);
    assert_eq!([0, 1, 2, 7].map(|j| checkpoints.at(j)), [0, 90, 180, 630]);
    assert_eq!(Checkpoints::every(0).at(3), 3);
    assert_eq!(Checkpoints::every(u64::MAX).at(2), u64::MAX);
}

#[test]
fn the_first_is_where_a_spotless_or_hopeless_level_can_stop() {
    let both = interval(true, 0.02, Some(0.025), Some(0.025));
    let first = first_checkpoint(&Standard, Some(&both), &[]);
    for (draws, enough) in [(first, true), (first - 1, false)] {
        let mut bound = Standard.interval(&both);
        (0..draws).for_each(|_| bound.observe(Observation::Loss(0.0)));
        assert_eq!(bound.read().upper / 2.0 <= 0.02, enough, "{draws}");
    }
    assert!((130..140).contains(&first), "{first}");
}

#[test]
fn one_limit_alone_is_not_first_read_at_a_single_fault() {
    // After one loss of 1 the estimate is 1, and so is an upper limit that knows nothing.
    let upper = interval(true, 0.02, None, Some(0.05));
    let first = first_checkpoint(&Standard, Some(&upper), &[]);
    assert!((225..245).contains(&first), "{first}");
    let lower = interval(true, 0.02, Some(0.05), None);
    assert_eq!(first_checkpoint(&Standard, Some(&lower), &[]), first, "the same with losses mirrored");
}

#[test]
fn losses_in_a_range_and_finer_precisions_work_alike() {
    let bets = interval(false, 0.02, Some(0.025), Some(0.025));
    let first = first_checkpoint(&Standard, Some(&bets), &[]);
    assert!((115..125).contains(&first), "{first}");
    let fine = interval(true, 0.005, Some(0.025), Some(0.025));
    let first = first_checkpoint(&Standard, Some(&fine), &[]);
    assert!((550..570).contains(&first), "{first}");
}

#[test]
fn a_gate_is_first_read_where_it_can_be_decided() {
    let first = first_checkpoint(&Standard, None, &[GATE]);
    assert!((2..5).contains(&first), "{first} losses of 1 are enough");
    let unlikely = GateSpec { alpha_fails: 1e-300, ..GATE };
    assert_eq!(first_checkpoint(&Standard, None, &[unlikely]), 75);
    let trivial = GateSpec { threshold: 1.0, ..GATE };
    assert_eq!(first_checkpoint(&Standard, None, &[trivial]), 1);
}

#[test]
fn a_level_with_several_tests_is_first_read_for_the_earliest() {
    let both = interval(true, 0.02, Some(0.025), Some(0.025));
    let alone = first_checkpoint(&Standard, None, &[GATE]);
    assert_eq!(first_checkpoint(&Standard, Some(&both), &[GATE]), alone);
    let late = GateSpec { alpha_holds: 0.0, alpha_fails: 0.0, ..GATE };
    let interval_alone = first_checkpoint(&Standard, Some(&both), &[]);
    assert_eq!(first_checkpoint(&Standard, Some(&both), &[late]), interval_alone);
}

#[test]
fn a_level_that_never_stops_is_read_in_the_end() {
    let never = GateSpec { threshold: f64::NAN, ..GATE };
    assert_eq!(first_checkpoint(&Standard, None, &[never]), FARTHEST);
    assert_eq!(first_checkpoint(&Standard, None, &[]), FARTHEST);
}
