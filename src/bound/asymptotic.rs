//! Limits on the mean of losses without a range, which are *asymptotic*: they hold for losses whose mean of so many
//! draws is close to normal, and nobody can tell from the draws whether these are such losses.
//!
//! No limit on a mean holds for all losses without a range (Bahadur and Savage 1956). These come from an asymptotic
//! confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024): after `t` draws with mean `m` and
//! standard deviation `s` the lower limit is
//!
//! > `m - s sqrt(2 (t r + 1) / (t^2 r) ln(1 + sqrt(t r + 1) / (2 alpha)))`,
//!
//! and the upper one mirrors it with its own `alpha`. The reason: for a Brownian motion `W` with a drift of at most 0,
//! `exp(l W - l^2 t / 2)` is a supermartingale for every `l > 0`. Its mean over `l` from the positive half of a normal
//! distribution with variance `r` is `2 / sqrt(t r + 1) exp(x^2 / 2) Phi(x)`, where `x = W sqrt(r / (t r + 1))`. As
//! `Phi(x) >= 1 - exp(-x^2 / 2)` where `x >= 0`, this is at least `2 (exp(x^2 / 2) - 1) / sqrt(t r + 1)`, which by
//! Ville's inequality ever reaches `1 / alpha` with probability at most `alpha`. Sums of draws stay close to
//! such a motion from some number of draws on; how close, and from which, depends on the losses. So each side has its
//! share as elsewhere, and all readings hold together, but only in the limit of a late start.
//!
//! **Heavy tails break it.** Where one loss in a hundred is a hundred times the others, a run that has met none yet
//! shows a small deviation and limits far below the mean. A cap on the loss, or a quantile of it, has limits that hold.
//!
//! Readings are not intersected with earlier ones: a loss that is larger than all before must be able to widen the
//! limits. Invariant: there are no limits before 500 draws, nor after a draw without an answer.

/// There are no limits before so many draws.
pub const START: u64 = 500;

/// Lower and upper asymptotic limit of a mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AsymptoticLimits {
    /// The lower limit; minus infinity where none was claimed.
    pub lower: f64,
    /// The upper limit; infinity where none was claimed.
    pub upper: f64,
}

/// A mean of losses without a range, and its asymptotic limits. The words "asymptotic, heavy tails break it" go
/// wherever they are shown.
#[derive(Debug, Clone)]
pub struct Asymptotic {
    lower: Option<Side>,
    upper: Option<Side>,
    draws: u64,
    mean: f64,
    /// The sum of the squares of the distances from the mean.
    squares: f64,
    unanswered: bool,
}

impl Asymptotic {
    /// No draws yet. `lower` and `upper` are the probabilities with which the limits may be wrong, where they are
    /// claimed: in (0, 1/2), or nothing is ever known. The limits are tightest, for their shares, near `t_opt` draws.
    pub fn new(lower: Option<f64>, upper: Option<f64>, t_opt: u64) -> Self {
        let side = |alpha| Side::new(alpha, t_opt.max(1));
        Self {
            lower: lower.map(side),
            upper: upper.map(side),
            draws: 0,
            mean: 0.0,
            squares: 0.0,
            unanswered: false,
        }
    }

    /// Takes the next charged draw, in draw order; none where it stayed unanswered, which a loss that is not finite
    /// counts as, too.
    pub fn observe(&mut self, loss: Option<f64>) {
        self.draws += 1;
        let Some(loss) = loss.filter(|loss| loss.is_finite()) else {
            self.unanswered = true;
            return;
        };
        // Welford's recurrence: no difference of large sums.
        let distance = loss - self.mean;
        self.mean += distance / self.draws as f64;
        self.squares += distance * (loss - self.mean);
    }

    /// The limits after the draws so far; none before [`START`] draws, with an unanswered one, where all losses are
    /// equal, so that nothing is known of their spread, or where they are too large to square.
    pub fn read(&self) -> Option<AsymptoticLimits> {
        let draws = self.draws as f64;
        let deviation = libm::sqrt(self.squares / draws);
        if self.draws < START || self.unanswered || !(deviation > 0.0 && deviation.is_finite()) {
            return None;
        }
        let margin =
            |side: Option<&Side>| side.map_or(f64::INFINITY, |side| deviation * side.deviations(draws));
        let limits = AsymptoticLimits {
            lower: self.mean - margin(self.lower.as_ref()),
            upper: self.mean + margin(self.upper.as_ref()),
        };
        (!limits.lower.is_nan() && !limits.upper.is_nan()).then_some(limits)
    }

