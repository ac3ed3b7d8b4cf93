//! Where losses come from: distributions whose mean and variance are known, so that what a method needs can be
//! held against what any method needs.
//!
//! Invariant: the losses of a run are a function of its number; every method is given the same ones.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Beta, Distribution};

/// A distribution of losses in `[0, 1]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Losses {
    /// 1 with this probability, else 0.
    Coin(f64),
    /// Beta with these shapes: small and smooth.
    Beta(f64, f64),
    /// Mostly next to nothing, now and then nearly all: Beta(1, 200), and with probability 0.05 Beta(50, 1).
    Mix,
}

impl Losses {
    /// The losses of a run, without end.
    pub fn stream(self, run: u64) -> impl FnMut() -> f64 {
        let mut rng = ChaCha8Rng::seed_from_u64(run);
        let beta = |a, b| Beta::new(a, b).expect("the shapes are positive");
        let (small, large) = match self {
            Self::Coin(_) => (beta(1.0, 1.0), beta(1.0, 1.0)),
            Self::Beta(a, b) => (beta(a, b), beta(a, b)),
            Self::Mix => (beta(1.0, 200.0), beta(50.0, 1.0)),
        };
        move || match self {
            Self::Coin(p) => f64::from(u8::from(rng.random::<f64>() < p)),
            Self::Mix if rng.random::<f64>() < 0.05 => large.sample(&mut rng),
            Self::Beta(..) | Self::Mix => small.sample(&mut rng),
        }
    }

    /// The mean.
    pub fn mean(self) -> f64 {
        match self {
            Self::Coin(p) => p,
            Self::Beta(a, b) => a / (a + b),
            Self::Mix => 0.95 * Self::Beta(1.0, 200.0).mean() + 0.05 * Self::Beta(50.0, 1.0).mean(),
        }
    }

    /// The variance.
    pub fn variance(self) -> f64 {
        match self {
            Self::Coin(p) => p * (1.0 - p),
            Self::Beta(a, b) => a * b / ((a + b).powi(2) * (a + b + 1.0)),
            Self::Mix => {
                let square = |part: Self| part.variance() + part.mean().powi(2);
                let squares = [square(Self::Beta(1.0, 200.0)), square(Self::Beta(50.0, 1.0))];
                0.95 * squares[0] + 0.05 * squares[1] - self.mean().powi(2)
            }
        }
    }

    /// As tables name it.
    pub fn name(self) -> String {
        match self {
            Self::Coin(p) => format!("0 or 1, risk {p}"),
            Self::Beta(a, b) => format!("Beta({a}, {b})"),
            Self::Mix => "mix".to_owned(),
        }
    }
}
