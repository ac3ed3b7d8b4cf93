//! What a status means where the protocol knows no better.

use super::{ResponseHead, complaint};
use crate::{Failure, FailureKind};

/// The kind of failure that a status stands for by RFC 9110 and custom.
///
/// Protocols look at the body first: the same status means different things from different servers.
pub(crate) fn status_kind(status: u16) -> FailureKind {
    match status {
        300..=399 => FailureKind::Redirected,
        401 | 403 | 407 => FailureKind::Auth,
        404 | 405 | 410 => FailureKind::NotFound,
        408 | 425 | 502 | 504 => FailureKind::Transient,
        429 | 503 | 529 => FailureKind::Overloaded,
        // 424: a gateway reports that the container behind it failed. 507: the model ran out of memory.
        424 | 500 | 507 => FailureKind::ModelFailed,
        501 | 505 => FailureKind::Unsupported,
        400..=499 => FailureKind::Rejected,
        500..=599 => FailureKind::Transient,
        _ => FailureKind::Malformed,
    }
}

/// A failure with the status and the server's own words.
pub(crate) fn refused(kind: FailureKind, head: &ResponseHead, body: &[u8]) -> Failure {
    let words = complaint(body);
    let words = if words.is_empty() { "no words came with it" } else { &words };
    Failure::unplaced(kind, format!("HTTP {}: {words}", head.status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_kind() {
        use FailureKind::*;
        for (kind, statuses) in [
            (Redirected, &[301, 302, 307, 308][..]),
            (Auth, &[401, 403, 407]),
            (NotFound, &[404, 405, 410]),
            (Transient, &[408, 425, 502, 504, 520]),
            (Overloaded, &[429, 503, 529]),
            (ModelFailed, &[424, 500, 507]),
            (Unsupported, &[501]),
            (Rejected, &[400, 413, 415, 422]),
            (Malformed, &[100, 600]),
        ] {
            for status in statuses {
                assert_eq!(status_kind(*status), kind, "{status}");
            }
        }
    }

    #[test]
    fn an_empty_body_is_said_to_be_so() {
        let failure = refused(FailureKind::Rejected, &ResponseHead::new(413, []), b"");
        assert_eq!(&*failure.said, "HTTP 413: no words came with it");
    }
}
