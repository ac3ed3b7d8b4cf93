//! Answers out of the response of a JSON service.

use std::time::Duration;

use super::JsonProtocol;
use super::template::Body;
use crate::http::{quote, refused, status_kind};
use crate::text::{Json, is_labels, lone, parse, prediction};
use crate::{Answer, Failure, FailureKind, Prediction, ResponseHead};

/// The longest wait that is taken over from a body.
const LONGEST: f64 = 60.0;

pub(super) fn decode(
    protocol: &JsonProtocol,
    rows: usize,
    head: &ResponseHead,
    body: &[u8],
) -> Result<Answer, Failure> {
    if !head.is_success() {
        return Err(Failure { pushback: loading(body), ..refused(status_kind(head.status), head, body) });
    }
    let malformed =
        |said: String| Failure::unplaced(FailureKind::Malformed, format!("{said}: {}", quote(body)));
    let value = parse(body).map_err(|error| malformed(format!("the answer is {error}")))?;
    let value = inside(value);
    let pointer = &protocol.answer;
    let Some(found) = value.pointer(pointer) else {
        return Err(malformed(format!("nothing stands at `{pointer}`, the answer is {}", value.what())));
    };
    let name = pointer.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("answer");
    let predictions = if protocol.template.body == Body::Row {
        vec![prediction(lone(found), name)?]
    } else {
        match found.items() {
            Some(items) if items.len() == rows => {
                items.iter().map(|item| prediction(item, name)).collect::<Result<Vec<Prediction>, _>>()?
            }
            // Some services list the classes of a single row without a list around it.
            Some(items) if rows == 1 && is_labels(items) => vec![prediction(found, name)?],
            _ => {
                let said =
                    format!("a list of {rows} answers was expected at `{pointer}`, found {}", found.what());
                return Err(malformed(said));
            }
        }
    };
    Ok(Answer { predictions, version: None, pushback: None })
}

/// JSON that a service put into a JSON string, read once more.
fn inside(value: Json) -> Json {
    let inner = match &value {
        Json::Text(text) => parse(text).ok(),
        _ => None,
    };
    inner.filter(|inner| matches!(inner, Json::Array(_) | Json::Object(_))).unwrap_or(value)
}

/// How long a model still takes to load, where the body of a refusal tells.
fn loading(body: &[u8]) -> Option<Duration> {
    let seconds = parse(body).ok()?.get("estimated_time")?.number()?;
    Duration::try_from_secs_f64(seconds.clamp(0.0, LONGEST)).ok()
}
