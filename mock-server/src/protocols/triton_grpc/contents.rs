//! Typed elements of inputs and outputs.

use super::generated::InferTensorContents;
use crate::models::{Element, Values};

/// The values in the field for this type, as Triton looks for them; `None` for the types that have no field.
pub(super) fn read(element: Element, told: &InferTensorContents) -> Option<Values> {
    fn wholes<T: Copy + Into<i128>>(values: &[T]) -> Values {
        Values::Wholes(values.iter().map(|value| (*value).into()).collect())
    }
    Some(match element {
        Element::Bool => wholes(&told.bool_contents),
        Element::Int8 | Element::Int16 | Element::Int32 => wholes(&told.int_contents),
        Element::Int64 => wholes(&told.int64_contents),
        Element::Uint8 | Element::Uint16 | Element::Uint32 => wholes(&told.uint_contents),
        Element::Uint64 => wholes(&told.uint64_contents),
        Element::Fp32 => Values::Floats(told.fp32_contents.iter().map(|value| f64::from(*value)).collect()),
        Element::Fp64 => Values::Floats(told.fp64_contents.clone()),
        Element::Bytes => Values::Texts(told.bytes_contents.clone()),
        Element::Fp16 | Element::Bf16 => return None,
    })
}

/// Values in the field for this type; `None` for the types that have no field, and for those that no model answers with.
pub(super) fn write(element: Element, values: impl Iterator<Item = f64>) -> Option<InferTensorContents> {
    let mut told = InferTensorContents::default();
    match element {
        Element::Bool => told.bool_contents.extend(values.map(|value| value != 0.0)),
        Element::Int8 | Element::Int16 | Element::Int32 => {
            told.int_contents.extend(values.map(|value| value as i32));
        }
        Element::Int64 => told.int64_contents.extend(values.map(|value| value as i64)),
        Element::Uint8 | Element::Uint16 | Element::Uint32 => {
            told.uint_contents.extend(values.map(|value| value as u32));
        }
        Element::Uint64 => told.uint64_contents.extend(values.map(|value| value as u64)),
        Element::Fp32 => told.fp32_contents.extend(values.map(|value| value as f32)),
        Element::Fp64 => told.fp64_contents.extend(values),
        Element::Fp16 | Element::Bf16 | Element::Bytes => return None,
    }
    Some(told)
}
