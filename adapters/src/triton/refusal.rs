//! What a failed request means.

use crate::http::{complaint, refused, status_kind};
use crate::{Failure, FailureKind, ResponseHead};

/// How the messages begin with which Triton refuses a request as 500 for what it contains. Every other 500
/// comes from the model.
const OUR_FAULT: [&str; 3] = ["failed to parse", "Unable to parse", "Unable to set"];

pub(super) fn refusal(head: &ResponseHead, body: &[u8]) -> Failure {
    let kind = match head.status {
        500 if blames_the_request(&complaint(body)) => FailureKind::Rejected,
        status => status_kind(status),
    };
    refused(kind, head, body)
}

/// The same of a request for predictions. A server that tells no inputs, as MLServer and KServe's own may, fails with
/// 500 where the tensor is not what the model takes.
pub(super) fn of_request(head: &ResponseHead, body: &[u8], tells_inputs: bool) -> Failure {
    let failure = refusal(head, body);
    if tells_inputs || head.status != 500 || failure.kind != FailureKind::ModelFailed {
        return failure;
    }
    // First, as servers have much to say.
    let said = failure.said.replacen(
        "HTTP 500: ",
        "HTTP 500, and the server tells no inputs: are shape and type of the data right? It says: ",
        1,
    );
    Failure::unplaced(failure.kind, said)
}

fn blames_the_request(words: &str) -> bool {
    let words = match words.strip_prefix("[request id:").and_then(|rest| rest.split_once("] ")) {
        Some((_, words)) => words,
        None => words,
    };
    OUR_FAULT.iter().any(|start| words.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(status: u16, words: &str) -> FailureKind {
        let body = format!(r#"{{"error":"{words}"}}"#);
        refusal(&ResponseHead::new(status, [("content-type", "text/plain")]), body.as_bytes()).kind
    }

    #[test]
    fn a_500_is_told_apart_by_its_words() {
        for words in [
            "failed to parse the request JSON buffer: Missing a comma",
            "[request id: noisebound] failed to parse the request JSON buffer: Missing a comma",
            "[request id: <id_unknown>] Unable to parse 'data': Shape does not match true shape of 'data' field",
            "Unable to set 'data'",
        ] {
            assert_eq!(kind(500, words), FailureKind::Rejected, "{words}");
        }
        for words in [
            "Failed to process the request(s): Unable to parse",
            "[request id: a] boom",
            "Internal Server Error",
        ] {
            assert_eq!(kind(500, words), FailureKind::ModelFailed, "{words}");
        }
    }

    #[test]
    fn other_statuses_mean_what_they_say() {
        for (status, expected) in [
            (400, FailureKind::Rejected),
            (401, FailureKind::Auth),
            (403, FailureKind::Auth),
            (404, FailureKind::NotFound),
            (422, FailureKind::Rejected),
            (429, FailureKind::Overloaded),
            (501, FailureKind::Unsupported),
            (502, FailureKind::Transient),
            (503, FailureKind::Overloaded),
            (504, FailureKind::Transient),
        ] {
            assert_eq!(kind(status, "[request id: a] x"), expected, "{status}");
        }
    }
}
