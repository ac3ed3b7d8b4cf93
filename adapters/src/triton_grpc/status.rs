//! What the status of a remote procedure means.
//!
//! It stands in the trailers, or in the headers where there is nothing else. An answer without one does not come
//! from a gRPC server: its HTTP status and body tell what it is. They are read here and not by tonic, which panics at
//! details that are no base64.

use std::time::Duration;

use percent_encoding::percent_decode;
use tonic::Code;

use super::details;
use crate::http::{quote, refused, status_kind};
use crate::{Failure, FailureKind, ResponseHead};

/// Where the status stands, and its words and details.
const STATUS: &str = "grpc-status";
const MESSAGE: &str = "grpc-message";
const DETAILS: &str = "grpc-status-details-bin";
/// How long to wait before the next attempt, in a trailer (gRFC A6).
const PUSHBACK: &str = "grpc-retry-pushback-ms";
/// The longest pushback that is obeyed, as for `Retry-After`.
const LONGEST: Duration = Duration::from_secs(3600);

/// A call that was refused.
#[derive(Debug)]
pub(super) struct Refused {
    /// The status, where one was told.
    pub(super) code: Option<Code>,
    pub(super) failure: Failure,
    /// The status of HTTP.
    http: u16,
}

impl Refused {
    /// Whether this procedure is not for these credentials. A proxy on the way there that wants some is another matter.
    pub(super) fn is_closed(&self) -> bool {
        self.failure.kind == FailureKind::Auth && self.http != 407
    }
}

/// Whether the call succeeded.
pub(super) fn check(head: &ResponseHead, body: &[u8]) -> Result<(), Refused> {
    // Where the trailers have none, the answer had no body, and all stands in the headers.
    let map = if head.trailers.contains_key(STATUS) { &head.trailers } else { &head.headers };
    let refused = |code, failure| Err(Refused { code, failure, http: head.status });
    let Some(told) = map.get(STATUS) else {
        return refused(None, no_status(head, body));
    };
    let Some(code) = code(told.as_bytes()) else {
        let said = format!("`grpc-status` is {told:?}, a number from 0 to 16 was expected");
        return refused(None, Failure::unplaced(FailureKind::Malformed, said));
    };
    if code == Code::Ok {
        return Ok(());
    }
    let details = map.get(DETAILS).map(|told| details::read(told.as_bytes())).unwrap_or_default();
    let message = map.get(MESSAGE).map(|told| percent_decode(told.as_bytes()).collect::<Vec<u8>>());
    let told = [message.unwrap_or_default(), details.message.into_bytes()];
    let words = quote(told.iter().find(|words| !words.is_empty()).map_or(&[], Vec::as_slice));
    let words = if words.is_empty() { "no words came with it".to_owned() } else { words };
    let failure = Failure::unplaced(kind(code, &words), format!("gRPC {}: {words}", name(code)));
    let pushback = pushback(head).max(details.delay).map(|wait| wait.min(LONGEST));
    refused(Some(code), Failure { pushback, ..failure })
}

/// The status that a header tells, where it is a number; one beyond those that are known counts as UNKNOWN.
fn code(told: &[u8]) -> Option<Code> {
    let is_number = !told.is_empty() && told.iter().all(u8::is_ascii_digit);
    is_number.then(|| {
        let number = std::str::from_utf8(told).ok().and_then(|digits| digits.parse().ok());
        number.map_or(Code::Unknown, Code::from_i32)
    })
}

fn no_status(head: &ResponseHead, body: &[u8]) -> Failure {
    let kind = head.header("content-type").unwrap_or("none");
    if !head.is_success() {
        return refused(status_kind(head.status), head, body);
    }
    if !head.trailers.is_empty() {
        let names: Vec<_> = head.trailers.keys().map(|name| format!("`{name}`")).collect();
        let names = names.join(", ");
        let said =
            format!("no `grpc-status` stands behind the answer of {} bytes, found {names}", body.len());
        return Failure::unplaced(FailureKind::Malformed, said);
    }
    if kind.starts_with("application/grpc") {
        let said = format!("the answer broke off after {} bytes, before its status", body.len());
        return Failure::unplaced(FailureKind::Unreachable, said);
    }
    let said = format!("an answer of gRPC was expected, found content type {kind}: {}", quote(body));
    Failure::unplaced(FailureKind::Malformed, said)
}

