//! The answer in TorchServe's `kservev2` envelope: one output for each input, named like it.
//!
//! Its shapes are flat whatever the model answered, and a map of classes comes as one element labelled BYTES, so that
//! the values are read by what they are.

use super::decode::malformed;
use crate::text::{Json, best_class, flatten};
use crate::{Answer, Failure, Prediction};

pub(super) fn decode(told: &Json, body: &[u8]) -> Result<Answer, Failure> {
    let outputs = told.get("outputs").and_then(Json::items).filter(|outputs| !outputs.is_empty());
    let outputs = outputs.ok_or_else(|| {
        malformed(
            "an answer with `outputs` was expected, as a model with the service_envelope kservev2 gives",
            body,
        )
    })?;
    let mut read = Vec::with_capacity(outputs.len());
    for each in outputs {
        read.push(output(each, body)?);
    }
    let version = told.get("model_version").and_then(Json::text).filter(|version| !version.is_empty());
    Ok(Answer { predictions: vec![together(read, body)?], version: version.map(Into::into), pushback: None })
}

fn output(told: &Json, body: &[u8]) -> Result<Prediction, Failure> {
    let name =
        told.get("name").and_then(Json::text).ok_or_else(|| malformed("an output has no name", body))?;
    let data = told.get("data").filter(|data| data.items().is_some());
    let data = data.ok_or_else(|| malformed(format!("output `{name}` has no list `data`"), body))?;
    let sizes = told.get("shape").and_then(Json::items).unwrap_or_default();
    let sizes = sizes.iter().map(|size| size.number().unwrap_or(-1.0));
    let (stated, found) = (sizes.product::<f64>(), flatten(data)?.1.len());
    if told.get("shape").is_some() && stated != found as f64 {
        let said = format!("output `{name}` has {found} values, as many were expected as its shape holds");
        return Err(malformed(said, body));
    }
    best_class(data, &name)
}

/// The outputs as one prediction.
fn together(mut outputs: Vec<Prediction>, body: &[u8]) -> Result<Prediction, Failure> {
    if outputs.len() == 1
        && let Some(only) = outputs.pop()
    {
        return Ok(only);
    }
    let mut tensors = Vec::with_capacity(outputs.len());
    for output in outputs {
        match output {
            Prediction::Tensors(mut found) => tensors.append(&mut found),
            Prediction::Labels(_) => {
                let said = "several outputs hold labels; point to one with --answer /outputs/0/data";
                return Err(malformed(said, body));
            }
        }
    }
    Ok(Prediction::Tensors(tensors))
}
