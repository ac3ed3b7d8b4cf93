//! The JSON that perf_analyzer takes as `--input-data`: `data`, a list with an object for each row, in which each input
//! has its values; and `validation_data`, the same with outputs.
//!
//! The streams of a sequence model are read one after the other. JSON writes `1` for a float and for an id alike: a field
//! with one number that is not whole holds 64-bit floats, and so does the only field of numbers; whole numbers beside
//! others stay whole, until `--perturb` names them. The invariant: all rows have the same fields, each of one shape.

use noisebound_adapters::{Dtype, Values};
use serde_json::{Map, Value};

use super::DataError;
use super::array::Array;
use crate::nearest::suggest;

/// What is read of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The inputs.
    Data,
    /// What the model should answer.
    Validation,
}

impl Part {
    fn key(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Validation => "validation_data",
        }
    }
}

/// The arrays of these names, or all of them, in the order of the first row. `at` names the file in errors.
pub(super) fn read(
    bytes: &[u8],
    part: Part,
    names: &[String],
    at: &str,
) -> Result<Vec<(String, Array)>, DataError> {
    let json: Value = serde_json::from_slice(bytes)
        .map_err(|error| DataError::malformed(at, format!("is not JSON ({error})")))?;
    let rows = rows(&json, part, at)?;
    let Some(first) = rows.first() else {
        return Err(DataError::unsupported(at, format!("holds no row in `{}`", part.key())));
    };
    let names: Vec<String> = if names.is_empty() { first.keys().cloned().collect() } else { names.to_vec() };
    let arrays = names.into_iter().map(|name| Ok((name.clone(), array(&rows, &name, at)?)));
    let mut arrays: Vec<(String, Array)> = arrays.collect::<Result<_, DataError>>()?;
    if part == Part::Data {
        let mut numbers = arrays.iter_mut().filter(|(_, array)| array.values.dtype() != Dtype::Bytes);
        if let (Some((_, alone)), None) = (numbers.next(), numbers.next()) {
            loosen(&mut alone.values);
        }
    }
    Ok(arrays)
}

/// Makes floats of whole numbers, where each is one exactly; others stay as they are.
pub(super) fn loosen(values: &mut Values) {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if !matches!(values, Values::I64(_)) {
        return;
    }
    let numbers: Vec<f64> = (0..values.len()).filter_map(|i| values.number(i)).collect();
    if numbers.len() == values.len() && numbers.iter().all(|v| v.abs() < EXACT) {
        *values = Values::F64(numbers);
    }
}

/// The object of each row, streams one after the other.
fn rows<'a>(json: &'a Value, part: Part, at: &str) -> Result<Vec<&'a Map<String, Value>>, DataError> {
    let key = part.key();
    let malformed = |what: String| DataError::malformed(at, what);
    let list = json.get(key).and_then(Value::as_array).ok_or_else(|| {
        malformed(format!(
            "has no list `{key}`; expected the JSON of perf_analyzer's --input-data, {{\"{key}\": [{{\"NAME\": [...]}}, ...]}}"
        ))
    })?;
    let steps = list.iter().flat_map(|step| match step {
        Value::Array(stream) => stream.iter().collect::<Vec<_>>(),
        step => vec![step],
    });
    let row = |(row, step): (usize, &'a Value)| {
        let object = step.as_object().filter(|object| !object.is_empty());
        object.ok_or_else(|| {
            malformed(format!(
                "row {row} (counted from 0) of `{key}` is not an object with a value for each name"
            ))
        })
    };
    steps.enumerate().map(row).collect()
}

