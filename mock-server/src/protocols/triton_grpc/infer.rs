//! A request for predictions, from its message to the message of the answer.

use serde_json::{Map, Value, json};
use tonic::Status;

use super::contents;
use super::describe::wide;
use super::generated::infer_parameter::ParameterChoice;
use super::generated::model_infer_response::InferOutputTensor;
use super::generated::{ModelInferRequest, ModelInferResponse};
use crate::app::{Answers, App, Served};
use crate::faults::Outcome;
use crate::models::{Batch, Signature, Values};
use crate::protocols::accept::{Head, accept};
use crate::protocols::raw;

/// Parameters that the server takes for itself; the model never sees them.
const KEPT: [&str; 5] = ["priority", "timeout", "sequence_id", "sequence_start", "sequence_end"];

pub(super) fn answer(
    app: &App,
    served: &Served,
    version: &str,
    number: u64,
    request: &ModelInferRequest,
) -> Result<tonic::Response<ModelInferResponse>, Status> {
    let signature = served.signature();
    let id = if request.id.is_empty() { "<id_unknown>" } else { &request.id };
    let invalid = |message: String| Status::invalid_argument(format!("[request id: {id}] {message}"));
    let batch = read(signature, request).map_err(invalid)?;
    let wanted = wanted(signature, request).map_err(invalid)?;
    let answers = app.answer(served, &batch, parameters(request), number).map_err(|_| {
        Status::internal(format!(
            "[request id: {id}] Failed to process the request(s) for model instance, message: ValueError: row refused"
        ))
    })?;
    let mut message = ModelInferResponse {
        model_name: signature.name.clone(),
        model_version: version.to_owned(),
        id: request.id.clone(),
        ..ModelInferResponse::default()
    };
    for place in wanted {
        push_output(&mut message, signature, place, &answers);
    }
    let mut response = tonic::Response::new(message);
    response.extensions_mut().insert(Outcome { rows: answers.rows, delay: answers.delay });
    Ok(response)
}

/// What the rows give each input; else the message of the refusal.
fn read(signature: &Signature, request: &ModelInferRequest) -> Result<Batch, String> {
    let model = &signature.name;
    let size =
        |size: &i64| usize::try_from(*size).map_err(|_| format!("negative size in a shape for '{model}'"));
    let mut heads = Vec::with_capacity(request.inputs.len());
    for input in &request.inputs {
        let shape = input.shape.iter().map(size).collect::<Result<_, _>>()?;
        heads.push(Head { name: &input.name, datatype: &input.datatype, shape });
    }
    let raws = &request.raw_input_contents;
    let (rows, places) = accept(signature, &heads)?;
    let mut inputs: Vec<Values> = signature.inputs.iter().map(|input| Values::none(input.element)).collect();
    for (i, (head, place)) in heads.iter().zip(places).enumerate() {
        let (name, element) = (head.name, signature.inputs[place].element);
        let contents = request.inputs[i].contents.as_ref();
        let values = if raws.is_empty() {
            contents.and_then(|contents| contents::read(element, contents))
        } else if contents.is_some() {
            return Err(format!(
                "contents field must not be specified when using raw_input_contents for '{name}' for model '{model}'"
            ));
        } else {
            raws.get(i).and_then(|bytes| raw::read(element, bytes))
        };
        let expected = head.count();
        match values {
            Some(values) if values.len() == expected => inputs[place] = values,
            values => {
                let got = values.map_or(0, |values| values.len());
                return Err(format!(
                    "unexpected number of elements for input '{name}' for model '{model}'. Expected {expected}, got {got}"
                ));
            }
        }
    }
    Ok(Batch { rows, inputs })
}

/// The places of the outputs that are wanted, in the order of the model; all where none is named.
fn wanted(signature: &Signature, request: &ModelInferRequest) -> Result<Vec<usize>, String> {
    if request.outputs.is_empty() {
        return Ok((0..signature.outputs.len()).collect());
    }
    let mut places = Vec::with_capacity(request.outputs.len());
    for output in &request.outputs {
        let place = signature.outputs.iter().position(|known| known.name == output.name);
        places.push(place.ok_or_else(|| {
            format!("unexpected inference output '{}' for model '{}'", output.name, signature.name)
        })?);
    }
    places.sort_unstable();
    Ok(places)
}

/// What the request tells the model beside the rows.
fn parameters(request: &ModelInferRequest) -> Map<String, Value> {
    let told = request.parameters.iter().filter(|(name, _)| !KEPT.contains(&name.as_str()));
    let value = |choice: &ParameterChoice| match choice {
        ParameterChoice::BoolParam(value) => json!(value),
        ParameterChoice::Int64Param(value) => json!(value),
        ParameterChoice::StringParam(value) => json!(value),
        ParameterChoice::DoubleParam(value) => json!(value),
        ParameterChoice::Uint64Param(value) => json!(value),
    };
    told.filter_map(|(name, told)| Some((name.clone(), value(told.parameter_choice.as_ref()?)))).collect()
}

fn push_output(message: &mut ModelInferResponse, signature: &Signature, place: usize, answers: &Answers) {
    let output = &signature.outputs[place];
    let before: usize = signature.outputs[..place].iter().map(|output| output.size).sum();
    let rows = answers.values.chunks_exact(signature.answer_width().max(1));
    let values = rows.flat_map(|row| row[before..before + output.size].iter().copied());
    let mut bytes = Vec::new();
    raw::write(output, values, &mut bytes);
    let batch = signature.max_batch.map(|_| wide(answers.rows));
    message.outputs.push(InferOutputTensor {
        name: output.name.clone(),
        datatype: output.element.name().to_owned(),
        shape: batch.into_iter().chain([wide(output.size)]).collect(),
        ..InferOutputTensor::default()
    });
    message.raw_output_contents.push(bytes);
}
