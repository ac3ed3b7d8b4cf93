//! One quantity at one level: what its draws add up to, and its limits.
//!
//! Invariant: a limit is shown only where it has a claim.

use super::subject::{Settled, Subject};
use crate::bound::asymptotic::{Asymptotic, AsymptoticLimits, START};
use crate::bound::engine::{Engines, IntervalSpec};
use crate::bound::quantile::QuantileBound;
use crate::bound::{Bound, Interval, Quantity};
use crate::results::Bounded;

/// What is bounded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// The mean of a number; what its interval is to be, where it has one.
    Mean(Subject, Option<IntervalSpec>),
    /// The mean of a number without a range, with the half-width that is asked for and the shares of the limits.
    Asymptotic(Subject, f64, Option<f64>, Option<f64>),
    /// A quantile of a measured number, by its place in the plan: which, in (0, 1), and the shares of the limits.
    Quantile(usize, f64, Option<f64>, Option<f64>),
}

/// One quantity that is followed at a level.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackPlan {
    /// What it is.
    pub quantity: Quantity,
    /// Its name, as the claims begin: `risk`, `risk[F]`, `q90(shift)`.
    pub name: String,
    /// How it is bounded.
    pub kind: Kind,
    /// The slice that it is about; absent for all rows.
    pub slice: Option<u32>,
}

/// The state of one quantity.
pub struct Track {
    /// What is planned.
    pub plan: TrackPlan,
    range: (f64, f64),
    state: State,
    draws: u64,
    unanswered: u64,
    sum: f64,
    /// What the unanswered draws add at least, and at most.
    missing: (f64, f64),
}

enum State {
    Estimate,
    Mean(Box<dyn Bound>, IntervalSpec, Option<Interval>),
    Asymptotic(Asymptotic, Option<AsymptoticLimits>),
    Quantile(QuantileBound, Option<(f64, f64)>),
}

impl Track {
    /// A quantity before its first draw; `range` is that of the loss.
    pub fn new(plan: TrackPlan, range: (f64, f64), engines: &dyn Engines) -> Self {
        let (state, range) = match plan.kind {
            Kind::Mean(subject, Some(spec)) => {
                (State::Mean(engines.interval(&spec), spec, None), subject.range(range))
            }
            Kind::Mean(subject, None) => (State::Estimate, subject.range(range)),
            Kind::Asymptotic(subject, _, lower, upper) => {
                (State::Asymptotic(Asymptotic::new(lower, upper, START), None), subject.range(range))
            }
            Kind::Quantile(_, p, lower, upper) => {
                (State::Quantile(QuantileBound::new(p, lower, upper), None), (0.0, f64::INFINITY))
            }
        };
        Self { plan, range, state, draws: 0, unanswered: 0, sum: 0.0, missing: (0.0, 0.0) }
    }

    /// Takes the next draw, of whatever slice; `range` is that of the loss.
    pub fn commit(&mut self, draw: &Settled<'_>, range: (f64, f64)) {
        if self.plan.slice.is_some() && self.plan.slice != draw.slice {
            return;
        }
        self.draws += 1;
        match self.plan.kind {
            Kind::Mean(subject, _) | Kind::Asymptotic(subject, ..) => {
                let known = subject.of(draw, range);
                if known.answered {
                    self.sum += known.low;
                } else {
                    self.unanswered += 1;
                    self.missing = (self.missing.0 + known.low, self.missing.1 + known.high);
                }
                match &mut self.state {
                    State::Mean(bound, ..) => bound.observe(known.scaled(self.range)),
                    State::Asymptotic(bound, _) => bound.observe(known.answered.then_some(known.low)),
                    State::Estimate | State::Quantile(..) => {}
                }
            }
            Kind::Quantile(place, ..) => {
                let value = draw.measured.get(place).copied();
                self.unanswered += u64::from(value.is_none());
                if let State::Quantile(bound, _) = &mut self.state {
                    bound.observe(value);
                }
            }
        }
    }

    /// Reads the limits.
    pub fn read(&mut self) {
        match &mut self.state {
            State::Estimate => {}
            State::Mean(bound, _, interval) => *interval = Some(bound.read()),
            State::Asymptotic(bound, limits) => *limits = bound.read(),
            State::Quantile(bound, limits) => {
                let read = bound.read();
                *limits = Some((read.lower, read.upper));
            }
        }
    }

    /// Whether no value satisfies both limits.
    pub fn contradicts(&self) -> bool {
        match &self.state {
            State::Mean(_, _, Some(interval)) => interval.is_empty(),
            State::Quantile(_, Some((lower, upper))) => lower > upper,
            _ => false,
        }
    }

