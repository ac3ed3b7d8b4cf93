//! What Triton tells of itself and its models.

use super::generated::model_metadata_response::TensorMetadata;
use super::generated::repository_index_response::ModelIndex;
use super::generated::{
    ModelConfig, ModelConfigResponse, ModelInput, ModelMetadataResponse, RepositoryIndexResponse,
    ServerMetadataResponse,
};
use crate::models::{Element, Signature};

pub(super) fn server() -> ServerMetadataResponse {
    let extensions =
        ["classification", "model_repository", "model_configuration", "parameters", "statistics"];
    ServerMetadataResponse {
        name: "triton".to_owned(),
        version: "2.51.0".to_owned(),
        extensions: extensions.map(str::to_owned).to_vec(),
    }
}

pub(super) fn model(signature: &Signature, version: &str) -> ModelMetadataResponse {
    let tensor = |name: &str, element: Element, dims: &[usize]| {
        let batch = signature.max_batch.map(|_| -1);
        let shape = batch.into_iter().chain(dims.iter().map(|dim| wide(*dim)));
        TensorMetadata { name: name.to_owned(), datatype: element.name().to_owned(), shape: shape.collect() }
    };
    let inputs = signature.inputs.iter().map(|input| tensor(&input.name, input.element, &input.shape));
    let outputs = signature.outputs.iter().map(|output| tensor(&output.name, output.element, &[output.size]));
    ModelMetadataResponse {
        name: signature.name.clone(),
        versions: vec![version.to_owned()],
        platform: "python".to_owned(),
        inputs: inputs.collect(),
        outputs: outputs.collect(),
    }
}

pub(super) fn index<'a>(names: impl Iterator<Item = &'a str>, version: &str) -> RepositoryIndexResponse {
    let entry = |name: &str| ModelIndex {
        name: name.to_owned(),
        version: version.to_owned(),
        state: "READY".to_owned(),
        reason: String::new(),
    };
    RepositoryIndexResponse { models: names.map(entry).collect() }
}

/// A size as the protocol tells it.
pub(super) fn wide(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

pub(super) fn config(signature: &Signature) -> ModelConfigResponse {
    let input = signature.inputs.iter();
    let config = ModelConfig {
        name: signature.name.clone(),
        max_batch_size: i32::try_from(signature.max_batch.unwrap_or(0)).unwrap_or(i32::MAX),
        input: input.map(|it| ModelInput { name: it.name.clone(), optional: it.optional }).collect(),
        ..ModelConfig::default()
    };
    ModelConfigResponse { config: Some(config) }
}
