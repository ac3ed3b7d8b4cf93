//! How a prediction stands in a journal: as JSON from which it can be rebuilt to the bit.
//!
//! Integers are written as integers of any size, floats as the shortest number that reads back to the
//! same bits (as 64-bit floats, which hold all smaller ones), NaN and infinities as strings. Strings of
//! bytes are JSON strings where they are UTF-8, else lists of numbers.

use half::{bf16, f16};
use noisebound_adapters::{Dtype, Prediction, Tensor, Values};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::audit::Seen;

/// A float as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Number {
    /// A whole number, written without a point.
    Whole(i64),
    /// Any other finite number.
    Real(f64),
    /// `NaN`, `inf` or `-inf`.
    Special(String),
}

impl From<f64> for Number {
    fn from(v: f64) -> Self {
        // Up to here every whole number is a float; -0.0 is not a whole number in JSON.
        let exact = v.fract() == 0.0 && v.abs() <= 9e15 && !(v == 0.0 && v.is_sign_negative());
        match v {
            v if exact => Self::Whole(v as i64),
            v if v.is_finite() => Self::Real(v),
            v => Self::Special(v.to_string()),
        }
    }
}

impl Number {
    /// The float; `None` where a string is none of the three.
    pub(super) fn value(&self) -> Option<f64> {
        match self {
            Self::Whole(v) => Some(*v as f64),
            Self::Real(v) => Some(*v),
            Self::Special(text) => special(text),
        }
    }
}

fn special(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "inf" => Some(f64::INFINITY),
        "-inf" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// What was seen of one query; nothing is null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum SeenJson {
    /// The class.
    Class(Box<str>),
    /// Some values.
    Values(Vec<Number>),
    /// The hash of the values.
    Hash {
        /// In hexadecimal.
        hash: Box<str>,
    },
    /// The whole prediction, tensors.
    Tensors {
        /// One for each output.
        tensors: Vec<TensorJson>,
    },
    /// The whole prediction, class names with scores.
    Labels {
        /// Best first.
        labels: Vec<(Box<str>, Number)>,
    },
    /// No answer: the query stays unanswered, though others of the same request do not.
    Unanswered {
        /// Always true.
        unanswered: bool,
    },
}

/// A tensor of one row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TensorJson {
    name: String,
    /// As in the Open Inference Protocol, `FP32` for example.
    dtype: String,
    shape: Vec<usize>,
    values: Vec<Value>,
}

/// Writes what was seen; `None` for nothing.
pub(super) fn write(seen: &Seen) -> Option<SeenJson> {
    Some(match seen {
        Seen::Class(class) => SeenJson::Class(class.clone()),
        Seen::Values(values) => SeenJson::Values(values.iter().copied().map(Number::from).collect()),
        Seen::Hash(hash) => SeenJson::Hash { hash: hash.clone() },
        Seen::Whole(Prediction::Tensors(tensors)) => {
            SeenJson::Tensors { tensors: tensors.iter().map(write_tensor).collect() }
        }
        Seen::Whole(Prediction::Labels(labels)) => {
            let label = |(name, score): &(Box<str>, f64)| (name.clone(), Number::from(*score));
            SeenJson::Labels { labels: labels.iter().map(label).collect() }
        }
        Seen::Nothing => return None,
    })
}

/// Reads what was seen; `Ok(None)` for a query without an answer, or what is wrong.
pub(super) fn read(json: Option<SeenJson>) -> Result<Option<Seen>, String> {
    Ok(Some(match json {
        None => Seen::Nothing,
        Some(SeenJson::Class(class)) => Seen::Class(class),
        Some(SeenJson::Values(values)) => Seen::Values(numbers(&values)?),
        Some(SeenJson::Hash { hash }) => Seen::Hash(hash),
        Some(SeenJson::Tensors { tensors }) => {
            let tensors = tensors.into_iter().map(read_tensor).collect::<Result<_, _>>()?;
            Seen::Whole(Prediction::Tensors(tensors))
        }
        Some(SeenJson::Labels { labels }) => {
            let label = |(name, score): (Box<str>, Number)| Ok((name, number(&score)?));
            Seen::Whole(Prediction::Labels(labels.into_iter().map(label).collect::<Result<_, String>>()?))
        }
        Some(SeenJson::Unanswered { .. }) => return Ok(None),
    }))
}

/// The float that a JSON number stands for, or what is wrong.
pub(super) fn number(json: &Number) -> Result<f64, String> {
    json.value().ok_or_else(|| format!("expected a number, found {json:?}"))
}

