use proptest::prelude::*;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Exp1, LogNormal};
use statrs::distribution::{Binomial, DiscreteCDF};

use super::*;
use crate::bound::Observation;
use crate::bound::bet::Toward;
use crate::bound::checkpoint::Checkpoints;
use crate::bound::coverage::{BUDGET, RUNS, alarm};
use crate::bound::evidence::Evidence;

const UNKNOWN: QuantileLimits = QuantileLimits { lower: 0.0, upper: f64::INFINITY };

fn both(p: f64) -> QuantileBound {
    QuantileBound::new(p, Some(BUDGET), Some(BUDGET))
}

fn fed(mut bound: QuantileBound, values: impl IntoIterator<Item = Option<f64>>) -> QuantileBound {
    values.into_iter().for_each(|value| bound.observe(value));
    bound
}

fn read(p: f64, values: impl IntoIterator<Item = Option<f64>>) -> QuantileLimits {
    fed(both(p), values).read()
}

/// The numbers 1 to `draws` in an order that is not theirs.
fn shuffled(draws: u64) -> impl Iterator<Item = Option<f64>> {
    (0..draws).map(move |i| Some(((i * 7_919) % draws + 1) as f64))
}

#[test]
fn without_draws_nothing_is_known() {
    let mut bound = both(0.5);
    assert_eq!(bound.read(), UNKNOWN);
    assert_eq!(bound.estimate(), None);
    assert_eq!(bound.estimate_range(), None);
}

/// No test can reject a chance of `r` by `k` draws out of `k` unless `r^k <= alpha`; the mixture of bets needs not
/// many more.
#[test]
fn limits_begin_when_all_draws_together_can_reject() {
    for (p, lower, upper) in [(0.5, 9, 9), (0.9, 3, 54), (0.99, 2, 558)] {
        let firsts = |known: fn(QuantileLimits) -> bool| {
            (1..1_000).find(|&draws| known(read(p, shuffled(draws)))).expect("they begin somewhere")
        };
        let (first_lower, first_upper) = (firsts(|l| l.lower > 0.0), firsts(|l| l.upper.is_finite()));
        assert_eq!((first_lower, first_upper), (lower, upper), "{p}");
        assert!(p.powi(first_upper as i32) <= BUDGET && (1.0 - p).powi(first_lower as i32) <= BUDGET);
        // A limit that has just begun is the most extreme number drawn.
        assert_eq!(read(p, shuffled(first_upper)).upper, first_upper as f64);
        assert_eq!(read(p, shuffled(first_lower)).lower, 1.0);
    }
}

#[test]
fn equal_numbers_are_both_limits() {
    for p in [0.1, 0.5, 0.9] {
        for number in [0.0, 0.25, f64::MAX] {
            let mut bound = fed(both(p), vec![Some(number); 500]);
            assert_eq!(bound.read(), QuantileLimits { lower: number, upper: number });
            assert_eq!(bound.estimate(), Some(number));
        }
    }
}

#[test]
fn only_what_is_claimed_is_limited() {
    let read = |lower, upper| fed(QuantileBound::new(0.5, lower, upper), shuffled(1_000)).read();
    let both = read(Some(BUDGET), Some(BUDGET));
    assert!(both.lower > 400.0 && both.upper < 600.0, "{both:?}");
    assert_eq!(read(None, Some(BUDGET)), QuantileLimits { lower: 0.0, ..both });
    assert_eq!(read(Some(BUDGET), None), QuantileLimits { upper: f64::INFINITY, ..both });
    assert!(read(Some(1e-6), Some(BUDGET)).lower < both.lower);
    assert!(read(Some(BUDGET), Some(1e-6)).upper > both.upper);
}

#[test]
fn both_sides_mirror_each_other() {
    for p in [0.25, 0.5, 0.875] {
        let limits = read(p, shuffled(2_000));
        let mirrored = read(1.0 - p, shuffled(2_000));
        // The nulls are widened by their own units in the last place; no count hangs on that here.
        assert_eq!(limits.upper, 2_001.0 - mirrored.lower, "{p}");
        assert_eq!(limits.lower, 2_001.0 - mirrored.upper, "{p}");
    }
}

