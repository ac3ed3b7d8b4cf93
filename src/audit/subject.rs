//! What claims and gates are about: from one committed draw to the number that is averaged.

use crate::bound::Observation;

/// One committed draw.
#[derive(Debug, Clone, Copy)]
pub struct Settled<'a> {
    /// Its loss, capped where there is a cap, in units of the loss; absent when it stayed unanswered.
    pub loss: Option<f64>,
    /// The loss as it is, above the cap or not.
    pub whole: Option<f64>,
    /// The numbers that it has beside its loss, in the order of the plan; empty when it stayed unanswered.
    pub measured: &'a [f64],
    /// The loss of its row without noise, capped; absent where it is not known.
    pub clean: Option<f64>,
    /// The slice of its row.
    pub slice: Option<u32>,
}

/// A number of each draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Subject {
    /// The loss.
    Loss,
    /// The loss minus the loss of the same row without noise.
    Difference,
    /// Whether the loss is above this.
    Above(f64),
    /// Whether a measured number, by its place in the plan, is above this.
    MeasuredAbove(usize, f64),
    /// Whether a measured number is this or more.
    MeasuredFrom(usize, f64),
}

/// What is known of the number: the same twice where all of it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Known {
    /// The least that it can be.
    pub low: f64,
    /// The most that it can be.
    pub high: f64,
    /// Whether every answer that it takes is there.
    pub answered: bool,
}

impl Subject {
    /// The ends of its range, given those of the loss.
    pub fn range(self, (low, high): (f64, f64)) -> (f64, f64) {
        match self {
            Self::Loss => (low, high),
            Self::Difference => (low - high, high - low),
            Self::Above(_) | Self::MeasuredAbove(..) | Self::MeasuredFrom(..) => (0.0, 1.0),
        }
    }

    /// Whether it is 0 or 1 always, given whether the loss is.
    pub fn binary(self, loss: bool) -> bool {
        match self {
            Self::Loss => loss,
            Self::Difference => false,
            Self::Above(_) | Self::MeasuredAbove(..) | Self::MeasuredFrom(..) => true,
        }
    }

    /// What is known of it for one draw; `range` is that of the loss.
    pub fn of(self, draw: &Settled<'_>, range: (f64, f64)) -> Known {
        let exact = |value: f64| Known { low: value, high: value, answered: true };
        let truth = |fact: Option<bool>| match fact {
            Some(fact) => exact(f64::from(u8::from(fact))),
            None => Known { low: 0.0, high: 1.0, answered: false },
        };
        let (least, most) = range;
        match self {
            Self::Loss => draw.loss.map_or(Known { low: least, high: most, answered: false }, exact),
            Self::Difference => match (draw.loss, draw.clean) {
                (Some(loss), Some(clean)) => exact(loss - clean),
                (None, Some(clean)) => Known { low: least - clean, high: most - clean, answered: false },
                (Some(loss), None) => Known { low: loss - most, high: loss - least, answered: false },
                (None, None) => Known { low: least - most, high: most - least, answered: false },
            },
            Self::Above(cap) => truth(draw.whole.map(|loss| loss > cap)),
            Self::MeasuredAbove(place, value) => truth(draw.measured.get(place).map(|m| *m > value)),
            Self::MeasuredFrom(place, value) => truth(draw.measured.get(place).map(|m| *m >= value)),
        }
    }
}

impl Known {
    /// As a bound takes it: scaled from `range` to `[0, 1]`.
    pub fn scaled(self, range: (f64, f64)) -> Observation {
        let scale = |value: f64| ((value - range.0) / (range.1 - range.0)).clamp(0.0, 1.0);
        match self {
            Self { low, answered: true, .. } => Observation::Loss(scale(low)),
            Self { low, high, .. } if (low, high) == range => Observation::Unanswered,
            Self { low, high, .. } => Observation::Between(scale(low), scale(high)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANGE: (f64, f64) = (0.0, 4.0);

    fn draw(loss: Option<f64>, clean: Option<f64>) -> Settled<'static> {
        Settled { loss, whole: loss, measured: &[], clean, slice: None }
    }

    #[test]
    fn what_is_missing_takes_the_ends_of_its_range() {
        let known = |loss, clean| {
            let known = Subject::Difference.of(&draw(loss, clean), RANGE);
            (known.low, known.high)
        };
        assert_eq!(known(Some(3.0), Some(1.0)), (2.0, 2.0));
        assert_eq!(known(None, Some(1.0)), (-1.0, 3.0));
        assert_eq!(known(Some(3.0), None), (-1.0, 3.0));
        assert_eq!(known(None, None), (-4.0, 4.0));
        let loss = Subject::Loss.of(&draw(None, None), RANGE);
        assert_eq!((loss.low, loss.high, loss.answered), (0.0, 4.0, false));
        let above = Subject::Above(2.0).of(&draw(None, None), RANGE);
        assert_eq!((above.low, above.high), (0.0, 1.0));
    }

    #[test]
    fn numbers_are_scaled_to_the_range_of_their_subject() {
        let scaled = |subject: Subject, loss, clean| {
            subject.of(&draw(loss, clean), RANGE).scaled(subject.range(RANGE))
        };
        assert_eq!(scaled(Subject::Loss, Some(1.0), None), Observation::Loss(0.25));
        assert_eq!(scaled(Subject::Loss, None, None), Observation::Unanswered);
        assert_eq!(scaled(Subject::Difference, Some(2.0), Some(2.0)), Observation::Loss(0.5));
        assert_eq!(scaled(Subject::Difference, None, Some(4.0)), Observation::Between(0.0, 0.5));
        assert_eq!(scaled(Subject::Difference, None, None), Observation::Unanswered);
        assert_eq!(scaled(Subject::Above(2.0), Some(2.0), None), Observation::Loss(0.0));
        assert_eq!(scaled(Subject::Above(2.0), Some(2.5), None), Observation::Loss(1.0));
    }

    #[test]
    fn a_measured_number_is_compared_with_its_threshold() {
        let draw = Settled { measured: &[1.0, 3.0], ..draw(Some(0.0), None) };
        for (subject, wanted) in [
            (Subject::MeasuredAbove(1, 3.0), 0.0),
            (Subject::MeasuredFrom(1, 3.0), 1.0),
            (Subject::MeasuredAbove(1, 2.9), 1.0),
            (Subject::MeasuredFrom(0, 3.0), 0.0),
        ] {
            assert_eq!(subject.of(&draw, RANGE).low, wanted, "{subject:?}");
        }
        let missing = Settled { measured: &[], ..draw };
        assert!(!Subject::MeasuredFrom(0, 3.0).of(&missing, RANGE).answered);
    }
}
