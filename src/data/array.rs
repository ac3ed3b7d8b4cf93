//! An array as a file holds it: any number of dimensions, the first of them the rows.

use noisebound_adapters::{Dtype, Values};

use super::DataError;

/// An array in C order. The dimensions multiply to the number of values; all of them are finite.
#[derive(Debug, PartialEq)]
pub(super) struct Array {
    /// Every dimension, the rows first.
    pub shape: Vec<usize>,
    /// The elements; texts are `Values::Bytes` in UTF-8 or as the file holds them.
    pub values: Values,
}

impl Array {
    /// The number of rows and of elements of one row, neither of them 0; checks that every number is
    /// finite.
    pub fn checked(&self, at: &str) -> Result<(usize, usize), DataError> {
        let Some((&rows, of_row)) = self.shape.split_first() else {
            let what = "holds a single value; expected an array whose first dimension is the rows";
            return Err(DataError::unsupported(at, what));
        };
        // Without rows the other dimensions may be too large to be multiplied.
        let width = if rows == 0 { 0 } else { of_row.iter().product() };
        if width == 0 {
            let what =
                format!("has shape {}, so there is no row with a value in it", shape_text(&self.shape));
            return Err(DataError::unsupported(at, what));
        }
        match self.first_not_finite() {
            None => Ok((rows, width)),
            Some((i, v)) => {
                let place = format!("row {}, element {} (counted from 0)", i / width, i % width);
                let what = format!("found {v}, expected a finite number; drop or fill such rows");
                Err(DataError::value(at, place, what))
            }
        }
    }

    fn first_not_finite(&self) -> Option<(usize, f64)> {
        if !matches!(self.values.dtype(), Dtype::F16 | Dtype::Bf16 | Dtype::F32 | Dtype::F64) {
            return None;
        }
        (0..self.values.len()).filter_map(|i| Some((i, self.values.number(i)?))).find(|(_, v)| !v.is_finite())
    }
}

/// A shape as Python writes it: `(3, 4)`, `(3,)`, `()`.
pub(super) fn shape_text(shape: &[usize]) -> String {
    let dimensions: Vec<String> = shape.iter().map(ToString::to_string).collect();
    let comma = if shape.len() == 1 { "," } else { "" };
    format!("({}{comma})", dimensions.join(", "))
}