    /// The mean of the losses so far; none without draws or with an unanswered one.
    pub fn estimate(&self) -> Option<f64> {
        (self.draws > 0 && !self.unanswered && self.mean.is_finite()).then_some(self.mean)
    }
}

/// One side's share, and where it is tightest.
#[derive(Debug, Clone, Copy)]
struct Side {
    alpha: f64,
    /// The variance of the mixture.
    r: f64,
}

impl Side {
    /// The variance is the paper's choice for both sides at `2 alpha` together, to which one side at `alpha` comes
    /// close.
    fn new(alpha: f64, t_opt: u64) -> Self {
        let log = -2.0 * libm::log(2.0 * alpha);
        Self { alpha, r: (log + libm::log1p(log)) / t_opt as f64 }
    }

    /// How many standard deviations of the losses the limit lies from their mean after `draws` draws; infinite where
    /// the share cannot be used.
    fn deviations(self, draws: f64) -> f64 {
        let grown = draws * self.r + 1.0;
        let log = libm::log1p(libm::sqrt(grown) / (2.0 * self.alpha));
        let deviations = libm::sqrt(2.0 * grown / (draws * draws * self.r) * log);
        if self.alpha > 0.0 && deviations > 0.0 { deviations } else { f64::INFINITY }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;
    use rand_distr::{Distribution, StandardNormal};

    use super::*;
    use crate::bound::checkpoint::Checkpoints;
    use crate::bound::coverage::{BUDGET, RUNS, alarm};

    fn both() -> Asymptotic {
        Asymptotic::new(Some(BUDGET), Some(BUDGET), 1_000)
    }

    fn fed(mut bound: Asymptotic, losses: impl IntoIterator<Item = Option<f64>>) -> Asymptotic {
        losses.into_iter().for_each(|loss| bound.observe(loss));
        bound
    }

    fn alternating(draws: u64) -> impl Iterator<Item = Option<f64>> {
        (0..draws).map(|i| Some(if i.is_multiple_of(2) { 1.0 } else { 3.0 }))
    }

    #[test]
    fn limits_are_those_of_the_formula() {
        let limits = fed(both(), alternating(1_000)).read().unwrap();
        // Mean 2, deviation 1, r = (2 ln 20 + ln(2 ln 20 + 1)) / 1000 = 0.0079368...
        let log = 2.0 * 20.0_f64.ln();
        let r = (log + (log + 1.0).ln()) / 1_000.0;
        let grown: f64 = 1_000.0 * r + 1.0;
        let margin = (2.0 * grown / (1e6 * r) * (1.0 + grown.sqrt() / 0.05).ln()).sqrt();
        assert!((limits.lower - (2.0 - margin)).abs() < 1e-12, "{limits:?}");
        assert!((limits.upper - (2.0 + margin)).abs() < 1e-12, "{limits:?}");
        // For a fixed number of draws 1.96 deviations would do; at every number it takes about half as much again.
        assert!(margin > 1.96 / 1_000_f64.sqrt() && margin < 3.1 / 1_000_f64.sqrt(), "{margin}");
    }

    #[test]
    fn only_what_is_claimed_is_limited_each_at_its_share() {
        let read =
            |lower, upper| fed(Asymptotic::new(lower, upper, 1_000), alternating(1_000)).read().unwrap();
        let both = read(Some(BUDGET), Some(BUDGET));
        assert_eq!(read(None, Some(BUDGET)), AsymptoticLimits { lower: f64::NEG_INFINITY, ..both });
        assert_eq!(read(Some(BUDGET), None), AsymptoticLimits { upper: f64::INFINITY, ..both });
        assert!(read(Some(1e-6), Some(BUDGET)).lower < both.lower);
        assert!(read(Some(BUDGET), Some(1e-6)).upper > both.upper);
        for odd in [0.0, -1.0, 0.5, 2.0, f64::NAN, f64::INFINITY] {
            assert_eq!(read(Some(odd), Some(odd)).lower, f64::NEG_INFINITY, "{odd}");
        }
    }

    #[test]
    fn they_are_tightest_about_where_they_are_to_be() {
        let deviations = |t_opt| Side::new(BUDGET, t_opt).deviations(10_000.0);
        let best = deviations(10_000);
        for other in [1, 1_000, 5_000, 20_000, 100_000, u64::MAX] {
            assert!(deviations(other) > best, "{other}");
        }
    }

    #[test]
    fn there_are_no_limits_before_the_start() {
        assert_eq!(fed(both(), alternating(499)).read(), None);
        assert!(fed(both(), alternating(500)).read().is_some());
        assert!((fed(both(), alternating(499)).estimate().unwrap() - 997.0 / 499.0).abs() < 1e-12);
        assert_eq!(both().estimate(), None);
        assert!(fed(Asymptotic::new(Some(0.1), None, 0), alternating(500)).read().is_some());
    }

    #[test]
    fn one_unanswered_draw_is_the_end_of_all_limits() {
        for odd in [None, Some(f64::NAN), Some(f64::INFINITY), Some(f64::NEG_INFINITY)] {
            let bound = fed(both(), [odd].into_iter().chain(alternating(5_000)));
            assert_eq!((bound.read(), bound.estimate()), (None, None), "{odd:?}");
        }
    }

    #[test]
    fn losses_without_spread_or_too_large_to_square_have_no_limits() {
        assert_eq!(fed(both(), vec![Some(3.0); 1_000]).read(), None);
        let huge = |i: u64| Some(if i.is_multiple_of(2) { f64::MAX } else { f64::MIN });
        assert_eq!(fed(both(), (0..1_000).map(huge)).read(), None);
        let large = |i: u64| Some(if i.is_multiple_of(2) { 1e200 } else { -1e200 });
        assert_eq!(fed(both(), (0..1_000).map(large)).read(), None);
    }

    #[test]
    fn a_large_loss_widens_the_limits() {
        let before = fed(both(), alternating(2_000));
        let after = fed(before.clone(), [Some(1e6)]);
        assert!(after.read().unwrap().upper > before.read().unwrap().upper + 100.0);
    }

    #[test]
    fn a_large_offset_does_not_swallow_the_spread() {
        let near = fed(both(), alternating(1_000)).read().unwrap();
        let far = fed(both(), alternating(1_000).map(|loss| loss.map(|loss| loss + 1e9))).read().unwrap();
        assert!((far.upper - 1e9 - near.upper).abs() < 1e-6, "{far:?}");
    }

    type Draw = fn(&mut ChaCha8Rng) -> f64;

    /// The runs over 4,000 draws in which the lower, and the upper, limit was on the wrong side of the mean.
    fn misses(mean: f64, draw: Draw) -> (u64, u64) {
        let checkpoints = Checkpoints::new(10);
        let mut missed = (0, 0);
        for run in 0..RUNS {
            let (mut rng, mut bound) = (ChaCha8Rng::seed_from_u64(run), both());
            let (mut above, mut below) = (false, false);
            for j in (0..).take_while(|&j| checkpoints.at(j) < 4_000) {
                (checkpoints.at(j)..checkpoints.at(j + 1)).for_each(|_| bound.observe(Some(draw(&mut rng))));
                if let Some(limits) = bound.read() {
                    above |= limits.lower > mean;
                    below |= limits.upper < mean;
                }
            }
            missed = (missed.0 + u64::from(above), missed.1 + u64::from(below));
        }
        missed
    }

    #[test]
    fn the_mean_of_normal_losses_is_covered() {
        let (lower, upper) = misses(0.0, |rng| StandardNormal.sample(rng));
        let limit = alarm(RUNS, BUDGET);
        assert!(lower < limit && upper < limit, "{lower} and {upper} misses, alarm at {limit}");
        assert!(lower + upper > 0, "limits that never miss are not these");
    }

    /// The square of a normal number, and one time in a hundred 100.
    fn heavy(rng: &mut ChaCha8Rng) -> f64 {
        let number: f64 = StandardNormal.sample(rng);
        if rand::RngExt::random::<f64>(rng) < 0.01 { 100.0 } else { number * number }
    }

    #[test]
    fn heavy_tails_break_it() {
        let (_, upper) = misses(1.99, heavy);
        let limit = alarm(RUNS, BUDGET);
        assert!(upper >= limit, "{upper} misses, alarm at {limit}");
    }
}
