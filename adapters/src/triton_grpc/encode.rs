//! Rows as the message of an inference request.

use super::contents;
use super::generated::infer_parameter::ParameterChoice;
use super::generated::model_infer_request::{InferInputTensor, InferRequestedOutputTensor};
use super::generated::{InferParameter, InferTensorContents, ModelInferRequest};
use crate::oip::{Parameter, ParameterValue, Part, Plan, TritonOptions, parts, raw};
use crate::{Failure, FailureKind, Row};

/// The id of every request, as over HTTP.
const ID: &str = "noisebound";

/// The message for these rows. Elements are raw for all inputs or for none, as servers want it.
pub(super) fn encode(
    options: &TritonOptions,
    plan: &Plan,
    rows: &[Row],
) -> Result<ModelInferRequest, Failure> {
    let mut message = ModelInferRequest {
        model_name: options.model.clone(),
        model_version: options.version.clone().unwrap_or_default(),
        id: ID.to_owned(),
        ..ModelInferRequest::default()
    };
    for part in parts(plan, rows)? {
        let contents = if plan.binary {
            message.raw_input_contents.push(raw_contents(&part));
            None
        } else {
            Some(typed_contents(&part)?)
        };
        message.inputs.push(InferInputTensor {
            name: part.input.to_owned(),
            datatype: part.dtype.name().to_owned(),
            shape: part.shape.iter().map(|size| i64::try_from(*size).unwrap_or(i64::MAX)).collect(),
            contents,
            ..InferInputTensor::default()
        });
    }
    let classes = || {
        let count = |classes| ("classification".to_owned(), parameter(ParameterChoice::Int64Param(classes)));
        plan.classes.map(|classes| count(classes.into())).into_iter().collect()
    };
    let wanted = |name: &String| InferRequestedOutputTensor { name: name.clone(), parameters: classes() };
    message.outputs = plan.output.iter().map(wanted).collect();
    let told = |given: &Parameter| (given.name().to_owned(), parameter(choice(given.value())));
    message.parameters = plan.parameters.iter().map(told).collect();
    Ok(message)
}

fn parameter(choice: ParameterChoice) -> InferParameter {
    InferParameter { parameter_choice: Some(choice) }
}

fn choice(value: &ParameterValue) -> ParameterChoice {
    match value {
        ParameterValue::Bool(v) => ParameterChoice::BoolParam(*v),
        ParameterValue::Int(v) => ParameterChoice::Int64Param(*v),
        ParameterValue::Double(v) => ParameterChoice::DoubleParam(*v),
        ParameterValue::Text(v) => ParameterChoice::StringParam(v.clone()),
    }
}

fn raw_contents(part: &Part<'_>) -> Vec<u8> {
    let size = part.pieces.iter().map(|piece| raw::size(piece)).sum();
    let mut bytes = Vec::with_capacity(size);
    for piece in &part.pieces {
        raw::write(piece, &mut bytes);
    }
    bytes
}

/// What the protocol says of 16-bit floats.
pub(super) const SIXTEEN: &str = "have no typed form, they travel raw alone; leave --tensors typed out";

fn typed_contents(part: &Part<'_>) -> Result<InferTensorContents, Failure> {
    let mut contents = InferTensorContents::default();
    for piece in &part.pieces {
        contents::write(piece, &mut contents).ok_or_else(|| {
            Failure::unplaced(FailureKind::Usage, format!("{} tensors {SIXTEEN}", part.dtype.name()))
        })?;
    }
    Ok(contents)
}
