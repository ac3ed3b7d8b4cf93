//! The types of elements, as the Open Inference Protocol names them, and values of them.

use std::borrow::Cow;

use half::{bf16, f16};

/// The type of the elements of a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the type of the same name in the protocol")]
pub enum Element {
    Bool,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Fp16,
    Bf16,
    Fp32,
    Fp64,
    Bytes,
}

impl Element {
    /// Every type.
    pub const ALL: [Self; 14] = [
        Self::Bool,
        Self::Int8,
        Self::Int16,
        Self::Int32,
        Self::Int64,
        Self::Uint8,
        Self::Uint16,
        Self::Uint32,
        Self::Uint64,
        Self::Fp16,
        Self::Bf16,
        Self::Fp32,
        Self::Fp64,
        Self::Bytes,
    ];

    /// The name in the protocol.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bool => "BOOL",
            Self::Int8 => "INT8",
            Self::Int16 => "INT16",
            Self::Int32 => "INT32",
            Self::Int64 => "INT64",
            Self::Uint8 => "UINT8",
            Self::Uint16 => "UINT16",
            Self::Uint32 => "UINT32",
            Self::Uint64 => "UINT64",
            Self::Fp16 => "FP16",
            Self::Bf16 => "BF16",
            Self::Fp32 => "FP32",
            Self::Fp64 => "FP64",
            Self::Bytes => "BYTES",
        }
    }

    /// The bytes of one element; `None` for texts, which vary.
    pub fn size(self) -> Option<usize> {
        match self {
            Self::Bool | Self::Int8 | Self::Uint8 => Some(1),
            Self::Int16 | Self::Uint16 | Self::Fp16 | Self::Bf16 => Some(2),
            Self::Int32 | Self::Uint32 | Self::Fp32 => Some(4),
            Self::Int64 | Self::Uint64 | Self::Fp64 => Some(8),
            Self::Bytes => None,
        }
    }

    /// The least and the greatest value of a type of whole numbers; a truth is 0 or 1.
    pub fn range(self) -> Option<(i128, i128)> {
        let (least, greatest): (i128, i128) = match self {
            Self::Bool => (0, 1),
            Self::Int8 => (i8::MIN.into(), i8::MAX.into()),
            Self::Int16 => (i16::MIN.into(), i16::MAX.into()),
            Self::Int32 => (i32::MIN.into(), i32::MAX.into()),
            Self::Int64 => (i64::MIN.into(), i64::MAX.into()),
            Self::Uint8 => (0, u8::MAX.into()),
            Self::Uint16 => (0, u16::MAX.into()),
            Self::Uint32 => (0, u32::MAX.into()),
            Self::Uint64 => (0, u64::MAX.into()),
            Self::Fp16 | Self::Bf16 | Self::Fp32 | Self::Fp64 | Self::Bytes => return None,
        };
        Some((least, greatest))
    }

    /// The number as this type holds it: rounded, and inside the range of whole numbers.
    #[inline]
    pub fn round(self, value: f64) -> f64 {
        match (self, self.range()) {
            (Self::Fp32, _) => f64::from(value as f32),
            (Self::Fp16, _) => f16::from_f64(value).to_f64(),
            (Self::Bf16, _) => bf16::from_f64(value).to_f64(),
            (_, Some((least, greatest))) => value.round_ties_even().clamp(least as f64, greatest as f64),
            (_, None) => value,
        }
    }
}

/// Values of one type, held so that each is exact.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Of the four types of floats.
    Floats(Vec<f64>),
    /// Of the eight types of whole numbers, and truths as 0 and 1.
    Wholes(Vec<i128>),
    /// Bytes, which mostly are texts.
    Texts(Vec<Vec<u8>>),
}

impl Values {
    /// No value yet of this type.
    pub fn none(element: Element) -> Self {
        match element.range() {
            Some(_) => Self::Wholes(Vec::new()),
            None if element == Element::Bytes => Self::Texts(Vec::new()),
            None => Self::Floats(Vec::new()),
        }
    }

    /// These numbers as that type holds them; none where it holds texts.
    pub fn from_numbers(element: Element, mut numbers: Vec<f64>) -> Self {
        for number in &mut numbers {
            *number = element.round(*number);
        }
        match Self::none(element) {
            Self::Floats(_) => Self::Floats(numbers),
            Self::Wholes(_) => Self::Wholes(numbers.iter().map(|number| *number as i128).collect()),
            none @ Self::Texts(_) => none,
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Floats(values) => values.len(),
            Self::Wholes(values) => values.len(),
            Self::Texts(values) => values.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// So many values from this place on; fewer at the end.
    #[must_use]
    pub fn part(&self, from: usize, count: usize) -> Self {
        let to = from.saturating_add(count).min(self.len());
        let from = from.min(to);
        match self {
            Self::Floats(values) => Self::Floats(values[from..to].to_vec()),
            Self::Wholes(values) => Self::Wholes(values[from..to].to_vec()),
            Self::Texts(values) => Self::Texts(values[from..to].to_vec()),
        }
    }

    /// The values as 64-bit floats, which large whole numbers do not survive; a text counts as its length.
    pub fn numbers(&self) -> Cow<'_, [f64]> {
        match self {
            Self::Floats(values) => Cow::Borrowed(values),
            Self::Wholes(values) => values.iter().map(|value| *value as f64).collect(),
            Self::Texts(values) => values.iter().map(|value| value.len() as f64).collect(),
        }
    }

    /// The first one, if it is a whole number.
    pub fn whole(&self) -> Option<i128> {
        let Self::Wholes(values) = self else { return None };
        values.first().copied()
    }

    /// The first one, if it is a text.
    pub fn text(&self) -> Option<&[u8]> {
        let Self::Texts(values) = self else { return None };
        values.first().map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_what_the_type_holds() {
        assert_eq!(Values::from_numbers(Element::Fp16, vec![2049.0]), Values::Floats(vec![2048.0]));
        assert_eq!(
            Values::from_numbers(Element::Uint8, vec![-1.0, 2.5, 300.0]),
            Values::Wholes(vec![0, 2, 255])
        );
        assert_eq!(Values::from_numbers(Element::Bytes, vec![1.0]), Values::Texts(vec![]));
    }

    #[test]
    fn a_part_ends_at_the_end() {
        let values = Values::Wholes(vec![1, 2, 3]);
        assert_eq!(values.part(1, 9), Values::Wholes(vec![2, 3]));
        assert_eq!(values.part(7, 1), Values::Wholes(vec![]));
    }
}
