//! Answers and refusals of TorchServe.

use crate::http::{quote, refused, status_kind};
use crate::text::{lone, parse, prediction};
use crate::{Answer, Failure, FailureKind, ResponseHead};

pub(super) fn decode(rows: usize, head: &ResponseHead, body: &[u8]) -> Result<Answer, Failure> {
    if !head.is_success() {
        return Err(refusal(head, body));
    }
    let malformed =
        |said: String| Failure::unplaced(FailureKind::Malformed, format!("{said}: {}", quote(body)));
    if rows != 1 {
        return Err(malformed(format!("one answer came for {rows} rows")));
    }
    // Handlers that return text have it sent without quotes; a proxy's page looks the same.
    let value = parse(body).map_err(|error| malformed(format!("the handler's answer is {error}")))?;
    Ok(Answer { predictions: vec![prediction(lone(&value), "answer")?], version: None, pushback: None })
}

/// A failure by the type and message that TorchServe puts into its body.
pub(super) fn refusal(head: &ResponseHead, body: &[u8]) -> Failure {
    let told = parse(body).ok();
    let told = |key: &str| {
        told.as_ref()
            .and_then(|told| told.get(key)?.text())
            .map_or_else(String::new, std::borrow::Cow::into_owned)
    };
    let (kind, message) = (told("type"), told("message"));
    let kind = match (head.status, kind.as_str()) {
        (400, "InvalidKeyException") => FailureKind::Auth,
        // The handler raised, which it will do again for this row.
        (503, "InternalServerException") => FailureKind::ModelFailed,
        // The worker took too long or crashed, and is started again.
        (500, _) if message.starts_with("Worker died") => FailureKind::Transient,
        (status, _) => status_kind(status),
    };
    refused(kind, head, body)
}
