//! The sign test (McNemar) of two endpoints on losses of 0 and 1: is the risk of B lower than that of A, or higher?
//!
//! The risks differ by as much as the chances of the two kinds of *discordant* pairs: those with a loss in A alone, and
//! those with one in B alone. So the risks are equal exactly where a discordant pair is of either kind with chance
//! 1/2, and pairs in which both lose or neither does say nothing. "Better" is evidence that B loses less than half of
//! the discordant pairs, "worse" that it loses more. At equal risks both would be wrong, so each has half of the
//! claim's share; both use the bets with which a gate shows that it holds, so A and B may change places.
//!
//! A pair that is missing, because one of its answers is or because a loss is neither 0 nor 1, counts as discordant
//! against the statement tested. No wealth can then be above what it would be had the answers come, whatever decides
//! which of them do not. Invariant: a verdict once given stays.

use super::Observation;
use super::bet::Toward;
use super::evidence::Evidence;
use super::gate::holding_bets;

/// Where a comparison stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The risk of B is lower than that of A. Final.
    Better,
    /// The risk of B is higher than that of A. Final.
    Worse,
    /// Undecided.
    Open,
}

/// The test and the evidence so far.
#[derive(Debug, Clone)]
pub struct SignGate {
    better: Evidence,
    worse: Evidence,
    verdict: Comparison,
}

impl SignGate {
    /// A test without evidence. `share` is the probability with which what it says may be wrong.
    pub fn new(share: f64) -> Self {
        let evidence = |toward| Evidence::new(toward, 0.5, share / 2.0, |r| holding_bets(true, r));
        Self { better: evidence(Toward::Low), worse: evidence(Toward::High), verdict: Comparison::Open }
    }

    /// Takes the losses of A and B at the next charged draw, in draw order; none where unanswered.
    pub fn observe(&mut self, a: Option<f64>, b: Option<f64>) {
        let known = |loss: Option<f64>| loss.filter(|&loss| loss == 0.0 || loss == 1.0);
        // Seen as a draw whose loss is 1 where B loses the pair.
        let observation = match (known(a), known(b)) {
            (Some(a), Some(b)) if a == b => return,
            (Some(_), Some(b)) => Observation::Loss(b),
            _ => Observation::Unanswered,
        };
        self.better.observe(observation);
        self.worse.observe(observation);
    }

    /// Where the comparison stands after the draws so far; to be read at checkpoints.
    pub fn read(&mut self) -> Comparison {
        if self.verdict == Comparison::Open {
            if self.better.rejects() {
                self.verdict = Comparison::Better;
            } else if self.worse.rejects() {
                self.verdict = Comparison::Worse;
            }
        }
        self.verdict
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::ChaCha8Rng;
    use rand::{RngExt, SeedableRng};

    use super::Comparison::{Better, Open, Worse};
    use super::*;
    use crate::bound::checkpoint::Checkpoints;
    use crate::bound::coverage::{RUNS, alarm};

    type Pair = (Option<f64>, Option<f64>);

    const LOST_BY_A: Pair = (Some(1.0), Some(0.0));
    const LOST_BY_B: Pair = (Some(0.0), Some(1.0));

    fn fed(share: f64, pairs: impl IntoIterator<Item = Pair>) -> SignGate {
        let mut gate = SignGate::new(share);
        pairs.into_iter().for_each(|(a, b)| gate.observe(a, b));
        gate
    }

    #[test]
    fn the_one_that_loses_fewer_pairs_is_better() {
        assert_eq!(fed(0.05, [LOST_BY_A; 20]).read(), Better);
        assert_eq!(fed(0.05, [LOST_BY_B; 20]).read(), Worse);
        assert_eq!(fed(0.05, [LOST_BY_A, LOST_BY_B].repeat(500)).read(), Open);
        assert_eq!(fed(0.05, []).read(), Open);
    }

    /// `2^pairs` is all that such pairs can win, and has to be twice the inverse of the share.
    #[test]
    fn each_verdict_has_half_of_the_share() {
        for (share, pairs) in [(0.05, 7), (0.001, 13)] {
            for pair in [LOST_BY_A, LOST_BY_B] {
                let first = (0..50).find(|&pairs| fed(share, vec![pair; pairs]).read() != Open).unwrap();
                assert_eq!(first, pairs, "{share}");
                assert!(libm::exp2(-(first as f64)) <= share / 2.0);
            }
        }
        assert_eq!(fed(0.0, vec![LOST_BY_A; 2_000]).read(), Open);
        assert_eq!(fed(f64::NAN, vec![LOST_BY_A; 2_000]).read(), Open);
    }

    #[test]
    fn pairs_that_agree_say_nothing() {
        let agreeing = [(Some(0.0), Some(0.0)), (Some(1.0), Some(1.0))];
        for count in 0..12 {
            let plain = fed(0.05, vec![LOST_BY_A; count]).read();
            let padded = agreeing.repeat(1_000).into_iter().chain(vec![LOST_BY_A; count]);
            assert_eq!(fed(0.05, padded).read(), plain, "{count}");
        }
    }

    #[test]
    fn a_missing_pair_speaks_against_either_verdict() {
        let odd = [None, Some(f64::NAN), Some(0.5), Some(-1.0), Some(2.0), Some(f64::INFINITY)];
        for missing in odd {
            for pair in [(missing, Some(0.0)), (missing, Some(1.0)), (Some(0.0), missing), (missing, missing)]
            {
                assert_eq!(fed(0.05, vec![pair; 2_000]).read(), Open, "{pair:?}");
                for lost in [LOST_BY_A, LOST_BY_B] {
                    assert_ne!(fed(0.05, vec![lost; 10]).read(), Open);
                    let doubtful = vec![lost; 10].into_iter().chain(vec![pair; 5]);
                    assert_eq!(fed(0.05, doubtful).read(), Open, "{pair:?}");
                }
            }
        }
    }

    #[test]
    fn a_missing_pair_counts_as_one_that_is_lost() {
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        for _ in 0..200 {
            let kinds: Vec<u8> = (0..40).map(|_| rng.random_range(0..10)).collect();
            let pairs = |missing: Pair| {
                kinds.iter().map(move |kind| match kind {
                    0 => missing,
                    1..=3 => LOST_BY_B,
                    _ => LOST_BY_A,
                })
            };
            let (found, filled) = (fed(0.2, pairs((None, None))), fed(0.2, pairs(LOST_BY_B)));
            assert_eq!(found.better.rejects(), filled.better.rejects());
            assert_eq!(found.worse.rejects(), fed(0.2, pairs(LOST_BY_A)).worse.rejects());
        }
    }

    #[test]
    fn a_verdict_stays_whatever_comes_after() {
        let mut gate = fed(0.05, [LOST_BY_A; 20]);
        assert_eq!(gate.read(), Better);
        (0..1_000).for_each(|_| gate.observe(Some(0.0), Some(1.0)));
        assert_eq!(gate.read(), Better);
    }

    #[test]
    fn the_endpoints_may_change_places() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for _ in 0..50 {
            let (mut one, mut other) = (SignGate::new(0.3), SignGate::new(0.3));
            let risks: [f64; 2] = rng.random();
            for _ in 0..60 {
                let mut loss = |risk: f64| {
                    let answered = rng.random::<f64>() > 0.05;
                    answered.then(|| f64::from(u8::from(rng.random::<f64>() < risk)))
                };
                let (a, b) = (loss(risks[0]), loss(risks[1]));
                one.observe(a, b);
                other.observe(b, a);
                let mirrored = match other.read() {
                    Better => Worse,
                    Worse => Better,
                    Open => Open,
                };
                assert_eq!(one.read(), mirrored);
            }
        }
    }

