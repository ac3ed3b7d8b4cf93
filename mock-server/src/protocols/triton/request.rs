//! Reads a request for predictions.
//!
//! The order of the checks is that of the server: what its front cannot parse is 500, what its core finds wrong
//! with a parsed request is 400.

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

use super::encoding::decompressed;
use super::refusal::Refusal;
use super::values;
use crate::models::{Batch, Signature, Values};
use crate::protocols::accept::{Head, accept};
use crate::protocols::raw;

/// The header that tells how many bytes of JSON come before the raw tensors.
pub(super) const JSON_LENGTH: &str = "inference-header-content-length";

/// Parameters that the server takes for itself; the model never sees them.
const KEPT: [&str; 5] = ["priority", "timeout", "sequence_id", "sequence_start", "sequence_end"];

/// A request that can be answered.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) id: Option<String>,
    /// What the rows give each input.
    pub(super) batch: Batch,
    /// What the request tells the model beside the rows.
    pub(super) parameters: Map<String, Value>,
    /// The form of each output of the model that is wanted, in the order of the model.
    pub(super) wanted: Vec<Wanted>,
}

/// An output that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Its place among the outputs of the model.
    pub(super) output: usize,
    /// As raw bytes rather than JSON.
    pub(super) binary: bool,
    /// As the best so many classes; 0 for the values themselves.
    pub(super) classes: usize,
}

/// The values of one input, not read yet.
enum Data<'a> {
    Json(&'a Value),
    Raw(&'a [u8]),
}

impl Asked {
    pub(super) fn read(signature: &Signature, headers: &HeaderMap, body: &[u8]) -> Result<Self, Refusal> {
        let body = &*decompressed(headers.get(header::CONTENT_ENCODING), body)?;
        let length = match headers.get(JSON_LENGTH) {
            // What is no number counts as 0.
            Some(length) => length.to_str().ok().and_then(|text| text.parse().ok()).unwrap_or(0usize),
            None => body.len(),
        };
        if length == 0 {
            return Self::read_raw(signature, body);
        }
        let Some((text, tail)) = body.split_at_checked(length) else {
            let range = format!("should be in range (0, {}]", body.len());
            return Err(Refusal::new(400, format!("inference header size {range}, got: {length}")));
        };
        let json: Map<String, Value> = serde_json::from_slice(text).map_err(|error| {
            Refusal::new(500, format!("failed to parse the request JSON buffer: {error}"))
        })?;
        let id = match json.get("id") {
            None => None,
            Some(Value::String(id)) => Some(id.clone()),
            Some(_) => return Err(unparsable("id", "attempt to access JSON non-string as string")),
        };
        let of_request = |refusal: Refusal| refusal.of_request(id.as_deref());
        let inputs = read_inputs(&json, tail, signature)?;
        let parameters = parameters(&json)?;
        let batch = batch(signature, &inputs).map_err(of_request)?;
        let wanted = wanted(signature, &json).map_err(of_request)?;
        Ok(Self { id, batch, parameters, wanted })
    }

    /// The whole body is the one row of the one input, and the answer is raw too.
    fn read_raw(signature: &Signature, body: &[u8]) -> Result<Self, Refusal> {
        let invalid = |message: String| Refusal::new(400, message).of_request(None);
        let [input] = signature.inputs.as_slice() else {
            let message = "exactly one input is required for raw binary inference requests";
            return Err(invalid(message.to_owned()));
        };
        let expected = input.width() * input.element.size().unwrap_or(0);
        let values = raw::read(input.element, body).filter(|values| values.len() == input.width());
        let values = values.ok_or_else(|| {
            invalid(format!(
                "input byte size mismatch for input 'raw_input' for model '{}'. Expected {expected}, got {}",
                signature.name,
                body.len()
            ))
        })?;
        let wanted = (0..signature.outputs.len()).map(|output| Wanted { output, binary: true, classes: 0 });
        Ok(Self {
            id: None,
            batch: Batch { rows: 1, inputs: vec![values] },
            parameters: Map::new(),
            wanted: wanted.collect(),
        })
    }
}

pub(super) fn unparsable(what: &str, why: &str) -> Refusal {
    Refusal::new(500, format!("Unable to parse '{what}': {why}"))
}

/// Parses the inputs and gives each its bytes.
fn read_inputs<'a>(
    json: &'a Map<String, Value>,
    mut tail: &'a [u8],
    signature: &Signature,
) -> Result<Vec<(Head<'a>, Data<'a>)>, Refusal> {
    let inputs = json.get("inputs").and_then(Value::as_array);
    let inputs = inputs.ok_or_else(|| unparsable("inputs", "expected an array of inputs"))?;
    let mut read = Vec::with_capacity(inputs.len());
    for input in inputs {
        let text = |key| {
            let text = input.get(key).and_then(Value::as_str);
            text.ok_or_else(|| unparsable(key, "expected a string"))
        };
        let (name, datatype) = (text("name")?, text("datatype")?);
        let size = input.pointer("/parameters/binary_data_size");
        let data = match (input.get("data"), size) {
            (Some(data), None) => Data::Json(data),
            (None, Some(size)) => {
                let size = size.as_u64().ok_or_else(|| unparsable("binary_data_size", "expected a size"))?;
                let (bytes, rest) = tail.split_at_checked(size as usize).ok_or_else(|| {
                    let missing = size - tail.len() as u64;
                    let place = format!("input '{name}' for model '{}'", signature.name);
                    Refusal::new(400, format!("expecting {missing} additional bytes for {place}"))
                })?;
                tail = rest;
                Data::Raw(bytes)
            }
            (Some(_), Some(_)) => {
                let message =
                    format!("must not specify 'data' field in request input '{name}' with binary data");
                return Err(Refusal::new(400, message));
            }
            (None, None) => return Err(unparsable("data", "expected an array of elements")),
        };
        read.push((Head { name, datatype, shape: read_shape(input)? }, data));
    }
    if tail.is_empty() {
        Ok(read)
    } else {
        let message = format!("unexpected additional input data for model '{}'", signature.name);
        Err(Refusal::new(400, message))
    }
}

