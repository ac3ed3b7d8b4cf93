//! The law of one loss: where a number in (0, 1) that is drawn once for all levels lands at one of them.

use statrs::distribution::{Beta, ContinuousCDF, Gamma};

/// Steps of a law that is tabled.
const STEPS: usize = 4096;

/// A law of losses, in units of the loss. Larger numbers give smaller losses, at every level alike.
#[derive(Debug, Clone, PartialEq)]
pub enum Law {
    /// `high` with this probability, else `low`: of all laws with its mean the one that varies most.
    Ends { low: f64, high: f64, chance: f64 },
    /// Each of these, ascending, with the same probability.
    Table(Vec<f64>),
}

impl Law {
    /// The law on a range with this mean. The spread makes it a beta law, or without an upper end of the range a
    /// gamma law, whose spread is the mean where none is given.
    pub fn new((low, high): (f64, f64), mean: f64, sd: Option<f64>) -> Self {
        if high.is_infinite() {
            return gamma(low, mean - low, sd.unwrap_or(mean - low));
        }
        let chance = ((mean - low) / (high - low)).clamp(0.0, 1.0);
        let scaled = sd.map(|sd| sd / (high - low));
        scaled.and_then(|sd| beta((low, high), chance, sd)).unwrap_or(Self::Ends { low, high, chance })
    }

    /// The loss for a number in [0, 1).
    pub fn at(&self, u: f64) -> f64 {
        match self {
            Self::Ends { low, high, chance } => {
                if u < *chance {
                    *high
                } else {
                    *low
                }
            }
            Self::Table(losses) => {
                let place = ((1.0 - u) * losses.len() as f64) as usize;
                losses.get(place).or(losses.last()).copied().unwrap_or_default()
            }
        }
    }
}

/// The most that a loss in a range can vary around its mean, as a standard deviation.
pub fn widest((low, high): (f64, f64), mean: f64) -> f64 {
    ((mean - low) * (high - mean)).max(0.0).sqrt()
}

/// None at the ends of the range, where nothing varies, and where there is no such law.
fn beta((low, high): (f64, f64), mean: f64, sd: f64) -> Option<Law> {
    let both = mean * (1.0 - mean) / (sd * sd) - 1.0;
    let law = Beta::new(mean * both, (1.0 - mean) * both).ok()?;
    Some(table(|p| law.inverse_cdf(p).mul_add(high - low, low).clamp(low, high)))
}

fn gamma(low: f64, mean: f64, sd: f64) -> Law {
    match Gamma::new((mean / sd).powi(2), mean / (sd * sd)) {
        Ok(law) => table(|p| low + law.inverse_cdf(p).max(0.0)),
        Err(_) => Law::Table(vec![low + mean]),
    }
}

fn table(quantile: impl Fn(f64) -> f64) -> Law {
    Law::Table((0..STEPS).map(|step| quantile((step as f64 + 0.5) / STEPS as f64)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(law: &Law) -> (f64, f64) {
        let numbers: Vec<f64> = (0..100_000).map(|i| law.at((f64::from(i) + 0.5) / 1e5)).collect();
        let mean = numbers.iter().sum::<f64>() / 1e5;
        (mean, (numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 1e5).sqrt())
    }

    #[test]
    fn laws_have_the_mean_and_the_spread_that_they_are_asked_for() {
        for (range, mean, sd) in [
            ((0.0, 60.0), 6.0, 4.0),
            ((-2.0, 2.0), 0.5, 0.3),
            ((0.0, 1.0), 0.01, 0.02),
            ((0.0, f64::INFINITY), 30.0, 10.0),
            ((0.0, f64::INFINITY), 3.0, 3.0),
        ] {
            let (found, spread) = moments(&Law::new(range, mean, Some(sd)));
            assert!((found - mean).abs() < 0.01 * mean.abs().max(0.1), "{range:?}: {found}");
            assert!((spread - sd).abs() < 0.03 * sd, "{range:?}: {spread}");
        }
        let (found, spread) = moments(&Law::new((0.0, 60.0), 6.0, None));
        assert!((found - 6.0).abs() < 1e-3 && (spread - widest((0.0, 60.0), 6.0)).abs() < 1e-2);
    }

    #[test]
    fn the_same_number_gives_no_smaller_a_loss_where_the_risk_is_higher() {
        let (low, high) = (Law::new((0.0, 60.0), 5.0, None), Law::new((0.0, 60.0), 9.0, None));
        assert!((0..100).all(|i| low.at(f64::from(i) / 100.0) <= high.at(f64::from(i) / 100.0)));
    }

    #[test]
    fn a_mean_at_an_end_of_the_range_does_not_vary() {
        for sd in [None, Some(0.1)] {
            assert_eq!(Law::new((0.0, 1.0), 0.0, sd).at(0.0), 0.0);
            assert_eq!(Law::new((0.0, 1.0), 1.0, sd).at(0.999), 1.0);
        }
        assert_eq!(Law::new((0.0, f64::INFINITY), 0.0, None).at(0.5), 0.0);
    }
}
