//! Learning about the server and the model, one response after the other.

use super::refusal::refusal;
use crate::http::quote;
use crate::oip::{Config, Learning, Model, Plan, Server, TritonOptions};
use crate::text::{Json, parse};
use crate::{Dtype, Failure, FailureKind, Port, ResponseHead, Survey};

/// Takes the next response. A plan comes with the last one; on failure nothing has changed.
pub(super) fn take(
    learning: &mut Learning,
    options: &TritonOptions,
    head: &ResponseHead,
    body: &[u8],
) -> Result<Option<Plan>, Failure> {
    let told = if head.is_success() { Ok(object(body)?) } else { Err(refusal(head, body)) };
    let told = told.map_err(|failure| match (head.status, &options.version) {
        // KServe's own server has no versions at all.
        (501, Some(_)) => Failure::unplaced(failure.kind, format!("{}; leave -x out", failure.said)),
        _ => failure,
    });
    match learning {
        Learning::Server => {
            // A gateway may let only the model's own paths through. Credentials that are wrong fail at the model, next.
            let server = match head.status {
                401 | 403 | 404 => Server::default(),
                _ => server(&told?),
            };
            learning.server(server);
            Ok(None)
        }
        Learning::Model { .. } => {
            learning.model(model(&told?));
            Ok(None)
        }
        Learning::Config { .. } => {
            let config = match head.status {
                // Triton keeps it behind a header of its own where it is told to (`--http-restricted-api`).
                400 | 401 | 403 | 404 | 405 | 501 => None,
                _ => Some(config(&told?)),
            };
            learning.config(options, config).map(Some)
        }
    }
}

fn object(body: &[u8]) -> Result<Json, Failure> {
    let told = parse(body).ok().filter(|told| matches!(told, Json::Object(_)));
    told.ok_or_else(|| {
        let said = format!("not an Open Inference Protocol server, metadata was expected: {}", quote(body));
        Failure::unplaced(FailureKind::Malformed, said)
    })
}

fn server(told: &Json) -> Server {
    let text = |key| told.get(key).and_then(Json::text);
    let name = match (text("name"), text("version")) {
        (Some(name), Some(version)) => Some(format!("{name} {version}")),
        (name, _) => name.map(Into::into),
    };
    let extensions = told.get("extensions").and_then(Json::items).unwrap_or_default();
    Server {
        name,
        binary: extensions.iter().any(|item| item.text().is_some_and(|it| it == "binary_tensor_data")),
    }
}

/// The server's name, out of its metadata.
pub(super) fn about(body: &[u8]) -> Option<Survey> {
    let told = object(body).ok()?;
    Survey { server: server(&told).name, ..Survey::default() }.unless_empty()
}

fn model(told: &Json) -> Model {
    let list = |key| told.get(key).and_then(Json::items).unwrap_or_default();
    let ports = |key| list(key).iter().filter_map(port).collect();
    let versions = list("versions").iter().filter_map(Json::text).map(Into::into).collect();
    Model { versions, inputs: ports("inputs"), outputs: ports("outputs") }
}

fn port(told: &Json) -> Option<Port> {
    let size = |item: &Json| match item {
        Json::Int(size) => Some(*size),
        // Some servers write 64-bit numbers as strings.
        item => item.text()?.parse().ok(),
    };
    Some(Port {
        name: told.get("name")?.text()?.into_owned(),
        dtype: told.get("datatype").and_then(Json::text).and_then(|name| Dtype::from_name(&name)),
        shape: told.get("shape").and_then(Json::items).and_then(|items| items.iter().map(size).collect()),
        optional: false,
    })
}

fn config(told: &Json) -> Config {
    let max_batch = told.get("max_batch_size").and_then(Json::number).unwrap_or(0.0);
    let inputs = told.get("input").and_then(Json::items).unwrap_or_default();
    let optional = inputs.iter().filter(|input| input.get("optional") == Some(&Json::Bool(true)));
    Config {
        max_batch: max_batch.max(0.0) as usize,
        optional: optional.filter_map(|input| Some(input.get("name")?.text()?.into_owned())).collect(),
        decoupled: told.pointer("/model_transaction_policy/decoupled") == Some(&Json::Bool(true)),
        stateful: told.get("sequence_batching").is_some_and(|value| *value != Json::Null),
    }
}
