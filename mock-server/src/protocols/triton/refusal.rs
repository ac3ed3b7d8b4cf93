//! How Triton says no: JSON that is labelled as text.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

/// A request that is turned down.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    /// 404 for a model or a version that is not there.
    pub(super) fn unknown(model: &str, version: Option<&str>) -> Self {
        let version = version.map(|version| format!(" version {version}")).unwrap_or_default();
        Self::new(404, format!("Request for unknown model: '{model}'{version} is not found"))
    }

    /// Puts the id of the request before the message, as the core of the server does.
    pub(super) fn of_request(self, id: Option<&str>) -> Self {
        let Self { status, message } = self;
        Self { status, message: format!("[request id: {}] {message}", id.unwrap_or("<id_unknown>")) }
    }

    pub(super) fn reply(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        reply(status, "text/plain", serde_json::json!({ "error": self.message }).to_string())
    }
}

/// An answer with a body of this type.
pub(in crate::protocols) fn reply(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}
