//! One output out of an inference response.

use super::HEAD_LENGTH;
use crate::oip::{self, Plan, typed};
use crate::text::{Json, flatten, parse};
use crate::{Answer, Dtype, Failure, FailureKind, ResponseHead};

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
    let told = parse(json).map_err(|error| malformed(format!("the answer is {error}")))?;
    let outputs = outputs(&told, raw)?;
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
fn outputs<'a>(told: &'a Json, mut raw: &'a [u8]) -> Result<Vec<Output<'a>>, Failure> {
    let Some(items) = told.get("outputs").and_then(Json::items) else {
        return Err(malformed("an answer with a list `outputs` was expected"));
    };
    let mut outputs = Vec::with_capacity(items.len());
    for told in items {
        let name = told.get("name").and_then(Json::text).ok_or_else(|| malformed("an output has no name"))?;
        let piece = match told.pointer("/parameters/binary_data_size") {
            None => None,
            Some(size) => {
                let whole = if let Json::Int(size) = size { Some(*size) } else { None };
                let size = whole.and_then(|size| usize::try_from(size).ok());
                let (piece, rest) = size.and_then(|size| raw.split_at_checked(size)).ok_or_else(|| {
                    let (told, there) =
                        (whole.map_or("no number of".into(), |size| size.to_string()), raw.len());
                    malformed(format!("output `{name}` has {there} raw bytes left, {told} were expected"))
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
    let dtype =
        dtype.and_then(|name| Dtype::from_name(&name)).ok_or_else(|| bad("has no known `datatype`"))?;
    let size = |item: &Json| if let Json::Int(size) = item { usize::try_from(*size).ok() } else { None };
    let shape = output.told.get("shape").and_then(Json::items);
    let shape = shape.and_then(|items| items.iter().map(size).collect::<Option<Vec<_>>>());
    let shape = shape.ok_or_else(|| bad("has no `shape` of whole numbers"))?;
    let values = match (output.raw, output.told.get("data")) {
        (Some(raw), _) => oip::raw::read(dtype, raw).ok_or_else(|| {
            bad(&format!("has {} raw bytes, which are no whole number of {}", raw.len(), dtype.name()))
        })?,
        (None, Some(data)) => typed(&flatten(data)?.1, dtype).map_err(|failure| {
            Failure::unplaced(failure.kind, format!("output `{name}` {}", failure.said))
        })?,
        (None, None) => return Err(bad("has neither `data` nor raw bytes")),
    };
    Ok(oip::Output { name: name.clone(), shape, values })
}
