//! Data sets: readers, one file for each format, all giving a [`Dataset`].

use noisebound_adapters::{Shape, Values};

use crate::loss::Target;

/// Named fields of typed, contiguous values, with a target for each row where there are targets.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The fields; every one has `rows` rows.
    pub fields: Vec<Field>,
    /// How many rows there are; at least 1.
    pub rows: usize,
    /// One target for each row.
    pub targets: Option<Vec<Target>>,
    /// BLAKE3 of everything that was read, 64 hexadecimal digits.
    pub blake3: String,
}

/// One field of a data set.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name: the member of an npz, the file's stem for npy, `x` for the columns of a table.
    pub name: String,
    /// The dimensions for one row.
    pub shape: Shape,
    /// The values of all rows, row-major.
    pub values: Values,
    /// The names of the elements of one row, for tables.
    pub columns: Option<Vec<String>>,
}
