//! The predictable plug-in empirical Bernstein confidence sequence: Waudby-Smith and Ramdas, "Estimating means of
//! bounded random variables by betting", JRSS-B 86(1), 2024, theorem 2.

use noisebound::bound::{Bound, Interval, Observation};

/// The largest bet.
const LARGEST: f64 = 0.5;

/// The plug-in bets of that paper: from the variance of what was seen before. Its betting method uses them too.
#[derive(Debug, Clone, Copy)]
pub struct PlugIn {
    hurdle: f64,
    draws: f64,
    sum: f64,
    squares: f64,
}

impl PlugIn {
    /// Before the first draw; `alpha` is the share of one side.
    pub fn new(alpha: f64) -> Self {
        Self { hurdle: -alpha.ln(), draws: 0.0, sum: 0.5, squares: 0.25 }
    }

    /// The bet on the next draw, without any limit to it.
    pub fn bet(&self) -> f64 {
        let next = self.draws + 1.0;
        let variance = self.squares / next;
        (2.0 * self.hurdle / (variance * next * next.ln_1p())).sqrt()
    }

    /// The mean as it is thought to be before the next draw.
    pub fn mean(&self) -> f64 {
        self.sum / (self.draws + 1.0)
    }

    /// Takes the next draw.
    pub fn observe(&mut self, loss: f64) {
        self.draws += 1.0;
        self.sum += loss;
        self.squares += (loss - self.mean()).powi(2);
    }
}

/// The bound, with the same share for each side that is wanted.
#[derive(Debug, Clone)]
pub struct Bernstein {
    plug_in: PlugIn,
    bets: f64,
    weighted: f64,
    spread: f64,
    held: Interval,
}

impl Bernstein {
    /// Before the first draw; `alpha` is the share of one side.
    pub fn new(alpha: f64) -> Self {
        let held = Interval { lower: 0.0, upper: 1.0 };
        Self { plug_in: PlugIn::new(alpha), bets: 0.0, weighted: 0.0, spread: 0.0, held }
    }
}

impl Bound for Bernstein {
    fn observe(&mut self, observation: Observation) {
        let Observation::Loss(loss) = observation else { return };
        let bet = self.plug_in.bet().min(LARGEST);
        self.bets += bet;
        self.weighted += bet * loss;
        self.spread += (loss - self.plug_in.mean()).powi(2) * (-(-bet).ln_1p() - bet);
        self.plug_in.observe(loss);
    }

    fn read(&mut self) -> Interval {
        if self.bets > 0.0 {
            let (middle, width) =
                (self.weighted / self.bets, (self.plug_in.hurdle + self.spread) / self.bets);
            self.held.lower = self.held.lower.max(middle - width);
            self.held.upper = self.held.upper.min(middle + width);
        }
        self.held
    }
}
