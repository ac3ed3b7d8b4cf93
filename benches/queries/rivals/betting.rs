//! Hedged betting: Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", JRSS-B
//! 86(1), 2024, theorem 3, with the plug-in bets and their limits at half of what is possible.
//!
//! Against each null of a mesh there are two gamblers, one on either side. A null that is rejected stays so, and
//! is dropped, with all that lie beyond it.

use noisebound::bound::{Bound, Interval, Observation};

use super::bernstein::PlugIn;

/// The part of the largest possible bet that is the largest.
const LARGEST: f64 = 0.5;

/// Capital is put into logarithms after so many draws, before it can vanish.
const FLUSH: u64 = 64;

/// The nulls that are still open for one side, and the capital won against each.
#[derive(Debug, Clone, Default)]
struct Side {
    nulls: Vec<f64>,
    limits: Vec<f64>,
    capital: Vec<f64>,
    logs: Vec<f64>,
}

impl Side {
    fn new(nulls: &[f64]) -> Self {
        let n = nulls.len();
        let limits = nulls.iter().map(|null| LARGEST / null).collect();
        Self { nulls: nulls.to_vec(), limits, capital: vec![1.0; n], logs: vec![0.0; n] }
    }

    /// Bets `bet`, or as much as the null allows, on gains above the null.
    fn observe(&mut self, bet: f64, gain: f64) {
        for ((null, limit), capital) in self.nulls.iter().zip(&self.limits).zip(&mut self.capital) {
            // The smaller of the two, written so that processors do several at a time.
            let bet = if bet < *limit { bet } else { *limit };
            *capital *= 1.0 + bet * (gain - null);
        }
    }

    fn flush(&mut self) {
        for (capital, log) in self.capital.iter_mut().zip(&mut self.logs) {
            *log += capital.ln();
            *capital = 1.0;
        }
    }

    /// Drops every null up to the highest that is rejected, and says which that is.
    fn reject(&mut self, hurdle: f64) -> Option<f64> {
        self.flush();
        // The nulls ascend.
        let place = self.logs.iter().rposition(|log| *log >= hurdle)?;
        let highest = self.nulls[place];
        for values in [&mut self.nulls, &mut self.limits, &mut self.capital, &mut self.logs] {
            values.drain(..=place);
        }
        Some(highest)
    }
}

/// The bound, with the same share for each side.
#[derive(Debug, Clone)]
pub struct Hedged {
    plug_in: PlugIn,
    hurdle: f64,
    draws: u64,
    low: Side,
    high: Side,
    half_step: f64,
    held: Interval,
}

impl Hedged {
    /// The bound from a mesh of nulls a twentieth of `precision` apart; a limit is put half-way to the next null.
    pub fn new(precision: f64, alpha: f64) -> Self {
        let step = precision / 20.0;
        let nulls: Vec<f64> =
            (1..i32::MAX).map(|i| f64::from(i) * step).take_while(|null| *null < 1.0 - step / 2.0).collect();
        Self { half_step: step / 2.0, ..Self::against(&nulls, alpha) }
    }

    /// A test of one null, from both sides.
    pub fn test(null: f64, alpha: f64) -> Self {
        Self::against(&[null], alpha)
    }

    fn against(nulls: &[f64], alpha: f64) -> Self {
        let mirrored: Vec<f64> = nulls.iter().rev().map(|null| 1.0 - null).collect();
        Self {
            plug_in: PlugIn::new(alpha),
            hurdle: -alpha.ln(),
            draws: 0,
            low: Side::new(nulls),
            high: Side::new(&mirrored),
            half_step: 0.0,
            held: Interval { lower: 0.0, upper: 1.0 },
        }
    }
}

impl Bound for Hedged {
    fn observe(&mut self, observation: Observation) {
        let Observation::Loss(loss) = observation else { return };
        let bet = self.plug_in.bet();
        self.low.observe(bet, loss);
        self.high.observe(bet, 1.0 - loss);
        self.plug_in.observe(loss);
        self.draws += 1;
        if self.draws.is_multiple_of(FLUSH) {
            self.low.flush();
            self.high.flush();
        }
    }

    fn read(&mut self) -> Interval {
        if let Some(null) = self.low.reject(self.hurdle) {
            self.held.lower = self.held.lower.max(null + self.half_step);
        }
        if let Some(null) = self.high.reject(self.hurdle) {
            self.held.upper = self.held.upper.min(1.0 - null - self.half_step);
        }
        self.held
    }
}
