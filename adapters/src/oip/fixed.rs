//! Inputs that are the same in every request, as the model takes them.

use super::plan::{Input, meant, names};
use super::setting::FixedInput;
use super::typed::typed;
use crate::text::{Json, flatten};
use crate::{Dtype, Failure, FailureKind, Values};

/// The tensor of one row for an input that never changes.
#[derive(Debug)]
pub(super) struct Fixed {
    pub(super) input: String,
    /// The dimensions of one row.
    pub(super) shape: Vec<usize>,
    pub(super) values: Values,
}

/// The tensors of the inputs that were typed. `row` gives the dimensions of one row of an input, -1 for any; `None`
/// where they are not told.
pub(super) fn fixed(
    given: &[FixedInput],
    inputs: &[Input],
    row: impl Fn(&Input) -> Option<Vec<i64>>,
) -> Result<Vec<Fixed>, Failure> {
    let one = |given: &FixedInput| {
        let refuse = |why: String| {
            let said = format!("--input {}: {why}", given.name());
            Err(Failure::unplaced(FailureKind::Usage, said))
        };
        if inputs.is_empty() {
            return tensor(given, None, None).or_else(refuse);
        }
        let Some(input) = inputs.iter().find(|input| input.port.name == given.name()) else {
            let ports = || inputs.iter().map(|input| &input.port);
            let near = meant(given.name(), ports());
            return refuse(format!("the model has no such input; {near}it has {}", names(ports())));
        };
        tensor(given, input.port.dtype, row(input).as_deref()).or_else(refuse)
    };
    given.iter().map(one).collect()
}

/// The values as the type of the input, and as many as its shape holds.
fn tensor(given: &FixedInput, dtype: Option<Dtype>, takes: Option<&[i64]>) -> Result<Fixed, String> {
    let text = Json::Text(given.text().as_bytes().to_vec());
    // What is typed for an input of texts is a text, also where it looks like a number.
    let value = match given.value() {
        Json::Array(_) | Json::Text(_) => given.value(),
        _ if dtype == Some(Dtype::Bytes) => &text,
        value => value,
    };
    let (shape, leaves) = flatten(value).map_err(|failure| failure.said.to_string())?;
    let dtype = dtype.unwrap_or_else(|| natural(&leaves));
    let values = typed(&leaves, dtype).map_err(|failure| failure.said.to_string())?;
    let input = given.name().to_owned();
    let Some(takes) = takes else {
        return Ok(Fixed { input, shape: if shape.is_empty() { vec![1] } else { shape }, values });
    };
    if shape.is_empty() {
        let shape: Vec<usize> = takes.iter().map(|size| usize::try_from(*size).unwrap_or(1)).collect();
        return Ok(Fixed { input, values: repeated(&values, shape.iter().product()), shape });
    }
    let fits = shape.len() == takes.len()
        && shape.iter().zip(takes).all(|(has, takes)| *takes < 0 || u64::try_from(*takes) == Ok(*has as u64));
    if fits {
        Ok(Fixed { input, shape, values })
    } else {
        Err(format!("the list has the dimensions {shape:?}, the model takes {takes:?} for one row"))
    }
}

/// One value as often as it takes.
fn repeated(values: &Values, count: usize) -> Values {
    let mut all = Values::empty(values.dtype());
    all.repeat(values, count);
    all
}

/// The type of values that no model tells the type of.
fn natural(leaves: &[&Json]) -> Dtype {
    let all = |is: fn(&Json) -> bool| leaves.iter().all(|leaf| is(leaf));
    if all(|leaf| matches!(leaf, Json::Bool(_))) {
        Dtype::Bool
    } else if all(|leaf| matches!(leaf, Json::Text(_))) {
        Dtype::Bytes
    } else if all(|leaf| matches!(leaf, Json::Int(_))) {
        Dtype::I64
    } else {
        Dtype::F64
    }
}
