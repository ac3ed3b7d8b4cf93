//! What a refusal of a JSON service means: by its preset, by what a gateway tells of the server behind it, else by its
//! status.

use std::time::Duration;

use super::presets::Preset;
use crate::http::{complaint, refused, status_kind};
use crate::text::parse;
use crate::{Failure, FailureKind, ResponseHead};

/// The longest wait that is taken over from a body.
const LONGEST: f64 = 60.0;

pub(super) fn refusal(preset: &Preset, head: &ResponseHead, body: &[u8]) -> Failure {
    let pushback = loading(body);
    if let Some(failure) = behind(head, body) {
        return Failure { pushback, ..failure };
    }
    let told = |(status, words, _): &&(u16, &str, FailureKind)| {
        *status == head.status && body.windows(words.len().max(1)).any(|window| window == words.as_bytes())
    };
    let kind = preset.refusals.iter().find(told).map_or_else(|| status_kind(head.status), |(.., kind)| *kind);
    Failure { pushback, ..refused(kind, head, body) }
}

/// A gateway answers 424 where the server behind it did not answer 200, and tells its status and reason apart.
fn behind(head: &ResponseHead, body: &[u8]) -> Option<Failure> {
    let status: u16 = head.header("ms-azureml-model-error-statuscode")?.trim().parse().ok()?;
    let reason = head.header("ms-azureml-model-error-reason").unwrap_or("no reason");
    let kind = match status_kind(status) {
        // What the server behind refuses is no mistake in the target or the credentials.
        FailureKind::Auth | FailureKind::NotFound | FailureKind::Redirected | FailureKind::Malformed => {
            FailureKind::ModelFailed
        }
        kind => kind,
    };
    let words = complaint(body);
    Some(Failure::unplaced(
        kind,
        format!("HTTP {}, the model answered {status} ({reason}): {words}", head.status),
    ))
}

/// How long a model still takes to load, where the body of a refusal tells.
fn loading(body: &[u8]) -> Option<Duration> {
    let seconds = parse(body).ok()?.get("estimated_time")?.number()?;
    Duration::try_from_secs_f64(seconds.clamp(0.0, LONGEST)).ok()
}
