//! Numbers with their units, as they are typed: rates, durations, sizes, pairs, lists.
//!
//! Pure text to value. Every function here either gives a finite number inside the range that its name
//! promises or a [`Misfit`] that shows an example; none panics, whatever is typed. What is written by
//! [`show_rate`] and [`show_duration`] reads back to the same bits.

use std::{ops::RangeInclusive, time::Duration};

use super::problem::Misfit;

/// A year: no wait and no audit is longer, and no sum of two overflows a clock.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);

/// Outside of these the wait between two requests is no sensible time.
const RATES: RangeInclusive<f64> = 1.0 / 86_400.0..=1e6;

/// The largest whole number that every JSON reader keeps exact.
pub const LARGEST_EXACT: u64 = (1 << 53) - 1;

/// A finite number.
pub fn number(text: &str) -> Result<f64, Misfit> {
    match text.trim().parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(Misfit::new("a number", text)),
    }
}

/// A number above 0.
pub fn positive(text: &str) -> Result<f64, Misfit> {
    number(text).ok().filter(|value| *value > 0.0).ok_or_else(|| Misfit::new("a number above 0", text))
}

/// A number that is at least 0.
pub fn not_negative(text: &str) -> Result<f64, Misfit> {
    number(text)
        .ok()
        .filter(|value| *value >= 0.0)
        .ok_or_else(|| Misfit::new("a number that is at least 0", text))
}

/// `true` or `false`.
pub fn switch(text: &str) -> Result<bool, Misfit> {
    text.trim().parse().map_err(|_| Misfit::new("true or false", text))
}

/// A probability strictly between 0 and 1.
pub fn probability(text: &str) -> Result<f64, Misfit> {
    let misfit = || Misfit::new("a probability between 0 and 1, both excluded", text);
    let percent = text.trim().trim_end_matches('%').trim_end();
    match (number(text), number(percent)) {
        (Ok(value), _) if value > 0.0 && value < 1.0 => Ok(value),
        (_, Ok(percent)) if percent > 1.0 && percent < 100.0 => {
            Err(misfit().hint(format!("write {} for {percent} per cent", percent / 100.0)))
        }
        _ => Err(misfit()),
    }
}

/// A share above 0 and at most 1: `0.2` or `20%`.
pub fn share(text: &str) -> Result<f64, Misfit> {
    let misfit = || Misfit::new("a share such as 20% or 0.2", text);
    let value = match text.trim().strip_suffix('%') {
        Some(percent) => number(percent).map_err(|_| misfit())? / 100.0,
        None => number(text).map_err(|_| misfit())?,
    };
    if value > 0.0 && value <= 1.0 { Ok(value) } else { Err(misfit()) }
}

/// How many times, above 1: `3x` or `3`.
pub fn times(text: &str) -> Result<f64, Misfit> {
    let value = number(text.trim().trim_end_matches(['x', 'X'])).ok();
    value
        .filter(|value| *value > 1.0)
        .ok_or_else(|| Misfit::new("a number of times above 1, such as 3x", text))
}

/// A whole number up to 2^53 - 1; `10k` is 10,000, `2M` two million, `10_000` reads well too.
pub fn count(text: &str) -> Result<u64, Misfit> {
    let typed = text.trim();
    let (digits, unit) = match typed.as_bytes().last() {
        Some(b'k') => (&typed[..typed.len() - 1], 1_000),
        Some(b'M') => (&typed[..typed.len() - 1], 1_000_000),
        _ => (typed, 1),
    };
    let well_formed = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '_');
    well_formed
        .then(|| digits.replace('_', "").parse::<u64>().ok()?.checked_mul(unit))
        .flatten()
        .filter(|value| *value <= LARGEST_EXACT)
        .ok_or_else(|| Misfit::new("a whole number such as 10000 or 10k", text))
}

/// A whole number of at least 1 and at most `most`.
pub fn at_least_one(most: u64) -> impl Fn(&str) -> Result<u64, Misfit> {
    move |text| match count(text)? {
        0 => Err(Misfit::new("a whole number of at least 1", text)),
        value if value > most => Err(Misfit::new(format!("a whole number of at most {most}"), text)),
        value => Ok(value),
    }
}

