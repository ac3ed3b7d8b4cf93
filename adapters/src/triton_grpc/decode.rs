//! One output out of the message of an inference answer.

use super::contents;
use super::generated::ModelInferResponse;
use super::generated::model_infer_response::InferOutputTensor;
use crate::oip::{self, Output, Plan, raw};
use crate::{Answer, Dtype, Failure, FailureKind};

/// Where the answer does not fit, the failure tells its outputs too.
pub(super) fn decode(plan: &Plan, rows: usize, told: &ModelInferResponse) -> Result<Answer, Failure> {
    answer(plan, rows, told).map_err(|failure| match failure.kind {
        FailureKind::Malformed => Failure::showing(failure.kind, &failure.said, outline(told).as_bytes()),
        _ => failure,
    })
}

fn answer(plan: &Plan, rows: usize, told: &ModelInferResponse) -> Result<Answer, Failure> {
    let names: Vec<_> = told.outputs.iter().map(|output| output.name.as_str()).collect();
    let place = oip::choose(plan, &names)?;
    let output = read(&told.outputs[place], place, &told.raw_output_contents)?;
    Ok(Answer {
        predictions: output.predictions(plan, rows)?,
        version: (!told.model_version.is_empty()).then(|| told.model_version.as_str().into()),
        pushback: None,
    })
}

/// The output at this place, raw where any output is raw: servers may leave empty typed elements beside raw ones.
fn read(told: &InferOutputTensor, place: usize, raws: &[Vec<u8>]) -> Result<Output, Failure> {
    let name = &told.name;
    let bad = |what: &str| Failure::unplaced(FailureKind::Malformed, format!("output `{name}` {what}"));
    let dtype = Dtype::from_name(&told.datatype)
        .ok_or_else(|| bad(&format!("has no known datatype, found `{}`", told.datatype)))?;
    let shape = told.shape.iter().map(|size| usize::try_from(*size).ok()).collect::<Option<Vec<_>>>();
    let shape = shape.ok_or_else(|| bad(&format!("has the shape {:?}, sizes were expected", told.shape)))?;
    let values = if raws.is_empty() {
        let contents = told.contents.as_ref().ok_or_else(|| bad("has neither typed nor raw elements"))?;
        contents::read(dtype, contents)
            .ok_or_else(|| bad(&format!("has typed elements that are no {}", dtype.name())))?
    } else {
        let bytes = raws.get(place).ok_or_else(|| {
            bad(&format!("is output {place}, found raw elements of {} outputs", raws.len()))
        })?;
        let expected = expected(dtype, &shape);
        raw::read(dtype, bytes)
            .ok_or_else(|| bad(&format!("has {} raw bytes, expected {expected}", bytes.len())))?
    };
    Ok(Output { name: name.clone(), shape, values })
}

/// How many raw bytes a tensor has.
fn expected(dtype: Dtype, shape: &[usize]) -> String {
    let name = dtype.name();
    let count = shape.iter().try_fold(1_usize, |count, size| count.checked_mul(*size));
    let bytes = dtype.size().zip(count).and_then(|(size, count)| size.checked_mul(count));
    bytes.map_or_else(
        || format!("each {name} with its length before it"),
        |bytes| format!("{bytes} for {name} in the shape {shape:?}"),
    )
}

/// The outputs that came, each with its type, its shape and the size of its elements: a message has no first bytes that
/// people read.
fn outline(told: &ModelInferResponse) -> String {
    let raws = &told.raw_output_contents;
    let one = |(place, output): (usize, &InferOutputTensor)| {
        let elements = match (raws.get(place), &output.contents) {
            (Some(raw), _) => format!("in {} raw bytes", raw.len()),
            (None, Some(_)) if raws.is_empty() => "in typed elements".to_owned(),
            (None, _) => "without elements".to_owned(),
        };
        format!("{} {} {:?} {elements}", output.name, output.datatype, output.shape)
    };
    let outputs: Vec<_> = told.outputs.iter().enumerate().map(one).collect();
    if outputs.is_empty() { "a message without outputs".to_owned() } else { outputs.join(", ") }
}
