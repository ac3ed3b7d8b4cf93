//! Wealth against one fixed null, kept draw by draw: constant bets need no memory of the losses.
//!
//! Nulls at the ends of the range and beyond are decided without bets. Invariant: under the null, the wealth
//! ever reaches `1 / alpha` with probability at most `alpha`.

use super::Observation;
use super::bet::{Bet, Tally, Toward};
use super::wealth::{LogWealth, Product, hurdle};

/// A test of one null about the risk.
#[derive(Debug, Clone)]
pub enum Evidence {
    /// The null is impossible, or what would follow from its rejection is true anyhow.
    Sure,
    /// The null is that every gain is 0; it is rejected by the first gain above 0.
    AllNone {
        /// The gains so far are gains of this test.
        toward: Toward,
        /// Whether there was one above 0.
        seen: bool,
    },
    /// The null is true, or not a number: it is never rejected.
    Never,
    /// The null can be bet against.
    Wealth(Wealth),
}

/// A mixture of constant bets against "the mean gain is at most `r`".
#[derive(Debug, Clone)]
pub struct Wealth {
    toward: Toward,
    r: f64,
    hurdle: f64,
    tally: Tally,
    bets: Vec<(Bet, Product)>,
}

impl Evidence {
    /// A test, toward a low risk of "the risk is at least `m`", toward a high one of "the risk is at most
    /// `m`". `bets` is asked for bets against the null for the mean gain, in (0, 1).
    pub fn new(toward: Toward, m: f64, alpha: f64, bets: impl FnOnce(f64) -> Vec<Bet>) -> Self {
        let r = toward.null(m);
        if r < 0.0 {
            Self::Sure
        } else if r == 0.0 {
            Self::AllNone { toward, seen: false }
        } else if r < 1.0 {
            let bets = bets(r).into_iter().map(|bet| (bet, Product::new())).collect();
            Self::Wealth(Wealth { toward, r, hurdle: hurdle(alpha), tally: Tally::default(), bets })
        } else {
            Self::Never
        }
    }

    /// Takes the next draw.
    pub fn observe(&mut self, observation: Observation) {
        match self {
            Self::Sure | Self::Never => {}
            Self::AllNone { toward, seen } => *seen |= toward.gain(observation) > 0.0,
            Self::Wealth(wealth) => wealth.observe(observation),
        }
    }

    /// Whether the null is rejected by the draws so far.
    pub fn rejects(&self) -> bool {
        match self {
            Self::Sure => true,
            Self::AllNone { seen, .. } => *seen,
            Self::Never => false,
            Self::Wealth(wealth) => wealth.log_e().rejects(wealth.hurdle),
        }
    }
}

impl Wealth {
    fn observe(&mut self, observation: Observation) {
        let gain = self.toward.gain(observation);
        if gain <= 0.0 {
            self.tally.none += 1;
        } else if gain >= 1.0 {
            self.tally.full += 1;
        } else {
            self.tally.between += 1;
            for (bet, product) in &mut self.bets {
                product.multiply(bet.factor(self.r, gain));
            }
        }
    }

    /// The logarithm of the wealth.
    pub fn log_e(&self) -> LogWealth {
        let parts: Vec<_> =
            self.bets.iter().map(|(bet, product)| bet.wealth(self.r, self.tally, product.log())).collect();
        LogWealth::total(&parts)
    }
}
