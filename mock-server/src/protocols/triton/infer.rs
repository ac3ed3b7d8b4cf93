//! A request for predictions, from its bytes to the bytes of the answer.

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::answer;
use super::describe::Which;
use super::refusal::Refusal;
use super::request::Asked;
use crate::app::App;
use crate::faults::Outcome;
use crate::protocols::Number;

pub(super) async fn infer(
    State(app): State<Arc<App>>,
    Extension(number): Extension<Number>,
    Path(which): Path<Which>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answered(&app, number, &which, &headers, &body).unwrap_or_else(Refusal::reply)
}

fn answered(
    app: &App,
    Number(number): Number,
    which: &Which,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, Refusal> {
    let version = app.version(number);
    let served = which.find(app, version)?;
    let Asked { id, batch, parameters, wanted } = Asked::read(served.signature(), headers, body)?;
    let answers = app.answer(served, &batch, parameters, number).map_err(|_| {
        let message = "Failed to process the request(s) for model instance, message: ValueError: row refused";
        Refusal::new(500, message).of_request(id.as_deref())
    })?;
    let outcome = Outcome { rows: answers.rows, delay: answers.delay };
    let mut response = answer::write(served.signature(), version, id.as_deref(), &wanted, &answers, headers);
    response.extensions_mut().insert(outcome);
    Ok(response)
}
