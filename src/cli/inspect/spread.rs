//! Where the numbers of the data lie, and whether they have natural ends.

use schemars::JsonSchema;
use serde::Serialize;

use crate::data::Dataset;
use crate::noise::Mask;

/// The range of the numbers that noise can be added to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Spread {
    /// The smallest.
    pub low: f64,
    /// The largest.
    pub high: f64,
    /// The share of the numbers that lie at one of the two.
    pub at_ends: f64,
}

/// From what share of numbers at the ends these are taken for natural, such as black and white.
const NATURAL: f64 = 0.01;

impl Spread {
    /// The spread of all values that noise is added to; none where there are none.
    pub fn of(dataset: &Dataset, mask: &Mask) -> Option<Self> {
        let fields =
            || dataset.fields.iter().zip(&mask.factors).filter(|(field, _)| field.dtype().takes_noise());
        let numbers = || {
            fields().flat_map(|(field, factors)| {
                // The factors of a row begin anew with each row.
                let perturbed = (0..field.values.len()).zip(factors.iter().cycle());
                perturbed.filter(|(_, factor)| **factor != 0.0).filter_map(|(i, _)| field.values.number(i))
            })
        };
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for v in numbers() {
            (low, high) = (low.min(v), high.max(v));
        }
        let (ends, all) = numbers()
            .fold((0_u64, 0_u64), |(ends, all), v| (ends + u64::from(v <= low || v >= high), all + 1));
        (all > 0).then(|| Self { low, high, at_ends: ends as f64 / all as f64 })
    }

    /// How wide it is.
    pub fn width(self) -> f64 {
        self.high - self.low
    }

    /// Whether the ends are those of the data's kind, and not only of these rows: whole numbers where many values lie.
    pub fn is_natural(self) -> bool {
        self.width() > 0.0 && self.at_ends >= NATURAL && self.low.fract() == 0.0 && self.high.fract() == 0.0
    }
}