    /// Whether the limits are as tight as was asked; `None` where none are claimed.
    pub fn precise(&self) -> Option<bool> {
        if let (State::Quantile(bound, _), Kind::Quantile(_, _, lower, upper)) = (&self.state, self.plan.kind)
        {
            return (lower.is_some() || upper.is_some()).then(|| bound.settled());
        }
        if let (State::Asymptotic(_, limits), Kind::Asymptotic(_, precision, lower, upper)) =
            (&self.state, self.plan.kind)
        {
            let Some(limits) = limits else { return Some(false) };
            let middle = self.estimate()?;
            let reach = match (lower, upper) {
                (Some(_), Some(_)) => (limits.upper - limits.lower) / 2.0,
                (None, _) => limits.upper - middle,
                (_, None) => middle - limits.lower,
            };
            return Some(reach <= precision);
        }
        let State::Mean(_, spec, interval) = &self.state else { return None };
        let Some(interval) = interval else { return Some(false) };
        let (low, high) = self.range;
        let estimate =
            self.estimate().map_or(0.0, |estimate| ((estimate - low) / (high - low)).clamp(0.0, 1.0));
        Some(spec.reached(*interval, estimate))
    }

    /// How far apart the unanswered draws keep the two streams, in parts of the range, summed over the draws.
    pub fn apart(&self) -> f64 {
        (self.missing.1 - self.missing.0) / (self.range.1 - self.range.0)
    }

    /// How many draws it had.
    pub fn draws(&self) -> u64 {
        self.draws
    }

    /// How many of them stayed unanswered.
    pub fn unanswered(&self) -> u64 {
        self.unanswered
    }

    /// The quantity as it is reported, in its own units.
    pub fn bounded(&self, limits: bool) -> Bounded {
        let (lower, upper) = if limits { self.limits() } else { (None, None) };
        Bounded { estimate: self.estimate(), lower, upper, estimate_range: self.shown_range() }
    }

    /// The mean of the losses, unanswered draws counted in the middle, moved into the limits.
    fn estimate(&self) -> Option<f64> {
        if let State::Quantile(bound, _) = &self.state {
            return bound.estimate().filter(|estimate| estimate.is_finite());
        }
        let (low, high) = self.means()?;
        let middle = if self.unanswered == 0 { low } else { low + (high - low) / 2.0 };
        let bounds = self.limits();
        let middle = bounds.0.map_or(middle, |lower| middle.max(lower));
        Some(bounds.1.map_or(middle, |upper| middle.min(upper))).filter(|middle| middle.is_finite())
    }

    /// The mean if each unanswered draw had the least, and the most, that it can have.
    fn means(&self) -> Option<(f64, f64)> {
        let draws = self.draws as f64;
        (self.draws > 0).then(|| ((self.sum + self.missing.0) / draws, (self.sum + self.missing.1) / draws))
    }

    fn shown_range(&self) -> Option<(f64, f64)> {
        let range = match &self.state {
            State::Quantile(bound, _) => bound.estimate_range(),
            _ => self.means(),
        };
        range.filter(|(low, high)| self.unanswered > 0 && low.is_finite() && high.is_finite())
    }

    /// The claimed limits in units of the quantity, rounded outward.
    fn limits(&self) -> (Option<f64>, Option<f64>) {
        // Without a draw nothing was learnt, and nothing is stated.
        if self.draws == 0 || self.contradicts() {
            return (None, None);
        }
        match (&self.state, self.plan.kind) {
            (State::Mean(_, spec, Some(interval)), _) => (
                spec.lower.map(|_| outward(self.range, interval.lower, -1.0).max(self.range.0)),
                spec.upper.map(|_| outward(self.range, interval.upper, 1.0).min(self.range.1)),
            ),
            (State::Asymptotic(_, Some(limits)), Kind::Asymptotic(_, _, lower, upper)) => {
                (lower.map(|_| limits.lower), upper.map(|_| limits.upper))
            }
            (State::Quantile(_, Some((low, high))), Kind::Quantile(_, _, lower, upper)) => {
                (lower.map(|_| *low), upper.map(|_| *high).filter(|high| high.is_finite()))
            }
            _ => (None, None),
        }
    }
}

/// A limit in units of the quantity, moved in the direction of `away`: by `2^-50` of the range, as scaling a
/// number rounds at most three times, each time by at most `2^-53` of the range; and by one more step of the
/// result, as scaling the limit back rounds that.
pub(super) fn outward(range: (f64, f64), limit: f64, away: f64) -> f64 {
    if range == (0.0, 1.0) {
        return limit;
    }
    let limit = (limit + away * 2f64.powi(-50)).mul_add(range.1 - range.0, range.0);
    if away > 0.0 { limit.next_up() } else { limit.next_down() }
}
