//! Rows as the body of an inference request.

use crate::oip::{Part, Plan, parts, raw};
use crate::text::{write_string, write_value};
use crate::{Dtype, Failure, FailureKind, Row};

/// The id of every request. Some servers fail without one; it needs not differ, as answers come back over
/// their own exchange.
const ID: &str = "noisebound";

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
        write_input(plan, part, body)?;
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
        raw::write(piece, body);
    }
    Ok(Some(head))
}

/// The JSON of one input, with its values unless they follow as raw bytes.
fn write_input(plan: &Plan, part: &Part<'_>, body: &mut Vec<u8>) -> Result<(), Failure> {
    let (pieces, dtype) = (&part.pieces, part.dtype());
    if plan.triton && !plan.binary && matches!(dtype, Dtype::F16 | Dtype::Bf16) {
        let said = format!("{} tensors cannot be sent as JSON, only as raw bytes", dtype.name());
        return Err(Failure::unplaced(FailureKind::Unsupported, said));
    }
    body.extend_from_slice(br#"{"name":"#);
    write_string(part.input(), body);
    body.extend_from_slice(br#","shape":["#);
    let sizes: Vec<String> = part.shape.iter().map(ToString::to_string).collect();
    body.extend_from_slice(sizes.join(",").as_bytes());
    body.extend_from_slice(format!(r#"],"datatype":"{}","#, dtype.name()).as_bytes());
    if plan.binary {
        let size: usize = pieces.iter().map(|piece| raw::size(piece)).sum();
        body.extend_from_slice(format!(r#""parameters":{{"binary_data_size":{size}}}}}"#).as_bytes());
        return Ok(());
    }
    body.extend_from_slice(br#""data":["#);
    for (i, piece) in pieces.iter().enumerate() {
        for j in 0..piece.len() {
            if i + j > 0 {
                body.push(b',');
            }
            write_value(piece, j, part.field, body)?;
        }
    }
    body.extend_from_slice(b"]}");
    Ok(())
}
