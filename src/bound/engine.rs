//! Which bound serves which claims: the one place where bounds are made.
//!
//! Which engine it is stands in the specification (see [`choose`](super::choose)). A test puts in engines of its
//! own to see that a broken one is caught.

use super::aim::Aim;
use super::aim_bets::AimBets;
use super::aim_d::AimD;
use super::{Bound, Interval};

/// The ways to a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// [`Aim`], for losses that are 0 or 1.
    Aim,
    /// [`AimD`], for losses that are 0 or 1 and not very rare.
    AimD,
    /// [`AimBets`], for losses in a range.
    AimBets,
}

impl Engine {
    /// The engine for which nothing needs to be known but whether every loss is 0 or 1.
    pub fn plain(binary: bool) -> Self {
        if binary { Self::Aim } else { Self::AimBets }
    }

    /// Its name, as claims give it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aim => "aim",
            Self::AimD => "aim-d",
            Self::AimBets => "aim-bets",
        }
    }
}

/// What an interval is to be built from: the claims on one risk at one level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntervalSpec {
    /// Which engine makes it.
    pub engine: Engine,
    /// The half-width at which the level stops, with losses scaled to `[0, 1]`.
    pub precision: f64,
    /// The probability with which the lower limit may be wrong, where one is claimed.
    pub lower: Option<f64>,
    /// The probability with which the upper limit may be wrong, where one is claimed.
    pub upper: Option<f64>,
}

impl IntervalSpec {
    /// Whether the interval is as tight as was asked: its half-width, or the distance of the only limit from
    /// the estimate, is at most the precision. False where nothing is claimed.
    pub fn reached(&self, interval: Interval, estimate: f64) -> bool {
        let width = match (self.lower, self.upper) {
            (Some(_), Some(_)) => (interval.upper - interval.lower) / 2.0,
            (None, Some(_)) => interval.upper - estimate,
            (Some(_), None) => estimate - interval.lower,
            (None, None) => return false,
        };
        width <= self.precision
    }
}

/// Makes bounds.
pub trait Engines: Send + Sync {
    /// The bound for the claims of one risk at one level.
    fn interval(&self, spec: &IntervalSpec) -> Box<dyn Bound>;
}

/// The engines of this version.
#[derive(Debug, Clone, Copy, Default)]
pub struct Standard;

impl Engines for Standard {
    fn interval(&self, spec: &IntervalSpec) -> Box<dyn Bound> {
        let IntervalSpec { engine, precision, lower, upper } = *spec;
        match engine {
            Engine::Aim => Box::new(Aim::new(precision, lower, upper)),
            Engine::AimD => Box::new(AimD::new(precision, lower, upper)),
            Engine::AimBets => Box::new(AimBets::new(precision, lower, upper)),
        }
    }
}

/// The name of the plain engine, as claims give it.
pub fn method(binary: bool) -> &'static str {
    Engine::plain(binary).name()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(lower: Option<f64>, upper: Option<f64>) -> IntervalSpec {
        IntervalSpec { engine: Engine::Aim, precision: 0.125, lower, upper }
    }

    #[test]
    fn an_interval_is_reached_at_its_half_width_or_its_distance_from_the_estimate() {
        let interval = Interval { lower: 0.25, upper: 0.5 };
        assert!(spec(Some(0.1), Some(0.1)).reached(interval, 0.25));
        assert!(!spec(None, Some(0.1)).reached(interval, 0.25));
        assert!(spec(None, Some(0.1)).reached(interval, 0.375));
        assert!(spec(Some(0.1), None).reached(interval, 0.375));
        assert!(!spec(Some(0.1), None).reached(interval, 0.5));
        assert!(!spec(None, None).reached(interval, 0.3));
    }

    #[test]
    fn the_standard_engine_for_a_range_uses_losses_in_between() {
        for engine in [Engine::Aim, Engine::AimD, Engine::AimBets] {
            let informed = engine == Engine::AimBets;
            let mut bound = Standard.interval(&IntervalSpec { engine, ..spec(Some(0.05), Some(0.05)) });
            (0..200).for_each(|_| bound.observe(crate::bound::Observation::Loss(0.5)));
            let interval = bound.read();
            assert_eq!(interval.upper < 0.7 && interval.lower > 0.3, informed, "{interval:?}");
        }
    }
}
