//! PROVERO: Baluta, Chua, Meel and Saxena, "Scalable Quantitative Verification for Deep Neural Networks", ICSE
//! 2021. Is the risk at most `theta`, or at least `theta + eta`? In between it may say either.
//!
//! A sequence of tests, each with a number of fresh draws fixed beforehand, on intervals that halve towards
//! `theta`. Its public code accepts in a test only means beyond the ends of the interval, and may end without an
//! answer; here means are compared with the value between the ends at which both errors are as likely as allowed,
//! which is as sound and needs fewer draws.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Binomial, Distribution};

/// Widths are compared with this to spare.
const SLACK: f64 = 1e-9;

/// The draws that it takes, and whether it says that the risk is at most `theta`; for 0/1 losses with this risk.
pub fn run(theta: f64, eta: f64, delta: f64, risk: f64, run: u64) -> (u64, bool) {
    let tests = 3.0 + (theta / eta).log2().max(0.0) + ((1.0 - theta - eta) / eta).log2().max(0.0);
    let mut tester = Tester { ln: (tests / delta).ln(), risk, rng: ChaCha8Rng::seed_from_u64(run), draws: 0 };
    let (mut left, mut right) = (theta, 1.0 - theta - eta);
    loop {
        if left > eta + SLACK && tester.below(theta - left, theta) {
            return (tester.draws, true);
        }
        if right > eta + SLACK {
            if !tester.below(theta + eta, theta + eta + right) {
                return (tester.draws, false);
            }
        } else if left <= eta + SLACK {
            let below = tester.below(theta, theta + eta);
            return (tester.draws, below);
        }
        left = eta.max(left / 2.0);
        right = eta.max(right / 2.0);
    }
}

struct Tester {
    /// The logarithm of one over the error of one test.
    ln: f64,
    risk: f64,
    rng: ChaCha8Rng,
    draws: u64,
}

impl Tester {
    /// Whether the risk seems nearer to `low` than to `high`.
    fn below(&mut self, low: f64, high: f64) -> bool {
        let (root_low, root_high) = ((3.0 * low).sqrt(), (2.0 * high).sqrt());
        let needed = self.ln * (root_low + root_high).powi(2) / (high - low).powi(2);
        let draws = needed.ceil() as u64;
        self.draws += draws;
        let ones = Binomial::new(draws, self.risk).expect("the risk is a probability").sample(&mut self.rng);
        ones as f64 / draws as f64 <= low + (high - low) * root_low / (root_low + root_high)
    }
}
