//! The Open Inference Protocol as Triton 2.51 speaks it over HTTP.
//!
//! Besides the standard: the configuration, the statistics, the repository index, the binary tensor and
//! classification extensions, parameters, and compressed bodies. Left out: sequences, shared memory, generation,
//! and everything that changes the server.

mod answer;
mod describe;
mod encoding;
mod infer;
mod refusal;
mod request;
mod values;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};

use crate::app::App;
use crate::faults::befall;
use refusal::Refusal;
pub(super) use refusal::reply;

/// The paths under `/v2`.
pub(super) fn router(app: &Arc<App>) -> Router {
    let infer = || post(infer::infer).route_layer(from_fn_with_state(Arc::clone(app), befall));
    Router::new()
        .route("/v2", get(describe::server))
        .route("/v2/health/live", get(async || describe::healthy()))
        .route("/v2/health/ready", get(async || describe::healthy()))
        .route("/v2/repository/index", post(describe::index))
        .route("/v2/models/stats", get(describe::all_stats))
        .route("/v2/models/{model}", get(describe::model))
        .route("/v2/models/{model}/versions/{version}", get(describe::model))
        .route("/v2/models/{model}/ready", get(describe::ready))
        .route("/v2/models/{model}/versions/{version}/ready", get(describe::ready))
        .route("/v2/models/{model}/config", get(describe::config))
        .route("/v2/models/{model}/versions/{version}/config", get(describe::config))
        .route("/v2/models/{model}/stats", get(describe::stats))
        .route("/v2/models/{model}/versions/{version}/stats", get(describe::stats))
        .route("/v2/models/{model}/infer", infer())
        .route("/v2/models/{model}/versions/{version}/infer", infer())
        .method_not_allowed_fallback(async || Refusal::new(405, "Method Not Allowed").reply())
        .route_layer(from_fn_with_state(Arc::clone(app), guard))
        .with_state(Arc::clone(app))
}

/// Triton has no authorization of its own: a missing token meets the page of the proxy in front of it.
async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let given = request.headers().get(header::AUTHORIZATION);
    if super::authorized(app.token.as_deref(), given) {
        return next.run(request).await;
    }
    let page = "<html><head><title>401 Authorization Required</title></head></html>\n";
    reply(StatusCode::UNAUTHORIZED, "text/html", page)
}

/// A path that Triton does not have.
pub(super) fn nowhere() -> Response {
    Refusal::new(404, "Not Found").reply()
}
