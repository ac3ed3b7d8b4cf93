//! Numbers as people read them: as many digits as the limits bear, and limits rounded outward.
//!
//! The invariant: a printed lower limit, read back, is never above the limit it stands for, and a printed
//! upper limit never below.

use super::walk::{What, numbers};
use crate::results::{Bounded, Results};

/// Which way a number is rounded to the digits shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Toward {
    /// Downward: lower limits.
    Below,
    /// To the nearest: estimates.
    Nearest,
    /// Upward: upper limits.
    Above,
}

/// How many digits the numbers of one report are shown with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Digits {
    /// That many after the point.
    Fixed(usize),
    /// Three significant ones and an exponent.
    Scientific,
}

/// The most digits after the point before numbers are written with an exponent.
const MOST: i32 = 5;
/// From here on numbers are written with an exponent.
const LARGE: f64 = 1e7;

impl Digits {
    /// The digits for everything in `results` that is in units of the loss: two significant ones of the
    /// narrowest half-width, or of a hundredth of the range where nothing has two limits.
    pub fn of(results: &Results) -> Digits {
        let all: Vec<&Bounded> =
            numbers(results).into_iter().filter(|n| n.what.is_loss()).map(|n| n.value).collect();
        let range = results.range.map(|(low, high)| high - low).or(results.cap);
        Digits::among(&all, range.unwrap_or(1.0) / 100.0)
    }

    /// The digits for all numbers of the results that are `what`; where nothing has two limits, those for numbers
    /// known to within a hundredth of the largest.
    pub fn of_all(what: What, results: &Results) -> Digits {
        let all: Vec<&Bounded> =
            numbers(results).into_iter().filter(|n| n.what == what).map(|n| n.value).collect();
        Digits::among(&all, largest(&all) / 100.0)
    }

    /// The digits for `all`; where nothing has two limits, those for numbers known to within `otherwise`.
    pub fn among(all: &[&Bounded], otherwise: f64) -> Digits {
        let width = all
            .iter()
            .filter_map(|b| Some((b.upper? - b.lower?) / 2.0))
            .filter(|w| *w > 0.0 && w.is_finite())
            .reduce(f64::min)
            .unwrap_or(otherwise);
        Digits::for_width(width, largest(all))
    }

    /// The digits for numbers up to `largest` that are known to within `width`.
    fn for_width(width: f64, largest: f64) -> Digits {
        if !(width > 0.0 && width.is_finite()) {
            return Digits::Fixed(4);
        }
        let places = 1 - width.log10().floor() as i32;
        if places > MOST || largest >= LARGE {
            return Digits::Scientific;
        }
        Digits::Fixed(usize::try_from(places).unwrap_or(0))
    }

    /// `value` in these digits.
    pub fn show(self, value: f64, toward: Toward) -> String {
        let text = self.nearest(value);
        let wrong = match (toward, text.parse::<f64>()) {
            (Toward::Below, Ok(shown)) => shown > value,
            (Toward::Above, Ok(shown)) => shown < value,
            _ => false,
        };
        if !wrong {
            return text;
        }
        // One unit in the last place further out; the sum may be off by a rounding of its own, never by a unit.
        let unit = self.unit(value);
        self.nearest(if toward == Toward::Below { value - unit } else { value + unit })
    }

    /// `value` rounded to the nearest number of these digits, without a sign on zero.
    fn nearest(self, value: f64) -> String {
        let text = match self {
            Digits::Fixed(places) => format!("{value:.places$}"),
            Digits::Scientific if value == 0.0 => "0".to_owned(),
            Digits::Scientific => format!("{value:.2e}"),
        };
        match text.strip_prefix('-') {
            Some(rest) if rest.chars().all(|c| c == '0' || c == '.') => rest.to_owned(),
            _ => text,
        }
    }