fn numbers(json: &[Number]) -> Result<Vec<f64>, String> {
    json.iter().map(number).collect()
}

fn write_tensor(tensor: &Tensor) -> TensorJson {
    TensorJson {
        name: tensor.name.to_string(),
        dtype: tensor.values.dtype().name().into(),
        shape: tensor.shape.to_vec(),
        values: write_values(&tensor.values),
    }
}

fn read_tensor(json: TensorJson) -> Result<Tensor, String> {
    let dtype = Dtype::from_name(&json.dtype)
        .ok_or_else(|| format!("expected an element type, found {:?}", json.dtype))?;
    let values = read_values(dtype, &json.values)
        .ok_or_else(|| format!("the tensor {:?} holds a value that is no {}", json.name, json.dtype))?;
    let volume = json.shape.iter().try_fold(1_usize, |volume, size| volume.checked_mul(*size));
    if volume != Some(values.len()) {
        return Err(format!(
            "the tensor {:?} of shape {:?} holds {} values",
            json.name,
            json.shape,
            values.len()
        ));
    }
    Ok(Tensor { name: json.name.into(), shape: json.shape.into(), values })
}

fn write_values(values: &Values) -> Vec<Value> {
    fn all<T: Copy>(values: &[T], write: impl Fn(T) -> Value) -> Vec<Value> {
        values.iter().map(|v| write(*v)).collect()
    }
    match values {
        Values::Bool(v) => all(v, Value::from),
        Values::I8(v) => all(v, Value::from),
        Values::I16(v) => all(v, Value::from),
        Values::I32(v) => all(v, Value::from),
        Values::I64(v) => all(v, Value::from),
        Values::U8(v) => all(v, Value::from),
        Values::U16(v) => all(v, Value::from),
        Values::U32(v) => all(v, Value::from),
        Values::U64(v) => all(v, Value::from),
        Values::F16(v) => all(v, write_float),
        Values::Bf16(v) => all(v, write_float),
        Values::F32(v) => all(v, write_float),
        Values::F64(v) => all(v, write_float),
        Values::Bytes(v) => v.iter().map(|bytes| write_bytes(bytes)).collect(),
    }
}

fn write_float(v: impl Into<f64>) -> Value {
    match Number::from(v.into()) {
        Number::Whole(v) => Value::from(v),
        Number::Real(v) => Value::from(v),
        Number::Special(text) => Value::from(text),
    }
}

fn write_bytes(bytes: &[u8]) -> Value {
    str::from_utf8(bytes).map_or_else(|_| Value::from(bytes), Value::from)
}

fn read_values(dtype: Dtype, json: &[Value]) -> Option<Values> {
    fn all<T>(json: &[Value], read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
        json.iter().map(read).collect()
    }
    fn signed<T: TryFrom<i64>>(json: &[Value]) -> Option<Vec<T>> {
        all(json, |v| T::try_from(v.as_i64()?).ok())
    }
    fn unsigned<T: TryFrom<u64>>(json: &[Value]) -> Option<Vec<T>> {
        all(json, |v| T::try_from(v.as_u64()?).ok())
    }
    Some(match dtype {
        Dtype::Bool => Values::Bool(all(json, Value::as_bool)?),
        Dtype::I8 => Values::I8(signed(json)?),
        Dtype::I16 => Values::I16(signed(json)?),
        Dtype::I32 => Values::I32(signed(json)?),
        Dtype::I64 => Values::I64(signed(json)?),
        Dtype::U8 => Values::U8(unsigned(json)?),
        Dtype::U16 => Values::U16(unsigned(json)?),
        Dtype::U32 => Values::U32(unsigned(json)?),
        Dtype::U64 => Values::U64(unsigned(json)?),
        Dtype::F16 => Values::F16(all(json, |v| read_float(v).map(f16::from_f64))?),
        Dtype::Bf16 => Values::Bf16(all(json, |v| read_float(v).map(bf16::from_f64))?),
        Dtype::F32 => Values::F32(all(json, |v| read_float(v).map(|v| v as f32))?),
        Dtype::F64 => Values::F64(all(json, read_float)?),
        Dtype::Bytes => Values::Bytes(all(json, read_bytes)?),
    })
}

fn read_float(json: &Value) -> Option<f64> {
    json.as_f64().or_else(|| special(json.as_str()?))
}

fn read_bytes(json: &Value) -> Option<Vec<u8>> {
    match json {
        Value::String(text) => Some(text.clone().into_bytes()),
        Value::Array(bytes) => bytes.iter().map(|byte| u8::try_from(byte.as_u64()?).ok()).collect(),
        _ => None,
    }
}
