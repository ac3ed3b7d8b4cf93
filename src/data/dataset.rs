//! A data set in memory, and the rows that are taken from it.

use std::sync::Arc;

use noisebound_adapters::{Dtype, Row, Shape, Tensor, Values};

use super::{Shapes, input_data};
use crate::loss::Target;

/// Named fields of typed, contiguous values, with a target for each row where there are targets.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The fields, at least one; every one has `rows` rows.
    pub fields: Vec<Field>,
    /// How many rows there are; at least 1.
    pub rows: usize,
    /// One target for each row.
    pub targets: Option<Vec<Target>>,
    /// BLAKE3 of everything that was read, 64 hexadecimal digits; see [`load_bytes`](super::load_bytes).
    pub blake3: String,
}

/// One field of a data set.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name: the member of an npz, the file's stem for npy, `x` for the columns of a table, `image` for images.
    pub name: Arc<str>,
    /// The dimensions of the rows.
    pub shape: Shapes,
    /// The values of all rows, row-major; every one finite.
    pub values: Values,
    /// The names of the elements of one row, for tables.
    pub columns: Option<Vec<String>>,
}

impl Dataset {
    /// Puts row number `row` into `out`, one tensor for each field, in their order. Once `out` has held a
    /// row of this data set nothing is allocated. A row beyond the end gives tensors without values.
    pub fn fill(&self, row: usize, out: &mut Row) {
        out.tensors.truncate(self.fields.len());
        for (i, field) in self.fields.iter().enumerate() {
            if i == out.tensors.len() {
                out.tensors.push(Tensor {
                    name: Arc::clone(&field.name),
                    shape: Shape::default(),
                    values: Values::empty(field.dtype()),
                });
            }
            let tensor = &mut out.tensors[i];
            tensor.name.clone_from(&field.name);
            match field.shape.row(row) {
                Some((shape, start, width)) => {
                    tensor.shape.clone_from(shape);
                    tensor.values.copy_from(&field.values, start, width);
                }
                None => tensor.values.copy_from(&field.values, 0, 0),
            }
        }
    }

    /// Makes floats of the fields of these names that hold whole numbers, where each is one exactly: of a JSON, which
    /// writes both alike, it must be said which are meant.
    pub fn loosen(&mut self, names: &[String]) {
        let named = |field: &&mut Field| names.iter().any(|name| *name.trim() == *field.name);
        self.fields.iter_mut().filter(named).for_each(|field| input_data::loosen(&mut field.values));
    }

    /// The target of row number `row`, where there is one.
    pub fn target(&self, row: usize) -> Option<&Target> {
        self.targets.as_ref()?.get(row)
    }

    /// The names of the elements of a row of a table; empty where they have none, or a row has several fields.
    pub fn columns(&self) -> Vec<String> {
        match self.fields.as_slice() {
            [field] => field.columns.clone().unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// Whether the data are a table: named columns, whose units differ.
    pub fn is_table(&self) -> bool {
        self.fields.iter().any(|field| field.columns.is_some())
    }
}

impl Field {
    /// How many elements are told apart in a row: all of them, but none within an image, where the answer is 1.
    pub fn width(&self) -> usize {
        match &self.shape {
            Shapes::Same(shape) => shape.iter().product(),
            Shapes::Images(_) => 1,
        }
    }

    /// How many elements the largest row has.
    pub fn most(&self) -> usize {
        self.shape.each().iter().map(|(shape, _)| shape.iter().product()).max().unwrap_or_default()
    }

    /// Whether the rows are images.
    pub fn holds_images(&self) -> bool {
        self.shape.images().is_some()
    }

    /// The type of the elements.
    pub fn dtype(&self) -> Dtype {
        self.values.dtype()
    }

    /// The name of an element in messages: its column, or its place.
    pub fn element(&self, i: usize) -> String {
        match self.columns.as_ref().and_then(|columns| columns.get(i)) {
            Some(name) => format!("column `{name}`"),
            None if self.holds_images() => format!("`{}`", self.name),
            None => format!("element {i} of `{}` (counted from 0)", self.name),
        }
    }

    /// The standard deviation of each element of a row over all rows, in the unit of the data: the root of
    /// the mean squared distance from the mean (divided by the number of rows, not one less). Both sums run
    /// in row order. Exactly 0 where all values are equal; not finite where the sums overflow.
    /// Not for images.
    pub fn deviations(&self) -> Vec<f64> {
        let width = self.width();
        let rows = self.values.len() / width.max(1);
        let column =
            |element: usize| (0..rows).filter_map(move |row| self.values.number(row * width + element));
        let deviation = |element: usize| {
            let first = column(element).next();
            // The mean of equal values may differ from them in the last digit.
            if column(element).all(|v| Some(v) == first) {
                return 0.0;
            }
            let mean = column(element).sum::<f64>() / rows as f64;
            let squares: f64 = column(element).map(|v| (v - mean) * (v - mean)).sum();
            (squares / rows as f64).sqrt()
        };
        (0..width).map(deviation).collect()
    }
}