/// What a status stands for, from Triton, MLServer and KServe.
fn kind(code: Code, words: &str) -> FailureKind {
    match code {
        Code::ResourceExhausted if too_large(words) => FailureKind::Rejected,
        Code::Unavailable if is_restricted(words) => FailureKind::Auth,
        Code::Unavailable | Code::ResourceExhausted => FailureKind::Overloaded,
        Code::InvalidArgument | Code::OutOfRange | Code::FailedPrecondition | Code::AlreadyExists => {
            FailureKind::Rejected
        }
        // Python servers tell an exception of the model as unknown.
        Code::Internal | Code::Unknown => FailureKind::ModelFailed,
        Code::NotFound => FailureKind::NotFound,
        Code::Unimplemented => FailureKind::Unsupported,
        Code::Unauthenticated | Code::PermissionDenied => FailureKind::Auth,
        Code::DeadlineExceeded => FailureKind::TimedOut,
        Code::Cancelled | Code::Aborted | Code::DataLoss => FailureKind::Transient,
        Code::Ok => FailureKind::Malformed,
    }
}

/// Whether it is the size of a message that exhausted the server, which sending again does not mend.
fn too_large(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    ["larger than max", "message larger", "message too large", "message size"]
        .iter()
        .any(|sign| words.contains(sign))
}

/// Whether a header is wanted that was not sent: Triton says so as if it were too busy (`--grpc-restricted-protocol`).
fn is_restricted(words: &str) -> bool {
    words.starts_with("This protocol is restricted, expecting header")
}

/// What the trailer asks for.
fn pushback(head: &ResponseHead) -> Option<Duration> {
    let told = head.trailers.get(PUSHBACK).or_else(|| head.headers.get(PUSHBACK))?;
    let millis: u64 = told.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_millis(millis))
}