fn read_shape(input: &Value) -> Result<Vec<usize>, Refusal> {
    let dims = input.get("shape").and_then(Value::as_array);
    let dims = dims.ok_or_else(|| unparsable("shape", "expected an array of sizes"))?;
    let size = |dim: &Value| dim.as_u64().map(|dim| dim as usize);
    dims.iter()
        .map(size)
        .collect::<Option<_>>()
        .ok_or_else(|| unparsable("shape", "expected sizes of at least 0"))
}

/// The parameters that reach the model.
fn parameters(json: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let Some(given) = json.get("parameters") else { return Ok(Map::new()) };
    let given = given.as_object().ok_or_else(|| unparsable("parameters", "expected an object"))?;
    let mut parameters = Map::new();
    for (name, value) in given {
        if value.is_object() || value.is_array() || value.is_null() {
            return Err(Refusal::new(400, format!("parameter '{name}' has invalid type")));
        }
        if !KEPT.contains(&name.as_str()) && name != "binary_data_output" {
            parameters.insert(name.clone(), value.clone());
        }
    }
    Ok(parameters)
}

/// Compares the inputs with the model, and reads the values.
fn batch(signature: &Signature, given: &[(Head<'_>, Data<'_>)]) -> Result<Batch, Refusal> {
    let heads: Vec<Head<'_>> =
        given.iter().map(|(head, _)| Head { shape: head.shape.clone(), ..*head }).collect();
    let (rows, places) = accept(signature, &heads).map_err(|message| Refusal::new(400, message))?;
    let mut inputs: Vec<Values> = signature.inputs.iter().map(|input| Values::none(input.element)).collect();
    for ((head, data), place) in given.iter().zip(places) {
        let input = &signature.inputs[place];
        inputs[place] = match data {
            Data::Json(data) => values::from_json(input, data, head.count())?,
            Data::Raw(bytes) => raw::read(input.element, bytes)
                .filter(|values| values.len() == head.count())
                .ok_or_else(|| {
                    let expected = head.count() * input.element.size().unwrap_or(1);
                    let (name, model, got) = (&input.name, &signature.name, bytes.len());
                    Refusal::new(
                        400,
                        format!("input byte size mismatch for input '{name}' for model '{model}'. Expected {expected}, got {got}"),
                    )
                })?,
        };
    }
    Ok(Batch { rows, inputs })
}

/// The outputs that are wanted; all where none is named.
fn wanted(signature: &Signature, json: &Map<String, Value>) -> Result<Vec<Wanted>, Refusal> {
    let flag = |value: Option<&Value>| value.and_then(Value::as_bool);
    let parameters = json.get("parameters");
    let all_binary = flag(parameters.and_then(|all| all.get("binary_data_output"))).unwrap_or(false);
    let named = json.get("outputs").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if named.is_empty() {
        let all = 0..signature.outputs.len();
        return Ok(all.map(|output| Wanted { output, binary: all_binary, classes: 0 }).collect());
    }
    let mut wanted = Vec::with_capacity(named.len());
    for output in named {
        let name = output.get("name").and_then(Value::as_str);
        let name = name.ok_or_else(|| unparsable("name", "expected a string"))?;
        let place = signature.outputs.iter().position(|known| known.name == name).ok_or_else(|| {
            let message = format!("unexpected inference output '{name}' for model '{}'", signature.name);
            Refusal::new(400, message)
        })?;
        let classes = match output.pointer("/parameters/classification") {
            None => 0,
            Some(count) => count.as_u64().ok_or_else(|| unparsable("classification", "expected a count"))?,
        };
        let binary = flag(output.pointer("/parameters/binary_data")).unwrap_or(all_binary);
        wanted.push(Wanted { output: place, binary, classes: classes as usize });
    }
    wanted.sort_by_key(|wanted| wanted.output);
    Ok(wanted)
}