#[test]
fn the_estimate_is_the_smallest_number_that_enough_draws_keep_to() {
    for (p, draws, expected) in
        [(0.5, 4, 2.0), (0.5, 5, 3.0), (0.9, 10, 9.0), (0.07, 100, 7.0), (0.99, 1, 1.0)]
    {
        let bound = fed(both(p), shuffled(draws));
        assert_eq!(bound.estimate(), Some(expected), "{p} of {draws}");
        assert_eq!(bound.estimate_range(), Some((expected, expected)));
    }
}

#[test]
fn the_estimate_of_unanswered_draws_is_a_range() {
    let answered = || shuffled(80);
    let with = |unanswered| fed(both(0.5), answered().chain(vec![None; unanswered]));
    assert_eq!(with(20).estimate_range(), Some((30.0, 50.0)));
    assert_eq!(with(20).estimate(), Some(40.0));
    assert_eq!(with(80).estimate_range(), Some((0.0, 80.0)));
    assert_eq!(with(82).estimate_range(), Some((0.0, f64::INFINITY)));
    assert_eq!(with(82).estimate(), None);
}

#[test]
fn the_estimate_is_moved_into_the_limits() {
    let mut bound = fed(both(0.5), vec![Some(1.0); 100]);
    bound.read();
    let bound = fed(bound, vec![Some(2.0); 101]);
    assert_eq!(bound.estimate_range(), Some((2.0, 2.0)));
    assert_eq!(bound.estimate(), Some(1.0));
}

#[test]
fn contradictions_are_not_hidden() {
    let mut bound = fed(both(0.5), vec![Some(1.0); 100]);
    bound.read();
    let limits = fed(bound, vec![Some(2.0); 1_000]).read();
    assert!(limits.lower > limits.upper, "{limits:?}");
}

#[test]
fn an_unanswered_draw_is_infinite_above_and_0_below() {
    for share in [3, 10] {
        let hidden = |as_if: Option<f64>| {
            let values = shuffled(3_000).enumerate();
            read(0.5, values.map(|(i, value)| if i % share == 0 { as_if } else { value }))
        };
        let (limits, huge, zero) = (hidden(None), hidden(Some(f64::MAX)), hidden(Some(0.0)));
        assert_eq!((limits.lower, limits.upper), (zero.lower, huge.upper));
        assert!(huge.lower > limits.lower && zero.upper < limits.upper);
    }
    assert_eq!(read(0.5, vec![None; 5_000]), UNKNOWN);
}

#[test]
fn odd_numbers_have_a_meaning() {
    let with = |odd: Option<f64>| read(0.5, shuffled(300).chain(vec![odd; 40]));
    for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(with(Some(odd)), with(None), "{odd}");
    }
    for odd in [-1.0, -0.0, f64::MIN] {
        assert_eq!(with(Some(odd)), with(Some(0.0)), "{odd}");
    }
    let zeros = read(0.5, (0..100).map(|i| Some(if i % 2 == 0 { -0.0 } else { 0.0 })));
    assert!(zeros.lower.is_sign_positive() && zeros.upper.is_sign_positive(), "{zeros:?}");
}

#[test]
fn a_chance_that_is_none_has_no_limits() {
    for p in [0.0, 1.0, -0.5, 1.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut bound = fed(both(p), shuffled(2_000));
        assert_eq!((bound.read(), bound.estimate()), (UNKNOWN, None), "{p}");
    }
    // Where a chance next to 0 or 1 is asked for, one side cannot be known.
    assert_eq!(read(f64::MIN_POSITIVE, shuffled(2_000)).lower, 0.0);
    assert_eq!(read(1.0_f64.next_down(), shuffled(2_000)).upper, f64::INFINITY);
}

/// 0.9 is stored a little too high, 0.99 and 0.7 a little too low.
#[test]
fn the_nulls_hold_the_decimal_that_was_typed() {
    for p in [0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999_999] {
        let bound = both(p);
        let (below, above) = (bound.below.expect("claimed").r, bound.above.expect("claimed").r);
        assert!(below > p && below - p <= f64::EPSILON, "{p}");
        // From 1/2 up the difference to 1 is exact, so one of the two comparisons is.
        assert!(above > 1.0 - p && 1.0 - above < p && above - (1.0 - p) <= 2.0 * f64::EPSILON, "{p}");
    }
}

