//! The slices of a data set: which rows have which value in a column, or as their target.
//!
//! A slice is a function of the row alone, never of an answer. The invariant: every row is in exactly one
//! slice, and every slice has a row.

use std::collections::HashMap;

use super::{Dataset, Field};
use crate::{loss::Target, nearest::suggest};

/// The word for the targets where a column is named.
pub const TARGET: &str = "target";

/// More slices than this leave too little of the budget for doubt to each.
pub const MOST_SLICES: usize = 20;

/// Why rows cannot be told apart so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SliceError {
    /// There are no targets.
    #[error("there are no targets; add --targets y.npy or --target-column NAME")]
    NoTargets,
    /// The targets are several numbers each.
    #[error("each target is several numbers")]
    SeveralNumbers,
    /// The data are arrays, which have no named columns.
    #[error("the data are no table; only `target` names slices of them")]
    NoTable,
    /// No column has this name.
    #[error("there is no such column; {0}")]
    NoColumn(String),
    /// There are more values than [`MOST_SLICES`].
    #[error("it has {0} different values")]
    TooMany(usize),
}

/// The different values in a column of a table, or of the targets for the word `target`, and for each row the
/// place of its value among them. Numbers ascend, names are in the order of their letters; both are as they
/// are printed, whole numbers without a point.
///
/// # Errors
/// When there is no such column, or more than [`MOST_SLICES`] values.
pub fn slices(dataset: &Dataset, column: &str) -> Result<(Vec<String>, Vec<u32>), SliceError> {
    if column != TARGET || (dataset.targets.is_none() && find(dataset, column).is_ok()) {
        let (field, element) = find(dataset, column)?;
        let width = field.width();
        let values = (0..dataset.rows).filter_map(|row| field.values.number(row * width + element));
        return by_number(&values.collect::<Vec<f64>>());
    }
    let targets = dataset.targets.as_ref().ok_or(SliceError::NoTargets)?;
    let numbers = targets.iter().map(|target| match target {
        Target::Number(v) => Some(*v),
        Target::Name(_) | Target::Values(_) => None,
    });
    if let Some(numbers) = numbers.collect::<Option<Vec<f64>>>() {
        return by_number(&numbers);
    }
    let names = targets.iter().map(|target| match target {
        Target::Number(v) => Ok(v.to_string()),
        Target::Name(name) => Ok(name.to_string()),
        Target::Values(_) => Err(SliceError::SeveralNumbers),
    });
    let names = names.collect::<Result<Vec<String>, _>>()?;
    let mut values = names.clone();
    values.sort();
    numbered(values, &names)
}

fn find<'a>(dataset: &'a Dataset, name: &str) -> Result<(&'a Field, usize), SliceError> {
    let tables = || dataset.fields.iter().filter_map(|field| Some((field, field.columns.as_ref()?)));
    if tables().next().is_none() {
        return Err(SliceError::NoTable);
    }
    let place = |(field, columns): (&'a Field, &Vec<String>)| {
        Some((field, columns.iter().position(|column| column == name)?))
    };
    tables().find_map(place).ok_or_else(|| {
        let names: Vec<&str> = tables().flat_map(|(_, columns)| columns).map(String::as_str).collect();
        SliceError::NoColumn(suggest(name, names.into_iter().chain([TARGET])))
    })
}

fn by_number(numbers: &[f64]) -> Result<(Vec<String>, Vec<u32>), SliceError> {
    // Adding 0 makes -0 the 0 that it equals.
    let shown: Vec<String> = numbers.iter().map(|v| (v + 0.0).to_string()).collect();
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    numbered(sorted.iter().map(|v| (v + 0.0).to_string()).collect(), &shown)
}

