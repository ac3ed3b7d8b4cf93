//! How many draws do the engines need? The medians must stay where they were when the engines were chosen: a bound
//! may be valid and wasteful, and every query costs the user.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Beta, Distribution};

use super::Observation;
use super::checkpoint::{Checkpoints, first_checkpoint};
use super::engine::{Engine, Engines, IntervalSpec, Standard};
use super::gate::{Gate, GateReading, GateSpec};
use crate::config::question::Relation;

const RUNS: u64 = 201;

/// The median over runs of the draws at which `stops` first says so.
fn median<State>(
    first: u64,
    draw: impl Fn(&mut ChaCha8Rng) -> f64,
    make: impl Fn() -> State,
    observe: impl Fn(&mut State, f64),
    stops: impl Fn(&mut State, f64) -> bool,
) -> f64 {
    let checkpoints = Checkpoints::new(first);
    let mut counts: Vec<u64> = (0..RUNS)
        .map(|run| {
            let (mut rng, mut state, mut sum) = (ChaCha8Rng::seed_from_u64(run), make(), 0.0);
            let mut j = 1;
            loop {
                for _ in checkpoints.at(j - 1)..checkpoints.at(j) {
                    let loss = draw(&mut rng);
                    sum += loss;
                    observe(&mut state, loss);
                }
                let draws = checkpoints.at(j);
                if stops(&mut state, sum / draws as f64) {
                    return draws;
                }
                j += 1;
            }
        })
        .collect();
    counts.sort_unstable();
    counts[counts.len() / 2] as f64
}

/// The median for an interval, read as audits read it: each reading intersected with all before.
fn interval_median(spec: &IntervalSpec, draw: impl Fn(&mut ChaCha8Rng) -> f64) -> f64 {
    median(
        first_checkpoint(&Standard, Some(spec), &[]),
        draw,
        || Standard.interval(spec),
        |bound, loss| bound.observe(Observation::Loss(loss)),
        |bound, mean| spec.reached(bound.read(), mean),
    )
}

/// The median where each reading stands alone, as the engines were compared when they were chosen.
fn fresh_median(spec: &IntervalSpec, draw: impl Fn(&mut ChaCha8Rng) -> f64) -> f64 {
    median(
        first_checkpoint(&Standard, Some(spec), &[]),
        draw,
        Vec::new,
        Vec::push,
        |losses: &mut Vec<f64>, mean| {
            let mut bound = Standard.interval(spec);
            for &loss in losses.iter() {
                bound.observe(Observation::Loss(loss));
            }
            spec.reached(bound.read(), mean)
        },
    )
}

fn assert_near(name: &str, found: f64, expected: f64, tolerance: f64) {
    assert!((found / expected - 1.0).abs() <= tolerance, "{name}: {found} draws, expected {expected}");
}

fn coin(p: f64) -> impl Fn(&mut ChaCha8Rng) -> f64 {
    move |rng| f64::from(u8::from(rng.random::<f64>() < p))
}

fn two_sided(binary: bool, precision: f64) -> IntervalSpec {
    IntervalSpec { engine: Engine::plain(binary), precision, lower: Some(0.025), upper: Some(0.025) }
}

#[test]
fn aim_needs_as_many_draws_as_ever() {
    let both = two_sided(true, 0.02);
    let upper = IntervalSpec { lower: None, upper: Some(0.05), ..both };
    // The risk, then two-sided and one-sided: each reading alone, and intersected.
    let cells = [
        (0.01, [263.0, 265.0], [405.0, 380.0]),
        (0.05, [982.0, 860.0], [994.0, 812.0]),
        (0.2, [3_243.0, 2_824.0], [2_820.0, 2_316.0]),
    ];
    for (p, both_expected, upper_expected) in cells {
        for (spec, expected) in [(both, both_expected), (upper, upper_expected)] {
            assert_near(&format!("{spec:?} at {p}, fresh"), fresh_median(&spec, coin(p)), expected[0], 0.05);
            assert_near(&format!("{spec:?} at {p}"), interval_median(&spec, coin(p)), expected[1], 0.05);
        }
    }
}

/// Read as audits read it, this engine needs what it needed with fresh readings at every percent more draws: it stops
/// at its horizons, and what was read before hardly matters.
#[test]
fn aim_d_needs_as_many_draws_as_ever() {
    let both = |share| IntervalSpec {
        engine: Engine::AimD,
        precision: 0.02,
        lower: Some(share),
        upper: Some(share),
    };
    let upper = IntervalSpec { lower: None, ..both(0.05) };
    let cells = [
        (both(0.025), [(0.0, 149.0), (0.05, 751.0), (0.2, 2_068.0), (0.5, 3_011.0)]),
        (both(0.0025), [(0.0, 214.0), (0.05, 1_375.0), (0.2, 3_853.0), (0.5, 5_638.0)]),
        (upper, [(0.0, 184.0), (0.05, 602.0), (0.2, 1_570.0), (0.5, 2_258.0)]),
    ];
    for (spec, cells) in cells {
        for (p, expected) in cells {
            assert_near(&format!("{spec:?} at {p}"), interval_median(&spec, coin(p)), expected, 0.05);
        }
    }
}

#[test]
fn aim_bets_needs_as_many_draws_as_ever() {
    let spec = two_sided(false, 0.02);
    assert_near("coin, fresh", fresh_median(&spec, coin(0.05)), 1_039.0, 0.06);
    assert_near("coin", interval_median(&spec, coin(0.05)), 896.0, 0.05);
    for (a, b, expected) in [(0.5, 20.0, 926.0), (2.0, 40.0, 930.0)] {
        let beta = Beta::new(a, b).expect("both shapes are positive");
        let found = interval_median(&two_sided(false, 0.005), |rng| beta.sample(rng));
        assert_near(&format!("beta({a}, {b})"), found, expected, 0.05);
    }
}

#[test]
fn a_gate_needs_as_many_draws_as_ever() {
    let gate = GateSpec {
        binary: true,
        threshold: 0.05,
        relation: Relation::AtMost,
        alpha_holds: 0.05,
        alpha_fails: 0.05,
        resolution: 0.002,
    };
    let cells = [(0.0, 75.0), (0.01, 149.0), (0.03, 778.0), (0.1, 184.0), (0.2, 30.0)];
    for (p, expected) in cells {
        let found = median(
            3,
            coin(p),
            || Gate::new(&gate),
            |gate, loss| gate.observe(Observation::Loss(loss)),
            |gate, _| gate.read() != GateReading::Open,
        );
        // Counts of draws vary widely here, and few draws fall between checkpoints 16 apart.
        let slack = 0.12 + 16.0 / expected;
        assert!(found >= expected * 0.85 && found <= expected * (1.0 + slack), "{p}: {found}, {expected}");
    }
}
