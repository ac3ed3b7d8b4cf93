//! One output out of the message of an inference answer.

use super::contents;
use super::generated::ModelInferResponse;
use super::generated::model_infer_response::InferOutputTensor;
use crate::oip::{self, Output, Plan, raw};
use crate::{Answer, Dtype, Failure, FailureKind};

pub(super) fn decode(plan: &Plan, rows: usize, told: &ModelInferResponse) -> Result<Answer, Failure> {
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
    let shape = told.shape.iter().map(|size| usize::try_from(*size).ok()).collect::<Option<_>>();
    let shape = shape.ok_or_else(|| bad(&format!("has the shape {:?}, sizes were expected", told.shape)))?;
    let values = if raws.is_empty() {
        let contents = told.contents.as_ref().ok_or_else(|| bad("has neither typed nor raw elements"))?;
        contents::read(dtype, contents)
            .ok_or_else(|| bad(&format!("has typed elements that are no {}", dtype.name())))?
    } else {
        let bytes = raws.get(place).ok_or_else(|| {
            bad(&format!("is output {place}, found raw elements of {} outputs", raws.len()))
        })?;
        raw::read(dtype, bytes)
            .ok_or_else(|| bad(&format!("has {} bytes, which are no {}", bytes.len(), dtype.name())))?
    };
    Ok(Output { name: name.clone(), shape, values })
}