/// The values without their repetitions, and where each row's is among them. Equal values are neighbours.
fn numbered(mut values: Vec<String>, rows: &[String]) -> Result<(Vec<String>, Vec<u32>), SliceError> {
    values.dedup();
    if values.len() > MOST_SLICES {
        return Err(SliceError::TooMany(values.len()));
    }
    let places: HashMap<&str, u32> = values.iter().map(String::as_str).zip(0..).collect();
    let slices = rows.iter().filter_map(|value| places.get(value.as_str()).copied()).collect();
    Ok((values, slices))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::load_bytes;
    use crate::data::tests::{npy, source, table};

    fn cut(dataset: &Dataset, column: &str) -> (Vec<String>, Vec<u32>) {
        slices(dataset, column).unwrap_or_else(|error| panic!("{column}: {error}"))
    }

    fn owned(values: &[&str]) -> Vec<String> {
        values.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_column_of_numbers_is_cut_by_its_values_in_their_order() {
        let text = "age,sex,y\n10,1.50,b\n9,-2,a\n10.0,1.5,b\n-0,-2,c\n0,1.5,a\n";
        let dataset = table(text, Some("y")).unwrap();
        assert_eq!(cut(&dataset, "age"), (owned(&["0", "9", "10"]), vec![2, 1, 2, 0, 0]));
        assert_eq!(cut(&dataset, "sex"), (owned(&["-2", "1.5"]), vec![1, 0, 1, 0, 1]));
        assert_eq!(cut(&dataset, "target"), (owned(&["a", "b", "c"]), vec![1, 0, 1, 2, 0]));
    }

    #[test]
    fn targets_are_cut_by_number_or_name() {
        let data = npy("|u1", false, &[3, 1], &[0; 3]);
        let with = |targets: &[u8]| {
            load_bytes(&source("x.npy"), &data, Some((&source("y.npy"), targets)), None).unwrap()
        };
        let numbers = with(&npy("|u1", false, &[3], &[10, 9, 10]));
        assert_eq!(cut(&numbers, "target"), (owned(&["9", "10"]), vec![1, 0, 1]));
        let names = with(&npy("|S3", false, &[3], b"dogcatdog"));
        assert_eq!(cut(&names, "target"), (owned(&["cat", "dog"]), vec![1, 0, 1]));
        let several = with(&npy("|u1", false, &[3, 2], &[0; 6]));
        assert_eq!(slices(&several, "target"), Err(SliceError::SeveralNumbers));
        assert_eq!(slices(&several, "age"), Err(SliceError::NoTable));
        let bare = load_bytes(&source("x.npy"), &data, None, None).unwrap();
        assert_eq!(slices(&bare, "target"), Err(SliceError::NoTargets));
    }

    #[test]
    fn the_word_target_is_a_column_only_where_there_are_no_targets() {
        let text = "target,y\n1,5\n2,5\n";
        assert_eq!(cut(&table(text, None).unwrap(), "target").0, ["1", "2"]);
        assert_eq!(cut(&table(text, Some("y")).unwrap(), "target").0, ["5"]);
    }

    #[test]
    fn twenty_values_are_taken_and_one_more_is_counted() {
        let column = |values: usize| {
            let rows: Vec<String> = (0..2 * values).map(|row| format!("{}.5,1\n", row % values)).collect();
            table(&format!("a,b\n{}", rows.concat()), None).unwrap()
        };
        let (values, rows) = cut(&column(20), "a");
        assert_eq!((values.len(), rows.len()), (20, 40));
        for (row, slice) in rows.iter().enumerate() {
            assert_eq!(values[*slice as usize], format!("{}.5", row % 20));
        }
        assert_eq!(slices(&column(21), "a"), Err(SliceError::TooMany(21)));
    }

    #[test]
    fn a_column_that_is_not_there_names_the_nearest() {
        let dataset = table("age,income\n1,2\n", None).unwrap();
        let said = |column: &str| slices(&dataset, column).unwrap_err().to_string();
        assert!(said("icnome").ends_with("did you mean `income`?"));
        assert!(said("colour").ends_with("known: age, income, target"));
        assert!(said("target").contains("--target-column"));
    }
}
