//! Values of a row as JSON text.
//!
//! Integers are written in full; a float as the shortest decimal that reads back to the same `f64`, so a
//! 32-bit or 16-bit value arrives as exactly the number it is. What JSON cannot carry is refused.

use std::io::Write;

use serde_json::to_writer;

use crate::secret::base64 as unpadded;
use crate::{Failure, FailureKind, Row, Tensor, Values};

/// Writing into memory.
const IN_MEMORY: &str = "writing a plain value into memory cannot fail";

/// How bytes that are no text are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opaque {
    /// As `{"b64": ".."}`.
    Object,
    /// As a base64 string.
    Text,
}

impl Opaque {
    /// Appends the bytes.
    pub(crate) fn write(self, bytes: &[u8], out: &mut String) {
        let (before, after) = if self == Self::Object { ("{\"b64\":\"", "\"}") } else { ("\"", "\"") };
        out.push_str(before);
        out.push_str(&base64(bytes));
        out.push_str(after);
    }
}

/// A whole row: the values alone when it has one field, else an object of them by name.
pub(crate) fn write_row(row: &Row, out: &mut Vec<u8>) -> Result<(), Failure> {
    write_row_as(row, None, out)
}

/// The same, with a way to write bytes that are no text.
pub(crate) fn write_row_as(row: &Row, opaque: Option<Opaque>, out: &mut Vec<u8>) -> Result<(), Failure> {
    if let [tensor] = row.tensors.as_slice() {
        return write_tensor_as(tensor, opaque, out);
    }
    out.push(b'{');
    for (i, tensor) in row.tensors.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write_string(&tensor.name, out);
        out.push(b':');
        write_tensor_as(tensor, opaque, out)?;
    }
    out.push(b'}');
    Ok(())
}

/// The values nested as the shape says; a plain value for an empty shape.
pub(crate) fn write_tensor(tensor: &Tensor, out: &mut Vec<u8>) -> Result<(), Failure> {
    write_tensor_as(tensor, None, out)
}

fn write_tensor_as(tensor: &Tensor, opaque: Option<Opaque>, out: &mut Vec<u8>) -> Result<(), Failure> {
    if tensor.shape.iter().product::<usize>() != tensor.values.len() {
        let said = format!(
            "field `{}` has {} values, its shape {:?} holds another number",
            tensor.name,
            tensor.values.len(),
            tensor.shape
        );
        return Err(Failure::unplaced(FailureKind::Rejected, said));
    }
    nest(tensor, &tensor.shape, &mut 0, opaque, out)
}

fn nest(
    tensor: &Tensor,
    shape: &[usize],
    at: &mut usize,
    opaque: Option<Opaque>,
    out: &mut Vec<u8>,
) -> Result<(), Failure> {
    let Some((size, inner)) = shape.split_first() else {
        match (&tensor.values, opaque) {
            (Values::Bytes(v), Some(opaque)) if std::str::from_utf8(&v[*at]).is_err() => {
                let mut text = String::new();
                opaque.write(&v[*at], &mut text);
                out.extend_from_slice(text.as_bytes());
            }
            _ => write_value(&tensor.values, *at, &tensor.name, out)?,
        }
        *at += 1;
        return Ok(());
    };
    out.push(b'[');
    for i in 0..*size {
        if i > 0 {
            out.push(b',');
        }
        nest(tensor, inner, at, opaque, out)?;
    }
    out.push(b']');
    Ok(())
}

/// The value at `i`, which must exist.
pub(crate) fn write_value(values: &Values, i: usize, name: &str, out: &mut Vec<u8>) -> Result<(), Failure> {
    let float = |v: f64, out: &mut Vec<u8>| {
        if !v.is_finite() {
            return Err(refuse_value(i, name, v));
        }
        to_writer(out, &v).expect(IN_MEMORY);
        Ok(())
    };
    match values {
        Values::Bool(v) => to_writer(out, &v[i]).expect(IN_MEMORY),
        Values::I8(v) => to_writer(out, &v[i]).expect(IN_MEMORY),
        Values::I16(v) => to_writer(out, &v[i]).expect(IN_MEMORY),
        Values::I32(v) => to_writer(out, &v[i]).expect(IN_MEMORY),
        Values::I64(v) => to_writer(out, &v[i]).expect(IN_MEMORY),
        Values::U8(v) => to_writer(out, &v[i]).expect(IN_MEMORY),
        Values::U16(v) => to_writer(out, &v[i]).expect(IN_MEMORY),
        Values::U32(v) => to_writer(out, &v[i]).expect(IN_MEMORY),
        Values::U64(v) => to_writer(out, &v[i]).expect(IN_MEMORY),
        Values::F16(v) => return float(v[i].into(), out),
        Values::Bf16(v) => return float(v[i].into(), out),
        Values::F32(v) => return float(v[i].into(), out),
        Values::F64(v) => return float(v[i], out),
        Values::Bytes(v) => match std::str::from_utf8(&v[i]) {
            Ok(text) => write_string(text, out),
            Err(_) => return Err(refuse_value(i, name, "not UTF-8")),
        },
    }
    Ok(())
}

