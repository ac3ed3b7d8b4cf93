//! Methods that do not hold, each a mistake that is easily made.

use noisebound::bound::engine::{Engines, IntervalSpec, Standard};
use noisebound::bound::{Bound, Interval, Observation};
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use statrs::distribution::{Beta, ContinuousCDF};

use super::cell::{Cell, Count, Size};
use super::fold::{self, Numbers, World};
use super::law::coin;
use super::path::{Path, Reads};

/// The cells.
pub fn cells(size: Size) -> Vec<Cell> {
    let all = World { slower: 1.0, silent: [0.0; 2] };
    let cells = [
        clopper_pearson(size),
        fold::cell(
            size,
            "audits, counted as answers arrive, losses are slow",
            World { slower: 8.0, ..all },
            Numbers::Arrival,
            Standard,
        ),
        fold::cell(
            size,
            "audits, unanswered draws left out, 0.4 of the losses",
            World { silent: [0.0, 0.4], ..all },
            Numbers::Draw,
            Forgetful,
        ),
        asymptotic(size),
    ];
    cells.into_iter().map(Cell::broken).collect()
}

/// The share of each side of [`ClopperPearson`].
const SHARE: f64 = 0.025;

/// Limits for one number of draws fixed beforehand, read again and again.
struct ClopperPearson {
    ones: f64,
    draws: f64,
}

impl Bound for ClopperPearson {
    fn observe(&mut self, observation: Observation) {
        self.draws += 1.0;
        self.ones += f64::from(u8::from(observation == Observation::Loss(1.0)));
    }

    fn read(&mut self) -> Interval {
        let zeros = self.draws - self.ones;
        let quantile = |a, b, p| Beta::new(a, b).expect("both shapes are at least 1").inverse_cdf(p);
        Interval {
            lower: if self.ones == 0.0 { 0.0 } else { quantile(self.ones, zeros + 1.0, SHARE) },
            upper: if zeros == 0.0 { 1.0 } else { quantile(self.ones + 1.0, zeros, 1.0 - SHARE) },
        }
    }
}

fn clopper_pearson(size: Size) -> Cell {
    let path = Path { truth: 0.2, draws: size.draws(2_000), reads: Reads::Checkpoints };
    Cell::new("clopper-pearson, read again and again, risk 0.2", Count::sides(SHARE), move |mut rng| {
        let mut bound = ClopperPearson { ones: 0.0, draws: 0.0 };
        path.watch(&mut bound, &mut rng, |rng| Observation::Loss(coin(rng, 0.2)))
    })
}

/// The engines of this version, without the draws that stay unanswered.
struct Forgetful;

impl Engines for Forgetful {
    fn interval(&self, spec: &IntervalSpec) -> Box<dyn Bound> {
        Box::new(Answered(Standard.interval(spec)))
    }
}

struct Answered(Box<dyn Bound>);

impl Bound for Answered {
    fn observe(&mut self, observation: Observation) {
        if observation != Observation::Unanswered {
            self.0.observe(observation);
        }
    }

    fn read(&mut self) -> Interval {
        self.0.read()
    }
}

/// The asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024), which needs the
/// sample variance to be near the variance.
#[derive(Default)]
struct Asymptotic {
    draws: f64,
    mean: f64,
    squares: f64,
}

/// The probability with which either of its limits may be wrong.
const ALPHA: f64 = 0.05;

/// The count of draws at which it is tightest.
const TIGHTEST: f64 = 500.0;

/// It is not looked at before.
const FROM: f64 = 20.0;

impl Bound for Asymptotic {
    fn observe(&mut self, observation: Observation) {
        if let Observation::Loss(loss) = observation {
            self.draws += 1.0;
            let off = loss - self.mean;
            self.mean += off / self.draws;
            self.squares += off * (loss - self.mean);
        }
    }

    fn read(&mut self) -> Interval {
        if self.draws < FROM {
            return Interval { lower: 0.0, upper: f64::INFINITY };
        }
        let twice = -2.0 * ALPHA.ln();
        let rho = (twice + (1.0 + twice).ln()) / TIGHTEST;
        let t = self.draws;
        let grown = t * rho + 1.0;
        let radius = (2.0 * grown / (t * t * rho) * (grown.sqrt() / ALPHA).ln()).sqrt();
        let deviation = (self.squares / t).sqrt();
        Interval { lower: self.mean - deviation * radius, upper: self.mean + deviation * radius }
    }
}

/// A squared normal variate, but for one in a hundred, which is 100: mean 0.99 + 1.
fn heavy(rng: &mut ChaCha8Rng) -> Observation {
    let z: f64 = StandardNormal.sample(rng);
    Observation::Loss(if coin(rng, 0.01) == 1.0 { 100.0 } else { z * z })
}

fn asymptotic(size: Size) -> Cell {
    let path = Path { truth: 1.99, draws: size.draws(4_000), reads: Reads::Every(1) };
    let name = "asymptotic sequence, 0.01 of the losses are 100";
    Cell::new(name, vec![Count::either(ALPHA)], move |mut rng| {
        path.watch(&mut Asymptotic::default(), &mut rng, heavy)
    })
}
