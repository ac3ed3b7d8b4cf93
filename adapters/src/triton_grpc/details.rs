//! What a server tells of a refusal beside its status: a `google.rpc.Status` in a trailer, with details of many kinds,
//! of which one says how long to wait.
//!
//! The messages are those of `google/rpc/status.proto` and `google/rpc/error_details.proto`, written here by hand as
//! they belong to no service.

use std::time::Duration;

use prost::Message;

use crate::secret::from_base64;

/// A refusal in full.
#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

/// A message of any kind.
#[derive(Clone, PartialEq, Message)]
struct Any {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

/// When the call may be made again.
#[derive(Clone, PartialEq, Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    retry_delay: Option<Delay>,
}

/// `google.protobuf.Duration`
#[derive(Clone, PartialEq, Message)]
struct Delay {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

/// What is understood of the details.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Details {
    /// The words, which stand beside the status too, mostly.
    pub(super) message: String,
    /// How long to wait before the next attempt.
    pub(super) delay: Option<Duration>,
}

/// Reads the details in a header, which are in base64; what is none says nothing.
pub(super) fn read(header: &[u8]) -> Details {
    from_base64(header).map(|bytes| understood(&bytes)).unwrap_or_default()
}

fn understood(bytes: &[u8]) -> Details {
    let Ok(status) = Status::decode(bytes) else { return Details::default() };
    // The type is what stands behind the last slash: the host before it is the server's choice.
    let retries =
        status.details.iter().filter(|it| it.type_url.rsplit('/').next() == Some("google.rpc.RetryInfo"));
    let delays = retries.filter_map(|it| RetryInfo::decode(&*it.value).ok()?.retry_delay);
    let delays = delays.filter_map(|delay| {
        let (seconds, nanos) = (u64::try_from(delay.seconds).ok()?, u32::try_from(delay.nanos).ok()?);
        // Above 10^9, nanoseconds are no part of a second, and there is room for no more than u64 holds.
        (nanos < 1_000_000_000).then(|| Duration::new(seconds, nanos))
    });
    Details { delay: delays.max(), message: status.message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(type_url: &str, seconds: i64, nanos: i32) -> Vec<u8> {
        let value = RetryInfo { retry_delay: Some(Delay { seconds, nanos }) }.encode_to_vec();
        let other = Any { type_url: "type.googleapis.com/google.rpc.DebugInfo".into(), value: vec![0xff] };
        let details = vec![other, Any { type_url: type_url.into(), value }];
        Status { message: "slow down".into(), details }.encode_to_vec()
    }

    #[test]
    fn the_delay_is_found_among_the_details() {
        let url = "type.googleapis.com/google.rpc.RetryInfo";
        let delay = |url, seconds, nanos| understood(&told(url, seconds, nanos)).delay;
        assert_eq!(delay(url, 2, 500_000_000), Some(Duration::from_millis(2500)));
        assert_eq!(delay("google.rpc.RetryInfo", 0, 1), Some(Duration::from_nanos(1)));
        assert_eq!(delay(url, i64::MAX, 0), Some(Duration::from_secs(i64::MAX.unsigned_abs())));
        for (seconds, nanos) in [(-1, 0), (1, -1), (1, i32::MAX)] {
            assert_eq!(delay(url, seconds, nanos), None);
        }
        assert_eq!(delay("type.googleapis.com/google.rpc.QuotaFailure", 2, 0), None);
        assert_eq!(understood(&told(url, 1, 0)).message, "slow down");
    }

    /// Field 3 of the status, field 2 of the detail and field 1 of it, by hand.
    #[test]
    fn the_numbers_of_the_fields_are_those_of_google() {
        let url = b"x/google.rpc.RetryInfo";
        let any = [&[0x0a, url.len() as u8], &url[..], &[0x12, 4, 0x0a, 2, 0x08, 7]].concat();
        let status = [&[0x08, 8, 0x12, 2, b'n', b'o', 0x1a, any.len() as u8], &any[..]].concat();
        assert_eq!(
            understood(&status),
            Details { message: "no".into(), delay: Some(Duration::from_secs(7)) }
        );
    }

    #[test]
    fn what_is_no_detail_says_nothing() {
        for bytes in [&b""[..], b"\xff\xff", b"<html>"] {
            assert_eq!(understood(bytes), Details::default(), "{bytes:?}");
            assert_eq!(read(bytes), Details::default(), "{bytes:?}");
        }
    }
}