/// A value that JSON cannot carry.
pub(crate) fn refuse_value(i: usize, name: &str, what: impl std::fmt::Display) -> Failure {
    let said = format!("value {i} of field `{name}` is {what}, which JSON cannot carry");
    Failure::unplaced(FailureKind::Rejected, said)
}

/// Base64 with padding (RFC 4648 section 4).
pub(crate) fn base64(bytes: &[u8]) -> String {
    let mut text = unpadded(bytes);
    text.extend(std::iter::repeat_n('=', text.len().wrapping_neg() % 4));
    text
}

/// A string in quotes, escaped.
pub(crate) fn write_string(text: &str, out: &mut Vec<u8>) {
    write!(out, "{}", serde_json::Value::from(text)).expect(IN_MEMORY);
}

#[cfg(test)]
mod tests {
    use half::{bf16, f16};
    use proptest::prelude::*;

    use super::*;
    use crate::Dtype;
    use crate::text::{Json, parse};

    fn written(shape: &[usize], values: Values) -> Result<String, Failure> {
        let mut out = Vec::new();
        write_tensor(&Tensor::new("x", shape, values).unwrap(), &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn floats_are_the_exactly_equal_double() {
        assert_eq!(written(&[2], Values::F32(vec![0.1, 1.0])).unwrap(), "[0.10000000149011612,1.0]");
        assert_eq!(written(&[], Values::F16(vec![f16::from_f64(0.1)])).unwrap(), "0.0999755859375");
        assert_eq!(written(&[], Values::Bf16(vec![bf16::from_f64(0.1)])).unwrap(), "0.10009765625");
        assert_eq!(written(&[2], Values::F64(vec![0.1, -0.0])).unwrap(), "[0.1,-0.0]");
    }

    #[test]
    fn shapes_nest() {
        let values = Values::U8((0..6).collect());
        assert_eq!(written(&[2, 3], values.clone()).unwrap(), "[[0,1,2],[3,4,5]]");
        assert_eq!(written(&[3, 1, 2], values).unwrap(), "[[[0,1]],[[2,3]],[[4,5]]]");
        assert_eq!(written(&[2, 0], Values::U8(vec![])).unwrap(), "[[],[]]");
    }

    #[test]
    fn what_json_cannot_carry_is_refused() {
        for v in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let failure = written(&[2], Values::F64(vec![0.0, v])).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Rejected);
            assert!(failure.said.starts_with("value 1 of field `x`"), "{failure}");
        }
        assert!(written(&[1], Values::Bytes(vec![vec![0xff]])).is_err());
        let torn = Tensor { name: "x".into(), shape: [3].into(), values: Values::U8(vec![1]) };
        assert_eq!(write_tensor(&torn, &mut Vec::new()).unwrap_err().kind, FailureKind::Rejected);
    }

    #[test]
    fn base64_is_padded() {
        for (plain, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v")] {
            assert_eq!(base64(plain.as_bytes()), text);
        }
    }

    #[test]
    fn several_fields_are_an_object_by_name() {
        let tensor = |name: &str, shape: &[usize], values| Tensor::new(name, shape, values).unwrap();
        let tensors = vec![
            tensor("a \"b\"", &[], Values::Bool(vec![true])),
            tensor("t", &[1], Values::Bytes(vec!["é\n".into()])),
        ];
        let mut out = Vec::new();
        write_row(&Row { tensors }, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), r#"{"a \"b\"":true,"t":["é\n"]}"#);
    }

    proptest! {
        #[test]
        fn every_type_reads_back(v in -6e4..6e4_f64) {
            for dtype in Dtype::ALL.into_iter().filter(|dtype| *dtype != Dtype::Bytes) {
                let values = crate::cast::cast(&Values::F64(vec![v]), dtype).unwrap().into_owned();
                let number = values.number(0);
                let read = parse(written(&[], values).unwrap().as_bytes()).unwrap();
                match read {
                    Json::Bool(v) => prop_assert_eq!(number, Some(f64::from(u8::from(v)))),
                    read => prop_assert_eq!(read.number(), number, "{}", dtype.name()),
                }
            }
        }

        #[test]
        fn integers_are_exact(v in any::<i64>(), w in any::<u64>()) {
            prop_assert_eq!(written(&[], Values::I64(vec![v])).unwrap(), v.to_string());
            prop_assert_eq!(written(&[], Values::U64(vec![w])).unwrap(), w.to_string());
        }
    }
}