    /// One unit in the last place shown of `value`.
    fn unit(self, value: f64) -> f64 {
        let exponent = match self {
            Digits::Fixed(places) => -i32::try_from(places).unwrap_or(0),
            Digits::Scientific => {
                let text = format!("{value:.2e}");
                text.split_once('e').and_then(|(_, e)| e.parse::<i32>().ok()).unwrap_or(0) - 2
            }
        };
        // Read, not computed: powers underflow before the numbers that they scale do.
        format!("1e{exponent}").parse().unwrap_or(f64::MIN_POSITIVE)
    }

    /// The limits of `b`: `[lower, upper]`, or the one that is claimed, or a dash.
    pub fn limits(self, b: &Bounded) -> String {
        let lower = b.lower.map(|v| self.show(v, Toward::Below));
        let upper = b.upper.map(|v| self.show(v, Toward::Above));
        match (lower, upper) {
            (Some(lower), Some(upper)) => format!("[{lower}, {upper}]"),
            (None, Some(upper)) => format!("<= {upper}"),
            (Some(lower), None) => format!(">= {lower}"),
            (None, None) => "-".to_owned(),
        }
    }

    /// The estimate of `b`, or a dash.
    pub fn estimate(self, b: &Bounded) -> String {
        b.estimate.map_or_else(|| "-".to_owned(), |v| self.show(v, Toward::Nearest))
    }

    /// A share in per cent, without the sign of it.
    pub fn percent(self, value: f64, toward: Toward) -> String {
        hundredfold(&self.show(value, toward))
    }

    /// The limits of a share in per cent: `[7, 164] %`, or the one that is claimed, or a dash.
    pub fn limits_percent(self, b: &Bounded) -> String {
        let lower = b.lower.map(|v| self.percent(v, Toward::Below));
        let upper = b.upper.map(|v| self.percent(v, Toward::Above));
        match (lower, upper) {
            (Some(lower), Some(upper)) => format!("[{lower}, {upper}] %"),
            (None, Some(upper)) => format!("<= {upper} %"),
            (Some(lower), None) => format!(">= {lower} %"),
            (None, None) => "-".to_owned(),
        }
    }

    /// The estimate of a share in per cent, or a dash.
    pub fn estimate_percent(self, b: &Bounded) -> String {
        b.estimate.map_or_else(|| "-".to_owned(), |v| format!("{} %", self.percent(v, Toward::Nearest)))
    }
}

/// The largest of all estimates and limits, without its sign.
fn largest(all: &[&Bounded]) -> f64 {
    all.iter().flat_map(|b| [b.estimate, b.lower, b.upper]).flatten().map(f64::abs).fold(0.0, f64::max)
}

/// A number as [`Digits`] write it, times a hundred: the point is moved, so nothing is rounded.
fn hundredfold(text: &str) -> String {
    if let Some((digits, exponent)) = text.split_once('e') {
        return format!("{digits}e{}", exponent.parse::<i32>().unwrap_or(0) + 2);
    }
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part = format!("{part:0<2}");
    let (up, rest) = part.split_at(2);
    let whole = format!("{whole}{up}");
    let whole = whole.trim_start_matches('0');
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{rest}", if whole.is_empty() { "0" } else { whole })
}

