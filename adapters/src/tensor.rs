//! Typed tensors and the row that carries one of them for each model input.

use std::sync::Arc;

use half::{bf16, f16};

use crate::Dtype;

/// The dimensions of one row's tensor, without any batch dimension; empty for a single number.
pub type Shape = Arc<[usize]>;

/// Contiguous values of one type, row-major.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each variant is the Dtype of the same name")]
pub enum Values {
    Bool(Vec<bool>),
    I8(Vec<i8>),
    I16(Vec<i16>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
    U64(Vec<u64>),
    F16(Vec<f16>),
    Bf16(Vec<bf16>),
    F32(Vec<f32>),
    F64(Vec<f64>),
    Bytes(Vec<Vec<u8>>),
}

/// Runs the same expression on the vector of whichever variant the values are.
macro_rules! each {
    ($values:expr, $vec:ident => $body:expr) => {
        match $values {
            Values::Bool($vec) => $body,
            Values::I8($vec) => $body,
            Values::I16($vec) => $body,
            Values::I32($vec) => $body,
            Values::I64($vec) => $body,
            Values::U8($vec) => $body,
            Values::U16($vec) => $body,
            Values::U32($vec) => $body,
            Values::U64($vec) => $body,
            Values::F16($vec) => $body,
            Values::Bf16($vec) => $body,
            Values::F32($vec) => $body,
            Values::F64($vec) => $body,
            Values::Bytes($vec) => $body,
        }
    };
}

impl Values {
    /// No values yet of this type.
    pub fn empty(dtype: Dtype) -> Self {
        match dtype {
            Dtype::Bool => Self::Bool(Vec::new()),
            Dtype::I8 => Self::I8(Vec::new()),
            Dtype::I16 => Self::I16(Vec::new()),
            Dtype::I32 => Self::I32(Vec::new()),
            Dtype::I64 => Self::I64(Vec::new()),
            Dtype::U8 => Self::U8(Vec::new()),
            Dtype::U16 => Self::U16(Vec::new()),
            Dtype::U32 => Self::U32(Vec::new()),
            Dtype::U64 => Self::U64(Vec::new()),
            Dtype::F16 => Self::F16(Vec::new()),
            Dtype::Bf16 => Self::Bf16(Vec::new()),
            Dtype::F32 => Self::F32(Vec::new()),
            Dtype::F64 => Self::F64(Vec::new()),
            Dtype::Bytes => Self::Bytes(Vec::new()),
        }
    }

