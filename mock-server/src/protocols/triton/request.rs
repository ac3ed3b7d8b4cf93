//! Reads a request for predictions.
//!
//! The order of the checks is that of the server: what its front cannot parse is 500, what its core finds wrong
//! with a parsed request is 400.

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

use super::MAX_BATCH;
use super::describe::datatype;
use super::refusal::Refusal;
use crate::models::{Precision, Signature};
use crate::protocols::json::flatten;

/// The header that tells how many bytes of JSON come before the raw tensors.
pub(super) const JSON_LENGTH: &str = "inference-header-content-length";

/// The names of element types; whatever is not one of them is a mistake.
const DATATYPES: [&str; 14] = [
    "BOOL", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64", "FP16", "BF16", "FP32",
    "FP64", "BYTES",
];

/// A request that can be answered.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) id: Option<String>,
    /// The values, row after row.
    pub(super) values: Vec<f64>,
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

/// The one input, parsed and not yet compared with the model.
struct Input<'a> {
    name: &'a str,
    datatype: &'a str,
    shape: Vec<usize>,
    data: Data<'a>,
}

enum Data<'a> {
    Json(&'a Value),
    Raw(&'a [u8]),
}

impl Asked {
    pub(super) fn read(signature: &Signature, headers: &HeaderMap, body: &[u8]) -> Result<Self, Refusal> {
        if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
            return Err(Refusal::new(501, "Unsupported Content-Encoding, only identity is supported"));
        }
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
        let values = values(signature, &inputs).map_err(of_request)?;
        let wanted = wanted(signature, &json).map_err(of_request)?;
        Ok(Self { id, values, wanted })
    }

    /// The whole body is the one row of the one input, and the answer is raw too.
    fn read_raw(signature: &Signature, body: &[u8]) -> Result<Self, Refusal> {
        let expected = signature.width() * size_of(signature.precision);
        if body.len() != expected {
            let message = format!(
                "input byte size mismatch for input 'raw_input' for model '{}'. Expected {expected}, got {}",
                signature.name,
                body.len()
            );
            return Err(Refusal::new(400, message).of_request(None));
        }
        let wanted = (0..signature.outputs.len()).map(|output| Wanted { output, binary: true, classes: 0 });
        Ok(Self { id: None, values: from_bytes(signature.precision, body), wanted: wanted.collect() })
    }
}

fn unparsable(what: &str, why: &str) -> Refusal {
    Refusal::new(500, format!("Unable to parse '{what}': {why}"))
}

/// Parses the inputs and gives each its bytes.
fn read_inputs<'a>(
    json: &'a Map<String, Value>,
    mut tail: &'a [u8],
    signature: &Signature,
) -> Result<Vec<Input<'a>>, Refusal> {
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
        read.push(Input { name, datatype, shape: read_shape(input)?, data });
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

/// Compares the inputs with the model, and reads the values.
fn values(signature: &Signature, inputs: &[Input<'_>]) -> Result<Vec<f64>, Refusal> {
    let model = &signature.name;
    let [input] = inputs else {
        let message = format!("expected 1 inputs but got {} inputs for model '{model}'", inputs.len());
        return Err(Refusal::new(400, message));
    };
    let Input { name, datatype: given, ref shape, ref data } = *input;
    if !DATATYPES.contains(&given) {
        return Err(Refusal::new(400, format!("invalid datatype '{given}' for input '{name}'")));
    }
    if name != Signature::INPUT {
        return Err(Refusal::new(400, format!("unexpected inference input '{name}' for model '{model}'")));
    }
    let expected = datatype(signature.precision);
    if given != expected {
        let message = format!(
            "inference input '{name}' data-type is '{given}', but model '{model}' expects '{expected}'"
        );
        return Err(Refusal::new(400, message));
    }
    check_shape(signature, shape)?;
    let count = shape.iter().product::<usize>();
    match data {
        Data::Raw(bytes) if bytes.len() == count * size_of(signature.precision) => {
            Ok(from_bytes(signature.precision, bytes))
        }
        Data::Raw(bytes) => {
            let expected = count * size_of(signature.precision);
            let got = bytes.len();
            let message = format!(
                "input byte size mismatch for input '{name}' for model '{model}'. Expected {expected}, got {got}"
            );
            Err(Refusal::new(400, message))
        }
        Data::Json(data) => {
            let mut values = Vec::with_capacity(count);
            flatten(data, &mut values)
                .ok_or_else(|| unparsable("data", "attempt to access JSON non-number"))?;
            if values.len() == count {
                Ok(values)
            } else {
                Err(unparsable("data", "Shape does not match true shape of 'data' field"))
            }
        }
    }
}

/// The shape must be a batch of rows of the model's shape.
fn check_shape(signature: &Signature, shape: &[usize]) -> Result<(), Refusal> {
    let model = &signature.name;
    match shape {
        [batch, dims @ ..] if dims == signature.shape => {
            if *batch == 0 {
                let message = format!("inference request batch-size must be >= 1 for '{model}'");
                Err(Refusal::new(400, message))
            } else if *batch > MAX_BATCH {
                let message = format!("inference request batch-size must be <= {MAX_BATCH} for '{model}'");
                Err(Refusal::new(400, message))
            } else {
                Ok(())
            }
        }
        _ => {
            let dims = |dims: &[usize]| dims.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
            let message = format!(
                "unexpected shape for input '{}' for model '{model}'. Expected [-1,{}], got [{}]",
                Signature::INPUT,
                dims(&signature.shape),
                dims(shape)
            );
            Err(Refusal::new(400, message))
        }
    }
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

/// The bytes of one element.
fn size_of(precision: Precision) -> usize {
    match precision {
        Precision::Single => 4,
        Precision::Double => 8,
    }
}

/// Little-endian elements, one after the other.
fn from_bytes(precision: Precision, bytes: &[u8]) -> Vec<f64> {
    match precision {
        Precision::Single => {
            bytes.as_chunks().0.iter().map(|four| f64::from(f32::from_le_bytes(*four))).collect()
        }
        Precision::Double => bytes.as_chunks().0.iter().map(|eight| f64::from_le_bytes(*eight)).collect(),
    }
}
