//! What Triton's core checks of a parsed request of the Open Inference Protocol, whatever it came over.

use crate::models::{Element, Input, Signature};

/// What a request says of one input, without its values.
#[derive(Debug)]
pub(super) struct Head<'a> {
    pub(super) name: &'a str,
    pub(super) datatype: &'a str,
    pub(super) shape: Vec<usize>,
}

impl Head<'_> {
    /// How many values the shape holds.
    pub(super) fn count(&self) -> usize {
        self.shape.iter().fold(1, |count, size| count.saturating_mul(*size))
    }
}

/// The number of rows, and the place in the signature of each input of the request; else the message of the refusal,
/// which is an invalid argument.
pub(super) fn accept(signature: &Signature, heads: &[Head<'_>]) -> Result<(usize, Vec<usize>), String> {
    let model = &signature.name;
    let required: Vec<&Input> = signature.inputs.iter().filter(|input| !input.optional).collect();
    let missing = || required.iter().filter(|input| heads.iter().all(|head| head.name != input.name));
    let twice = heads.iter().enumerate().any(|(i, head)| heads[..i].iter().any(|one| one.name == head.name));
    let known = heads.iter().all(|head| signature.inputs.iter().any(|input| input.name == head.name));
    if twice || heads.len() > signature.inputs.len() || (known && missing().count() > 0) {
        let names: Vec<&str> = missing().map(|input| input.name.as_str()).collect();
        return Err(format!(
            "expected {} inputs but got {} inputs for model '{model}'. Got input(s) [{}], but missing required \
             input(s) [{}]. Please provide all required input(s).",
            required.len(),
            heads.len(),
            quoted(heads.iter().map(|head| head.name)),
            quoted(names),
        ));
    }
    let mut places = Vec::with_capacity(heads.len());
    let mut rows = None;
    for head in heads {
        let (place, of_input) = one(signature, head)?;
        if *rows.get_or_insert(of_input) != of_input {
            return Err(format!(
                "input '{}' batch size does not match other inputs for '{model}'",
                signature.inputs[place].name
            ));
        }
        places.push(place);
    }
    Ok((rows.unwrap_or(1), places))
}

fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(",")
}

/// The place of an input in the signature, and how many rows its shape tells.
fn one(signature: &Signature, head: &Head<'_>) -> Result<(usize, usize), String> {
    let Head { name, datatype: given, .. } = *head;
    let model = &signature.name;
    if !Element::ALL.iter().any(|element| element.name() == given) {
        return Err(format!("invalid datatype '{given}' for input '{name}'"));
    }
    let Some(place) = signature.inputs.iter().position(|input| input.name == name) else {
        return Err(format!("unexpected inference input '{name}' for model '{model}'"));
    };
    let input = &signature.inputs[place];
    if given != input.element.name() {
        return Err(format!(
            "inference input '{name}' data-type is '{given}', but model '{model}' expects '{}'",
            input.element.name()
        ));
    }
    Ok((place, rows(signature, input, &head.shape)?))
}

/// How many rows a shape holds: a batch of rows, or one row where the model has no batch dimension.
fn rows(signature: &Signature, input: &Input, shape: &[usize]) -> Result<usize, String> {
    let model = &signature.name;
    let dims = |dims: &[usize]| dims.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
    let unexpected = |expected: String| {
        let (name, got) = (&input.name, dims(shape));
        Err(format!(
            "unexpected shape for input '{name}' for model '{model}'. Expected [{expected}], got [{got}]"
        ))
    };
    let Some(most) = signature.max_batch else {
        return if shape == input.shape { Ok(1) } else { unexpected(dims(&input.shape)) };
    };
    match shape {
        [batch, row @ ..] if row == input.shape => match *batch {
            0 => Err(format!("inference request batch-size must be >= 1 for '{model}'")),
            batch if batch > most => {
                Err(format!("inference request batch-size must be <= {most} for '{model}'"))
            }
            batch => Ok(batch),
        },
        _ => {
            let expected = std::iter::once("-1".to_owned()).chain(input.shape.iter().map(usize::to_string));
            unexpected(expected.collect::<Vec<_>>().join(","))
        }
    }
}
