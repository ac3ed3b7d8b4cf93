//! How long a server asked us to wait: the `Retry-After` header (RFC 9110 section 10.2.3).

use std::time::{Duration, SystemTime};

use super::ResponseHead;

/// The longest wait that is obeyed as told, an hour; a longer one counts as an hour.
pub(crate) const LONGEST: Duration = Duration::from_secs(3600);

/// The wait that the header asks for, seconds or a date, at most [`LONGEST`]. Some servers give parts of a second, which
/// count as a whole one. A date is taken relative to
/// the server's own `Date` where there is one, else to `now`; a date in the past is no wait.
pub(crate) fn retry_after(head: &ResponseHead, now: SystemTime) -> Option<Duration> {
    let asked = head.header("retry-after")?.trim();
    if !asked.is_empty() && asked.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than fit are a long wait all the same.
        return Some(Duration::from_secs(asked.parse().unwrap_or(u64::MAX)).min(LONGEST));
    }
    if let Some((whole, part)) = asked.split_once('.')
        && [whole, part].iter().all(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
    {
        let rest = u64::from(part.bytes().any(|digit| digit != b'0'));
        let seconds = whole.parse().unwrap_or(u64::MAX).saturating_add(rest);
        return Some(Duration::from_secs(seconds).min(LONGEST));
    }
    let then = httpdate::parse_http_date(asked).ok()?;
    let now = head.header("date").and_then(|date| httpdate::parse_http_date(date.trim()).ok()).unwrap_or(now);
    Some(then.duration_since(now).unwrap_or(Duration::ZERO).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(after: &str, date: Option<&str>) -> Option<u64> {
        let headers = [("retry-after", after)].into_iter().chain(date.map(|date| ("date", date)));
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:30 GMT").unwrap();
        retry_after(&ResponseHead::new(503, headers), now).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_are_obeyed_up_to_an_hour() {
        assert_eq!(asked("7", None), Some(7));
        assert_eq!(asked("0", None), Some(0));
        assert_eq!(asked("3600", None), Some(3600));
        assert_eq!(asked("3601", None), Some(3600));
        assert_eq!(asked("99999999999999999999999", None), Some(3600));
    }

    #[test]
    fn the_three_forms_of_a_date_are_read() {
        for date in
            ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
        {
            assert_eq!(asked(date, None), Some(7), "{date}");
        }
    }

    #[test]
    fn the_clock_of_the_server_counts_where_it_is_told() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(asked(date, Some("Sun, 06 Nov 1994 08:49:35 GMT")), Some(2));
        assert_eq!(asked(date, Some("Sun, 06 Nov 1994 09:00:00 GMT")), Some(0));
        assert_eq!(asked(date, Some("nonsense")), Some(7));
        assert_eq!(asked(date, Some("Sun, 06 Nov 1994 08:19:37 GMT")), Some(1800));
        assert_eq!(asked(date, Some("Sat, 05 Nov 1994 08:49:37 GMT")), Some(3600));
    }

    #[test]
    fn parts_of_a_second_count_as_a_whole_one() {
        for (after, wait) in
            [("1.5", 2), ("0.0", 0), ("0.001", 1), ("7.00", 7), ("99999999999999999999.5", 3600)]
        {
            assert_eq!(asked(after, None), Some(wait), "{after}");
        }
    }

    #[test]
    fn anything_else_is_no_wait() {
        for after in ["", "soon", "-5", "-1.5", "1.", ".5", "1.5.2", "1.5s", "+3"] {
            assert_eq!(asked(after, None), None, "{after}");
        }
        assert_eq!(retry_after(&ResponseHead::new(503, []), SystemTime::UNIX_EPOCH), None);
    }
}
