//! How long a call may take: clients tell it, and a server gives up by then.

use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use tonic::Status;

/// Where the time stands, as at most eight digits and a unit.
const TIMEOUT: &str = "grpc-timeout";

/// Answers, or says that it took too long.
pub(super) async fn obey(request: Request, next: Next) -> Response {
    let told = request.headers().get(TIMEOUT).and_then(|told| read(told.to_str().ok()?));
    let Some(most) = told else { return next.run(request).await };
    let answer = tokio::time::timeout(most, next.run(request)).await;
    answer.unwrap_or_else(|_| Status::deadline_exceeded("Deadline Exceeded").into_http())
}

fn read(told: &str) -> Option<Duration> {
    let digits = told.get(..told.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    Some(match told.as_bytes().last()? {
        b'H' => Duration::from_secs(number * 3600),
        b'M' => Duration::from_secs(number * 60),
        b'S' => Duration::from_secs(number),
        b'm' => Duration::from_millis(number),
        b'u' => Duration::from_micros(number),
        b'n' => Duration::from_nanos(number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_unit_is_read() {
        assert_eq!(read("2H"), Some(Duration::from_secs(7200)));
        assert_eq!(read("99999999m"), Some(Duration::from_millis(99_999_999)));
        assert_eq!((read("3S"), read("3u")), (Some(Duration::from_secs(3)), Some(Duration::from_micros(3))));
        for told in ["", "m", "1", "1x", "-1m", "123456789m", "1é"] {
            assert_eq!(read(told), None, "{told}");
        }
    }
}
