//! Rows as the body of an inference request.

use std::borrow::Cow;

use super::plan::{Batching, Binding, Plan};
use super::wire;
use crate::cast::cast;
use crate::text::{write_string, write_value};
use crate::{Dtype, Failure, FailureKind, Row, Values};

/// The id of every request. Some servers fail without one; it needs not differ, as answers come back over
/// their own exchange.
const ID: &str = "noisebound";

/// The values of one input, a piece for each row.
struct Part<'a> {
    binding: Binding<'a>,
    pieces: Vec<Cow<'a, Values>>,
}

/// Writes the body. With raw tensors the number of JSON bytes at its beginning is returned.
pub(super) fn encode(plan: &Plan, rows: &[Row], body: &mut Vec<u8>) -> Result<Option<usize>, Failure> {
    let parts = parts(plan, rows)?;
    body.extend_from_slice(br#"{"id":""#);
    body.extend_from_slice(ID.as_bytes());
    body.extend_from_slice(br#"","inputs":["#);
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            body.push(b',');
        }
        write_input(plan, rows, part, body)?;
    }
    body.push(b']');
    match &plan.output {
        Some(output) => {
            body.extend_from_slice(br#","outputs":[{"name":"#);
            write_string(output, body);
            body.extend_from_slice(if plan.binary {
                br#","parameters":{"binary_data":true}}]"#
            } else {
                b"}]"
            });
        }
        None if plan.binary => body.extend_from_slice(br#","parameters":{"binary_data_output":true}"#),
        None => {}
    }
    body.push(b'}');
    if !plan.binary {
        return Ok(None);
    }
    let head = body.len();
    for piece in parts.iter().flat_map(|part| &part.pieces) {
        wire::write(piece, body);
    }
    Ok(Some(head))
}

fn unsupported(said: impl AsRef<str>) -> Failure {
    Failure::unplaced(FailureKind::Unsupported, said)
}

fn rejected(said: impl AsRef<str>) -> Failure {
    Failure::unplaced(FailureKind::Rejected, said)
}

/// The values of each input as the model takes them.
fn parts<'a>(plan: &'a Plan, rows: &'a [Row]) -> Result<Vec<Part<'a>>, Failure> {
    let Some(first) = rows.first() else {
        return Err(unsupported("a request needs at least one row"));
    };
    if plan.batching == Batching::Lone && rows.len() > 1 {
        return Err(unsupported("the model has no batch dimension and takes one row a request"));
    }
    let alike = |row: &Row| {
        let pairs = || row.tensors.iter().zip(&first.tensors);
        row.tensors.len() == first.tensors.len()
            && pairs().all(|(a, b)| a.name == b.name && a.shape == b.shape)
    };
    if !rows.iter().all(alike) {
        return Err(rejected("the rows of one request differ in their fields or shapes"));
    }
    let part = |binding: Binding<'a>| {
        if plan.triton && !plan.binary && matches!(binding.dtype, Dtype::F16 | Dtype::Bf16) {
            let dtype = binding.dtype.name();
            return Err(unsupported(format!("{dtype} tensors cannot be sent as JSON, only as raw bytes")));
        }
        let piece = |row: &'a Row| {
            let tensor = &row.tensors[binding.field];
            if tensor.shape.iter().product::<usize>() != tensor.values.len() {
                return Err(rejected(format!("field `{}` does not fill its shape", tensor.name)));
            }
            cast(&tensor.values, binding.dtype)
                .map_err(|error| rejected(format!("field `{}`: {error}", tensor.name)))
        };
        let pieces = rows.iter().map(piece).collect::<Result<_, _>>()?;
        Ok(Part { binding, pieces })
    };
    plan.bind(first)?.into_iter().map(part).collect()
}

/// The JSON of one input, with its values unless they follow as raw bytes.
fn write_input(plan: &Plan, rows: &[Row], part: &Part<'_>, body: &mut Vec<u8>) -> Result<(), Failure> {
    let Part { binding, pieces } = part;
    let tensor = &rows[0].tensors[binding.field];
    let first = match plan.batching {
        Batching::Dimension(_) => Some(rows.len()),
        Batching::Lone => binding.lifted.then_some(1),
    };
    body.extend_from_slice(br#"{"name":"#);
    write_string(binding.input, body);
    body.extend_from_slice(br#","shape":["#);
    let sizes: Vec<String> = first.iter().chain(tensor.shape.iter()).map(ToString::to_string).collect();
    body.extend_from_slice(sizes.join(",").as_bytes());
    body.extend_from_slice(format!(r#"],"datatype":"{}","#, binding.dtype.name()).as_bytes());
    if plan.binary {
        let size: usize = pieces.iter().map(|piece| wire::size(piece)).sum();
        body.extend_from_slice(format!(r#""parameters":{{"binary_data_size":{size}}}}}"#).as_bytes());
        return Ok(());
    }
    body.extend_from_slice(br#""data":["#);
    for (i, piece) in pieces.iter().enumerate() {
        for j in 0..piece.len() {
            if i + j > 0 {
                body.push(b',');
            }
            write_value(piece, j, &tensor.name, body)?;
        }
    }
    body.extend_from_slice(b"]}");
    Ok(())
}
