//! The texts that describe a fault on the command line.

use std::str::FromStr;
use std::time::Duration;

use crate::faults::{FailOnce, Latency, Reject, When};

/// A time: `250ms`, `1.5s`, `2m`, `100us`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let error = || format!("expected a time such as 250ms, 1.5s or 2m; found '{text}'");
    let place = text.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(error)?;
    let (number, unit) = text.split_at(place);
    let scale = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        _ => return Err(error()),
    };
    let number: f64 = number.parse().map_err(|_| error())?;
    Duration::try_from_secs_f64(number * scale).map_err(|_| error())
}

/// A time, or the mean of an exponential one: `20ms`, `exp:20ms`.
pub(super) fn latency(text: &str) -> Result<Latency, String> {
    match text.strip_prefix("exp:") {
        Some(mean) => duration(mean).map(Latency::Exponential),
        None => duration(text).map(Latency::Fixed),
    }
}

/// A class and a time: `3:50ms`.
pub(super) fn class_latency(text: &str) -> Result<(usize, Duration), String> {
    let error = || format!("expected CLASS:TIME such as 3:50ms; found '{text}'");
    let (class, time) = text.split_once(':').ok_or_else(error)?;
    Ok((class.parse().map_err(|_| error())?, duration(time)?))
}

/// A status, when it falls, and what the client is told to wait: `429:0.1:1s`, `503:first=5`.
pub(super) fn reject(text: &str) -> Result<Reject, String> {
    let mut parts = text.splitn(3, ':');
    let status = status(parts.next().unwrap_or_default())?;
    let when = parts.next().ok_or_else(|| format!("expected STATUS:WHEN[:RETRY_AFTER]; found '{text}'"))?;
    let retry_after = parts.next().map(duration).transpose()?;
    Ok(Reject { status, when: when_falls(when)?, retry_after })
}

/// A share, and a status unless it is 503: `0.2`, `0.2:500`.
pub(super) fn fail_once(text: &str) -> Result<FailOnce, String> {
    match text.split_once(':') {
        Some((part, code)) => Ok(FailOnce { share: share(part)?, status: status(code)? }),
        None => Ok(FailOnce { share: share(text)?, status: 503 }),
    }
}

/// A number from 0 to 1.
pub(super) fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err(format!("expected a number from 0 to 1; found '{text}'")),
    }
}

/// A status that is a failure.
pub(super) fn status(text: &str) -> Result<u16, String> {
    match text.parse() {
        Ok(status) if (400..600).contains(&status) => Ok(status),
        _ => Err(format!("expected a status from 400 to 599; found '{text}'")),
    }
}

fn when_falls(text: &str) -> Result<When, String> {
    When::from_str(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_their_units() {
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(duration("100us"), Ok(Duration::from_micros(100)));
        for text in ["", "5", "ms", "-1s", "1h", "nans", "1e400s"] {
            assert!(duration(text).unwrap_err().ends_with(&format!("found '{text}'")), "{text}");
        }
    }

    #[test]
    fn latencies_are_fixed_exponential_or_of_a_class() {
        assert_eq!(latency("20ms"), Ok(Latency::Fixed(Duration::from_millis(20))));
        assert_eq!(latency("exp:20ms"), Ok(Latency::Exponential(Duration::from_millis(20))));
        assert_eq!(class_latency("3:50ms"), Ok((3, Duration::from_millis(50))));
        assert!(class_latency("50ms").is_err() && class_latency("-1:50ms").is_err());
    }

    #[test]
    fn rejections_name_status_rule_and_wait() {
        let expected =
            Reject { status: 429, when: When::Chance(0.1), retry_after: Some(Duration::from_secs(1)) };
        assert_eq!(reject("429:0.1:1s"), Ok(expected));
        assert_eq!(
            reject("503:first=5"),
            Ok(Reject { status: 503, when: When::First(5), retry_after: None })
        );
        for text in ["429", "200:0.1", "429:2", "429:0.1:x", "x:0.1"] {
            assert!(reject(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_first_failure_is_503_unless_told_otherwise() {
        assert_eq!(fail_once("0.2"), Ok(FailOnce { share: 0.2, status: 503 }));
        assert_eq!(fail_once("0.2:500"), Ok(FailOnce { share: 0.2, status: 500 }));
        assert!(fail_once("1.2").is_err() && fail_once("0.2:200").is_err());
    }
}
