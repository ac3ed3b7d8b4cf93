//! Requests and responses as people are shown them: what goes over the wire, secrets masked.
//!
//! The one invariant: nothing in here was sent or came back without going through the masker.

use std::time::Duration;

use reqwest::StatusCode;

use super::credentials::Credentials;
use super::{RequestHead, ResponseHead};
use crate::secret::CUT;
use crate::{Exchange, Failure, Sight, Survey, WireRequest, WireResponse};

/// A request. Headers of the user replace those of the protocol.
pub(super) fn request(
    credentials: &Credentials,
    user_agent: &str,
    request: &RequestHead,
    body: &[u8],
) -> WireRequest {
    let masker = &credentials.now().masker;
    let given: Vec<_> = credentials.masked().collect();
    let own = request.headers.iter().map(|(name, value)| (*name, value.clone()));
    let agent = std::iter::once(("user-agent", user_agent.to_owned()));
    let kept = own.chain(agent).filter(|(name, _)| !given.iter().any(|(other, _)| other == name));
    let headers = kept.chain(given.iter().cloned());
    WireRequest {
        method: request.method.to_string(),
        url: masker.mask(request.url.as_str()).into_owned(),
        headers: headers.map(|(name, value)| (name.to_owned(), masker.mask(&value).into_owned())).collect(),
        body: masker.mask_bytes(body).into_owned(),
    }
}

/// A response with a body of so many bytes; `body` is it as people read it. The values of cookies are secrets of the server.
pub(super) fn response(
    known: &[&Credentials],
    head: &ResponseHead,
    body: &[u8],
    size: usize,
) -> WireResponse {
    let maskers: Vec<_> = known.iter().map(|credentials| credentials.now()).collect();
    let mask = |bytes: &[u8]| {
        maskers.iter().fold(bytes.to_owned(), |bytes, now| now.masker.mask_bytes(&bytes).into_owned())
    };
    let headers = head.headers.iter().chain(&head.trailers).map(|(name, value)| {
        let value = if name == "set-cookie" { b"***".to_vec() } else { mask(value.as_bytes()) };
        (name.to_string(), String::from_utf8_lossy(&value).into_owned())
    });
    let kept = match body.get(..WireResponse::KEPT) {
        Some(start) if start.len() < body.len() => {
            // A secret that is cut in two is known by its beginning, where the mark of a cut stands.
            let masked = mask(&[start, CUT].concat());
            masked.strip_suffix(CUT).map(<[u8]>::to_owned).unwrap_or(masked)
        }
        _ => mask(body),
    };
    WireResponse { status: status(head.status), headers: headers.collect(), body: kept, size }
}

/// What was seen at one place, not masked yet.
pub(super) fn sight(
    request: &RequestHead,
    head: &ResponseHead,
    told: Option<Survey>,
    pushback: Option<Duration>,
) -> Sight {
    Sight { at: format!("{} {}", request.method, request.url), said: status(head.status), told, pushback }
}

/// `404 Not Found`.
fn status(code: u16) -> String {
    let reason = StatusCode::from_u16(code).ok().and_then(|status| status.canonical_reason());
    format!("{code} {}", reason.unwrap_or_default()).trim_end().to_owned()
}

/// What came of rows that cannot be encoded.
pub(super) fn unsent(failure: Failure) -> Exchange {
    let request = WireRequest {
        method: "POST".to_owned(),
        url: failure.at.to_string(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    Exchange { request, response: None, answer: Err(failure), would_fit: Vec::new(), tried: None }
}
