//! A request for predictions, from its body to its answer.

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::answer::write;
use super::request::read;
use super::{Which, failure};
use crate::app::App;
use crate::faults::Outcome;
use crate::protocols::Number;

/// The longest body that is taken, in bytes.
const MAX_REQUEST: usize = 6_553_500;

pub(super) async fn predict(
    State(app): State<Arc<App>>,
    Extension(Number(number)): Extension<Number>,
    Path(which): Path<Which>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if body.len() > MAX_REQUEST {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        return response;
    }
    if let Some(keys) = &app.keys {
        keys.count();
    }
    let version = app.version(number);
    let (served, handler) = match which.find(&app, version) {
        Ok(found) => found,
        Err(unknown) => return unknown.reply(),
    };
    // A handler that raises and one that cannot read its input look the same, unless it chose a status.
    let Some((form, x)) = read(served.signature(), handler, &headers, &body) else {
        return failure(503, "InternalServerException", "Prediction failed");
    };
    let Ok(answers) = app.predict(served, x, number) else {
        return match app.faults.refuse_status {
            None => failure(503, "InternalServerException", "Prediction failed"),
            Some(status) => failure(status, "InternalServerException", "the handler refuses this row"),
        };
    };
    let mut response =
        Response::new(Body::from(write(served.signature(), handler, &form, version, &answers)));
    response.extensions_mut().insert(Outcome { rows: answers.rows, delay: answers.delay });
    dress(&mut response, &app, number);
    response
}

/// The headers of an answer: an id of the server's own, nothing to be cached, and no type.
fn dress(response: &mut Response, app: &App, number: u64) {
    let part = |purpose| (app.dice.roll(purpose, number) * (1u64 << 48) as f64) as u64;
    let (a, b, c) = (part("id-a"), part("id-b"), number & 0xffff);
    let id = format!("{:08x}-{c:04x}-4{:03x}-8{:03x}-{b:012x}", a >> 16, a >> 4 & 0xfff, a & 0xfff);
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert("x-request-id", id);
    }
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    let cache = HeaderValue::from_static("no-cache; no-store, must-revalidate, private");
    headers.insert(header::CACHE_CONTROL, cache);
    headers.insert(header::EXPIRES, HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 UTC"));
}
