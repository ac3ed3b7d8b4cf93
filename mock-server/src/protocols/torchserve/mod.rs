//! TorchServe 0.12: inference, and on the same port what its management port tells of the models.
//!
//! Behind each model stands a handler that takes one row (a list of numbers, their little-endian bytes, or a picture),
//! several (a list of rows), or one of the envelopes, and answers in kind. A classifier of square pictures is deployed a
//! second time, as `NAME-image`, behind the handler `image_classifier`. Left out: multipart and form bodies, streaming,
//! and everything that changes the models.

mod answer;
mod describe;
pub(crate) mod keys;
mod predict;
mod request;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodRouter, get, options, post};
use serde::Deserialize;
use serde_json::json;

use crate::app::{App, Served};
use crate::faults::befall;
use crate::models::Task;
use crate::protocols::picture;

/// The paths of the inference server, and those of the management server that only tell.
pub(super) fn router(app: &Arc<App>) -> Router {
    let predict = || -> MethodRouter<Arc<App>> {
        let predict = post(predict::predict).get(predict::predict).put(predict::predict);
        predict.route_layer(from_fn_with_state(Arc::clone(app), befall)).merge(options(describe::api))
    };
    Router::new()
        .route("/ping", get(async || reply(200, r#"{"status":"Healthy"}"#)))
        .route("/", options(describe::api))
        .route("/api-description", get(describe::api))
        .route("/models", get(describe::models))
        .route("/models/{model}", get(describe::model))
        .route("/models/{model}/{version}", get(describe::model))
        .route("/token", get(keys::renew))
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

/// 400, and not 401, where the token is missing or wrong; the health check asks for it too. A key for predictions opens
/// nothing of the management address, and the other way round.
async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let given = request.headers().get(header::AUTHORIZATION);
    let open = match &app.keys {
        None => super::authorized(app.token.as_deref(), given),
        Some(keys) => super::authorized(Some(&keys.key(request.uri().path())), given),
    };
    if open {
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
    /// The model, and the handler that it is deployed behind.
    fn find<'a>(&self, app: &'a App, version_now: &str) -> Result<(&'a Served, Handler), Unknown> {
        let Self { model, version } = self;
        let pictures =
            || model.strip_suffix(IMAGE).and_then(|name| app.model(name)).filter(|it| is_of_pictures(it));
        let plain = app.model(model).map(|served| (served, Handler::Plain));
        let Some(found) = plain.or_else(|| Some((pictures()?, Handler::Image))) else {
            return Err(Unknown("ModelNotFoundException", format!("Model not found: {model}")));
        };
        match version {
            Some(version) if version != version_now => {
                let message = format!("Model version: {version} does not exist for model: {model}");
                Err(Unknown("ModelVersionNotFoundException", message))
            }
            _ => Ok(found),
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

/// What stands behind the name of a model that is deployed a second time.
const IMAGE: &str = "-image";

/// What a model is deployed behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Handler {
    /// A handler of its own, which answers whatever the model answers.
    Plain,
    /// `image_classifier`: the five best classes, by name.
    Image,
}

/// Whether the model is a classifier of square pictures.
fn is_of_pictures(served: &Served) -> bool {
    let signature = served.signature();
    signature.task == Task::Classification
        && signature.inputs.len() == 1
        && picture::side(signature.width()).is_some()
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
