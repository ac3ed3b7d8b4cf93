//! Answers out of the response of a JSON service.

use super::JsonProtocol;
use super::layout::predictions;
use super::refusal::refusal;
use super::suggest::pointers;
use crate::text::parse;
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
            Err(Failure::misfit(&failure.said, &pointers(&answer, asked), body))
        }
        Err(failure) => Err(failure),
    }
}
