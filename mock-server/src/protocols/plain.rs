//! A plain JSON service with the paths of KServe's first protocol.
//!
//! `{"instances": [row, ...]}` is answered by `{"predictions": [answer, ...]}`: a list of values for each row, a
//! bare number for a model with one value, an object by name for a model with several outputs. A row `{"b64": "..."}` is
//! a picture in base64.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use serde_json::{Map, Value, json};

use super::Number;
use super::json::{flatten, push_list};
use super::picture;
use super::rows::push_row;
use crate::app::{App, Served};
use crate::faults::{Outcome, befall};

/// The paths under `/v1`.
pub(super) fn router(app: &Arc<App>) -> Router {
    let predict = post(predict).route_layer(from_fn_with_state(Arc::clone(app), befall));
    Router::new()
        .route("/v1/models", get(list))
        .route("/v1/models/{model}", get(ready).merge(predict))
        .method_not_allowed_fallback(async || failure(405, "Method Not Allowed"))
        .route_layer(from_fn_with_state(Arc::clone(app), guard))
        .with_state(Arc::clone(app))
}

async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if super::authorized(app.token.as_deref(), request.headers().get(header::AUTHORIZATION)) {
        return next.run(request).await;
    }
    failure(401, "missing or invalid token")
}

async fn list(State(app): State<Arc<App>>) -> Response {
    let names: Vec<&str> = app.models().iter().map(|served| served.signature().name.as_str()).collect();
    reply(200, json!({ "models": names }).to_string())
}

async fn ready(State(app): State<Arc<App>>, Path(model): Path<String>) -> Response {
    match app.model(&model) {
        Some(_) => reply(200, json!({ "name": model, "ready": true }).to_string()),
        None => unknown(&model),
    }
}

async fn predict(
    State(app): State<Arc<App>>,
    Extension(Number(number)): Extension<Number>,
    Path(path): Path<String>,
    body: Bytes,
) -> Response {
    let Some(model) = path.strip_suffix(":predict") else {
        return failure(404, "Not Found");
    };
    let Some(served) = app.model(model) else {
        return unknown(model);
    };
    let values = match values(served, &body) {
        Ok(values) => values,
        Err((status, message)) => return failure(status, &message),
    };
    let Ok(answers) = app.predict(served, values, number) else {
        return failure(500, "ValueError : row refused");
    };
    let mut out = b"{\"predictions\":".to_vec();
    let signature = served.signature();
    let rows = answers.values.chunks_exact(signature.answer_width().max(1));
    push_list(&mut out, rows, |out, row| push_row(out, signature, row));
    out.push(b'}');
    let mut response = reply(200, out);
    response.extensions_mut().insert(Outcome { rows: answers.rows, delay: answers.delay });
    response
}

/// The values of all rows, or the status and message of the refusal.
fn values(served: &Served, body: &[u8]) -> Result<Vec<f64>, (u16, String)> {
    let json: Map<String, Value> = serde_json::from_slice(body)
        .map_err(|error| (400, format!("Unrecognized request format: {error}")))?;
    let instances = json.get("instances").ok_or_else(|| (500, "KeyError : 'instances'".to_owned()))?;
    let Value::Array(rows) = instances else {
        return Err((400, "Expected \"instances\" to be a list".to_owned()));
    };
    let width = served.signature().width();
    let mut values = Vec::with_capacity(rows.len() * width);
    for (place, row) in rows.iter().enumerate() {
        let picture = row.get("b64").and_then(picture::decode).and_then(|file| picture::read(&file, width));
        let numbers = match picture {
            Some(pixels) => {
                values.extend(pixels);
                Some(())
            }
            None => flatten(row, &mut values),
        };
        numbers.ok_or_else(|| (500, format!("TypeError : row {place} is not of numbers")))?;
        if values.len() != (place + 1) * width {
            return Err((500, format!("ValueError : row {place} does not have {width} values")));
        }
    }
    Ok(values)
}

fn unknown(model: &str) -> Response {
    failure(404, &format!("Model with name {model} does not exist."))
}

pub(super) fn failure(status: u16, message: &str) -> Response {
    reply(status, json!({ "error": message }).to_string())
}

fn reply(status: u16, body: impl Into<axum::body::Body>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    super::triton::reply(status, "application/json", body)
}
