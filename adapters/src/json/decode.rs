//! Answers out of the response of a JSON service.

use super::JsonProtocol;
use super::layout::{Asked, predictions};
use super::refusal::refusal;
use super::suggest::pointers;
use crate::text::{Json, parse};
use crate::{Answer, Failure, FailureKind, ResponseHead};

pub(super) fn decode(
    protocol: &JsonProtocol,
    rows: usize,
    head: &ResponseHead,
    body: &[u8],
) -> Result<Answer, Failure> {
    if !head.is_success() {
        return Err(refusal(protocol.preset, head, body));
    }
    let answer = parse(body).map_err(|error| {
        let page = body.trim_ascii_start().starts_with(b"<");
        let why = if page { "a page and no JSON, as from a login or a proxy: " } else { "" };
        Failure::showing(FailureKind::Malformed, format!("the answer is {why}{error}"), body)
    })?;
    let asked = protocol.template.asked(rows);
    match predictions(&answer, &protocol.answer, asked) {
        Ok(predictions) => Ok(Answer { predictions, version: None, pushback: None }),
        Err(failure) if failure.kind == FailureKind::Malformed => {
            Err(misfit(&failure.said, &answer, asked, body))
        }
        Err(failure) => Err(failure),
    }
}

/// What was expected, the pointers that would have worked, and the beginning of the answer.
fn misfit(said: &str, answer: &Json, asked: Asked, body: &[u8]) -> Failure {
    let told = |pointer: String| match pointer.as_str() {
        "" => "an empty --answer (all of it)".to_owned(),
        pointer => format!("--answer {pointer}"),
    };
    let would: Vec<String> = pointers(answer, asked).into_iter().map(told).collect();
    let hint =
        if would.is_empty() { String::new() } else { format!("; what would fit: {}", would.join(", ")) };
    Failure::showing(FailureKind::Malformed, format!("{said}{hint}"), body)
}