/// The mean of the bets' wealths in plain arithmetic.
fn plain_log_e(r: f64, count: u64, draws: u64) -> f64 {
    let wealth = |j: i32| {
        let odds = r / (1.0 - r) * (4.0 * 0.5_f64.powf(f64::from(j) / 2.0)).exp();
        let q = odds / (1.0 + odds);
        (count as f64 * (q / r).ln() + (draws - count) as f64 * ((1.0 - q) / (1.0 - r)).ln()).exp()
    };
    ((0..18).map(wealth).sum::<f64>() / 18.0).ln()
}

#[test]
fn the_published_rank_is_the_first_whose_likelihood_ratio_rejects() {
    for p in [0.5, 0.9, 0.99] {
        for draws in [600, 1_000, 5_000] {
            let limits = read(p, shuffled(draws));
            let ranks = [(p, limits.upper as u64), (1.0 - p, draws + 1 - limits.lower as u64)];
            for (r, k) in ranks {
                let needed = -BUDGET.ln();
                assert!(plain_log_e(r, k, draws) >= needed, "{r}, {k} of {draws}");
                assert!(plain_log_e(r, k - 1, draws) < needed + 1e-6, "{r}, {k} of {draws}");
            }
        }
    }
}

/// The limits by their definition: each number drawn is tried, with wealth that is kept draw by draw.
fn tried(p: f64, values: &[Option<f64>]) -> QuantileLimits {
    let rejects = |null: &Counts, counts: &dyn Fn(f64) -> bool| {
        let mut evidence = Evidence::new(Toward::High, null.r, BUDGET, |_| null.bets.clone());
        for value in values {
            let counted = value.is_some_and(counts);
            evidence.observe(Observation::Loss(f64::from(u8::from(counted))));
        }
        evidence.rejects()
    };
    let bound = both(p);
    let (below, above) = (bound.below.expect("claimed"), bound.above.expect("claimed"));
    let numbers = || values.iter().flatten().copied();
    QuantileLimits {
        upper: numbers().filter(|&q| rejects(&below, &|x| x <= q)).fold(f64::INFINITY, f64::min),
        lower: numbers().filter(|&q| rejects(&above, &|x| x >= q)).fold(0.0, f64::max),
    }
}

fn draws() -> impl Strategy<Value = Vec<Option<f64>>> {
    // Few different numbers, so that many are equal.
    let value = prop_oneof![9 => (0_u8..20).prop_map(|n| Some(f64::from(n) / 4.0)), 1 => Just(None)];
    prop::collection::vec(value, 0..200)
}

proptest! {
    #[test]
    fn limits_are_those_of_wealth_kept_draw_by_draw(p in 0.1..0.9, values in draws()) {
        prop_assert_eq!(read(p, values.iter().copied()), tried(p, &values));
    }

    #[test]
    fn limits_only_tighten_and_do_not_depend_on_the_order(p in 0.1..0.9, values in draws()) {
        let mut bound = both(p);
        let mut last = bound.read();
        for &value in &values {
            bound.observe(value);
            let next = bound.read();
            prop_assert!(next.lower >= last.lower && next.upper <= last.upper);
            last = next;
        }
        let backwards = read(p, values.iter().rev().copied());
        prop_assert_eq!(read(p, values.iter().copied()), backwards);
    }

    #[test]
    fn nothing_panics(
        p in any::<f64>(), unit in 0.0..=1.0, shares in any::<[Option<f64>; 2]>(),
        values in prop::collection::vec(any::<Option<f64>>(), 0..100),
    ) {
        for p in [p, unit] {
            let mut bound = QuantileBound::new(p, shares[0], shares[1]);
            for &value in &values {
                bound.observe(value);
                let limits = bound.read();
                prop_assert!(limits.lower >= 0.0 && limits.lower.is_finite() && limits.upper >= 0.0);
                prop_assert!(bound.estimate().is_none_or(|estimate| estimate >= 0.0 && estimate.is_finite()));
            }
        }
    }
}