/// The name of a status, as its specification writes it.
fn name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused_with(code: Code, message: &str) -> Failure {
        let number = (code as i32).to_string();
        let mut head = ResponseHead::new(200, [("content-type", "application/grpc")]);
        let told = [("grpc-status", number.as_str()), ("grpc-message", message)];
        head.trailers = ResponseHead::new(200, told).headers;
        check(&head, b"").unwrap_err().failure
    }

    #[test]
    fn each_status_has_its_kind() {
        use FailureKind::*;
        for (code, expected) in [
            (Code::Cancelled, Transient),
            (Code::Unknown, ModelFailed),
            (Code::InvalidArgument, Rejected),
            (Code::DeadlineExceeded, TimedOut),
            (Code::NotFound, NotFound),
            (Code::AlreadyExists, Rejected),
            (Code::PermissionDenied, Auth),
            (Code::ResourceExhausted, Overloaded),
            (Code::FailedPrecondition, Rejected),
            (Code::Aborted, Transient),
            (Code::OutOfRange, Rejected),
            (Code::Unimplemented, Unsupported),
            (Code::Internal, ModelFailed),
            (Code::Unavailable, Overloaded),
            (Code::DataLoss, Transient),
            (Code::Unauthenticated, Auth),
        ] {
            let failure = refused_with(code, "queue%20full");
            assert_eq!(failure.kind, expected, "{code:?}");
            assert_eq!(&*failure.said, format!("gRPC {}: queue full", name(code)));
        }
    }

    #[test]
    fn a_message_that_is_too_large_is_not_too_much_to_do() {
        for words in [
            "Received message larger than max (8388608 vs. 4194304)",
            "Sent message larger than max",
            "SERVER: Received message larger than max",
        ] {
            let failure = refused_with(Code::ResourceExhausted, &words.replace(' ', "%20"));
            assert_eq!(failure.kind, FailureKind::Rejected, "{words}");
        }
    }

    #[test]
    fn a_header_that_is_wanted_is_not_too_much_to_do() {
        let words = "This protocol is restricted, expecting header 'triton-grpc-protocol-k'";
        let failure = refused_with(Code::Unavailable, &words.replace(' ', "%20"));
        assert_eq!(
            (failure.kind, &*failure.said),
            (FailureKind::Auth, &*format!("gRPC UNAVAILABLE: {words}"))
        );
    }

    #[test]
    fn words_are_short_whatever_their_length() {
        let failure = refused_with(Code::Internal, &"Traceback%0A".repeat(1000));
        assert!(failure.said.len() <= Failure::SAID && !failure.said.contains('\n'), "{}", failure.said);
    }

    #[test]
    fn a_status_that_came_alone_stands_in_the_headers() {
        let told = [("grpc-status", "14"), ("grpc-message", "down"), (PUSHBACK, "1500")];
        let failure = check(&ResponseHead::new(200, told), b"").unwrap_err().failure;
        assert_eq!((failure.kind, &*failure.said), (FailureKind::Overloaded, "gRPC UNAVAILABLE: down"));
        assert_eq!(failure.pushback, Some(Duration::from_millis(1500)));
        let negative = [("grpc-status", "14"), (PUSHBACK, "-1")];
        assert_eq!(check(&ResponseHead::new(200, negative), b"").unwrap_err().failure.pushback, None);
    }

    /// `google.rpc.Status` with a `RetryInfo` of 7 s and the words `no`, in base64.
    const WAIT: &str = "CAgSAm5vGh4KFngvZ29vZ2xlLnJwYy5SZXRyeUluZm8SBAoCCAc";

    #[test]
    fn the_longer_of_two_waits_is_obeyed_up_to_an_hour() {
        let pushback = |told: &[(&str, &str)]| {
            let told = [&[("grpc-status", "14")], told].concat();
            let failure = check(&ResponseHead::new(200, told), b"").unwrap_err().failure;
            (failure.pushback.map(|wait| wait.as_millis()), failure.said)
        };
        let details = ("grpc-status-details-bin", WAIT);
        assert_eq!(pushback(&[details]), (Some(7000), "gRPC UNAVAILABLE: no".into()));
        assert_eq!(pushback(&[details, (PUSHBACK, "1500")]).0, Some(7000));
        assert_eq!(pushback(&[details, (PUSHBACK, "8000")]).0, Some(8000));
        assert_eq!(pushback(&[details, (PUSHBACK, "99999999999")]).0, Some(3_600_000));
        assert_eq!(pushback(&[details, ("grpc-message", "busy")]).1, "gRPC UNAVAILABLE: busy".into());
        assert_eq!(pushback(&[("grpc-status-details-bin", "%%%")]).0, None);
    }

    #[test]
    fn what_is_no_grpc_is_told_by_its_status() {
        let html = [("content-type", "text/html")];
        for (status, kind, words) in [
            (503, FailureKind::Overloaded, "HTTP 503: <html>no</html>"),
            (401, FailureKind::Auth, "HTTP 401: <html>no</html>"),
            (
                200,
                FailureKind::Malformed,
                "an answer of gRPC was expected, found content type text/html: <html>no</html>",
            ),
        ] {
            let refused = check(&ResponseHead::new(status, html), b"<html>no</html>").unwrap_err();
            assert_eq!((refused.failure.kind, &*refused.failure.said, refused.code), (kind, words, None));
        }
        let grpc = [("content-type", "application/grpc+proto")];
        let refused = check(&ResponseHead::new(200, grpc), b"abc").unwrap_err();
        assert_eq!(refused.failure.kind, FailureKind::Unreachable);
    }
}
