//! How losses are distributed, and which draws stay unanswered.

use noisebound::bound::Observation;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Beta, Distribution};

/// A distribution of losses in `[0, 1]`.
#[derive(Debug, Clone, Copy)]
pub enum Law {
    /// 1 with this probability, else 0.
    Coin(f64),
    /// A beta distribution.
    Beta(f64, f64),
    /// Half of the losses are 0, four tenths uniform on `[0, 0.04]`, one tenth on `[0, 1]`.
    Mixed,
}

impl Law {
    /// The risk.
    pub fn mean(self) -> f64 {
        match self {
            Self::Coin(p) => p,
            Self::Beta(a, b) => a / (a + b),
            Self::Mixed => 0.4 * 0.02 + 0.1 * 0.5,
        }
    }

    /// One loss.
    pub fn draw(self, rng: &mut ChaCha8Rng) -> f64 {
        match self {
            Self::Coin(p) => coin(rng, p),
            Self::Beta(a, b) => Beta::new(a, b).expect("shapes of cells are positive").sample(rng),
            Self::Mixed => {
                let (u, v): (f64, f64) = (rng.random(), rng.random());
                if v < 0.5 {
                    0.0
                } else if v < 0.9 {
                    0.04 * u
                } else {
                    u
                }
            }
        }
    }
}

/// 1 with this probability, else 0.
pub fn coin(rng: &mut ChaCha8Rng, p: f64) -> f64 {
    f64::from(u8::from(rng.random::<f64>() < p))
}

/// Which draws stay unanswered.
#[derive(Debug, Clone, Copy)]
pub enum Silence {
    /// None.
    None,
    /// This share, whatever the loss.
    AtRandom(f64),
    /// This share of those with a loss above 0.
    OfLosses(f64),
    /// This share of those with loss 0.
    OfZeros(f64),
}

impl Silence {
    /// What the loss is observed as.
    pub fn over(self, loss: f64, rng: &mut ChaCha8Rng) -> Observation {
        let share = match self {
            Self::None => 0.0,
            Self::AtRandom(share) => share,
            Self::OfLosses(share) => {
                if loss > 0.0 {
                    share
                } else {
                    0.0
                }
            }
            Self::OfZeros(share) => {
                if loss > 0.0 {
                    0.0
                } else {
                    share
                }
            }
        };
        let silent = share > 0.0 && rng.random::<f64>() < share;
        if silent { Observation::Unanswered } else { Observation::Loss(loss) }
    }
}