type Draw = fn(&mut ChaCha8Rng) -> Option<f64>;

/// Anything that is read as limits on a quantile.
trait Reader {
    fn observe(&mut self, value: Option<f64>);
    fn read(&mut self) -> QuantileLimits;
}

impl Reader for QuantileBound {
    fn observe(&mut self, value: Option<f64>) {
        self.observe(value);
    }

    fn read(&mut self) -> QuantileLimits {
        self.read()
    }
}

/// The runs in which the lower limit was above the lowest quantile, and the upper one below the highest, at some
/// checkpoint.
fn misses<R: Reader>(quantiles: (f64, f64), horizon: u64, draw: Draw, make: impl Fn() -> R) -> (u64, u64) {
    let checkpoints = Checkpoints::new(10);
    let mut missed = (0, 0);
    for run in 0..RUNS {
        let (mut rng, mut bound) = (ChaCha8Rng::seed_from_u64(run), make());
        let (mut above, mut below) = (false, false);
        for j in (0..).take_while(|&j| checkpoints.at(j) < horizon) {
            (checkpoints.at(j)..checkpoints.at(j + 1)).for_each(|_| bound.observe(draw(&mut rng)));
            let limits = bound.read();
            above |= limits.lower > quantiles.0;
            below |= limits.upper < quantiles.1;
        }
        missed = (missed.0 + u64::from(above), missed.1 + u64::from(below));
    }
    missed
}

fn assert_covers(p: f64, quantiles: (f64, f64), horizon: u64, draw: Draw) {
    let (lower, upper) = misses(quantiles, horizon, draw, || both(p));
    let limit = alarm(RUNS, BUDGET);
    assert!(lower < limit && upper < limit, "{p}: {lower} and {upper} misses, alarm at {limit}");
}

const EXPONENTIAL: Draw = |rng| Some(Exp1.sample(rng));

/// With a heavy tail.
const LOG_NORMAL: Draw = |rng| Some(LogNormal::new(0.0, 1.5).expect("the spread is positive").sample(rng));

/// 0 to 9, each with chance 1/10.
const DIGIT: Draw = |rng| Some(f64::from(rng.random_range(0..10_u8)));

/// The 0.9 and 0.99-quantile of the standard normal distribution.
const Z90: f64 = 1.281_551_565_544_6;
const Z99: f64 = 2.326_347_874_040_84;

fn log_normal_quantile(z: f64) -> (f64, f64) {
    let q = libm::exp(1.5 * z);
    (q, q)
}

fn exponential_quantile(p: f64) -> (f64, f64) {
    (-libm::log1p(-p), -libm::log1p(-p))
}

#[test]
fn quantiles_of_exponential_numbers_are_covered() {
    for (p, horizon) in [(0.5, 2_000), (0.9, 2_000), (0.99, 5_000)] {
        assert_covers(p, exponential_quantile(p), horizon, EXPONENTIAL);
    }
}

#[test]
fn quantiles_of_numbers_with_a_heavy_tail_are_covered() {
    for (p, z, horizon) in [(0.5, 0.0, 2_000), (0.9, Z90, 2_000), (0.99, Z99, 5_000)] {
        assert_covers(p, log_normal_quantile(z), horizon, LOG_NORMAL);
    }
}

/// Where numbers repeat, everything from one to the next may be the quantile, and every other chance is at a number.
#[test]
fn quantiles_of_numbers_that_repeat_are_covered() {
    assert_covers(0.5, (4.0, 5.0), 2_000, DIGIT);
    assert_covers(0.9, (8.0, 9.0), 2_000, DIGIT);
    assert_covers(0.75, (7.0, 7.0), 2_000, DIGIT);
}

/// Half of the numbers above 1 get no answer, or half of those below.
fn hides_high(rng: &mut ChaCha8Rng) -> Option<f64> {
    let (number, hide): (f64, bool) = (Exp1.sample(rng), rng.random());
    (number <= 1.0 || !hide).then_some(number)
}

fn hides_low(rng: &mut ChaCha8Rng) -> Option<f64> {
    let (number, hide): (f64, bool) = (Exp1.sample(rng), rng.random());
    (number > 1.0 || !hide).then_some(number)
}

