//! Learning about the server and the model, one response after the other.

use super::TritonOptions;
use super::plan::{Config, Input, Plan};
use super::refusal::refusal;
use crate::http::quote;
use crate::text::{Json, parse};
use crate::{Dtype, Failure, FailureKind, Port, ResponseHead};

/// Which response comes next, and what the earlier ones told.
#[derive(Debug, Clone, Default)]
pub(super) enum Learning {
    /// The server's metadata, `/v2`.
    #[default]
    Server,
    /// The model's metadata.
    Model { server: Server },
    /// The model's configuration, which only Triton has.
    Config { server: Server, model: Model },
}

/// What the server told.
#[derive(Debug, Clone, Default)]
pub(super) struct Server {
    /// Name and version.
    pub(super) name: Option<String>,
    /// Whether it takes raw tensors.
    pub(super) binary: bool,
}

/// What the model's metadata told; shapes as they go over the wire.
#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    pub(super) versions: Vec<String>,
    pub(super) inputs: Vec<Port>,
    pub(super) outputs: Vec<Port>,
}

impl Learning {
    /// Takes the next response. A plan comes with the last one; on failure nothing has changed.
    pub(super) fn take(
        &mut self,
        options: &TritonOptions,
        head: &ResponseHead,
        body: &[u8],
    ) -> Result<Option<Plan>, Failure> {
        let told = if head.is_success() { Ok(object(body)?) } else { Err(refusal(head, body)) };
        match self {
            Self::Server => {
                // A gateway may let only the model's own paths through.
                let server = if head.status == 404 { Server::default() } else { server(&told?) };
                *self = Self::Model { server };
                Ok(None)
            }
            Self::Model { server } => {
                let model = model(&told?);
                *self = Self::Config { server: std::mem::take(server), model };
                Ok(None)
            }
            Self::Config { server, model } => {
                let config = match head.status {
                    400 | 404 | 405 | 501 => None,
                    _ => Some(config(&told?)?),
                };
                Plan::new(options, server, model, config.as_ref()).map(Some)
            }
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
    })
}

/// # Errors
/// Unsupported when the model keeps state between requests or answers more than once.
fn config(told: &Json) -> Result<Config, Failure> {
    let refuse = |key: &str, why: &str| {
        Err(Failure::unplaced(
            FailureKind::Unsupported,
            format!("the model's configuration has {key}: {why}"),
        ))
    };
    if told.pointer("/model_transaction_policy/decoupled") == Some(&Json::Bool(true)) {
        return refuse(
            "model_transaction_policy.decoupled",
            "it gives any number of answers to a request, one was expected",
        );
    }
    if told.get("sequence_batching").is_some_and(|value| *value != Json::Null) {
        return refuse(
            "sequence_batching",
            "it remembers earlier requests, so asking would change its answers",
        );
    }
    let max_batch = told.get("max_batch_size").and_then(Json::number).unwrap_or(0.0);
    let inputs = told.get("input").and_then(Json::items).unwrap_or_default();
    let optional = inputs.iter().filter(|input| input.get("optional") == Some(&Json::Bool(true)));
    Ok(Config {
        max_batch: max_batch.max(0.0) as usize,
        optional: optional.filter_map(|input| Some(input.get("name")?.text()?.into_owned())).collect(),
    })
}

/// The inputs with what the configuration adds.
pub(super) fn inputs(ports: &[Port], config: Option<&Config>) -> Vec<Input> {
    let optional = |port: &Port| config.is_some_and(|config| config.optional.contains(&port.name));
    ports.iter().map(|port| Input { port: port.clone(), optional: optional(port) }).collect()
}
