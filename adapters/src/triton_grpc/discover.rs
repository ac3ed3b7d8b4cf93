//! Learning about the server and the model, one answer after the other.

use tonic::Code;

use super::generated::model_metadata_response::TensorMetadata;
use super::generated::{
    ModelConfigResponse, ModelMetadataResponse, RepositoryIndexResponse, ServerMetadataResponse,
};
use super::{ENCODING, frame, status};
use crate::oip::{Config, Learning, Model, Plan, Server, TritonOptions};
use crate::survey::{Listed, MOST};
use crate::{Dtype, Failure, Port, ResponseHead, Survey};

/// Takes the next answer. A plan comes with the last one; on failure nothing has changed.
pub(super) fn take(
    learning: &mut Learning,
    options: &TritonOptions,
    head: &ResponseHead,
    body: &[u8],
) -> Result<Option<Plan>, Failure> {
    let told = status::check(head, body);
    match learning {
        Learning::Server => {
            let server = match told {
                Ok(()) => server(&frame::read(head.header(ENCODING), body)?),
                // A gateway may let only the model's own calls through. Credentials that are wrong fail at the model, next.
                Err(refused) if refused.code == Some(Code::Unimplemented) || refused.is_closed() => {
                    Server::default()
                }
                Err(refused) => return Err(refused.failure),
            };
            learning.server(Server { binary: true, ..server });
            Ok(None)
        }
        Learning::Model { .. } => {
            told.map_err(|refused| refused.failure)?;
            learning.model(model(frame::read(head.header(ENCODING), body)?));
            Ok(None)
        }
        Learning::Config { .. } => {
            let config = match told {
                Ok(()) => Some(config(frame::read(head.header(ENCODING), body)?)),
                Err(refused) => match refused.code {
                    Some(Code::Unimplemented | Code::NotFound) => None,
                    // Triton keeps it behind a header of its own where it is told to (`--grpc-restricted-protocol`).
                    _ if refused.is_closed() => None,
                    _ => return Err(refused.failure),
                },
            };
            learning.config(options, config).map(Some)
        }
    }
}

fn server(told: &ServerMetadataResponse) -> Server {
    let name = format!("{} {}", told.name, told.version).trim().to_owned();
    Server { name: (!name.is_empty()).then_some(name), binary: true }
}

/// The server's name, out of its metadata.
pub(super) fn about(encoding: Option<&str>, body: &[u8]) -> Option<Survey> {
    let told: ServerMetadataResponse = frame::read(encoding, body).ok()?;
    Survey { server: server(&told).name, ..Survey::default() }.unless_empty()
}

/// The models, out of the index of the repository.
pub(super) fn index(encoding: Option<&str>, body: &[u8]) -> Option<Survey> {
    let told: RepositoryIndexResponse = frame::read(encoding, body).ok()?;
    let named = told.models.into_iter().filter(|model| !model.name.is_empty());
    let text = |text: String| (!text.is_empty()).then_some(text);
    // MLServer writes the name of its enum before it: `State.READY`.
    let state = |told: String| text(told.rsplit('.').next().unwrap_or_default().to_owned());
    let models = named
        .map(|it| Listed { name: it.name, version: text(it.version), state: state(it.state) })
        .take(MOST);
    Survey { models: models.collect(), ..Survey::default() }.unless_empty()
}

fn model(told: ModelMetadataResponse) -> Model {
    let ports = |told: Vec<TensorMetadata>| told.into_iter().map(port).collect();
    Model { versions: told.versions, inputs: ports(told.inputs), outputs: ports(told.outputs) }
}

fn port(told: TensorMetadata) -> Port {
    Port {
        name: told.name,
        dtype: Dtype::from_name(&told.datatype),
        shape: Some(told.shape),
        optional: false,
    }
}

fn config(told: ModelConfigResponse) -> Config {
    let told = told.config.unwrap_or_default();
    let optional = told.input.into_iter().filter(|input| input.optional);
    Config {
        max_batch: usize::try_from(told.max_batch_size).unwrap_or(0),
        optional: optional.map(|input| input.name).collect(),
        decoupled: told.model_transaction_policy.is_some_and(|policy| policy.decoupled),
        stateful: told.sequence_batching.is_some(),
    }
}
