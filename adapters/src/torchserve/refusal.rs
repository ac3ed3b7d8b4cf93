//! What a status, type and message of TorchServe mean.
//!
//! What the worker says has the type `InternalServerException`, whatever its status: the handler raised, asked for
//! memory in vain, or chose a status of its own. The front end's own refusals have other types.

use std::borrow::Cow;

use crate::http::{refused, status_kind};
use crate::text::parse;
use crate::{Failure, FailureKind, ResponseHead};

/// The type of everything that the worker says.
const WORKER: &str = "InternalServerException";

/// The longest body that TorchServe takes unless it is told otherwise.
const LIMIT: &str =
    "its limit is 6,553,500 bytes unless max_request_size in config.properties says otherwise";

/// A failure by the type and message that TorchServe puts into its body.
pub(super) fn refusal(head: &ResponseHead, body: &[u8]) -> Failure {
    let told = parse(body).ok();
    let told = |key: &str| {
        told.as_ref().and_then(|told| told.get(key)?.text()).map_or_else(String::new, Cow::into_owned)
    };
    let (kind, message) = (told("type"), told("message"));
    match (head.status, kind.as_str()) {
        (413, _) => {
            let said = format!("HTTP 413: the server takes no body as long as this: {LIMIT}");
            Failure::unplaced(FailureKind::Rejected, said)
        }
        (400, "InvalidKeyException") => refused(FailureKind::Auth, head, body),
        // The worker took too long or crashed, and is started again.
        (500, _) if message.starts_with("Worker died") => {
            let said = "HTTP 500: Worker died. It crashed, or took longer than the model's responseTimeout (120 s); \
                        TorchServe starts it again";
            Failure::unplaced(FailureKind::Transient, said)
        }
        (status, WORKER) => refused(worker(status), head, body),
        (status, _) => refused(status_kind(status), head, body),
    }
}

/// What the handler raised, which it will do again for this row. It chooses statuses as it likes, so that a 404 is
/// about the row and not about the model.
fn worker(status: u16) -> FailureKind {
    match status {
        429 => FailureKind::Overloaded,
        400..=499 => FailureKind::Rejected,
        500..=599 => FailureKind::ModelFailed,
        _ => status_kind(status),
    }
}
