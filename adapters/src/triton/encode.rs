//! Rows as the body of an inference request.

use crate::oip::{ParameterValue, Part, Plan, parts, raw};
use crate::text::{write_string, write_value};
use crate::{Dtype, Failure, FailureKind, Row};

/// The id of every request. Some servers fail without one; it needs not differ, as answers come back over
/// their own exchange.
const ID: &str = "noisebound";

/// What Triton says of 16-bit floats.
pub(super) const SIXTEEN: &str =
    "cannot be sent as JSON to Triton, only as raw bytes; leave --tensors json out";

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
    write_output(plan, body);
    write_parameters(plan, body);
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

/// The output that is asked for, and in which form.
fn write_output(plan: &Plan, body: &mut Vec<u8>) {
    let Some(output) = &plan.output else { return };
    body.extend_from_slice(br#","outputs":[{"name":"#);
    write_string(output, body);
    let classes = plan.classes.map(|classes| format!(r#""classification":{classes}"#));
    let binary = plan.binary.then(|| r#""binary_data":true"#.to_owned());
    let parameters: Vec<String> = classes.into_iter().chain(binary).collect();
    if !parameters.is_empty() {
        body.extend_from_slice(format!(r#","parameters":{{{}}}"#, parameters.join(",")).as_bytes());
    }
    body.extend_from_slice(b"}]");
}

/// The parameters of the request.
fn write_parameters(plan: &Plan, body: &mut Vec<u8>) {
    let all_binary = plan.output.is_none() && plan.binary;
    if plan.parameters.is_empty() && !all_binary {
        return;
    }
    body.extend_from_slice(br#","parameters":{"#);
    for (i, parameter) in plan.parameters.iter().enumerate() {
        if i > 0 {
            body.push(b',');
        }
        write_string(parameter.name(), body);
        body.push(b':');
        match parameter.value() {
            ParameterValue::Bool(v) => body.extend_from_slice(v.to_string().as_bytes()),
            ParameterValue::Int(v) => body.extend_from_slice(v.to_string().as_bytes()),
            // The digits that read back to the same number, with a point or an exponent.
            ParameterValue::Double(v) => body.extend_from_slice(format!("{v:?}").as_bytes()),
            ParameterValue::Text(v) => write_string(v, body),
        }
    }
    if all_binary {
        if !plan.parameters.is_empty() {
            body.push(b',');
        }
        body.extend_from_slice(br#""binary_data_output":true"#);
    }
    body.push(b'}');
}

/// The JSON of one input, with its values unless they follow as raw bytes.
fn write_input(plan: &Plan, part: &Part<'_>, body: &mut Vec<u8>) -> Result<(), Failure> {
    let (pieces, dtype) = (&part.pieces, part.dtype);
    if plan.triton && !plan.binary && matches!(dtype, Dtype::F16 | Dtype::Bf16) {
        let said = format!("{} tensors {SIXTEEN}", dtype.name());
        return Err(Failure::unplaced(FailureKind::Usage, said));
    }
    body.extend_from_slice(br#"{"name":"#);
    write_string(part.input, body);
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
