//! The protocols, side by side on one listener; that over gRPC has its own.
//!
//! A protocol decodes rows, asks [`App::predict`](crate::app::App::predict), and encodes the answers or the
//! failure as the real server does. It decides nothing about faults.

mod accept;
mod classes;
mod json;
mod picture;
mod plain;
mod raw;
mod rows;
mod services;
mod torchserve;
mod triton;
pub(crate) mod triton_grpc;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, Uri};
use axum::response::Response;

use crate::app::App;
pub(crate) use torchserve::keys::Keys;

/// The number of a request for predictions, in order of arrival.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number(pub(crate) u64);

/// Every path of every protocol.
pub(crate) fn router(app: &Arc<App>) -> Router {
    let routers =
        Router::new().merge(triton::router(app)).merge(plain::router(app)).merge(services::router(app));
    // How much is too much is for each protocol to say.
    routers.merge(torchserve::router(app)).fallback(nowhere).layer(DefaultBodyLimit::disable())
}

/// Every procedure of the protocol over gRPC.
pub(crate) fn grpc_router(app: &Arc<App>) -> Router {
    triton_grpc::router(app).layer(DefaultBodyLimit::disable())
}

/// A path that no protocol has is refused by the one whose paths begin like it.
async fn nowhere(uri: Uri) -> Response {
    match uri.path().split('/').nth(1) {
        Some("v1") => plain::failure(404, "Not Found"),
        Some("v2") => triton::nowhere(),
        _ => {
            let message = "Requested resource is not found, please refer to API document.";
            torchserve::failure(404, "ResourceNotFoundException", message)
        }
    }
}

/// Whether a request may pass: no token is asked for, or the header is `Bearer` and that token.
fn authorized(token: Option<&str>, given: Option<&HeaderValue>) -> bool {
    let Some(token) = token else { return true };
    let given = given.and_then(|given| given.to_str().ok());
    given.and_then(|given| given.strip_prefix("Bearer ")) == Some(token)
}
