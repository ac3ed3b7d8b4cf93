//! One output out of an inference response.

use super::HEAD_LENGTH;
use crate::http::quote;
use crate::oip::{self, Plan};
use crate::text::{Json, flatten, parse};
use crate::{Answer, Dtype, Failure, FailureKind, ResponseHead, Values};

/// One output as it came.
struct Output<'a> {
    name: String,
    told: &'a Json,
    /// Its raw bytes, where it has no `data`.
    raw: Option<&'a [u8]>,
}

fn malformed(said: impl AsRef<str>) -> Failure {
    Failure::unplaced(FailureKind::Malformed, said)
}

pub(super) fn decode(plan: &Plan, rows: usize, head: &ResponseHead, body: &[u8]) -> Result<Answer, Failure> {
    let (json, raw) = match head.header(HEAD_LENGTH) {
        None => (body, &[][..]),
        Some(length) => {
            length.trim().parse().ok().and_then(|length| body.split_at_checked(length)).ok_or_else(|| {
                malformed(format!("{} is {length}, the body has {} bytes", HEAD_LENGTH, body.len()))
            })?
        }
    };
    let told = parse(json).map_err(|error| malformed(format!("the answer is {error}: {}", quote(json))))?;
    let outputs = outputs(&told, raw, json)?;
    let names: Vec<_> = outputs.iter().map(|output| output.name.as_str()).collect();
    let output = read(&outputs[oip::choose(plan, &names)?])?;
    let version = told.get("model_version").and_then(Json::text).filter(|version| !version.is_empty());
    Ok(Answer {
        predictions: output.predictions(plan, rows)?,
        version: version.map(Into::into),
        pushback: None,
    })
}

/// Every output; raw bytes belong to them in the order of the response.
fn outputs<'a>(told: &'a Json, mut raw: &'a [u8], json: &[u8]) -> Result<Vec<Output<'a>>, Failure> {
    let Some(items) = told.get("outputs").and_then(Json::items) else {
        return Err(malformed(format!("an answer with `outputs` was expected, found: {}", quote(json))));
    };
    let mut outputs = Vec::with_capacity(items.len());
    for told in items {
        let name = told.get("name").and_then(Json::text).ok_or_else(|| malformed("an output has no name"))?;
        let piece = match told.pointer("/parameters/binary_data_size") {
            None => None,
            Some(size) => {
                let size = if let Json::Int(size) = size { usize::try_from(*size).ok() } else { None };
                let (piece, rest) = size.and_then(|size| raw.split_at_checked(size)).ok_or_else(|| {
                    malformed(format!("output `{name}` has another number of bytes than it says"))
                })?;
                raw = rest;
                Some(piece)
            }
        };
        outputs.push(Output { name: name.into_owned(), told, raw: piece });
    }
    Ok(outputs)
}

/// The output with its shape and values.
fn read(output: &Output<'_>) -> Result<oip::Output, Failure> {
    let name = &output.name;
    let bad = |what: &str| malformed(format!("output `{name}` {what}"));
    let dtype = output.told.get("datatype").and_then(Json::text);
    let dtype = dtype.and_then(|name| Dtype::from_name(&name)).ok_or_else(|| bad("has no known datatype"))?;
    let size = |item: &Json| if let Json::Int(size) = item { usize::try_from(*size).ok() } else { None };
    let shape = output.told.get("shape").and_then(Json::items);
    let shape = shape.and_then(|items| items.iter().map(size).collect::<Option<Vec<_>>>());
    let shape = shape.ok_or_else(|| bad("has no shape of whole numbers"))?;
    let values = match (output.raw, output.told.get("data")) {
        (Some(raw), _) => {
            oip::raw::read(dtype, raw).ok_or_else(|| bad("has bytes that do not fit its datatype"))?
        }
        (None, Some(data)) => typed(&flatten(data)?.1, dtype).map_err(|failure| {
            Failure::unplaced(failure.kind, format!("output `{name}` {}", failure.said))
        })?,
        (None, None) => return Err(bad("has neither `data` nor raw bytes")),
    };
    Ok(oip::Output { name: name.clone(), shape, values })
}

/// JSON values as the type that the output has.
fn typed(leaves: &[&Json], dtype: Dtype) -> Result<Values, Failure> {
    macro_rules! ints {
        ($variant:ident, $type:ty) => {
            all(leaves, dtype, |leaf| match leaf {
                Json::Int(v) => <$type>::try_from(*v).ok(),
                Json::Uint(v) => <$type>::try_from(*v).ok(),
                _ => None,
            })
            .map(Values::$variant)
        };
    }
    match dtype {
        Dtype::Bool => all(leaves, dtype, |leaf| match leaf {
            Json::Bool(v) => Some(*v),
            Json::Int(v @ (0 | 1)) => Some(*v == 1),
            _ => None,
        })
        .map(Values::Bool),
        Dtype::I8 => ints!(I8, i8),
        Dtype::I16 => ints!(I16, i16),
        Dtype::I32 => ints!(I32, i32),
        Dtype::I64 => ints!(I64, i64),
        Dtype::U8 => ints!(U8, u8),
        Dtype::U16 => ints!(U16, u16),
        Dtype::U32 => ints!(U32, u32),
        Dtype::U64 => ints!(U64, u64),
        Dtype::F16 => all(leaves, dtype, |leaf| leaf.number().map(half::f16::from_f64)).map(Values::F16),
        Dtype::Bf16 => all(leaves, dtype, |leaf| leaf.number().map(half::bf16::from_f64)).map(Values::Bf16),
        Dtype::F32 => all(leaves, dtype, |leaf| leaf.number().map(|v| v as f32)).map(Values::F32),
        Dtype::F64 => all(leaves, dtype, Json::number).map(Values::F64),
        Dtype::Bytes => all(leaves, dtype, |leaf| match leaf {
            Json::Text(bytes) => Some(bytes.clone()),
            _ => None,
        })
        .map(Values::Bytes),
    }
}

fn all<T>(leaves: &[&Json], dtype: Dtype, read: impl Fn(&Json) -> Option<T>) -> Result<Vec<T>, Failure> {
    let one = |leaf: &&Json| {
        read(leaf).ok_or_else(|| {
            let kind = if **leaf == Json::Null { FailureKind::NonFinite } else { FailureKind::Malformed };
            Failure::unplaced(kind, format!("holds {} where {} is expected", leaf.what(), dtype.name()))
        })
    };
    leaves.iter().map(one).collect()
}
