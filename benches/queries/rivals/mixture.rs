//! The Beta(1/2, 1/2) mixture for losses that are 0 or 1: Robbins, "Statistical methods related to the law of the
//! iterated logarithm", 1970. The same as universal portfolios on such losses.

use noisebound::bound::{Bound, Interval, Observation};

use super::beta::{crossing, ln_own, log_e};

/// The bound. It rejects a null from both sides at once.
#[derive(Debug, Clone)]
pub struct Mixture {
    hurdle: f64,
    ones: f64,
    zeros: f64,
    held: Interval,
}

impl Mixture {
    /// Before the first draw; `alpha` is what both sides may be wrong with together, or one that is wanted alone.
    pub fn new(alpha: f64) -> Self {
        Self { hurdle: -alpha.ln(), ones: 0.0, zeros: 0.0, held: Interval { lower: 0.0, upper: 1.0 } }
    }
}

impl Bound for Mixture {
    fn observe(&mut self, observation: Observation) {
        let Observation::Loss(loss) = observation else { return };
        self.ones += loss;
        self.zeros += 1.0 - loss;
    }

    fn read(&mut self) -> Interval {
        let (ones, zeros) = (self.ones, self.zeros);
        self.held.upper = self.held.upper.min(upper(ones, zeros, self.hurdle));
        self.held.lower = self.held.lower.max(1.0 - upper(zeros, ones, self.hurdle));
        self.held
    }
}

/// The null above the mean at which the logarithm of the wealth is `hurdle`; it rises from there on.
fn upper(ones: f64, zeros: f64, hurdle: f64) -> f64 {
    if zeros == 0.0 {
        return 1.0;
    }
    let own = ln_own(ones, zeros, (0.5, 0.5));
    crossing(ones / (ones + zeros), 1.0, hurdle, |null| log_e(own, ones, zeros, null))
}
