//! Rows as values of a template, and values as JSON text.
//!
//! The invariant: a value that stands for a row is printed as [`write_row_as`](crate::text::write_row_as) writes it.

use std::fmt::Write;

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, Value};

use crate::text::{Opaque, base64, refuse_value, write_string};
use crate::{Failure, Row, Tensor, Values};

/// How deep lists and objects may nest.
const DEEPEST: usize = 128;

/// A row: its values, nested by their shape, or an object of them by field.
pub(super) fn of_row(row: &Row) -> Result<Value, Failure> {
    if let [tensor] = row.tensors.as_slice() {
        return of_tensor(tensor);
    }
    let pairs = row.tensors.iter().map(|tensor| Ok((Value::from(&*tensor.name), of_tensor(tensor)?)));
    Ok(Value::from_pairs(pairs.collect::<Result<Vec<(Value, Value)>, Failure>>()?))
}

fn of_tensor(tensor: &Tensor) -> Result<Value, Failure> {
    nested(tensor, &tensor.shape, &mut 0)
}

fn nested(tensor: &Tensor, shape: &[usize], at: &mut usize) -> Result<Value, Failure> {
    let Some((size, inner)) = shape.split_first() else {
        *at += 1;
        return element(tensor, *at - 1);
    };
    (0..*size).map(|_| nested(tensor, inner, at)).collect::<Result<Vec<Value>, _>>().map(Value::from)
}

fn element(tensor: &Tensor, i: usize) -> Result<Value, Failure> {
    let float = |v: f64| {
        if v.is_finite() { Ok(Value::from(v)) } else { Err(refuse_value(i, &tensor.name, v)) }
    };
    let value = match &tensor.values {
        Values::Bool(v) => v.get(i).map(|v| Value::from(*v)),
        Values::I8(v) => v.get(i).map(|v| Value::from(*v)),
        Values::I16(v) => v.get(i).map(|v| Value::from(*v)),
        Values::I32(v) => v.get(i).map(|v| Value::from(*v)),
        Values::I64(v) => v.get(i).map(|v| Value::from(*v)),
        Values::U8(v) => v.get(i).map(|v| Value::from(*v)),
        Values::U16(v) => v.get(i).map(|v| Value::from(*v)),
        Values::U32(v) => v.get(i).map(|v| Value::from(*v)),
        Values::U64(v) => v.get(i).map(|v| Value::from(*v)),
        Values::F16(v) => v.get(i).map(|v| float((*v).into())).transpose()?,
        Values::Bf16(v) => v.get(i).map(|v| float((*v).into())).transpose()?,
        Values::F32(v) => v.get(i).map(|v| float((*v).into())).transpose()?,
        Values::F64(v) => v.get(i).map(|v| float(*v)).transpose()?,
        Values::Bytes(v) => v.get(i).map(|v| match std::str::from_utf8(v) {
            Ok(text) => Value::from(text),
            Err(_) => Value::from_bytes(v.clone()),
        }),
    };
    value.ok_or_else(|| refuse_value(i, &tensor.name, "not there"))
}

/// Appends a value as JSON; a text that is marked as safe is JSON already.
pub(super) fn print(value: &Value, opaque: Opaque, depth: usize, out: &mut String) -> Result<(), Error> {
    if depth > DEEPEST {
        return Err(Error::new(ErrorKind::InvalidOperation, "lists nest too deep"));
    }
    match value.kind() {
        ValueKind::None => out.push_str("null"),
        ValueKind::Bool => out.push_str(if value.is_true() { "true" } else { "false" }),
        ValueKind::Number => number(value, out)?,
        ValueKind::String if value.is_safe() => out.push_str(value.as_str().unwrap_or_default()),
        ValueKind::String => quoted(value.as_str().unwrap_or_default(), out),
        ValueKind::Bytes => opaque.write(value.as_bytes().unwrap_or_default(), out),
        ValueKind::Seq | ValueKind::Iterable => {
            out.push('[');
            for (i, item) in value.try_iter()?.enumerate() {
                if i > 0 {
                    out.push(',');
                }
                print(&item, opaque, depth + 1, out)?;
            }
            out.push(']');
        }
        ValueKind::Map => {
            out.push('{');
            for (i, key) in value.try_iter()?.enumerate() {
                if i > 0 {
                    out.push(',');
                }
                quoted(&key.to_string(), out);
                out.push(':');
                print(&value.get_item(&key)?, opaque, depth + 1, out)?;
            }
            out.push('}');
        }
        ValueKind::Undefined => return Err(Error::from(ErrorKind::UndefinedError)),
        other => {
            return Err(Error::new(
                ErrorKind::InvalidOperation,
                format!("{other} cannot be written as JSON"),
            ));
        }
    }
    Ok(())
}

fn number(value: &Value, out: &mut String) -> Result<(), Error> {
    if value.is_integer() {
        // Writing into memory cannot fail.
        let _ = write!(out, "{value}");
        return Ok(());
    }
    let float = f64::try_from(value.clone())?;
    if !float.is_finite() {
        return Err(Error::new(ErrorKind::InvalidOperation, format!("{float}, which JSON cannot carry")));
    }
    out.push_str(&serde_json::to_string(&float).unwrap_or_default());
    Ok(())
}

fn quoted(text: &str, out: &mut String) {
    let mut bytes = Vec::new();
    write_string(text, &mut bytes);
    out.push_str(&String::from_utf8_lossy(&bytes));
}

/// Text or bytes as base64.
pub(super) fn to_base64(value: &Value) -> Result<Value, Error> {
    let bytes = value.as_bytes().or_else(|| value.as_str().map(str::as_bytes));
    let expected = || Error::new(ErrorKind::InvalidOperation, "b64 takes a text or the bytes of a file");
    Ok(Value::from(base64(bytes.ok_or_else(expected)?)))
}
