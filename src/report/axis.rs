//! Axes: from values to pixels, and where the ticks stand.
//!
//! The invariant: a finite value inside an axis lands inside its pixels, and ticks stand at round numbers
//! in ascending order within the axis.

use super::numbers::typed;

/// A linear axis from `low` to `high`, drawn from pixel `start` to pixel `end`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    start: f64,
    end: f64,
    /// Values at round numbers, with their labels.
    pub ticks: Vec<(f64, String)>,
}

impl Axis {
    /// An axis that holds `low` and `high` and ends at round numbers, with about `count` ticks.
    pub fn round(low: f64, high: f64, count: usize, (start, end): (f64, f64)) -> Axis {
        let (low, high) = orderly(low, high);
        let step = step(high / 2.0 - low / 2.0, count);
        let first = (low / step + 1e-9).floor();
        let last = (high / step - 1e-9).ceil().max(first + 1.0);
        let ticks: Vec<f64> = (0..=(last - first) as usize).map(|i| (first + i as f64) * step).collect();
        Axis::with_ticks(first * step, last * step, &ticks, (start, end))
    }

    /// An axis that ends exactly at `low` and `high`, with about `count` ticks inside.
    pub fn exact(low: f64, high: f64, count: usize, pixels: (f64, f64)) -> Axis {
        let (low, high) = orderly(low, high);
        let step = step(high / 2.0 - low / 2.0, count);
        let first = (low / step - 1e-9).ceil();
        let last = (high / step + 1e-9).floor();
        let ticks: Vec<f64> =
            (0..=(last - first).max(0.0) as usize).map(|i| (first + i as f64) * step).collect();
        Axis::with_ticks(low, high, &ticks, pixels)
    }

    fn with_ticks(low: f64, high: f64, ticks: &[f64], (start, end): (f64, f64)) -> Axis {
        // `0.1 * 3` is not `0.3`: labels come from the rounded number.
        let ticks = ticks.iter().map(|&v| (v, typed(format!("{v:.12e}").parse().unwrap_or(v)))).collect();
        Axis { low, high, start, end, ticks }
    }

    /// The pixel of a value; values outside stick to the nearer end.
    pub fn at(&self, value: f64) -> f64 {
        // Halves, as the difference of two huge numbers may not be finite.
        let share = (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0);
        let share = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
        self.start + share * (self.end - self.start)
    }
}

/// Two finite ends in ascending order, apart.
fn orderly(low: f64, high: f64) -> (f64, f64) {
    let sound = |v: f64| if v.is_finite() { v.clamp(-1e300, 1e300) } else { 0.0 };
    let (low, high) = (sound(low).min(sound(high)), sound(low).max(sound(high)));
    // Less than that many units in the last place apart, ticks would fall onto one another.
    if high - low > 1e-9 * high.abs().max(low.abs()).max(1e-290) {
        (low, high)
    } else {
        (low, low + low.abs().max(1.0))
    }
}

/// The round step, 1, 2 or 5 times a power of ten, that cuts twice `half` into about `count` pieces.
fn step(half: f64, count: usize) -> f64 {
    let raw = half / count.max(1) as f64 * 2.0;
    let power = format!("1e{}", raw.log10().floor()).parse::<f64>().unwrap_or(1.0);
    let times = raw / power;
    let round = [1.0, 2.0, 5.0].into_iter().find(|r| times <= r * 1.000_001).unwrap_or(10.0);
    round * power
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn ticks_stand_at_round_numbers() {
        assert_eq!(labels(&Axis::round(0.0, 0.27, 5, (0.0, 1.0))), ["0", "0.1", "0.2", "0.3"]);
        assert_eq!(labels(&Axis::round(0.0, 1.0, 5, (0.0, 1.0))), ["0", "0.2", "0.4", "0.6", "0.8", "1"]);
        assert_eq!(labels(&Axis::round(-3.0, 3.0, 3, (0.0, 1.0))), ["-4", "-2", "0", "2", "4"]);
        assert_eq!(labels(&Axis::exact(0.0, 0.21, 4, (0.0, 1.0))), ["0", "0.1", "0.2"]);
        assert_eq!(labels(&Axis::round(0.0, 2.1e11, 4, (0.0, 1.0))), ["0", "1e11", "2e11", "3e11"]);
    }

    #[test]
    fn an_axis_without_extent_still_has_one() {
        for (low, high) in [(0.0, 0.0), (1.0, 1.0), (f64::NAN, f64::INFINITY), (5e-324, 0.0)] {
            let axis = Axis::round(low, high, 5, (10.0, 20.0));
            assert!(axis.ticks.len() >= 2 && axis.low < axis.high, "{axis:?}");
        }
    }

    #[test]
    fn the_ends_land_on_the_ends() {
        let axis = Axis::exact(2.0, 4.0, 5, (300.0, 100.0));
        assert_eq!((axis.at(2.0), axis.at(3.0), axis.at(4.0)), (300.0, 200.0, 100.0));
        assert_eq!((axis.at(-9.0), axis.at(9.0), axis.at(f64::NAN)), (300.0, 100.0, 300.0));
    }

    proptest! {
        #[test]
        fn ticks_ascend_are_few_and_stay_inside(a in any::<f64>(), b in any::<f64>(), count in 1_usize..12) {
            for axis in [Axis::round(a, b, count, (0.0, 100.0)), Axis::exact(a, b, count, (0.0, 100.0))] {
                prop_assert!(axis.ticks.len() <= 2 * count + 4);
                let slack = (axis.high - axis.low) * 1e-6;
                for pair in axis.ticks.windows(2) {
                    prop_assert!(pair[0].0 < pair[1].0);
                }
                for (value, label) in &axis.ticks {
                    prop_assert!(*value >= axis.low - slack && *value <= axis.high + slack, "{axis:?}");
                    prop_assert!(label.len() <= 12, "{label}");
                }
            }
        }
    }
}