    /// The type of the elements.
    pub const fn dtype(&self) -> Dtype {
        match self {
            Self::Bool(_) => Dtype::Bool,
            Self::I8(_) => Dtype::I8,
            Self::I16(_) => Dtype::I16,
            Self::I32(_) => Dtype::I32,
            Self::I64(_) => Dtype::I64,
            Self::U8(_) => Dtype::U8,
            Self::U16(_) => Dtype::U16,
            Self::U32(_) => Dtype::U32,
            Self::U64(_) => Dtype::U64,
            Self::F16(_) => Dtype::F16,
            Self::Bf16(_) => Dtype::Bf16,
            Self::F32(_) => Dtype::F32,
            Self::F64(_) => Dtype::F64,
            Self::Bytes(_) => Dtype::Bytes,
        }
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        each!(self, values => values.len())
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Removes every element and keeps the allocation.
    pub fn clear(&mut self) {
        each!(self, values => values.clear());
    }

    /// Replaces the content by the first element of `one`, `count` times; by nothing where it has none.
    pub fn repeat(&mut self, one: &Self, count: usize) {
        macro_rules! repeat {
            ($($variant:ident),*) => {
                match one {
                    $(Self::$variant(of) => {
                        *self = Self::$variant(of.first().map_or_else(Vec::new, |v| vec![v.clone(); count]));
                    })*
                }
            };
        }
        repeat!(Bool, I8, I16, I32, I64, U8, U16, U32, U64, F16, Bf16, F32, F64, Bytes);
    }

    /// The element at `i` as a number; `None` beyond the end or for bytes. Integers beyond 2^53 lose
    /// their last digits here, so what must stay exact is matched on instead.
    pub fn number(&self, i: usize) -> Option<f64> {
        match self {
            Self::Bool(values) => values.get(i).map(|v| f64::from(u8::from(*v))),
            Self::I8(values) => values.get(i).map(|v| f64::from(*v)),
            Self::I16(values) => values.get(i).map(|v| f64::from(*v)),
            Self::I32(values) => values.get(i).map(|v| f64::from(*v)),
            Self::I64(values) => values.get(i).map(|v| *v as f64),
            Self::U8(values) => values.get(i).map(|v| f64::from(*v)),
            Self::U16(values) => values.get(i).map(|v| f64::from(*v)),
            Self::U32(values) => values.get(i).map(|v| f64::from(*v)),
            Self::U64(values) => values.get(i).map(|v| *v as f64),
            Self::F16(values) => values.get(i).map(|v| f64::from(*v)),
            Self::Bf16(values) => values.get(i).map(|v| f64::from(*v)),
            Self::F32(values) => values.get(i).map(|v| f64::from(*v)),
            Self::F64(values) => values.get(i).copied(),
            Self::Bytes(_) => None,
        }
    }

    /// Stores `v` at `i` as [`Dtype::realise`] gives it. Elements beyond the end, and bytes, are left
    /// alone.
    pub fn set_number(&mut self, i: usize, v: f64) {
        let v = self.dtype().realise(v);
        match self {
            Self::Bool(values) => set(values, i, v != 0.0),
            Self::I8(values) => set(values, i, v as i8),
            Self::I16(values) => set(values, i, v as i16),
            Self::I32(values) => set(values, i, v as i32),
            Self::I64(values) => set(values, i, v as i64),
            Self::U8(values) => set(values, i, v as u8),
            Self::U16(values) => set(values, i, v as u16),
            Self::U32(values) => set(values, i, v as u32),
            Self::U64(values) => set(values, i, v as u64),
            Self::F16(values) => set(values, i, f16::from_f64(v)),
            Self::Bf16(values) => set(values, i, bf16::from_f64(v)),
            Self::F32(values) => set(values, i, v as f32),
            Self::F64(values) => set(values, i, v),
            Self::Bytes(_) => {}
        }
    }

    /// Replaces the content by elements `from .. from + count` of `source`, and keeps the allocation when
    /// the types agree. A range beyond the end of `source` copies what there is.
    pub fn copy_from(&mut self, source: &Self, from: usize, count: usize) {
        macro_rules! copy {
            ($($variant:ident),*) => {
                match (&mut *self, source) {
                    $((Self::$variant(to), Self::$variant(of)) => {
                        to.clear();
                        to.extend_from_slice(part(of, from, count));
                    })*
                    (to, of) => {
                        *to = Self::empty(of.dtype());
                        to.copy_from(of, from, count);
                    }
                }
            };
        }
        copy!(Bool, I8, I16, I32, I64, U8, U16, U32, U64, F16, Bf16, F32, F64, Bytes);
    }
}

fn set<T>(values: &mut [T], i: usize, v: T) {
    if let Some(place) = values.get_mut(i) {
        *place = v;
    }
}

fn part<T>(values: &[T], from: usize, count: usize) -> &[T] {
    let from = from.min(values.len());
    let to = from.saturating_add(count).min(values.len());
    &values[from..to]
}

/// A named tensor: the values of one model input or output for one row.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// The name of the field, input or output.
    pub name: Arc<str>,
    /// The dimensions for one row; their product is the number of values.
    pub shape: Shape,
    /// The elements, row-major.
    pub values: Values,
}

impl Tensor {
    /// A tensor whose dimensions must multiply to the number of values; `None` otherwise.
    pub fn new(name: impl Into<Arc<str>>, shape: impl Into<Shape>, values: Values) -> Option<Self> {
        let shape = shape.into();
        (shape.iter().product::<usize>() == values.len()).then(|| Self { name: name.into(), shape, values })
    }
}

/// What one row sends: a tensor for each model input. The buffer is reused from draw to draw.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// The tensors, in the order of the data set's fields.
    pub tensors: Vec<Tensor>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_stores_what_realise_says() {
        for dtype in Dtype::ALL.into_iter().filter(|dtype| *dtype != Dtype::Bytes) {
            for v in [-3.7, 0.0, 0.5, 1.5, 41.3, 1e9] {
                let mut values = Values::empty(Dtype::F64);
                values.copy_from(&Values::F64(vec![1.0]), 0, 1);
                let mut typed = one(dtype);
                typed.set_number(0, v);
                assert_eq!(typed.number(0), Some(dtype.realise(v)), "{} of {v}", dtype.name());
            }
        }
    }

    #[test]
    fn copying_changes_the_type_and_stops_at_the_end() {
        let mut to = Values::F32(vec![9.0]);
        to.copy_from(&Values::I64(vec![1, i64::MAX, 3]), 1, 5);
        assert_eq!(to, Values::I64(vec![i64::MAX, 3]));
        to.copy_from(&Values::I64(vec![1]), 7, 1);
        assert!(to.is_empty());
    }

    #[test]
    fn a_tensor_needs_as_many_values_as_its_shape_says() {
        assert!(Tensor::new("x", [2, 2], Values::U8(vec![0; 4])).is_some());
        assert!(Tensor::new("x", [2, 2], Values::U8(vec![0; 3])).is_none());
        assert!(Tensor::new("x", [], Values::F64(vec![0.5])).is_some());
    }

    fn one(dtype: Dtype) -> Values {
        match dtype {
            Dtype::Bool => Values::Bool(vec![false]),
            Dtype::I8 => Values::I8(vec![0]),
            Dtype::I16 => Values::I16(vec![0]),
            Dtype::I32 => Values::I32(vec![0]),
            Dtype::I64 => Values::I64(vec![0]),
            Dtype::U8 => Values::U8(vec![0]),
            Dtype::U16 => Values::U16(vec![0]),
            Dtype::U32 => Values::U32(vec![0]),
            Dtype::U64 => Values::U64(vec![0]),
            Dtype::F16 => Values::F16(vec![f16::ZERO]),
            Dtype::Bf16 => Values::Bf16(vec![bf16::ZERO]),
            Dtype::F32 => Values::F32(vec![0.0]),
            Dtype::F64 => Values::F64(vec![0.0]),
            Dtype::Bytes => Values::Bytes(vec![Vec::new()]),
        }
    }
}
