//! A request for predictions, from its message to the message of the answer.

use serde_json::{Map, Value, json};
use tonic::Status;

use super::contents;
use super::describe::wide;
use super::generated::infer_parameter::ParameterChoice;
use super::generated::model_infer_response::InferOutputTensor;
use super::generated::{InferTensorContents, ModelInferRequest, ModelInferResponse};
use crate::app::{Answers, App, Served};
use crate::faults::Outcome;
use crate::models::{Batch, Element, Signature, Values};
use crate::protocols::accept::{Head, accept};
use crate::protocols::classes::best;
use crate::protocols::raw::{self, write_text};

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
    for wanted in &wanted {
        push_output(&mut message, signature, wanted, &answers, app.typed_answers);
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

/// An output that is wanted.
struct Wanted {
    /// Its place in the model.
    place: usize,
    /// How many of the best classes are wanted in place of its values; 0 for the values.
    classes: usize,
}

/// The outputs that are wanted, in the order of the model; all where none is named.
fn wanted(signature: &Signature, request: &ModelInferRequest) -> Result<Vec<Wanted>, String> {
    if request.outputs.is_empty() {
        return Ok((0..signature.outputs.len()).map(|place| Wanted { place, classes: 0 }).collect());
    }
    let mut wanted = Vec::with_capacity(request.outputs.len());
    for output in &request.outputs {
        let place = signature.outputs.iter().position(|known| known.name == output.name);
        let place = place.ok_or_else(|| {
            format!("unexpected inference output '{}' for model '{}'", output.name, signature.name)
        })?;
        let told = output.parameters.get("classification").and_then(|told| told.parameter_choice.as_ref());
        let classes = match told {
            None => Some(0),
            Some(ParameterChoice::Int64Param(count)) => usize::try_from(*count).ok(),
            Some(_) => None,
        };
        let classes = classes.ok_or("invalid value for 'classification', expected a positive INT64")?;
        wanted.push(Wanted { place, classes });
    }
    wanted.sort_unstable_by_key(|wanted| wanted.place);
    Ok(wanted)
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

/// Appends an output; in typed elements where they are wanted and its type has some.
fn push_output(
    message: &mut ModelInferResponse,
    signature: &Signature,
    wanted: &Wanted,
    answers: &Answers,
    typed: bool,
) {
    let output = &signature.outputs[wanted.place];
    let before: usize = signature.outputs[..wanted.place].iter().map(|output| output.size).sum();
    let rows = answers.values.chunks_exact(signature.answer_width().max(1));
    let rows = rows.map(|row| &row[before..before + output.size]);
    let (mut contents, mut bytes) = (None, Vec::new());
    let (element, size) = if wanted.classes > 0 {
        let texts = rows.flat_map(|row| best(output, row, wanted.classes));
        if typed {
            let bytes_contents = texts.map(String::into_bytes).collect();
            contents = Some(InferTensorContents { bytes_contents, ..InferTensorContents::default() });
        } else {
            texts.for_each(|text| write_text(text.as_bytes(), &mut bytes));
        }
        (Element::Bytes, wanted.classes.min(output.size))
    } else {
        let values = rows.flatten().copied();
        contents = typed.then(|| contents::write(output.element, values.clone())).flatten();
        if contents.is_none() {
            raw::write(output, values, &mut bytes);
        }
        (output.element, output.size)
    };
    let batch = signature.max_batch.map(|_| wide(answers.rows));
    if contents.is_none() {
        message.raw_output_contents.push(bytes);
    }
    message.outputs.push(InferOutputTensor {
        name: output.name.clone(),
        datatype: element.name().to_owned(),
        shape: batch.into_iter().chain([wide(size)]).collect(),
        contents,
        ..InferOutputTensor::default()
    });
}
