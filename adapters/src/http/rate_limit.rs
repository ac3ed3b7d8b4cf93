//! How long to wait because a server says that its limit is used up: the `RateLimit` headers.
//!
//! Three generations of an IETF draft (draft-ietf-httpapi-ratelimit-headers) are in use, and the `X-RateLimit-` headers
//! before them. Only what is left (none) and when there is more again matter here. The invariant: no wait is longer
//! than a minute, as the headers promise nothing.

use std::time::{Duration, SystemTime};

use super::ResponseHead;

/// The longest wait.
pub(crate) const LONGEST: Duration = Duration::from_secs(60);

/// Numbers above this are seconds since 1970 and not from now.
const EPOCH: f64 = 1e9;
/// Numbers above this are milliseconds since 1970.
const MILLIS: f64 = 1e12;

/// The wait until there is something left again; none where there is, or where nothing is told.
pub(crate) fn rate_limit(head: &ResponseHead, now: SystemTime) -> Option<Duration> {
    let told = head.header("ratelimit").and_then(fields);
    let apart = || {
        let pairs =
            [("ratelimit-remaining", "ratelimit-reset"), ("x-ratelimit-remaining", "x-ratelimit-reset")];
        pairs.into_iter().find_map(|(remaining, reset)| {
            let left: f64 = head.header(remaining)?.trim().parse().ok()?;
            let reset: f64 = head.header(reset)?.trim().parse().ok()?;
            (left <= 0.0).then_some(reset)
        })
    };
    let reset = told.or_else(apart)?;
    let date =
        head.header("date").and_then(|date| httpdate::parse_http_date(date.trim()).ok()).unwrap_or(now);
    let since_1970 = date.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let seconds = match reset {
        reset if reset > MILLIS => reset / 1e3 - since_1970,
        reset if reset > EPOCH => reset - since_1970,
        reset => reset,
    };
    Some(Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(LONGEST).min(LONGEST))
}

/// The longest reset among the policies of a `RateLimit` header of which nothing is left: `"default";r=0;t=30`, or
/// `limit=100, remaining=0, reset=30` as an earlier draft has it.
fn fields(header: &str) -> Option<f64> {
    let number = |text: &str, names: [&str; 2]| -> Option<f64> {
        text.split([';', ',']).find_map(|part| {
            let (name, value) = part.split_once('=')?;
            names.contains(&name.trim()).then(|| value.trim().parse().ok())?
        })
    };
    let used_up = |text: &str| {
        let (left, reset) = (number(text, ["r", "remaining"])?, number(text, ["t", "reset"])?);
        (left <= 0.0).then_some(reset)
    };
    // Policies are apart at commas, and so are the fields of the earlier draft.
    if header.contains("remaining") {
        return used_up(header);
    }
    header.split(',').filter_map(used_up).filter(|reset| reset.is_finite()).reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    fn wait(headers: &[(&str, &str)]) -> Option<f64> {
        let headers = headers.iter().copied().chain([("date", DATE)]);
        rate_limit(&ResponseHead::new(200, headers), SystemTime::UNIX_EPOCH).map(|wait| wait.as_secs_f64())
    }

    #[test]
    fn every_generation_is_read() {
        assert_eq!(wait(&[("ratelimit-remaining", "0"), ("ratelimit-reset", "7")]), Some(7.0));
        assert_eq!(wait(&[("ratelimit", "limit=100, remaining=0, reset=30")]), Some(30.0));
        assert_eq!(wait(&[("ratelimit", "\"default\";r=0;t=30")]), Some(30.0));
        assert_eq!(
            wait(&[("ratelimit", "\"day\";r=5;t=30, \"burst\";r=0;t=2, \"minute\";t=9;r=0")]),
            Some(9.0)
        );
        assert_eq!(wait(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "3.5")]), Some(3.5));
    }

    #[test]
    fn what_is_left_is_no_wait() {
        assert_eq!(wait(&[("ratelimit-remaining", "1"), ("ratelimit-reset", "7")]), None);
        assert_eq!(wait(&[("ratelimit", "\"default\";r=50;t=30")]), None);
        assert_eq!(wait(&[("ratelimit", "limit=100, remaining=3, reset=30")]), None);
    }

    #[test]
    fn times_since_1970_are_relative_to_the_clock_of_the_server() {
        let at = httpdate::parse_http_date(DATE).unwrap().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        // That date is too early to be told from a number of seconds.
        assert!(at.as_secs() < 1_000_000_000);
        let late = "Mon, 23 Nov 2026 12:00:00 GMT";
        let then = httpdate::parse_http_date(late).unwrap().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        for reset in [format!("{}", then.as_secs() + 12), format!("{}", then.as_millis() + 12_000)] {
            let headers = [("date", late), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", &reset)];
            let found = rate_limit(&ResponseHead::new(429, headers), SystemTime::UNIX_EPOCH);
            assert_eq!(found, Some(Duration::from_secs(12)), "{reset}");
        }
    }

    #[test]
    fn nothing_makes_it_wait_longer_than_a_minute_or_panic() {
        for reset in ["1e9", "999999999", "1e300", "inf", "NaN", "-5", "", "soon"] {
            let found = wait(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", reset)]);
            assert!(found.is_none_or(|wait| (0.0..=60.0).contains(&wait)), "{reset}: {found:?}");
        }
        for header in ["", ",,,", "r=;t=", "\"a\";r=0", "r=0;t=NaN", "remaining=0"] {
            assert!(wait(&[("ratelimit", header)]).is_none_or(|wait| wait <= 60.0), "{header}");
        }
    }
}
