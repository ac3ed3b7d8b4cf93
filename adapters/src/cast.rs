//! Values of one element type as another, the way a server would store them.
//!
//! The invariant: an integer never passes through a float on its way to an integer.

use std::borrow::Cow;

use half::{bf16, f16};

use crate::{Dtype, Values};

/// Why values cannot be stored as another type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CastError {
    /// One side is text.
    #[error("{} values cannot be sent as {}", .from.name(), .to.name())]
    Kind { from: Dtype, to: Dtype },
    /// NaN or an infinity has no integer.
    #[error("value {0} is not finite and the model takes integers")]
    NonFinite(usize),
}

/// What becomes of a number on its way into another type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// It stays the same number.
    Exact,
    /// It becomes the nearest that there is.
    Rounded,
    /// It is beyond all that there are, and becomes the last one or an infinity; or a truth value that is neither 0 nor 1.
    Beyond,
}

impl Values {
    /// What becomes of the element at `i` where a model takes `to`; `None` beyond the end, and for texts.
    pub fn stored(&self, i: usize, to: Dtype) -> Option<Stored> {
        if to == Dtype::Bytes || i >= self.len() {
            return None;
        }
        // Most data are floats for a model of floats.
        if let (true, true, Some(v)) = (self.dtype().is_float(), to.is_float(), self.number(i)) {
            let stored = to.realise(v);
            return Some(match stored.is_finite() {
                true if stored == v => Stored::Exact,
                true => Stored::Rounded,
                false => Stored::Beyond,
            });
        }
        let mut one = Self::empty(self.dtype());
        one.copy_from(self, i, 1);
        let number = *numbers(&one).first()?;
        let stored = *numbers(&store(&[number], to)).first()?;
        let last = |v: f64| to.realise(v) != v && (v - to.realise(v)).abs() > 0.5;
        Some(match (number, stored) {
            (Number::Int(v), Number::Int(stored)) if v == stored => Stored::Exact,
            // A float of 2^127 and more is no number that an integer of 64 bits could have become.
            (Number::Int(v), Number::Float(stored)) if stored.is_finite() => {
                if stored as i128 == v {
                    Stored::Exact
                } else {
                    Stored::Rounded
                }
            }
            (Number::Float(v), Number::Float(stored)) if stored.is_finite() => {
                if stored == v {
                    Stored::Exact
                } else {
                    Stored::Rounded
                }
            }
            (Number::Int(_), Number::Int(_)) | (_, Number::Float(_)) => Stored::Beyond,
            (Number::Float(v), Number::Int(stored)) if stored as f64 == v => Stored::Exact,
            (Number::Float(v), Number::Int(_)) if last(v) || to == Dtype::Bool => Stored::Beyond,
            (Number::Float(_), Number::Int(_)) => Stored::Rounded,
        })
    }
}

#[derive(Clone, Copy)]
enum Number {
    Int(i128),
    Float(f64),
}

/// The values as `to`: integers held inside the range of `to`, floats as [`Dtype::realise`] gives them.
pub(crate) fn cast(values: &Values, to: Dtype) -> Result<Cow<'_, Values>, CastError> {
    let from = values.dtype();
    if from == to {
        return Ok(Cow::Borrowed(values));
    }
    if from == Dtype::Bytes || to == Dtype::Bytes {
        return Err(CastError::Kind { from, to });
    }
    let numbers = numbers(values);
    let floats = matches!(to, Dtype::F16 | Dtype::Bf16 | Dtype::F32 | Dtype::F64);
    let bad = numbers.iter().position(|number| matches!(number, Number::Float(v) if !v.is_finite()));
    if let (false, Some(i)) = (floats, bad) {
        return Err(CastError::NonFinite(i));
    }
    Ok(Cow::Owned(store(&numbers, to)))
}

fn numbers(values: &Values) -> Vec<Number> {
    fn ints<T: Copy + Into<i128>>(values: &[T]) -> Vec<Number> {
        values.iter().map(|v| Number::Int((*v).into())).collect()
    }
    fn floats<T: Copy + Into<f64>>(values: &[T]) -> Vec<Number> {
        values.iter().map(|v| Number::Float((*v).into())).collect()
    }
    match values {
        Values::Bool(v) => ints(v),
        Values::I8(v) => ints(v),
        Values::I16(v) => ints(v),
        Values::I32(v) => ints(v),
        Values::I64(v) => ints(v),
        Values::U8(v) => ints(v),
        Values::U16(v) => ints(v),
        Values::U32(v) => ints(v),
        Values::U64(v) => ints(v),
        Values::F16(v) => floats(v),
        Values::Bf16(v) => floats(v),
        Values::F32(v) => floats(v),
        Values::F64(v) => floats(v),
        Values::Bytes(_) => Vec::new(),
    }
}

