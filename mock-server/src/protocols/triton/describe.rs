//! What Triton tells of itself and its models.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::MAX_BATCH;
use super::refusal::{Refusal, reply};
use crate::app::{App, Served};
use crate::models::{Precision, Signature};

/// The model and, where the path has one, the version.
#[derive(Deserialize)]
pub(super) struct Which {
    pub(super) model: String,
    pub(super) version: Option<String>,
}

impl Which {
    /// The model, if it is there in this version.
    pub(super) fn find<'a>(&self, app: &'a App, version_now: &str) -> Result<&'a Served, Refusal> {
        let version = self.version.as_deref();
        app.model(&self.model)
            .filter(|_| version.is_none_or(|version| version == version_now))
            .ok_or_else(|| Refusal::unknown(&self.model, version))
    }
}

/// Live or ready: the status says it all.
pub(super) fn healthy() -> Response {
    reply(StatusCode::OK, "text/plain", "")
}

pub(super) async fn server() -> Response {
    tell(&json!({
        "name": "triton",
        "version": "2.51.0",
        "extensions": [
            "classification", "model_repository", "model_configuration", "binary_tensor_data", "parameters",
            "statistics",
        ],
    }))
}

pub(super) async fn ready(State(app): State<Arc<App>>, Path(which): Path<Which>) -> Response {
    match which.find(&app, app.version_now()) {
        Ok(_) => healthy(),
        Err(_) => Refusal::new(400, "Model version not ready").reply(),
    }
}

pub(super) async fn model(State(app): State<Arc<App>>, Path(which): Path<Which>) -> Response {
    tell_of(&app, &which, |served| {
        let signature = served.signature();
        let datatype = datatype(signature.precision);
        let tensor = |name: &str, dims: &[usize]| {
            let shape: Vec<Value> =
                std::iter::once(json!(-1)).chain(dims.iter().map(|dim| json!(dim))).collect();
            json!({ "name": name, "datatype": datatype, "shape": shape })
        };
        let outputs = signature.outputs.iter().map(|output| tensor(&output.name, &[output.size]));
        json!({
            "name": signature.name,
            "versions": [app.version_now()],
            "platform": "python",
            "inputs": [tensor(Signature::INPUT, &signature.shape)],
            "outputs": outputs.collect::<Vec<_>>(),
        })
    })
}

pub(super) async fn config(State(app): State<Arc<App>>, Path(which): Path<Which>) -> Response {
    tell_of(&app, &which, |served| {
        let signature = served.signature();
        let kind = format!("TYPE_{}", datatype(signature.precision));
        let outputs = signature.outputs.iter().map(|output| {
            json!({ "name": output.name, "data_type": kind, "dims": [output.size], "label_filename": "" })
        });
        json!({
            "name": signature.name,
            "platform": "",
            "backend": "python",
            "max_batch_size": MAX_BATCH,
            "input": [{
                "name": Signature::INPUT, "data_type": kind, "dims": signature.shape, "optional": false,
            }],
            "output": outputs.collect::<Vec<_>>(),
        })
    })
}

pub(super) async fn stats(State(app): State<Arc<App>>, Path(which): Path<Which>) -> Response {
    match which.find(&app, app.version_now()) {
        Ok(served) => tell(&json!({ "model_stats": [stats_of(&app, served)] })),
        Err(Refusal { message, .. }) => Refusal::new(400, message).reply(),
    }
}

pub(super) async fn all_stats(State(app): State<Arc<App>>) -> Response {
    let stats: Vec<Value> = app.models().iter().map(|served| stats_of(&app, served)).collect();
    tell(&json!({ "model_stats": stats }))
}

fn stats_of(app: &App, served: &Served) -> Value {
    json!({
        "name": served.signature().name,
        "version": app.version_now(),
        "inference_count": served.rows.load(Ordering::Relaxed),
        "execution_count": served.requests.load(Ordering::Relaxed),
    })
}

pub(super) async fn index(State(app): State<Arc<App>>) -> Response {
    let version = app.version_now();
    let entry =
        |served: &Served| json!({ "name": served.signature().name, "version": version, "state": "READY" });
    tell(&app.models().iter().map(entry).collect())
}

/// The name of the element type in the protocol.
pub(super) fn datatype(precision: Precision) -> &'static str {
    match precision {
        Precision::Single => "FP32",
        Precision::Double => "FP64",
    }
}

fn tell_of(app: &App, which: &Which, what: impl FnOnce(&Served) -> Value) -> Response {
    match which.find(app, app.version_now()) {
        Ok(served) => tell(&what(served)),
        Err(refusal) => refusal.reply(),
    }
}

fn tell(value: &Value) -> Response {
    reply(StatusCode::OK, "application/json", value.to_string())
}
