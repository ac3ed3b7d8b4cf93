//! Every number of the results that may have limits, in one list.
//!
//! Sentences ask it what is claimed, numbers how many digits that takes. What a number means is left to
//! [`crate::results`]. The invariant: a field of the results that holds a [`Bounded`] is in the list once.

use crate::results::{Bounded, LevelResult, Results, SliceResult};

/// What a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// A mean loss, in units of the loss.
    Risk,
    /// A difference of two mean losses, in units of the loss.
    Degradation,
    /// A degradation as a multiple of the clean risk.
    Relative,
    /// The probability of a loss above the cap.
    Tail,
    /// A quantile, in units of what it is of.
    Quantile,
    /// The mean loss of the whole data set, in units of the loss.
    DataSet,
    /// The robustness index.
    Index,
    /// The probability that the endpoint contradicts itself.
    NoiseFloor,
}

impl What {
    /// Whether it is in units of the loss.
    pub fn is_loss(self) -> bool {
        matches!(self, What::Risk | What::Degradation | What::DataSet)
    }
}

/// One number of the results.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number<'a> {
    /// What it is.
    pub what: What,
    /// Its estimate and limits.
    pub value: &'a Bounded,
    /// Whether it is known and not estimated.
    pub exact: bool,
}

/// All numbers: clean, the levels ascending, then what is about no level.
pub(super) fn numbers(results: &Results) -> Vec<Number<'_>> {
    let clean = &results.clean;
    let first = std::iter::once(number(What::Risk, &clean.risk)).chain(clean.slices.iter().flat_map(slice));
    let first = first.map(|n| Number { exact: clean.exact, ..n });
    let index = results.index.iter().map(|index| number(What::Index, index));
    let floor = results.noise_floor.iter().map(|floor| number(What::NoiseFloor, &floor.differ));
    first.chain(results.levels.iter().flat_map(level)).chain(index).chain(floor).collect()
}

fn number(what: What, value: &Bounded) -> Number<'_> {
    Number { what, value, exact: false }
}

fn level(level: &LevelResult) -> impl Iterator<Item = Number<'_>> {
    std::iter::once(number(What::Risk, &level.risk))
        .chain(level.degradation.iter().map(|d| number(What::Degradation, d)))
        .chain(level.relative.iter().map(|r| number(What::Relative, r)))
        .chain(level.tail.iter().map(|t| number(What::Tail, &t.probability)))
        .chain(level.quantiles.iter().map(|q| number(What::Quantile, &q.value)))
        .chain(level.data_set.iter().map(|d| number(What::DataSet, &d.mean)))
        .chain(level.slices.iter().flat_map(slice))
}

fn slice(slice: &SliceResult) -> impl Iterator<Item = Number<'_>> {
    let risk = std::iter::once(number(What::Risk, &slice.risk));
    risk.chain(slice.degradation.iter().map(|d| number(What::Degradation, d)))
        .chain(slice.tail.iter().map(|t| number(What::Tail, &t.probability)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    /// A field that is added to the results, and forgotten here, shows up as a number too few.
    #[test]
    fn every_estimate_and_limit_of_a_report_is_in_the_list() {
        for (name, report) in samples::all() {
            let text = serde_json::to_string(&report.results).unwrap();
            for (key, of) in [
                ("\"estimate\":", (|b| b.estimate) as fn(&Bounded) -> Option<f64>),
                ("\"lower\":", |b| b.lower),
                ("\"upper\":", |b| b.upper),
            ] {
                let listed = numbers(&report.results).iter().filter_map(|n| of(n.value)).count();
                assert_eq!(text.matches(key).count(), listed, "{name}: {key}");
            }
        }
    }
}
