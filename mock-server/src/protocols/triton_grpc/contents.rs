//! Typed elements of an input.

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
