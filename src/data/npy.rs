//! The npy format: one array with its type and shape, as `numpy.save` writes it.
//!
//! Versions 1 to 3, either byte order, C and Fortran order. The file must hold exactly the bytes that its
//! header announces.

mod header;

use half::f16;
use noisebound_adapters::{Dtype, Values};

use super::DataError;
use super::array::{Array, shape_text};
use header::Kind;
pub(super) use header::{Header, HeaderError};

/// Reads the header at the start of `bytes`.
pub(super) fn header(bytes: &[u8], at: &str) -> Result<Header, DataError> {
    Header::parse(bytes).map_err(|error| error.at(at))
}

/// Reads a whole npy. `at` names it in errors.
pub(super) fn read(bytes: &[u8], at: &str) -> Result<Array, DataError> {
    let header = header(bytes, at)?;
    let elements = &bytes[header.start..];
    if elements.len() != header.size {
        return Err(DataError::malformed(at, mismatch(&header, elements.len())));
    }
    let values = values(&header, elements).map_err(|what| DataError::malformed(at, what))?;
    Ok(Array { shape: header.shape, values })
}

/// How the bytes that there are differ from the bytes that the header announces.
pub(super) fn mismatch(header: &Header, found: usize) -> String {
    let kind = if found < header.size { "is cut short" } else { "is longer than its header says" };
    let shape = shape_text(&header.shape);
    format!("{kind}: shape {shape} takes {} bytes, found {found}; save it again", header.size)
}

impl HeaderError {
    /// The same as an error of a file.
    pub(super) fn at(self, at: &str) -> DataError {
        match self {
            Self::Malformed(what) => DataError::malformed(at, what),
            Self::Unsupported(what) => DataError::unsupported(at, what),
        }
    }
}

/// Decodes the elements, and puts them into C order.
fn values(header: &Header, bytes: &[u8]) -> Result<Values, String> {
    macro_rules! numbers {
        ($type:ty) => {
            in_order(
                header,
                bytes
                    .as_chunks::<{ size_of::<$type>() }>()
                    .0
                    .iter()
                    .map(|b| {
                        if header.big_endian {
                            <$type>::from_be_bytes(*b)
                        } else {
                            <$type>::from_le_bytes(*b)
                        }
                    })
                    .collect(),
            )
        };
    }
    Ok(match header.kind {
        Kind::Number(Dtype::Bool) => Values::Bool(in_order(header, bytes.iter().map(|b| *b != 0).collect())),
        Kind::Number(Dtype::I8) => Values::I8(numbers!(i8)),
        Kind::Number(Dtype::I16) => Values::I16(numbers!(i16)),
        Kind::Number(Dtype::I32) => Values::I32(numbers!(i32)),
        Kind::Number(Dtype::I64) => Values::I64(numbers!(i64)),
        Kind::Number(Dtype::U8) => Values::U8(numbers!(u8)),
        Kind::Number(Dtype::U16) => Values::U16(numbers!(u16)),
        Kind::Number(Dtype::U32) => Values::U32(numbers!(u32)),
        Kind::Number(Dtype::U64) => Values::U64(numbers!(u64)),
        Kind::Number(Dtype::F16) => Values::F16(numbers!(f16)),
        Kind::Number(Dtype::F32) => Values::F32(numbers!(f32)),
        Kind::Number(Dtype::F64) => Values::F64(numbers!(f64)),
        // NumPy has no bfloat16, and texts have kinds of their own.
        Kind::Number(Dtype::Bf16 | Dtype::Bytes) => return Err("holds a type that is not read".into()),
        Kind::ByteText(length) => {
            let texts = bytes.chunks_exact(length).map(|text| unpadded(text).to_vec()).collect();
            Values::Bytes(in_order(header, texts))
        }
        Kind::Text(length) => {
            let texts = bytes.chunks_exact(length * 4).map(|text| utf8(text, header.big_endian));
            Values::Bytes(in_order(header, texts.collect::<Result<_, _>>()?))
        }
    })
}

/// NumPy pads byte strings with zeros.
fn unpadded(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
    &text[..end]
}

/// NumPy stores a text as 32-bit code points, padded with zeros.
fn utf8(text: &[u8], big_endian: bool) -> Result<Vec<u8>, String> {
    let points = text.as_chunks::<4>().0.iter().map(|b| {
        let point = if big_endian { u32::from_be_bytes(*b) } else { u32::from_le_bytes(*b) };
        char::from_u32(point).ok_or_else(|| format!("holds {point:#x}, which is no character"))
    });
    let text: String = points.collect::<Result<_, _>>()?;
    Ok(text.trim_end_matches('\0').as_bytes().to_vec())
}

/// Puts elements that are in Fortran order, the first index fastest, into C order, the last index fastest.
fn in_order<T: Clone>(header: &Header, values: Vec<T>) -> Vec<T> {
    if !header.fortran || header.shape.len() < 2 {
        return values;
    }
    let strides: Vec<usize> = header
        .shape
        .iter()
        .scan(1, |stride, dimension| {
            let this = *stride;
            *stride *= dimension;
            Some(this)
        })
        .collect();
    let mut index = vec![0; header.shape.len()];
    let mut from = 0;
    let mut ordered = Vec::with_capacity(values.len());
    for _ in 0..values.len() {
        ordered.push(values[from].clone());
        // Count up: the last index first, and carry into the one before it.
        for d in (0..index.len()).rev() {
            index[d] += 1;
            from += strides[d];
            if index[d] < header.shape[d] {
                break;
            }
            from -= index[d] * strides[d];
            index[d] = 0;
        }
    }
    ordered
}

#[cfg(test)]
mod tests;
