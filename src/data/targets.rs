//! Targets from an array: one for each row.

use noisebound_adapters::Values;

use super::DataError;
use super::array::{Array, shape_text};
use crate::loss::Target;

/// The largest whole number up to which every whole number is a 64-bit float.
pub(super) const EXACT: f64 = 9_007_199_254_740_992.0;

/// One target for each of `rows` rows: numbers of shape (rows,) or (rows, 1) are one number each, wider
/// arrays several; texts are names. `at` names the array in errors.
pub(super) fn from_array(array: &Array, rows: usize, at: &str) -> Result<Vec<Target>, DataError> {
    let (found, width) = array.checked(at)?;
    if found != rows {
        let what = format!(
            "holds {found} targets, but the data have {rows} rows (shape {}); expected one for each row",
            shape_text(&array.shape)
        );
        return Err(DataError::unsupported(at, what));
    }
    if let Values::Bytes(texts) = &array.values {
        return names(texts, width, at);
    }
    exact(&array.values, width, at)?;
    let numbers: Vec<f64> = (0..array.values.len()).filter_map(|i| array.values.number(i)).collect();
    Ok(numbers
        .chunks_exact(width)
        .map(|of_row| match of_row {
            [one] => Target::Number(*one),
            several => Target::Values(several.into()),
        })
        .collect())
}

fn names(texts: &[Vec<u8>], width: usize, at: &str) -> Result<Vec<Target>, DataError> {
    if width != 1 {
        return Err(DataError::unsupported(
            at,
            format!("holds {width} texts a row; expected one class name"),
        ));
    }
    let name = |(row, text): (usize, &Vec<u8>)| match std::str::from_utf8(text) {
        Ok("") => Err(DataError::value(at, place(row), "found an empty text, expected a class name")),
        Ok(name) => Ok(Target::Name(name.into())),
        Err(_) => Err(DataError::value(at, place(row), "found bytes that are not UTF-8 text")),
    };
    texts.iter().enumerate().map(name).collect()
}

fn place(row: usize) -> String {
    format!("row {row} (counted from 0)")
}

/// 64-bit integers that a 64-bit float does not hold would compare equal to their neighbours.
fn exact(values: &Values, width: usize, at: &str) -> Result<(), DataError> {
    let limit = EXACT as u64;
    let beyond = match values {
        Values::I64(values) => values.iter().position(|v| v.unsigned_abs() > limit),
        Values::U64(values) => values.iter().position(|v| *v > limit),
        _ => None,
    };
    match beyond {
        None => Ok(()),
        Some(i) => {
            let what = "found an integer beyond 2^53, expected a class or a value; number the classes from 0";
            Err(DataError::value(at, place(i / width), what))
        }
    }
}

#[cfg(test)]
mod tests;
