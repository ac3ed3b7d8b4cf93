//! What Triton tells of itself and its models.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::refusal::{Refusal, reply};
use crate::app::{App, Served};
use crate::models::Element;

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
        let tensor = |name: &str, element: Element, dims: &[usize]| {
            let batch = signature.max_batch.map(|_| json!(-1));
            let shape: Vec<Value> = batch.into_iter().chain(dims.iter().map(|dim| json!(dim))).collect();
            json!({ "name": name, "datatype": element.name(), "shape": shape })
        };
        let inputs = signature.inputs.iter().map(|input| tensor(&input.name, input.element, &input.shape));
        let outputs =
            signature.outputs.iter().map(|output| tensor(&output.name, output.element, &[output.size]));
        json!({
            "name": signature.name,
            "versions": [app.version_now()],
            "platform": "python",
            "inputs": inputs.collect::<Vec<_>>(),
            "outputs": outputs.collect::<Vec<_>>(),
        })
    })
}

pub(super) async fn config(State(app): State<Arc<App>>, Path(which): Path<Which>) -> Response {
    tell_of(&app, &which, |served| {
        let signature = served.signature();
        let inputs = signature.inputs.iter().map(|input| {
            json!({
                "name": input.name, "data_type": kind(input.element), "dims": input.shape,
                "optional": input.optional,
            })
        });
        let outputs = signature.outputs.iter().map(|output| {
            let labels = if output.labels.is_empty() { "" } else { "labels.txt" };
            json!({
                "name": output.name, "data_type": kind(output.element), "dims": [output.size],
                "label_filename": labels,
            })
        });
        json!({
            "name": signature.name,
            "platform": "",
            "backend": "python",
            "max_batch_size": signature.max_batch.unwrap_or(0),
            "input": inputs.collect::<Vec<_>>(),
            "output": outputs.collect::<Vec<_>>(),
        })
    })
}

/// The type of elements as configurations name it.
fn kind(element: Element) -> String {
    let name = if element == Element::Bytes { "STRING" } else { element.name() };
    format!("TYPE_{name}")
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

fn tell_of(app: &App, which: &Which, what: impl FnOnce(&Served) -> Value) -> Response {
    match which.find(app, app.version_now()) {
        Ok(served) => tell(&what(served)),
        Err(refusal) => refusal.reply(),
    }
}

fn tell(value: &Value) -> Response {
    reply(StatusCode::OK, "application/json", value.to_string())
}