/// Reads `none` as no limit, anything else with `parse`.
pub fn or_none<T>(parse: impl Fn(&str) -> Result<T, Misfit>) -> impl Fn(&str) -> Result<Option<T>, Misfit> {
    move |text| {
        if text.trim().eq_ignore_ascii_case("none") {
            return Ok(None);
        }
        parse(text)
            .map(Some)
            .map_err(|misfit| Misfit { expected: format!("{}, or none", misfit.expected), ..misfit })
    }
}

/// Requests a second, from one a day to a million a second: `20/s`, `600/min`, `100/h`.
pub fn rate(text: &str) -> Result<f64, Misfit> {
    let misfit = || Misfit::new("a rate such as 20/s or 600/min", text);
    let Some((requests, unit)) = text.split_once('/') else {
        return Err(match positive(text) {
            Ok(_) => misfit().hint(format!("name the unit: {}/s", text.trim())),
            Err(_) => misfit(),
        });
    };
    let seconds = match unit.trim() {
        "s" | "sec" | "second" => 1.0,
        "m" | "min" | "minute" => 60.0,
        "h" | "hour" => 3600.0,
        _ => return Err(misfit()),
    };
    let rate = positive(requests).map_err(|_| misfit())? / seconds;
    if !RATES.contains(&rate) {
        return Err(misfit().hint("it must be between one a day and a million a second"));
    }
    Ok(rate)
}

/// The rate as it is typed.
pub fn show_rate(rate: f64) -> String {
    format!("{rate}/s")
}

/// A time above 0 and up to a year: `250ms`, `10s`, `1.5m`, `1h`.
pub fn duration(text: &str) -> Result<Duration, Misfit> {
    let misfit = || Misfit::new("a time such as 10s, 250ms or 10m", text);
    let typed = text.trim();
    let split = typed.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(typed.len());
    let (amount, unit) = typed.split_at(split);
    let nanoseconds: u64 = match unit.trim() {
        "ns" => 1,
        "us" => 1_000,
        "ms" => 1_000_000,
        "s" | "sec" => 1_000_000_000,
        "m" | "min" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "d" => 86_400_000_000_000,
        "" if number(amount).is_ok() => return Err(misfit().hint(format!("name the unit: {amount}s"))),
        _ => return Err(misfit()),
    };
    // Whole amounts are exact; only fractions go through floating point.
    let time = match amount.parse::<u64>() {
        Ok(whole) => whole.checked_mul(nanoseconds).map(Duration::from_nanos),
        Err(_) => number(amount)
            .ok()
            .and_then(|part| Duration::try_from_secs_f64(part * (nanoseconds as f64 / 1e9)).ok()),
    };
    time.filter(|time| !time.is_zero() && *time <= LONGEST)
        .ok_or_else(|| misfit().hint("it must be above 0 and at most a year"))
}

/// The duration as it is typed.
pub fn show_duration(time: Duration) -> String {
    match time.subsec_nanos() {
        0 => format!("{}s", time.as_secs()),
        part if part % 1_000_000 == 0 => format!("{}ms", time.as_millis()),
        _ => format!("{}ns", time.as_nanos()),
    }
}

/// Two numbers, the first below the second, from the parts of `0,16`.
pub fn pair(values: &[String]) -> Result<(f64, f64), Misfit> {
    let misfit = || Misfit::new("two numbers LOW,HIGH with LOW below HIGH, such as 0,16", values.join(","));
    let [low, high] = values else { return Err(misfit()) };
    match (number(low), number(high)) {
        (Ok(low), Ok(high)) if low < high && (high - low).is_finite() => Ok((low, high)),
        (Ok(low), Ok(high)) if low > high => Err(misfit().hint(format!("write {high},{low}"))),
        _ => Err(misfit()),
    }
}

/// The parts of `a, b,c`, without the white space around them. Empty parts stay, so that they are seen.
pub fn split_list(text: &str) -> Vec<String> {
    text.split(',').map(|part| part.trim().to_owned()).collect()
}

#[cfg(test)]
#[path = "units/tests.rs"]
mod tests;
