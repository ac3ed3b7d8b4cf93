//! Typed elements, as they travel beside the raw ones. 16-bit floats have no field here.

use super::generated::InferTensorContents;
use crate::{Dtype, Values};

/// Appends values; `None` where their type has no field.
pub(super) fn write(values: &Values, out: &mut InferTensorContents) -> Option<()> {
    match values {
        Values::Bool(v) => out.bool_contents.extend(v),
        Values::I8(v) => out.int_contents.extend(v.iter().map(|v| i32::from(*v))),
        Values::I16(v) => out.int_contents.extend(v.iter().map(|v| i32::from(*v))),
        Values::I32(v) => out.int_contents.extend(v),
        Values::I64(v) => out.int64_contents.extend(v),
        Values::U8(v) => out.uint_contents.extend(v.iter().map(|v| u32::from(*v))),
        Values::U16(v) => out.uint_contents.extend(v.iter().map(|v| u32::from(*v))),
        Values::U32(v) => out.uint_contents.extend(v),
        Values::U64(v) => out.uint64_contents.extend(v),
        Values::F32(v) => out.fp32_contents.extend(v),
        Values::F64(v) => out.fp64_contents.extend(v),
        Values::Bytes(v) => out.bytes_contents.extend(v.iter().cloned()),
        Values::F16(_) | Values::Bf16(_) => return None,
    }
    Some(())
}

/// The values of the field for this type; `None` where there is none, or where one does not fit.
pub(super) fn read(dtype: Dtype, told: &InferTensorContents) -> Option<Values> {
    fn narrow<T: Copy, U: TryFrom<T>>(values: &[T]) -> Option<Vec<U>> {
        values.iter().map(|value| U::try_from(*value).ok()).collect()
    }
    Some(match dtype {
        Dtype::Bool => Values::Bool(told.bool_contents.clone()),
        Dtype::I8 => Values::I8(narrow(&told.int_contents)?),
        Dtype::I16 => Values::I16(narrow(&told.int_contents)?),
        Dtype::I32 => Values::I32(told.int_contents.clone()),
        Dtype::I64 => Values::I64(told.int64_contents.clone()),
        Dtype::U8 => Values::U8(narrow(&told.uint_contents)?),
        Dtype::U16 => Values::U16(narrow(&told.uint_contents)?),
        Dtype::U32 => Values::U32(told.uint_contents.clone()),
        Dtype::U64 => Values::U64(told.uint64_contents.clone()),
        Dtype::F32 => Values::F32(told.fp32_contents.clone()),
        Dtype::F64 => Values::F64(told.fp64_contents.clone()),
        Dtype::Bytes => Values::Bytes(told.bytes_contents.clone()),
        Dtype::F16 | Dtype::Bf16 => return None,
    })
}
