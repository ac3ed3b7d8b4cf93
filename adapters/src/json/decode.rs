//! Answers out of the response of a JSON service.

use super::JsonProtocol;
use super::layout::{Asked, predictions};
use super::refusal::refusal;
use super::suggest::pointers;
use crate::text::{Json, parse};
use crate::{Answer, Failure, FailureKind, Prediction, ResponseHead};

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
            let alone = alone(protocol, &answer, asked);
            let said =
                alone.map_or_else(|| failure.said.to_string(), |alone| format!("{}; {alone}", failure.said));
            Err(Failure::misfit(said, &pointers(&answer, asked), body))
        }
        Err(failure) => Err(failure),
    }
}

/// How to ask one row a request, where the answer to a list of one is that of its row, without a list around it.
fn alone(protocol: &JsonProtocol, answer: &Json, asked: Asked) -> Option<String> {
    let read = predictions(answer, &protocol.answer, Asked::One).ok()?;
    let body = protocol.template.of_one_row()?;
    let fits = asked == Asked::List(1) && read.iter().all(Prediction::is_single);
    fits.then(|| format!("one row a request would be read: {body}"))
}
