//! The critical level of a known risk.

/// The largest level of an ascending grid up to which, itself included, every risk is at most `threshold`;
/// `None` where the first is above it already.
///
/// A risk may fall again further up: levels behind the first that is above the threshold do not count.
pub fn critical_level(levels: &[f64], threshold: f64, risk: impl Fn(f64) -> f64) -> Option<f64> {
    levels.iter().copied().take_while(|level| risk(*level) <= threshold).last()
}
