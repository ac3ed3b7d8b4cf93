//! TorchServe 0.12: inference, and on the same port what its management port tells of the models.
//!
//! The handler behind it takes one row (a list of numbers), several (a list of rows), or the envelope
//! `{"instances": [row, ...]}`, and answers in kind. Left out: multipart and form bodies, streaming, and
//! everything that changes the server.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodRouter, get, options, post};
use axum::{Extension, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Number;
use super::json::{flatten, push_list};
use super::rows::push_row;
use crate::app::{Answers, App, Served};
use crate::faults::{Outcome, befall};
use crate::models::Signature;

/// The longest body that is taken, in bytes.
const MAX_REQUEST: usize = 6_553_500;

/// The paths of the inference server, and those of the management server that only tell.
pub(super) fn router(app: &Arc<App>) -> Router {
    let predict = || -> MethodRouter<Arc<App>> {
        let predict = post(predict).get(predict).put(predict);
        predict.route_layer(from_fn_with_state(Arc::clone(app), befall)).merge(options(api))
    };
    Router::new()
        .route("/ping", get(async || reply(200, r#"{"status":"Healthy"}"#)))
        .route("/", options(api))
        .route("/api-description", get(api))
        .route("/models", get(models))
        .route("/models/{model}", get(describe))
        .route("/models/{model}/{version}", get(describe))
        .route("/predictions/{model}", predict())
        .route("/predictions/{model}/{version}", predict())
        .method_not_allowed_fallback(async || {
            failure(
                405,
                "MethodNotAllowedException",
                "Requested method is not allowed, please refer to API document.",
            )
        })
        .route_layer(from_fn_with_state(Arc::clone(app), guard))
        .with_state(Arc::clone(app))
}

/// 400, and not 401, where the token is missing or wrong; the health check asks for it too.
async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if super::authorized(app.token.as_deref(), request.headers().get(header::AUTHORIZATION)) {
        return next.run(request).await;
    }
    let message = "Token Authorization failed. Token either incorrect, expired, or not provided correctly";
    failure(400, "InvalidKeyException", message)
}

/// The model and, where the path has one, the version.
#[derive(Deserialize)]
struct Which {
    model: String,
    version: Option<String>,
}

impl Which {
    fn find<'a>(&self, app: &'a App, version_now: &str) -> Result<&'a Served, Unknown> {
        let Self { model, version } = self;
        let Some(served) = app.model(model) else {
            return Err(Unknown("ModelNotFoundException", format!("Model not found: {model}")));
        };
        match version {
            Some(version) if version != version_now => {
                let message = format!("Model version: {version} does not exist for model: {model}");
                Err(Unknown("ModelVersionNotFoundException", message))
            }
            _ => Ok(served),
        }
    }
}

/// A model or a version that is not there: the type of the failure, and its message.
struct Unknown(&'static str, String);

impl Unknown {
    fn reply(self) -> Response {
        failure(404, self.0, &self.1)
    }
}

async fn api(State(app): State<Arc<App>>) -> Response {
    let operations = |served: &Served| {
        let name = &served.signature().name;
        (format!("/predictions/{name}"), json!({ "post": { "operationId": "predictions" } }))
    };
    let paths: serde_json::Map<String, Value> = app.models().iter().map(operations).collect();
    let info = json!({ "title": "TorchServe APIs", "version": "0.12.0" });
    reply(200, json!({ "openapi": "3.0.1", "info": info, "paths": paths }).to_string())
}

async fn models(State(app): State<Arc<App>>) -> Response {
    let entry = |served: &Served| {
        let name = &served.signature().name;
        json!({ "modelName": name, "modelUrl": format!("{name}.mar") })
    };
    let models: Vec<Value> = app.models().iter().map(entry).collect();
    reply(200, json!({ "models": models }).to_string())
}

async fn describe(State(app): State<Arc<App>>, Path(which): Path<Which>) -> Response {
    let version = app.version_now();
    match which.find(&app, version) {
        Err(unknown) => unknown.reply(),
        Ok(served) => {
            let name = &served.signature().name;
            let description = json!([{
                "modelName": name, "modelVersion": version, "modelUrl": format!("{name}.mar"),
                "runtime": "python", "batchSize": 1, "maxBatchDelay": 100, "responseTimeout": 120,
                "workers": [{ "id": "9000", "status": "READY" }],
                "jobQueueStatus": { "remainingCapacity": 100, "pendingRequests": 0 },
            }]);
            reply(200, description.to_string())
        }
    }
}

async fn predict(
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
    let served = match which.find(&app, app.version(number)) {
        Ok(served) => served,
        Err(unknown) => return unknown.reply(),
    };
    let asked = read(served.signature(), &headers, &body);
    // A handler that raises and one that cannot read its input look the same.
    let answered = asked.and_then(|(form, x)| Some((form, app.predict(served, x, number).ok()?)));
    let Some((form, answers)) = answered else {
        return failure(503, "InternalServerException", "Prediction failed");
    };
    let mut response = Response::new(Body::from(write(served.signature(), form, &answers)));
    response.extensions_mut().insert(Outcome { rows: answers.rows, delay: answers.delay });
    dress(&mut response, &app, number);
    response
}

/// How the rows were sent, which is how the answers are sent back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    One,
    Several,
    Envelope,
}

/// The rows of a body, one after the other. `None` where the handler raises: only a body that is labelled as
/// JSON reaches it as anything but bytes.
fn read(signature: &Signature, headers: &HeaderMap, body: &[u8]) -> Option<(Form, Vec<f64>)> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return None;
    }
    let json: Value = serde_json::from_slice(body).ok()?;
    let (form, rows) = match &json {
        Value::Object(envelope) => (Form::Envelope, envelope.get("instances")?.as_array()?),
        Value::Array(items) if items.iter().all(Value::is_number) => (Form::One, items),
        Value::Array(items) => (Form::Several, items),
        _ => return None,
    };
    let mut values = Vec::new();
    if form == Form::One {
        flatten(&json, &mut values)?;
        return (values.len() == signature.width()).then_some((form, values));
    }
    for (place, row) in rows.iter().enumerate() {
        flatten(row, &mut values)?;
        if values.len() != (place + 1) * signature.width() {
            return None;
        }
    }
    Some((form, values))
}

fn write(signature: &Signature, form: Form, answers: &Answers) -> Vec<u8> {
    let mut out = Vec::with_capacity(20 * answers.values.len() + 20);
    let rows = answers.values.chunks_exact(signature.answer_width().max(1));
    match form {
        Form::One => rows.for_each(|row| push_row(&mut out, signature, row)),
        Form::Several => push_list(&mut out, rows, |out, row| push_row(out, signature, row)),
        Form::Envelope => {
            out.extend_from_slice(b"{\"predictions\":");
            push_list(&mut out, rows, |out, row| push_row(out, signature, row));
            out.push(b'}');
        }
    }
    out
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

/// How TorchServe says no: its own code, type and message, and the connection is closed.
pub(super) fn failure(code: u16, kind: &str, message: &str) -> Response {
    let mut response = reply(code, json!({ "code": code, "type": kind, "message": message }).to_string());
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

fn reply(status: u16, body: impl Into<Body>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    super::triton::reply(status, "application/json", body)
}