/// The values of one name in all rows.
fn array(rows: &[&Map<String, Value>], name: &str, at: &str) -> Result<Array, DataError> {
    let mut shape: Option<Vec<usize>> = None;
    let mut leaves = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let wrong =
            |what: String| DataError::value(at, format!("row {place} (counted from 0), `{name}`"), what);
        let tensor = row.get(name).ok_or_else(|| {
            let hint = suggest(name, row.keys().map(String::as_str));
            wrong(format!("is not there; every row must have the same names; {hint}"))
        })?;
        let before = leaves.len();
        let own = tensor_of(tensor, &mut leaves).map_err(&wrong)?;
        if own.iter().try_fold(1_usize, |count, size| count.checked_mul(*size)) != Some(leaves.len() - before)
        {
            let count = leaves.len() - before;
            return Err(wrong(format!("holds {count} values, its shape {own:?} another number")));
        }
        match &shape {
            Some(shape) if *shape != own => {
                return Err(wrong(format!(
                    "has the shape {own:?}, and row 0 has {shape:?}; expected one for all rows"
                )));
            }
            Some(_) => {}
            None => shape = Some(own),
        }
    }
    let values = values(&leaves).map_err(|(leaf, what)| {
        let width = (leaves.len() / rows.len().max(1)).max(1);
        DataError::value(at, format!("row {} (counted from 0), `{name}`", leaf / width), what)
    })?;
    let shape = std::iter::once(rows.len()).chain(shape.unwrap_or_default()).collect();
    Ok(Array { shape, values })
}

/// The shape of one tensor; its values are appended, nesting aside.
fn tensor_of<'a>(tensor: &'a Value, leaves: &mut Vec<&'a Value>) -> Result<Vec<usize>, String> {
    const B64: &str = "is given in base64, which does not tell its type; expected a list of numbers or texts";
    let (content, shape) = match tensor {
        Value::Object(parts) if parts.contains_key("b64") => return Err(B64.to_owned()),
        Value::Object(parts) => {
            let content =
                parts.get("content").ok_or("is an object without `content`; expected a list of values")?;
            (content, parts.get("shape"))
        }
        content => (content, None),
    };
    if content.get("b64").is_some() {
        return Err(B64.to_owned());
    }
    let before = leaves.len();
    if !content.is_array() {
        return Err("is not a list of values".to_owned());
    }
    flatten(content, leaves, 0)?;
    let Some(shape) = shape else { return Ok(vec![leaves.len() - before]) };
    let sizes = shape.as_array().map(|sizes| sizes.iter().map(Value::as_u64).collect::<Option<Vec<_>>>());
    let sizes = sizes.flatten().ok_or("has a `shape` that is not a list of sizes")?;
    sizes
        .into_iter()
        .map(|size| usize::try_from(size).map_err(|_| "has a size that is too large".to_owned()))
        .collect()
}

fn flatten<'a>(value: &'a Value, leaves: &mut Vec<&'a Value>, depth: usize) -> Result<(), String> {
    match value {
        Value::Array(items) if depth < 32 => {
            items.iter().try_for_each(|item| flatten(item, leaves, depth + 1))
        }
        Value::Number(_) | Value::Bool(_) | Value::String(_) => {
            leaves.push(value);
            Ok(())
        }
        Value::Null => Err("holds null, expected a number, a text, true or false".to_owned()),
        Value::Array(_) | Value::Object(_) => Err("holds something that is no value".to_owned()),
    }
}

/// Leaves of one kind as typed values; else the place of the first that is of another kind.
fn values(leaves: &[&Value]) -> Result<Values, (usize, String)> {
    fn all<T>(
        leaves: &[&Value],
        what: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Vec<T>, (usize, String)> {
        let one = |(place, leaf): (usize, &&Value)| {
            read(leaf).ok_or_else(|| (place, format!("holds {leaf}, where {what} was expected as before")))
        };
        leaves.iter().enumerate().map(one).collect()
    }
    match leaves.first() {
        Some(Value::String(_)) => {
            all(leaves, "a text", |leaf| leaf.as_str().map(|text| text.as_bytes().to_vec()))
                .map(Values::Bytes)
        }
        Some(Value::Bool(_)) => all(leaves, "true or false", Value::as_bool).map(Values::Bool),
        _ => {
            let numbers = all(leaves, "a number", Value::as_f64)?;
            if let Ok(whole) = all(leaves, "", Value::as_i64) {
                return Ok(Values::I64(whole));
            }
            Ok(all(leaves, "", Value::as_u64).map_or(Values::F64(numbers), Values::U64))
        }
    }
}

#[cfg(test)]
mod tests;
