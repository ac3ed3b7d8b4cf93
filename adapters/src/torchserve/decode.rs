//! Answers of handlers, out of their envelope.

use super::refusal::refusal;
use super::{Envelope, v2};
use crate::json::single;
use crate::text::{Json, best_class, lone, parse};
use crate::{Answer, Failure, FailureKind, Prediction, ResponseHead};

/// The longest line that is a class rather than an essay.
const LONGEST_LABEL: usize = 200;

/// Reads the answer for that many rows; `pointer` says where each row's answer holds the prediction.
pub(super) fn decode(
    envelope: Envelope,
    pointer: Option<&str>,
    rows: usize,
    head: &ResponseHead,
    body: &[u8],
) -> Result<Answer, Failure> {
    if !head.is_success() {
        return Err(refusal(head, body));
    }
    if head.header("ts_stream_next").is_some_and(|next| next.trim() == "true") {
        let said = "the handler streams its answer in pieces, one answer was expected";
        return Err(Failure::showing(FailureKind::Unsupported, said, body));
    }
    if envelope.max_rows() == Some(1) && rows != 1 {
        return Err(malformed(format!("{rows} answers were expected, one for each row, found one"), body));
    }
    let told = match parse(body) {
        Ok(told) => told,
        Err(error) if error.trailing() => {
            let said = "the handler's answer is several values one after the other, as a streaming handler sends them; \
                        one was expected";
            return Err(malformed(said, body));
        }
        Err(error) => {
            let bare = matches!(envelope, Envelope::Json | Envelope::Bytes) && pointer.is_none();
            let label = bare
                .then(|| bare_text(head, body))
                .flatten()
                .ok_or_else(|| malformed(format!("the handler's answer is {error}"), body))?;
            return Ok(answer(vec![Prediction::Labels(vec![(label.into(), 1.0)])]));
        }
    };
    // What it should have been is said where it is read; here is what it was, and where to read instead.
    let misfit = |said: &str| Failure::misfit(said, &would_fit(envelope, body), body);
    let understood = |value: &Json| {
        let pointer = pointer.unwrap_or_default();
        let found = value.pointer(pointer).ok_or_else(|| {
            misfit(&format!(
                "nothing stands at `{pointer}` of the answer, where a prediction was expected; it is {}",
                value.what()
            ))
        })?;
        best_class(lone(found), "answer").map_err(|failure| match failure.kind {
            FailureKind::Malformed => misfit(&failure.said),
            _ => failure,
        })
    };
    match envelope {
        Envelope::Json | Envelope::Bytes => Ok(answer(vec![understood(&told)?])),
        Envelope::KserveV2 if pointer.is_some() => Ok(answer(vec![understood(&told)?])),
        Envelope::KserveV2 => v2::decode(&told, body).map_err(|failure| match failure.kind {
            FailureKind::Malformed => misfit(failure.reason()),
            _ => failure,
        }),
        Envelope::Base64 | Envelope::Instances | Envelope::Kserve => {
            let items = told.get("predictions").and_then(Json::items).ok_or_else(|| {
                let name = envelope.name();
                let said = format!(
                    "an answer with a list `predictions` was expected, as a model with a service_envelope for `{name}` \
                     gives"
                );
                malformed(said, body)
            })?;
            if items.len() != rows {
                return Err(malformed(
                    format!("{rows} predictions were expected, one for each row, found {}", items.len()),
                    body,
                ));
            }
            Ok(answer(items.iter().map(understood).collect::<Result<_, _>>()?))
        }
    }
}

/// The pointers that would read the answer for each row, the likeliest first.
pub(super) fn would_fit(envelope: Envelope, body: &[u8]) -> Vec<String> {
    let Ok(told) = parse(body) else { return Vec::new() };
    let of_row = match envelope {
        Envelope::Json | Envelope::Bytes | Envelope::KserveV2 => Some(&told),
        Envelope::Base64 | Envelope::Instances | Envelope::Kserve => {
            told.get("predictions").and_then(Json::items).and_then(<[Json]>::first)
        }
    };
    let reads = |of_row: &Json, place: &str| {
        of_row
            .pointer(place)
            .is_some_and(|found| best_class(lone(found), "answer").is_ok_and(|it| it.is_single()))
    };
    of_row.map_or_else(Vec::new, |of_row| single(of_row, |place| reads(of_row, place)))
}

fn answer(predictions: Vec<Prediction>) -> Answer {
    Answer { predictions, version: None, pushback: None }
}

pub(super) fn malformed(said: impl AsRef<str>, body: &[u8]) -> Failure {
    Failure::showing(FailureKind::Malformed, said, body)
}

/// The class that a handler returned as a text, which TorchServe sends without quotes and without a content type. A
/// gateway's page has one, and what looks like the beginning of a value is a broken answer.
fn bare_text<'a>(head: &ResponseHead, body: &'a [u8]) -> Option<&'a str> {
    let kind = head.header("content-type").unwrap_or_default();
    if !kind.is_empty() && !kind.starts_with("text/plain") {
        return None;
    }
    let text = std::str::from_utf8(body).ok()?.trim();
    let begins = text.chars().next()?;
    let plain = !matches!(begins, '{' | '[' | '"' | '<' | '-') && !text.contains(char::is_control);
    (plain && text.len() <= LONGEST_LABEL).then_some(text)
}
