//! Rows as a body, in each envelope.
//!
//! A row of one text or file, that is one element of bytes, is the file; what is no UTF-8 is never squeezed into a
//! JSON string. The invariant: what an envelope cannot carry is refused with one that can.

use super::Envelope;
use crate::oip::raw as elements;
use crate::secret::base64;
use crate::text::{write_row, write_string, write_tensor, write_value};
use crate::{Dtype, Failure, FailureKind, Row, Tensor, Values};

/// Appends the body and tells its content type.
pub(super) fn encode(envelope: Envelope, rows: &[Row], out: &mut Vec<u8>) -> Result<&'static str, Failure> {
    if rows.is_empty() || envelope.max_rows().is_some_and(|most| rows.len() > most) {
        let name = envelope.name();
        let said =
            format!("TorchServe takes one row a request in the envelope `{name}`, found {}", rows.len());
        return unsupported(said);
    }
    match envelope {
        Envelope::Json => match rows[0].tensors.as_slice() {
            [only] if file(only).is_some() => return raw(&rows[0], out),
            _ => {
                refuse_files(&rows[0])?;
                write_row(&rows[0], out)?;
            }
        },
        Envelope::Bytes => return raw(&rows[0], out),
        Envelope::Base64 => instances(rows, out, |row, out| {
            let mut bytes = Vec::new();
            raw(row, &mut bytes)?;
            write_b64(&bytes, out);
            Ok(())
        })?,
        Envelope::Instances => instances(rows, out, |row, out| write_fields(row, out, write_b64))?,
        Envelope::Kserve => instances(rows, out, |row, out| {
            if row.tensors.len() == 1 {
                out.extend_from_slice(b"{\"data\":");
                write_fields(row, out, write_base64)?;
                out.push(b'}');
                return Ok(());
            }
            write_fields(row, out, write_base64)
        })?,
        Envelope::KserveV2 => inputs(&rows[0], out)?,
    }
    Ok("application/json")
}

fn unsupported<T>(said: impl AsRef<str>) -> Result<T, Failure> {
    Err(Failure::unplaced(FailureKind::Unsupported, said))
}

/// The one element of a field of bytes that holds one.
fn element(tensor: &Tensor) -> Option<&[u8]> {
    match &tensor.values {
        Values::Bytes(items) if items.len() == 1 => items.first().map(Vec::as_slice),
        _ => None,
    }
}

/// The same, of a field that JSON has no string for.
fn file(tensor: &Tensor) -> Option<&[u8]> {
    element(tensor).filter(|bytes| std::str::from_utf8(bytes).is_err())
}

fn refuse_files(row: &Row) -> Result<(), Failure> {
    let Some(tensor) = row.tensors.iter().find(|tensor| file(tensor).is_some()) else { return Ok(()) };
    unsupported(format!(
        "field `{}` is a file, which bare JSON cannot carry beside others: --envelope instances and kserve send it as \
         text",
        tensor.name
    ))
}

/// The bytes of a row's only field, and what they are.
fn raw(row: &Row, out: &mut Vec<u8>) -> Result<&'static str, Failure> {
    let [tensor] = row.tensors.as_slice() else {
        let names: Vec<_> = row.tensors.iter().map(|tensor| format!("`{}`", tensor.name)).collect();
        return unsupported(format!(
            "raw bytes are of one field, found {} ({}): use --envelope json or instances",
            names.len(),
            names.join(", ")
        ));
    };
    if tensor.values.is_empty() || element(tensor).is_some_and(<[u8]>::is_empty) {
        let said = format!("field `{}` is empty, bytes to send were expected", tensor.name);
        return Err(Failure::unplaced(FailureKind::Rejected, said));
    }
    if let Some(bytes) = element(tensor) {
        out.extend_from_slice(bytes);
        return Ok(media_type(bytes));
    }
    if tensor.values.dtype() == Dtype::Bytes {
        let (name, count) = (&tensor.name, tensor.values.len());
        return unsupported(format!("field `{name}` holds {count} texts, raw bytes are of one"));
    }
    elements::write(&tensor.values, out);
    Ok(OCTETS)
}

const OCTETS: &str = "application/octet-stream";

/// What a file says of itself in its first bytes.
fn media_type(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => "image/png",
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        _ => OCTETS,
    }
}

fn instances(
    rows: &[Row],
    out: &mut Vec<u8>,
    write: impl Fn(&Row, &mut Vec<u8>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    out.extend_from_slice(b"{\"instances\":[");
    for (place, row) in rows.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write(row, out)?;
    }
    out.extend_from_slice(b"]}");
    Ok(())
}

/// A row, its files as `write_file` has them: the value alone where it has one field, else an object by name.
fn write_fields(
    row: &Row,
    out: &mut Vec<u8>,
    write_file: impl Fn(&[u8], &mut Vec<u8>),
) -> Result<(), Failure> {
    let value = |tensor: &Tensor, out: &mut Vec<u8>| match file(tensor) {
        Some(bytes) => {
            write_file(bytes, out);
            Ok(())
        }
        None => write_tensor(tensor, out),
    };
    if let [tensor] = row.tensors.as_slice() {
        return value(tensor, out);
    }
    out.push(b'{');
    for (place, tensor) in row.tensors.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write_string(&tensor.name, out);
        out.push(b':');
        value(tensor, out)?;
    }
    out.push(b'}');
    Ok(())
}

/// `{"b64": "..."}`
fn write_b64(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"b64\":");
    write_base64(bytes, out);
    out.push(b'}');
}

fn write_base64(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(base64(bytes).as_bytes());
    out.extend_from_slice(&b"=="[..(3 - bytes.len() % 3) % 3]);
    out.push(b'"');
}

/// An entry for each field: name, shape, type and the values in one flat list.
fn inputs(row: &Row, out: &mut Vec<u8>) -> Result<(), Failure> {
    out.extend_from_slice(b"{\"inputs\":[");
    for (place, tensor) in row.tensors.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        let several = tensor.values.dtype() == Dtype::Bytes && tensor.values.len() > 1;
        if several {
            let said = "this envelope reads the first text of a field alone";
            return unsupported(format!(
                "field `{}` holds {} texts: {said}",
                tensor.name,
                tensor.values.len()
            ));
        }
        out.extend_from_slice(b"{\"name\":");
        write_string(&tensor.name, out);
        // A single number has a dimension here too.
        let shape = if tensor.shape.is_empty() { &[1][..] } else { &tensor.shape };
        out.extend_from_slice(format!(",\"shape\":{shape:?},\"datatype\":\"").as_bytes());
        out.extend_from_slice(tensor.values.dtype().name().as_bytes());
        out.extend_from_slice(b"\",\"data\":[");
        if let Some(bytes) = file(tensor) {
            write_base64(bytes, out);
        } else {
            for i in 0..tensor.values.len() {
                if i > 0 {
                    out.push(b',');
                }
                write_value(&tensor.values, i, &tensor.name, out)?;
            }
        }
        out.extend_from_slice(b"]}");
    }
    out.extend_from_slice(b"]}");
    Ok(())
}