    const SHARE: f64 = 0.05;

    /// In how many runs over 2,000 draws the test says better, and worse.
    fn verdicts(observe: impl Fn(&mut SignGate, &mut ChaCha8Rng)) -> (u64, u64) {
        let checkpoints = Checkpoints::new(10);
        let mut said = (0, 0);
        for run in 0..RUNS {
            let (mut rng, mut gate) = (ChaCha8Rng::seed_from_u64(run), SignGate::new(SHARE));
            for j in (0..).take_while(|&j| checkpoints.at(j) < 2_000) {
                (checkpoints.at(j)..checkpoints.at(j + 1)).for_each(|_| observe(&mut gate, &mut rng));
                gate.read();
            }
            said.0 += u64::from(gate.read() == Better);
            said.1 += u64::from(gate.read() == Worse);
        }
        said
    }

    /// Two endpoints with equal risks, that disagree about a third of the rows or about nearly none.
    fn equal(rng: &mut ChaCha8Rng, disagree: f64) -> Pair {
        let (at, a_loses): (f64, bool) = (rng.random(), rng.random());
        if at >= disagree {
            return [(Some(0.0), Some(0.0)), (Some(1.0), Some(1.0))][usize::from(at > 0.9)];
        }
        if a_loses { LOST_BY_A } else { LOST_BY_B }
    }

    #[test]
    fn endpoints_that_are_equal_are_seldom_told_apart() {
        for disagree in [1.0 / 3.0, 0.02] {
            let (better, worse) = verdicts(|gate, rng| {
                let (a, b) = equal(rng, disagree);
                gate.observe(a, b);
            });
            let limit = alarm(RUNS, SHARE / 2.0);
            assert!(better < limit && worse < limit, "{better} better, {worse} worse, alarm at {limit}");
            assert!(better + worse < alarm(RUNS, SHARE), "{better} better, {worse} worse");
        }
    }

    /// Hides half of the pairs that B loses: those that remain make it look much better.
    #[test]
    fn answers_that_are_missing_because_of_the_loss_make_nobody_better() {
        let hiding = |rng: &mut ChaCha8Rng| {
            let (pair, hide) = (equal(rng, 1.0 / 3.0), rng.random::<bool>());
            if pair == LOST_BY_B && hide { (pair.0, None) } else { pair }
        };
        let limit = alarm(RUNS, SHARE / 2.0);
        let (better, worse) = verdicts(|gate, rng| {
            let (a, b) = hiding(rng);
            gate.observe(a, b);
        });
        assert!(better < limit && worse < limit, "{better} better, {worse} worse, alarm at {limit}");
        let (better, _) = verdicts(|gate, rng| {
            let (a, b) = hiding(rng);
            if b.is_some() {
                gate.observe(a, b);
            }
        });
        assert!(better >= limit, "leaving them out is noticed: {better} better, alarm at {limit}");
    }
}