/// A number that somebody typed (a level, a threshold, a confidence), as it was typed where that is short;
/// else in six significant digits.
pub(super) fn typed(value: f64) -> String {
    let plain = value == 0.0 || (1e-4..1e6).contains(&value.abs());
    let text = if plain { format!("{value}") } else { format!("{value:e}") };
    if text.len() <= 9 {
        return text;
    }
    // Through the rounded number, so that no trailing zeros are left.
    match format!("{value:.5e}").parse::<f64>() {
        Ok(rounded) if plain => format!("{rounded}"),
        Ok(rounded) => format!("{rounded:e}"),
        Err(_) => text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn limits_go_outward_and_estimates_to_the_nearest() {
        let digits = Digits::Fixed(3);
        assert_eq!(digits.show(0.12349, Toward::Below), "0.123");
        assert_eq!(digits.show(0.12341, Toward::Above), "0.124");
        assert_eq!(digits.show(0.12349, Toward::Nearest), "0.123");
        assert_eq!(digits.show(-0.12341, Toward::Below), "-0.124");
        assert_eq!(digits.show(-0.12349, Toward::Above), "-0.123");
        assert_eq!(digits.show(-0.0001, Toward::Above), "0.000");
        assert_eq!(digits.show(-0.0001, Toward::Below), "-0.001");
    }

    #[test]
    fn a_number_that_fits_the_digits_is_not_moved() {
        for toward in [Toward::Below, Toward::Nearest, Toward::Above] {
            assert_eq!(Digits::Fixed(3).show(0.1, toward), "0.100");
            assert_eq!(Digits::Fixed(2).show(1.0, toward), "1.00");
            assert_eq!(Digits::Fixed(0).show(60.0, toward), "60");
            assert_eq!(Digits::Scientific.show(1.25e-7, toward), "1.25e-7");
            assert_eq!(Digits::Scientific.show(0.0, toward), "0");
        }
    }

    #[test]
    fn digits_follow_the_narrowest_width() {
        assert_eq!(Digits::for_width(0.02, 1.0), Digits::Fixed(3));
        assert_eq!(Digits::for_width(0.005, 1.0), Digits::Fixed(4));
        assert_eq!(Digits::for_width(3.0, 60.0), Digits::Fixed(1));
        assert_eq!(Digits::for_width(4000.0, 60_000.0), Digits::Fixed(0));
        assert_eq!(Digits::for_width(1e-9, 1.0), Digits::Scientific);
        assert_eq!(Digits::for_width(0.02, 1e9), Digits::Scientific);
        assert_eq!(Digits::for_width(f64::NAN, 1.0), Digits::Fixed(4));
    }

    #[test]
    fn per_cent_moves_the_point_and_rounds_nothing() {
        for (text, hundred) in [
            ("0.6400", "64.00"),
            ("0.064", "6.4"),
            ("0.5", "50"),
            ("1", "100"),
            ("12.345", "1234.5"),
            ("-0.0049", "-0.49"),
            ("0.00", "0"),
            ("1.23e-7", "1.23e-5"),
        ] {
            assert_eq!(hundredfold(text), hundred);
        }
        let both = Bounded { lower: Some(0.0719), upper: Some(1.641), ..Bounded::default() };
        assert_eq!(Digits::Fixed(2).limits_percent(&both), "[7, 165] %");
        assert_eq!(Digits::Fixed(2).estimate_percent(&both), "-");
    }

    #[test]
    fn typed_numbers_stay_as_typed() {
        assert_eq!(typed(0.1), "0.1");
        assert_eq!(typed(16.0), "16");
        assert_eq!(typed(1e-9), "1e-9");
        assert_eq!(typed(2.5e12), "2.5e12");
        assert_eq!(typed(0.1 + 0.2), "0.3");
        assert_eq!(typed(1.0 / 3.0), "0.333333");
        assert_eq!(typed(1e7 / 3.0), "3.33333e6");
    }

    proptest! {
        #[test]
        fn a_printed_limit_still_holds(value in any::<f64>().prop_filter("finite", |v| v.is_finite()), places in 0_usize..8, scientific: bool) {
            let digits = if scientific { Digits::Scientific } else { Digits::Fixed(places) };
            let below: f64 = digits.show(value, Toward::Below).parse().unwrap();
            let above: f64 = digits.show(value, Toward::Above).parse().unwrap();
            prop_assert!(below <= value && value <= above, "{below} {value} {above}");
        }

        #[test]
        fn no_more_is_given_away_than_one_unit(value in -2.0_f64..2.0, places in 0_usize..6) {
            let digits = Digits::Fixed(places);
            let unit = 10_f64.powi(-i32::try_from(places).unwrap_or(0)) * 1.000_001;
            for toward in [Toward::Below, Toward::Nearest, Toward::Above] {
                let shown: f64 = digits.show(value, toward).parse().unwrap();
                prop_assert!((shown - value).abs() <= unit);
            }
        }
    }
}
