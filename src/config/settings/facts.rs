//! What of the data decides about the question.

use super::Settings;
use crate::config::problem::Origin;
use crate::{
    data::{self, DataError, Dataset, Format, SliceError, slices},
    loss::Target,
};

/// What of the data decides about the question.
#[derive(Debug, Clone, PartialEq)]
pub struct DataFacts {
    /// The number of rows.
    pub rows: u64,
    /// BLAKE3 of data and targets, 64 hexadecimal digits.
    pub blake3: String,
    /// Whether the data are the columns of a table.
    pub table: bool,
    /// Whether there are targets.
    pub targets: bool,
    /// The smallest and the largest number in the targets, where they are numbers.
    pub targets_range: Option<(f64, f64)>,
    /// The values in the column by which rows are to be told apart, or why they cannot be; none where no
    /// column was named.
    pub slices: Option<Result<Vec<String>, SliceError>>,
}

/// Stands for a file of data that is never read.
pub(super) const UNREAD: &str = "unread.npy";

impl Settings {
    /// The data that these settings name, read from disk.
    ///
    /// # Errors
    /// When a file cannot be read, or does not hold what is expected.
    pub fn load(&self) -> Result<Dataset, DataError> {
        let place = &self.data;
        let mut dataset = data::load(&place.data, place.targets.as_ref(), place.target_column.as_deref())?;
        if let Some(perturb) = self.asked.perturb.as_ref().filter(|_| place.data.format == Format::Json) {
            dataset.loosen(perturb);
        }
        Ok(dataset)
    }

    /// What of these data decides about the question.
    pub fn facts(&self, dataset: &Dataset) -> DataFacts {
        DataFacts {
            rows: dataset.rows as u64,
            blake3: dataset.blake3.clone(),
            table: dataset.is_table(),
            targets: dataset.targets.is_some(),
            targets_range: dataset.targets.as_deref().and_then(targets_range),
            slices: self.slice().map(|column| slices(dataset, column).map(|(values, _)| values)),
        }
    }

    /// What is taken for granted of so many rows that are not there yet: where data are named at all, they have
    /// targets if these are named too; otherwise they have, and the targets are numbers.
    pub fn facts_of_rows(&self, rows: u64) -> DataFacts {
        let unnamed = self.typed.data.as_ref().is_none_or(|given| given.origin == Origin::Default);
        let targets = unnamed || self.data.targets.is_some() || self.data.target_column.is_some();
        DataFacts {
            rows,
            blake3: String::new(),
            table: false,
            targets,
            // No range of a loss follows from these.
            targets_range: targets.then_some((0.0, 0.0)),
            slices: None,
        }
    }

    /// The column by which rows are told apart. That of the targets is not kept with the data: it is the word
    /// for targets.
    pub(super) fn slice(&self) -> Option<&str> {
        let slice = self.asked.stated.slice.as_deref();
        slice
            .map(|slice| if self.data.target_column.as_deref() == Some(slice) { data::TARGET } else { slice })
    }
}

/// The smallest and the largest of the numbers; none where a target is a name.
pub(crate) fn targets_range(targets: &[Target]) -> Option<(f64, f64)> {
    let mut range: Option<(f64, f64)> = None;
    for target in targets {
        let numbers = match target {
            Target::Number(v) => std::slice::from_ref(v),
            Target::Values(values) => values,
            Target::Name(_) => return None,
        };
        for v in numbers {
            let (low, high) = range.unwrap_or((*v, *v));
            range = Some((low.min(*v), high.max(*v)));
        }
    }
    range
}
