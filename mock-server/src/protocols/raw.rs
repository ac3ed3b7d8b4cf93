//! Raw tensors of the Open Inference Protocol: little-endian elements one after the other, texts with their length
//! before them.

use half::{bf16, f16};

use crate::models::{Element, Output, Values};

/// As many values as the bytes hold; `None` where some are left over.
pub(super) fn read(element: Element, bytes: &[u8]) -> Option<Values> {
    macro_rules! whole {
        ($type:ty) => {{
            let (items, rest) = bytes.as_chunks::<{ size_of::<$type>() }>();
            rest.is_empty().then(|| {
                Values::Wholes(items.iter().map(|item| <$type>::from_le_bytes(*item).into()).collect())
            })
        }};
    }
    macro_rules! float {
        ($type:ty) => {{
            let (items, rest) = bytes.as_chunks::<{ size_of::<$type>() }>();
            rest.is_empty().then(|| {
                Values::Floats(items.iter().map(|item| <$type>::from_le_bytes(*item).into()).collect())
            })
        }};
    }
    match element {
        Element::Bool => Some(Values::Wholes(bytes.iter().map(|byte| i128::from(*byte != 0)).collect())),
        Element::Int8 => whole!(i8),
        Element::Int16 => whole!(i16),
        Element::Int32 => whole!(i32),
        Element::Int64 => whole!(i64),
        Element::Uint8 => whole!(u8),
        Element::Uint16 => whole!(u16),
        Element::Uint32 => whole!(u32),
        Element::Uint64 => whole!(u64),
        Element::Fp16 => float!(f16),
        Element::Bf16 => float!(bf16),
        Element::Fp32 => float!(f32),
        Element::Fp64 => float!(f64),
        Element::Bytes => texts(bytes).map(Values::Texts),
    }
}

fn texts(mut bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut items = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (item, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        items.push(item.to_vec());
        bytes = rest;
    }
    Some(items)
}

/// Appends a text with its length before it.
pub(super) fn write_text(text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&(text.len() as u32).to_le_bytes());
    out.extend_from_slice(text);
}

/// Appends values of an output as its elements; of texts the labels at their places.
pub(super) fn write(output: &Output, values: impl Iterator<Item = f64>, out: &mut Vec<u8>) {
    macro_rules! put {
        ($value:ident => $element:expr) => {
            for $value in values {
                out.extend_from_slice(&($element).to_le_bytes());
            }
        };
    }
    match output.element {
        Element::Bool => out.extend(values.map(|value| u8::from(value != 0.0))),
        Element::Int8 => put!(value => value as i8),
        Element::Int16 => put!(value => value as i16),
        Element::Int32 => put!(value => value as i32),
        Element::Int64 => put!(value => value as i64),
        Element::Uint8 => put!(value => value as u8),
        Element::Uint16 => put!(value => value as u16),
        Element::Uint32 => put!(value => value as u32),
        Element::Uint64 => put!(value => value as u64),
        Element::Fp16 => put!(value => f16::from_f64(value)),
        Element::Bf16 => put!(value => bf16::from_f64(value)),
        Element::Fp32 => put!(value => value as f32),
        Element::Fp64 => put!(value => value),
        Element::Bytes => values.for_each(|value| write_text(label(output, value).as_bytes(), out)),
    }
}

/// The name of the class at this place, or its number.
pub(super) fn label(output: &Output, value: f64) -> String {
    output.labels.get(value as usize).cloned().unwrap_or_else(|| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_reads_back_what_it_writes() {
        for element in Element::ALL {
            let mut output = Output::new("o", element, 2);
            output.labels = vec!["no".into(), "yes".into()];
            let mut bytes = Vec::new();
            write(&output, [0.0, 1.0].into_iter(), &mut bytes);
            let read = read(element, &bytes).unwrap();
            let expected = if element == Element::Bytes { [2.0, 3.0] } else { [0.0, 1.0] };
            assert_eq!(*read.numbers(), expected, "{}", element.name());
        }
        assert_eq!(super::read(Element::Fp32, &[0; 5]), None);
        assert_eq!(super::read(Element::Bytes, &[9, 0, 0, 0, 1]), None);
        let id = 9_007_199_254_740_993_i64;
        assert_eq!(super::read(Element::Int64, &id.to_le_bytes()), Some(Values::Wholes(vec![id.into()])));
    }
}
