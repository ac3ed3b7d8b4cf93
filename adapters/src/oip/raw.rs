//! Raw tensors: little-endian elements one after the other, strings with their length before them.

use half::{bf16, f16};

use crate::{Dtype, Values};

/// How many bytes the values take.
pub(crate) fn size(values: &Values) -> usize {
    match values {
        Values::Bytes(items) => items.iter().map(|item| 4 + item.len()).sum(),
        values => values.len() * values.dtype().size().unwrap_or(0),
    }
}

/// Appends the values. A string of 4 GiB or more does not fit and is cut, which no row can hold.
pub(crate) fn write(values: &Values, out: &mut Vec<u8>) {
    macro_rules! raw {
        ($values:expr) => {
            for value in $values {
                out.extend_from_slice(&value.to_le_bytes());
            }
        };
    }
    match values {
        Values::Bool(v) => out.extend(v.iter().map(|v| u8::from(*v))),
        Values::U8(v) => out.extend_from_slice(v),
        Values::I8(v) => raw!(v),
        Values::I16(v) => raw!(v),
        Values::I32(v) => raw!(v),
        Values::I64(v) => raw!(v),
        Values::U16(v) => raw!(v),
        Values::U32(v) => raw!(v),
        Values::U64(v) => raw!(v),
        Values::F16(v) => raw!(v),
        Values::Bf16(v) => raw!(v),
        Values::F32(v) => raw!(v),
        Values::F64(v) => raw!(v),
        Values::Bytes(items) => {
            for item in items {
                let length = u32::try_from(item.len()).unwrap_or(u32::MAX);
                out.extend_from_slice(&length.to_le_bytes());
                out.extend_from_slice(&item[..length as usize]);
            }
        }
    }
}

/// Reads as many values as the bytes hold; `None` when some bytes are left over.
pub(crate) fn read(dtype: Dtype, bytes: &[u8]) -> Option<Values> {
    macro_rules! raw {
        ($variant:ident, $type:ty) => {{
            let (elements, rest) = bytes.as_chunks::<{ size_of::<$type>() }>();
            rest.is_empty().then(|| {
                Values::$variant(elements.iter().map(|element| <$type>::from_le_bytes(*element)).collect())
            })
        }};
    }
    match dtype {
        Dtype::Bool => Some(Values::Bool(bytes.iter().map(|byte| *byte != 0).collect())),
        Dtype::I8 => raw!(I8, i8),
        Dtype::I16 => raw!(I16, i16),
        Dtype::I32 => raw!(I32, i32),
        Dtype::I64 => raw!(I64, i64),
        Dtype::U8 => raw!(U8, u8),
        Dtype::U16 => raw!(U16, u16),
        Dtype::U32 => raw!(U32, u32),
        Dtype::U64 => raw!(U64, u64),
        Dtype::F16 => raw!(F16, f16),
        Dtype::Bf16 => raw!(Bf16, bf16),
        Dtype::F32 => raw!(F32, f32),
        Dtype::F64 => raw!(F64, f64),
        Dtype::Bytes => strings(bytes).map(Values::Bytes),
    }
}

fn strings(mut bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut items = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (item, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        items.push(item.to_vec());
        bytes = rest;
    }
    Some(items)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bytes_lie_as_the_protocol_says() {
        let written = |values: &Values| {
            let mut out = Vec::new();
            write(values, &mut out);
            assert_eq!(out.len(), size(values));
            out
        };
        assert_eq!(written(&Values::Bool(vec![true, false])), [1, 0]);
        assert_eq!(written(&Values::I16(vec![-2])), [0xfe, 0xff]);
        assert_eq!(written(&Values::I64(vec![i64::MAX])), [255, 255, 255, 255, 255, 255, 255, 127]);
        assert_eq!(written(&Values::F32(vec![1.0])), [0, 0, 0x80, 0x3f]);
        assert_eq!(written(&Values::F16(vec![f16::from_f64(1.0)])), [0, 0x3c]);
        // The upper half of the 32-bit float.
        assert_eq!(written(&Values::Bf16(vec![bf16::from_f64(1.0)])), [0x80, 0x3f]);
        assert_eq!(
            written(&Values::Bytes(vec![b"ab".to_vec(), vec![]])),
            [2, 0, 0, 0, b'a', b'b', 0, 0, 0, 0]
        );
    }

    #[test]
    fn torn_bytes_are_refused() {
        assert_eq!(read(Dtype::F32, &[0; 5]), None);
        assert_eq!(read(Dtype::Bytes, &[2, 0, 0, 0, b'a']), None);
        assert_eq!(read(Dtype::Bytes, &[1, 0, 0]), None);
        assert_eq!(read(Dtype::Bytes, &[255, 255, 255, 255]), None);
    }

    proptest! {
        #[test]
        fn what_is_read_writes_back(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            for dtype in Dtype::ALL {
                let Some(values) = read(dtype, &bytes) else { continue };
                let mut out = Vec::new();
                write(&values, &mut out);
                if dtype == Dtype::Bool {
                    prop_assert_eq!(out.len(), bytes.len());
                } else {
                    prop_assert_eq!(&out, &bytes, "{}", dtype.name());
                }
            }
        }
    }
}
