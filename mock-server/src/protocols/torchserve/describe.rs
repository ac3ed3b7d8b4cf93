//! What the server tells of its models, at the inference address and at that for management.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::{IMAGE, Which, is_of_pictures, reply};
use crate::app::{App, Served};

/// The names under which models are deployed.
fn names(app: &App) -> Vec<String> {
    let pictures = |served: &&Served| is_of_pictures(served);
    let image = |served: &Served| format!("{}{IMAGE}", served.signature().name);
    let plain = app.models().iter().map(|served| served.signature().name.clone());
    plain.chain(app.models().iter().filter(pictures).map(image)).collect()
}

pub(super) async fn api(State(app): State<Arc<App>>) -> Response {
    let operations =
        |name: &String| (format!("/predictions/{name}"), json!({ "post": { "operationId": "predictions" } }));
    let paths: serde_json::Map<String, Value> = names(&app).iter().map(operations).collect();
    let info = json!({ "title": "TorchServe APIs", "version": "0.12.0" });
    reply(200, json!({ "openapi": "3.0.1", "info": info, "paths": paths }).to_string())
}

pub(super) async fn models(State(app): State<Arc<App>>) -> Response {
    let entry = |name: &String| json!({ "modelName": name, "modelUrl": format!("{name}.mar") });
    let models: Vec<Value> = names(&app).iter().map(entry).collect();
    reply(200, json!({ "models": models }).to_string())
}

pub(super) async fn model(State(app): State<Arc<App>>, Path(which): Path<Which>) -> Response {
    let version = app.version_now();
    if let Err(unknown) = which.find(&app, version) {
        return unknown.reply();
    }
    let name = &which.model;
    let description = json!([{
        "modelName": name, "modelVersion": version, "modelUrl": format!("{name}.mar"),
        "runtime": "python", "minWorkers": 1, "maxWorkers": 1,
        "batchSize": 1, "maxBatchDelay": 100, "responseTimeout": 120,
        "workers": [{ "id": "9000", "status": "READY", "gpu": false }],
        "jobQueueStatus": { "remainingCapacity": 100, "pendingRequests": 0 },
    }]);
    reply(200, description.to_string())
}