/// Leaves unanswered draws out, as if they had not been asked.
struct Forgetful(QuantileBound);

impl Reader for Forgetful {
    fn observe(&mut self, value: Option<f64>) {
        if value.is_some() {
            self.0.observe(value);
        }
    }

    fn read(&mut self) -> QuantileLimits {
        self.0.read()
    }
}

#[test]
fn draws_that_stay_unanswered_because_of_their_number_spoil_nothing() {
    let forgetful = || Forgetful(both(0.5));
    let (truth, limit) = (exponential_quantile(0.5), alarm(RUNS, BUDGET));
    for draw in [hides_high as Draw, hides_low] {
        assert_covers(0.5, truth, 1_500, draw);
        let (lower, upper) = misses(truth, 1_500, draw, forgetful);
        assert!(lower.max(upper) >= limit, "leaving them out is noticed: {lower} and {upper}");
    }
}

/// Order statistics for a number of draws fixed beforehand, looked at all the time.
struct Peeking {
    p: f64,
    numbers: Vec<f64>,
}

impl Reader for Peeking {
    fn observe(&mut self, value: Option<f64>) {
        self.numbers.extend(value);
    }

    fn read(&mut self) -> QuantileLimits {
        let draws = self.numbers.len();
        // The first count that as many draws or more reach with a chance of at most the budget.
        let rank = |r: f64| {
            let counts = Binomial::new(r, draws as u64).expect("a chance");
            (counts.inverse_cdf(1.0 - BUDGET) + 1) as usize
        };
        self.numbers.sort_unstable_by(f64::total_cmp);
        let (below, above) = (rank(self.p), rank(1.0 - self.p));
        QuantileLimits {
            lower: if above <= draws { self.numbers[draws - above] } else { 0.0 },
            upper: if below <= draws { self.numbers[below - 1] } else { f64::INFINITY },
        }
    }
}

#[test]
fn peeking_at_fixed_order_statistics_is_noticed() {
    let peeking = || Peeking { p: 0.5, numbers: Vec::new() };
    let (lower, upper) = misses(exponential_quantile(0.5), 1_000, EXPONENTIAL, peeking);
    let limit = alarm(RUNS, BUDGET);
    assert!(lower >= limit && upper >= limit, "{lower} and {upper} misses, alarm at {limit}");
}

/// The median over runs of the draws at which half the distance of the limits is a tenth of the quantile.
fn draws_to_a_tenth(p: f64, quantile: f64, draw: Draw) -> u64 {
    let checkpoints = Checkpoints::new(10);
    let mut counts: Vec<u64> = (0..51)
        .map(|run| {
            let (mut rng, mut bound) = (ChaCha8Rng::seed_from_u64(run), both(p));
            let near = |limits: QuantileLimits| limits.upper - limits.lower <= 0.2 * quantile;
            (0..1_000)
                .find(|&j| {
                    let before = if j == 0 { 0 } else { checkpoints.at(j - 1) };
                    (before..checkpoints.at(j)).for_each(|_| bound.observe(draw(&mut rng)));
                    near(bound.read())
                })
                .map_or(0, |j| checkpoints.at(j))
        })
        .collect();
    counts.sort_unstable();
    counts[counts.len() / 2]
}

#[test]
fn limits_come_within_a_tenth_of_the_quantile_after_as_many_draws_as_ever() {
    let near = |name: &str, p: f64, quantile: f64, draw: Draw, expected: u64| {
        let found = draws_to_a_tenth(p, quantile, draw);
        assert!(found.abs_diff(expected) <= expected / 20, "{name}, {p}: {found} draws, expected {expected}");
    };
    for (p, expected) in [(0.5, 1_929), (0.9, 1_676), (0.99, 4_742)] {
        near("exponential", p, exponential_quantile(p).0, EXPONENTIAL, expected);
    }
    for (p, z, expected) in [(0.5, 0.0, 3_248), (0.9, Z90, 6_516), (0.99, Z99, 31_232)] {
        near("log-normal", p, log_normal_quantile(z).0, LOG_NORMAL, expected);
    }
}