fn store(numbers: &[Number], to: Dtype) -> Values {
    macro_rules! ints {
        ($variant:ident, $int:ty) => {
            Values::$variant(
                numbers
                    .iter()
                    .map(|number| whole(*number, to).clamp(<$int>::MIN.into(), <$int>::MAX.into()) as $int)
                    .collect(),
            )
        };
    }
    let floats = || numbers.iter().map(|number| float(*number));
    match to {
        Dtype::Bool => Values::Bool(numbers.iter().map(|number| whole(*number, to) != 0).collect()),
        Dtype::I8 => ints!(I8, i8),
        Dtype::I16 => ints!(I16, i16),
        Dtype::I32 => ints!(I32, i32),
        Dtype::I64 => ints!(I64, i64),
        Dtype::U8 => ints!(U8, u8),
        Dtype::U16 => ints!(U16, u16),
        Dtype::U32 => ints!(U32, u32),
        Dtype::U64 => ints!(U64, u64),
        Dtype::F16 => Values::F16(floats().map(f16::from_f64).collect()),
        Dtype::Bf16 => Values::Bf16(floats().map(bf16::from_f64).collect()),
        Dtype::F32 => Values::F32(
            numbers
                .iter()
                .map(|number| match number {
                    Number::Int(v) => *v as f32,
                    Number::Float(v) => *v as f32,
                })
                .collect(),
        ),
        Dtype::F64 => Values::F64(floats().collect()),
        Dtype::Bytes => Values::Bytes(Vec::new()),
    }
}

fn whole(number: Number, to: Dtype) -> i128 {
    match number {
        Number::Int(v) => v,
        Number::Float(v) => to.realise(v) as i128,
    }
}

fn float(number: Number) -> f64 {
    match number {
        Number::Int(v) => v as f64,
        Number::Float(v) => v,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn integers_stay_exact_and_in_range() {
        let big = Values::I64(vec![9_007_199_254_740_993, -1, i64::MAX]);
        assert_eq!(
            cast(&big, Dtype::U64).unwrap().as_ref(),
            &Values::U64(vec![9_007_199_254_740_993, 0, i64::MAX as u64])
        );
        assert_eq!(cast(&big, Dtype::I8).unwrap().as_ref(), &Values::I8(vec![127, -1, 127]));
        let top = Values::U64(vec![u64::MAX]);
        assert_eq!(cast(&top, Dtype::I64).unwrap().as_ref(), &Values::I64(vec![i64::MAX]));
        assert_eq!(
            cast(&Values::F64(vec![1e300]), Dtype::I64).unwrap().as_ref(),
            &Values::I64(vec![i64::MAX])
        );
    }

    #[test]
    fn what_becomes_of_a_number_is_told() {
        use Stored::{Beyond, Exact, Rounded};
        let ids = Values::I64(vec![3_000_000_000, -1, 16_777_217, 9_007_199_254_740_993, 1]);
        let told =
            |values: &Values, to| (0..values.len()).filter_map(|i| values.stored(i, to)).collect::<Vec<_>>();
        assert_eq!(told(&ids, Dtype::I32), [Beyond, Exact, Exact, Beyond, Exact]);
        assert_eq!(told(&ids, Dtype::U64), [Exact, Beyond, Exact, Exact, Exact]);
        assert_eq!(told(&ids, Dtype::I8), [Beyond, Exact, Beyond, Beyond, Exact]);
        assert_eq!(told(&ids, Dtype::Bool), [Beyond, Beyond, Beyond, Beyond, Exact]);
        assert_eq!(told(&ids, Dtype::F32), [Exact, Exact, Rounded, Rounded, Exact]);
        assert_eq!(told(&ids, Dtype::F64), [Exact, Exact, Exact, Rounded, Exact]);
        assert_eq!(told(&Values::I64(vec![70_000]), Dtype::F16), [Beyond]);
        assert_eq!(told(&ids, Dtype::Bytes), []);
        let floats = Values::F64(vec![0.1, 70_000.0, 2.5, -3.0, 1e300, 1.0]);
        assert_eq!(told(&floats, Dtype::F16), [Rounded, Beyond, Exact, Exact, Beyond, Exact]);
        assert_eq!(told(&floats, Dtype::U8), [Rounded, Beyond, Rounded, Beyond, Beyond, Exact]);
        assert_eq!(told(&floats, Dtype::I64), [Rounded, Exact, Rounded, Exact, Beyond, Exact]);
        assert_eq!(told(&floats, Dtype::Bool), [Beyond, Beyond, Beyond, Beyond, Beyond, Exact]);
        assert_eq!(told(&floats, Dtype::F64), [Exact; 6]);
        assert_eq!(told(&Values::U64(vec![u64::MAX]), Dtype::I64), [Beyond]);
        assert_eq!(told(&Values::Bytes(vec![b"7".to_vec()]), Dtype::I64), []);
    }

    #[test]
    fn the_same_type_is_not_copied() {
        assert!(matches!(cast(&Values::F32(vec![1.0]), Dtype::F32), Ok(Cow::Borrowed(_))));
    }

    #[test]
    fn text_and_what_is_not_finite_are_refused() {
        let text = Values::Bytes(vec![b"1".to_vec()]);
        assert!(
            cast(&text, Dtype::F32).unwrap_err().to_string().contains("BYTES values cannot be sent as FP32")
        );
        assert!(cast(&Values::F32(vec![1.0]), Dtype::Bytes).is_err());
        assert_eq!(cast(&Values::F32(vec![1.0, f32::NAN]), Dtype::I32), Err(CastError::NonFinite(1)));
        assert!(cast(&Values::F32(vec![f32::NAN]), Dtype::F64).is_ok());
    }

    proptest! {
        #[test]
        fn floats_become_what_realise_says(v in any::<f64>().prop_filter("finite", |v| v.is_finite())) {
            for to in Dtype::ALL.into_iter().filter(|to| *to != Dtype::Bytes) {
                let stored = cast(&Values::F64(vec![v]), to).unwrap().into_owned();
                prop_assert_eq!(stored.number(0), Some(to.realise(v)), "{}", to.name());
            }
        }
    }
}
